//! One load point of a run: the load, the work asked for, and what came out.

use super::evidence::Traces;
use super::{Evidence, Metric, Provenance, Recorded, Stat, Stats, Superseded, Tally, Withdrawn};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The load that was applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Requests in flight in a closed loop, as asked for.
    pub concurrency: Option<u32>,
    /// Requests per second in an open loop, as asked for.
    pub request_rate: Option<f64>,
}

/// The work that was asked for, tokens a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Input tokens asked for.
    pub isl: Option<f64>,
    /// Output tokens asked for.
    pub osl: Option<f64>,
}

/// A metric's figures and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Figures in the metric's SI unit.
    pub stats: Stats,
    /// Where they come from.
    pub provenance: Provenance,
    /// What kind of source states them.
    #[serde(default)]
    pub evidence: Evidence,
    /// What other sources of the same measurement say.
    #[serde(default)]
    pub superseded: Vec<Superseded>,
}

/// What a source means by TPOT or ITL; unlike definitions are never compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TpotDefinition {
    /// (R − TTFT) ÷ (OSL − 1), one value a request.
    #[default]
    AfterFirst,
    /// (R − TTFT) ÷ OSL.
    AfterFirstOverAll,
    /// R ÷ OSL: the wait for the first token is counted in.
    WithFirst,
}

/// Where in which file a point stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path as dropped.
    pub file: String,
    /// Line, row, JSON path or table heading; empty for a whole file.
    pub place: String,
}

/// How a projected point is set up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// `true` for disaggregated prefill and decode workers.
    pub disagg: bool,
    /// Tensor parallelism of an aggregated worker.
    pub tp: Option<u32>,
    /// Pipeline parallelism of an aggregated worker.
    pub pp: Option<u32>,
    /// Batch of an aggregated worker.
    pub batch: Option<u32>,
    /// Context tokens a step of an aggregated worker.
    pub ctx_tokens: Option<u32>,
    /// Memory for each GPU, GiB.
    pub memory_gib: Option<f64>,
    /// Prefill workers, their TP and batch.
    pub prefill: Option<(u32, u32, u32)>,
    /// Decode workers, their TP and batch.
    pub decode: Option<(u32, u32, u32)>,
}

/// One load point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Load applied.
    pub load: Load,
    /// Lengths asked for.
    pub workload: Workload,
    /// What came out.
    pub metrics: BTreeMap<Metric, Measure>,
    /// Completed requests.
    pub requests: Option<u64>,
    /// Failed requests; absent when the source does not say.
    pub errors: Option<u64>,
    /// Wall time of the run.
    pub duration: Option<Seconds>,
    /// What TPOT means here.
    pub tpot_definition: TpotDefinition,
    /// GPUs that this point's whole-system figures cover, where it differs from the run's
    /// (AIC: GPUs of one replica).
    pub gpus: Option<u32>,
    /// How a projected point is set up.
    pub setup: Option<Setup>,
    /// Where it stands.
    pub source: Source,
    /// Statistics that the source does not report and that were recomputed from the records.
    #[serde(default)]
    pub recomputed: BTreeMap<Metric, BTreeSet<Stat>>,
    /// What kind of source the counts and the wall time come from, and what others say.
    #[serde(default)]
    pub traces: Traces,
    /// What the raw records show beside their columns.
    #[serde(default)]
    pub recorded: Option<Recorded>,
    /// Figures that a source states and that are not used.
    #[serde(default)]
    pub withdrawn: BTreeMap<Metric, Withdrawn>,
    /// Whether the answers were streamed, where a source says or shows it.
    #[serde(default)]
    pub streamed: Option<bool>,
    /// Whether only a summary describes this load, and the records of the run's other loads show that summaries of
    /// this tool counted wrongly. No verdict rests on such a load alone.
    #[serde(default)]
    pub distrusted: bool,
    /// Per-request records, when a raw file was dropped.
    #[serde(skip)]
    pub records: Option<Arc<Requests>>,
}

