//! The figures that GenAI-Perf and AIPerf write in the same way: metric nodes, their names and
//! units, and the many places where the load and the work stand.
//!
//! Knows that shared shape; refuses to know which tool wrote a file.

use super::csv;
use super::error::ReadError;
use super::json::{Number, Text, Texts};
use super::quantity::{Dimension, count, number, unit};
use crate::model::{Load, Metric, Point, Source, Stat, Stats, Workload};
use crate::units::{Seconds, Unit};
use serde::Deserialize;

/// One metric: a unit and its statistics.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    unit: Text,
    avg: Number,
    min: Number,
    max: Number,
    std: Number,
    p1: Number,
    p5: Number,
    p10: Number,
    p25: Number,
    p50: Number,
    p75: Number,
    p90: Number,
    p95: Number,
    p99: Number,
}

impl Node {
    fn stats(&self) -> impl Iterator<Item = (Stat, f64)> + '_ {
        [
            (Stat::Avg, self.avg),
            (Stat::Min, self.min),
            (Stat::Max, self.max),
            (Stat::Std, self.std),
            (Stat::P1, self.p1),
            (Stat::P5, self.p5),
            (Stat::P10, self.p10),
            (Stat::P25, self.p25),
            (Stat::P50, self.p50),
            (Stat::P75, self.p75),
            (Stat::P90, self.p90),
            (Stat::P95, self.p95),
            (Stat::P99, self.p99),
        ]
        .into_iter()
        .filter_map(|(s, n)| Some((s, n.0?)))
    }
}

/// A summary file of either tool; what is not known is passed over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// AIPerf's version.
    pub aiperf_version: Text,
    /// AIPerf's key of the run.
    pub benchmark_id: Text,
    /// Whether the run was stopped early.
    pub was_cancelled: Option<bool>,
    /// Failed requests by kind.
    pub error_summary: Option<Vec<ErrorCount>>,
    /// Configuration.
    pub input_config: Option<InputConfig>,
    /// AIPerf 0.13: command line.
    pub run_info: Option<RunInfo>,
    request_throughput: Option<Node>,
    request_latency: Option<Node>,
    request_count: Option<Node>,
    error_request_count: Option<Node>,
    time_to_first_token: Option<Node>,
    inter_token_latency: Option<Node>,
    inter_chunk_latency: Option<Node>,
    output_token_throughput: Option<Node>,
    output_token_throughput_per_user: Option<Node>,
    total_token_throughput: Option<Node>,
    output_sequence_length: Option<Node>,
    input_sequence_length: Option<Node>,
    benchmark_duration: Option<Node>,
    goodput: Option<Node>,
    request_goodput: Option<Node>,
}

/// Failed requests of one kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ErrorCount {
    count: Number,
}

/// AIPerf 0.13's own description of the run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RunInfo {
    cli_command: Text,
}

