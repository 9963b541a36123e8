//! AIPerf: `profile_export.jsonl`, one request a line. Warm-up records stand apart.

use crate::ingest::columns::{Row, with_warm_up};
use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Beside, Input, Parsed};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::{Dimension, unit};
use crate::ingest::reconcile::contradicts;
use crate::ingest::registry::Format;
use crate::model::{Recorded, Tool};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};
use std::fmt;

/// Per-request records.
pub const FORMAT: Format = Format {
    id: "aiperf-records",
    label: "AIPerf per-request records",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(
        probe.is_json()
            && probe.has("metrics")
            && (probe.has("metadata.x_request_id") || probe.has("metadata.session_num"))
            && probe.has("metadata.request_start_ns")
            && !probe.has("responses"),
    )
}

#[derive(Deserialize)]
struct Record {
    metadata: Metadata,
    #[serde(default)]
    metrics: Metrics,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    session_num: Option<u32>,
    request_start_ns: u64,
    #[serde(default)]
    request_end_ns: Option<u64>,
    #[serde(default)]
    benchmark_phase: WarmUp,
    #[serde(default)]
    was_cancelled: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metrics {
    time_to_first_token: Option<Figure>,
    request_latency: Option<Figure>,
    input_sequence_length: Option<Figure>,
    output_sequence_length: Option<Figure>,
    output_token_count: Option<Figure>,
    reasoning_token_count: Option<Figure>,
    usage_completion_tokens: Option<Figure>,
    inter_chunk_latency: Option<Gaps>,
}

#[derive(Deserialize)]
struct Figure {
    value: Option<f64>,
    #[serde(default)]
    unit: ToSeconds,
}

impl Figure {
    fn seconds(&self) -> Option<f64> {
        Some(self.value? * self.unit.0?)
    }
}

/// How many gaps between pieces there are.
#[derive(Deserialize)]
struct Gaps {
    #[serde(default)]
    value: Option<Vec<IgnoredAny>>,
}

/// Whether the phase is the warm-up; the text itself is not kept.
#[derive(Default)]
struct WarmUp(bool);

/// The factor of a unit of time to seconds, milliseconds when none is stated; the text itself
/// is not kept.
struct ToSeconds(Option<f64>);

impl Default for ToSeconds {
    fn default() -> Self {
        Self(Some(1e-3))
    }
}

struct TextVisitor<T>(fn(&str) -> T);

impl<T: Default> Visitor<'_> for TextVisitor<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(self.0(text))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

impl<'de> Deserialize<'de> for WarmUp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(TextVisitor(|text| Self(text == "warmup")))
    }
}

impl<'de> Deserialize<'de> for ToSeconds {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(TextVisitor(|text| {
            Self(match text {
                "ms" => Some(1e-3),
                other => match unit(other) {
                    Some((Dimension::Time, factor)) => Some(factor),
                    _ => None,
                },
            })
        }))
    }
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut rows: Vec<Row> = Vec::new();
    let mut errors = 0_u64;
    let mut warm_up: Vec<Row> = Vec::new();
    let mut any_warm_up = false;
    let mut place = 0_u32;
    let mut seen = Seen::default();
    let of = input.bytes.len();
    for (at, left, line) in lines(input.bytes) {
        input.watch.at(of - left, of);
        let record: Record =
            serde_json::from_slice(line).map_err(|e| match ReadError::json(&e) {
                ReadError::Json {
                    column,
                    expected,
                    cut_off,
                    ..
                } => ReadError::Json {
                    line: at,
                    column,
                    expected,
                    cut_off,
                },
                other => other,
            })?;
        match (record.metadata.benchmark_phase.0, row(&record, place)) {
            (true, row) => {
                any_warm_up = true;
                warm_up.extend(row);
            }
            (false, Some(row)) => {
                seen.add(&record.metrics, row.ttft_s.is_some());
                rows.push(row);
            }
            (false, None) => {
                errors += 1;
                seen.cancelled += u64::from(record.metadata.was_cancelled == Some(true));
            }
        }
        place = place.saturating_add(1);
    }
    // Among streamed answers one without a first token has failed.
    if rows.iter().any(|r| r.ttft_s.is_some()) {
        let before = rows.len();
        rows.retain(|r| r.ttft_s.is_some());
        warm_up.retain(|r| r.ttft_s.is_some());
        errors += (before - rows.len()) as u64;
    }
    if rows.is_empty() {
        let what = if any_warm_up && errors == 0 {
            "record outside the warm-up"
        } else {
            "completed request"
        };
        return Err(ReadError::Missing {
            what: what.to_owned(),
            place: "The records file".to_owned(),
        });
    }
    let recorded = seen.finish(&mut rows, errors);
    // The tool writes them in order of completion, but several workers may swap neighbours.
    Ok(Parsed {
        records: Some((Tool::AiPerf, with_warm_up(&rows, &warm_up, errors))),
        beside: Some(Box::new(Beside {
            recorded,
            ..Beside::default()
        })),
        ..Parsed::default()
    })
}

