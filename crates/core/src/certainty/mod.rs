//! How sure the difference between two systems is, load by load.
//!
//! Knows the interval of each side's figure and of their ratio, effect sizes, and p values where
//! one can be given; what cannot be said is said in words. Refuses to name a winner: what an
//! interval means for a sentence is the audit's.
//!
//! # Values and intervals
//! The value is the source's own figure, so that it reads the same everywhere; the interval is
//! that of the same figure recomputed from the requests, in proportion. Where the two differ by
//! more than [`AGREE`], no interval is given.

mod side;

pub use side::{Known, at};

use crate::align::{Curve, Workloads};
use crate::compare::Comparison;
use crate::model::{Metric, Role, Stat, Workspace};
use crate::records::Records;
use crate::stats::{self, DeltaWord, Interval, LEVEL};
use serde::Serialize;
use side::{Digits, exact, repeats, rounding, within};

/// How far a source's figure may lie from the one recomputed from its requests, as a share, so
/// that the interval of the one is that of the other.
pub const AGREE: f64 = 0.05;

/// Metrics with full statistics, in the order of the table.
pub const METRICS: [Metric; 5] = [
    Metric::OutputThroughput,
    Metric::RequestThroughput,
    Metric::Ttft,
    Metric::Tpot,
    Metric::RequestLatency,
];

/// On what an interval rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Three or more repeats on each side: a statement about runs.
    Repeats,
    /// The requests of the runs themselves: a statement about these runs only.
    WithinRun,
    /// The digits that the sources give: nothing about chance.
    Rounding,
    /// Figures of full precision and nothing beside them.
    Bare,
}

/// Bounds in the unit of the figure; one is absent where the sample is too small for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Lower bound.
    pub low: Option<f64>,
    /// Upper bound.
    pub high: Option<f64>,
}

impl Bounds {
    fn scaled(self, by: f64) -> Self {
        Self {
            low: self.low.map(|v| v * by),
            high: self.high.map(|v| v * by),
        }
    }
    /// Whether a value lies within; an absent bound excludes nothing.
    pub fn contains(self, value: f64) -> bool {
        self.low.is_none_or(|l| l <= value) && self.high.is_none_or(|h| value <= h)
    }
}

impl From<Interval> for Bounds {
    fn from(i: Interval) -> Self {
        Self {
            low: Some(i.low),
            high: Some(i.high),
        }
    }
}

/// What the requests of both sides say pair by pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pairs {
    /// Hodges–Lehmann shift candidate − baseline, SI.
    pub shift: f64,
    /// Its interval.
    pub shift_interval: Option<Bounds>,
    /// Cliff's delta.
    pub delta: f64,
    /// Its interval.
    pub delta_interval: Bounds,
    /// The word for its size.
    pub size: &'static str,
    /// Two-sided p value of “no difference” on the effective numbers.
    pub p: f64,
    /// The same after Holm's correction over the loads of its metric.
    pub p_holm: f64,
}

/// What an interval says of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It lies on one side of “equal”.
    Clear,
    /// It lies within the band of practical equivalence.
    Equivalent,
    /// It holds “equal” and reaches beyond the band.
    Noise,
}

/// One metric at one load that both sides measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Requests in flight.
    pub concurrency: u32,
    /// The metric.
    pub metric: Metric,
    /// The statistic.
    pub stat: Stat,
    /// The candidate's figure.
    pub candidate: Known,
    /// The baseline's figure.
    pub baseline: Known,
    /// Candidate ÷ baseline.
    pub ratio: f64,
    /// Its interval.
    pub interval: Option<Bounds>,
    /// On what the intervals rest.
    pub basis: Basis,
    /// Request against request.
    pub pairs: Option<Pairs>,
    /// Why there is no p value, one sentence or phrase.
    pub no_test: Option<String>,
    /// The ratio without the first C completions of each run, where one run stands on each side.
    pub settled: Option<f64>,
}

impl Difference {
    /// Whether the interval rests on so few waves that a drift within the run could hide from it.
    pub fn few_waves(&self) -> bool {
        self.candidate.few_waves || self.baseline.few_waves
    }
    /// What the interval says; `None` where it covers no chance, or is open on the side that
    /// matters.
    pub fn reading(&self, equivalence: f64) -> Option<Reading> {
        if !matches!(self.basis, Basis::Repeats | Basis::WithinRun) {
            return None;
        }
        let i = self.interval?;
        Some(match (i.low, i.high) {
            (Some(low), _) if low > 1.0 => Reading::Clear,
            (_, Some(high)) if high < 1.0 => Reading::Clear,
            (Some(low), Some(high))
                if low >= 1.0 / (1.0 + equivalence) && high <= 1.0 + equivalence =>
            {
                Reading::Equivalent
            }
            _ => Reading::Noise,
        })
    }
}

/// Everything about one comparison, metric by metric, loads ascending.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Certainty {
    /// The rows.
    pub rows: Vec<Difference>,
}

