//! Chart panels that several views show, each with its table twin.

use crate::state::App;
use crate::ui::atoms::{Figure, Table, figure};
use crate::ui::rest::{self, Parts};
use leptos::prelude::*;
use servelens_core::figures::{self, LineChart};
use std::sync::Arc;

/// A metric against concurrency.
pub fn lines(app: App, what: Signal<LineChart>, height: f64) -> AnyView {
    let spec =
        Memo::new(move |_| figures::lines(&app.limited.get(), &app.analysis.get(), what.get()));
    let table = twin(app, move |r| (r.by_load)(app, what.get().metric));
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

/// Speed for one user against output per GPU.
pub fn front(app: App, height: f64) -> AnyView {
    let spec = Memo::new(move |_| figures::front(&app.limited.get(), &app.analysis.get(), false));
    let table = twin(app, move |r| (r.front_table)(app));
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

/// A table that the rest of the page makes; empty until that is there.
fn twin(
    app: App,
    make: impl Fn(&Parts) -> Table + Copy + Send + Sync + 'static,
) -> Memo<Arc<Table>> {
    Memo::new(move |_| Arc::new(rest::get(app).map(make).unwrap_or_default()))
}
