//! SGLang: results of `python -m sglang.bench_serving --output-file`, one object a line; every run of the client adds
//! a line, so that one file holds a sweep (and runs long forgotten).
//!
//! Its TPOT is (R − TTFT) ÷ (OSL − 1) of each request; its ITL is single gaps between chunks, pooled, and so not
//! TPOT. `concurrency` is what was measured in flight, `max_concurrency` what was asked for. The number of requests
//! that failed is not written. The model stands in `server_info`, where the server gave one.

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::ingest::serving::{Document, documents, point};
use crate::model::{Gpus, RunKind, Tool};

/// Results, one a line.
pub const FORMAT: Format = Format {
    id: "sglang-bench",
    label: "SGLang bench_serving result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let figures = ["mean_e2e_latency_ms", "median_e2e_latency_ms"]
        .iter()
        .any(|k| probe.has_leaf(k));
    // The oldest versions write medians only, and no name of the back end.
    let own = [
        "backend",
        "dataset_name",
        "random_input_len",
        "max_concurrency",
        "sharegpt_output_len",
    ]
    .iter()
    .any(|k| probe.has_leaf(k));
    Confidence::SURE.when(probe.is_json() && figures && own && probe.has_leaf("request_throughput"))
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let found = documents(input.bytes)?;
    let mut out = Parsed::default();
    let mut idle = None;
    for document in &found {
        match series(document, input.path) {
            Ok(series) => out.series.push(series),
            Err(error) => idle = Some(error),
        }
    }
    match (out.series.is_empty(), idle) {
        (true, Some(error)) => Err(error),
        _ => Ok(out),
    }
}

fn series(document: &Document, path: &str) -> Result<Series, ReadError> {
    let flat = &document.flat;
    let (mut point, notes) = point(document, path)?;
    let mut series = Series::new(Tool::Sglang, RunKind::Measured);
    series.notes = notes;
    series.part = flat
        .text("tag")
        .map(str::to_owned)
        .or_else(|| document.wrapped_in.iter().rev().find_map(|w| part(w)))
        .or_else(|| own_name(&place(path).stem));
    let whole = |key: &str| flat.number(key).and_then(count).filter(|n| *n > 0);
    let deployed = &mut series.deployment;
    deployed.model = flat.text("server_info.model_path").map(str::to_owned);
    deployed.backend_version = flat.text("server_info.version").map(str::to_owned);
    deployed.tp = whole("server_info.tp_size");
    deployed.pp = whole("server_info.pp_size");
    // Data parallelism multiplies the GPUs unless it is only of the attention, which the file need not tell.
    if whole("server_info.dp_size").unwrap_or(1) == 1 {
        deployed.gpus = deployed.tp.map(|tp| Gpus {
            count: tp * deployed.pp.unwrap_or(1),
            guess: false,
        });
    }
    // Other data sets leave these at their defaults.
    if flat
        .text("dataset_name")
        .is_some_and(|d| d.starts_with("random"))
    {
        point.workload.isl = flat.number("random_input_len").filter(|v| *v > 0.0);
        point.workload.osl = flat.number("random_output_len").filter(|v| *v > 0.0);
    }
    series.points.push(point);
    Ok(series)
}

/// What a file name says of the system, unless it is the client's own: `<backend>_<MMDD>_<n>_<isl>_<osl>`.
fn own_name(stem: &str) -> Option<String> {
    let mut numbers = 0;
    for piece in stem.rsplit('_') {
        if !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit()) {
            numbers += 1;
        } else {
            break;
        }
    }
    if numbers >= 2 { None } else { part(stem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_client_s_own_says_nothing_of_the_system() {
        assert_eq!(own_name("sglang_1124_30_1000_100"), None);
        assert_eq!(
            own_name("sglang-oai_0101_8_sharegpt"),
            Some("sglang-oai_0101_8_sharegpt".to_owned())
        );
        assert_eq!(own_name("baseline"), Some("baseline".to_owned()));
        assert_eq!(own_name("tuned_c16"), Some("tuned".to_owned()));
        assert_eq!(own_name("results"), None);
    }
}