/// Per-request records as flat columns of equal length, in order of completion. Times in
/// seconds; starts and ends count from the earliest start. The columns of TTFT and tokens are
/// empty where nothing of the kind was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Requests {
    /// Request sent.
    pub start_s: Vec<f64>,
    /// Last token received.
    pub end_s: Vec<f64>,
    /// TTFT; empty where answers were not streamed.
    pub ttft_s: Vec<f64>,
    /// Input tokens; empty where no source has them.
    pub isl: Vec<f64>,
    /// Output tokens; empty where neither the server nor the tool counted them.
    pub osl: Vec<f64>,
    /// What the file calls each request: the tool's own number, else its place in the file from 0.
    pub number: Vec<u32>,
    /// Failed requests, which are in no column.
    pub errors: u64,
    /// Requests that the tool itself marks as warm-up, which count nowhere; their times are
    /// negative, as they too count from the earliest counted start.
    pub warm_up: Option<Box<Requests>>,
    /// File they were read from.
    pub file: String,
}

/// Which requests count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Treatment {
    /// All that the file counts.
    #[default]
    File,
    /// Without the first completions, as many as are in flight.
    FirstWave,
    /// Without what MSER-5 cuts off.
    Mser5,
}

impl Treatment {
    /// All treatments, in the order of the control.
    pub const ALL: [Self; 3] = [Self::File, Self::FirstWave, Self::Mser5];

    /// Key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::FirstWave => "wave",
            Self::Mser5 => "mser",
        }
    }
    /// The inverse of [`Treatment::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }
}

impl Requests {
    /// Number of completed requests.
    pub fn len(&self) -> usize {
        self.start_s.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.start_s.is_empty()
    }
    /// Whether the columns, also those of the warm-up, are of equal length, as everything that reads them expects; those of what was
    /// not measured may be empty.
    pub fn is_even(&self) -> bool {
        let n = self.len();
        let measured = [&self.ttft_s, &self.isl, &self.osl];
        self.end_s.len() == n
            && self.number.len() == n
            && measured.iter().all(|c| c.is_empty() || c.len() == n)
            && self.warm_up.as_deref().is_none_or(Self::is_even)
    }
}

impl Point {
    /// Sets a measured metric; empty figures are not stored.
    pub fn measured(&mut self, metric: Metric, stats: Stats) {
        self.put(metric, stats, Provenance::Measured);
    }

    /// Sets a metric with its provenance; empty figures are not stored.
    pub fn put(&mut self, metric: Metric, stats: Stats, provenance: Provenance) {
        if !stats.is_empty() {
            let evidence = Evidence::default();
            self.metrics.insert(
                metric,
                Measure {
                    stats,
                    provenance,
                    evidence,
                    superseded: Vec::new(),
                },
            );
        }
    }

    /// The most direct source among those of the measured figures; `None` without any.
    pub fn evidence(&self) -> Option<Evidence> {
        self.metrics
            .values()
            .filter(|m| m.provenance != Provenance::Projected)
            .map(|m| m.evidence)
            .min()
    }

    /// The source of a count or the wall time.
    pub fn tally_evidence(&self, tally: Tally) -> Evidence {
        self.traces
            .get(&tally)
            .map(|t| t.evidence)
            .or_else(|| self.evidence())
            .unwrap_or_default()
    }

    /// The metric's central figure as the source gives it, without deriving.
    pub fn reported(&self, metric: Metric) -> Option<f64> {
        Some(self.metrics.get(&metric)?.stats.central()?.1)
    }

    /// The metric at a statistic as the source gives it; says which statistic it is. For rates
    /// and lengths pass [`Stat::Avg`].
    pub fn reported_at(&self, metric: Metric, stat: Stat) -> Option<(Stat, f64)> {
        self.metrics.get(&metric)?.stats.at(stat)
    }

