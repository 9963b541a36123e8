//! The share of requests within a time, and the same without a brushed part.

use super::{Pair, label, limit_of, percentile_ms};
use crate::chart::{
    Across, AxisSpec, Beside, Between, ChartSpec, Layout, Limit, Line, Mark, MarkSize, Note, Paint,
    Scale, Scene, Series, Shape, Slot, clip, pt,
};
use crate::figures::slot;
use crate::model::Workspace;
use crate::records::Limits;
use crate::stats;
use std::ops::Range;

/// Steps of the distribution that are drawn; more than a chart has pixels.
const STEPS: usize = 700;

/// The figures, milliseconds, at which a distribution is read.
fn steps(pair: &Pair) -> Vec<f64> {
    let (Some((low, high)), most) = (
        pair.ends_ms(),
        pair.each()
            .map(|(_, s)| s.ranked.values.len())
            .sum::<usize>(),
    ) else {
        return Vec::new();
    };
    if most <= STEPS {
        // Few enough for a step at each figure.
        let all: Vec<f64> = pair
            .each()
            .flat_map(|(_, s)| s.ranked.values.iter().map(|v| v * 1e3))
            .collect();
        let mut all = stats::sorted(&all);
        all.dedup();
        return all;
    }
    let log = is_log(low, high);
    (0..=STEPS)
        .map(|i| {
            let t = i as f64 / STEPS as f64;
            if log {
                low * (high / low).powf(t)
            } else {
                low + (high - low) * t
            }
        })
        .collect()
}

fn is_log(low: f64, high: f64) -> bool {
    low > 0.0 && high > 8.0 * low
}

/// The distribution of each side, and what a brushed part needs to be taken out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// The chart.
    pub spec: ChartSpec,
    /// The figures, milliseconds, at which it is read.
    at: Vec<f64>,
    /// For each side and figure how many counted requests lie at or below it.
    below: [Vec<usize>; 2],
    slots: [Slot; 2],
}

/// Share of the requests within a time.
pub fn distribution(ws: &Workspace, pair: &Pair, limits: Limits) -> Distribution {
    let metric = pair.metric;
    let short = metric.info().short;
    let at = steps(pair);
    let seconds: Vec<f64> = at.iter().map(|ms| ms * 1e-3 * (1.0 + 1e-12)).collect();
    let (low, high) = pair.ends_ms().unwrap_or((1.0, 2.0));
    let mut below = [Vec::new(), Vec::new()];
    let mut slots = [Slot::CANDIDATE, Slot::BASELINE];
    let mut series = Vec::new();
    let mut notes = Vec::new();
    let mut told = Vec::new();
    for (i, shown) in pair.each() {
        let counts = shown.ranked.at_or_below(&seconds);
        let n = shown.ranked.values.len().max(1) as f64;
        let (run_label, run_slot) = (label(ws, &shown.side), slot(&ws.runs, shown.side.run));
        let mut marks: Vec<Mark> = Vec::with_capacity(at.len());
        let mut last = usize::MAX;
        for (x, c) in at.iter().zip(&counts) {
            if *c != last {
                marks.push(Mark::measured(*x, *c as f64 / n * 100.0));
                last = *c;
            }
        }
        // All lie below the highest of both sides.
        if marks.last().is_some_and(|m| m.x < high) {
            marks.push(Mark::measured(high, 100.0));
        }
        series.push(Series {
            id: format!("all-{i}"),
            label: run_label.clone(),
            slot: run_slot,
            between: Between::Step,
            size: MarkSize::Hidden,
            marks,
            ..Series::default()
        });
        let points: Vec<Mark> = [0.5, 0.95]
            .into_iter()
            .filter_map(|p| {
                let v = stats::percentile(&shown.ranked.values, p)?;
                Some(Mark::measured(v * 1e3, p * 100.0))
            })
            .collect();
        if !points.is_empty() {
            let figures: Vec<String> = [("p50", 0.5), ("p95", 0.95)]
                .into_iter()
                .filter_map(|(word, p)| Some(format!("{word} {}", percentile_ms(shown, p)?)))
                .collect();
            told.push(format!("{run_label}: {}", figures.join(", ")));
            let (x, y, beside) = spot(pair, i, (low, high));
            notes.push(Note {
                x,
                y,
                text: run_label.clone(),
                detail: figures.join(", "),
                beside,
                slot: Some(run_slot),
                strong: true,
            });
        }
        series.push(Series {
            id: format!("all-{i}"),
            behind: true,
            label: run_label,
            slot: run_slot,
            line: Line::None,
            marks: points,
            ..Series::default()
        });
        if let (Some(to), Some(slot)) = (below.get_mut(i), slots.get_mut(i)) {
            *to = counts;
            *slot = run_slot;
        }
    }
    let log = is_log(low, high);
    let spec = ChartSpec {
        id: format!("share-{}", metric.id().replace('_', "-")),
        title: "Share within a time".into(),
        subtitle: "Solid: all counted. Dotted: without the brushed. Marks: p50, p95".into(),
        summary: format!(
            "Share of the requests within a {short}. {}.",
            told.join("; ")
        ),
        x: AxisSpec {
            title: format!("{short}, ms{}", if log { ", log₂ scale" } else { "" }),
            scale: if log {
                Scale::Log2
            } else {
                Scale::Linear { zero: false }
            },
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: "Requests at or below, %".into(),
            scale: Scale::Linear { zero: true },
            // Above the lines a limit has its name.
            view: Some((0.0, 112.0)),
            ..AxisSpec::default()
        },
        series,
        limits: limit_of(metric, limits)
            .map(|(value, label)| Limit {
                id: metric.id().into(),
                across: Across::X,
                value,
                below_is_within: true,
                label,
                hint: String::new(),
                grip: false,
            })
            .into_iter()
            .collect(),
        notes,
        ..ChartSpec::default()
    };
    Distribution {
        spec,
        at,
        below,
        slots,
    }
}

