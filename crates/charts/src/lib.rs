//! Draws what `servelens_core::chart` describes, with plotters.
//!
//! Knows colours' values, fonts and drawing backends; refuses to decide where anything goes. The same drawing code
//! paints a page's canvas (feature `canvas`) and an SVG document.

#[cfg(feature = "canvas")]
mod canvas;
mod draw;
mod surface;
mod svg;
mod theme;

#[cfg(feature = "canvas")]
pub use canvas::{CanvasMeasure, CanvasTrouble, draw_canvas, draw_canvas_over, draw_canvas_scene};
pub use draw::{draw, draw_scene};
pub use surface::{Lettering, Surface};
pub use svg::{SvgSurface, svg, svg_drawing, svg_scene};
pub use theme::{FONT, Rgb, Theme};
