//! What the page knows: signals over shared values, and the only ways to change them.
//!
//! Knows the core; refuses to know the browser, so that it is tested natively.

mod app;
mod figures;
mod first;
mod sample;
mod shared;
#[cfg(test)]
mod tests;

pub use app::{Analyst, App, Layer, Reading, Rest, counted};
pub use figures::{Figures, Model};
pub use first::{Analysed, first_sample};
pub use sample::Sample;
pub use shared::Shared;
