//! Long work, the same on every thread: reading files.
//!
//! Knows the core and the browser's files; refuses to know state and views, which a thread beside the page doesn't have.

mod outcome;
mod read;

pub use outcome::{Outcome, left_out};
pub use read::{read, serve};
