//! TensorRT-LLM: the report of `trtllm-bench … --report_json` and the console text that says the same.
//!
//! Its TPOT is (R − TTFT) ÷ (OSL − 1) of each request. Its output rate per user is OSL ÷ R of each request, the wait
//! for the first token counted in, so that it isn't read as the speed of decoding. The tool hands requests to the
//! engine in its own process, without HTTP; unless told otherwise it hands over all at once, so that TTFT holds the
//! time in the queue. Times to a first token exist with `--streaming` only.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::printed::{Line, number};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::model::{Gpus, Metric, Point, RunKind, Source, Stat, Stats, Tool};
use crate::units::Seconds;

/// Report in JSON, or the print-out.
pub const FORMAT: Format = Format {
    id: "trtllm-bench",
    label: "trtllm-bench report",
    detect,
    parse,
};

/// Where the figures begin in a print-out.
const HEADING: &str = "= PERFORMANCE OVERVIEW";

fn detect(probe: &Probe<'_>) -> Confidence {
    let report = probe.is_json()
        && (probe.has("world_info") || probe.has("engine"))
        && (probe.has("performance.request_throughput_req_s")
            || probe.has("performance.system_output_throughput_tok_s"));
    let printed = probe.shape == Shape::Text && probe.has_line(HEADING);
    Confidence::SURE.when(report || printed)
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let mut out = Parsed::default();
    if !text.trim_start().starts_with('{') {
        for (line, flat) in printed(&text) {
            let mut series = series(&flat, input.path, format!("line {line}"))?;
            series.fidelity = Fidelity::Csv;
            out.series.push(series);
        }
    } else {
        let flat = Flat::parse(input.bytes, &[])?;
        out.series.push(series(&flat, input.path, String::new())?);
    }
    if out.series.is_empty() {
        return Err(ReadError::Missing {
            what: "figure after “PERFORMANCE OVERVIEW”".to_owned(),
            place: "The print-out".to_owned(),
        });
    }
    Ok(out)
}

/// What each line of a print-out says, as the path in the report. Later versions come first.
const LINES: &[(&str, &str)] = &[
    ("Model", "engine.model"),
    ("TensorRT-LLM Version", "engine.version"),
    ("KV Cache Dtype", "engine.kv_cache_dtype"),
    ("Quantization", "engine.quantization"),
    ("Number of requests", "request_info.num_requests"),
    (
        "Number of concurrent requests",
        "request_info.avg_num_concurrent_requests",
    ),
    (
        "Average Input Length (tokens)",
        "request_info.avg_input_length",
    ),
    (
        "Average Output Length (tokens)",
        "request_info.avg_output_length",
    ),
    (
        "Average input length (tokens)",
        "request_info.avg_input_length",
    ),
    (
        "Average output length (tokens)",
        "request_info.avg_output_length",
    ),
    ("TP Size", "world_info.tp_size"),
    ("PP Size", "world_info.pp_size"),
    ("Max Runtime Batch Size", "world_info.max_batch_size"),
    (
        "Request Throughput (req/sec)",
        "performance.request_throughput_req_s",
    ),
    (
        "Total Output Throughput (tokens/sec)",
        "performance.system_output_throughput_tok_s",
    ),
    (
        "Total Token Throughput (tokens/sec)",
        "performance.system_total_throughput_tok_s",
    ),
    ("Total Latency (ms)", "performance.total_latency_ms"),
    (
        "Average request latency (ms)",
        "performance.avg_request_latency_ms",
    ),
    (
        "Per GPU Output Throughput (tps/gpu)",
        "performance.output_throughput_per_gpu_tok_s",
    ),
    (
        "Per GPU Output Throughput (tokens/sec/gpu)",
        "performance.output_throughput_per_gpu_tok_s",
    ),
    (
        "Average time-to-first-token [TTFT] (ms)",
        "streaming_metrics.avg_ttft_ms",
    ),
    (
        "Average time-per-output-token [TPOT] (ms)",
        "streaming_metrics.avg_tpot_ms",
    ),
];

/// The groups of statistics in a print-out, `[TTFT] P50 : 1.0`.
const GROUPS: [(&str, &str); 3] = [
    ("[TPOT]", "streaming_metrics.tpot_percentiles"),
    ("[TTFT]", "streaming_metrics.ttft_percentiles"),
    ("[Latency]", "performance.request_latency_percentiles_ms"),
];

