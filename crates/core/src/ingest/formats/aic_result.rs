//! AIConfigurator 0.1 and 0.2: `aiconfigurator_result.json`, which serving mode it chose.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Input, Parsed};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::Context;

/// The choice between aggregated and disaggregated serving.
pub const FORMAT: Format = Format {
    id: "aic-result",
    label: "AIConfigurator choice",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(probe.shape == Shape::Object && probe.has("chosen_system_type"))
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let result = Flat::parse(input.bytes, &[])?;
    match result.text("chosen_system_type") {
        Some(chosen @ ("agg" | "disagg")) => Ok(Parsed {
            context: Context {
                chosen: Some(chosen.to_owned()),
                chosen_rate: result
                    .number(&format!("{chosen}_actual_best_throughput"))
                    .filter(|r| *r > 0.0),
                ..Context::default()
            },
            ..Parsed::default()
        }),
        _ => Err(ReadError::Missing {
            what: "“agg” or “disagg” at chosen_system_type".to_owned(),
            place: "The result".to_owned(),
        }),
    }
}
