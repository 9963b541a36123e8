//! Charts as data: what to show, where it lands, what it is made of.
//!
//! A chart goes spec → [`layout`] → [`scene`](compose::scene) → a drawing backend outside this crate. Everything
//! here is pure: sees model and units only, no canvas, no fonts beyond an estimate of text widths.

pub mod axis;
pub mod clip;
pub mod compose;
pub mod decimate;
pub mod figure;
pub mod forest;
pub mod geometry;
pub mod hit;
pub mod layout;
pub mod mirror;
pub mod place;
pub mod ratio_axis;
pub mod ratio_steps;
pub mod scene;
pub mod spec;
pub mod stacked;
pub mod text;
pub mod ticks;
pub mod timeline;
pub mod zoom;

mod labels;
mod margin;
mod series;
mod words;

pub use axis::Axis;
pub use compose::scene;
pub use figure::{figure, short_figure};
pub use geometry::{Pt, Rect, pt};
pub use hit::Step;
pub use layout::{Layout, layout, layout_with};
pub use scene::{Anchor, Paint, Scene, Shape, Text};
pub use spec::{
    Across, AxisSpec, Band, Beside, Between, ChartSpec, Form, Limit, Line, Mark, MarkKind, MarkRef,
    MarkSize, Note, OffScale, Scale, Series, Slot, Stroke, Whisker,
};
pub use text::{Estimate, Measure};
