//! The views, one file each.

mod audit;
mod compare;
mod compare_points;
mod panels;
mod report;
mod sla;
mod sla_table;
mod steps;
mod verdict;
mod what_if;

pub use audit::audit;
pub use compare::compare;
pub use report::report;
pub use sla::sla;
pub use verdict::verdict;
pub use what_if::what_if;