impl Certainty {
    /// What the intervals claim, one or two sentences.
    pub fn claim(&self) -> &'static str {
        let has = |b| self.rows.iter().any(|r| r.basis == b);
        match (has(Basis::Repeats), has(Basis::WithinRun)) {
            (true, false) => {
                "Intervals are Student’s t over the repeats: they cover the spread from run to run."
            }
            (true, true) => {
                "Where a load was run three times or more on both sides, intervals cover the spread from run to run; elsewhere they are within-run: how well these runs know their own figures, not how much another run would differ."
            }
            (false, true) => {
                "Every claim is within-run: how well these runs know their own figures, not how much another run would differ. That takes three repeats of each load."
            }
            (false, false) => {
                "The files hold summaries only, so intervals cover rounding alone and no p value can be given. Per-request records, or three repeats of each load, would tell chance from difference."
            }
        }
    }
    /// Why intervals and tests are missing: each reason once, with where it holds.
    pub fn reasons(&self) -> Vec<String> {
        let mut out: Vec<(String, Vec<String>)> = Vec::new();
        for d in &self.rows {
            let place = format!("{} at {}", d.metric.info().short, d.concurrency);
            let test = d.no_test.as_ref().filter(|why| why.ends_with('.'));
            for why in [&d.candidate.reason, &d.baseline.reason, &test.cloned()]
                .into_iter()
                .flatten()
            {
                match out.iter_mut().find(|(w, _)| w == why) {
                    Some((_, places)) if places.contains(&place) => {}
                    Some((_, places)) => places.push(place.clone()),
                    None => out.push((why.clone(), vec![place.clone()])),
                }
            }
        }
        out.into_iter()
            .map(|(why, places)| {
                if places.len() == self.rows.len() && places.len() > 1 {
                    why
                } else {
                    format!("{}: {}", crate::fmt::list(&places), lower(&why))
                }
            })
            .collect()
    }
    /// The rows of one metric.
    pub fn of(&self, metric: Metric) -> impl Iterator<Item = &Difference> {
        self.rows.iter().filter(move |r| r.metric == metric)
    }
}

/// Full statistics of a comparison of two runs: every metric of [`METRICS`] at every load that
/// both measured.
pub fn certainty(
    ws: &Workspace,
    candidate: Option<usize>,
    baseline: Option<usize>,
    comparison: &Comparison,
) -> Certainty {
    let active = ws.runs.iter().filter(|r| r.role != Role::Ignore);
    let workloads = Workloads::of(active, &ws.context);
    let curve = |i: Option<usize>| {
        Some(Curve::of(
            ws.runs.get(i?)?,
            comparison.workload?,
            &workloads,
        ))
    };
    let mut rows = match (curve(candidate), curve(baseline)) {
        (Some(a), Some(b)) => differences(&a, &b, comparison, &METRICS),
        _ => Vec::new(),
    };
    for metric in METRICS {
        let mut of: Vec<&mut Pairs> = rows
            .iter_mut()
            .filter(|r| r.metric == metric)
            .filter_map(|r| r.pairs.as_mut())
            .collect();
        let p: Vec<f64> = of.iter().map(|t| t.p).collect();
        for (t, corrected) in of.iter_mut().zip(stats::holm(&p)) {
            t.p_holm = corrected;
        }
    }
    Certainty { rows }
}

/// The rates alone, which name the winner.
pub fn rates(a: &Curve<'_>, b: &Curve<'_>, comparison: &Comparison) -> Vec<Difference> {
    differences(a, b, comparison, &crate::compare::RATES)
}

/// The records of each repeat at a load; empty unless every repeat has some.
pub(crate) fn records(curve: &Curve<'_>, concurrency: u32) -> Vec<Records> {
    let Some(repeats) = curve.loads.get(&concurrency) else {
        return Vec::new();
    };
    let all: Vec<Records> = repeats
        .points
        .iter()
        .filter_map(|i| {
            let p = curve.run.points.get(*i)?;
            Records::new(p.records.as_deref()?, Some(concurrency))
        })
        .collect();
    if all.len() == repeats.points.len() {
        all
    } else {
        Vec::new()
    }
}

fn differences(
    a: &Curve<'_>,
    b: &Curve<'_>,
    comparison: &Comparison,
    metrics: &[Metric],
) -> Vec<Difference> {
    let stat = comparison.stat.unwrap_or(Stat::Avg);
    let mut out = Vec::new();
    let (da, db) = (Digits::of(a, metrics), Digits::of(b, metrics));
    for row in comparison.rows.iter().filter(|r| r.matched) {
        let c = row.concurrency;
        let (ra, rb) = (records(a, c), records(b, c));
        for metric in metrics {
            let compared = row.cells.get(metric).is_some_and(|x| x.change.is_some());
            if compared && let Some(d) = difference((a, &ra, &da), (b, &rb, &db), c, *metric, stat)
            {
                out.push(d);
            }
        }
    }
    // Metric by metric, loads ascending within each.
    let place = |d: &Difference| metrics.iter().position(|m| *m == d.metric);
    out.sort_by_key(|d| (place(d), d.concurrency));
    out
}