/// The configuration in all the shapes it has had.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct InputConfig {
    model_names: Texts,
    model: Texts,
    concurrency: Number,
    request_rate: Number,
    synthetic_input_tokens_mean: Number,
    output_tokens_mean: Number,
    cli_command: Text,
    perf_analyzer: Option<PerfAnalyzer>,
    endpoint: Option<Endpoint>,
    input: Option<InputLengths>,
    loadgen: Option<Stimulus>,
    phases: Option<Vec<Phase>>,
    models: Option<Models>,
    datasets: Option<Vec<Dataset>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct PerfAnalyzer {
    stimulus: Option<Stimulus>,
}
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Stimulus {
    concurrency: Number,
    request_rate: Number,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    model_names: Texts,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct InputLengths {
    synthetic_tokens: Option<Mean>,
    output_tokens: Option<Mean>,
    prompt: Option<Prompt>,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Prompt {
    input_tokens: Option<Mean>,
    output_tokens: Option<Mean>,
    isl: Option<Mean>,
    osl: Option<Mean>,
}
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Mean {
    mean: Number,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Phase {
    kind: Text,
    concurrency: Number,
    request_rate: Number,
    rate: Number,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Models {
    items: Option<Vec<Model>>,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Model {
    name: Text,
}
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Dataset {
    prompts: Option<Prompt>,
}

fn mean(m: Option<Mean>) -> Option<f64> {
    m?.mean.0.filter(|v| *v > 0.0)
}

impl InputConfig {
    fn load(&self) -> Load {
        let profiling = self
            .phases
            .iter()
            .flatten()
            .find(|p| p.kind.0.as_deref().is_none_or(|k| k == "profiling"));
        let stimulus = self.perf_analyzer.as_ref().and_then(|p| p.stimulus);
        let all = |f: fn(&Stimulus) -> Number| {
            [stimulus, self.loadgen]
                .into_iter()
                .flatten()
                .find_map(|s| f(&s).0)
        };
        let concurrency = profiling
            .and_then(|p| p.concurrency.0)
            .or_else(|| all(|s| s.concurrency))
            .or(self.concurrency.0);
        let rate = profiling
            .and_then(|p| p.request_rate.0.or(p.rate.0))
            .or_else(|| all(|s| s.request_rate))
            .or(self.request_rate.0);
        Load {
            concurrency: concurrency.and_then(count).filter(|c| *c > 0),
            request_rate: rate.filter(|r| *r > 0.0),
        }
    }

    fn workload(&self) -> Workload {
        let dataset = self
            .datasets
            .iter()
            .flatten()
            .find_map(|d| d.prompts.as_ref());
        let prompt = self.input.as_ref().and_then(|i| i.prompt.as_ref());
        let input = self.input.as_ref();
        Workload {
            isl: dataset
                .and_then(|p| mean(p.isl))
                .or_else(|| mean(prompt?.input_tokens))
                .or_else(|| mean(input?.synthetic_tokens))
                .or(self.synthetic_input_tokens_mean.0.filter(|v| *v > 0.0)),
            osl: dataset
                .and_then(|p| mean(p.osl))
                .or_else(|| mean(prompt?.output_tokens))
                .or_else(|| mean(input?.output_tokens))
                // GenAI-Perf writes −1 for “not asked”.
                .or(self.output_tokens_mean.0.filter(|v| *v > 0.0)),
        }
    }

    fn model(&self) -> Option<String> {
        let listed = self
            .models
            .iter()
            .flat_map(|m| m.items.iter().flatten())
            .find_map(|m| m.name.0.clone());
        listed
            .or_else(|| self.model_names.0.first().cloned())
            .or_else(|| self.endpoint.as_ref()?.model_names.0.first().cloned())
            .or_else(|| self.model.0.first().cloned())
    }
}

/// The value of an option on a command line, quotes taken off.
fn argument(command: &str, names: &[&str]) -> Option<String> {
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        if names.contains(&word) {
            return words.next().map(|w| w.trim_matches(['\'', '"']).to_owned());
        }
        if let Some((name, value)) = word.split_once('=')
            && names.contains(&name)
        {
            return Some(value.trim_matches(['\'', '"']).to_owned());
        }
    }
    None
}

impl Summary {
    /// Model as the file writes it.
    pub fn model(&self) -> Option<String> {
        self.input_config
            .as_ref()
            .and_then(InputConfig::model)
            .or_else(|| argument(self.command()?, &["-m", "--model", "--model-names"]))
    }

    fn command(&self) -> Option<&str> {
        let run = self
            .run_info
            .as_ref()
            .and_then(|r| r.cli_command.0.as_deref());
        run.or_else(|| self.input_config.as_ref()?.cli_command.0.as_deref())
    }

    /// The load point that the file describes.
    ///
    /// # Errors
    /// When it holds none of the figures.
    pub fn point(&self, file: &str) -> Result<Point, ReadError> {
        let mut point = Point {
            source: Source {
                file: file.to_owned(),
                place: String::new(),
            },
            ..Point::default()
        };
        if let Some(config) = &self.input_config {
            point.load = config.load();
            point.workload = config.workload();
        }
        if point.load == Load::default()
            && let Some(command) = self.command()
        {
            let value = |names: &[&str]| argument(command, names)?.parse::<f64>().ok();
            point.load.concurrency = value(&["--concurrency"]).and_then(count).filter(|c| *c > 0);
            point.load.request_rate =
                value(&["--request-rate"]).filter(|r| r.is_finite() && *r > 0.0);
        }
        for (metric, node) in [
            (Metric::OutputThroughput, &self.output_token_throughput),
            (Metric::RequestThroughput, &self.request_throughput),
            (Metric::TotalThroughput, &self.total_token_throughput),
            (
                Metric::OutputThroughputPerUser,
                &self.output_token_throughput_per_user,
            ),
            (Metric::Ttft, &self.time_to_first_token),
            (Metric::Tpot, &self.inter_token_latency),
            (Metric::RequestLatency, &self.request_latency),
            (Metric::Isl, &self.input_sequence_length),
            (Metric::Osl, &self.output_sequence_length),
            (Metric::ChunkGap, &self.inter_chunk_latency),
            (Metric::Goodput, &self.goodput),
            (Metric::Goodput, &self.request_goodput),
        ] {
            if let Some(node) = node {
                let factor = factor(metric, node.unit.0.as_deref());
                let mut stats = Stats::new();
                for (stat, value) in node.stats() {
                    stats.set(stat, value * factor);
                }
                if !point.metrics.contains_key(&metric) {
                    point.measured(metric, stats);
                }
            }
        }
        let whole = |node: &Option<Node>| node.as_ref()?.avg.0.and_then(count).map(u64::from);
        point.requests = whole(&self.request_count);
        point.errors = whole(&self.error_request_count).or_else(|| {
            let kinds = self.error_summary.as_ref()?;
            Some(
                kinds
                    .iter()
                    .filter_map(|k| k.count.0.and_then(count))
                    .map(u64::from)
                    .sum(),
            )
        });
        point.duration = self
            .benchmark_duration
            .as_ref()
            .and_then(|n| Some(Seconds(n.avg.0? * time_factor(n.unit.0.as_deref(), 1.0))));
        if point.metrics.is_empty() {
            return Err(ReadError::Missing {
                what:
                    "figure that is known here, such as request_throughput or time_to_first_token"
                        .to_owned(),
                place: "The summary".to_owned(),
            });
        }
        Ok(point)
    }
}

/// The factor from a stated unit to SI; times without one are milliseconds in this family.
fn factor(metric: Metric, unit: Option<&str>) -> f64 {
    if metric.unit() == Unit::Seconds {
        time_factor(unit, 1e-3)
    } else {
        1.0
    }
}

fn time_factor(stated: Option<&str>, otherwise: f64) -> f64 {
    match stated.and_then(unit) {
        Some((Dimension::Time, factor)) => factor,
        _ => otherwise,
    }
}

/// The load point of a CSV summary: rows are metrics, columns are statistics, names carry their
/// unit in brackets.
///
/// # Errors
/// When a block has no head or no row is known.
pub fn csv_point(text: &str, file: &str) -> Result<Point, ReadError> {
    let mut point = Point {
        source: Source {
            file: file.to_owned(),
            place: String::new(),
        },
        ..Point::default()
    };
    let mut head: Vec<Option<Stat>> = Vec::new();
    for (line, row) in csv::rows(text) {
        let Some(first) = row.first() else { continue };
        if first == "Metric" {
            // “Value” is the only figure of the second block.
            head = row
                .iter()
                .map(|h| {
                    if h == "Value" {
                        Some(Stat::Avg)
                    } else {
                        Stat::from_key(h)
                    }
                })
                .collect();
            if row.iter().any(|h| h == "GPU") {
                break;
            }
            continue;
        }
        if first == "Endpoint" {
            break;
        }
        if row.len() < 2 || first.is_empty() {
            continue;
        }
        if head.is_empty() {
            return Err(ReadError::Row {
                line,
                problem: "a row stands before the head “Metric, avg, …”".to_owned(),
            });
        }
        read_row(&mut point, first, &row, &head);
    }
    if point.metrics.is_empty() {
        return Err(ReadError::Missing {
            what: "row that is known here, such as “Request Throughput”".to_owned(),
            place: "The CSV summary".to_owned(),
        });
    }
    Ok(point)
}

fn read_row(point: &mut Point, name: &str, row: &[String], head: &[Option<Stat>]) {
    let (bare, stated) = match name.split_once(" (") {
        Some((bare, unit)) => (bare, Some(unit.trim_end_matches(')'))),
        None => (name, None),
    };
    let cells = || {
        head.iter()
            .zip(row)
            .filter_map(|(s, cell)| Some(((*s)?, number(cell)?.0)))
    };
    let average = || cells().find(|(s, _)| *s == Stat::Avg).map(|(_, v)| v);
    let metric = match bare {
        "Output Token Throughput" => Metric::OutputThroughput,
        "Request Throughput" => Metric::RequestThroughput,
        "Total Token Throughput" => Metric::TotalThroughput,
        "Output Token Throughput Per User" => Metric::OutputThroughputPerUser,
        "Time To First Token" | "Time to First Token" => Metric::Ttft,
        "Inter Token Latency" => Metric::Tpot,
        "Request Latency" => Metric::RequestLatency,
        "Input Sequence Length" => Metric::Isl,
        "Output Sequence Length" => Metric::Osl,
        "Inter Chunk Latency" => Metric::ChunkGap,
        "Goodput" | "Request Goodput" => Metric::Goodput,
        "Request Count" => {
            point.requests = average().and_then(count).map(u64::from);
            return;
        }
        "Error Request Count" | "Error Count" => {
            point.errors = average().and_then(count).map(u64::from);
            return;
        }
        "Benchmark Duration" => {
            point.duration = average().map(|v| Seconds(v * time_factor(stated, 1.0)));
            return;
        }
        _ => return,
    };
    let factor = factor(metric, stated);
    let mut stats = Stats::new();
    for (stat, value) in cells() {
        stats.set(stat, value * factor);
    }
    point.measured(metric, stats);
}
