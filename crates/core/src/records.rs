//! Per-request records: what they say beyond a summary.
//!
//! Knows the columns of [`Requests`] and the concurrency; recomputes every figure, with
//! intervals, over all requests or without the warm-up, and goodput for any limits. Refuses to
//! know files, and what a tool reported: figures from here are "recomputed".
//!
//! TPOT is (R − TTFT) ÷ (OSL − 1), one value a request of at least two output tokens.

use crate::model::{Metric, Requests, Sla, Stat, Stats};
use crate::stats::{
    self, Interval, LEVEL, Mser5, NoInterval, PercentileEstimate, SeriesMean, Served, Shift,
    Throughput,
};
use crate::units::Seconds;

/// Columns derived from records once, in order of completion. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    start_s: Vec<f64>,
    end_s: Vec<f64>,
    ttft_s: Vec<f64>,
    latency_s: Vec<f64>,
    /// −∞ for a request of one token, which keeps any limit.
    tpot_s: Vec<f64>,
    isl: Vec<f64>,
    osl: Vec<f64>,
    begin_s: f64,
    wave: usize,
}

/// Upper limits that a request must keep, seconds; what is absent is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// Time to first token.
    pub ttft_s: Option<f64>,
    /// Time per output token; a request of one token has none and keeps any limit.
    pub tpot_s: Option<f64>,
    /// End-to-end latency.
    pub latency_s: Option<f64>,
}

impl Limits {
    /// The limits of the service, whatever the statistic that must keep them.
    pub fn of(sla: &Sla) -> Self {
        let s = |limit: Option<Seconds>| limit.map(|s| s.0);
        Self {
            ttft_s: s(sla.ttft),
            tpot_s: s(sla.tpot),
            latency_s: s(sla.latency),
        }
    }
}

/// Requests within all limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goodput {
    /// Requests within the limits.
    pub good: usize,
    /// Completed requests.
    pub n: usize,
    /// good ÷ n.
    pub share: f64,
    /// Interval of the share, or why there is none.
    pub interval: Result<Interval, NoInterval>,
    /// Requests within the limits a second; `None` when no time passed.
    pub per_second: Option<f64>,
}

/// Two proposals for the warm-up; the view shows results under both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarmUp {
    /// The first C completions; `None` when nothing would be left.
    pub first_wave: Option<usize>,
    /// MSER-5 on latency; `None` below ten requests.
    pub mser5: Option<Mser5>,
}

impl Records {
    /// Derives the columns. `concurrency` is that of the closed loop; where it is unknown the
    /// average number in flight stands in. `None` when there is no request, or the columns
    /// differ in length; TTFT and tokens may be absent as whole columns.
    pub fn new(requests: &Requests, concurrency: Option<u32>) -> Option<Self> {
        let n = requests.len();
        let columns = [
            &requests.start_s,
            &requests.end_s,
            &requests.ttft_s,
            &requests.isl,
            &requests.osl,
        ];
        let whole = |i: usize, c: &Vec<f64>| c.len() == n || (i > 1 && c.is_empty());
        if n == 0 || !columns.iter().enumerate().all(|(i, c)| whole(i, c)) {
            return None;
        }
        let [start_s, end_s, ttft_s, isl, osl] = if requests.end_s.is_sorted() {
            columns.map(Clone::clone)
        } else {
            let mut order: Vec<(f64, usize)> = requests.end_s.iter().copied().zip(0..).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns.map(|c| {
                order
                    .iter()
                    .filter_map(|(_, i)| c.get(*i).copied())
                    .collect()
            })
        };
        let latency_s: Vec<f64> = start_s.iter().zip(&end_s).map(|(s, e)| e - s).collect();
        // Nothing comes of an absent column.
        let tpot_s = latency_s
            .iter()
            .zip(&ttft_s)
            .zip(&osl)
            .map(|((r, t), o)| {
                if *o > 1.0 {
                    (r - t) / (o - 1.0)
                } else {
                    f64::NEG_INFINITY
                }
            })
            .collect();
        let begin_s = start_s.iter().copied().fold(f64::INFINITY, f64::min);
        let mut records = Self {
            start_s,
            end_s,
            ttft_s,
            latency_s,
            tpot_s,
            isl,
            osl,
            begin_s,
            wave: 1,
        };
        records.wave = match concurrency {
            Some(c) => c.max(1) as usize,
            None => records
                .all()
                .in_flight()
                .map_or(1, |l| (l.round() as usize).max(1)),
        };
        Some(records)
    }

