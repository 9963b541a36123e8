//! Draws what `servelens_core::chart` describes, with plotters.
//!
//! Knows colours' values, fonts and drawing backends; refuses to decide where anything goes. The same drawing code
//! paints a page's canvas (feature `canvas`) and an SVG document.

mod draw;
mod surface;
mod svg;
mod theme;

pub use draw::{draw, draw_scene};
pub use surface::{Lettering, Surface};
pub use svg::{SvgSurface, svg, svg_scene};
pub use theme::{FONT, Rgb, Theme};
#[cfg(feature="canvas")] pub mod canvas;
