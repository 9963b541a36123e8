//! GenAI-Perf: `profile_export.json`, the raw export of perf_analyzer.
//!
//! Events that carry nothing (`[DONE]`, usage only, empty delta) are no pieces of an answer. What GenAI-Perf leaves out
//! besides, answers that only reason or call a tool, counts here. Each event's text is looked at and let go, so that a
//! file of any size costs no more than its figures.

use crate::ingest::columns::{Row, columns};
use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Beside, Input, Parsed};
use crate::ingest::payload::{Payload, Requested};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::model::{Load, Recorded, Tool};
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
    #[serde(default)]
    experiment: Mode,
    requests: Rows,
    #[serde(default)]
    window_boundaries: Vec<u64>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Mode {
    mode: Option<String>,
    value: Option<f64>,
}

#[derive(serde::Deserialize)]
struct Request {
    timestamp: u64,
    #[serde(default)]
    request_inputs: Payload,
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
    /// Visible text.
    visible: bool,
    /// Reasoning.
    reasoning: bool,
    /// A call of a tool.
    tool_call: bool,
    /// It reports a failure.
    error: bool,
    /// It is a part of an answer, if an empty one.
    answer: bool,
    /// Tokens of the prompt and the answer, when the event states them.
    usage: Option<(u32, u32)>,
}

impl Content {
    /// Whether it carries tokens.
    fn tokens(self) -> bool {
        self.visible || self.reasoning || self.tool_call
    }
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
    let any = |keys: &[&str]| keys.iter().any(|key| filled(key));
    let answer = after(body, "\"choices\"").is_some();
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
        visible: any(&["\"content\"", "\"text\"", "\"text_output\""]),
        reasoning: any(&["\"reasoning_content\"", "\"reasoning\""]),
        tool_call: after(body, "\"tool_calls\"").is_some_and(|v| opens(v, '[', ']')),
        error: !answer && after(body, "\"error\"").is_some_and(|v| v.starts_with(['{', '"'])),
        answer,
        usage,
    }
}

/// What follows a key and its colon.
fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = memchr::memmem::find(text.as_bytes(), key.as_bytes())?;
    let rest = text.get(at + key.len()..)?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// Whether a list or map that opens here holds anything.
fn opens(text: &str, open: char, close: char) -> bool {
    text.strip_prefix(open)
        .is_some_and(|rest| !rest.trim_start().starts_with(close))
}

/// A completed request.
struct Answer {
    row: Row,
    pieces: u64,
    visible: bool,
    reasoning: bool,
    tool_call: bool,
    silent: bool,
    usage: bool,
    end_ns: u64,
}

#[derive(Default)]
struct Rows {
    answers: Vec<Answer>,
    errors: u64,
    requested: Requested,
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
            let place = out.answers.len() as u64 + out.errors;
            match answer(&request, u32::try_from(place).unwrap_or(u32::MAX)) {
                Some(answer) => out.answers.push(answer),
                None => out.errors += 1,
            }
            out.requested.add(request.request_inputs);
        }
        Ok(out)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_seq(RowsVisitor)
    }
}