    /// Completed requests.
    pub fn len(&self) -> usize {
        self.end_s.len()
    }
    /// Starts in order of completion, seconds from the earliest.
    pub fn start_s(&self) -> &[f64] {
        &self.start_s
    }
    /// Completions, ascending, seconds from the earliest start.
    pub fn end_s(&self) -> &[f64] {
        &self.end_s
    }
    /// TTFT in order of completion, seconds; empty where it was not measured.
    pub fn ttft_s(&self) -> &[f64] {
        &self.ttft_s
    }
    /// TPOT in order of completion, seconds; −∞ for a request of one token; empty where it was not measured.
    pub fn tpot_s(&self) -> &[f64] {
        &self.tpot_s
    }
    /// End-to-end latency in order of completion, seconds.
    pub fn latency_s(&self) -> &[f64] {
        &self.latency_s
    }
    /// Input tokens in order of completion; empty where no source has them.
    pub fn isl(&self) -> &[f64] {
        &self.isl
    }
    /// Output tokens in order of completion; empty where nobody counted them.
    pub fn osl(&self) -> &[f64] {
        &self.osl
    }
    /// Never true: there are no records of nothing.
    pub fn is_empty(&self) -> bool {
        self.end_s.is_empty()
    }
    /// Requests in a wave: the concurrency, or the average number in flight.
    pub fn wave(&self) -> usize {
        self.wave
    }
    /// All requests.
    pub fn all(&self) -> Window<'_> {
        Window {
            records: self,
            drop: 0,
        }
    }
    /// Without the first completions; at least one request stays.
    pub fn without_first(&self, drop: usize) -> Window<'_> {
        Window {
            records: self,
            drop: drop.min(self.len() - 1),
        }
    }
    /// Where the warm-up may end.
    pub fn warm_up(&self) -> WarmUp {
        WarmUp {
            first_wave: (self.wave < self.len()).then_some(self.wave),
            mser5: stats::mser5(&self.latency_s),
        }
    }
}

/// The requests of [`Records`] from some completion on.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    records: &'a Records,
    drop: usize,
}

