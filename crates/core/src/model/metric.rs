//! The metric catalogue: id, label, unit, direction, formula and definition of each metric.

use crate::units::Unit;
use serde::{Deserialize, Serialize};

/// A metric of one load point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Output tokens per second of the whole system, first tokens counted.
    OutputThroughput,
    /// Output tokens per second divided by the GPUs that serve.
    OutputThroughputPerGpu,
    /// Completed requests per second of the whole system.
    RequestThroughput,
    /// Input and output tokens per second of the whole system.
    TotalThroughput,
    /// Output tokens per second that one user sees while decoding.
    OutputThroughputPerUser,
    /// Time to first token.
    Ttft,
    /// Time per output token after the first, one value a request.
    Tpot,
    /// End-to-end request latency.
    RequestLatency,
    /// Input tokens a request.
    Isl,
    /// Output tokens a request.
    Osl,
    /// Gap between streamed chunks, pooled over all gaps.
    ChunkGap,
    /// Requests per second within every limit of the SLA.
    Goodput,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// A property of the work, neither better nor worse.
    Neither,
}

/// One row of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricInfo {
    /// Key in JSON, URLs and CSV.
    pub id: &'static str,
    /// Name in sentence case.
    pub label: &'static str,
    /// Short name for a table head or an axis.
    pub short: &'static str,
    /// SI unit of the values held.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// How it is computed, in the symbols of the definitions.
    pub formula: &'static str,
    /// What it means, one or two sentences.
    pub definition: &'static str,
}

