//! GenAI-Perf: `profile_export_genai_perf.json`.

use crate::ingest::error::ReadError;
use crate::ingest::family::Summary;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::{RunKind, Tool};

/// Summary in JSON, of 0.0.16 and of the flat form before 0.0.13.
pub const FORMAT: Format = Format {
    id: "genai-perf-json",
    label: "GenAI-Perf summary",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let metrics = probe.has("request_throughput.avg") || probe.has("request_latency.avg");
    let new = probe.has("input_config.perf_analyzer") || probe.has("input_config.subcommand");
    let old = probe.has("input_config.formatted_model_name")
        || probe.has("input_config.synthetic_input_tokens_mean");
    let aiperf = probe.has("aiperf_version")
        || probe.has("input_config.loadgen")
        || probe.has("benchmark_duration.avg");
    if probe.shape != Shape::Object || !metrics || aiperf {
        return Confidence::NO;
    }
    if new || old {
        Confidence::SURE
    } else {
        Confidence::LIKELY.when(probe.has("input_config"))
    }
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let summary = Summary::parse(input.bytes)?;
    let mut series = Series::new(Tool::GenAiPerf, RunKind::Measured);
    series.deployment.model = summary.model();
    series.points.push(summary.point(input.path)?);
    Ok(Parsed {
        address: summary.address(),
        series: vec![series],
        ..Parsed::default()
    })
}
