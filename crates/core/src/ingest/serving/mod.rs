//! The shape that the clients of vLLM, SGLang and TensorRT-LLM share, all grown from one script: a flat object of
//! figures, `mean_ttft_ms` and the like, with the columns of each request where details are asked for.
//!
//! The long columns are read element by element: texts are let go, the gaps between tokens become their sum, so that
//! a file of any size costs no more than its figures. Knows that shape; refuses to know which tool wrote a file.

mod requests;

use super::error::ReadError;
use super::json::{Flat, legal};
use super::quantity::count;
use crate::model::{Metric, Point, Source, Stat, Stats};
use crate::units::{Seconds, Unit};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// One result.
#[derive(Default)]
pub struct Document {
    /// Everything but the columns.
    pub flat: Flat,
    /// Where it stands in the file; empty for the whole of it.
    pub place: String,
    /// What the keys around it call it, outermost first.
    pub wrapped_in: Vec<String>,
    input: Vec<Item>,
    output: Vec<Item>,
    ttft: Vec<Item>,
    gaps: Vec<Item>,
    latency: Vec<Item>,
    start: Vec<Item>,
    errors: Vec<Item>,
    text: Vec<Item>,
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

impl Document {
    /// A result without columns.
    pub fn of(flat: Flat, place: String) -> Self {
        Self {
            flat,
            place,
            ..Self::default()
        }
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result of a serving benchmark")
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
                "generated_texts" => &mut out.text,
                "queue_times" => {
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

/// The results in a file: one object, one a line, a list of them, or objects of a person's own around them. Bare
/// `Infinity`, which Python writes for an endless request rate, counts as absent.
///
/// # Errors
/// When it is not JSON, or no object in it is a result.
pub fn documents(bytes: &[u8]) -> Result<Vec<Document>, ReadError> {
    let found = walk(bytes).or_else(|error| match legal(bytes).filter(|_| error.is_syntax()) {
        Some(legal) => walk(&legal).map_err(|second| ReadError::repaired(&error, &second)),
        None => Err(ReadError::json(&error)),
    })?;
    let several = found.len() > 1;
    let mut out = Vec::new();
    for (i, mut document) in found.into_iter().enumerate() {
        if several {
            document.place = format!("result {}", i + 1);
        }
        if document.flat.number(MARK).is_some() {
            out.push(document);
            continue;
        }
        for path in document.flat.parents_of(MARK) {
            let place = match document.place.as_str() {
                "" => path.clone(),
                outer => format!("{outer}, {path}"),
            };
            out.push(Document {
                flat: document.flat.below(&path),
                place,
                wrapped_in: path.split('.').map(str::to_owned).collect(),
                ..Document::default()
            });
        }
    }
    if out.is_empty() {
        return Err(ReadError::Missing {
            what: format!("object with “{MARK}”"),
            place: "The file".to_owned(),
        });
    }
    Ok(out)
}

/// What every result has.
const MARK: &str = "request_throughput";

/// One document of a file, or a list of them.
struct Found(Vec<Document>);

struct FoundVisitor;

impl<'de> Visitor<'de> for FoundVisitor {
    type Value = Found;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result or a list of results")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Found, A::Error> {
        Ok(Found(vec![DocumentVisitor.visit_map(map)?]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let mut out = Vec::new();
        while let Some(document) = seq.next_element()? {
            out.push(document);
        }
        Ok(Found(out))
    }
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(FoundVisitor)
    }
}

fn walk(bytes: &[u8]) -> Result<Vec<Document>, serde_json::Error> {
    let mut out = Vec::new();
    for found in serde_json::Deserializer::from_slice(bytes).into_iter::<Found>() {
        out.extend(found?.0);
    }
    Ok(out)
}

/// The load point of a result, with what a reader should know of it.
///
/// # Errors
/// When no request completed.
pub fn point(document: &Document, path: &str) -> Result<(Point, Vec<String>), ReadError> {
    let flat = &document.flat;
    let whole = |key: &str| flat.number(key).and_then(count);
    let sent = whole("num_prompts");
    let Some(completed) = whole("completed").filter(|n| *n > 0) else {
        return Err(ReadError::Other(match (whole("completed"), sent) {
            (Some(_), Some(sent)) => {
                format!("All {sent} requests failed, so that nothing was measured.")
            }
            (Some(_), None) => "No request completed, so that nothing was measured.".to_owned(),
            (None, _) => "The result does not say how many requests completed.".to_owned(),
        }));
    };
    if let Some(sent) = sent.filter(|sent| *sent < completed) {
        return Err(ReadError::Other(format!(
            "The result says that {completed} requests completed of {sent} that were sent, which can’t be."
        )));
    }
    let mut point = Point {
        requests: Some(u64::from(completed)),
        errors: whole("failed")
            .or_else(|| sent?.checked_sub(completed))
            .map(u64::from),
        duration: flat.number("duration").map(Seconds),
        source: Source {
            file: path.to_owned(),
            place: document.place.clone(),
        },
        ..Point::default()
    };
    point.load.concurrency = whole("max_concurrency").filter(|c| *c > 0);
    point.load.request_rate = flat.number("request_rate").filter(|r| *r > 0.0);
    let mut notes = Vec::new();
    summary(flat, f64::from(completed), &mut point, &mut notes);
    requests::read(document, path, &mut point, &mut notes);
    Ok((point, notes))
}

/// The tool's key of a measurement: when it ended and how long it took.
pub fn identity(flat: &Flat) -> Option<String> {
    flat.text("date")
        .zip(flat.number("duration"))
        .map(|(date, duration)| format!("{date} {duration}"))
}

fn summary(flat: &Flat, completed: f64, point: &mut Point, notes: &mut Vec<String>) {
    for (metric, keys) in [
        (Metric::RequestThroughput, ["request_throughput"; 2]),
        (Metric::OutputThroughput, ["output_throughput"; 2]),
        (
            Metric::TotalThroughput,
            ["total_token_throughput", "total_throughput"],
        ),
        // The colon is vLLM's own, up to 0.10, and TensorRT-LLM's.
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
    for (metric, keys) in [
        (Metric::Ttft, &["ttft"][..]),
        (Metric::Tpot, &["tpot"]),
        (Metric::ChunkGap, &["itl"]),
        (Metric::RequestLatency, &["e2el", "e2e_latency"]),
    ] {
        debug_assert_eq!(metric.unit(), Unit::Seconds);
        let Some(stats) = keys.iter().map(|k| times(flat, k)).find(|s| !s.is_empty()) else {
            continue;
        };
        // One output token a request has no time after the first, and an answer that is not streamed no first token;
        // the clients write 0 then.
        if stats.iter().all(|(_, v)| v == 0.0) {
            notes.push(format!(
                "{} is 0 throughout in the file, which stands for “not measured”; it is left out.",
                metric.info().label
            ));
            continue;
        }
        point.measured(metric, stats);
    }
}

/// The statistics of a time: in milliseconds where the name says so, else in seconds.
fn times(flat: &Flat, key: &str) -> Stats {
    for (ending, factor) in [("_ms", 1e-3), ("", 1.0)] {
        let mut stats = Stats::new();
        for stat in Stat::ALL {
            let words: &[&str] = match stat {
                Stat::Avg => &["mean"],
                Stat::P50 => &["p50", "median"],
                _ => &[stat.key()],
            };
            let value = words
                .iter()
                .find_map(|w| flat.number(&format!("{w}_{key}{ending}")));
            if let Some(value) = value {
                stats.set(stat, value * factor);
            }
        }
        if !stats.is_empty() {
            return stats;
        }
    }
    Stats::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAILED: &str = r#"{"model_id":"m","num_prompts":3,"completed":2,"failed":1,"max_concurrency":2,
        "request_rate":Infinity,"duration":1.75,"request_throughput":1.1428571,"total_input_tokens":20,"total_output_tokens":7,
        "input_lens":[10,10,10],"output_lens":[3,4,0],"ttfts":[0.5,0.25,0.0],
        "itls":[[0.25,0.25],[0.5,0.25,0.25],[]],"start_times":[100.0,100.5,100.5],"generated_texts":["a","b",""],
        "errors":["","","refused"],"mean_ttft_ms":375.0,"p99_ttft_ms":497.5}"#;

    fn point(text: &str) -> Point {
        let documents = documents(text.as_bytes()).unwrap();
        let mut point = super::point(&documents[0], "r.json").unwrap().0;
        crate::ingest::reconcile::reconcile(&mut point);
        point
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
    fn answers_in_one_piece_have_no_first_token() {
        let text = DETAILED
            .replace("[[0.25,0.25],[0.5,0.25,0.25],[]]", "[[],[],[]]")
            .replace("[0.5,0.25,0.0]", "[1.0,1.25,0.0]");
        let p = point(&text);
        assert_eq!(p.streamed, Some(false));
        assert_eq!(p.reported(Metric::Ttft), None);
        assert_eq!(p.reported(Metric::RequestLatency), Some(1.125));
        assert_eq!(p.recorded.unwrap().single_chunk, Some(2));
        assert_eq!(point(DETAILED).streamed, Some(true));
    }

    #[test]
    fn without_start_times_there_is_no_timeline() {
        let p = point(&DETAILED.replace("start_times", "other"));
        assert_eq!(p.records, None);
        assert!(p.metrics[&Metric::Tpot].stats.get(Stat::P95).is_some());
    }

    #[test]
    fn results_are_found_in_lists_lines_and_wrappers() {
        let one = r#"{"completed":2,"request_throughput":1.0,"duration":2.0}"#;
        for (text, places) in [
            (one.to_owned(), vec![""]),
            (format!("{one}\n{one}"), vec!["result 1", "result 2"]),
            (format!("[{one},{one}]"), vec!["result 1", "result 2"]),
            (
                format!(r#"{{"config":{{"a":1}},"runs":[{one},{{"result":{one}}}]}}"#),
                vec!["runs.0", "runs.1.result"],
            ),
        ] {
            let found = documents(text.as_bytes()).unwrap();
            let got: Vec<&str> = found.iter().map(|d| d.place.as_str()).collect();
            assert_eq!(got, places, "{text}");
            assert!(found.iter().all(|d| super::point(d, "x").is_ok()), "{text}");
        }
    }

    #[test]
    fn nothing_measured_is_said_and_never_zero() {
        let failed = documents(
            br#"{"completed":0,"num_prompts":8,"request_throughput":0.0,"mean_ttft_ms":0.0}"#,
        )
        .unwrap();
        let error = super::point(&failed[0], "x").unwrap_err().to_string();
        assert_eq!(
            error,
            "All 8 requests failed, so that nothing was measured."
        );
        let more =
            documents(br#"{"completed":9,"num_prompts":8,"request_throughput":1.0}"#).unwrap();
        let error = super::point(&more[0], "x").unwrap_err().to_string();
        assert!(error.contains("9 requests completed of 8"), "{error}");
        let one = documents(br#"{"completed":2,"request_throughput":1.0,"mean_ttft_ms":5.0,"mean_tpot_ms":0.0,"p99_tpot_ms":0.0}"#).unwrap();
        let (p, notes) = super::point(&one[0], "x").unwrap();
        assert_eq!(p.reported(Metric::Tpot), None);
        assert_eq!(p.reported(Metric::Ttft), Some(0.005));
        assert!(
            notes[0].starts_with("Time per output token is 0 throughout"),
            "{notes:?}"
        );
    }
}
