//! Where a measured figure was read from, what it superseded, and what raw records show beside their columns.

use super::{Metric, Stats};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The source of a measured figure, most direct first. They are sources of one measurement, never runs of their own.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Token counts that the server itself wrote into its answers (`usage`).
    Usage,
    /// Timestamps and counts of each request.
    Records,
    /// A summary by the tool that measured.
    #[default]
    Summary,
    /// A table that somebody pasted or wrote.
    Report,
}

impl Evidence {
    /// The key in JSON. The server's counts stand in the records, and are called so.
    pub fn key(self) -> &'static str {
        match self {
            Self::Usage | Self::Records => "records",
            Self::Summary => "summary",
            Self::Report => "report",
        }
    }
    /// Whether it was counted from single requests.
    pub fn is_recorded(self) -> bool {
        matches!(self, Self::Usage | Self::Records)
    }
}

/// Which sources the figures on the table come from, where there are several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The most direct one.
    #[default]
    Recorded,
    /// The tool's summary, or the report.
    Summarised,
}

/// Figures of one metric from a source that is not used, as another is more direct or was chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Superseded {
    /// What kind of source.
    pub evidence: Evidence,
    /// Its figures, in the metric's SI unit.
    pub stats: Stats,
    /// The file they stand in.
    pub file: String,
}

/// Why figures that a source states are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// The answers were not streamed, so that no time of a first token or between tokens was measured.
    NotStreamed,
    /// Only a summary states it, and the records of the run's other loads show that the same tool counted wrongly.
    Miscounted,
}

/// Figures that a source states and that are not used, as they were not measured or can't be right. In no metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The figures.
    pub figures: Superseded,
    /// Why they are not used.
    pub why: Withdrawal,
}

/// A figure of a point that is not a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// Completed requests: `Point::requests`.
    Requests,
    /// Failed requests: `Point::errors`.
    Errors,
    /// Wall time in seconds: `Point::duration`.
    Duration,
}

/// Where a [`Tally`] comes from and what it superseded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The source of the figure in use.
    pub evidence: Evidence,
    /// What other sources say: kind, figure, file.
    pub superseded: Vec<(Evidence, f64, String)>,
}

/// What the payloads of the requests asked for; absent where they don't say, or don't agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Whether the answer was to be streamed; a payload that does not name it asks for none.
    pub stream: Option<bool>,
    /// Most tokens of an answer (`max_tokens`, `max_completion_tokens`).
    pub max_tokens: Option<u64>,
    /// Fewest tokens of an answer.
    pub min_tokens: Option<u64>,
    /// Whether the end-of-sequence token was to be ignored.
    pub ignore_eos: Option<bool>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
}

/// What the raw records of one load show beside their columns. Counts are of requests outside the warm-up; what the
/// file can't show is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recorded {
    /// The file.
    pub file: String,
    /// All requests, failed and cancelled ones too.
    pub requests: u64,
    /// Failed ones.
    pub failed: u64,
    /// Cancelled ones, not among the failed.
    pub cancelled: u64,
    /// Completed requests whose answer has visible content; absent where no texts are kept.
    pub with_content: Option<u64>,
    /// Completed requests whose answer has reasoning and no visible content.
    pub reasoning_only: Option<u64>,
    /// Completed requests whose answer is a tool call and no visible content.
    pub tool_call_only: Option<u64>,
    /// Completed requests whose answer came in one piece.
    pub single_chunk: Option<u64>,
    /// Pieces of all completed answers together.
    pub chunks: Option<u64>,
    /// What the payloads asked for; absent where no payloads are kept.
    pub asked: Option<Asked>,
    /// Completed requests whose answer carries the server's own token counts.
    pub with_usage: Option<u64>,
    /// Output tokens of the completed requests by the server's counts, where all carry them.
    pub tokens_by_usage: Option<f64>,
    /// Output tokens of the completed requests by the tool's own count, where it gives one for each.
    pub tokens_by_tool: Option<f64>,
    /// Requests whose prompt is in the file.
    pub with_prompt: Option<u64>,
    /// One hash for each distinct prompt, ascending, to find repeats within and across loads.
    pub prompts: Vec<u64>,
    /// Completed requests that end outside the window that the tool evaluates.
    pub outside_window: Option<u64>,
}

impl Recorded {
    /// Completed requests.
    pub fn completed(&self) -> u64 {
        self.requests
            .saturating_sub(self.failed)
            .saturating_sub(self.cancelled)
    }
    /// Whether the answers were streamed: several pieces in some answer. `None` without a count of pieces.
    pub fn streamed(&self) -> Option<bool> {
        Some(self.single_chunk? < self.completed())
    }
    /// Share of the requests that repeat a prompt of this load, 0 to 1.
    pub fn repeats(&self) -> Option<f64> {
        let all = self.with_prompt.filter(|n| *n > 0)?;
        Some(1.0 - self.prompts.len() as f64 / all as f64)
    }
}

/// One figure of a report about a run on the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The run's id.
    pub run: String,
    /// Requests in flight.
    pub concurrency: Option<u32>,
    /// What it is a figure of.
    pub metric: Metric,
    /// As published, in the metric's SI unit.
    pub stats: Stats,
    /// The report.
    pub file: String,
    /// Line of the report from 1, where known.
    pub line: Option<u32>,
}

/// Where limits are stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// The name of AIC's output folder.
    FolderName,
    /// AIC's file of configuration.
    ConfigFile,
    /// A report in words.
    Report,
}

/// Limits as one source states them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatedLimits {
    /// What kind of source.
    pub source: LimitSource,
    /// The folder or file.
    pub file: String,
    /// Largest TTFT.
    pub ttft: Option<Seconds>,
    /// Largest TPOT.
    pub tpot: Option<Seconds>,
}

/// The traces of a point's figures that are not metrics.
pub type Traces = BTreeMap<Tally, Trace>;
