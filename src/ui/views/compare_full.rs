//! Compare with full statistics: how sure the lead is, and every figure with its interval.

use super::tables::{figure_text, shown, side_name};
use crate::state::{App, Shared};
use crate::ui::atoms::{Cell, Column, Drawn, Table, drawn, table};
use leptos::prelude::*;
use servelens_core::audit::{Check, Grade};
use servelens_core::certainty::{Basis, Certainty, Difference, Known, certainty};
use servelens_core::chart::forest::{Forest, forest_layout, forest_scene};
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Workspace};
use servelens_core::units::Unit;
use std::sync::Arc;

/// The statistics of what is compared now.
fn sure(app: App) -> Memo<Shared<Certainty>> {
    Memo::new(move |_| {
        let (ws, a) = (app.limited.get(), app.analysis.get());
        Shared::new(certainty(&ws, a.candidate, a.baseline, &a.comparison))
    })
}

/// How sure the lead is: what the audit says of it, and the ratios with their intervals.
pub fn lead(app: App) -> AnyView {
    let sure = sure(app);
    let spec = Memo::new(move |_| {
        figures::forest(&app.limited.get(), &app.analysis.get(), &sure.get()).unwrap_or_default()
    });
    view! {
        <section class="sect">
            <h2>"How sure the differences are"</h2>
            <p>{move || words(app, &sure.get())}</p>
            {figure(app, spec, sure)}
        </section>
    }
    .into_any()
}

/// What the audit found about chance, and what the intervals claim.
fn words(app: App, sure: &Certainty) -> String {
    let mut out: Vec<String> = app.analysis.with(|a| {
        a.findings
            .iter()
            .filter(|f| f.check == Check::Noise && f.grade != Grade::NoData)
            .filter(|f| f.bears_on != [servelens_core::audit::Question::Sla])
            .map(|f| format!("{}. {}", f.title, f.consequence).trim().to_owned())
            .collect()
    });
    out.push(sure.claim().to_owned());
    out.join(" ")
}

fn figure(app: App, spec: Memo<Forest>, sure: Memo<Shared<Certainty>>) -> AnyView {
    let chart = Memo::new(move |_| {
        let s = spec.get();
        Arc::new(Drawn {
            id: "candidate-over-baseline".into(),
            title: s.title.clone(),
            subtitle: s.subtitle.clone(),
            summary: s.summary.clone(),
            table: ratios(app, &sure.get()),
            caption: String::new(),
            draw: Arc::new(move |width, measure| {
                forest_scene(&s, &forest_layout(&s, width, measure), measure)
            }),
        })
    });
    drawn(app, chart)
}

fn head(text: &str, unit: &str) -> Column {
    Column {
        head: text.into(),
        unit: unit.into(),
        ..Column::default()
    }
}

fn name(metric: Metric) -> String {
    match metric.unit() {
        Unit::Seconds => format!("{}, ms", metric.info().label),
        _ => metric.info().label.to_owned(),
    }
}

/// Metric and load, the first two cells of a row; the metric once for its loads.
fn place(d: &Difference, before: Option<&Difference>) -> [Cell; 2] {
    let again = before.is_some_and(|b| b.metric == d.metric);
    [
        Cell {
            muted: again,
            ..Cell::new(name(d.metric))
        },
        Cell::new(d.concurrency.to_string()),
    ]
}

fn rows(sure: &Certainty, cells: impl Fn(&Difference) -> Vec<Cell>) -> Vec<Vec<Cell>> {
    let before = std::iter::once(None).chain(sure.rows.iter().map(Some));
    sure.rows
        .iter()
        .zip(before)
        .map(|(d, before)| place(d, before).into_iter().chain(cells(d)).collect())
        .collect()
}

fn or_none(text: Option<String>) -> Cell {
    text.map_or_else(
        || Cell {
            muted: true,
            ..Cell::new("none")
        },
        Cell::new,
    )
}

