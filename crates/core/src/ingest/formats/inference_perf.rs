//! inference-perf (kubernetes-sigs): `stage_N_lifecycle_metrics.json` and the summary over all stages.
//!
//! All times are in seconds. Its time per output token is (R − TTFT) ÷ (OSL − 1) of each request; its inter-token
//! latency is single gaps between chunks, pooled; its normalized time per output token is R ÷ OSL and is not read. The
//! model and the load of each stage stand in `config.yaml`; since 0.7 a stage says its concurrency itself.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::model::{Metric, Point, RunKind, Source, Stats, Tool};
use crate::units::Seconds;

/// Metrics of a stage, or over all.
pub const FORMAT: Format = Format {
    id: "inference-perf",
    label: "inference-perf report",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(
        probe.is_json() && probe.has_all(&["load_summary", "successes", "successes.throughput"]),
    )
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let flat = Flat::parse(input.bytes, &[])?;
    let whole = |p: &str| flat.number(p).and_then(count).map(u64::from);
    let mut series = Series::new(Tool::InferencePerf, RunKind::Measured);
    if whole("successes.count") == Some(0) {
        return Err(ReadError::Other(match whole("failures.count") {
            Some(n) => format!("All {n} requests failed, so that nothing was measured."),
            None => "No request succeeded, so that nothing was measured.".to_owned(),
        }));
    }
    let mut point = Point {
        requests: whole("successes.count"),
        errors: whole("failures.count"),
        duration: flat.number("benchmark_time_seconds").map(Seconds),
        source: Source {
            file: input.path.to_owned(),
            place: String::new(),
        },
        ..Point::default()
    };
    point.load.concurrency = flat
        .number("load_summary.concurrency")
        .and_then(count)
        .filter(|c| *c > 0);
    // A stage of constant concurrency has a rate, too, which only spreads its requests over the workers.
    if point.load.concurrency.is_none() {
        point.load.request_rate = flat
            .number("load_summary.requested_rate")
            .filter(|r| *r > 0.0);
    }
    for (metric, key) in [
        (Metric::RequestThroughput, "requests_per_sec"),
        (Metric::OutputThroughput, "output_tokens_per_sec"),
        (Metric::TotalThroughput, "total_tokens_per_sec"),
    ] {
        if let Some(v) = flat.number(&format!("successes.throughput.{key}")) {
            point.measured(metric, Stats::avg(v));
        }
    }
    for (metric, paths) in [
        (Metric::RequestLatency, ["latency.request_latency"; 2]),
        (Metric::Ttft, ["latency.time_to_first_token"; 2]),
        (Metric::Tpot, ["latency.time_per_output_token"; 2]),
        (Metric::ChunkGap, ["latency.inter_token_latency"; 2]),
        (Metric::Isl, ["prompt_tokens", "prompt_len"]),
        (Metric::Osl, ["output_tokens", "output_len"]),
    ] {
        let found = paths
            .iter()
            .map(|p| flat.stats(&format!("successes.{p}"), 1.0))
            .find(|s| !s.is_empty());
        point.measured(metric, found.unwrap_or_default());
    }
    if point.metrics.is_empty() {
        return Err(ReadError::Missing {
            what: "figure of the requests that succeeded".to_owned(),
            place: "The report".to_owned(),
        });
    }
    let name = input.path.rsplit('/').next().unwrap_or_default();
    if name.starts_with("summary_") {
        // Of the stages beside it, it is the mixture.
        series.fidelity = Fidelity::Console;
        series.mixture = true;
        series.notes.push(format!(
            "“{}” is over all stages of the run together, whatever their loads.",
            input.path
        ));
    }
    series.points.push(point);
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}
