//! The charts of the first page: those of Verdict, of the limits, and of the projection's errors.

use super::{Chart, Drawing};
use crate::analysis::Analysis;
use crate::chart::ChartSpec;
use crate::chart::forest::Forest;
use crate::figures::{self, LineChart, accuracy};
use crate::model::{Metric, Workspace};

/// The charts that have something to show.
pub(super) fn charts(ws: &Workspace, a: &Analysis) -> Vec<Chart> {
    let throughput = LineChart {
        metric: Metric::OutputThroughput,
        projected: true,
        interpolated: false,
    };
    let mut out: Vec<Chart> = [
        figures::lines(ws, a, throughput),
        figures::front(ws, a, false),
    ]
    .into_iter()
    .chain(
        a.sla
            .limits
            .iter()
            .filter(|(metric, _)| judged(a, *metric))
            .map(|(metric, _)| figures::limits(ws, a, *metric)),
    )
    .filter_map(lines)
    .collect();
    let Some(found) = &a.accuracy else {
        return out;
    };
    let label = a
        .projected
        .and_then(|p| ws.runs.get(p.run))
        .map_or("", |r| &r.label);
    out.extend(accuracy::errors(ws, found, a.thresholds.equivalence, label).map(forest));
    if let (None, Ok(again)) = (&found.errors, &found.reprojection) {
        out.extend(lines(accuracy::reprojection(ws, again)));
    }
    out
}

/// Whether any load has a figure for a limit.
fn judged(a: &Analysis, metric: Metric) -> bool {
    let rows = a.sla.systems.iter().flat_map(|s| &s.rows);
    let mut marks = rows.filter_map(|r| r.marks.get(&metric));
    marks.any(|j| j.figure.is_some())
}

/// A chart, unless it is empty. Nothing can be dragged in a document.
fn lines(mut spec: ChartSpec) -> Option<Chart> {
    for limit in &mut spec.limits {
        limit.hint.clear();
        limit.grip = false;
    }
    spec.empty.is_none().then(|| Chart {
        title: spec.title.clone(),
        summary: spec.summary.clone(),
        drawing: Drawing::Lines(Box::new(spec)),
    })
}

fn forest(spec: Forest) -> Chart {
    Chart {
        title: spec.title.clone(),
        summary: spec.summary.clone(),
        drawing: Drawing::Forest(Box::new(spec)),
    }
}
