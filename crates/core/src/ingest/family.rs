//! The figures that GenAI-Perf and AIPerf write in the same way: metric nodes, their names and
//! units, and the many places where the load and the work stand.
//!
//! Knows that shared shape; refuses to know which tool wrote a file.

use super::csv;
use super::error::ReadError;
use super::json::Flat;
use super::quantity::{Dimension, count, number, unit};
use crate::model::{Load, Metric, Point, Source, Stat, Stats, Workload};
use crate::units::{Seconds, Unit};

/// Parts of a summary that are no results and may be large.
const NO_RESULTS: [&str; 3] = ["warmup_metrics", "telemetry_data", "telemetry_stats"];

/// A summary file of either tool, in any of the shapes it has had.
#[derive(Debug, Clone)]
pub struct Summary(Flat);

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
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        Flat::parse(bytes, &NO_RESULTS).map(Self)
    }

    /// AIPerf's version.
    pub fn aiperf_version(&self) -> Option<String> {
        self.0.text("aiperf_version").map(str::to_owned)
    }

    /// AIPerf's key of the run.
    pub fn benchmark_id(&self) -> Option<String> {
        self.0.text("benchmark_id").map(str::to_owned)
    }

    /// Whether the run was stopped early.
    pub fn was_cancelled(&self) -> bool {
        self.0.is_true("was_cancelled")
    }

    /// Model as the file writes it.
    pub fn model(&self) -> Option<String> {
        [
            "input_config.models.items.0.name",
            "input_config.model_names",
            "input_config.endpoint.model_names",
            "input_config.model",
        ]
        .into_iter()
        .find_map(|path| self.0.first_text(path))
        .map(str::to_owned)
        .or_else(|| argument(self.command()?, &["-m", "--model", "--model-names"]))
    }

    /// The address that was measured; for finding its deployment, not for keeping.
    pub fn address(&self) -> Option<String> {
        ["input_config.endpoint.url", "input_config.endpoint.urls"]
            .into_iter()
            .find_map(|path| self.0.first_text(path))
            .map(str::to_owned)
            .or_else(|| argument(self.command()?, &["-u", "--url"]))
    }

    fn command(&self) -> Option<&str> {
        self.0
            .text("run_info.cli_command")
            .or_else(|| self.0.text("input_config.cli_command"))
    }

    /// The first positive number at one of these paths; GenAI-Perf writes −1 for “not asked”.
    fn positive(&self, paths: &[&str]) -> Option<f64> {
        paths
            .iter()
            .filter_map(|path| self.0.number(path))
            .find(|v| *v > 0.0)
    }

    fn load(&self) -> Load {
        let phase = (0..16)
            .map(|i| format!("input_config.phases.{i}"))
            .find(|p| self.0.text(&format!("{p}.kind")) == Some("profiling"))
            .unwrap_or_else(|| "input_config.phases.0".to_owned());
        let load = Load {
            concurrency: self
                .positive(&[
                    &format!("{phase}.concurrency"),
                    "input_config.perf_analyzer.stimulus.concurrency",
                    "input_config.loadgen.concurrency",
                    "input_config.concurrency",
                ])
                .and_then(count),
            request_rate: self.positive(&[
                &format!("{phase}.request_rate"),
                &format!("{phase}.rate"),
                "input_config.perf_analyzer.stimulus.request_rate",
                "input_config.loadgen.request_rate",
                "input_config.request_rate",
            ]),
        };
        match self.command() {
            Some(command) if load == Load::default() => {
                let value = |name| {
                    argument(command, &[name])?
                        .parse()
                        .ok()
                        .filter(|v: &f64| *v > 0.0)
                };
                Load {
                    concurrency: value("--concurrency").and_then(count),
                    request_rate: value("--request-rate").filter(|r| r.is_finite()),
                }
            }
            _ => load,
        }
    }

    fn workload(&self) -> Workload {
        Workload {
            isl: self.positive(&[
                "input_config.datasets.0.prompts.isl.mean",
                "input_config.input.prompt.input_tokens.mean",
                "input_config.input.synthetic_tokens.mean",
                "input_config.synthetic_input_tokens_mean",
            ]),
            osl: self.positive(&[
                "input_config.datasets.0.prompts.osl.mean",
                "input_config.input.prompt.output_tokens.mean",
                "input_config.input.output_tokens.mean",
                "input_config.output_tokens_mean",
            ]),
        }
    }

    /// Failed requests: counted, listed by kind, or listed as none.
    fn errors(&self) -> Option<u64> {
        if let Some(n) = self.whole("error_request_count") {
            return Some(n);
        }
        if self.0.is_empty_list("error_summary") {
            return Some(0);
        }
        let kinds = (0..1000).map_while(|i| self.0.number(&format!("error_summary.{i}.count")));
        self.0
            .has_below("error_summary")
            .then(|| kinds.filter_map(count).map(u64::from).sum())
    }

    fn whole(&self, key: &str) -> Option<u64> {
        self.0
            .number(&format!("{key}.avg"))
            .and_then(count)
            .map(u64::from)
    }

    /// The load point that the file describes.
    ///
    /// # Errors
    /// When it holds none of the figures.
    pub fn point(&self, file: &str) -> Result<Point, ReadError> {
        let mut point = Point {
            load: self.load(),
            workload: self.workload(),
            requests: self.whole("request_count"),
            errors: self.errors(),
            streamed: self.0.flag("input_config.endpoint.streaming"),
            source: Source {
                file: file.to_owned(),
                place: String::new(),
            },
            ..Point::default()
        };
        for (metric, key) in [
            (Metric::OutputThroughput, "output_token_throughput"),
            (Metric::RequestThroughput, "request_throughput"),
            (Metric::TotalThroughput, "total_token_throughput"),
            (
                Metric::OutputThroughputPerUser,
                "output_token_throughput_per_user",
            ),
            (Metric::Ttft, "time_to_first_token"),
            (Metric::Tpot, "inter_token_latency"),
            (Metric::RequestLatency, "request_latency"),
            (Metric::Isl, "input_sequence_length"),
            (Metric::Osl, "output_sequence_length"),
            (Metric::ChunkGap, "inter_chunk_latency"),
            (Metric::Goodput, "request_goodput"),
            (Metric::Goodput, "goodput"),
        ] {
            let factor = factor(metric, self.0.text(&format!("{key}.unit")));
            let mut stats = Stats::new();
            for stat in Stat::ALL {
                if let Some(value) = self.0.number(&format!("{key}.{}", stat.key())) {
                    stats.set(stat, value * factor);
                }
            }
            point.measured(metric, stats);
        }
        point.duration = self
            .0
            .number("benchmark_duration.avg")
            .map(|v| Seconds(v * time_factor(self.0.text("benchmark_duration.unit"), 1.0)));
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
