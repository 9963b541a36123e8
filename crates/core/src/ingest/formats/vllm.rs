//! vLLM: results of `vllm bench serve --save-result`, one object a file, or one a line after
//! `--append-result`; with `--save-detailed` also the figures of each request.
//!
//! The long columns are read element by element: texts are let go, the gaps between tokens
//! become their sum, so that a file of any size costs no more than its figures.

use crate::ingest::columns::{Row, columns};
use crate::ingest::error::ReadError;
use crate::ingest::json::{Flat, legal};
use crate::ingest::parsed::{Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::count;
use crate::ingest::records::{RECOMPUTED, complete};
use crate::ingest::registry::Format;
use crate::model::{Metric, Point, Requests, RunKind, Source, Stat, Stats, Tool};
use crate::units::{Seconds, Unit};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// Summary in JSON, with or without the requests.
pub const FORMAT: Format = Format {
    id: "vllm-bench",
    label: "vLLM bench serve result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    // A detailed file's averages lie behind its columns, beyond what is probed.
    let figures = probe.has("mean_ttft_ms") || probe.has("input_lens");
    let others = probe.has("user_throughput")
        || probe.has("mean_e2e_latency_ms")
        || probe.has("tput_per_gpu")
        || probe.has("hw");
    Confidence::SURE.when(
        probe.is_json()
            && probe.has_all(&["model_id", "num_prompts", "completed", "request_throughput"])
            && figures
            && !others,
    )
}

/// One result.
#[derive(Default)]
struct Document {
    flat: Flat,
    input: Vec<Item>,
    output: Vec<Item>,
    ttft: Vec<Item>,
    gaps: Vec<Item>,
    latency: Vec<Item>,
    start: Vec<Item>,
    errors: Vec<Item>,
}

/// An element of a column: a number, a list of numbers as its sum, a text as its length;
/// NaN for `null`.
#[derive(Clone, Copy)]
struct Item(f64);

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a list of numbers or a text")
    }
    fn visit_f64<E>(self, v: f64) -> Result<Item, E> {
        Ok(Item(v))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Item, E> {
        Ok(Item(v as f64))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Item, E> {
        Ok(Item(v as f64))
    }
    fn visit_str<E>(self, v: &str) -> Result<Item, E> {
        Ok(Item(v.len() as f64))
    }
    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item(f64::NAN))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        let mut sum = 0.0;
        while let Some(Item(v)) = seq.next_element()? {
            sum += v;
        }
        Ok(Item(sum))
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ItemVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result of vLLM's benchmark")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut out = Document::default();
        while let Some(key) = map.next_key::<String>()? {
            let column = match key.as_str() {
                "input_lens" => &mut out.input,
                "output_lens" => &mut out.output,
                "ttfts" => &mut out.ttft,
                "itls" => &mut out.gaps,
                "latencies" => &mut out.latency,
                "start_times" => &mut out.start,
                "errors" => &mut out.errors,
                "generated_texts" | "queue_times" => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                key => {
                    out.flat.keep(key, &mut map)?;
                    continue;
                }
            };
            *column = map.next_value()?;
        }
        Ok(out)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(DocumentVisitor)
    }
}

fn documents(bytes: &[u8]) -> Result<Vec<Document>, serde_json::Error> {
    serde_json::Deserializer::from_slice(bytes)
        .into_iter()
        .collect()
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let documents = documents(input.bytes).or_else(|error| {
        // Older versions write a bare Infinity for the request rate.
        match legal(input.bytes).filter(|_| error.is_syntax()) {
            Some(legal) => documents(&legal).map_err(|_| ReadError::json(&error)),
            None => Err(ReadError::json(&error)),
        }
    })?;
    let several = documents.len() > 1;
    let mut out = Parsed::default();
    let mut idle = None;
    for (i, document) in documents.iter().enumerate() {
        let place = if several {
            format!("result {}", i + 1)
        } else {
            String::new()
        };
        match series(document, input.path, place) {
            Ok(series) => out.series.push(series),
            Err(error) => idle = Some(error),
        }
    }
    match (out.series.is_empty(), idle) {
        (true, Some(error)) => Err(error),
        _ => Ok(out),
    }
}

