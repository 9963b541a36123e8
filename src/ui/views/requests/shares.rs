//! The distribution and the histogram, each with the brushed part over it.

use super::readout::unitless;
use super::state::State;
use crate::state::Shared;
use crate::ui::atoms::{Cell, Column, Scenes, Table, scenes};
use leptos::prelude::*;
use servelens_core::chart::layout::layout_with;
use servelens_core::chart::mirror::{mirror_layout, mirror_over, mirror_scene};
use servelens_core::chart::{Scene, scene};
use servelens_core::figures::requests::{self, Distribution, Histogram};
use servelens_core::fmt;
use servelens_core::stats::percentile;
use std::sync::Arc;

const HEIGHT: f64 = 290.0;

fn picture(summary: Signal<String>, canvases: AnyView) -> AnyView {
    view! { <div class="plot-keys" role="img" aria-label=move || summary.get()>{canvases}</div> }
        .into_any()
}

/// Share of the requests within a time.
pub fn distribution(s: State) -> AnyView {
    let d = Memo::new(move |_| {
        Shared::new(s.app.limited.with(|ws| {
            s.pair
                .with(|p| requests::distribution(ws, p, s.limits.get()))
        }))
    });
    let of =
        move |f: fn(&Distribution) -> &String| Signal::derive(move || d.with(|d| f(d).clone()));
    let summary = of(|d| &d.spec.summary);
    scenes(
        s.app,
        Scenes {
            id: of(|d| &d.spec.id),
            title: of(|d| &d.spec.title),
            subtitle: of(|d| &d.spec.subtitle),
            summary,
            table: Arc::new(move || percentiles(s)),
            height: Signal::stored(HEIGHT),
            base: Arc::new(move |width, measure| {
                d.with(|d| scene(&d.spec, &layout_with(&d.spec, width, HEIGHT, measure)))
            }),
            over: Arc::new(move |width, measure| {
                if s.brush.get().is_none() {
                    return Scene::new(width, HEIGHT, "", "");
                }
                d.with(|d| {
                    let l = layout_with(&d.spec, width, HEIGHT, measure);
                    s.pair.with(|p| s.rows.with(|rows| d.without(p, rows, &l)))
                })
            }),
            inside: Arc::new(move |canvases| picture(summary, canvases)),
        },
    )
}

/// Where the requests lie.
pub fn histogram(s: State) -> AnyView {
    let brushed = Memo::new(move |_| s.brush.get().is_some());
    let h = Memo::new(move |_| {
        Shared::new(s.app.limited.with(|ws| {
            s.pair
                .with(|p| requests::histogram(ws, p, s.limits.get(), brushed.get()))
        }))
    });
    let of = move |f: fn(&Histogram) -> &String| Signal::derive(move || h.with(|h| f(h).clone()));
    let summary = of(|h| &h.spec.summary);
    scenes(
        s.app,
        Scenes {
            id: of(|h| &h.spec.id),
            title: of(|h| &h.spec.title),
            subtitle: of(|h| &h.spec.subtitle),
            summary,
            table: Arc::new(move || bins(s, h)),
            height: Signal::stored(HEIGHT),
            base: Arc::new(move |width, measure| {
                h.with(|h| {
                    let l = mirror_layout(&h.spec, width, HEIGHT, measure);
                    mirror_scene(&h.spec, &l, measure)
                })
            }),
            over: Arc::new(move |width, measure| {
                if !brushed.get() {
                    return Scene::new(width, HEIGHT, "", "");
                }
                h.with(|h| {
                    let l = mirror_layout(&h.spec, width, HEIGHT, measure);
                    let counts = s.pair.with(|p| s.rows.with(|rows| h.brushed(p, rows)));
                    mirror_over(&h.spec, &l, &counts)
                })
            }),
            inside: Arc::new(move |canvases| picture(summary, canvases)),
        },
    )
}

fn number(head: &str, unit: &str) -> Column {
    Column {
        head: head.into(),
        unit: unit.into(),
        ..Column::default()
    }
}

fn percentiles(s: State) -> Table {
    const AT: [(&str, f64); 8] = [
        ("least", 0.0),
        ("p10", 0.1),
        ("p25", 0.25),
        ("p50", 0.5),
        ("p75", 0.75),
        ("p90", 0.9),
        ("p95", 0.95),
        ("p99", 0.99),
    ];
    let mut columns = vec![Column {
        head: "At or below".into(),
        text: true,
        ..Column::default()
    }];
    let mut rows: Vec<Vec<Cell>> = AT.iter().map(|(word, _)| vec![Cell::new(*word)]).collect();
    s.pair.with(|pair| {
        for (i, shown) in pair.each() {
            columns.push(number(&s.label(i), "ms"));
            for (row, (_, p)) in rows.iter_mut().zip(AT) {
                let v = percentile(&shown.ranked.values, p);
                row.push(Cell::or_missing(v.map(unitless)));
            }
        }
    });
    Table {
        caption: "Share within a time".into(),
        columns,
        rows,
    }
}

fn bins(s: State, h: Memo<Shared<Histogram>>) -> Table {
    let brushed = s.brush.get().is_some();
    h.with(|h| {
        let spec = &h.spec;
        let parts = s.pair.with(|p| s.rows.with(|rows| h.brushed(p, rows)));
        let mut columns = vec![number("From", "ms"), number("To", "ms")];
        for side in spec.sides.iter().filter(|b| !b.label.is_empty()) {
            columns.push(number(&side.label, "requests"));
            if brushed {
                columns.push(number("of them brushed", "requests"));
            }
        }
        let n = spec.sides.iter().map(|b| b.counts.len()).max().unwrap_or(0);
        let rows = (0..n)
            .map(|i| {
                let from = spec.from + i as f64 * spec.width;
                let mut row = vec![
                    Cell::new(fmt::measured(from)),
                    Cell::new(fmt::measured(from + spec.width)),
                ];
                for (side, part) in spec.sides.iter().zip(&parts) {
                    if side.label.is_empty() {
                        continue;
                    }
                    let at = |c: &[u32]| Cell::new(c.get(i).copied().unwrap_or(0).to_string());
                    row.push(at(&side.counts));
                    if brushed {
                        row.push(at(part));
                    }
                }
                row
            })
            .collect();
        Table {
            caption: "Where the requests lie".into(),
            columns,
            rows,
        }
    })
}
