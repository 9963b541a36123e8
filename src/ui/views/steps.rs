//! The identity token ratio = request ratio × output-length ratio, always shown in Compare.

use crate::state::App;
use crate::ui::atoms::{Cell, Column, Drawn, Table, drawn};
use leptos::prelude::*;
use servelens_core::chart::ratio_steps::{
    RatioSteps, ratio_steps_height, ratio_steps_layout, ratio_steps_scene,
};
use servelens_core::figures;
use servelens_core::fmt;
use std::sync::Arc;

/// The section; nothing where no load has both rates on both sides.
pub fn panel(app: App) -> AnyView {
    let chart = Memo::new(move |_| {
        figures::steps(&app.limited.get(), &app.analysis.get()).map(|s| Arc::new(chart(s)))
    });
    let there = Memo::new(move |_| chart.with(Option::is_some));
    let section = move || {
        // The chart outlives the moment in which it has gone and the section has not.
        let first = chart.get_untracked()?;
        let shown = Memo::new(move |_| chart.get().unwrap_or_else(|| first.clone()));
        Some(view! {
            <section class="sect">
                <h2>"Why the two rates agree or disagree"</h2>
                <p>
                    "Token ratio = request ratio × output-length ratio. Each row starts at “equal”, moves by the request ratio, then by the output-length ratio, and ends at the token ratio."
                </p>
                {drawn(app, shown)}
            </section>
        })
    };
    (move || there.get().then(section)).into_any()
}

fn chart(s: RatioSteps) -> Drawn {
    let height = ratio_steps_height(s.rows.len());
    Drawn {
        id: s.id.clone(),
        title: s.title.clone(),
        subtitle: s.subtitle.clone(),
        summary: s.summary.clone(),
        table: twin(&s),
        caption: String::new(),
        draw: Arc::new(move |width, measure| {
            let layout = ratio_steps_layout(&s, width, height, measure);
            ratio_steps_scene(&s, &layout, measure)
        }),
    }
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
