//! llm-d: benchmark reports v0.1, v0.2 and v0.2.1, YAML or JSON, which its tools make of other harnesses' results.
//!
//! Every time carries its unit. What time per output token means is the harness's business: GuideLLM's since 0.8 is
//! R ÷ OSL, the others' is (R − TTFT) ÷ (OSL − 1); the figures tell where they are far enough apart. The inter-token
//! latency is single gaps between chunks, but for GuideLLM. The report says how many accelerators serve. The duration in v0.2 is that of the whole run, its
//! start and end included, and is not read.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::meaning;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::{Dimension, count, unit};
use crate::ingest::registry::Format;
use crate::model::{Gpus, Metric, Point, RunKind, Source, Stats, Tool};
use crate::units::{Seconds, Unit};

/// Report in YAML or JSON.
pub const FORMAT: Format = Format {
    id: "llm-d",
    label: "llm-d benchmark report",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let yaml = probe.shape == Shape::Text
        && probe.starts_line("version:")
        && (probe.starts_line("request_performance:")
            || (probe.starts_line("scenario:") && probe.starts_line("metrics:")));
    let json = probe.is_json()
        && probe.has("version")
        && (probe.has("results.request_performance")
            || (probe.has("scenario") && probe.has("metrics.latency")));
    Confidence::SURE.when(yaml || json)
}

/// Long parts that hold no figure of the requests.
const NOT_READ: [&str; 6] = [
    "native",
    "observability",
    "component_health",
    "time_series",
    "platform",
    "prompts",
];

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let json = input.bytes.trim_ascii_start().first() == Some(&b'{');
    let flat = if json {
        Flat::parse(input.bytes, &NOT_READ)?
    } else {
        Flat::yaml(input.bytes, &NOT_READ)?
    };
    let old = flat.has_below("metrics");
    let mut series = Series::new(Tool::LlmD, RunKind::Measured);
    let mut point = Point {
        source: Source {
            file: input.path.to_owned(),
            place: String::new(),
        },
        ..Point::default()
    };
    let root = if old {
        "metrics"
    } else {
        "results.request_performance.aggregate"
    };
    requests(&flat, root, &mut point)?;
    if old {
        first_version(&flat, &mut series, &mut point);
    } else {
        second_version(&flat, &mut series, &mut point);
    }
    rates(&flat, root, &mut point);
    times(&flat, root, &mut point);
    if point.metrics.is_empty() {
        return Err(ReadError::Missing {
            what: "figure of the requests".to_owned(),
            place: "The report".to_owned(),
        });
    }
    series
        .notes
        .extend(meaning::of_tpot(&mut point, "time per output token"));
    let named = place(input.path);
    if point.load.concurrency.is_none() && point.load.request_rate.is_none() {
        point.load.concurrency = named.concurrency;
    }
    series.part = own_name(&named.stem);
    series.points.push(point);
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}

/// What a file name says of the system: `benchmark_report_v0.2,_<name of the harness's file>`, without a stage.
fn own_name(stem: &str) -> Option<String> {
    let rest = match stem.strip_prefix("benchmark_report") {
        Some(rest) => rest.split_once(',').map_or("", |(_, rest)| rest),
        None => stem,
    };
    let rest = rest.split("stage_").next().unwrap_or_default();
    let rest = rest.trim_matches(['_', '-', '.']);
    part(rest.strip_suffix(".partial").unwrap_or(rest))
}

/// How many requests, how many of them failed, and their lengths.
fn requests(flat: &Flat, root: &str, point: &mut Point) -> Result<(), ReadError> {
    let whole = |key: &str| {
        flat.number(&format!("{root}.requests.{key}"))
            .and_then(count)
    };
    let failed = whole("failures");
    if let Some(total) = whole("total") {
        // The requests that failed are among them.
        let good = total.saturating_sub(failed.unwrap_or(0));
        if good == 0 {
            return Err(ReadError::Other(format!(
                "All {total} requests failed, so that nothing was measured."
            )));
        }
        point.requests = Some(u64::from(good));
    }
    point.errors = failed.map(u64::from);
    point.measured(
        Metric::Isl,
        flat.stats(&format!("{root}.requests.input_length"), 1.0),
    );
    point.measured(
        Metric::Osl,
        flat.stats(&format!("{root}.requests.output_length"), 1.0),
    );
    Ok(())
}

