//! GenAI-Perf: `profile_export.json`, the raw export of perf_analyzer.
//!
//! GenAI-Perf drops every event without content (`[DONE]`, usage only, empty delta) before it
//! computes anything; so does this reader. Each event's text is looked at and let go, so that a
//! file of any size costs no more than its figures.

use crate::ingest::columns::{Row, columns};
use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Input, Parsed};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::Tool;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// Per-request records in one JSON document.
pub const FORMAT: Format = Format {
    id: "genai-perf-raw",
    label: "GenAI-Perf raw export",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(
        probe.shape == Shape::Object
            && probe.has_all(&[
                "experiments",
                "experiments.experiment",
                "experiments.requests",
            ]),
    )
}

#[derive(serde::Deserialize)]
struct Export {
    experiments: Vec<Experiment>,
}

#[derive(serde::Deserialize)]
struct Experiment {
    requests: Rows,
}

#[derive(serde::Deserialize)]
struct Request {
    timestamp: u64,
    #[serde(default)]
    response_timestamps: Vec<u64>,
    #[serde(default)]
    response_outputs: Vec<Event>,
    #[serde(default)]
    success: Option<bool>,
}

#[derive(serde::Deserialize)]
struct Event {
    #[serde(default)]
    response: Content,
}

/// What an event is, without its text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Content {
    /// No text was stored.
    blank: bool,
    /// It carries tokens.
    tokens: bool,
    /// Tokens of the prompt and the answer, when the event states them.
    usage: Option<(u32, u32)>,
}

struct ContentVisitor;

impl Visitor<'_> for ContentVisitor {
    type Value = Content;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event's text")
    }
    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(content(text))
    }
    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(content(""))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ContentVisitor)
    }
}

fn content(text: &str) -> Content {
    let body = text.trim();
    let body = body.strip_prefix("data:").unwrap_or(body).trim_start();
    let filled =
        |key: &str| after(body, key).is_some_and(|v| v.starts_with('"') && !v.starts_with("\"\""));
    let tokens = [
        "\"content\"",
        "\"text\"",
        "\"reasoning_content\"",
        "\"text_output\"",
    ]
    .into_iter()
    .any(filled);
    let usage = after(body, "\"usage\"").and_then(|u| {
        let tokens = |key| {
            let digits = after(u, key)?;
            let end = digits.bytes().take_while(u8::is_ascii_digit).count();
            digits.get(..end)?.parse().ok()
        };
        Some((
            tokens("\"prompt_tokens\"")?,
            tokens("\"completion_tokens\"")?,
        ))
    });
    Content {
        blank: body.is_empty(),
        tokens,
        usage,
    }
}

/// What follows a key and its colon.
fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = memchr::memmem::find(text.as_bytes(), key.as_bytes())?;
    let rest = text.get(at + key.len()..)?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    errors: u64,
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Rows, A::Error> {
        let mut out = Rows::default();
        while let Some(request) = seq.next_element::<Request>()? {
            let place = out.rows.len() as u64 + out.errors;
            match row(&request, u32::try_from(place).unwrap_or(u32::MAX)) {
                Some(row) => out.rows.push(row),
                None => out.errors += 1,
            }
        }
        Ok(out)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_seq(RowsVisitor)
    }
}

fn row(request: &Request, number: u32) -> Option<Row> {
    if request.success == Some(false) {
        return None;
    }
    let events = || request.response_outputs.iter().map(|e| e.response);
    // Without stored texts every event counts.
    let silent = events().all(|c| c.blank);
    let mut stamps = request
        .response_timestamps
        .iter()
        .enumerate()
        .filter(|(i, _)| {
            silent
                || request
                    .response_outputs
                    .get(*i)
                    .is_none_or(|e| e.response.tokens)
        })
        .map(|(_, t)| *t);
    let first = stamps.next()?;
    let (mut last, mut chunks) = (first, 1.0);
    for t in stamps {
        last = t;
        chunks += 1.0;
    }
    let usage = events().filter_map(|c| c.usage).next_back();
    Some(Row {
        number,
        start_ns: request.timestamp,
        latency_s: last.checked_sub(request.timestamp)? as f64 * 1e-9,
        ttft_s: first.checked_sub(request.timestamp)? as f64 * 1e-9,
        isl: usage.map(|u| f64::from(u.0)),
        osl: usage.map_or(chunks, |u| f64::from(u.1)),
    })
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let export: Export = serde_json::from_slice(input.bytes).map_err(|e| ReadError::json(&e))?;
    let Some(first) = export
        .experiments
        .into_iter()
        .next()
        .map(|e| e.requests)
        .filter(|r| !r.rows.is_empty())
    else {
        return Err(ReadError::Missing {
            what: "completed request at experiments[0].requests".to_owned(),
            place: "The raw export".to_owned(),
        });
    };
    Ok(Parsed {
        records: Some((Tool::GenAiPerf, columns(&first.rows, first.errors))),
        ..Parsed::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_without_tokens_are_told_apart() {
        let t = |s: &str| content(s).tokens;
        assert!(t(
            r#"data: {"choices": [{"delta": {"role": "assistant", "content": "brief"}}]}"#
        ));
        assert!(t(
            r#"data: {"choices":[{"delta":{"content":" x"},"finish_reason":"length"}]}"#
        ));
        assert!(t(
            r#"{"choices":[{"delta":{"reasoning_content":null,"content":"x"}}]}"#
        ));
        assert!(t(r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#));
        assert!(!t("data: [DONE]\n\n"));
        assert!(!t(
            r#"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"#
        ));
        assert!(!t(r#"data: {"choices":[{"delta":{}}]}"#));
        let usage =
            content(r#"data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":7}}"#);
        assert_eq!((usage.tokens, usage.usage), (false, Some((12, 7))));
    }
}
