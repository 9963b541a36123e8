//! The charts of the view: projected fronts, and stacked bars with their table.

use super::desk::Desk;
use super::scenarios::marks;
use crate::state::Shared;
use crate::ui::atoms::{Cell, Column, Drawn, Figure, Table, badge, drawn, figure};
use leptos::prelude::*;
use servelens_core::analysis::{Options, analyse};
use servelens_core::chart::ChartSpec;
use servelens_core::chart::stacked::{StackedBars, stacked_layout, stacked_scene};
use servelens_core::figures::{Fronts, can_overlay, what_if_fronts};
use servelens_core::findings::Badge;
use servelens_core::fmt;
use servelens_core::whatif::{Inputs, Outcome, other_work, overlay};
use std::sync::Arc;

/// The fronts, with measured runs where they mean the same or the person wants them.
pub fn fronts(desk: Desk) -> AnyView {
    let app = desk.app;
    let anyway = RwSignal::new(false);
    // The analysis of the work that the inputs project, where the table holds it beside what is compared.
    let work = Memo::new(move |_| {
        app.analysis
            .with(|a| desk.inputs.with(|i| other_work(i, a)))
    });
    let own = Memo::new(move |_| match work.get() {
        None => app.analysis.get(),
        Some(key) => Shared::new(analyse(
            &app.limited.get(),
            &Options {
                workload: Some(key),
                ..Options::default()
            },
        )),
    });
    // Whether measured runs are comparable, and the reason either way; none where there are none to draw.
    let why = Memo::new(move |_| {
        let there = app.limited.with(|ws| own.with(|a| can_overlay(a, ws)));
        there.then(|| own.with(|a| desk.inputs.with(|i| overlay(i, a))))
    });
    let spec = Memo::new(move |_| {
        let swept = desk.swept.get();
        let outcome = desk.outcome.get();
        let Some((swept, sweep)) = swept
            .as_ref()
            .and_then(|s| Some((s, s.here.as_ref().ok()?)))
        else {
            return ChartSpec::default();
        };
        let drawn = why.get().is_some_and(|(fine, _)| fine || anyway.get());
        let pins = marks(desk);
        app.limited.with(|ws| {
            own.with(|a| {
                desk.inputs.with(|inputs| {
                    what_if_fronts(&Fronts {
                        inputs,
                        sla: &swept.sla,
                        sweep,
                        other: swept
                            .other
                            .as_ref()
                            .and_then(|(r, s)| Some((*r, s.as_ref().ok()?))),
                        now: outcome.as_ref().and_then(|o| o.as_ref().ok()),
                        pins: &pins,
                        measured: drawn.then_some((ws, a)),
                    })
                })
            })
        })
    });
    let twin = Memo::new(move |_| Arc::new(spec.with(front_table)));
    let caption = move || {
        why.get().map(|(fine, sentence)| {
            view! {
                <figcaption>
                    {(!fine).then(|| badge(Badge::NotComparable))}
                    <span>
                        {sentence} " "
                        {(!fine).then(|| view! {
                            <button class="link" on:click=move |_| anyway.update(|d| *d = !*d)>
                                {move || if anyway.get() { "Leave them out" } else { "Draw them anyway" }}
                            </button>
                        })}
                    </span>
                </figcaption>
            }
        })
    };
    figure(
        app,
        Figure {
            spec,
            table: twin,
            height: 380.0,
            on_limit: None,
            caption: Some(Arc::new(move || caption.into_any())),
        },
    )
}

/// Every mark of the fronts as a row.
fn front_table(spec: &ChartSpec) -> Table {
    let head = |text: &str, unit: &str, is_text| Column {
        head: text.into(),
        unit: unit.into(),
        text: is_text,
        ..Column::default()
    };
    Table {
        caption: spec.title.clone(),
        columns: vec![
            head("Front", "", true),
            head("Set-up", "", true),
            head("Per user", "tok/s", false),
            head("Per GPU", "tok/s", false),
            head("Best within the limits", "", true),
        ],
        rows: spec
            .series
            .iter()
            .flat_map(|s| {
                s.marks.iter().map(|m| {
                    vec![
                        Cell::new(s.label.clone()),
                        Cell::new(
                            m.about
                                .clone()
                                .or_else(|| m.label.as_ref().map(|l| format!("concurrency {l}")))
                                .unwrap_or_default(),
                        ),
                        Cell::new(fmt::number(m.x, 2)),
                        Cell::new(fmt::number(m.y, 2)),
                        Cell::new(if m.ringed { "yes" } else { "" }),
                    ]
                })
            })
            .collect(),
    }
}

/// Makes bars from the inputs and what they come to.
type Make = fn(&Inputs, &Outcome) -> StackedBars;

/// A panel of stacked bars.
pub fn stacked(desk: Desk, make: Make) -> AnyView {
    let chart = Memo::new(move |_| {
        let spec = match desk.outcome.get() {
            Some(Ok(o)) => desk.inputs.with(|i| make(i, &o)),
            _ => StackedBars::default(),
        };
        Arc::new(Drawn {
            id: spec.id.clone(),
            title: spec.title.clone(),
            subtitle: spec.subtitle.clone(),
            summary: spec.summary.clone(),
            table: twin(&spec),
            caption: String::new(),
            draw: Arc::new(move |width, measure| {
                stacked_scene(&spec, &stacked_layout(&spec, width, measure))
            }),
        })
    });
    drawn(desk.app, chart)
}

fn twin(s: &StackedBars) -> Table {
    let text = |head: &str| Column {
        head: head.into(),
        text: true,
        ..Column::default()
    };
    Table {
        caption: s.title.clone(),
        columns: vec![
            text("Bar"),
            text("Part"),
            Column {
                head: "Figure".into(),
                ..Column::default()
            },
        ],
        rows: s
            .bars
            .iter()
            .flat_map(|b| {
                b.segments.iter().map(|g| {
                    vec![
                        Cell::new(b.label.clone()),
                        Cell::new(g.label.clone()),
                        Cell::new(g.figure.clone()),
                    ]
                })
            })
            .collect(),
    }
}
