//! One metric against the request rate, where no load states a concurrency: open loops and replayed traces.

use super::{sides, slot};
use crate::align::figure_of;
use crate::analysis::Analysis;
use crate::chart::{AxisSpec, ChartSpec, Mark, MarkKind, Scale, Series};
use crate::fmt;
use crate::model::{Metric, Point, Provenance, Run, Stat, Workspace};
use crate::sort;

/// Turns a chart over concurrency that has nothing to draw into one over the request rate, where that has something.
pub(super) fn by_rate(ws: &Workspace, analysis: &Analysis, metric: Metric, spec: &mut ChartSpec) {
    let stat = analysis.comparison.stat.unwrap_or(Stat::Avg);
    let mut asked = true;
    let mut series = Vec::new();
    for run in sides(analysis).into_iter().flatten() {
        let Some(r) = ws.runs.get(run) else { continue };
        let mut marks: Vec<Mark> = Vec::new();
        for (i, p) in r.points.iter().enumerate() {
            if p.load.concurrency.is_some() {
                continue;
            }
            let (Some((rate, stated)), Some(f)) = (rate(r, p), figure_of(r, i, metric, stat))
            else {
                continue;
            };
            asked &= stated;
            let kind = match f.provenance {
                Provenance::Derived if matches!(metric, Metric::Tpot | Metric::RequestLatency) => {
                    MarkKind::Implied
                }
                _ => MarkKind::Measured,
            };
            marks.push(Mark::of(kind, rate, metric.unit().shown(f.value)));
        }
        sort::by(&mut marks, |a, b| a.x.total_cmp(&b.x));
        let Some(last) = marks.last() else { continue };
        series.push(Series {
            id: r.id.clone(),
            label: r.label.clone(),
            slot: slot(&ws.runs, run),
            end_label: Some((r.label.clone(), fmt::measured(last.y))),
            marks,
            ..Series::default()
        });
    }
    if series.is_empty() {
        return;
    }
    let what = if asked {
        "requests/s asked for"
    } else {
        "requests/s as measured"
    };
    let points: Vec<String> = series
        .iter()
        .filter_map(|s| {
            let (a, b) = (s.marks.first()?, s.marks.last()?);
            let at = |m: &Mark| format!("{} at {}", fmt::measured(m.y), fmt::measured(m.x));
            Some(if s.marks.len() == 1 {
                format!("{} has {}", s.label, at(a))
            } else {
                format!("{} goes from {} to {}", s.label, at(a), at(b))
            })
        })
        .collect();
    spec.id = format!("by-rate-{}", metric.id().replace('_', "-"));
    spec.subtitle = format!("Against {what}: no load states a concurrency");
    spec.summary = format!("{} by {what}: {}.", metric.info().label, points.join("; "));
    spec.x = AxisSpec {
        title: fmt::capital(what),
        scale: Scale::Linear { zero: true },
        ..AxisSpec::default()
    };
    spec.empty = None;
    spec.series = series;
}

/// Requests per second of a load, and whether they were asked for or only measured.
fn rate(run: &Run, p: &Point) -> Option<(f64, bool)> {
    match p.load.request_rate.filter(|r| r.is_finite() && *r > 0.0) {
        Some(rate) => Some((rate, true)),
        None => run
            .value(p, Metric::RequestThroughput)
            .map(|(rate, _)| (rate, false)),
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Options, analyse};
    use crate::figures::{LineChart, lines};
    use crate::model::Metric;
    use crate::testing::{pair, run_of};

    fn chart(concurrency: Option<u32>, rate: Option<f64>) -> crate::chart::ChartSpec {
        let mut runs = [("a", 3.0), ("b", 5.0)].map(|(name, r)| run_of(name, &[(8, 900.0, r)]));
        for run in &mut runs {
            run.points[0].load.concurrency = concurrency;
            run.points[0].load.request_rate = rate;
        }
        let [a, b] = runs;
        let ws = pair(a, b);
        let what = LineChart {
            metric: Metric::OutputThroughput,
            projected: true,
            interpolated: true,
        };
        lines(&ws, &analyse(&ws, &Options::default()), what)
    }

    #[test]
    fn a_replayed_trace_is_drawn_over_what_it_served() {
        let spec = chart(None, None);
        assert_eq!(spec.empty, None);
        assert_eq!(spec.x.title, "Requests/s as measured");
        let at: Vec<f64> = spec.series.iter().map(|s| s.marks[0].x).collect();
        assert_eq!(at, [3.0, 5.0]);
        assert!(spec.summary.contains("a has 900 at 3"), "{}", spec.summary);
    }

    #[test]
    fn an_open_loop_is_drawn_over_what_was_asked_for_and_a_closed_one_as_ever() {
        assert_eq!(chart(None, Some(4.0)).x.title, "Requests/s asked for");
        assert!(chart(Some(8), None).x.title.starts_with("Concurrency"));
    }
}