fn answer(request: &Request, number: u32) -> Option<Answer> {
    let events = || request.response_outputs.iter().map(|e| e.response);
    if request.success == Some(false) || events().any(|c| c.error) {
        return None;
    }
    let any = |what: fn(Content) -> bool| events().any(what);
    // Without stored texts every event counts; so it does in an answer without any token, unless it only ends a stream.
    let silent = events().all(|c| c.blank);
    let (tokens, parts) = (any(Content::tokens), any(|c| c.answer));
    let counts = |c: Content| {
        if tokens {
            c.tokens()
        } else {
            silent || (parts && c.answer)
        }
    };
    let mut stamps = request
        .response_timestamps
        .iter()
        .enumerate()
        .filter(|(i, _)| {
            let event = request.response_outputs.get(*i);
            event.is_none_or(|e| counts(e.response))
        })
        .map(|(_, t)| *t);
    let first = stamps.next()?;
    let (mut last, mut pieces) = (first, 1);
    for t in stamps {
        last = t;
        pieces += 1;
    }
    let usage = events().filter_map(|c| c.usage).next_back();
    // A stream of nothing but empty pieces has produced nothing.
    if !tokens && !silent && usage.is_none_or(|u| u.1 == 0) {
        return None;
    }
    Some(Answer {
        row: Row {
            number,
            start_ns: request.timestamp,
            latency_s: last.checked_sub(request.timestamp)? as f64 * 1e-9,
            ttft_s: Some(first.checked_sub(request.timestamp)? as f64 * 1e-9),
            isl: usage.map(|u| f64::from(u.0)),
            osl: usage.map(|u| f64::from(u.1)),
        },
        pieces,
        visible: any(|c| c.visible),
        reasoning: any(|c| c.reasoning),
        tool_call: any(|c| c.tool_call),
        silent,
        usage: usage.is_some(),
        end_ns: last,
    })
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let export: Export = serde_json::from_slice(input.bytes).map_err(|e| ReadError::json(&e))?;
    let Some(first) = export
        .experiments
        .into_iter()
        .next()
        .filter(|e| !e.requests.answers.is_empty())
    else {
        return Err(ReadError::Missing {
            what: "completed request at experiments[0].requests".to_owned(),
            place: "The raw export".to_owned(),
        });
    };
    let Rows {
        answers,
        errors,
        requested,
    } = first.requests;
    let (asked, model, with_prompt, prompts) = requested.finish();
    let number = |what: fn(&Answer) -> bool| answers.iter().filter(|a| what(a)).count() as u64;
    let texts = (!answers.iter().all(|a| a.silent)).then_some(());
    let with_usage = number(|a| a.usage);
    let counted = with_usage == answers.len() as u64;
    let window = first.window_boundaries.iter().copied();
    let recorded = Recorded {
        requests: answers.len() as u64 + errors,
        failed: errors,
        with_content: texts.map(|()| number(|a| a.visible)),
        reasoning_only: texts.map(|()| number(|a| a.reasoning && !a.visible)),
        tool_call_only: texts.map(|()| number(|a| a.tool_call && !a.visible && !a.reasoning)),
        single_chunk: Some(number(|a| a.pieces == 1)),
        chunks: Some(answers.iter().map(|a| a.pieces).sum()),
        asked,
        with_usage: Some(with_usage),
        tokens_by_usage: counted.then(|| answers.iter().filter_map(|a| a.row.osl).sum()),
        with_prompt,
        prompts,
        outside_window: window.max().map(|end| {
            let out = answers.iter().filter(|a| a.end_ns > end);
            out.count() as u64
        }),
        ..Recorded::default()
    };
    let streamed = streamed(&recorded);
    let rows: Vec<Row> = answers
        .iter()
        .map(|a| Row {
            ttft_s: a.row.ttft_s.filter(|_| streamed),
            // A streamed piece is a token or a few; one whole answer says nothing of its tokens.
            osl: a.row.osl.or(streamed.then_some(a.pieces as f64)),
            ..a.row
        })
        .collect();
    let load = match (first.experiment.mode.as_deref(), first.experiment.value) {
        (Some("concurrency"), Some(v)) => Load {
            concurrency: count(v).filter(|c| *c > 0),
            request_rate: None,
        },
        (Some("request_rate"), Some(v)) if v > 0.0 => Load {
            concurrency: None,
            request_rate: Some(v),
        },
        _ => Load::default(),
    };
    Ok(Parsed {
        records: Some((Tool::GenAiPerf, columns(&rows, errors))),
        beside: Some(Box::new(Beside {
            recorded,
            load,
            model,
        })),
        ..Parsed::default()
    })
}

/// Whether the answers came in pieces. A stream of one token each is one.
fn streamed(r: &Recorded) -> bool {
    let asked = r.asked.and_then(|a| a.stream);
    let short = r
        .tokens_by_usage
        .is_some_and(|t| t <= 1.5 * r.completed() as f64);
    r.streamed() != Some(false) || (asked == Some(true) && short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_without_tokens_are_told_apart() {
        let t = |s: &str| content(s).tokens();
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
        assert_eq!((usage.tokens(), usage.usage), (false, Some((12, 7))));
    }
}
