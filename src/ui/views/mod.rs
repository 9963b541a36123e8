//! The views, one file each.

mod accuracy;
mod accuracy_calibration;
mod accuracy_tables;
mod audit;
mod compare;
mod compare_points;
mod panels;
mod report;
mod sla;
mod sla_table;
mod steps;
mod verdict;

pub use accuracy::accuracy;
pub use audit::audit;
pub use compare::compare;
pub use report::report;
pub use sla::sla;
pub use verdict::verdict;
