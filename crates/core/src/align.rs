//! Which points of two runs stand for the same work at the same load.
//!
//! Knows workloads, repeats and the straight line between two measured loads of one run, in
//! logarithms of figure and concurrency. Refuses to extrapolate, to invent a load and to judge any figure.

use crate::model::{Context, Metric, Point, Provenance, Run, RunKind, Stat, TpotDefinition};
use crate::stats::{exp, ln};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The lengths that were asked for, in whole tokens a request; absent where no source says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkloadKey {
    /// Input tokens asked for.
    pub isl: Option<u64>,
    /// Output tokens asked for.
    pub osl: Option<u64>,
}

impl WorkloadKey {
    /// What a point asked for, else what the context says was asked for.
    pub fn of(point: &Point, context: &Context) -> Self {
        let whole = |v: Option<f64>| {
            v.filter(|v| v.is_finite() && *v > 0.0)
                .map(|v| v.round() as u64)
        };
        Self {
            isl: whole(point.workload.isl).or_else(|| whole(context.isl)),
            osl: whole(point.workload.osl).or_else(|| whole(context.osl)),
        }
    }

    /// Whether both could be the same work: what only one of them states does not part them.
    pub fn fits(self, other: Self) -> bool {
        let same = |a: Option<u64>, b: Option<u64>| a.is_none() || b.is_none() || a == b;
        same(self.isl, other.isl) && same(self.osl, other.osl)
    }
}

/// A figure with everything that must stand beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// In the metric's SI unit.
    pub value: f64,
    /// Which statistic it is; [`Stat::Stated`] where the source does not name it.
    pub stat: Stat,
    /// Measured, implied, interpolated or projected.
    pub provenance: Provenance,
    /// Repeats that were averaged; 0 for an interpolated figure.
    pub repeats: usize,
    /// Indices into the run's points: the repeats, or the two neighbours.
    pub points: Vec<usize>,
}

/// The repeats of one run at one workload and concurrency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeats {
    /// Indices into the run's points.
    pub points: Vec<usize>,
}

/// The loads of one run at one workload, ascending.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    /// The run.
    pub run: &'a Run,
    /// By concurrency.
    pub loads: BTreeMap<u32, Repeats>,
    /// What TPOT means at these loads, when they agree.
    pub tpot_definition: Option<TpotDefinition>,
}

/// A point that stands in no row, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Index into the workspace's runs.
    pub run: usize,
    /// Index into the run's points.
    pub point: usize,
    /// One sentence.
    pub reason: String,
}

/// Whether a metric is one figure for the whole load, so that no percentile applies to it.
pub fn is_rate(metric: Metric) -> bool {
    !matches!(
        metric,
        Metric::Ttft | Metric::Tpot | Metric::RequestLatency | Metric::ChunkGap
    )
}

/// One point's figure for a metric at a statistic. Rates, lengths and speeds have only their
/// central figure; for latencies the statistic, else the source's unnamed figure, else, where
/// the source reports nothing of the metric, the implied mean.
pub fn figure_of(run: &Run, point: usize, metric: Metric, stat: Stat) -> Option<Figure> {
    let p = run.points.get(point)?;
    let (stat, value, provenance) = if is_rate(metric) {
        let (v, how) = run.value(p, metric)?;
        let which = p
            .metrics
            .get(&metric)
            .and_then(|m| m.stats.central())
            .map_or(Stat::Avg, |(s, _)| s);
        (which, v, how)
    } else if let Some((s, v)) = p.reported_at(metric, stat) {
        (s, v, p.metrics.get(&metric)?.provenance)
    } else if p.metrics.contains_key(&metric) {
        return None;
    } else {
        let (v, how) = run.value(p, metric)?;
        (Stat::Avg, v, how)
    };
    Some(Figure {
        value,
        stat,
        provenance,
        repeats: 1,
        points: vec![point],
    })
}

