//! One metric against concurrency: candidate, baseline, and what was projected.

use super::by_rate::by_rate;
use super::{blocked, concurrency_axis, judged, projections, sides, slot};
use crate::align::Figure;
use crate::analysis::Analysis;
use crate::chart::{AxisSpec, Between, ChartSpec, Line, Mark, MarkKind, OffScale, Scale, Series};
use crate::compare::Row;
use crate::fmt;
use crate::model::{Metric, Provenance, Stat, Workspace};
use crate::sort;

/// What a line chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineChart {
    /// The metric.
    pub metric: Metric,
    /// Whether projections are drawn.
    pub projected: bool,
    /// Whether loads of the other side are interpolated as hollow marks.
    pub interpolated: bool,
}

/// How far beyond the measured figures a projected one may lie before it is drawn as an arrow:
/// beyond it, it would squeeze the data.
const OFF_SCALE: f64 = 2.5;

/// Builds the chart.
pub fn lines(ws: &Workspace, analysis: &Analysis, what: LineChart) -> ChartSpec {
    let metric = what.metric;
    let info = metric.info();
    let comparison = &analysis.comparison;
    let mut series: Vec<Series> = Vec::new();
    for (side, run) in sides(analysis).into_iter().enumerate() {
        let Some(run) = run else { continue };
        let Some(r) = ws.runs.get(run) else { continue };
        let figure = |row: &Row| -> Option<Figure> {
            let cell = row.cells.get(&metric)?;
            let f = if side == 0 {
                cell.candidate.as_ref()
            } else {
                cell.baseline.as_ref()
            };
            f.filter(|f| what.interpolated || f.provenance != Provenance::Interpolated)
                .cloned()
        };
        let mut marks: Vec<Mark> = Vec::new();
        let mut last = None;
        for row in &comparison.rows {
            let ran = r
                .points
                .iter()
                .any(|p| p.load.concurrency == Some(row.concurrency));
            let Some(f) = figure(row) else {
                // A load that was run but not reported breaks the line.
                if ran && let Some(m) = marks.last_mut() {
                    m.gap_after = true;
                }
                continue;
            };
            let struck =
                metric == Metric::Ttft && f.points.iter().any(|p| blocked(analysis, run, *p));
            let kind = match f.provenance {
                _ if struck => MarkKind::Blocked,
                Provenance::Measured => MarkKind::Measured,
                Provenance::Derived => MarkKind::Implied,
                Provenance::Interpolated => MarkKind::Interpolated,
                Provenance::Projected => MarkKind::Projected,
            };
            // A rate per GPU or per user divides what was measured: it is as good as measured.
            let kind = if kind == MarkKind::Implied && metric != Metric::Tpot {
                MarkKind::Measured
            } else {
                kind
            };
            let y = info.unit.shown(f.value);
            marks.push(Mark::of(kind, f64::from(row.concurrency), y));
            last = Some(f);
        }
        let Some(last) = last else { continue };
        series.push(Series {
            id: r.id.clone(),
            label: r.label.clone(),
            slot: slot(&ws.runs, run),
            end_label: Some((r.label.clone(), end_value(metric, &last))),
            marks,
            between: Between::PowerLaw,
            ..Series::default()
        });
    }
    let mut off_scale = Vec::new();
    if what.projected {
        let stat = comparison.stat.unwrap_or(Stat::Avg);
        add_projections(ws, analysis, (metric, stat), &mut series, &mut off_scale);
    }
    let loads: Vec<u32> = comparison.rows.iter().map(|r| r.concurrency).collect();
    let log = spans(&series, 30.0) && !is_rate(metric);
    let mut title = axis_title(metric);
    if log {
        title.push_str(", log scale");
    }
    let hollow = series
        .iter()
        .flat_map(|s| &s.marks)
        .any(|m| m.kind == MarkKind::Interpolated);
    let mut spec = ChartSpec {
        id: format!("by-concurrency-{}", info.id.replace('_', "-")),
        title: info.label.into(),
        subtitle: subtitle(metric, analysis, hollow),
        summary: summary(ws, analysis, metric),
        x: concurrency_axis(&loads),
        y: AxisSpec {
            title,
            scale: if log {
                Scale::Log10
            } else {
                Scale::Linear { zero: true }
            },
            ..AxisSpec::default()
        },
        empty: series.is_empty().then(|| {
            (
                format!("{} isn’t reported in these files.", info.label),
                "A result with this metric at a stated concurrency would be drawn here.".into(),
            )
        }),
        series,
        off_scale,
        ..ChartSpec::default()
    };
    if spec.empty.is_some() {
        by_rate(ws, analysis, metric, &mut spec);
    }
    spec
}

/// Adds what was projected to a chart of a metric at a statistic; a projection is an average, and says so beside percentiles.
pub(super) fn add_projections(
    ws: &Workspace,
    analysis: &Analysis,
    (metric, stat): (Metric, Stat),
    series: &mut Vec<Series>,
    off_scale: &mut Vec<OffScale>,
) {
    let top = series
        .iter()
        .flat_map(|s| &s.marks)
        .map(|m| m.y)
        .fold(0.0, f64::max);
    let average = !is_rate(metric) && !matches!(stat, Stat::Avg | Stat::Stated);
    let mean = if average { " on average" } else { "" };
    for (i, run) in projections(ws, analysis) {
        let Some(p) = judged(analysis, i).and_then(|i| run.points.get(i)) else {
            continue;
        };
        let (Some((value, _)), Some(c)) = (run.value(p, metric), p.load.concurrency) else {
            continue;
        };
        let y = metric.unit().shown(value);
        let slot = slot(&ws.runs, i);
        let text = fmt::sig(y, 4);
        if top > 0.0 && y > top * OFF_SCALE {
            off_scale.push(OffScale {
                x: f64::from(c),
                slot,
                text: format!("AIC projects {text}{mean} at {c},"),
                short: format!("AIC: {text}{mean}"),
                detail: "off this scale".into(),
            });
            continue;
        }
        series.push(Series {
            id: run.id.clone(),
            label: if average {
                format!("{}, average", run.label)
            } else {
                run.label.clone()
            },
            slot,
            line: Line::Dashed,
            marks: vec![
                Mark::of(MarkKind::Projected, f64::from(c), y)
                    .labelled(format!("AIC projects {text}{mean}")),
            ],
            ..Series::default()
        });
    }
}

