//! inference-perf's `config.yaml`: the model that its reports do not name, and the lengths asked for.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Input, Parsed};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::Context;

/// What the reports beside it do not say.
pub const FORMAT: Format = Format {
    id: "inference-perf-config",
    label: "inference-perf configuration",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let heads = ["load:", "api:", "data:", "server:"];
    Confidence::SURE.when(
        probe.shape == Shape::Text
            && heads
                .iter()
                .all(|h| probe.head.lines().any(|l| l.trim_end() == *h)),
    )
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let flat = Flat::yaml(input.bytes, &[])?;
    let length = |kind: &str| {
        flat.number(&format!("data.{kind}_distribution.mean"))
            .filter(|v| *v > 0.0)
    };
    Ok(Parsed {
        context: Context {
            model: flat.text("server.model_name").map(str::to_owned),
            isl: length("input"),
            osl: length("output"),
            ..Context::default()
        },
        ..Parsed::default()
    })
}