impl<'a> Curve<'a> {
    /// The points of a run that belong to a workload and state a concurrency.
    pub fn of(run: &'a Run, key: WorkloadKey, workloads: &Workloads) -> Self {
        let mut loads: BTreeMap<u32, Repeats> = BTreeMap::new();
        for (i, p) in run.points.iter().enumerate() {
            if let Some(c) = p.load.concurrency.filter(|c| *c > 0)
                && workloads.resolve(p) == Some(key)
            {
                loads
                    .entry(c)
                    .or_insert_with(|| Repeats { points: Vec::new() })
                    .points
                    .push(i);
            }
        }
        if run.kind == RunKind::Projected {
            // Points of a sweep at one load are configurations, not repeats: the best one counts.
            let best = |points: &[usize]| {
                points.iter().copied().max_by(|a, b| {
                    let output = |i: &usize| {
                        run.points
                            .get(*i)
                            .and_then(|p| run.value(p, Metric::OutputThroughputPerGpu))
                            .map_or(f64::NEG_INFINITY, |(v, _)| v)
                    };
                    output(a).total_cmp(&output(b)).then(b.cmp(a))
                })
            };
            for repeats in loads.values_mut() {
                repeats.points = best(&repeats.points).into_iter().collect();
            }
        }
        let tpot_definition = common_definition(run, &loads);
        Self {
            run,
            loads,
            tpot_definition,
        }
    }

    /// The measured loads, ascending.
    pub fn concurrencies(&self) -> Vec<u32> {
        self.loads.keys().copied().collect()
    }

    /// The figure at a measured load: the mean over its repeats. Repeats must agree on the
    /// statistic; those that report another one are left out.
    pub fn at(&self, concurrency: u32, metric: Metric, stat: Stat) -> Option<Figure> {
        let repeats = self.loads.get(&concurrency)?;
        let all: Vec<Figure> = repeats
            .points
            .iter()
            .filter_map(|i| figure_of(self.run, *i, metric, stat))
            .collect();
        let first = all.first()?.clone();
        if all.len() == 1 {
            return Some(first);
        }
        let same: Vec<&Figure> = all.iter().filter(|f| f.stat == first.stat).collect();
        let n = same.len();
        Some(Figure {
            value: same.iter().map(|f| f.value).sum::<f64>() / n as f64,
            provenance: same
                .iter()
                .map(|f| f.provenance)
                .max()
                .unwrap_or(first.provenance),
            repeats: n,
            points: same.iter().flat_map(|f| f.points.clone()).collect(),
            stat: first.stat,
        })
    }

    /// The figure at any load inside the measured range: as measured, else on the straight line
    /// of log figure over log concurrency between the two neighbouring loads. Never outside the
    /// range, never across a load that was run but does not report the metric, and never from a
    /// figure that is not positive.
    pub fn interpolated(&self, concurrency: u32, metric: Metric, stat: Stat) -> Option<Figure> {
        if self.loads.contains_key(&concurrency) {
            return self.at(concurrency, metric, stat);
        }
        let figure = |c: &u32| Some((*c, self.at(*c, metric, stat)?));
        let below = self.loads.range(..concurrency).next_back();
        let above = self.loads.range(concurrency..).next();
        let below = below.and_then(|(c, _)| figure(c));
        let above = above.and_then(|(c, _)| figure(c));
        let ((c0, a), (c1, b)) = (below?, above?);
        let value = power_law(
            f64::from(c0),
            f64::from(c1),
            a.value,
            b.value,
            f64::from(concurrency),
        )?;
        (a.stat == b.stat).then(|| Figure {
            value,
            stat: a.stat,
            provenance: if self.run.kind == RunKind::Projected {
                Provenance::Projected
            } else {
                Provenance::Interpolated
            },
            repeats: 0,
            points: a.points.iter().chain(&b.points).copied().collect(),
        })
    }
}

fn common_definition(run: &Run, loads: &BTreeMap<u32, Repeats>) -> Option<TpotDefinition> {
    let mut found = None;
    for i in loads.values().flat_map(|r| &r.points) {
        let d = run.points.get(*i)?.tpot_definition;
        if found.is_some_and(|f| f != d) {
            return None;
        }
        found = Some(d);
    }
    found
}

