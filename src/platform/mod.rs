//! The browser: the only place that calls web-sys, js-sys and gloo.
//!
//! Knows events, files, storage and the address; refuses to know runs, checks and views.

pub mod address;
pub mod canvas;
pub mod crash;
pub mod drop;
pub mod files;
pub mod offline;
pub mod page;
pub mod store;
pub mod thread;
pub mod vault;
