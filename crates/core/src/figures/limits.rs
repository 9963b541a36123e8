//! A latency against concurrency with the person's limit: what passes and what doesn't.

use super::lines::LOG_LOG;
use super::{LineChart, lines};
use crate::analysis::Analysis;
use crate::chart::{Between, ChartSpec, Limit, Mark, MarkKind, Scale, Series};
use crate::fmt;
use crate::model::{Metric, Provenance, Workspace};
use crate::sort;
use crate::units::Seconds;

/// Builds the chart of TTFT, TPOT or request time with its limit, at the statistic of the SLA.
pub fn limits(ws: &Workspace, analysis: &Analysis, metric: Metric) -> ChartSpec {
    let mut spec = lines(
        ws,
        analysis,
        LineChart {
            metric,
            projected: true,
            interpolated: false,
        },
    );
    spec.id = format!("sla-{}", metric.id().replace('_', "-"));
    spec.off_scale.clear();
    spec.series
        .retain(|s| s.marks.iter().all(|m| m.kind == MarkKind::Projected));
    let mut judged: Vec<Series> = analysis
        .sla
        .systems
        .iter()
        .filter_map(|system| series(ws, system, metric))
        .collect();
    judged.append(&mut spec.series);
    spec.series = judged;
    spec.absent = absent(analysis, metric);
    spec.empty = spec.series.is_empty().then(|| {
        (
            format!("{} isn’t reported in these files.", metric.info().label),
            "A result with this metric at a stated concurrency would be drawn here.".into(),
        )
    });
    let limit = analysis
        .sla
        .limits
        .iter()
        .find(|(m, _)| *m == metric)
        .map(|(_, s)| *s);
    if let Some(limit) = limit {
        spec.limits.push(Limit {
            id: metric.id().into(),
            across: crate::chart::Across::Y,
            value: limit.ms(),
            below_is_within: true,
            label: format!("{} ≤ {}", metric.info().short, fmt::ms(limit)),
            hint: "drag to change".into(),
            grip: true,
        });
        spec.y.include.push(limit.ms());
    }
    let values = || {
        spec.series
            .iter()
            .flat_map(|s| &s.marks)
            .map(|m| m.y)
            .chain(limit.map(Seconds::ms))
            .filter(|v| *v > 0.0)
    };
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max),
    );
    let log = low.is_finite() && high > 12.0 * low;
    spec.y.title = format!(
        "{}, ms{}",
        metric.info().short,
        if log { ", log scale" } else { "" }
    );
    spec.y.scale = if log {
        Scale::Log10
    } else {
        Scale::Linear { zero: true }
    };
    spec.subtitle = subtitle(analysis, metric);
    spec
}

fn series(ws: &Workspace, system: &crate::sla::SystemSla, metric: Metric) -> Option<Series> {
    use crate::sla::Mark as Judged;
    let run = ws.runs.get(system.run)?;
    let mut marks: Vec<Mark> = Vec::new();
    let mut last = String::new();
    for row in &system.rows {
        let judgement = row.marks.get(&metric);
        let Some((j, f)) = judgement.and_then(|j| Some((j, j.figure.as_ref()?))) else {
            if let Some(m) = marks.last_mut() {
                m.gap_after = true;
            }
            continue;
        };
        let kind = match (j.mark, f.provenance) {
            (Judged::Blocked, _) => MarkKind::Blocked,
            (_, Provenance::Measured) => MarkKind::Measured,
            (_, Provenance::Interpolated) => MarkKind::Interpolated,
            (_, Provenance::Projected) => MarkKind::Projected,
            (_, Provenance::Derived) => MarkKind::Implied,
        };
        last = fmt::ms(Seconds(f.value));
        if f.provenance == Provenance::Derived {
            last.push_str(", implied");
        }
        let mut mark = Mark::of(kind, f64::from(row.concurrency), f.value * 1e3);
        if kind == MarkKind::Blocked {
            mark = mark.labelled(fmt::ms(Seconds(f.value))).then_gap();
        }
        marks.push(mark);
    }
    (!marks.is_empty()).then(|| Series {
        id: run.id.clone(),
        label: run.label.clone(),
        slot: super::slot(&ws.runs, system.run),
        end_label: Some((run.label.clone(), last)),
        marks,
        between: Between::PowerLaw,
        ..Series::default()
    })
}

/// Loads that were run and for which no system reports the metric.
fn absent(analysis: &Analysis, metric: Metric) -> Vec<f64> {
    let mut loads: std::collections::BTreeMap<u32, bool> = std::collections::BTreeMap::new();
    for row in analysis.sla.systems.iter().flat_map(|s| &s.rows) {
        let has = row.marks.get(&metric).is_some_and(|j| j.figure.is_some());
        *loads.entry(row.concurrency).or_default() |= has;
    }
    loads
        .into_iter()
        .filter(|(_, has)| !has)
        .map(|(c, _)| f64::from(c))
        .collect()
}

fn subtitle(analysis: &Analysis, metric: Metric) -> String {
    let (mut reported, mut implied) = (Vec::new(), Vec::new());
    for row in analysis.sla.systems.iter().flat_map(|s| &s.rows) {
        if let Some(f) = row.marks.get(&metric).and_then(|j| j.figure.as_ref()) {
            if f.provenance == Provenance::Derived {
                implied.push(row.concurrency);
            } else {
                reported.push(row.concurrency);
            }
        }
    }
    for list in [&mut reported, &mut implied] {
        sort::by(list, Ord::cmp);
        list.dedup();
    }
    match (reported.as_slice(), implied.as_slice()) {
        ([], []) => "Not reported".into(),
        ([], implied) => format!(
            "Not reported; implied at concurrency {} from TTFT, requests/s and output length",
            fmt::loads(implied)
        ),
        (reported, _) => format!(
            "Reported at concurrency {}. {LOG_LOG}",
            fmt::loads(reported)
        ),
    }
}