/// The straight line of log figure over log load, which is a power of the load: the interpolant of
/// every chart and check. `docs/STATISTICS.md` holds it against measured loads that were left out.
/// `None` unless both figures are positive.
pub fn power_law(c0: f64, c1: f64, v0: f64, v1: f64, c: f64) -> Option<f64> {
    let t = ln(c / c0) / ln(c1 / c0);
    // The result stays between its neighbours whatever the rounding.
    (v0 > 0.0 && v1 > 0.0).then(|| (v0 * exp(ln(v1 / v0) * t)).clamp(v0.min(v1), v0.max(v1)))
}

/// A point whose reported TTFT cannot be: with C requests in flight and X completed a second the
/// mean request takes at most C ÷ X, and its first token cannot come later. Gives (C ÷ X, TTFT)
/// in seconds where TTFT exceeds the bound by more than `tolerance`, a share that covers the
/// rounding of X. Only an average or an unnamed figure is judged: a percentile may exceed a mean.
pub fn impossible_ttft(point: &Point, tolerance: f64) -> Option<(f64, f64)> {
    let c = f64::from(point.load.concurrency?);
    let x = point.reported(Metric::RequestThroughput)?;
    let stats = &point.metrics.get(&Metric::Ttft)?.stats;
    let ttft = stats.get(Stat::Avg).or_else(|| stats.get(Stat::Stated))?;
    let bound = c / x;
    (bound.is_finite() && ttft > bound * (1.0 + tolerance)).then_some((bound, ttft))
}

/// The workloads on the table. A point that states less than all lengths belongs to the only
/// workload it fits, and to none where several fit.
#[derive(Debug, Clone, Default)]
pub struct Workloads {
    /// Ascending.
    pub keys: Vec<WorkloadKey>,
    context: Context,
}

impl Workloads {
    /// Every workload of some runs.
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a Run>, context: &Context) -> Self {
        let all: BTreeSet<WorkloadKey> = runs
            .into_iter()
            .flat_map(|r| r.points.iter().map(|p| WorkloadKey::of(p, context)))
            .collect();
        let stated = |k: &WorkloadKey| usize::from(k.isl.is_some()) + usize::from(k.osl.is_some());
        Self {
            keys: all
                .iter()
                .copied()
                .filter(|k| {
                    !all.iter()
                        .any(|o| o != k && stated(o) > stated(k) && k.fits(*o))
                })
                .collect(),
            context: context.clone(),
        }
    }

    /// The workload of a point; `None` where its own lengths leave more than one open.
    pub fn resolve(&self, point: &Point) -> Option<WorkloadKey> {
        let own = WorkloadKey::of(point, &self.context);
        if self.keys.contains(&own) {
            return Some(own);
        }
        let mut fitting = self.keys.iter().filter(|k| own.fits(**k));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// Why a point takes no part in a comparison by load; `None` when it does.
    pub fn unmatched_reason(&self, run: &Run, point: &Point) -> Option<String> {
        if point.load.concurrency.is_some_and(|c| c > 0) && self.resolve(point).is_none() {
            return Some(format!(
                "A point of {} states no lengths, and more than one workload could be meant.",
                run.label
            ));
        }
        without_concurrency(run, point)
    }
}

