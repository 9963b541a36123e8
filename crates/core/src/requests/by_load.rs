//! Limits against the requests themselves, load by load: percentiles with intervals, goodput.
//!
//! Knows each run's records by concurrency; refuses to judge what only a summary reports. The
//! percentiles don't depend on the limits, so that a limit that is being dragged costs one count.

use crate::align::{Curve, WorkloadKey, Workloads};
use crate::model::{Metric, Stat, Workspace};
use crate::records::{Goodput, Limits, Records};
use crate::stats::PercentileInterval;
use std::collections::BTreeMap;

/// The records of one run at one load.
#[derive(Debug, Clone, PartialEq)]
pub struct AtLoad {
    /// Index of the run.
    pub run: usize,
    /// Requests in flight.
    pub concurrency: u32,
    /// The requests.
    pub records: Records,
}

/// A statistic recomputed from requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Recomputed {
    /// In seconds.
    pub value: f64,
    /// Requests that have the figure.
    pub n: usize,
    /// Where the true percentile lies; absent for averages, and where the run is too short.
    pub interval: Option<PercentileInterval>,
}

impl Recomputed {
    /// Whether the interval reaches past a limit that the figure itself keeps.
    pub fn reaches_past(&self, limit_s: f64) -> bool {
        self.value <= limit_s
            && match self.interval {
                Some(PercentileInterval::Both(i)) => i.high > limit_s,
                Some(PercentileInterval::AtLeast(_) | PercentileInterval::TooSmall) => true,
                Some(PercentileInterval::AtMost(high)) => high > limit_s,
                None => false,
            }
    }
}

/// Recomputed figures by run, concurrency and metric.
pub type Figures = BTreeMap<(usize, u32, Metric), Recomputed>;

/// Goodput of one run at one load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// Index of the run.
    pub run: usize,
    /// Requests in flight.
    pub concurrency: u32,
    /// Within the limits.
    pub goodput: Goodput,
    /// All completed requests a second.
    pub per_second: Option<f64>,
}

/// The loads of some runs at a workload that have records. Repeats of a load are left to their
/// first one with records.
pub fn by_load(
    ws: &Workspace,
    runs: &[usize],
    workloads: &Workloads,
    key: WorkloadKey,
) -> Vec<AtLoad> {
    let mut out = Vec::new();
    for run in runs {
        let Some(r) = ws.runs.get(*run) else { continue };
        for (concurrency, repeats) in Curve::of(r, key, workloads).loads {
            let records = repeats.points.iter().find_map(|i| {
                let columns = r.points.get(*i)?.records.as_deref()?;
                Records::new(columns, Some(concurrency))
            });
            out.extend(records.map(|records| AtLoad {
                run: *run,
                concurrency,
                records,
            }));
        }
    }
    out
}

/// A statistic of TTFT, TPOT and request time at each load.
pub fn figures(loads: &[AtLoad], stat: Stat) -> Figures {
    let mut out = Figures::new();
    for at in loads {
        let all = at.records.all();
        for metric in super::METRICS {
            let Some(value) = all.recomputed(metric).get(stat) else {
                continue;
            };
            let interval = all
                .percentile(metric, stat)
                .and_then(Result::ok)
                .map(|p| p.interval);
            let n = at.n(metric);
            out.insert(
                (at.run, at.concurrency, metric),
                Recomputed { value, n, interval },
            );
        }
    }
    out
}

/// Any quantile of TTFT, TPOT and request time at each load, 0 < p < 1.
pub fn quantiles(loads: &[AtLoad], p: f64) -> Figures {
    let mut out = Figures::new();
    for at in loads {
        for metric in super::METRICS {
            let all = at.records.all();
            let Some(value) = all.quantile(metric, p) else {
                continue;
            };
            let interval = all.quantile_estimate(metric, p).and_then(Result::ok);
            let told = Recomputed {
                value,
                n: at.n(metric),
                interval: interval.map(|q| q.interval),
            };
            out.insert((at.run, at.concurrency, metric), told);
        }
    }
    out
}

impl AtLoad {
    /// Requests that have a metric.
    fn n(&self, metric: Metric) -> usize {
        match metric {
            Metric::Tpot => self
                .records
                .tpot_s()
                .iter()
                .filter(|v| v.is_finite())
                .count(),
            _ => self.records.len(),
        }
    }
}

/// Goodput at each load whose requests can be judged.
pub fn kept(loads: &[AtLoad], limits: Limits) -> Vec<Kept> {
    loads
        .iter()
        .filter_map(|at| {
            let all = at.records.all();
            let wall = all.wall_s();
            Some(Kept {
                run: at.run,
                concurrency: at.concurrency,
                goodput: all.goodput(limits)?,
                per_second: (wall > 0.0).then(|| all.n() as f64 / wall),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::workspace;
    use super::*;
    use crate::model::Context;

    fn loads() -> Vec<AtLoad> {
        let ws = workspace();
        let all = Workloads::of(&ws.runs, &Context::default());
        by_load(&ws, &[0, 1], &all, all.keys[0])
    }

    #[test]
    fn only_loads_with_records_are_recomputed() {
        let loads = loads();
        assert_eq!(loads.len(), 1);
        let f = figures(&loads, Stat::P95);
        let ttft = &f[&(0, 4, Metric::Ttft)];
        assert!((ttft.value - 0.795).abs() < 1e-9 && ttft.n == 8);
        assert_eq!(f[&(0, 4, Metric::Tpot)].n, 7);
        // Two waves are too few for an interval.
        assert_eq!(ttft.interval, None);
        assert!(!ttft.reaches_past(1.0));
    }

    #[test]
    fn a_quantile_is_the_same_figure_as_the_percentile_of_its_name() {
        let loads = loads();
        assert_eq!(quantiles(&loads, 0.95), figures(&loads, Stat::P95));
        let key = (0, 4, Metric::Ttft);
        assert!(quantiles(&loads, 0.999)[&key].value > quantiles(&loads, 0.975)[&key].value);
    }

    #[test]
    fn goodput_follows_the_limit() {
        let loads = loads();
        let at = |ttft_s| {
            let limits = Limits {
                ttft_s: Some(ttft_s),
                ..Limits::default()
            };
            kept(&loads, limits)[0].goodput.good
        };
        assert_eq!([0.05, 0.1, 0.45, 0.9].map(at), [0, 2, 5, 8]);
    }

    #[test]
    fn a_missing_upper_bound_reaches_past_every_limit() {
        let r = Recomputed {
            value: 1.0,
            n: 30,
            interval: Some(PercentileInterval::AtLeast(0.9)),
        };
        assert!(r.reaches_past(1e9));
        assert!(!r.reaches_past(0.5), "it fails the limit by itself");
    }
}