fn series(document: &Document, path: &str, place: String) -> Result<Series, ReadError> {
    let flat = &document.flat;
    let whole = |key: &str| flat.number(key).and_then(count);
    let completed = whole("completed").filter(|n| *n > 0);
    let Some(completed) = completed else {
        return Err(ReadError::Missing {
            what: "completed request".to_owned(),
            place: "The result".to_owned(),
        });
    };
    let mut series = Series::new(Tool::Vllm, RunKind::Measured);
    series.part = flat.text("label").map(str::to_owned);
    series.identity = flat
        .text("date")
        .zip(flat.number("duration"))
        .map(|(date, duration)| format!("{date} {duration}"));
    let deployed = &mut series.deployment;
    deployed.model = flat.text("model_id").map(str::to_owned);
    // What a person adds by --metadata has no fixed names; these are the usual ones.
    let added = |keys: &[&str]| keys.iter().find_map(|k| whole(k)).filter(|n| *n > 0);
    deployed.tp = added(&["tp", "tensor_parallel_size", "tensor_parallel"]);
    deployed.pp = added(&["pp", "pipeline_parallel_size", "pipeline_parallel"]);
    deployed.gpus = added(&["num_gpus", "gpus", "gpu_count"]).map(|count| crate::model::Gpus {
        count,
        guess: false,
    });
    let mut point = Point {
        requests: Some(u64::from(completed)),
        errors: whole("failed")
            .or_else(|| whole("num_prompts")?.checked_sub(completed))
            .map(u64::from),
        duration: flat.number("duration").map(Seconds),
        source: Source {
            file: path.to_owned(),
            place,
        },
        ..Point::default()
    };
    point.load.concurrency = whole("max_concurrency").filter(|c| *c > 0);
    point.load.request_rate = flat.number("request_rate").filter(|r| *r > 0.0);
    summary(flat, f64::from(completed), &mut point);
    requests(document, path, &mut point, &mut series.notes);
    series.points.push(point);
    Ok(series)
}

fn summary(flat: &Flat, completed: f64, point: &mut Point) {
    for (metric, keys) in [
        (Metric::RequestThroughput, ["request_throughput"; 2]),
        (Metric::OutputThroughput, ["output_throughput"; 2]),
        (Metric::TotalThroughput, ["total_token_throughput"; 2]),
        // The colon is vLLM's own, up to 0.10.
        (Metric::Goodput, ["request_goodput", "request_goodput:"]),
    ] {
        if let Some(rate) = keys.iter().find_map(|k| flat.number(k)) {
            point.measured(metric, Stats::avg(rate));
        }
    }
    for (metric, key) in [
        (Metric::Isl, "total_input_tokens"),
        (Metric::Osl, "total_output_tokens"),
    ] {
        if let Some(tokens) = flat.number(key) {
            point.measured(metric, Stats::avg(tokens / completed));
        }
    }
    for (metric, key) in [
        (Metric::Ttft, "ttft"),
        (Metric::Tpot, "tpot"),
        (Metric::ChunkGap, "itl"),
        (Metric::RequestLatency, "e2el"),
    ] {
        let mut stats = Stats::new();
        for stat in Stat::ALL {
            let word = match stat {
                Stat::Avg => "mean",
                stat => stat.key(),
            };
            if let Some(ms) = flat.number(&format!("{word}_{key}_ms")) {
                stats.set(stat, ms * 1e-3);
            }
        }
        if let Some(ms) = flat.number(&format!("median_{key}_ms")) {
            stats.set(Stat::P50, ms * 1e-3);
        }
        debug_assert_eq!(metric.unit(), Unit::Seconds);
        point.measured(metric, stats);
    }
}

/// The figures of each request, when the file has them.
fn requests(document: &Document, path: &str, point: &mut Point, notes: &mut Vec<String>) {
    let Some((rows, failed)) = rows(document) else {
        return;
    };
    let requests = columns(&rows, failed);
    if complete(point, &requests) {
        notes.push(RECOMPUTED.to_owned());
    }
    if document.start.len() == document.ttft.len() {
        point.records = Some(Arc::new(Requests {
            file: path.to_owned(),
            ..requests
        }));
    } else {
        notes.push(format!(
            "“{path}” holds the figures of each request but not when it started; they fill in statistics and can’t be drawn over time."
        ));
    }
}