/// Where a side's name stands clear of every line: at the right foot when all rise early, at the
/// left top when all rise late, else beside its own line in the gap between them.
fn spot(pair: &Pair, side: usize, (low, high): (f64, f64)) -> (f64, f64, Beside) {
    let log = is_log(low, high);
    let along = |ms: f64| {
        if log {
            (ms / low).log2() / (high / low).log2()
        } else {
            (ms - low) / (high - low).max(f64::MIN_POSITIVE)
        }
    };
    let at = |p: f64| -> Vec<(usize, f64)> {
        pair.each()
            .filter_map(|(i, s)| Some((i, stats::percentile(&s.ranked.values, p)? * 1e3)))
            .collect()
    };
    let second = pair.each().next().is_some_and(|(i, _)| i != side);
    if at(0.45).iter().all(|(_, v)| along(*v) < 0.5) {
        return (high, if second { 13.0 } else { 34.0 }, Beside::Left);
    }
    if at(0.55).iter().all(|(_, v)| along(*v) > 0.5) {
        return (low, if second { 72.0 } else { 93.0 }, Beside::Right);
    }
    let middle = at(0.5);
    let own = middle.iter().find(|(i, _)| *i == side).map_or(low, |m| m.1);
    let early = middle.iter().all(|(_, v)| own <= *v);
    if early {
        (own, 58.0, Beside::Right)
    } else {
        (own, 30.0, Beside::Left)
    }
}

impl Distribution {
    /// The dotted lines of the requests outside the brushed rows of each side.
    pub fn without(&self, pair: &Pair, rows: &[Range<usize>; 2], layout: &Layout) -> Scene {
        let mut out = Scene::new(layout.width, layout.height, "", "");
        for (i, shown) in pair.each() {
            let (Some(below), Some(rows)) = (self.below.get(i), rows.get(i)) else {
                continue;
            };
            let brushed = shown.ranked.of_range(below, rows);
            let taken = brushed.last().copied().unwrap_or(0) as usize;
            let n = shown.ranked.values.len().saturating_sub(taken);
            if n == 0 || taken == 0 {
                continue;
            }
            let mut points: Vec<crate::chart::Pt> = Vec::with_capacity(2 * self.at.len());
            let mut level = None;
            for ((x, all), gone) in self.at.iter().zip(below).zip(&brushed) {
                let left = all.saturating_sub(*gone as usize);
                if level == Some(left) {
                    continue;
                }
                let (Some(x), Some(y)) =
                    (layout.x.px(*x), layout.y.px(left as f64 / n as f64 * 100.0))
                else {
                    continue;
                };
                if let Some(last) = points.last().copied() {
                    points.push(pt(x, last.y));
                }
                points.push(pt(x, y));
                level = Some(left);
            }
            if let Some(last) = points.last().copied() {
                points.push(pt(layout.plot.right, last.y));
            }
            let paint = Paint::Run(self.slots.get(i).copied().unwrap_or_default());
            for piece in clip::polyline(&points, &layout.plot) {
                out.shapes.push(Shape::Path {
                    points: piece,
                    paint,
                    width: 1.25,
                    dash: Some((1.5, 3.5)),
                    opacity: 1.0,
                });
            }
        }
        out
    }
}
