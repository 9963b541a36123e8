//! The views, one file each.

mod accuracy;
mod accuracy_calibration;
mod accuracy_tables;
mod audit;
mod audit_thresholds;
mod compare;
mod compare_full;
mod compare_points;
mod explain;
mod goodput;
mod panels;
mod percentile;
mod report;
mod requests;
mod sla;
mod sla_table;
mod sources;
mod steps;
pub mod tables;
mod verdict;
mod what_if;

use crate::state::App;
use leptos::prelude::AnyView;
use servelens_core::url::View;

pub use verdict::verdict;

/// The views that load after the first screen; a new one gets its line here.
pub fn later(view: View, app: App) -> AnyView {
    match view {
        View::Verdict => verdict(app),
        View::Compare => compare::compare(app),
        View::Sla => sla::sla(app),
        View::Accuracy => accuracy::accuracy(app),
        View::WhatIf => what_if::what_if(app),
        View::Audit => audit::audit(app),
        View::Report => report::report(app),
    }
}
