//! AIPerf: `profile_export_aiperf.json`, 0.1 to 0.13.

use crate::ingest::error::ReadError;
use crate::ingest::family::Summary;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::{RunKind, Tool};

/// Summary in JSON.
pub const FORMAT: Format = Format {
    id: "aiperf-json",
    label: "AIPerf summary",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let metrics = probe.has("request_throughput.avg")
        || probe.has("request_latency.avg")
        || probe.has("request_count.avg");
    let shape = probe.has("input_config.loadgen")
        || probe.has("input_config.phases")
        || (probe.has("input_config")
            && (probe.has("benchmark_duration.avg") || probe.has("output_token_count.avg")));
    Confidence::SURE
        .when(probe.shape == Shape::Object && metrics && (probe.has("aiperf_version") || shape))
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let summary = Summary::parse(input.bytes)?;
    let mut series = Series::new(Tool::AiPerf, RunKind::Measured);
    series.tool_version = summary.aiperf_version();
    series.identity = summary.benchmark_id();
    series.deployment.model = summary.model();
    if summary.was_cancelled() {
        series.notes.push(format!(
            "“{}” says that the run was cancelled before its end.",
            input.path
        ));
    }
    series.points.push(summary.point(input.path)?);
    Ok(Parsed {
        address: summary.address(),
        series: vec![series],
        ..Parsed::default()
    })
}