/// The reports in a print-out with the line where each begins; a log may hold several.
fn printed(text: &str) -> Vec<(usize, Flat)> {
    let mut out: Vec<(usize, Flat)> = vec![(1, Flat::default())];
    for (i, raw) in text.lines().enumerate() {
        let opens = ["BACKEND", "= ENGINE DETAILS", "= REQUEST DETAILS", HEADING]
            .iter()
            .any(|h| raw.contains(h));
        let full = |flat: &Flat| flat.has_below("performance");
        if opens && out.last().is_some_and(|(_, flat)| full(flat)) {
            out.push((i + 1, Flat::default()));
        }
        let (Some(line), Some((_, flat))) = (Line::of(raw), out.last_mut()) else {
            continue;
        };
        if let Some((_, path)) = LINES.iter().find(|(label, _)| line.label == *label) {
            match number(line.value) {
                Some(n) => flat.put_number(path, n),
                None => flat.put_text(path, line.value),
            }
        }
        if let Some((group, path)) = GROUPS.iter().find(|(g, _)| line.label.starts_with(g))
            && let Some(n) = number(line.value)
        {
            let stat = line.label.get(group.len()..).unwrap_or_default().trim();
            flat.put_number(&format!("{path}.{}", stat.to_ascii_lowercase()), n);
        }
    }
    out.retain(|(_, flat)| flat.has_below("performance"));
    out
}

fn series(flat: &Flat, path: &str, at: String) -> Result<Series, ReadError> {
    let number = |p: &str| flat.number(p);
    let whole = |p: &str| number(p).and_then(count).filter(|n| *n > 0);
    let text = |p: &str| {
        flat.text(p)
            .filter(|t| !t.is_empty() && *t != "None")
            .map(str::to_owned)
    };
    let mut series = Series::new(Tool::TrtLlmBench, RunKind::Measured);
    series.tool_version = text("engine.version");
    series.part = part(&place(path).stem);
    let deployed = &mut series.deployment;
    deployed.model = text("engine.model");
    deployed.backend = Some("trtllm".to_owned());
    deployed.backend_version = text("engine.version");
    deployed.tp = whole("world_info.tp_size");
    deployed.pp = whole("world_info.pp_size");
    deployed.quantization.gemm = text("engine.quantization");
    deployed.quantization.kvcache = text("engine.kv_cache_dtype");
    deployed.gpus = whole("world_info.world_size")
        .or_else(|| deployed.tp?.checked_mul(deployed.pp.unwrap_or(1)))
        .map(|count| Gpus {
            count,
            guess: false,
        });
    let mut point = Point {
        requests: whole("request_info.num_requests").map(u64::from),
        duration: number("performance.total_latency_ms").map(Seconds::from_ms),
        source: Source {
            file: path.to_owned(),
            place: at,
        },
        ..Point::default()
    };
    for (metric, key) in [
        (
            Metric::RequestThroughput,
            "performance.request_throughput_req_s",
        ),
        (
            Metric::OutputThroughput,
            "performance.system_output_throughput_tok_s",
        ),
        (
            Metric::TotalThroughput,
            "performance.system_total_throughput_tok_s",
        ),
        (
            Metric::OutputThroughputPerGpu,
            "performance.output_throughput_per_gpu_tok_s",
        ),
        (Metric::Isl, "request_info.avg_input_length"),
        (Metric::Osl, "request_info.avg_output_length"),
    ] {
        if let Some(v) = number(key) {
            point.measured(metric, Stats::avg(v));
        }
    }
    for (metric, average, group) in [
        (
            Metric::Ttft,
            "streaming_metrics.avg_ttft_ms",
            "streaming_metrics.ttft_percentiles",
        ),
        (
            Metric::Tpot,
            "streaming_metrics.avg_tpot_ms",
            "streaming_metrics.tpot_percentiles",
        ),
        (
            Metric::RequestLatency,
            "performance.avg_request_latency_ms",
            "performance.request_latency_percentiles_ms",
        ),
    ] {
        let mut stats = Stats::new();
        for (stat, word) in [
            (Stat::Avg, "average"),
            (Stat::Min, "minimum"),
            (Stat::Max, "maximum"),
            (Stat::P50, "p50"),
            (Stat::P90, "p90"),
            (Stat::P95, "p95"),
            (Stat::P99, "p99"),
        ] {
            if let Some(ms) = number(&format!("{group}.{word}")) {
                stats.set(stat, ms * 1e-3);
            }
        }
        if let Some(ms) = number(average) {
            stats.set(Stat::Avg, ms * 1e-3);
        }
        point.measured(metric, stats);
    }
    if point.metrics.is_empty() {
        return Err(ReadError::Missing {
            what: "figure of its performance".to_owned(),
            place: "The report".to_owned(),
        });
    }
    // What was asked for is not written; the batch that was allowed and the mean in flight are something else.
    let flight = number("request_info.avg_num_concurrent_requests");
    let named = place(path).concurrency;
    if named.is_none()
        && let Some(flight) = flight
    {
        point.load.concurrency = count(flight.round()).filter(|c| *c > 0);
        series.notes.push(format!(
            "The concurrency is that which was in flight on average, {flight:.1}, rounded; the report does not say which was asked for."
        ));
    }
    point.streamed = Some(point.metrics.contains_key(&Metric::Ttft));
    series.notes.push(
        "trtllm-bench hands its requests to the engine directly, without HTTP; where it hands over all at once, TTFT holds the wait in the queue.".to_owned(),
    );
    series.points.push(point);
    Ok(series)
}
