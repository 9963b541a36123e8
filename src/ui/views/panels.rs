//! Chart panels that several views show, each with its table twin.

use crate::state::App;
use crate::ui::atoms::{Figure, Table, figure};
use crate::ui::rest::{self, Parts};
use leptos::prelude::*;
use servelens_core::chart::ChartSpec;
use servelens_core::figures::{self, LineChart};
use servelens_core::model::Metric;
use std::sync::Arc;

/// A metric against concurrency.
pub fn lines(app: App, what: Signal<LineChart>, height: f64) -> AnyView {
    let spec =
        Memo::new(move |_| figures::lines(&app.limited.get(), &app.analysis.get(), what.get()));
    panel(app, spec, height, move |r| {
        (r.by_load)(app, what.get().metric)
    })
}

/// Output tokens against concurrency, from the first screen.
pub fn throughput(app: App, height: f64) -> AnyView {
    let spec = Memo::new(move |_| app.screen.with(|s| s.throughput.clone()));
    panel(app, spec, height, move |r| {
        (r.by_load)(app, Metric::OutputThroughput)
    })
}

/// Speed for one user against output per GPU, from the first screen.
pub fn front(app: App, height: f64) -> AnyView {
    let spec = Memo::new(move |_| app.screen.with(|s| s.front.clone()));
    panel(app, spec, height, move |r| (r.front_table)(app))
}

/// A chart with the table that the rest of the page makes; that is empty until the rest is there.
fn panel(
    app: App,
    spec: Memo<ChartSpec>,
    height: f64,
    table: impl Fn(&Parts) -> Table + Copy + Send + Sync + 'static,
) -> AnyView {
    let table = Memo::new(move |_| Arc::new(rest::get(app).map(table).unwrap_or_default()));
    figure(
        app,
        Figure {
            spec,
            table,
            height,
            on_limit: None,
            caption: None,
        },
    )
}
