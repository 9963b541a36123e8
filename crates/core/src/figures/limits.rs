//! A latency against concurrency with the person's limit: what passes and what doesn't.

use super::lines::{LOG_LOG, LineChart, add_projections, lines};
use crate::analysis::Analysis;
use crate::chart::{Between, ChartSpec, Limit, Mark, MarkKind, Scale, Series};
use crate::fmt;
use crate::model::{Metric, Provenance, Stat, Workspace};
use crate::sla::SlaRow;
use crate::sort;
use crate::units::Seconds;

/// Builds the chart of TTFT, TPOT or request time with its limit, at the statistic of the SLA.
pub fn limits(ws: &Workspace, analysis: &Analysis, metric: Metric) -> ChartSpec {
    let stat = ws.sla.stat;
    let mut spec = lines(
        ws,
        analysis,
        LineChart {
            metric,
            projected: false,
            interpolated: false,
        },
    );
    spec.id = format!("sla-{}", metric.id().replace('_', "-"));
    spec.series.clear();
    let mut off_scale = Vec::new();
    add_projections(
        ws,
        analysis,
        (metric, stat),
        &mut spec.series,
        &mut off_scale,
    );
    spec.summary = summary(ws, analysis, metric);
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
        let Some(f) = row.figure(metric) else {
            if let Some(m) = marks.last_mut() {
                m.gap_after = true;
            }
            continue;
        };
        let kind = match (row.marks.get(&metric).map(|j| j.mark), f.provenance) {
            (Some(Judged::Blocked), _) => MarkKind::Blocked,
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
        let has = row.figure(metric).is_some();
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
        if let Some(f) = row.figure(metric) {
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
            "Not reported; the mean is implied at concurrency {} from TTFT, requests/s and output length",
            fmt::loads(implied)
        ),
        (reported, _) => format!(
            "{}, reported at concurrency {}. {LOG_LOG}",
            fmt::capital(fmt::stat(analysis.sla.stat.unwrap_or(Stat::Avg))),
            fmt::loads(reported)
        ),
    }
}

/// One sentence: the accessible form, of the same figures as the chart.
fn summary(ws: &Workspace, analysis: &Analysis, metric: Metric) -> String {
    let stat = fmt::stat(analysis.sla.stat.unwrap_or(Stat::Avg));
    let parts: Vec<String> = analysis
        .sla
        .systems
        .iter()
        .filter_map(|system| {
            let of = |row: &SlaRow| Some((row.concurrency, row.figure(metric)?.value));
            let (c0, v0) = system.rows.iter().find_map(of)?;
            let (c1, v1) = system.rows.iter().rev().find_map(of)?;
            Some(format!(
                "{} goes from {} at concurrency {c0} to {} at {c1}",
                ws.runs.get(system.run)?.label,
                fmt::value(metric, v0),
                fmt::value(metric, v1)
            ))
        })
        .collect();
    if parts.is_empty() {
        return format!("{} isn’t reported.", metric.info().label);
    }
    let limit = analysis.sla.limits.iter().find(|(m, _)| *m == metric);
    let limit = limit.map_or_else(String::new, |(_, l)| {
        format!(" The limit is {}.", fmt::ms(*l))
    });
    format!(
        "{}, {stat}: {}.{limit}",
        metric.info().label,
        parts.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::limits;
    use crate::analysis::{Options, analyse};
    use crate::chart::ChartSpec;
    use crate::model::{Metric, Role, RunKind, Stat, Stats, Workspace};
    use crate::testing::{pair, run_of};
    use crate::units::Seconds;

    /// A pass on average and a fail at p95, with a projection.
    fn ws() -> Workspace {
        let mut a = run_of("a", &[(8, 800.0, 8.0), (16, 900.0, 9.0)]);
        for p in &mut a.points {
            let mut stats = Stats::avg(0.192);
            stats.set(Stat::P95, 0.657);
            p.measured(Metric::Ttft, stats);
        }
        let mut ws = pair(a, run_of("b", &[(8, 700.0, 7.0)]));
        let mut aic = run_of("aic", &[(8, 900.0, 9.0)]);
        aic.kind = RunKind::Projected;
        aic.role = Role::Projection;
        for p in &mut aic.points {
            p.measured(Metric::Ttft, Stats::avg(0.2));
        }
        ws.runs.push(aic);
        ws.sla.ttft = Some(Seconds::from_ms(300.0));
        ws
    }

    fn chart(ws: &Workspace) -> ChartSpec {
        limits(ws, &analyse(ws, &Options::default()), Metric::Ttft)
    }

    #[test]
    fn summary_and_marks_are_of_the_statistic_that_is_judged() {
        let spec = chart(&ws());
        let own = spec.series.iter().find(|s| s.id == "a").unwrap();
        assert_eq!(own.marks[0].y, 657.0);
        let summary = crate::fmt::plain(&spec.summary);
        assert!(
            summary.contains("p95") && summary.contains("657 ms"),
            "{summary}"
        );
        assert!(!summary.contains("192"), "{summary}");
    }

    #[test]
    fn a_projection_beside_percentiles_says_that_it_is_an_average() {
        let label = |stat| {
            let mut ws = ws();
            ws.sla.stat = stat;
            let spec = chart(&ws);
            let aic = spec.series.iter().find(|s| s.id == "aic").unwrap();
            (aic.label.clone(), aic.marks[0].label.clone().unwrap())
        };
        let (name, mark) = label(Stat::P95);
        assert!(
            name.ends_with(", average") && mark.ends_with(" on average"),
            "{name}, {mark}"
        );
        assert_eq!(label(Stat::Avg).0, "aic");
    }

    #[test]
    fn without_a_limit_the_figures_are_still_drawn() {
        let mut ws = ws();
        ws.sla.ttft = None;
        let spec = chart(&ws);
        assert_eq!(spec.empty, None);
        assert!(spec.limits.is_empty());
        assert_eq!(
            spec.series
                .iter()
                .find(|s| s.id == "a")
                .unwrap()
                .marks
                .len(),
            2
        );
    }
}
