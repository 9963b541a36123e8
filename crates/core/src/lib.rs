//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod accuracy;
pub mod align;
pub mod analysis;
pub mod audit;
pub mod calibrate;
pub mod certainty;
pub mod chart;
pub mod compare;
pub mod corrections;
pub mod cost;
pub mod explain;
pub mod figures;
pub mod findings;
pub mod fmt;
pub mod frontier;
pub mod ingest;
pub mod inspect;
pub mod model;
pub mod parcel;
pub mod records;
pub mod report;
pub mod requests;
pub mod screen;
pub mod session;
pub mod sla;
pub mod sort;
pub mod stats;
#[cfg(test)]
extern crate self as servelens_core;
#[cfg(test)]
#[path = "../tests/support/runs.rs"]
mod testing;
pub mod thresholds;
pub mod units;
pub mod url;
pub mod whatif;
