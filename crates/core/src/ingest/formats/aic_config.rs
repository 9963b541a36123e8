//! AIConfigurator: `aiconfigurator_config.yaml`, `config.yaml`, `exp_config.yaml` and the input of its `exp` mode:
//! what was asked. Of several experiments in one file the first is read.
//!
//! These files are machine-written with one scalar a line at the outer level, so single lines
//! are read and not YAML at large: a whole YAML reader would weigh more than the page's core.

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::{count, number};
use crate::ingest::registry::Format;
use crate::model::Context;
use crate::units::Seconds;

/// Limits, lengths and GPUs that AIC was given.
pub const FORMAT: Format = Format {
    id: "aic-config",
    label: "AIConfigurator configuration",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let has = |key: &str| asked(&probe.head, key).is_some();
    let named = [
        "common_framework_config:",
        "agg_config:",
        "serving_mode:",
        "system_name:",
        "database_mode:",
    ]
    .iter()
    .any(|mark| probe.head.lines().any(|l| l.trim_start().starts_with(mark)));
    Confidence::SURE.when(
        probe.shape == Shape::Text && ["isl", "osl", "ttft", "tpot"].into_iter().all(has) && named,
    )
}

/// The scalar of a key at the outer level; `null` and empty count as absent.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let scalar = line.strip_prefix(key)?.strip_prefix(':')?;
        let scalar = scalar
            .split(" #")
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches(['\'', '"']);
        (!matches!(scalar, "" | "null" | "~" | "None")).then_some(scalar)
    })
}

/// The first scalar of a key at any level.
fn nested<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| value(line.trim_start(), key))
}

/// A scalar of what was asked: at the outer level, or one level down in the first experiment of an `exp` file.
fn asked<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let exp = text.lines().any(|l| l.trim_end() == "exps:");
    value(text, key).or_else(|| exp.then(|| nested(text, key)).flatten())
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let positive = |key: &str| number(asked(&text, key)?).map(|n| n.0).filter(|v| *v > 0.0);
    let owned = |v: Option<&str>| v.map(str::to_owned);
    let context = Context {
        model: owned(
            asked(&text, "model_path")
                .or_else(|| asked(&text, "model_name"))
                .or_else(|| nested(&text, "prefill_model_path")),
        ),
        system: owned(
            asked(&text, "system_name")
                .or_else(|| asked(&text, "agg_system_name"))
                .or_else(|| nested(&text, "system_name")),
        ),
        backend: owned(nested(&text, "backend_name")),
        backend_version: owned(
            asked(&text, "backend_version").or_else(|| nested(&text, "version")),
        ),
        isl: positive("isl"),
        osl: positive("osl"),
        ttft: positive("ttft").map(Seconds::from_ms),
        tpot: positive("tpot").map(Seconds::from_ms),
        total_gpus: positive("total_gpus").and_then(count),
        ..Context::default()
    };
    if context.isl.is_none() || context.tpot.is_none() {
        return Err(ReadError::Missing {
            what: "number at isl and tpot".to_owned(),
            place: "The configuration".to_owned(),
        });
    }
    Ok(Parsed {
        context,
        ..Parsed::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outer_level_counts() {
        let text = "isl: 4000\nmodel_path: ''\nttft: null\nagg:\n  isl: 1\ntpot: 10.0 # ms\n";
        assert_eq!(value(text, "isl"), Some("4000"));
        assert_eq!(value(text, "model_path"), None);
        assert_eq!(value(text, "ttft"), None);
        assert_eq!(value(text, "tpot"), Some("10.0"));
        assert_eq!(nested("a:\n  version: 0.20.0\n", "version"), Some("0.20.0"));
    }
}
