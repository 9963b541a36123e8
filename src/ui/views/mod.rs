//! The views, one file each.

mod audit;
mod compare;
mod compare_points;
mod goodput;
mod panels;
mod report;
mod requests;
mod sla;
mod sla_table;
mod steps;
mod verdict;

pub use audit::audit;
pub use compare::compare;
pub use report::report;
pub use sla::sla;
pub use verdict::verdict;
