//! What the page knows: signals over shared values, and the only ways to change them.
//!
//! Knows the core; refuses to know the browser, so that it is tested natively.

mod app;
mod sample;
mod shared;
#[cfg(test)]
mod tests;

pub use app::{App, Layer, Reading, counted};
pub use sample::Sample;
pub use shared::Shared;