    /// The metric's central figure, reported or else derived from other figures of this point:
    /// OSL = tokens/s ÷ req/s, R = C ÷ X, TPOT = (R − TTFT) ÷ (OSL − 1), per GPU by `gpus`,
    /// per user = 1 ÷ TPOT. SI units. Nothing is derived from what was itself derived, except
    /// that TPOT may use implied R and OSL, and per user only a reported TPOT.
    pub fn value(&self, metric: Metric, gpus: Option<u32>) -> Option<(f64, Provenance)> {
        if let Some(m) = self.metrics.get(&metric)
            && let Some((_, v)) = m.stats.central()
        {
            return Some((v, m.provenance));
        }
        let derived = match metric {
            Metric::Osl => ratio(
                self.reported(Metric::OutputThroughput)?,
                self.reported(Metric::RequestThroughput)?,
            ),
            Metric::RequestLatency => ratio(
                f64::from(self.load.concurrency?),
                self.reported(Metric::RequestThroughput)?,
            ),
            Metric::OutputThroughputPerGpu => ratio(
                self.reported(Metric::OutputThroughput)?,
                f64::from(self.gpus.or(gpus)?),
            ),
            Metric::OutputThroughput => Some(
                self.reported(Metric::OutputThroughputPerGpu)? * f64::from(self.gpus.or(gpus)?),
            ),
            Metric::Tpot => {
                let latency = self.value(Metric::RequestLatency, gpus)?.0;
                let osl = self.value(Metric::Osl, gpus)?.0;
                let ttft = self.reported(Metric::Ttft)?;
                (osl > 1.0 && latency > ttft)
                    .then(|| ratio(latency - ttft, osl - 1.0))
                    .flatten()
            }
            Metric::OutputThroughputPerUser => match self.reported(Metric::Tpot) {
                Some(tpot) => ratio(1.0, tpot),
                None => ratio(
                    self.reported(Metric::OutputThroughput)?,
                    f64::from(self.load.concurrency?),
                ),
            },
            Metric::RequestThroughput
            | Metric::TotalThroughput
            | Metric::Ttft
            | Metric::Isl
            | Metric::ChunkGap
            | Metric::Goodput => None,
        }?;
        let projected = self
            .metrics
            .values()
            .any(|m| m.provenance == Provenance::Projected);
        Some((
            derived,
            if projected {
                Provenance::Projected
            } else {
                Provenance::Derived
            },
        ))
    }
}

fn ratio(a: f64, b: f64) -> Option<f64> {
    let r = a / b;
    r.is_finite().then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed_c250() -> Point {
        let mut p = Point {
            load: Load {
                concurrency: Some(250),
                request_rate: None,
            },
            ..Point::default()
        };
        p.measured(Metric::OutputThroughput, Stats::avg(104.80));
        p.measured(Metric::RequestThroughput, Stats::avg(9.64));
        p.measured(Metric::Ttft, Stats::stated(24.373));
        p
    }

    #[test]
    fn implied_figures_follow_their_formulas() {
        let p = seed_c250();
        let near = |m, want: f64| {
            let (v, how) = p.value(m, Some(8)).expect("derivable");
            assert!((v - want).abs() < 5e-4 * want, "{m:?}: {v} against {want}");
            assert_eq!(how, Provenance::Derived);
        };
        near(Metric::Osl, 10.871);
        near(Metric::RequestLatency, 25.934);
        near(Metric::Tpot, 0.1581);
        near(Metric::OutputThroughputPerGpu, 13.1);
    }

    #[test]
    fn without_gpus_there_is_no_per_gpu_figure() {
        assert_eq!(
            seed_c250().value(Metric::OutputThroughputPerGpu, None),
            None
        );
    }

    #[test]
    fn an_impossible_latency_implies_no_tpot() {
        let mut p = seed_c250();
        p.measured(Metric::Ttft, Stats::stated(99.0));
        assert_eq!(p.value(Metric::Tpot, None), None);
    }
}
