//! The charts of the requests at one load: over time, their distribution, where they lie.

mod distribution;
mod histogram;

pub use distribution::{Distribution, distribution};
pub use histogram::{Histogram, histogram};

use super::slot;
use crate::chart::timeline::{Panel, Timeline};
use crate::chart::{AxisSpec, Scale};
use crate::fmt;
use crate::model::{Metric, Treatment, Workspace};
use crate::records::Limits;
use crate::requests::{Ranked, Side};
use crate::stats;
use crate::units::Seconds;
use std::sync::Arc;

/// What the charts need of one side, computed once.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The requests.
    pub side: Arc<Side>,
    /// Those that count, by rising figure.
    pub ranked: Ranked,
    /// How many first completions don't count.
    pub dropped: usize,
}

/// Both sides at a metric, under a treatment.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The metric.
    pub metric: Metric,
    /// Candidate, baseline.
    pub sides: [Option<Arc<Shown>>; 2],
}

impl Pair {
    /// Ranks the requests of each side that count.
    pub fn new(sides: [Option<&Arc<Side>>; 2], metric: Metric, treatment: Treatment) -> Self {
        let shown = |side: Option<&Arc<Side>>| {
            let side = side?.clone();
            let dropped = side.dropped(treatment);
            Some(Arc::new(Shown {
                ranked: Ranked::new(&side, metric, dropped),
                side,
                dropped,
            }))
        };
        Self {
            metric,
            sides: sides.map(shown),
        }
    }

    /// The sides that have records, with their places.
    pub fn each(&self) -> impl Iterator<Item = (usize, &Arc<Shown>)> {
        self.sides
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((i, s.as_ref()?)))
    }

    /// Lowest and highest counted figure of both sides, milliseconds.
    fn ends_ms(&self) -> Option<(f64, f64)> {
        let ends = |(_, s): (usize, &Arc<Shown>)| {
            Some((
                *s.ranked.values.first()? * 1e3,
                *s.ranked.values.last()? * 1e3,
            ))
        };
        self.each()
            .filter_map(ends)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// A metric's limit in milliseconds with its label.
fn limit_of(metric: Metric, limits: Limits) -> Option<(f64, String)> {
    let s = Seconds(match metric {
        Metric::Ttft => limits.ttft_s,
        Metric::Tpot => limits.tpot_s,
        _ => limits.latency_s,
    }?);
    let name = metric.info().short;
    Some((s.ms(), format!("{name} ≤ {}", fmt::ms(s))))
}

fn label(ws: &Workspace, side: &Side) -> String {
    ws.runs
        .get(side.run)
        .map(|r| r.label.clone())
        .unwrap_or_default()
}

fn percentile_ms(shown: &Shown, p: f64) -> Option<String> {
    let v = stats::percentile(&shown.ranked.values, p)?;
    Some(fmt::ms(Seconds(v)))
}

/// The metric's name at the head of a sentence.
pub fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Ttft => "Time to first token",
        Metric::Tpot => "Time per output token",
        _ => "Request time",
    }
}

/// Requests over time.
pub fn timeline(ws: &Workspace, pair: &Pair, limits: Limits) -> Timeline {
    let metric = pair.metric;
    let short = metric.info().short;
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    let (mut first, mut last) = (0.0_f64, 0.0_f64);
    let mut warm_end = f64::NEG_INFINITY;
    let mut warm = 0;
    let mut panels = Vec::new();
    for (_, shown) in pair.each() {
        let side = &shown.side;
        let panel = panel(ws, shown, metric);
        for (x, y) in panel.points.iter().chain(panel.warm_up.iter()) {
            (first, last) = (first.min(*x), last.max(*x));
            if *y > 0.0 {
                (low, high) = (low.min(*y), high.max(*y));
            }
        }
        if let Some(w) = &side.source.warm_up {
            warm += w.len();
            warm_end = w.start_s.iter().copied().fold(warm_end, f64::max);
        }
        panels.push(panel);
    }
    let log = low.is_finite() && high > 10.0 * low;
    let dropped = pair.each().any(|(_, s)| s.dropped > 0);
    let crosses = match (warm > 0, dropped) {
        (true, true) => "; crosses are warm-up and what is left out",
        (true, false) => "; crosses are warm-up",
        (false, true) => "; crosses are left out",
        (false, false) => "",
    };
    let told: Vec<String> = pair
        .each()
        .map(|(_, s)| {
            format!(
                "{}: {} requests, p95 {}",
                label(ws, &s.side),
                fmt::number(s.ranked.values.len() as f64, 0),
                percentile_ms(s, 0.95).unwrap_or_else(|| "not reported".into())
            )
        })
        .collect();
    Timeline {
        id: format!("requests-{}", metric.id().replace('_', "-")),
        title: format!("{} by start", name(metric)),
        subtitle: format!(
            "One mark a request{crosses}. Drag to select; arrow keys walk and move the edges"
        ),
        summary: format!(
            "{} of each request by its start. {}.",
            name(metric),
            told.join("; ")
        ),
        x: AxisSpec {
            title: "Start of the request, s after the first counted one".into(),
            include: vec![first, last],
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: format!("{short}, ms{}", if log { ", log scale" } else { "" }),
            scale: if log {
                Scale::Log10
            } else {
                Scale::Linear { zero: true }
            },
            include: if high > 0.0 {
                vec![low, high]
            } else {
                Vec::new()
            },
            ..AxisSpec::default()
        },
        panels,
        limit: limit_of(metric, limits),
        // Half-way to the first counted request, which starts at zero.
        warm_up: (warm > 0).then(|| {
            let words = ["Warm-up,".to_owned(), "not counted".to_owned()];
            ((warm_end / 2.0).min(0.0), words)
        }),
    }
}