/// Rates stand as plain numbers in v0.1 and with statistics in v0.2, of which the mean is that of the run.
fn rates(flat: &Flat, root: &str, point: &mut Point) {
    for (metric, keys) in [
        (
            Metric::RequestThroughput,
            ["requests_per_sec", "request_rate.mean"],
        ),
        (
            Metric::OutputThroughput,
            ["output_tokens_per_sec", "output_token_rate.mean"],
        ),
        (
            Metric::TotalThroughput,
            ["total_tokens_per_sec", "total_token_rate.mean"],
        ),
    ] {
        let rate = keys
            .iter()
            .find_map(|k| flat.number(&format!("{root}.throughput.{k}")));
        if let Some(rate) = rate {
            point.measured(metric, Stats::avg(rate));
        }
    }
}

/// Times in the unit that stands beside them; without one that is known they are not read.
fn times(flat: &Flat, root: &str, point: &mut Point) {
    for (metric, key) in [
        (Metric::Ttft, "time_to_first_token"),
        (Metric::Tpot, "time_per_output_token"),
        (Metric::ChunkGap, "inter_token_latency"),
        (Metric::RequestLatency, "request_latency"),
    ] {
        debug_assert_eq!(metric.unit(), Unit::Seconds);
        let path = format!("{root}.latency.{key}");
        let stated = flat.text(&format!("{path}.units")).unwrap_or_default();
        let of_time = stated.split('/').next().unwrap_or_default();
        if let Some((Dimension::Time, factor)) = unit(of_time) {
            point.measured(metric, flat.stats(&path, factor));
        }
    }
}

fn first_version(flat: &Flat, series: &mut Series, point: &mut Point) {
    point.duration = flat.number("metrics.time.duration").map(Seconds);
    let deployed = &mut series.deployment;
    deployed.model = flat.text("scenario.model.name").map(str::to_owned);
    let accelerators: Vec<u32> = (0..1000)
        .map_while(|i| flat.number(&format!("scenario.host.accelerator.{i}.count")))
        .filter_map(count)
        .collect();
    deployed.system = flat
        .text("scenario.host.accelerator.0.model")
        .map(str::to_owned);
    deployed.gpus = sum(&accelerators);
    // The arguments are the harness's own.
    let argument = |names: &[&str]| {
        names
            .iter()
            .find_map(|n| flat.number(&format!("scenario.load.args.{n}")))
            .filter(|v| *v > 0.0)
    };
    point.load.concurrency =
        argument(&["max_concurrency", "concurrency", "num_concurrent_requests"]).and_then(count);
    point.load.request_rate = argument(&["request_rate", "rate", "qps", "qps_values"]);
}

fn second_version(flat: &Flat, series: &mut Series, point: &mut Point) {
    let mut accelerators = Vec::new();
    for i in (0..1000).take_while(|i| flat.has_below(&format!("scenario.stack.{i}"))) {
        let at = format!("scenario.stack.{i}.standardized");
        let deployed = &mut series.deployment;
        if deployed.model.is_none() {
            deployed.model = flat.text(&format!("{at}.model.name")).map(str::to_owned);
        }
        if deployed.system.is_none() {
            deployed.system = flat
                .text(&format!("{at}.accelerator.model"))
                .map(str::to_owned);
        }
        let each = flat
            .number(&format!("{at}.accelerator.count"))
            .and_then(count);
        let replicas = flat
            .number(&format!("{at}.replicas"))
            .and_then(count)
            .unwrap_or(1);
        accelerators.extend(each.and_then(|n| n.checked_mul(replicas)));
    }
    series.deployment.gpus = sum(&accelerators);
    let load = |key: &str| {
        flat.number(&format!("scenario.load.standardized.{key}"))
            .filter(|v| *v > 0.0)
    };
    point.load.concurrency = load("concurrency").and_then(count);
    point.load.request_rate = load("rate_qps").filter(|_| point.load.concurrency.is_none());
    point.workload.isl = load("input_seq_len.value");
    point.workload.osl = load("output_seq_len.value");
    series.tool_version = flat
        .text("scenario.load.standardized.tool_version")
        .map(str::to_owned);
}

fn sum(accelerators: &[u32]) -> Option<Gpus> {
    let count = accelerators
        .iter()
        .try_fold(0_u32, |a, b| a.checked_add(*b))?;
    (count > 0).then_some(Gpus {
        count,
        guess: false,
    })
}

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn names_are_those_of_the_system() {
        let name = |s| own_name(s).unwrap_or_default();
        assert_eq!(name("benchmark_report,_vllm_aic_c10"), "vllm_aic");
        assert_eq!(name("benchmark_report_v0.2,_stage_1_lifecycle_metrics"), "");
        assert_eq!(name("inference-perf.partial.stage_1"), "");
        assert_eq!(name("baseline"), "baseline");
    }
}
