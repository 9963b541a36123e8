//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod model;
pub mod records;
pub mod stats;
pub mod units;
