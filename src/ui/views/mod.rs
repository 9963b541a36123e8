//! The views, one file each.

mod audit;
mod audit_thresholds;
mod compare;
mod compare_full;
mod compare_points;
mod panels;
mod report;
mod sla;
mod sla_table;
mod steps;
mod verdict;

pub use audit::audit;
pub use compare::compare;
pub use report::report;
pub use sla::sla;
pub use verdict::verdict;
