//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod align;
pub mod analysis;
pub mod audit;
pub mod chart;
pub mod compare;
pub mod cost;
pub mod figures;
pub mod findings;
pub mod fmt;
pub mod frontier;
pub mod ingest;
pub mod inspect;
pub mod model;
pub mod records;
pub mod report;
pub mod session;
pub mod sla;
pub mod sort;
pub mod stats;
#[cfg(test)]
mod testing;
pub mod units;
pub mod url;