impl<'a> Window<'a> {
    fn tail<T>(&self, column: &'a [T]) -> &'a [T] {
        column.get(self.drop..).unwrap_or_default()
    }

    /// Completed requests.
    pub fn n(&self) -> usize {
        self.records.len() - self.drop
    }

    /// Whether the intervals rest on so few waves that a drift of the server within the run
    /// could hide from them; see [`stats::FEW_BATCHES`].
    pub fn rests_on_few_waves(&self) -> bool {
        self.n() / stats::batch_length(self.n(), self.records.wave) < stats::FEW_BATCHES
    }

    /// When the window begins, in seconds of the records: the first request sent, or the last
    /// completion that was left out.
    pub fn begin_s(&self) -> f64 {
        self.drop
            .checked_sub(1)
            .and_then(|i| self.records.end_s.get(i).copied())
            .unwrap_or(self.records.begin_s)
    }

    /// From the beginning of the window to its last completion, seconds.
    pub fn wall_s(&self) -> f64 {
        self.records
            .end_s
            .last()
            .map_or(0.0, |e| e - self.begin_s())
    }

    /// A per-request metric in order of completion, in SI units: TTFT, TPOT (requests of at
    /// least two tokens), latency, ISL, OSL; `None` for metrics that no single request has, and
    /// for what was not measured.
    pub fn values(&self, metric: Metric) -> Option<Vec<f64>> {
        let r = self.records;
        let column = match metric {
            Metric::Ttft => &r.ttft_s,
            Metric::RequestLatency => &r.latency_s,
            Metric::Isl => &r.isl,
            Metric::Osl => &r.osl,
            Metric::Tpot => &r.tpot_s,
            _ => return None,
        };
        // Only TPOT has requests without a figure: −∞.
        let values = self.tail(column).iter().copied();
        (!column.is_empty()).then(|| values.filter(|v| v.is_finite()).collect())
    }

    /// Recomputed statistics of a per-request metric; percentiles linear as NumPy's, standard
    /// deviation with divisor n as the tools report it. Empty for other metrics.
    pub fn recomputed(&self, metric: Metric) -> Stats {
        let mut out = Stats::new();
        let Some(values) = self.values(metric) else {
            return out;
        };
        let ascending = stats::sorted(&values);
        for stat in Stat::ALL {
            let value = match stat {
                Stat::Avg => stats::mean(&values),
                Stat::Std => stats::std_population(&values),
                Stat::Min => ascending.first().copied(),
                Stat::Max => ascending.last().copied(),
                Stat::Stated => None,
                percentile => percentile
                    .fraction()
                    .and_then(|p| stats::percentile(&ascending, p)),
            };
            if let Some(value) = value {
                out.set(stat, value);
            }
        }
        out
    }

    /// The mean of a per-request metric with its standard error; all these metrics are positive,
    /// so show [`SeriesMean::positive_interval`]. `None` for other metrics.
    pub fn mean(&self, metric: Metric) -> Option<Result<SeriesMean, NoInterval>> {
        Some(stats::series_mean(&self.values(metric)?, self.records.wave))
    }

    /// A percentile of a per-request metric with its interval. `None` for other metrics and
    /// for statistics that are no percentile.
    pub fn percentile(
        &self,
        metric: Metric,
        stat: Stat,
    ) -> Option<Result<PercentileEstimate, NoInterval>> {
        self.quantile_estimate(metric, stat.fraction()?)
    }

    /// Any quantile of a per-request metric, 0 ≤ p ≤ 1, in its unit. `None` for other metrics, or when no request has it.
    pub fn quantile(&self, metric: Metric, p: f64) -> Option<f64> {
        stats::percentile(&stats::sorted(&self.values(metric)?), p)
    }

    /// Where such a quantile lies, 0 < p < 1. `None` for other metrics.
    pub fn quantile_estimate(
        &self,
        metric: Metric,
        p: f64,
    ) -> Option<Result<PercentileEstimate, NoInterval>> {
        let values = self.values(metric)?;
        Some(stats::percentile_estimate(
            &values,
            p,
            self.records.wave,
            LEVEL,
        ))
    }

    /// Completed requests a second, with an interval. `None` when no time passed.
    pub fn request_throughput(&self) -> Option<Throughput> {
        self.throughput(&vec![1.0; self.n()])
    }

    /// Output tokens a second of the whole system, with an interval. `None` when no time
    /// passed, no token came, or nobody counted.
    pub fn output_throughput(&self) -> Option<Throughput> {
        if self.records.osl.is_empty() {
            return None;
        }
        self.throughput(self.tail(&self.records.osl))
    }

    fn throughput(&self, amounts: &[f64]) -> Option<Throughput> {
        let wave = self.records.wave;
        let ramp = if self.drop == 0 { wave } else { 0 };
        let served = Served {
            starts_s: self.tail(&self.records.start_s),
            ends_s: self.tail(&self.records.end_s),
            amounts,
        };
        stats::throughput(served, self.begin_s(), wave, ramp, LEVEL)
    }

    /// Requests in flight, averaged over the window's time (Little's law, exact here as every
    /// request in flight is in the window). `None` when no time passed.
    pub fn in_flight(&self) -> Option<f64> {
        let begin = self.begin_s();
        let r = self.records;
        let busy: f64 = self
            .tail(&r.start_s)
            .iter()
            .zip(self.tail(&r.end_s))
            .map(|(start, end)| end - start.max(begin))
            .sum();
        let average = busy / self.wall_s();
        average.is_finite().then_some(average)
    }

    /// Which requests keep all limits, in order of completion; `None` where a limit is on what was
    /// not measured.
    pub fn within(&self, limits: Limits) -> Option<Vec<bool>> {
        let r = self.records;
        let mut out = vec![true; self.n()];
        for (limit, column) in [
            (limits.ttft_s, &r.ttft_s),
            (limits.tpot_s, &r.tpot_s),
            (limits.latency_s, &r.latency_s),
        ] {
            let Some(limit) = limit else { continue };
            if column.is_empty() {
                return None;
            }
            for (kept, value) in out.iter_mut().zip(self.tail(column)) {
                *kept &= *value <= limit;
            }
        }
        Some(out)
    }

    /// Goodput under limits, in one pass; `None` where a limit is on what was not measured.
    pub fn goodput(&self, limits: Limits) -> Option<Goodput> {
        let within = self.within(limits)?;
        let good = within.iter().filter(|w| **w).count();
        let per_second = good as f64 / self.wall_s();
        Some(Goodput {
            good,
            n: within.len(),
            share: good as f64 / within.len() as f64,
            interval: stats::goodput_interval(&within, self.records.wave, LEVEL),
            per_second: per_second.is_finite().then_some(per_second),
        })
    }

    /// How this window's requests differ from another's in a per-request metric: one run each,
    /// so a statement about these two runs only. `None` for other metrics.
    pub fn compare(&self, other: &Window<'_>, metric: Metric) -> Option<Result<Shift, NoInterval>> {
        let (a, b) = (self.values(metric)?, other.values(metric)?);
        let waves = (self.records.wave, other.records.wave);
        Some(stats::compare_samples(&a, waves.0, &b, waves.1, LEVEL))
    }
}

#[cfg(test)]
mod tests;
