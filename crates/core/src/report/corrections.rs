//! Corrections: what the most direct sources say against summaries and reports.

use super::tables::{cell, head};
use super::{Block, CellText, Sentence, Table};
use crate::corrections::{EQUAL, Sources, Trace, Traced, sources, title};
use crate::fmt;
use crate::model::{Metric, Workspace};

/// The section; empty where no source corrects another.
pub(super) fn blocks(ws: &Workspace) -> Vec<Block> {
    let found = sources(ws);
    if !found.corrects() {
        return Vec::new();
    }
    let mut out = vec![Block::Paragraph(vec![
        Sentence::new(format!("{}.", title(&found))),
        Sentence::new("Recorded figures are used; what they contradict is struck."),
    ])];
    let metrics = Traced::ALL.into_iter().flat_map(Traced::metrics);
    out.extend(
        metrics
            .filter(|m| found.off(*m).is_some())
            .map(|m| Block::Table(table(ws, &found, m))),
    );
    out
}

/// A metric from report over summary to records, one row a load.
fn table(ws: &Workspace, found: &Sources, metric: Metric) -> Table {
    let unit = metric.unit().label();
    let rows = found.runs.iter().flat_map(|r| {
        let label = ws.runs.get(r.run).map_or("", |x| &x.label);
        r.loads.iter().filter_map(move |l| {
            let t = l.figures.get(&metric)?;
            let count =
                |n: Option<u64>| cell(n.map_or_else(String::new, |n| fmt::number(n as f64, 0)));
            Some(vec![
                cell(label),
                cell(fmt::number(f64::from(l.concurrency), 0)),
                count(l.requests.0),
                count(l.requests.1),
                figure(t.published, metric, t.is_struck()),
                figure(t.summary, metric, t.is_struck()),
                figure(t.recorded, metric, false),
                cell(factor(t)),
            ])
        })
    });
    Table {
        head: vec![
            head("System", "", false),
            head("Concurrency", "", true),
            head("Requests", "in the summary", true),
            head("Requests", "recorded", true),
            head(metric.info().label, &format!("{unit}, published"), true),
            head("Summary", unit, true),
            head("Recorded", unit, true),
            head("Factor", "recorded ÷ summary", true),
        ],
        rows: rows.collect(),
    }
}

fn figure(value: Option<f64>, metric: Metric, struck: bool) -> CellText {
    CellText {
        text: value.map_or_else(String::new, |v| fmt::sig(metric.unit().shown(v), 4)),
        struck,
    }
}

fn factor(t: &Trace) -> String {
    match t.factor() {
        None if t.recorded.is_none() => "no records".to_owned(),
        None => String::new(),
        Some(f) if (f - 1.0).abs() <= EQUAL => "equal".to_owned(),
        Some(f) => fmt::sig(f, 3),
    }
}