/// Completed requests in file order, and how many failed; without start times all start at once.
fn rows(document: &Document) -> Option<(Vec<Row>, u64)> {
    let d = document;
    let n = d.ttft.len();
    let full = n > 0 && [&d.input, &d.output, &d.gaps].iter().all(|c| c.len() == n);
    if !full {
        return None;
    }
    let at = |column: &[Item], i: usize| column.get(i).map(|v| v.0).filter(|v| v.is_finite());
    let mut failed = 0;
    let mut rows = Vec::with_capacity(n);
    for i in 0..n {
        let row = || {
            // A failed request leaves a text in `errors` and zeros elsewhere.
            if at(&d.errors, i).is_some_and(|length| length > 0.0) {
                return None;
            }
            let osl = at(&d.output, i).filter(|v| *v > 0.0)?;
            let ttft_s = at(&d.ttft, i).filter(|v| *v > 0.0)?;
            let latency_s = at(&d.latency, i)
                .filter(|v| *v > 0.0)
                .or_else(|| Some(ttft_s + at(&d.gaps, i)?))?;
            Some(Row {
                number: u32::try_from(i).unwrap_or(u32::MAX),
                start_ns: (at(&d.start, i).unwrap_or(0.0) * 1e9).round() as u64,
                latency_s,
                ttft_s,
                isl: at(&d.input, i),
                osl,
            })
        };
        match row() {
            Some(row) => rows.push(row),
            None => failed += 1,
        }
    }
    (!rows.is_empty()).then_some((rows, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAILED: &str = r#"{"model_id":"m","num_prompts":3,"completed":2,"failed":1,"max_concurrency":2,
        "request_rate":Infinity,"duration":2.0,"request_throughput":1.0,"total_input_tokens":20,"total_output_tokens":7,
        "input_lens":[10,10,10],"output_lens":[3,4,0],"ttfts":[0.5,0.25,0.0],
        "itls":[[0.25,0.25],[0.5,0.25,0.25],[]],"start_times":[100.0,100.5,100.5],"generated_texts":["a","b",""],
        "errors":["","","refused"],"mean_ttft_ms":375.0,"p99_ttft_ms":497.5}"#;

    fn point(text: &str) -> Point {
        let parsed = parse(&Input {
            path: "r.json",
            bytes: text.as_bytes(),
            watch: crate::ingest::Watch::NOBODY,
        })
        .unwrap();
        parsed.series[0].points[0].clone()
    }

    #[test]
    fn requests_are_timed_by_their_gaps() {
        let p = point(DETAILED);
        let r = p.records.unwrap();
        assert_eq!((r.len(), r.errors, p.errors), (2, 1, Some(1)));
        assert_eq!(r.start_s, [0.0, 0.5]);
        assert_eq!(r.end_s, [1.0, 1.75]);
        assert_eq!(p.load.concurrency, Some(2));
        assert_eq!(p.load.request_rate, None);
    }

    #[test]
    fn what_the_summary_lacks_is_recomputed_and_marked() {
        let p = point(DETAILED);
        let ttft = &p.metrics[&Metric::Ttft].stats;
        assert_eq!(ttft.get(Stat::P99), Some(0.4975));
        assert_eq!(ttft.get(Stat::P50), Some(0.375));
        assert!(p.recomputed[&Metric::Ttft].contains(&Stat::P50));
        assert!(!p.recomputed[&Metric::Ttft].contains(&Stat::P99));
        let latency = &p.metrics[&Metric::RequestLatency].stats;
        assert_eq!(latency.get(Stat::Avg), Some(1.125));
    }

    #[test]
    fn without_start_times_there_is_no_timeline() {
        let p = point(&DETAILED.replace("start_times", "other"));
        assert_eq!(p.records, None);
        assert!(p.metrics[&Metric::Tpot].stats.get(Stat::P95).is_some());
    }
}
