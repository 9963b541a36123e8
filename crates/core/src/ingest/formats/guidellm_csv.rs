//! GuideLLM's `benchmarks.csv`, 0.5 to 0.8: three rows of heads, one row a load, lists as text in cells.
//!
//! The same figures as in `benchmarks.json` by the same definitions, which is read rather than this where both are
//! there. The older files with one row of heads are read as tables.

use crate::ingest::csv;
use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::meaning;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::model::{Metric, Point, RunKind, Source, Stat, Stats, Tool};
use crate::units::Seconds;

/// Report as CSV.
pub const FORMAT: Format = Format {
    id: "guidellm-csv",
    label: "GuideLLM report in CSV",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE
        .when(probe.shape == Shape::Text && probe.first_line().starts_with("Run Info,Run Info"))
}

/// The statistics in a cell of percentiles, in its order: from the least to the greatest, without the median.
const PERCENTILES: [Option<Stat>; 11] = [
    Some(Stat::Min),
    None,
    Some(Stat::P1),
    Some(Stat::P5),
    Some(Stat::P10),
    Some(Stat::P25),
    Some(Stat::P75),
    Some(Stat::P90),
    Some(Stat::P95),
    Some(Stat::P99),
    Some(Stat::Max),
];

/// A metric's group and the start of its second head, and the factor to SI.
const FIGURES: [(Metric, &str, &str, f64); 5] = [
    (
        Metric::RequestLatency,
        "Request Latency",
        "Successful Sec",
        1.0,
    ),
    (Metric::Ttft, "Time to First Token", "Successful ms", 1e-3),
    (Metric::Tpot, "Inter Token Latency", "Successful ms", 1e-3),
    (Metric::Isl, "Token Metrics", "Successful Input Tokens", 1.0),
    (
        Metric::Osl,
        "Token Metrics",
        "Successful Output Tokens",
        1.0,
    ),
];

/// Rates, of which only the mean is a figure of the run.
const RATES: [(Metric, &str, &str); 2] = [
    (
        Metric::RequestThroughput,
        "Server Throughput",
        "Successful Requests/Sec",
    ),
    (
        Metric::OutputThroughput,
        "Token Throughput",
        "Successful Output Tokens/Sec",
    ),
];

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let rows = csv::rows(&text);
    let [(_, groups), (_, kinds), (_, stats), data @ ..] = rows.as_slice() else {
        return Err(ReadError::Missing {
            what: "three rows of heads".to_owned(),
            place: "The report".to_owned(),
        });
    };
    let mut series = Series::new(Tool::GuideLlm, RunKind::Measured);
    series.fidelity = Fidelity::Csv;
    series.part = part(&place(input.path).stem);
    for (line, row) in data.iter().filter(|(_, row)| row.len() > 1) {
        let cell = |group: &str, kind: &str, stat: &str| {
            let heads = groups.iter().zip(kinds).zip(stats).zip(row);
            heads
                .into_iter()
                .find(|(((g, k), s), _)| *g == group && *k == kind && *s == stat)
                .map(|(_, cell)| cell.as_str())
        };
        let number = |group: &str, kind: &str, stat: &str| {
            cell(group, kind, stat)?
                .parse::<f64>()
                .ok()
                .filter(|v| v.is_finite())
        };
        let mut point = Point {
            requests: number("Request Counts", "Successful", "")
                .and_then(count)
                .map(u64::from),
            errors: number("Request Counts", "Errored", "")
                .and_then(count)
                .map(u64::from),
            duration: number("Timings", "Duration", "Sec").map(Seconds),
            source: Source {
                file: input.path.to_owned(),
                place: format!("line {line}"),
            },
            ..Point::default()
        };
        if point.requests == Some(0) {
            continue;
        }
        // `concurrent@10`, `constant@2.00`, `synchronous`, `throughput`.
        let strategy = cell("Benchmark", "Strategy", "").unwrap_or_default();
        let (kind, value) = strategy.split_once('@').unwrap_or((strategy, ""));
        let value = value
            .parse::<f64>()
            .ok()
            .filter(|v| *v > 0.0 && v.is_finite());
        match kind {
            "synchronous" => point.load.concurrency = Some(1),
            "concurrent" => point.load.concurrency = value.and_then(count),
            "constant" | "poisson" => point.load.request_rate = value,
            _ => {}
        }
        for (metric, group, kind, factor) in FIGURES {
            let mut stats = Stats::new();
            for (stat, head) in [
                (Stat::Avg, "Mean"),
                (Stat::P50, "Median"),
                (Stat::Std, "Std Dev"),
            ] {
                if let Some(v) = number(group, kind, head) {
                    stats.set(stat, v * factor);
                }
            }
            let list = cell(group, kind, "Percentiles").unwrap_or_default();
            if let Ok(list) = serde_json::from_str::<Vec<Option<f64>>>(list)
                && list.len() == PERCENTILES.len()
            {
                for (stat, v) in PERCENTILES.iter().zip(list) {
                    if let (Some(stat), Some(v)) = (stat, v) {
                        stats.set(*stat, v * factor);
                    }
                }
            }
            if stats.iter().any(|(_, v)| v != 0.0) {
                point.measured(metric, stats);
            }
        }
        for (metric, group, kind) in RATES {
            if let Some(v) = number(group, kind, "Mean") {
                point.measured(metric, Stats::avg(v));
            }
        }
        let backend = cell("Run Info", "Backend", "").unwrap_or_default();
        if let Ok(backend) = Flat::parse(backend.as_bytes(), &[]) {
            series.deployment.model = backend.text("model").map(str::to_owned);
            point.streamed = backend.is_true("stream").then_some(true);
        }
        let metadata = cell("Runtime Info", "Metadata", "").unwrap_or_default();
        if let Ok(metadata) = Flat::parse(metadata.as_bytes(), &[]) {
            series.tool_version = metadata.text("guidellm_version").map(str::to_owned);
        }
        series
            .notes
            .extend(meaning::of_tpot(&mut point, "inter token latency"));
        if !point.metrics.is_empty() {
            series.points.push(point);
        }
    }
    series.notes.dedup();
    if series.points.is_empty() {
        return Err(ReadError::Other(
            "The report holds no load with a request that succeeded.".to_owned(),
        ));
    }
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}