/// What the line between two marks is.
pub(super) const LOG_LOG: &str = "Lines: log–log between loads";

/// Whether a metric is drawn from zero whatever it spans.
fn is_rate(metric: Metric) -> bool {
    crate::align::is_rate(metric)
}

fn spans(series: &[Series], factor: f64) -> bool {
    let values = || {
        series
            .iter()
            .flat_map(|s| &s.marks)
            .map(|m| m.y)
            .filter(|y| *y > 0.0)
    };
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max),
    );
    low.is_finite() && high > low * factor
}

/// The axis title: what it is, and its unit or scope.
pub fn axis_title(metric: Metric) -> String {
    match metric {
        Metric::OutputThroughput | Metric::RequestThroughput | Metric::TotalThroughput => {
            format!("{}, whole system", metric.info().label)
        }
        Metric::Ttft | Metric::Tpot => format!("{}, ms", metric.info().short),
        Metric::RequestLatency | Metric::ChunkGap => format!("{}, ms", metric.info().label),
        _ => metric.info().label.into(),
    }
}

fn end_value(metric: Metric, f: &Figure) -> String {
    let text = match metric {
        Metric::Ttft | Metric::Tpot | Metric::RequestLatency => {
            fmt::ms(crate::units::Seconds(f.value))
        }
        _ => fmt::measured(metric.unit().shown(f.value)),
    };
    match f.provenance {
        Provenance::Derived if metric == Metric::Tpot || metric == Metric::RequestLatency => {
            format!("{text}, implied")
        }
        Provenance::Interpolated => format!("{text}, interpolated"),
        _ => text,
    }
}

fn subtitle(metric: Metric, analysis: &Analysis, hollow: bool) -> String {
    if is_rate(metric) {
        return match metric {
            Metric::OutputThroughputPerUser => {
                let from_tpot = analysis.frontier.iter().all(|f| f.from_tpot);
                if from_tpot {
                    "1 ÷ TPOT".into()
                } else {
                    "tokens/s ÷ concurrency: the wait for the first token is counted in".into()
                }
            }
            _ if hollow => format!("Filled: measured. Hollow: interpolated. {LOG_LOG}"),
            _ => format!("Measured. {LOG_LOG}"),
        };
    }
    let mut stats: Vec<Stat> = analysis
        .comparison
        .rows
        .iter()
        .filter_map(|r| r.cells.get(&metric))
        .flat_map(|c| [&c.candidate, &c.baseline])
        .flatten()
        .filter(|f| f.provenance != Provenance::Derived)
        .map(|f| f.stat)
        .collect();
    sort::by(&mut stats, Ord::cmp);
    stats.dedup();
    let names: Vec<&str> = stats.into_iter().map(fmt::stat).collect();
    if names.is_empty() {
        "Implied where requests/s, TTFT and output length are known".into()
    } else {
        format!("{}. {LOG_LOG}", fmt::capital(&fmt::list(&names)))
    }
}

/// One sentence: the accessible form of the chart.
fn summary(ws: &Workspace, analysis: &Analysis, metric: Metric) -> String {
    let mut parts = Vec::new();
    for (side, run) in sides(analysis).into_iter().enumerate() {
        let Some(r) = run.and_then(|i| ws.runs.get(i)) else {
            continue;
        };
        let figures: Vec<(u32, f64)> = analysis
            .comparison
            .rows
            .iter()
            .filter_map(|row| {
                let cell = row.cells.get(&metric)?;
                let f = if side == 0 {
                    cell.candidate.as_ref()
                } else {
                    cell.baseline.as_ref()
                }?;
                Some((row.concurrency, f.value))
            })
            .collect();
        if let (Some((c0, v0)), Some((c1, v1))) = (figures.first(), figures.last()) {
            parts.push(format!(
                "{} goes from {} at concurrency {c0} to {} at {c1}",
                r.label,
                fmt::value(metric, *v0),
                fmt::value(metric, *v1)
            ));
        }
    }
    if parts.is_empty() {
        format!("{} isn’t reported.", metric.info().label)
    } else {
        format!("{}: {}.", metric.info().label, parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::{LineChart, lines};
    use crate::analysis::{Options, analyse};
    use crate::model::Metric;
    use crate::testing::{pair, run_of};

    #[test]
    fn hollow_marks_are_explained_only_where_there_are_some() {
        let subtitle = |middle| {
            let a = run_of("a", &[(1, 10.0, 1.0), (4, 30.0, 3.0), (8, 50.0, 5.0)]);
            let ws = pair(
                a,
                run_of("b", &[(1, 9.0, 1.0), (middle, 20.0, 2.0), (8, 40.0, 4.0)]),
            );
            let what = LineChart {
                metric: Metric::OutputThroughput,
                projected: true,
                interpolated: true,
            };
            lines(&ws, &analyse(&ws, &Options::default()), what).subtitle
        };
        assert!(!subtitle(4).contains("Hollow"), "{}", subtitle(4));
        assert!(subtitle(2).contains("Hollow"), "{}", subtitle(2));
    }
}
