//! vLLM: results of `vllm bench serve --save-result`, one object a file, or one a line after `--append-result`, with
//! `--save-detailed` also the figures of each request; the folders and lists of `vllm bench sweep serve`.
//!
//! Its TPOT is (R − TTFT) ÷ (OSL − 1) of each request; its ITL is single gaps between chunks, pooled, and so not TPOT.

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::paths::part;
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::ingest::serving::{Document, documents, identity, point};
use crate::model::{Gpus, RunKind, Tool};

/// Summary in JSON, with or without the requests.
pub const FORMAT: Format = Format {
    id: "vllm-bench",
    label: "vLLM bench serve result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    // A detailed file's averages lie behind its columns, beyond what is probed.
    let figures = probe.has_leaf("mean_ttft_ms") || probe.has_leaf("input_lens");
    let others = probe.has_leaf("user_throughput")
        || probe.has_leaf("mean_e2e_latency_ms")
        || probe.has_leaf("tput_per_gpu")
        || probe.has_leaf("hw");
    let marks = ["model_id", "num_prompts", "completed", "request_throughput"];
    let sure = if probe.has_all(&marks) {
        Confidence::SURE
    } else {
        Confidence::LIKELY.when(marks.iter().all(|m| probe.has_leaf(m)))
    };
    sure.when(probe.is_json() && figures && !others)
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut out = Parsed::default();
    let mut idle = None;
    for document in &documents(input.bytes)? {
        match series(document, input.path) {
            Ok(series) => out.series.push(series),
            Err(error) => idle = Some(error),
        }
    }
    match (out.series.is_empty(), idle) {
        (true, Some(error)) => Err(error),
        (false, Some(error)) => {
            if let Some(first) = out.series.first_mut() {
                first.notes.push(format!(
                    "One of the results in “{}” is left out. {error}",
                    input.path
                ));
            }
            Ok(out)
        }
        _ => Ok(out),
    }
}

fn series(document: &Document, path: &str) -> Result<Series, ReadError> {
    let flat = &document.flat;
    let mut series = Series::new(Tool::Vllm, RunKind::Measured);
    series.part = flat
        .text("label")
        .map(str::to_owned)
        .or_else(|| document.wrapped_in.iter().rev().find_map(|w| part(w)));
    series.identity = identity(flat);
    let deployed = &mut series.deployment;
    deployed.model = flat.text("model_id").map(str::to_owned);
    // What a person adds by --metadata has no fixed names; these are the usual ones.
    let added = |keys: &[&str]| {
        keys.iter()
            .find_map(|k| flat.number(k).and_then(count))
            .filter(|n| *n > 0)
    };
    deployed.tp = added(&["tp", "tensor_parallel_size", "tensor_parallel"]);
    deployed.pp = added(&["pp", "pipeline_parallel_size", "pipeline_parallel"]);
    deployed.gpus = added(&["num_gpus", "gpus", "gpu_count"]).map(|count| Gpus {
        count,
        guess: false,
    });
    let (point, notes) = point(document, path)?;
    series.notes = notes;
    series.points.push(point);
    Ok(series)
}
