//! GuideLLM: `benchmarks.json` of 0.3 and of 0.5 to 0.8 (report version 2), the same as YAML.
//!
//! One file holds a whole sweep. The time of a request is in seconds, the other times are in milliseconds, as their
//! names say. Its ITL is (last − first token) ÷ (OSL − 1) of each request, which is TPOT here. What it calls time per
//! output token is R ÷ OSL since 0.8, the wait for the first token counted in, and (last − first) ÷ OSL before; it is
//! not read. Figures are those of the requests that succeeded.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::meaning;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::model::{Metric, Point, RunKind, Source, Stat, Stats, Tool};
use crate::units::Seconds;

/// Report in JSON or YAML.
pub const FORMAT: Format = Format {
    id: "guidellm",
    label: "GuideLLM report",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let json = probe.is_json()
        && probe.has("benchmarks")
        && (probe.has("metadata.guidellm_version")
            || probe.has("benchmarks.metrics")
            || probe.has("benchmarks.run_stats"));
    let yaml = probe.shape == Shape::Text
        && probe.starts_line("benchmarks:")
        && (probe.has_line("guidellm_version:") || probe.starts_line("run_stats:"));
    Confidence::SURE.when(json || yaml)
}

/// Parts that hold every request's text, or figures of no use here.
const NOT_READ: [&str; 8] = [
    "requests",
    "text",
    "image",
    "video",
    "audio",
    "tool_call",
    "pdf",
    "environment",
];

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let json = input.bytes.trim_ascii_start().first() == Some(&b'{');
    let flat = if json {
        Flat::parse(input.bytes, &NOT_READ)?
    } else {
        Flat::yaml(input.bytes, &NOT_READ)?
    };
    let mut series = Series::new(Tool::GuideLlm, RunKind::Measured);
    series.tool_version = flat.text("metadata.guidellm_version").map(str::to_owned);
    series.part = part(&place(input.path).stem);
    series.deployment.model = [
        "config.spec.backend.model",
        "args.model",
        "benchmarks.0.config.backend.model",
        "benchmarks.0.worker.backend_model",
    ]
    .into_iter()
    .find_map(|p| flat.text(p))
    .map(str::to_owned);
    let mut failed = 0;
    for i in (0..10_000).take_while(|i| flat.has_below(&format!("benchmarks.{i}"))) {
        match point(&flat, i, input.path) {
            Some(point) => series.points.push(point),
            None => failed += 1,
        }
    }
    if series.points.is_empty() {
        return Err(ReadError::Other(match failed {
            0 => "The report holds no benchmark.".to_owned(),
            n => format!("None of the {n} benchmarks in the report has a request that succeeded."),
        }));
    }
    if failed > 0 {
        series.notes.push(format!(
            "{failed} of the loads in “{}” have no request that succeeded and are left out.",
            input.path
        ));
    }
    for point in &mut series.points {
        series
            .notes
            .extend(meaning::of_tpot(point, "inter token latency"));
    }
    series.notes.sort();
    series.notes.dedup();
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}

/// The load at a place in the list; `None` when no request succeeded.
fn point(flat: &Flat, i: usize, path: &str) -> Option<Point> {
    let at = format!("benchmarks.{i}");
    let number = |p: &str| flat.number(&format!("{at}.{p}"));
    let whole = |p: &str| number(p).and_then(count).map(u64::from);
    let totals = ["metrics.request_totals", "run_stats.requests_made"];
    let of = |kind: &str| totals.iter().find_map(|t| whole(&format!("{t}.{kind}")));
    if of("successful") == Some(0) {
        return None;
    }
    let mut point = Point {
        requests: of("successful"),
        errors: of("errored"),
        duration: number("duration").map(Seconds),
        streamed: flat
            .is_true(&format!("{at}.config.backend.stream"))
            .then_some(true),
        source: Source {
            file: path.to_owned(),
            place: at.clone(),
        },
        ..Point::default()
    };
    // 0.5 and later, then 0.3.
    let strategy = ["config.strategy", "args.strategy", "scheduler.strategy"]
        .into_iter()
        .find(|s| flat.has_below(&format!("{at}.{s}")))
        .unwrap_or("config.strategy");
    let kind = flat
        .text(&format!("{at}.{strategy}.type_"))
        .unwrap_or_default();
    point.load.concurrency = match kind {
        "synchronous" => Some(1),
        "concurrent" => number(&format!("{strategy}.streams")).and_then(count),
        _ => None,
    };
    if matches!(kind, "constant" | "poisson") {
        point.load.request_rate = number(&format!("{strategy}.rate")).filter(|r| *r > 0.0);
    }
    point.workload.isl = flat
        .number("config.spec.data.0.prompt_tokens")
        .filter(|v| *v > 0.0);
    point.workload.osl = flat
        .number("config.spec.data.0.output_tokens")
        .filter(|v| *v > 0.0);
    for (metric, key, factor) in [
        (Metric::RequestLatency, "request_latency", 1.0),
        (Metric::Ttft, "time_to_first_token_ms", 1e-3),
        (Metric::Tpot, "inter_token_latency_ms", 1e-3),
        (Metric::Isl, "prompt_token_count", 1.0),
        (Metric::Osl, "output_token_count", 1.0),
    ] {
        let node = format!("{at}.metrics.{key}.successful");
        let mut stats = flat.stats(&node, factor);
        for (stat, value) in flat.stats(&format!("{node}.percentiles"), factor).iter() {
            stats.set(stat, value);
        }
        // An answer that is not streamed has no first token of its own.
        if stats.iter().any(|(_, v)| v != 0.0) {
            point.measured(metric, stats);
        }
    }
    // The spread of a rate is over instants and not over requests: only its mean is a figure of the run.
    for (metric, key) in [
        (Metric::RequestThroughput, "requests_per_second"),
        (Metric::OutputThroughput, "output_tokens_per_second"),
    ] {
        let mean = number(&format!("metrics.{key}.successful.mean"));
        point.measured(
            metric,
            mean.map_or_else(Stats::new, |v| Stats::of(Stat::Avg, v)),
        );
    }
    (!point.metrics.is_empty()).then_some(point)
}
