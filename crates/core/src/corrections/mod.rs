//! What the most direct sources correct: each figure from report over summary to records, with its factor.
//!
//! Knows where figures come from. Refuses to judge them: what a correction means is a finding of the audit.

mod line;
mod strips;
mod words;

pub use line::{Correction, Pair, Said, correction};
pub use strips::{Strip, strip};
pub use words::{tier, title};

use crate::model::{Evidence, Metric, Point, Run, RunKind, Tally, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A summary is off where a figure differs from the records by more than this share.
pub const OFF: f64 = 0.02;
/// Figures that differ by no more than this share are called equal.
pub const EQUAL: f64 = 0.005;

/// A group of traced metrics, shown together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Traced {
    /// Tokens and requests per second.
    #[default]
    Rates,
    /// Tokens a request.
    Lengths,
    /// Time of a request and to its first token.
    Times,
}

impl Traced {
    /// All groups, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Rates, Self::Lengths, Self::Times];

    /// The word on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rates => "Rates",
            Self::Lengths => "Lengths",
            Self::Times => "Request time",
        }
    }
    /// Its metrics.
    pub fn metrics(self) -> [Metric; 2] {
        match self {
            Self::Rates => [Metric::OutputThroughput, Metric::RequestThroughput],
            Self::Lengths => [Metric::Osl, Metric::Isl],
            Self::Times => [Metric::RequestLatency, Metric::Ttft],
        }
    }
}

/// One figure through its sources, in the metric's SI unit; what no source states is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Trace {
    /// As a report has it.
    pub published: Option<f64>,
    /// As the tool summarised it.
    pub summary: Option<f64>,
    /// As counted from the requests.
    pub recorded: Option<f64>,
    /// Whether it is not used though nothing more direct is there: it was not measured, or can't be right.
    pub withdrawn: bool,
}

impl Trace {
    /// Recorded over what was summarised, else over what was published.
    pub fn factor(&self) -> Option<f64> {
        let factor = self.recorded? / self.summary.or(self.published)?;
        (factor.is_finite() && factor > 0.0).then_some(factor)
    }
    /// Whether the sources differ by more than [`OFF`].
    pub fn is_off(&self) -> bool {
        self.factor().is_some_and(|f| f.ln().abs() > OFF.ln_1p())
    }
    /// Whether what was summarised or published is not used.
    pub fn is_struck(&self) -> bool {
        self.withdrawn || self.is_off()
    }
    fn is_empty(&self) -> bool {
        self.published.or(self.summary).or(self.recorded).is_none()
    }
}

/// One load of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct TracedLoad {
    /// Requests in flight.
    pub concurrency: u32,
    /// Completed requests: by the summary, and by the records.
    pub requests: (Option<u64>, Option<u64>),
    /// By metric, those that any source states.
    pub figures: BTreeMap<Metric, Trace>,
    /// Whether no verdict rests on this load alone.
    pub distrusted: bool,
}

/// A measured run with more than one source.
#[derive(Debug, Clone, PartialEq)]
pub struct TracedRun {
    /// Index into the workspace's runs.
    pub run: usize,
    /// Its loads, ascending.
    pub loads: Vec<TracedLoad>,
}

/// What one kind of source adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The kind.
    pub evidence: Evidence,
    /// Requests that it counts; a report counts none.
    pub requests: u64,
    /// Files.
    pub files: usize,
    /// Figures that are in use.
    pub used: usize,
    /// Figures that a more direct source superseded, or that are not used for another reason.
    pub superseded: usize,
}

/// The sources of everything that was measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    /// Runs with more than one source, in the order of the workspace.
    pub runs: Vec<TracedRun>,
    /// The kinds of sources, the most direct first.
    pub tiers: Vec<Tier>,
}

impl TracedRun {
    /// Requests by the summaries and by the records, over the loads that have both; `None` where they agree.
    pub fn recounted(&self) -> Option<(u64, u64)> {
        let both = self
            .loads
            .iter()
            .filter_map(|l| Some((l.requests.0?, l.requests.1?)));
        let (summary, records) = both.fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
        (summary != records).then_some((summary, records))
    }
}

impl Sources {
    /// The sources of a run; `None` where each of its figures has one.
    pub fn of(&self, run: usize) -> Option<&TracedRun> {
        self.runs.iter().find(|r| r.run == run)
    }
    /// Loads that have records, of all loads of runs with several sources.
    pub fn complete(&self) -> Option<(usize, usize)> {
        let loads = || self.runs.iter().flat_map(|r| &r.loads);
        let with = loads().filter(|l| l.requests.1.is_some()).count();
        (with > 0).then(|| (with, loads().count()))
    }
    /// Requests that summaries leave out, of all requests of the same loads.
    pub fn left_out(&self) -> Option<(u64, u64)> {
        let (mut out, mut all) = (0, 0);
        for load in self.runs.iter().flat_map(|r| &r.loads) {
            if let (Some(summary), Some(recorded)) = load.requests {
                out += recorded.saturating_sub(summary);
                all += recorded;
            }
        }
        (out > 0).then_some((out, all))
    }
    /// Lowest and highest factor by which a metric is off; `None` where it is nowhere.
    pub fn off(&self, metric: Metric) -> Option<(f64, f64)> {
        let loads = self.runs.iter().flat_map(|r| &r.loads);
        let factors = loads
            .filter_map(|l| l.figures.get(&metric))
            .filter(|t| t.is_off())
            .filter_map(Trace::factor);
        factors.fold(None, |range: Option<(f64, f64)>, f| {
            let (low, high) = range.unwrap_or((f, f));
            Some((low.min(f), high.max(f)))
        })
    }
    /// Whether a traced figure is off, or a summary counts other requests.
    pub fn corrects(&self) -> bool {
        self.left_out().is_some()
            || Traced::ALL
                .into_iter()
                .flat_map(Traced::metrics)
                .any(|m| self.off(m).is_some())
    }
}

