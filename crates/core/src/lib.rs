//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod chart;
pub mod cost;
pub mod ingest;
pub mod model;
pub mod session;
pub mod stats;
pub mod units;
pub mod url;
