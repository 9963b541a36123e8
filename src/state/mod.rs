//! What the page knows: signals over shared values, and the only ways to change them.
//!
//! Knows the core; refuses to know the browser, so that it is tested natively.

mod app;
mod engine;
mod figures;
mod first;
mod kinds;
mod sample;
mod shared;
#[cfg(test)]
mod tests;

pub use app::App;
pub use engine::Engine;
pub use figures::{Figures, Model};
pub use first::{Analysed, Shown, first_sample, first_screen};
pub use kinds::{Change, Layer, Notice, Reading, Rest};
pub use sample::Sample;
pub use shared::Shared;
