//! The tasks of the repository: build, serve, test and measure the page.
//!
//! Knows the tools (Cargo, Trunk, wasm-bindgen, wasm-opt, Chromium) and where they are kept; knows nothing of what the page computes.
//! Tools go into `${XDG_CACHE_HOME:-~/.cache}/servelens`, never into the clone.

pub mod bench;
pub mod check;
pub mod css;
pub mod figures;
pub mod offline;
pub mod options;
pub mod page;
pub mod places;
pub mod run;
pub mod sample;
pub mod serve;
pub mod server;
pub mod shots;
pub mod size;
pub mod split;
pub mod stamp;
pub mod tools;
pub mod wasm;

/// What a task gives back: an error is a whole sentence that says what to do.
pub type Result<T = ()> = std::result::Result<T, String>;
