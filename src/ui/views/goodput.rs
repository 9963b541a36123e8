//! SLA from the requests themselves: recomputed percentiles, and goodput for any limits.

use super::requests::readout::share_range;
use crate::state::{App, Shared};
use crate::ui::atoms::{Cell, Column, Figure, Table, figure, flag, table};
use leptos::prelude::*;
use servelens_core::align::Workloads;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Role, Workspace};
use servelens_core::records::Limits;
use servelens_core::requests::{self, AtLoad, Figures, Kept};
use std::sync::Arc;

/// What the requests say of each load; the limits come in last.
#[derive(Clone, Copy)]
pub struct Recomputed {
    /// The requests of each load.
    pub loads: Memo<Shared<Vec<AtLoad>>>,
    /// The chosen statistic at each load.
    pub figures: Memo<Shared<Figures>>,
    limits: Memo<Limits>,
    kept: Memo<Shared<Vec<Kept>>>,
}

impl Recomputed {
    /// Follows the workspace, the statistic and the limits, each only as far as it must.
    pub fn new(app: App) -> Self {
        let asked = Memo::new(move |_| {
            app.analysis.with(|a| {
                let runs: Vec<usize> = a.sla.systems.iter().map(|s| s.run).collect();
                (runs, a.comparison.workload)
            })
        });
        let loads = Memo::new(move |_| {
            let ws = app.workspace.get();
            let (runs, key) = asked.get();
            let active = ws.runs.iter().filter(|r| r.role != Role::Ignore);
            let workloads = Workloads::of(active, &ws.context);
            Shared::new(key.map_or_else(Vec::new, |key| {
                requests::by_load(&ws, &runs, &workloads, key)
            }))
        });
        let stat = Memo::new(move |_| app.limited.with(|w| w.sla.stat));
        let figures = Memo::new(move |_| Shared::new(requests::figures(&loads.get(), stat.get())));
        let limits = Memo::new(move |_| app.limited.with(|w| Limits::of(&w.sla)));
        let kept = Memo::new(move |_| {
            let limits = limits.get();
            Shared::new(if limits == Limits::default() {
                Vec::new()
            } else {
                requests::kept(&loads.get(), limits)
            })
        });
        Self {
            loads,
            figures,
            limits,
            kept,
        }
    }
}

/// What the marks of the table mean, once an interval can reach past a limit.
pub fn legend(app: App, r: Recomputed) -> Option<AnyView> {
    let any = app.analysis.with(|a| !a.sla.limits.is_empty()) && r.figures.with(|f| !f.is_empty());
    any.then(|| {
        view! {
            <p class="keyrow">
                {flag("k-ok", "ok", "Within")}
                {flag("k-warn", "warn", "Within, but its interval reaches past the limit")}
                {flag("k-bad", "bad", "Fails")}
            </p>
        }
        .into_any()
    })
}

/// The section.
pub fn section(app: App, r: Recomputed) -> AnyView {
    let state = Memo::new(move |_| {
        (
            r.loads.with(|l| l.is_empty()),
            r.limits.get() == Limits::default(),
            r.kept.with(|k| k.is_empty()),
        )
    });
    (move || {
        let body = match state.get() {
            (true, ..) => view! { <p>"Goodput counts single requests, and these files hold summaries only. Compare, “Requests at one load”, says which file would bring them."</p> }.into_any(),
            (_, true, _) => view! { <p>"Goodput needs a limit: type one above."</p> }.into_any(),
            (.., true) => view! { <p>"Goodput can’t be counted: the requests don’t say what a limit is set for, as their answers were not streamed or have no lengths."</p> }.into_any(),
            _ => full(app, r),
        };
        view! { <section class="sect" data-testid="goodput"><h2>"Goodput"</h2>{body}</section> }
    })
    .into_any()
}

fn full(app: App, r: Recomputed) -> AnyView {
    let spec = Memo::new(move |_| {
        let ws = app.limited.get();
        r.kept.with(|k| figures::goodput(&ws, k, r.limits.get()))
    });
    let rows = Memo::new(move |_| {
        let ws = app.limited.get();
        Arc::new(r.kept.with(|k| counts(&ws, k)))
    });
    let chart = figure(
        app,
        Figure {
            spec,
            table: rows,
            height: 290.0,
            on_limit: None,
            caption: None,
        },
    );
    view! {
        <p>{move || sentence(&app.limited.get(), &r.kept.get())}</p>
        <div class="cols-good">{chart} {move || table(&rows.get())}</div>
    }
    .into_any()
}

/// What going from the lowest to the highest load brings each run.
fn sentence(ws: &Workspace, kept: &[Kept]) -> String {
    let mut parts = Vec::new();
    let mut runs: Vec<usize> = kept.iter().map(|k| k.run).collect();
    runs.dedup();
    for run in runs {
        let own: Vec<&Kept> = kept.iter().filter(|k| k.run == run).collect();
        let best = own.iter().copied().reduce(|a, b| {
            if b.goodput.per_second > a.goodput.per_second {
                b
            } else {
                a
            }
        });
        let (Some(best), Some(label)) = (best, ws.runs.get(run).map(|r| &r.label)) else {
            continue;
        };
        parts.push(match best.goodput.per_second.filter(|g| *g > 0.0) {
            Some(rate) => format!(
                "{label} serves most within the limits at concurrency {}: {} of {} req/s",
                best.concurrency,
                fmt::sig(rate, 3),
                fmt::sig(best.per_second.unwrap_or(rate), 3)
            ),
            None => format!("{label} serves no request within the limits"),
        });
    }
    format!("Recomputed from the requests. {}.", parts.join("; "))
}

fn counts(ws: &Workspace, kept: &[Kept]) -> Table {
    let head = |head: &str, unit: &str, text| Column {
        head: head.into(),
        unit: unit.into(),
        text,
        ..Column::default()
    };
    let mut last = None;
    let rows = kept
        .iter()
        .map(|k| {
            let first = last.replace(k.run) != Some(k.run);
            let run = ws.runs.get(k.run).filter(|_| first);
            let g = &k.goodput;
            vec![
                Cell {
                    key: run.map(|_| figures::slot(&ws.runs, k.run)),
                    ..Cell::new(run.map_or("", |r| r.label.as_str()))
                },
                Cell::new(k.concurrency.to_string()),
                Cell::new(format!(
                    "{} of {}",
                    fmt::number(g.good as f64, 0),
                    fmt::number(g.n as f64, 0)
                )),
                match &g.interval {
                    Ok(i) => Cell::new(share_range(i.low, i.high)),
                    Err(_) => Cell {
                        muted: true,
                        ..Cell::new("too short")
                    },
                },
                match (g.per_second, k.per_second) {
                    (Some(good), Some(all)) => Cell {
                        strong: fmt::number(good, 2),
                        ..Cell::new(format!("of {}", fmt::number(all, 2)))
                    },
                    _ => Cell::missing(),
                },
            ]
        })
        .collect();
    Table {
        caption: "Goodput, recomputed".into(),
        columns: vec![
            head("System", "", true),
            head("Load", "", false),
            head("Within", "", false),
            head("95\u{a0}% CI", "%, Wilson", false),
            head("Goodput", "req/s", false),
        ],
        rows,
    }
}
