//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod ingest;
pub mod inspect;
pub mod model;
pub mod units;
