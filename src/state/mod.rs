//! What the page knows: signals over shared values, and the only ways to change them.
//!
//! Knows the core; refuses to know the browser, so that it is tested natively.

mod app;
mod figures;
mod sample;
mod shared;

pub use app::{App, Layer, Reading, counted};
pub use figures::{Figures, Model};
pub use sample::Sample;
pub use shared::Shared;
