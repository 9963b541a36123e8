//! The pure core of ServeLens: reads results, compares, audits and projects.
//!
//! Knows no browser, clock, thread or file system. Everything in it is deterministic.

pub mod align;
pub mod analysis;
pub mod audit;
pub mod compare;
pub mod findings;
pub mod fmt;
pub mod frontier;
pub mod ingest;
pub mod inspect;
pub mod model;
pub mod report;
pub mod sla;
pub mod units;

#[cfg(test)]
mod testing;
