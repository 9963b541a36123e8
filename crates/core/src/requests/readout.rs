//! The figures of one side over some of its requests.

use super::{METRICS, Side};
use crate::model::{Metric, Stat};
use crate::records::{Goodput, Limits};
use crate::stats::{PercentileEstimate, PercentileInterval};

/// What one side's requests say, over all of them or without the first completions.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOut {
    /// Requests counted.
    pub n: usize,
    /// Requests left out.
    pub dropped: usize,
    /// Within the limits; absent where no limit is set, or one is on what was not measured.
    pub goodput: Option<Goodput>,
    /// Completed requests a second.
    pub per_second: Option<f64>,
    /// Median of the metric, seconds.
    pub p50: Option<f64>,
    /// 95th percentile of the metric with its interval.
    pub p95: Option<PercentileEstimate>,
    /// 95th percentile where no interval can be given.
    pub p95_alone: Option<f64>,
    /// Why there is no interval, one sentence.
    pub why: Option<String>,
    /// Whether the intervals rest on few waves.
    pub few_waves: bool,
}

impl ReadOut {
    /// The 95th percentile, with or without an interval.
    pub fn p95_value(&self) -> Option<f64> {
        self.p95.map(|p| p.value).or(self.p95_alone)
    }
    /// Whether the 95th percentile has an upper bound.
    pub fn is_bounded(&self) -> bool {
        matches!(
            self.p95.map(|p| p.interval),
            Some(PercentileInterval::Both(_) | PercentileInterval::AtMost(_))
        )
    }
}

/// Reads a metric and the limits off the requests after the first `dropped` completions.
pub fn read_out(side: &Side, metric: Metric, limits: Limits, dropped: usize) -> ReadOut {
    debug_assert!(METRICS.contains(&metric));
    let w = side.records.without_first(dropped);
    let stats = w.recomputed(metric);
    let estimate = w.percentile(metric, Stat::P95);
    let wall = w.wall_s();
    ReadOut {
        n: w.n(),
        dropped: side.n() - w.n(),
        goodput: (limits != Limits::default())
            .then(|| w.goodput(limits))
            .flatten(),
        per_second: (wall > 0.0).then(|| w.n() as f64 / wall),
        p50: stats.get(Stat::P50),
        p95_alone: stats.get(Stat::P95),
        why: estimate
            .as_ref()
            .and_then(|e| e.as_ref().err())
            .map(ToString::to_string),
        p95: estimate.and_then(Result::ok),
        few_waves: w.rests_on_few_waves(),
    }
}
