//! The views, one file each.

mod audit;
mod compare;
mod compare_points;
mod panels;
mod report;
mod sla;
mod sla_table;
mod steps;
pub mod tables;
mod verdict;

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
        View::Audit => audit::audit(app),
        View::Report => report::report(app),
    }
}
