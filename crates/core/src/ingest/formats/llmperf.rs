//! LLMPerf: `…_summary.json` and `…_individual_responses.json`.
//!
//! All times are in seconds, the request rate is per minute. What it calls inter-token latency is the sum of all gaps,
//! the wait for the first token among them, ÷ the chunks received: R ÷ chunks. Tokens are counted with one tokenizer
//! for all models, so that they may be far from the model's own.

use crate::ingest::columns::{Row, columns};
use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::reconcile::{RECOMPUTED, complete_untimed};
use crate::ingest::registry::Format;
use crate::model::{Metric, Point, RunKind, Source, Stat, Stats, Tool, TpotDefinition};

/// Summary, or the responses by themselves.
pub const FORMAT: Format = Format {
    id: "llmperf",
    label: "LLMPerf result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let summary = probe.shape == Shape::Object
        && probe.has("num_concurrent_requests")
        && (probe.has("results_ttft_s_mean") || probe.has("results_end_to_end_latency_s_mean"));
    let responses = probe.shape == Shape::Array
        && probe.has_all(&["error_code", "end_to_end_latency_s", "number_output_tokens"]);
    Confidence::SURE.when(summary || responses)
}

const WORD: &str = "LLMPerf divides the time of a request by the chunks received, the wait for the first token counted in; it is not the time after the first token.";
const COUNTED: &str = "LLMPerf counts tokens with one tokenizer for every model, so that lengths and token rates may be off.";

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut series = Series::new(Tool::LlmPerf, RunKind::Measured);
    series.notes = vec![COUNTED.to_owned()];
    let first = input.bytes.trim_ascii_start().first();
    let point = if first == Some(&b'[') {
        series.fidelity = Fidelity::Csv;
        series.notes.push(RECOMPUTED.to_owned());
        responses(&Flat::each(input.bytes)?, input.path)?
    } else {
        let flat = Flat::parse(input.bytes, &[])?;
        series.deployment.model = flat.text("model").map(str::to_owned);
        summary(&flat, input.path)?
    };
    if point.tpot_definition == TpotDefinition::WithFirst {
        series.notes.push(WORD.to_owned());
    }
    series.points.push(point);
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}

fn source(path: &str) -> Source {
    Source {
        file: path.to_owned(),
        place: String::new(),
    }
}

fn summary(flat: &Flat, path: &str) -> Result<Point, ReadError> {
    let whole = |p: &str| flat.number(p).and_then(count);
    let completed = whole("results_num_completed_requests").map(u64::from);
    if completed == Some(0) {
        return Err(ReadError::Other(
            "No request completed, so that nothing was measured.".to_owned(),
        ));
    }
    let mut point = Point {
        requests: completed,
        errors: whole("results_number_errors").map(u64::from),
        source: source(path),
        ..Point::default()
    };
    point.load.concurrency = whole("num_concurrent_requests").filter(|c| *c > 0);
    point.workload.isl = flat.number("mean_input_tokens").filter(|v| *v > 0.0);
    point.workload.osl = flat.number("mean_output_tokens").filter(|v| *v > 0.0);
    if let Some(rate) = flat.number("results_num_completed_requests_per_min") {
        point.measured(Metric::RequestThroughput, Stats::avg(rate / 60.0));
    }
    if let Some(rate) = flat.number("results_mean_output_throughput_token_per_s") {
        point.measured(Metric::OutputThroughput, Stats::avg(rate));
    }
    for (metric, key) in [
        (Metric::Ttft, "ttft_s"),
        (Metric::Tpot, "inter_token_latency_s"),
        (Metric::RequestLatency, "end_to_end_latency_s"),
        (Metric::Isl, "number_input_tokens"),
        (Metric::Osl, "number_output_tokens"),
    ] {
        let mut stats = Stats::new();
        for stat in Stat::ALL {
            let word = match stat {
                Stat::Avg => "mean".to_owned(),
                Stat::Std => "stddev".to_owned(),
                Stat::Min | Stat::Max => stat.key().to_owned(),
                _ => format!("quantiles_{}", stat.key()),
            };
            if let Some(v) = flat.number(&format!("results_{key}_{word}")) {
                stats.set(stat, v);
            }
        }
        // Some back ends are not streamed and leave zeros.
        if stats.iter().any(|(_, v)| v != 0.0) {
            point.measured(metric, stats);
        }
    }
    point.tpot_definition = TpotDefinition::WithFirst;
    Ok(point)
}

/// The statistics of the responses, without their summary: no load and no rates.
fn responses(all: &[Flat], path: &str) -> Result<Point, ReadError> {
    let failed = |r: &&Flat| r.number("error_code").is_some() || r.text("error_code").is_some();
    let good: Vec<&Flat> = all.iter().filter(|r| !failed(r)).collect();
    if good.is_empty() {
        return Err(ReadError::Other(format!(
            "None of the {} responses is without an error, so that nothing was measured.",
            all.len()
        )));
    }
    let rows: Vec<Row> = good
        .iter()
        .zip(0..)
        .filter_map(|(r, number)| {
            Some(Row {
                number,
                start_ns: 0,
                latency_s: r.number("end_to_end_latency_s").filter(|v| *v > 0.0)?,
                ttft_s: r.number("ttft_s").filter(|v| *v > 0.0),
                isl: r.number("number_input_tokens"),
                osl: r.number("number_output_tokens").filter(|v| *v > 0.0),
            })
        })
        .collect();
    let failed = (all.len() - good.len()) as u64;
    let mut point = Point {
        requests: Some(good.len() as u64),
        errors: Some(failed),
        source: source(path),
        ..Point::default()
    };
    if !complete_untimed(&mut point, &columns(&rows, failed)) {
        return Err(ReadError::Missing {
            what: "response with its times and its length".to_owned(),
            place: "The list".to_owned(),
        });
    }
    Ok(point)
}