/// The sources of a workspace's measured runs.
pub fn sources(ws: &Workspace) -> Sources {
    let measured = ws
        .runs
        .iter()
        .enumerate()
        .filter(|(_, r)| r.kind == RunKind::Measured);
    let runs: Vec<TracedRun> = measured
        .clone()
        .filter(|(_, r)| several(ws, r))
        .map(|(run, r)| TracedRun {
            run,
            loads: r.points.iter().filter_map(|p| traced(ws, r, p)).collect(),
        })
        .filter(|r| !r.loads.is_empty())
        .collect();
    let tiers = if runs.is_empty() {
        Vec::new()
    } else {
        tiers(ws, measured.map(|(_, r)| r))
    };
    Sources { runs, tiers }
}

/// Whether a run's figures have more than one source.
fn several(ws: &Workspace, run: &Run) -> bool {
    ws.published.iter().any(|p| p.run == run.id)
        || run.points.iter().any(|p| {
            !p.withdrawn.is_empty() || p.metrics.values().any(|m| !m.superseded.is_empty())
        })
}

fn traced(ws: &Workspace, run: &Run, p: &Point) -> Option<TracedLoad> {
    let concurrency = p.load.concurrency?;
    let mut figures = BTreeMap::new();
    for metric in Traced::ALL.into_iter().flat_map(Traced::metrics) {
        let mut trace = Trace {
            published: ws
                .published
                .iter()
                .find(|x| {
                    x.run == run.id && x.concurrency == Some(concurrency) && x.metric == metric
                })
                .and_then(|x| Some(x.stats.central()?.1)),
            withdrawn: p.withdrawn.contains_key(&metric) && !p.metrics.contains_key(&metric),
            ..Trace::default()
        };
        for (evidence, stats) in stated(p, metric) {
            let slot = match evidence {
                Evidence::Usage | Evidence::Records => &mut trace.recorded,
                Evidence::Summary => &mut trace.summary,
                Evidence::Report => &mut trace.published,
            };
            *slot = slot.or(stats.central().map(|(_, v)| v));
        }
        if !trace.is_empty() {
            figures.insert(metric, trace);
        }
    }
    let count = |recorded: bool| {
        let trace = p.traces.get(&Tally::Requests);
        let used = trace.map_or(Evidence::Summary, |t| t.evidence);
        if used.is_recorded() == recorded {
            return p.requests;
        }
        let other = trace?
            .superseded
            .iter()
            .find(|(e, ..)| e.is_recorded() == recorded && *e != Evidence::Report)?;
        Some(other.1 as u64)
    };
    Some(TracedLoad {
        concurrency,
        requests: (count(false), count(true)),
        figures,
        distrusted: p.distrusted,
    })
}

/// What each source states of a metric: in use, superseded, withdrawn.
fn stated(p: &Point, metric: Metric) -> impl Iterator<Item = (Evidence, &crate::model::Stats)> {
    let used = p.metrics.get(&metric);
    let withdrawn = p.withdrawn.get(&metric);
    used.map(|m| (m.evidence, &m.stats)).into_iter().chain(
        used.into_iter()
            .flat_map(|m| &m.superseded)
            .chain(withdrawn.map(|w| &w.figures))
            .map(|s| (s.evidence, &s.stats)),
    )
}

fn tiers<'r>(ws: &Workspace, runs: impl Iterator<Item = &'r Run>) -> Vec<Tier> {
    let mut files: BTreeMap<Evidence, BTreeSet<&str>> = BTreeMap::new();
    let mut counts: BTreeMap<Evidence, (u64, usize, usize)> = BTreeMap::new();
    for p in runs.flat_map(|r| &r.points) {
        for m in p.metrics.values() {
            counts.entry(m.evidence).or_default().1 += 1;
            if m.evidence == Evidence::Summary {
                files.entry(m.evidence).or_default().insert(&p.source.file);
            }
            for s in &m.superseded {
                counts.entry(s.evidence).or_default().2 += 1;
                files.entry(s.evidence).or_default().insert(&s.file);
            }
        }
        for w in p.withdrawn.values() {
            counts.entry(w.figures.evidence).or_default().2 += 1;
            files
                .entry(w.figures.evidence)
                .or_default()
                .insert(&w.figures.file);
        }
        if let Some(recorded) = &p.recorded {
            files
                .entry(Evidence::Records)
                .or_default()
                .insert(&recorded.file);
            counts.entry(Evidence::Records).or_default().0 += recorded.requests;
            if let Some(n) = recorded.with_usage.filter(|n| *n > 0) {
                files
                    .entry(Evidence::Usage)
                    .or_default()
                    .insert(&recorded.file);
                counts.entry(Evidence::Usage).or_default().0 += n;
            }
        }
        if let Some(trace) = p.traces.get(&Tally::Requests) {
            let summary = trace
                .superseded
                .iter()
                .find(|(e, ..)| *e == Evidence::Summary);
            counts.entry(Evidence::Summary).or_default().0 += summary.map_or(0, |s| s.1 as u64);
        }
    }
    for x in &ws.published {
        counts.entry(Evidence::Report).or_default().2 += 1;
        files.entry(Evidence::Report).or_default().insert(&x.file);
    }
    counts
        .into_iter()
        .map(|(evidence, (requests, used, superseded))| Tier {
            evidence,
            requests,
            files: files.get(&evidence).map_or(0, BTreeSet::len),
            used,
            superseded,
        })
        .filter(|t| t.files > 0)
        .collect()
}