/// A curve, the records of its repeats at one load, and the digits of its columns.
type Side<'s, 'r> = (&'s Curve<'r>, &'s [Records], &'s Digits);

fn difference(
    a: Side<'_, '_>,
    b: Side<'_, '_>,
    concurrency: u32,
    metric: Metric,
    stat: Stat,
) -> Option<Difference> {
    let fa = a.0.at(concurrency, metric, stat)?;
    let fb = b.0.at(concurrency, metric, stat)?;
    let both = |x: Option<Known>, y: Option<Known>, basis| Some((x?, y?, basis));
    let (candidate, baseline, basis) = both(
        repeats(a.0, &fa, metric),
        repeats(b.0, &fb, metric),
        Basis::Repeats,
    )
    .or_else(|| {
        both(
            within(a.1, &fa, metric),
            within(b.1, &fb, metric),
            Basis::WithinRun,
        )
    })
    .or_else(|| {
        let of = |s: Side<'_, '_>, f| rounding(s.0, s.2, f, metric);
        both(of(a, &fa), of(b, &fb), Basis::Rounding)
    })
    .unwrap_or_else(|| (exact(a.0, &fa), exact(b.0, &fb), Basis::Bare));
    let ratio = candidate.value / baseline.value;
    if !(ratio.is_finite() && ratio > 0.0) {
        return None;
    }
    let interval = match (candidate.mean, baseline.mean) {
        (Some(x), Some(y)) => stats::ratio(&x, &y, LEVEL).ok().map(|r| {
            // Around the ratio of the sources' own figures.
            Bounds::from(r.interval).scaled(ratio / r.ratio)
        }),
        _ => ratio_bounds(&candidate, &baseline, basis),
    };
    let one_each = a.1.len() == 1 && b.1.len() == 1;
    let (pairs, no_test) = match pairs(a.1, b.1, metric, basis) {
        Ok(p) => (Some(p), None),
        Err(words) => (None, Some(words)),
    };
    Some(Difference {
        concurrency,
        metric,
        stat: fa.stat,
        ratio,
        interval,
        basis,
        pairs,
        no_test,
        settled: (one_each && basis == Basis::WithinRun)
            .then(|| {
                Some(side::settled(a.1, metric, fa.stat)? / side::settled(b.1, metric, fb.stat)?)
            })
            .flatten()
            .filter(|r| r.is_finite()),
        candidate,
        baseline,
    })
}

/// The bounds of a ratio from those of its two figures. For rounding both may be off at once;
/// for percentiles the variances are recovered from the bounds, in logarithms (MOVER: Zou and
/// Donner, Construction of confidence limits about effect measures, 2008).
fn ratio_bounds(a: &Known, b: &Known, basis: Basis) -> Option<Bounds> {
    let (x, y) = (a.bounds?, b.bounds?);
    let ratio = a.value / b.value;
    if basis == Basis::Rounding {
        let of = |n: Option<f64>, d: Option<f64>| {
            let r = n? / d.filter(|d| *d > 0.0)?;
            (r > 0.0).then_some(r)
        };
        return Some(Bounds {
            low: of(x.low, y.high),
            high: of(x.high, y.low),
        });
    }
    let apart = |near: f64, bound: Option<f64>| Some(stats::ln(bound.filter(|b| *b > 0.0)? / near));
    let join = |u: Option<f64>, v: Option<f64>| {
        let (u, v) = (u?, v?);
        Some((u * u + v * v).sqrt())
    };
    let down = join(apart(a.value, x.low), apart(b.value, y.high));
    let up = join(apart(a.value, x.high), apart(b.value, y.low));
    Some(Bounds {
        low: down.map(|d| ratio * stats::exp(-d)),
        high: up.map(|u| ratio * stats::exp(u)),
    })
}

fn pairs(a: &[Records], b: &[Records], metric: Metric, basis: Basis) -> Result<Pairs, String> {
    if crate::align::is_rate(metric) {
        return Err("a rate: no pairs".to_owned());
    }
    match (a.is_empty(), b.is_empty()) {
        (true, true) if basis == Basis::Repeats => {
            return Err("repeats without per-request records".to_owned());
        }
        (true, true) => return Err("no per-request records".to_owned()),
        (true, false) | (false, true) => {
            return Err("per-request records on one side only".to_owned());
        }
        (false, false) => {}
    }
    let all = |side: &[Records]| -> Vec<f64> {
        side.iter()
            .flat_map(|r| r.all().values(metric).unwrap_or_default())
            .collect()
    };
    let wave = |side: &[Records]| side.first().map_or(1, Records::wave);
    let s = stats::compare_samples(&all(a), wave(a), &all(b), wave(b), LEVEL)
        .map_err(|why| why.to_string())?;
    Ok(Pairs {
        shift: s.shift,
        shift_interval: s.shift_interval.map(Bounds::from),
        delta: s.delta,
        delta_interval: s.delta_interval.into(),
        size: DeltaWord::of(s.delta).word(),
        p: s.p,
        p_holm: s.p,
    })
}

/// The first letter small, as after a colon.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
