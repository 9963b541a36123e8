//! What the tests of the whole repository share.

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod driver;