fn without_concurrency(run: &Run, point: &Point) -> Option<String> {
    if point.load.concurrency.is_some_and(|c| c > 0) {
        return None;
    }
    let label = &run.label;
    let place = if point.source.file.is_empty() {
        String::new()
    } else {
        format!(" ({})", point.source.file)
    };
    Some(match point.load.request_rate {
        Some(rate) => format!(
            "A point of {label}{place} was driven at {} requests/s in an open loop and states no concurrency.",
            crate::fmt::measured(rate)
        ),
        None => format!("A point of {label}{place} states no concurrency."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Load, Stats};
    use crate::testing::run_of;

    #[test]
    fn repeats_are_averaged_and_counted() {
        let mut run = run_of("a", &[(10, 40.0, 2.0), (10, 60.0, 4.0)]);
        let key = WorkloadKey::default();
        let all = Workloads::of([&run], &Context::default());
        let f = Curve::of(&run, key, &all)
            .at(10, Metric::OutputThroughput, Stat::Avg)
            .unwrap();
        assert_eq!((f.value, f.repeats, f.points), (50.0, 2, vec![0, 1]));
        run.points[1].load.concurrency = None;
        assert_eq!(Curve::of(&run, key, &all).concurrencies(), [10]);
        assert!(all.unmatched_reason(&run, &run.points[1]).is_some());
        assert!(all.unmatched_reason(&run, &run.points[0]).is_none());
    }

    #[test]
    fn between_two_loads_the_line_is_straight_in_logarithms() {
        let run = run_of("a", &[(10, 46.55, 2.93), (50, 19.33, 3.02)]);
        let all = Workloads::of([&run], &Context::default());
        let curve = Curve::of(&run, WorkloadKey::default(), &all);
        let f = curve
            .interpolated(12, Metric::OutputThroughput, Stat::Avg)
            .unwrap();
        assert_eq!(f.provenance, Provenance::Interpolated);
        // 46.55 × 1.2^(ln(19.33 ÷ 46.55) ÷ ln 5).
        assert!((f.value - 42.1387).abs() < 1e-3, "{}", f.value);
        for outside in [9, 51] {
            assert_eq!(
                curve.interpolated(outside, Metric::OutputThroughput, Stat::Avg),
                None
            );
        }
    }

    #[test]
    fn no_line_crosses_a_load_that_reports_nothing() {
        let mut run = run_of("a", &[(1, 1.0, 1.0), (10, 2.0, 1.0), (50, 3.0, 1.0)]);
        for (i, ttft) in [(0, 0.1), (2, 0.5)] {
            run.points[i].measured(Metric::Ttft, Stats::avg(ttft));
        }
        let all = Workloads::of([&run], &Context::default());
        let curve = Curve::of(&run, WorkloadKey::default(), &all);
        for c in [5, 10, 20] {
            assert_eq!(curve.interpolated(c, Metric::Ttft, Stat::Avg), None);
        }
    }

    #[test]
    fn an_unstated_workload_joins_the_only_one_it_fits() {
        let mut run = run_of("a", &[(1, 1.0, 1.0), (2, 2.0, 1.0)]);
        run.points[0].workload.isl = Some(4000.0);
        run.points[0].workload.osl = Some(500.0);
        let all = Workloads::of([&run], &Context::default());
        assert_eq!(all.keys.len(), 1);
        assert_eq!(Curve::of(&run, all.keys[0], &all).concurrencies(), [1, 2]);
    }

    #[test]
    fn an_unstated_workload_joins_none_where_several_fit() {
        let mut run = run_of("a", &[(1, 1.0, 1.0), (1, 2.0, 1.0), (1, 9.0, 1.0)]);
        for (p, osl) in run.points.iter_mut().zip([100.0, 500.0]) {
            p.workload.osl = Some(osl);
        }
        let all = Workloads::of([&run], &Context::default());
        assert_eq!(all.keys.len(), 2);
        for (i, key) in all.keys.iter().enumerate() {
            assert_eq!(
                Curve::of(&run, *key, &all)
                    .loads
                    .values()
                    .next()
                    .unwrap()
                    .points,
                [i]
            );
        }
        assert!(all.unmatched_reason(&run, &run.points[2]).is_some());
    }

    #[test]
    fn a_percentile_is_not_replaced_by_an_average() {
        let mut run = run_of("a", &[(1, 1.0, 1.0)]);
        run.points[0].load = Load {
            concurrency: Some(1),
            request_rate: None,
        };
        run.points[0].measured(Metric::Ttft, Stats::avg(0.1));
        assert_eq!(figure_of(&run, 0, Metric::Ttft, Stat::P95), None);
        run.points[0].measured(Metric::Ttft, Stats::stated(0.1));
        let f = figure_of(&run, 0, Metric::Ttft, Stat::P95).unwrap();
        assert_eq!((f.stat, f.value), (Stat::Stated, 0.1));
    }
}
