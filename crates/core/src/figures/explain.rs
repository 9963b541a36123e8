//! Which configuration fits: measured request times over what the nearest candidates project.

use super::{concurrency_axis, slot};
use crate::chart::{AxisSpec, ChartSpec, Line, Mark, MarkKind, Series, Slot};
use crate::explain::{Candidate, Explanation, name};
use crate::fmt;
use crate::model::{Metric, Workspace};
use crate::units::Seconds;

/// So many candidates are drawn.
const DRAWN: usize = 3;

/// Mean request time at each load: measured, and as the nearest candidates of different names project it.
pub fn explain(ws: &Workspace, e: &Explanation) -> ChartSpec {
    let run = ws.runs.get(e.run);
    let ms = |s: f64| Metric::RequestLatency.unit().shown(s);
    let loads: Vec<u32> = e.question.loads.iter().map(|l| l.concurrency).collect();
    let value = |s: f64| fmt::ms(Seconds(s));
    let measured = Series {
        id: run.map_or_else(String::new, |r| r.id.clone()),
        label: run.map_or_else(String::new, |r| r.label.clone()),
        slot: slot(&ws.runs, e.run),
        marks: e
            .question
            .loads
            .iter()
            .map(|l| Mark::measured(f64::from(l.concurrency), ms(l.request_s)))
            .collect(),
        end_label: e
            .question
            .loads
            .last()
            .map(|l| ("Measured".to_owned(), value(l.request_s))),
        ..Series::default()
    };
    let told = nearest(e);
    let slots = [Slot::PROJECTION, Slot::run(4), Slot::run(5)];
    let curves = told.iter().zip(slots).map(|((name, c), slot)| Series {
        id: name.clone(),
        label: name.clone(),
        slot,
        line: Line::Dashed,
        marks: c
            .loads
            .iter()
            .map(|l| {
                Mark::of(
                    MarkKind::Projected,
                    f64::from(l.concurrency),
                    ms(l.request_s),
                )
            })
            .collect(),
        end_label: c.loads.last().map(|l| (name.clone(), value(l.request_s))),
        ..Series::default()
    });
    let said: Vec<String> = told
        .iter()
        .map(|(name, c)| {
            format!(
                "{name} misses by up to {}",
                fmt::percent(c.worst.exp_m1(), 1)
            )
        })
        .collect();
    ChartSpec {
        id: "explain".to_owned(),
        title: "Measured, and the nearest candidates".to_owned(),
        subtitle: "Mean request time by concurrency".to_owned(),
        summary: format!("Request time of each load: {}.", fmt::list(&said)),
        x: concurrency_axis(&loads),
        y: AxisSpec {
            title: super::lines::axis_title(Metric::RequestLatency),
            ..AxisSpec::default()
        },
        series: std::iter::once(measured).chain(curves).collect(),
        ..ChartSpec::default()
    }
}

/// The nearest candidates whose names differ.
fn nearest(e: &Explanation) -> Vec<(String, &Candidate)> {
    let mut out: Vec<(String, &Candidate)> = Vec::new();
    for c in &e.candidates {
        let told = name(e, c);
        if out.len() < DRAWN && !out.iter().any(|(n, _)| *n == told) {
            out.push((told, c));
        }
    }
    out
}