fn panel(ws: &Workspace, shown: &Shown, metric: Metric) -> Panel {
    let side = &shown.side;
    // A request without the figure keeps its place, outside any scale.
    let points: Vec<(f64, f64)> = side
        .start_s
        .iter()
        .enumerate()
        .map(|(row, x)| {
            let y = side.value(metric, row).map_or(f64::NAN, |v| v * 1e3);
            (*x, y)
        })
        .collect();
    let crossed: Vec<bool> = if shown.dropped == 0 {
        Vec::new()
    } else {
        let out = |rank: &u32| (*rank as usize) < shown.dropped;
        side.rank.iter().map(out).collect()
    };
    let warm_up = side.source.warm_up.as_ref().map(|w| {
        let rows = w.start_s.iter().zip(&w.end_s).enumerate();
        rows.map(|(i, (start, end))| {
            let ttft = w.ttft_s.get(i).copied().unwrap_or(f64::NAN);
            let osl = w.osl.get(i).copied().unwrap_or(f64::NAN);
            let s = match metric {
                Metric::Ttft => ttft,
                Metric::Tpot if osl > 1.0 => (end - start - ttft) / (osl - 1.0),
                Metric::Tpot => f64::NAN,
                _ => end - start,
            };
            (*start, s * 1e3)
        })
        .collect()
    });
    let n = |n: usize| fmt::number(n as f64, 0);
    let mut lines: Vec<String> = percentile_ms(shown, 0.95)
        .map(|p| format!("p95 {p}"))
        .into_iter()
        .collect();
    lines.push(if shown.dropped == 0 {
        format!("{} requests", n(side.n()))
    } else {
        format!(
            "{} of {} requests",
            n(side.n() - shown.dropped),
            n(side.n())
        )
    });
    let wave = side.records.wave();
    Panel {
        label: label(ws, side),
        slot: slot(&ws.runs, side.run),
        lines,
        points: Arc::new(points),
        crossed: Arc::new(crossed),
        warm_up: Arc::new(warm_up.unwrap_or_default()),
        event: side
            .wave_end_s()
            .filter(|_| wave > 1)
            .map(|x| (x, format!("{} completion", ordinal(wave)))),
    }
}

/// `1st`, `2nd`, `50th`.
fn ordinal(n: usize) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{}{ending}", fmt::number(n as f64, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Shape, layout};
    use crate::requests::tests::workspace;

    fn pair(treatment: Treatment) -> (Workspace, Pair) {
        let ws = workspace();
        let side = Arc::new(Side::new(&ws, 0, 0).unwrap());
        let pair = Pair::new([Some(&side), None], Metric::Ttft, treatment);
        (ws, pair)
    }

    #[test]
    fn bins_hold_every_counted_request_once() {
        for treatment in Treatment::ALL {
            let (ws, pair) = pair(treatment);
            let shown = pair.sides[0].clone().unwrap();
            let h = histogram(&ws, &pair, Limits::default(), true);
            let all: u32 = h.spec.sides[0].counts.iter().sum();
            assert_eq!(all as usize, shown.ranked.values.len());
            let brushed = h.brushed(&pair, &[0..8, 0..0]);
            assert_eq!(brushed[0], h.spec.sides[0].counts);
            let none = h.brushed(&pair, &[3..3, 0..0]);
            assert!(none[0].iter().all(|n| *n == 0));
        }
    }

    #[test]
    fn the_distribution_without_a_part_is_that_of_the_rest() {
        let (ws, pair) = pair(Treatment::File);
        let d = distribution(&ws, &pair, Limits::default());
        let l = layout(&d.spec, 500.0, 290.0);
        // Without the opening four the largest figure is 120 ms: all of the rest lie below.
        let scene = d.without(&pair, &[0..4, 0..0], &l);
        let Shape::Path { points, .. } = &scene.shapes[0] else {
            panic!("no line");
        };
        let top = points.iter().map(|p| p.y).fold(f64::INFINITY, f64::min);
        assert!((top - l.y.px(100.0).unwrap()).abs() < 0.5);
        let first_full = points.iter().find(|p| (p.y - top).abs() < 0.5).unwrap();
        assert!((first_full.x - l.x.px(120.0).unwrap()).abs() < 0.5);
        assert!(d.without(&pair, &[0..0, 0..0], &l).shapes.is_empty());
    }

    #[test]
    fn the_timeline_crosses_what_is_left_out() {
        let (ws, pair) = pair(Treatment::FirstWave);
        let t = timeline(&ws, &pair, Limits::default());
        assert_eq!(t.panels[0].crossed.iter().filter(|c| **c).count(), 4);
        assert_eq!(t.panels[0].event.as_ref().unwrap().1, "4th completion");
        assert_eq!(t.panels[0].lines[1], "4 of 8 requests");
    }

    #[test]
    fn ordinals_and_round_widths() {
        let all = [1, 2, 3, 4, 11, 12, 13, 21, 50, 102, 111].map(ordinal);
        assert_eq!(
            all,
            [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "50th", "102nd",
                "111th"
            ]
        );
        let widths = [3.2, 100.0, 0.21, 7.0].map(histogram::round_width);
        assert_eq!(widths, [5.0, 100.0, 0.25, 10.0]);
    }
}
