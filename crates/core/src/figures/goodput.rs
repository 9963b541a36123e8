//! Requests within the limits against concurrency, beside all requests.

use super::{concurrency_axis, slot};
use crate::chart::{ChartSpec, Line, Mark, MarkSize, Scale, Series, Stroke, Whisker};
use crate::fmt;
use crate::model::{Metric, Workspace};
use crate::records::Limits;
use crate::requests::{Figures, Kept, within_words};
use crate::stats::PercentileInterval;

/// Goodput with Wilson's whiskers, solid; all requests, dotted.
pub fn goodput(ws: &Workspace, kept: &[Kept], limits: Limits) -> ChartSpec {
    let mut runs: Vec<usize> = kept.iter().map(|k| k.run).collect();
    runs.dedup();
    let mut loads: Vec<u32> = kept.iter().map(|k| k.concurrency).collect();
    loads.sort_unstable();
    loads.dedup();
    let mut series = Vec::new();
    let mut told = Vec::new();
    for index in runs {
        let Some(run) = ws.runs.get(index) else {
            continue;
        };
        let own = || kept.iter().filter(|k| k.run == index);
        let marks: Vec<Mark> = own()
            .filter_map(|k| {
                let rate = k.goodput.per_second?;
                let mut mark = Mark::measured(f64::from(k.concurrency), rate);
                if let (Ok(i), Some(all)) = (k.goodput.interval, k.per_second) {
                    mark.whisker = Some(Whisker::from((i.low * all, i.high * all)));
                }
                Some(mark)
            })
            .collect();
        let all: Vec<Mark> = own()
            .filter_map(|k| Some(Mark::measured(f64::from(k.concurrency), k.per_second?)))
            .collect();
        let last = own().next_back();
        let value = last.map_or_else(String::new, |k| {
            format!(
                "{} req/s, {}",
                k.goodput.per_second.map_or_else(|| "no".into(), rate),
                fmt::percent(k.goodput.share, 0)
            )
        });
        told.push(format!(
            "{}: {}",
            run.label,
            own()
                .map(|k| format!(
                    "{} of {} at concurrency {}",
                    k.goodput.good, k.goodput.n, k.concurrency
                ))
                .collect::<Vec<_>>()
                .join(", ")
        ));
        series.push(Series {
            id: run.id.clone(),
            label: run.label.clone(),
            slot: slot(&ws.runs, index),
            marks,
            end_label: Some((run.label.clone(), value)),
            ..Series::default()
        });
        series.push(Series {
            id: run.id.clone(),
            behind: true,
            label: format!("{}, all requests", run.label),
            slot: slot(&ws.runs, index),
            line: Line::Dotted,
            stroke: Stroke::Thin,
            size: MarkSize::Hidden,
            end_label: all
                .last()
                .map(|m| (format!("all {}", rate(m.y)), String::new())),
            marks: all,
            ..Series::default()
        });
    }
    ChartSpec {
        id: "goodput".into(),
        title: "Goodput by concurrency".into(),
        subtitle: format!(
            "Solid: within {}. Dotted: all requests",
            within_words(limits)
        ),
        summary: format!("Requests within the limits. {}.", told.join("; ")),
        x: concurrency_axis(&loads),
        y: crate::chart::AxisSpec {
            title: "Requests/s within the limits, whole system".into(),
            scale: Scale::Linear { zero: true },
            ..crate::chart::AxisSpec::default()
        },
        series,
        ..ChartSpec::default()
    }
}

fn rate(per_second: f64) -> String {
    if per_second == 0.0 {
        "0".into()
    } else {
        fmt::sig(per_second, 3)
    }
}

/// Puts the intervals that the requests give to the reported figures, which stay: those are judged.
pub fn whiskers(spec: &mut ChartSpec, ws: &Workspace, figures: &Figures, metric: Metric) {
    let mut any = false;
    for series in &mut spec.series {
        let run = ws.runs.iter().position(|r| r.id == series.id);
        let Some(run) = run else { continue };
        for mark in &mut series.marks {
            let found = figures.get(&(run, mark.x as u32, metric));
            let Some(f) = found else { continue };
            let ms = |s: f64| s * 1e3;
            mark.whisker = f.interval.and_then(|i| match i {
                PercentileInterval::Both(i) => Some(Whisker::from((ms(i.low), ms(i.high)))),
                PercentileInterval::AtLeast(low) => Some(Whisker {
                    low: ms(low),
                    high: mark.y * 1.35,
                    open_low: false,
                    open_high: true,
                }),
                PercentileInterval::AtMost(high) => Some(Whisker {
                    low: mark.y / 1.35,
                    high: ms(high),
                    open_low: true,
                    open_high: false,
                }),
                PercentileInterval::TooSmall => None,
            });
            any |= mark.whisker.is_some();
        }
    }
    if any {
        spec.subtitle =
            "Whiskers: 95\u{a0}% intervals from the requests; arrow: n too small for a bound"
                .into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Context;
    use crate::requests::{Recomputed, by_load, kept};
    use crate::stats::Interval;

    #[test]
    fn the_chart_holds_what_was_counted() {
        let ws = crate::requests::tests::workspace();
        let all = crate::align::Workloads::of(&ws.runs, &Context::default());
        let loads = by_load(&ws, &[0, 1], &all, all.keys[0]);
        let limits = Limits {
            ttft_s: Some(0.45),
            ..Limits::default()
        };
        let spec = goodput(&ws, &kept(&loads, limits), limits);
        assert_eq!(spec.series.len(), 2);
        // 5 of 8 in 2.3 s.
        assert!((spec.series[0].marks[0].y - 5.0 / 2.3).abs() < 1e-12);
        assert!((spec.series[1].marks[0].y - 8.0 / 2.3).abs() < 1e-12);

        let mut chart = ChartSpec {
            series: vec![Series {
                id: ws.runs[0].id.clone(),
                marks: vec![Mark::measured(4.0, 1.0), Mark::measured(8.0, 1.0)],
                ..Series::default()
            }],
            ..ChartSpec::default()
        };
        let interval = Interval {
            low: 0.7,
            high: 0.9,
        };
        let told = Recomputed {
            value: 0.795,
            n: 100,
            interval: Some(PercentileInterval::Both(interval)),
        };
        let told = Figures::from([((0, 4, Metric::Ttft), told)]);
        whiskers(&mut chart, &ws, &told, Metric::Ttft);
        let [with, without] = &chart.series[0].marks[..] else {
            panic!("two marks");
        };
        assert_eq!((with.y, without.y), (1.0, 1.0));
        assert_eq!(with.whisker, Some(Whisker::from((700.0, 900.0))));
        assert!(without.whisker.is_none());
    }
}
