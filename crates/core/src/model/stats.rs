//! The statistics that a source reports for one metric at one load.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which statistic a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stat {
    /// Arithmetic mean over requests.
    Avg,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Standard deviation over requests.
    Std,
    /// 1st percentile.
    P1,
    /// 5th percentile.
    P5,
    /// 10th percentile.
    P10,
    /// 25th percentile.
    P25,
    /// Median.
    P50,
    /// 75th percentile.
    P75,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
    /// One figure whose statistic the source does not name.
    Stated,
}

impl Stat {
    /// All statistics, in the order of declaration.
    pub const ALL: [Self; 14] = [
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Std,
        Self::P1,
        Self::P5,
        Self::P10,
        Self::P25,
        Self::P50,
        Self::P75,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::Stated,
    ];

    /// The key in JSON and URLs: `avg`, `p95`, …
    pub fn key(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Std => "std",
            Self::P1 => "p1",
            Self::P5 => "p5",
            Self::P10 => "p10",
            Self::P25 => "p25",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Stated => "stated",
        }
    }

    /// The inverse of [`Stat::key`]; also knows `mean` and `median`, in any case.
    pub fn from_key(key: &str) -> Option<Self> {
        let key = key.trim().to_ascii_lowercase();
        match key.as_str() {
            "mean" | "average" => Some(Self::Avg),
            "median" => Some(Self::P50),
            "stddev" | "std_dev" => Some(Self::Std),
            k => Self::ALL.into_iter().find(|s| s.key() == k),
        }
    }

    /// The share of requests at or below a percentile, 0 to 1; `None` for other statistics.
    pub fn fraction(self) -> Option<f64> {
        match self {
            Self::P1 => Some(0.01),
            Self::P5 => Some(0.05),
            Self::P10 => Some(0.10),
            Self::P25 => Some(0.25),
            Self::P50 => Some(0.50),
            Self::P75 => Some(0.75),
            Self::P90 => Some(0.90),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            _ => None,
        }
    }
}

/// Reported statistics of one metric at one load, in the metric's SI unit. What was not
/// reported is absent, never 0 and never NaN.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stats(BTreeMap<Stat, f64>);

impl Stats {
    /// No figure at all.
    pub fn new() -> Self {
        Self::default()
    }
    /// Only an average, as rates and counts have it.
    pub fn avg(value: f64) -> Self {
        Self::of(Stat::Avg, value)
    }
    /// Only a figure whose statistic the source does not name.
    pub fn stated(value: f64) -> Self {
        Self::of(Stat::Stated, value)
    }
    /// Only one statistic.
    pub fn of(stat: Stat, value: f64) -> Self {
        let mut stats = Self::new();
        stats.set(stat, value);
        stats
    }
    /// Sets a statistic; a value that is not finite counts as not reported.
    pub fn set(&mut self, stat: Stat, value: f64) {
        if value.is_finite() {
            self.0.insert(stat, value);
        }
    }
    /// Exactly this statistic.
    pub fn get(&self, stat: Stat) -> Option<f64> {
        self.0.get(&stat).copied()
    }
    /// The central figure: the average, else the unnamed figure, else the median.
    pub fn central(&self) -> Option<(Stat, f64)> {
        [Stat::Avg, Stat::Stated, Stat::P50]
            .into_iter()
            .find_map(|s| self.get(s).map(|v| (s, v)))
    }
    /// The wanted statistic, else the source's only unnamed figure; says which it is.
    pub fn at(&self, wanted: Stat) -> Option<(Stat, f64)> {
        [wanted, Stat::Stated]
            .into_iter()
            .find_map(|s| self.get(s).map(|v| (s, v)))
    }
    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// What was reported, in the order of [`Stat::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Stat, f64)> + '_ {
        self.0.iter().map(|(s, v)| (*s, *v))
    }
    /// Every figure through a function, as for a change of unit.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        let mut out = Self::new();
        for (s, v) in self.iter() {
            out.set(s, f(v));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_not_reported() {
        let mut s = Stats::new();
        s.set(Stat::P99, f64::NAN);
        s.set(Stat::P95, f64::INFINITY);
        assert!(s.is_empty());
    }

    #[test]
    fn an_unnamed_figure_stands_in_and_says_so() {
        let s = Stats::stated(2.761);
        assert_eq!(s.at(Stat::P95), Some((Stat::Stated, 2.761)));
        assert_eq!(s.get(Stat::P95), None);
    }

    #[test]
    fn keys_round_trip() {
        for s in Stat::ALL {
            assert_eq!(Stat::from_key(s.key()), Some(s));
        }
        assert_eq!(Stat::from_key("Median"), Some(Stat::P50));
    }
}
