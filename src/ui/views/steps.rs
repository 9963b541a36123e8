//! The identity token ratio = request ratio × output-length ratio, always shown in Compare.

use crate::state::App;
use crate::ui::atoms::{Cell, Column, SceneFigure, Table, scene_figure};
use leptos::prelude::*;
use servelens_core::chart::ratio_steps::{
    RatioSteps, ratio_steps_height, ratio_steps_layout, ratio_steps_scene,
};
use servelens_core::figures;
use servelens_core::fmt;
use std::sync::Arc;

/// The section; nothing where no load has both rates on both sides.
pub fn panel(app: App) -> AnyView {
    let spec = Memo::new(move |_| figures::steps(&app.limited.get(), &app.analysis.get()));
    let there = Memo::new(move |_| spec.with(Option::is_some));
    (move || {
        there.get().then(|| {
            view! {
                <section class="sect">
                    <h2>"Why the two rates agree or disagree"</h2>
                    <p>
                        "Token ratio = request ratio × output-length ratio. Each row starts at “equal”, moves by the request ratio, then by the output-length ratio, and ends at the token ratio."
                    </p>
                    {figure(app, spec)}
                </section>
            }
        })
    })
    .into_any()
}

fn figure(app: App, spec: Memo<Option<RatioSteps>>) -> AnyView {
    let of = move || spec.get().unwrap_or_default();
    scene_figure(
        app,
        SceneFigure {
            id: "ratio-steps",
            heads: Signal::derive(move || {
                let s = of();
                (s.title, s.subtitle)
            }),
            summary: Signal::derive(move || of().summary),
            height: Signal::derive(move || ratio_steps_height(of().rows.len())),
            scene: Arc::new(move |width, measure| {
                let s = of();
                let height = ratio_steps_height(s.rows.len());
                ratio_steps_scene(&s, &ratio_steps_layout(&s, width, height, measure), measure)
            }),
            table: Signal::derive(move || twin(&of())),
        },
    )
}

fn twin(s: &RatioSteps) -> Table {
    let mut columns = vec![Column {
        head: s.load_title.clone(),
        ..Column::default()
    }];
    columns.extend(s.heads.iter().map(|h| Column {
        head: h.clone(),
        ..Column::default()
    }));
    let rows = s
        .rows
        .iter()
        .map(|r| {
            vec![
                Cell::new(r.label.clone()),
                Cell::new(fmt::ratio(r.token)),
                Cell::new(fmt::ratio(r.requests)),
                Cell::new(fmt::ratio(r.length)),
            ]
        })
        .collect();
    Table {
        caption: s.title.clone(),
        columns,
        rows,
    }
}