impl Metric {
    /// All metrics, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::OutputThroughput,
        Self::OutputThroughputPerGpu,
        Self::RequestThroughput,
        Self::TotalThroughput,
        Self::OutputThroughputPerUser,
        Self::Ttft,
        Self::Tpot,
        Self::RequestLatency,
        Self::Isl,
        Self::Osl,
        Self::ChunkGap,
        Self::Goodput,
    ];

    /// The catalogue's row.
    pub fn info(self) -> &'static MetricInfo {
        match self {
            Self::OutputThroughput => &MetricInfo {
                id: "output_throughput",
                label: "Output tokens/s",
                short: "tok/s",
                unit: Unit::TokensPerSecond,
                direction: Direction::Higher,
                formula: "sum of output tokens ÷ wall time",
                definition: "Output tokens of all completed requests, the first of each counted, over the wall time of the run. Whole system.",
            },
            Self::OutputThroughputPerGpu => &MetricInfo {
                id: "output_throughput_per_gpu",
                label: "Output tokens/s per GPU",
                short: "tok/s/GPU",
                unit: Unit::TokensPerSecondPerGpu,
                direction: Direction::Higher,
                formula: "output tokens/s ÷ GPUs",
                definition: "Output tokens/s of the whole system over the number of GPUs that serve it. AIC leaves the first token out in aggregated mode: X·(OSL − 1).",
            },
            Self::RequestThroughput => &MetricInfo {
                id: "request_throughput",
                label: "Requests/s",
                short: "req/s",
                unit: Unit::RequestsPerSecond,
                direction: Direction::Higher,
                formula: "X = completed requests ÷ wall time",
                definition: "Requests that completed without error over the wall time of the run. Whole system.",
            },
            Self::TotalThroughput => &MetricInfo {
                id: "total_throughput",
                label: "Total tokens/s",
                short: "total tok/s",
                unit: Unit::TokensPerSecond,
                direction: Direction::Higher,
                formula: "(input + output tokens) ÷ wall time",
                definition: "Input and output tokens of all completed requests over the wall time of the run. Whole system; not the output rate.",
            },
            Self::OutputThroughputPerUser => &MetricInfo {
                id: "output_throughput_per_user",
                label: "Output tokens/s per user",
                short: "tok/s per user",
                unit: Unit::TokensPerSecondPerUser,
                direction: Direction::Higher,
                formula: "1 ÷ TPOT; where no TPOT is reported, output tokens/s ÷ concurrency",
                definition: "How fast one user's answer streams. From TPOT it leaves the wait for the first token out; divided by concurrency it counts it in. The view names which.",
            },
            Self::Ttft => &MetricInfo {
                id: "ttft",
                label: "Time to first token",
                short: "TTFT",
                unit: Unit::Seconds,
                direction: Direction::Lower,
                formula: "TTFT = first token received − request sent",
                definition: "From sending a request to its first output token, as the client sees it; queueing counts.",
            },
            Self::Tpot => &MetricInfo {
                id: "tpot",
                label: "Time per output token",
                short: "TPOT",
                unit: Unit::Seconds,
                direction: Direction::Lower,
                formula: "TPOT = (R − TTFT) ÷ (OSL − 1)",
                definition: "Mean time between the output tokens of one request after the first. GenAI-Perf and AIPerf call it inter-token latency.",
            },
            Self::RequestLatency => &MetricInfo {
                id: "request_latency",
                label: "Request time, end to end",
                short: "R",
                unit: Unit::Seconds,
                direction: Direction::Lower,
                formula: "R = last token received − request sent; implied: concurrency ÷ requests/s",
                definition: "From sending a request to its last output token. Where it is not reported, Little's law implies it for a closed loop.",
            },
            Self::Isl => &MetricInfo {
                id: "isl",
                label: "Input tokens a request",
                short: "ISL",
                unit: Unit::Tokens,
                direction: Direction::Neither,
                formula: "ISL = input tokens ÷ requests",
                definition: "Tokens of the prompt, as the tool's tokenizer counts them.",
            },
            Self::Osl => &MetricInfo {
                id: "osl",
                label: "Output tokens a request",
                short: "OSL",
                unit: Unit::Tokens,
                direction: Direction::Neither,
                formula: "OSL = output tokens ÷ requests; implied: output tokens/s ÷ requests/s",
                definition: "Tokens that one request produced, observed and not asked for.",
            },
            Self::ChunkGap => &MetricInfo {
                id: "chunk_gap",
                label: "Gap between chunks",
                short: "gap",
                unit: Unit::Seconds,
                direction: Direction::Lower,
                formula: "time between two streamed chunks of a request",
                definition: "Gaps between single streamed chunks, pooled over all requests. Not TPOT: the two are never compared.",
            },
            Self::Goodput => &MetricInfo {
                id: "goodput",
                label: "Goodput",
                short: "goodput",
                unit: Unit::RequestsPerSecond,
                direction: Direction::Higher,
                formula: "requests within every limit ÷ wall time",
                definition: "Completed requests per second that stayed within every limit of the SLA.",
            },
        }
    }

    /// The key of [`MetricInfo::id`].
    pub fn id(self) -> &'static str {
        self.info().id
    }
    /// The inverse of [`Metric::id`].
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.id() == id)
    }
    /// SI unit.
    pub fn unit(self) -> Unit {
        self.info().unit
    }
    /// Whether a change from `a` to `b` is for the better; `None` where neither way is.
    pub fn improves(self, a: f64, b: f64) -> Option<bool> {
        match self.info().direction {
            Direction::Higher => Some(b > a),
            Direction::Lower => Some(b < a),
            Direction::Neither => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_metric_says_what_it_is() {
        let mut ids = BTreeSet::new();
        for m in Metric::ALL {
            let i = m.info();
            assert!(ids.insert(i.id), "{} twice", i.id);
            assert!(!i.label.is_empty() && !i.short.is_empty(), "{}", i.id);
            assert!(!i.unit.label().is_empty(), "{}", i.id);
            assert!(i.formula.len() > 5, "{} has no formula", i.id);
            assert!(i.definition.ends_with('.'), "{} has no definition", i.id);
            assert_eq!(Metric::from_id(i.id), Some(m));
        }
    }
}
