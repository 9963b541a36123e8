//! TensorRT-LLM: results of `python -m tensorrt_llm.serve.scripts.benchmark_serving --save-result`, which grew from
//! vLLM's script and has its shape.
//!
//! Its TPOT is (R − TTFT) ÷ (OSL − 1) of each request; its ITL is single gaps between chunks, pooled. Its
//! `user_throughput` is OSL ÷ R, the wait for the first token counted in, and is not read.

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::registry::Format;
use crate::ingest::serving::{documents, identity, point};
use crate::model::{RunKind, Tool};

/// Summary in JSON, with or without the requests.
pub const FORMAT: Format = Format {
    id: "trtllm-serve",
    label: "TensorRT-LLM benchmark_serving result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(
        probe.is_json()
            && probe.has_leaf("user_throughput")
            && probe.has_leaf("model_id")
            && probe.has_leaf("request_throughput"),
    )
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut out = Parsed::default();
    for document in &documents(input.bytes)? {
        let (point, notes) = point(document, input.path)?;
        let mut series = Series::new(Tool::TrtLlmServe, RunKind::Measured);
        series.identity = identity(&document.flat);
        series.deployment.model = document.flat.text("model_id").map(str::to_owned);
        series.part = document
            .wrapped_in
            .iter()
            .rev()
            .find_map(|w| part(w))
            .or_else(|| own_name(&place(input.path).stem));
        series.notes = notes;
        series.points.push(point);
        out.series.push(series);
    }
    Ok(out)
}

/// A name that a person gave; the script's own begins with the back end and ends in a date.
fn own_name(stem: &str) -> Option<String> {
    let dated = stem
        .rsplit('-')
        .next()
        .is_some_and(|t| t.len() == 6 && t.bytes().all(|b| b.is_ascii_digit()));
    if dated { None } else { part(stem) }
}