/// Counts over completed requests.
#[derive(Default)]
struct Seen {
    n: u64,
    cancelled: u64,
    pieces: u64,
    single: u64,
    visible: u64,
    told: u64,
    reasoning_only: u64,
    usage: Vec<f64>,
    tool: f64,
}

impl Seen {
    fn add(&mut self, m: &Metrics, streamed: bool) {
        self.n += 1;
        let gaps = m
            .inter_chunk_latency
            .as_ref()
            .and_then(|g| g.value.as_ref());
        let pieces = 1 + gaps.map_or(0, Vec::len) as u64;
        self.pieces += pieces;
        self.single += u64::from(pieces == 1 && (!streamed || gaps.is_some()));
        let value = |f: &Option<Figure>| f.as_ref()?.value;
        if let Some(tokens) = value(&m.output_token_count) {
            self.told += 1;
            self.visible += u64::from(tokens > 0.0);
            let thought = value(&m.reasoning_token_count).is_some_and(|v| v > 0.0);
            self.reasoning_only += u64::from(tokens == 0.0 && thought);
        }
        self.tool += value(&m.output_sequence_length).unwrap_or(0.0);
        self.usage.extend(value(&m.usage_completion_tokens));
    }

    /// The counts; puts the server's token counts in place of the tool's where they contradict them.
    fn finish(self, rows: &mut [Row], errors: u64) -> Recorded {
        let all = |n: u64| (n == self.n && n > 0).then_some(());
        let usage: f64 = self.usage.iter().sum();
        let by_usage = all(self.usage.len() as u64).map(|()| usage);
        let tool = (self.tool > 0.0).then_some(self.tool);
        let agree = by_usage.zip(tool).is_some_and(|(a, b)| !contradicts(a, b));
        if by_usage.is_some() && !agree && rows.len() == self.usage.len() {
            for (row, tokens) in rows.iter_mut().zip(&self.usage) {
                row.osl = Some(*tokens);
            }
        }
        Recorded {
            requests: self.n + errors,
            failed: errors.saturating_sub(self.cancelled),
            cancelled: self.cancelled,
            with_content: all(self.told).map(|()| self.visible),
            reasoning_only: all(self.told).map(|()| self.reasoning_only),
            single_chunk: Some(self.single),
            chunks: (self.pieces > self.n).then_some(self.pieces),
            with_usage: Some(self.usage.len() as u64),
            tokens_by_usage: by_usage,
            tokens_by_tool: tool,
            ..Recorded::default()
        }
    }
}

/// The figures of a completed request; `None` for a failed one.
fn row(record: &Record, place: u32) -> Option<Row> {
    if record.error.is_some() || record.metadata.was_cancelled == Some(true) {
        return None;
    }
    let m = &record.metrics;
    let end = record
        .metadata
        .request_end_ns
        .and_then(|e| e.checked_sub(record.metadata.request_start_ns));
    let latency_s = m
        .request_latency
        .as_ref()
        .and_then(Figure::seconds)
        .or(end.map(|ns| ns as f64 * 1e-9))
        .filter(|s| *s >= 0.0)?;
    Some(Row {
        number: record.metadata.session_num.unwrap_or(place),
        start_ns: record.metadata.request_start_ns,
        latency_s,
        ttft_s: m.time_to_first_token.as_ref().and_then(Figure::seconds),
        isl: m.input_sequence_length.as_ref().and_then(|f| f.value),
        osl: m.output_sequence_length.as_ref().and_then(|f| f.value),
    })
}

/// Lines that are not blank, with their numbers from 1 and the bytes that follow them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, usize, &[u8])> {
    let mut rest = bytes;
    let mut number = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        number += 1;
        Some((number, rest.len(), line.trim_ascii()))
    })
    .filter(|(_, _, line)| !line.is_empty())
}
