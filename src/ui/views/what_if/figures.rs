//! The charts of the view: projected fronts, and stacked bars with their table.

use super::desk::Desk;
use super::scenarios::marks;
use crate::platform::canvas;
use crate::ui::atoms::{Cell, Column, Figure, Table, badge, figure, icon, table};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::stacked::{StackedBars, stacked_layout, stacked_scene};
use servelens_core::chart::{ChartSpec, Estimate};
use servelens_core::figures::{Fronts, can_overlay, what_if_fronts};
use servelens_core::findings::Badge;
use servelens_core::fmt;
use servelens_core::whatif::{Inputs, Outcome, overlay};
use std::sync::Arc;

/// The fronts, with measured runs where they mean the same or the person wants them.
pub fn fronts(desk: Desk) -> AnyView {
    let app = desk.app;
    let anyway = RwSignal::new(false);
    // Whether measured runs are comparable, and the reason either way; none where there are none to draw.
    let why = Memo::new(move |_| {
        let there = app
            .limited
            .with(|ws| app.analysis.with(|a| can_overlay(a, ws)));
        there.then(|| app.analysis.with(|a| desk.inputs.with(|i| overlay(i, a))))
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
            app.analysis.with(|a| {
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
    let spec = Memo::new(move |_| match desk.outcome.get() {
        Some(Ok(o)) => desk.inputs.with(|i| make(i, &o)),
        _ => StackedBars::default(),
    });
    let as_table = RwSignal::new(false);
    let save = move |_| {
        spec.with_untracked(|s| {
            let layout = stacked_layout(s, 860.0, &Estimate);
            canvas::save_scene_svg(&s.id, &stacked_scene(s, &layout));
        });
    };
    let name = move |what: &str| format!("{what}: {}", spec.with(|s| s.title.clone()));
    view! {
        <figure class="fig">
            <div class="fig-head">
                <div>
                    <h2>{move || spec.with(|s| s.title.clone())}</h2>
                    <p>{move || spec.with(|s| s.subtitle.clone())}</p>
                </div>
                <div class="fig-tools">
                    <button
                        class="btn btn-quiet btn-icon"
                        class:on=move || as_table.get()
                        aria-pressed=move || as_table.get().to_string()
                        aria-label=move || name("Show as table")
                        on:click=move |_| as_table.update(|t| *t = !*t)
                    >
                        {icon("table")}
                    </button>
                    <button class="btn btn-quiet btn-icon" aria-label=move || name("Save as SVG") on:click=save>
                        {icon("down")}
                    </button>
                </div>
            </div>
            {move || if as_table.get() { twin(&spec.get()) } else { bars(desk, spec) }}
        </figure>
    }
    .into_any()
}

fn bars(desk: Desk, spec: Memo<StackedBars>) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let element: NodeRef<Canvas> = NodeRef::new();
    let width = RwSignal::new(0.0);
    let height = RwSignal::new(120.0);
    Effect::new(move |_| {
        if let Some(b) = boxed.get() {
            canvas::on_width(&b, move |w| {
                width.try_set(w);
            });
        }
    });
    Effect::new(move |_| {
        desk.app.theme.track();
        let w = width.get();
        let Some(e) = element.get().filter(|_| w > 40.0) else {
            return;
        };
        spec.with(|s| {
            canvas::draw_scene(&e, |m| {
                let layout = stacked_layout(s, w, m);
                height.set(layout.height);
                stacked_scene(s, &layout)
            });
        });
    });
    view! {
        <div
            class="plot"
            node_ref=boxed
            role="img"
            aria-label=move || spec.with(|s| s.summary.clone())
            style:height=move || format!("{}px", height.get())
        >
            <canvas node_ref=element></canvas>
        </div>
    }
    .into_any()
}

fn twin(s: &StackedBars) -> AnyView {
    let text = |head: &str| Column {
        head: head.into(),
        text: true,
        ..Column::default()
    };
    let t = Table {
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
    };
    view! { <p class="fig-sum">{s.summary.clone()}</p> {table(&t)} }.into_any()
}
