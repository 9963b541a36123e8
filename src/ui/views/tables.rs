//! The figures of charts as tables.

use crate::state::App;
use crate::ui::atoms::{Cell, Column, Table};
use leptos::prelude::*;
use servelens_core::align::Figure as Value;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Provenance, Workspace};
use servelens_core::units::{Seconds, Unit};

/// A figure in its column's unit, with the decimals that the run's own figures have; the
/// provenance in words where it is not plainly measured.
pub fn value_cell(
    ws: &Workspace,
    run: Option<usize>,
    metric: Metric,
    value: Option<&Value>,
) -> Cell {
    let Some(v) = value else {
        return Cell::missing();
    };
    let text = match v.provenance {
        Provenance::Measured => figure_text(ws, run, metric, v.value, 0),
        _ => shown(metric, v.value),
    };
    let mut cell = Cell::new(text);
    if v.provenance != Provenance::Measured
        && !(v.provenance == Provenance::Derived && metric == Metric::OutputThroughputPerGpu)
    {
        cell.detail = v.provenance.word().to_owned();
    }
    cell
}

/// A figure of a run without its unit, with the decimals that the run's own figures have and
/// some more; times have a rule of their own.
pub fn figure_text(
    ws: &Workspace,
    run: Option<usize>,
    metric: Metric,
    si: f64,
    more: usize,
) -> String {
    match run.and_then(|i| ws.runs.get(i)) {
        Some(r) if metric.unit() != Unit::Seconds => {
            let own = r.points.iter().filter_map(|p| p.reported(metric));
            let decimals = fmt::column_decimals(own.map(|v| metric.unit().shown(v)));
            fmt::number(metric.unit().shown(si), decimals + more)
        }
        _ => shown(metric, si),
    }
}

/// A metric's value without its unit.
pub fn shown(metric: Metric, si: f64) -> String {
    match metric {
        Metric::Ttft | Metric::Tpot | Metric::RequestLatency | Metric::ChunkGap => {
            unitless(&fmt::ms(Seconds(si)))
        }
        _ => fmt::measured(metric.unit().shown(si)),
    }
}

/// A duration without its unit, for a column that names it.
fn unitless(text: &str) -> String {
    text.trim_end_matches("ms").trim_end().to_owned()
}

/// The loads of a metric as a table, candidate against baseline.
pub fn by_load(app: App, metric: Metric) -> Table {
    let (ws, a) = (app.limited.get(), app.analysis.get());
    let unit = metric.unit().label();
    let name = |i: Option<usize>, word: &str| side_name(&ws, i, word);
    let rows = a
        .comparison
        .rows
        .iter()
        .filter_map(|r| {
            let cell = r.cells.get(&metric)?;
            let change = cell.change.and_then(|c| c.relative).map(fmt::change_table);
            Some(vec![
                Cell::new(r.concurrency.to_string()),
                value_cell(&ws, a.candidate, metric, cell.candidate.as_ref()),
                value_cell(&ws, a.baseline, metric, cell.baseline.as_ref()),
                match (change, &cell.reason) {
                    (Some(c), _) => Cell {
                        struck: figures::blocks_comparison(&a),
                        ..Cell::new(c)
                    },
                    (None, Some(reason)) => Cell {
                        detail: reason.clone(),
                        muted: true,
                        ..Cell::new("not compared")
                    },
                    (None, None) => Cell {
                        muted: true,
                        ..Cell::new("not compared")
                    },
                },
            ])
        })
        .collect();
    Table {
        caption: format!("{} by concurrency", metric.info().label),
        columns: vec![
            Column {
                head: "Concurrency".into(),
                ..Column::default()
            },
            Column {
                head: name(a.candidate, "Candidate"),
                unit: unit.into(),
                ..Column::default()
            },
            Column {
                head: name(a.baseline, "Baseline"),
                unit: unit.into(),
                ..Column::default()
            },
            Column {
                head: "Change".into(),
                unit: "%".into(),
                ..Column::default()
            },
        ],
        rows,
    }
}

/// A run's label, or what it would be.
pub fn side_name(ws: &Workspace, run: Option<usize>, word: &str) -> String {
    run.and_then(|i| ws.runs.get(i))
        .map_or_else(|| word.to_owned(), |r| r.label.clone())
}

/// Speed for one user against output.
pub fn front(app: App) -> Table {
    let (ws, a) = (app.limited.get(), app.analysis.get());
    let mut rows = Vec::new();
    for f in &a.frontier {
        let Some(run) = ws.runs.get(f.run) else {
            continue;
        };
        for p in &f.points {
            rows.push(vec![
                Cell::new(run.label.clone()),
                Cell::or_missing(p.concurrency.map(|c| c.to_string())),
                Cell::new(fmt::sig(p.per_user, 4)),
                Cell::new(fmt::sig(p.output, 4)),
                Cell::new(if p.on_front { "yes" } else { "no" }),
                Cell::new(p.provenance.word()),
            ]);
        }
    }
    let head = |text: &str, unit: &str, is_text| Column {
        head: text.into(),
        unit: unit.into(),
        text: is_text,
        ..Column::default()
    };
    Table {
        caption: "Speed for one user against output".into(),
        columns: vec![
            head("Run", "", true),
            head("Concurrency", "", false),
            head("Per user", "tok/s", false),
            head(
                if a.frontier.iter().all(|f| f.per_gpu) {
                    "Per GPU"
                } else {
                    "Whole system"
                },
                "tok/s",
                false,
            ),
            head("On the front", "", true),
            head("How known", "", true),
        ],
        rows,
    }
}