/// The table twin of the forest.
fn ratios(app: App, sure: &Certainty) -> Table {
    let ws = app.limited.get();
    let a = app.analysis.get();
    Table {
        caption: "Candidate over baseline, with intervals".into(),
        columns: vec![
            Column {
                text: true,
                ..head("Metric", "")
            },
            head("Concurrency", ""),
            head("Ratio", ""),
            head("Interval", "95 %"),
            head("Without the first C", "ratio"),
            head("Median pair", "candidate − baseline"),
            head("Its interval", "95 %"),
            head("Cliff’s δ", ""),
            head("Its interval", "95 %"),
        ],
        rows: rows(sure, |d| {
            let struck = a.withheld(&ws, d.metric).contains(&d.concurrency);
            let unit = |v: f64| shown(d.metric, v);
            vec![
                Cell {
                    struck,
                    ..Cell::new(fmt::ratio(d.ratio))
                },
                or_none(d.interval.map(|i| fmt::bounds(i.low, i.high, fmt::ratio))),
                or_none(d.settled.map(fmt::ratio)),
                or_none(d.pairs.map(|_| figures::shift(d))),
                or_none(
                    d.pairs
                        .and_then(|p| p.shift_interval)
                        .map(|i| fmt::bounds(i.low, i.high, unit)),
                ),
                or_none(d.pairs.map(|_| figures::size(d))),
                or_none(d.pairs.map(|p| {
                    fmt::bounds(p.delta_interval.low, p.delta_interval.high, |v| {
                        fmt::number(v, 2)
                    })
                })),
            ]
        }),
    }
}

/// Every figure of both sides with its interval, and the p values.
pub fn points(app: App) -> AnyView {
    let sure = sure(app);
    view! {
        <section class="sect" data-testid="full-points">
            <h2>"All points, with statistics"</h2>
            <p>{move || method(&sure.get())}</p>
            {move || table(&statistics(app, &sure.get()))}
            {move || reasons(&sure.get())}
        </section>
    }
    .into_any()
}

fn method(sure: &Certainty) -> &'static str {
    if sure.rows.iter().all(|d| d.basis >= Basis::Rounding) {
        return "Intervals cover half a unit of the last digit that the source gives. Without per-request records there is no test, and so no p value.";
    }
    "Intervals at 95 %: of means and rates from batches of whole waves, of percentiles by order statistics, both on the effective number of requests, for requests of a closed loop depend on each other. Median pair: Hodges–Lehmann shift. p: Mann–Whitney on the effective numbers, with Holm’s correction over the loads of a metric."
}

/// The figure's value, its interval and how many requests stand behind it. Rounding is half a
/// unit of the last digit, so that its bounds take one digit more.
fn side(ws: &Workspace, run: Option<usize>, d: &Difference, k: &Known) -> [Cell; 3] {
    let more = usize::from(d.basis == Basis::Rounding);
    let unit = |v: f64| figure_text(ws, run, d.metric, v, more);
    [
        Cell::new(figure_text(ws, run, d.metric, k.value, 0)),
        or_none(k.bounds.map(|b| fmt::bounds(b.low, b.high, unit))),
        or_none(k.n.map(|n| {
            let n = fmt::number(n as f64, 0);
            match k.effective_n {
                Some(e) => format!("{n} ({})", fmt::number(e, 0)),
                None => n,
            }
        })),
    ]
}

fn statistics(app: App, sure: &Certainty) -> Table {
    let ws = app.limited.get();
    let a = app.analysis.get();
    let mut columns = vec![
        Column {
            text: true,
            ..head("Metric", "")
        },
        head("Concurrency", ""),
    ];
    let grouped = |group: &str, text: &str, unit: &str, rule| Column {
        group: Some(group.to_owned()),
        rule,
        ..head(text, unit)
    };
    for (run, word) in [(a.candidate, "Candidate"), (a.baseline, "Baseline")] {
        let group = side_name(&ws, run, word);
        columns.push(grouped(&group, "Figure", "", true));
        columns.push(grouped(&group, "Interval", "", false));
        columns.push(grouped(&group, "n", "(effective)", false));
    }
    columns.push(grouped("Difference", "%", "", true));
    columns.push(grouped("Difference", "p", "Holm", false));
    Table {
        caption: "All points with full statistics".into(),
        columns,
        rows: rows(sure, |d| {
            let struck = a.withheld(&ws, d.metric).contains(&d.concurrency);
            let mut cells: Vec<Cell> = side(&ws, a.candidate, d, &d.candidate).into();
            cells.extend(side(&ws, a.baseline, d, &d.baseline));
            cells.push(Cell {
                struck,
                ..Cell::new(fmt::change_table(d.ratio - 1.0))
            });
            cells.push(match d.pairs {
                Some(p) => Cell {
                    struck,
                    ..Cell::new(fmt::p_value(p.p_holm))
                },
                None => Cell {
                    muted: true,
                    ..Cell::new("no test")
                },
            });
            cells
        }),
    }
}

/// Why intervals and tests are missing, each reason once.
fn reasons(sure: &Certainty) -> AnyView {
    let items: Vec<AnyView> = sure
        .reasons()
        .into_iter()
        .map(|line| view! { <li>{line}</li> }.into_any())
        .collect();
    if items.is_empty() {
        return ().into_any();
    }
    view! { <ul class="reasons">{items}</ul> }.into_any()
}
