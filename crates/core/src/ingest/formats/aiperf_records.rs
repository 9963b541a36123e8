//! AIPerf: `profile_export.jsonl`, one request a line. Warm-up records are left out.

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed};
use crate::ingest::probe::{Confidence, Probe};
use crate::ingest::quantity::{Dimension, unit};
use crate::ingest::registry::Format;
use crate::model::{Requests, Tool};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

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
struct Record<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    metrics: Metrics<'a>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    request_start_ns: u64,
    #[serde(default)]
    request_end_ns: Option<u64>,
    #[serde(borrow, default)]
    benchmark_phase: Option<Cow<'a, str>>,
    #[serde(default)]
    was_cancelled: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metrics<'a> {
    #[serde(borrow)]
    time_to_first_token: Option<Figure<'a>>,
    #[serde(borrow)]
    request_latency: Option<Figure<'a>>,
    #[serde(borrow)]
    input_sequence_length: Option<Figure<'a>>,
    #[serde(borrow)]
    output_sequence_length: Option<Figure<'a>>,
}

#[derive(Deserialize)]
struct Figure<'a> {
    value: Option<f64>,
    #[serde(borrow, default)]
    unit: Option<Cow<'a, str>>,
}

impl Figure<'_> {
    fn seconds(&self) -> Option<f64> {
        let factor = match self.unit.as_deref() {
            Some("ms") | None => 1e-3,
            Some(other) => match unit(other) {
                Some((Dimension::Time, factor)) => factor,
                _ => return None,
            },
        };
        Some(self.value? * factor)
    }
}

/// A completed request; the start in ns is kept exact until the earliest is known.
struct Row {
    start_ns: u64,
    latency_s: f64,
    ttft_s: f64,
    isl: f64,
    osl: f64,
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut rows: Vec<Row> = Vec::new();
    let mut errors = 0_u64;
    let mut warm_up = 0_u64;
    for (at, line) in lines(input.bytes) {
        let record: Record<'_> =
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
        if record.metadata.benchmark_phase.as_deref() == Some("warmup") {
            warm_up += 1;
            continue;
        }
        match row(&record) {
            Some(row) => rows.push(row),
            None => errors += 1,
        }
    }
    if rows.is_empty() {
        let what = if warm_up > 0 && errors == 0 {
            "record outside the warm-up"
        } else {
            "completed request with a time to first token"
        };
        return Err(ReadError::Missing {
            what: what.to_owned(),
            place: "The records file".to_owned(),
        });
    }
    // The tool writes them in order of completion; several workers may swap neighbours.
    let end = |r: &Row| r.start_ns as f64 * 1e-9 + r.latency_s;
    rows.sort_by(|a, b| end(a).total_cmp(&end(b)));
    let zero = rows.iter().map(|r| r.start_ns).min().unwrap_or(0);
    let mut columns = Requests {
        errors,
        ..Requests::default()
    };
    for r in rows {
        // Below 2^53 ns (104 days) the difference is exact.
        let start = (r.start_ns - zero) as f64 * 1e-9;
        columns.start_s.push(start);
        columns.end_s.push(start + r.latency_s);
        columns.ttft_s.push(r.ttft_s);
        columns.isl.push(r.isl);
        columns.osl.push(r.osl);
    }
    Ok(Parsed {
        records: Some((Tool::AiPerf, columns)),
        ..Parsed::default()
    })
}

/// The figures of a completed request; `None` for a failed one.
fn row(record: &Record<'_>) -> Option<Row> {
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
        .or(end.map(|ns| ns as f64 * 1e-9))?;
    Some(Row {
        start_ns: record.metadata.request_start_ns,
        latency_s,
        ttft_s: m.time_to_first_token.as_ref()?.seconds()?,
        isl: m.input_sequence_length.as_ref()?.value?,
        osl: m.output_sequence_length.as_ref()?.value?,
    })
}

/// Lines that are not blank, with their numbers from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes
        .split(|b| *b == b'\n')
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_ascii()))
        .filter(|(_, line)| !line.is_empty())
}
