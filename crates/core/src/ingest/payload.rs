//! The request payload that a raw export keeps: what was asked for, and whether two prompts are the same.
//!
//! Knows the fields of OpenAI's and TensorRT-LLM's interfaces; keeps no text.

use crate::model::Asked;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A payload without its texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payload {
    /// What it asked for.
    pub asked: Asked,
    /// Model.
    pub model: Option<String>,
    /// Hash of the prompt.
    pub prompt: Option<u64>,
}

/// A value of any kind: its hash, and what it is where it is a scalar.
#[derive(Debug, Clone, Default, PartialEq)]
struct Any {
    hash: u64,
    number: Option<f64>,
    flag: Option<bool>,
    text: Option<String>,
}

/// FNV-1a: stable over versions and machines, as hashes are kept.
fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    for b in bytes {
        hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Any, E> {
        Ok(Any {
            hash: fnv(SEED, &[1, u8::from(v)]),
            flag: Some(v),
            ..Any::default()
        })
    }
    fn visit_f64<E>(self, v: f64) -> Result<Any, E> {
        Ok(Any {
            hash: fnv(SEED, &v.to_bits().to_le_bytes()),
            number: Some(v),
            ..Any::default()
        })
    }
    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Any, E> {
        self.visit_f64(v as f64)
    }
    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Any, E> {
        self.visit_f64(v as f64)
    }
    fn visit_str<E>(self, v: &str) -> Result<Any, E> {
        Ok(Any {
            hash: fnv(SEED, v.as_bytes()),
            // A model's name is short; a prompt isn't kept.
            text: (v.len() <= 200).then(|| v.to_owned()),
            ..Any::default()
        })
    }
    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        let mut hash = fnv(SEED, b"[");
        while let Some(one) = seq.next_element::<Any>()? {
            hash = fnv(hash, &one.hash.to_le_bytes());
        }
        Ok(Any {
            hash,
            ..Any::default()
        })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        let mut hash = fnv(SEED, b"{");
        while let Some((key, one)) = map.next_entry::<String, Any>()? {
            hash = fnv(fnv(hash, key.as_bytes()), &one.hash.to_le_bytes());
        }
        Ok(Any {
            hash,
            ..Any::default()
        })
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AnyVisitor)
    }
}

struct PayloadVisitor;

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Payload;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request’s payload")
    }
    /// perf_analyzer keeps the payload as text.
    fn visit_str<E>(self, text: &str) -> Result<Payload, E> {
        Ok(serde_json::from_str(text).unwrap_or_else(|_| Payload {
            prompt: (!text.is_empty()).then(|| fnv(SEED, text.as_bytes())),
            ..Payload::default()
        }))
    }
    fn visit_unit<E>(self) -> Result<Payload, E> {
        Ok(Payload::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Payload, E> {
        Ok(Payload::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Payload, E> {
        Ok(Payload::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Payload, E> {
        Ok(Payload::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Payload, E> {
        Ok(Payload::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Payload, A::Error> {
        let first = seq.next_element::<Payload>()?.unwrap_or_default();
        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(first)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload, A::Error> {
        let mut out = Payload::default();
        // OpenAI streams only where it is asked to.
        out.asked.stream = Some(false);
        let whole = |v: Option<f64>| v.filter(|v| *v >= 0.0).map(|v| v as u64);
        while let Some(key) = map.next_key::<String>()? {
            if key == "payload" {
                out = map.next_value()?;
                continue;
            }
            let v: Any = map.next_value()?;
            let asked = &mut out.asked;
            match key.as_str() {
                "stream" => asked.stream = v.flag.or(asked.stream),
                "max_tokens" | "max_completion_tokens" | "max_output_tokens" => {
                    asked.max_tokens = whole(v.number).or(asked.max_tokens);
                }
                "min_tokens" => asked.min_tokens = whole(v.number),
                "ignore_eos" => asked.ignore_eos = v.flag,
                "temperature" => asked.temperature = v.number,
                "model" => out.model = v.text,
                "messages" | "prompt" | "text_input" | "input" => out.prompt = Some(v.hash),
                _ => {}
            }
        }
        Ok(out)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(PayloadVisitor)
    }
}

/// What all requests asked for alike.
#[derive(Debug, Default)]
pub struct Requested {
    asked: Option<Asked>,
    model: Option<String>,
    prompts: Vec<u64>,
    seen: u64,
}

impl Requested {
    /// Takes a request's payload in.
    pub fn add(&mut self, payload: Payload) {
        fn keep<T: PartialEq>(a: &mut Option<T>, b: &Option<T>) {
            if a != b {
                *a = None;
            }
        }
        if payload == Payload::default() {
            return;
        }
        if let Some(hash) = payload.prompt {
            self.seen += 1;
            self.prompts.push(hash);
        }
        match &mut self.asked {
            None => self.asked = Some(payload.asked),
            Some(a) => {
                let b = &payload.asked;
                keep(&mut a.stream, &b.stream);
                keep(&mut a.max_tokens, &b.max_tokens);
                keep(&mut a.min_tokens, &b.min_tokens);
                keep(&mut a.ignore_eos, &b.ignore_eos);
                keep(&mut a.temperature, &b.temperature);
            }
        }
        if self.model.is_none() {
            self.model = payload.model;
        }
    }

    /// What was asked for, the model, requests with a prompt, and the hashes of distinct prompts.
    pub fn finish(mut self) -> (Option<Asked>, Option<String>, Option<u64>, Vec<u64>) {
        self.prompts.sort_unstable();
        self.prompts.dedup();
        let seen = (self.seen > 0).then_some(self.seen);
        (self.asked, self.model, seen, self.prompts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Payload {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn what_was_asked_for_is_kept_and_no_text() {
        let p = read(
            r#"{"payload":"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":500,\"min_tokens\":500,\"ignore_eos\":true}"}"#,
        );
        assert_eq!(p.model.as_deref(), Some("m"));
        assert_eq!(p.asked.stream, Some(false));
        assert_eq!(
            (p.asked.max_tokens, p.asked.min_tokens),
            (Some(500), Some(500))
        );
        assert_eq!(p.asked.ignore_eos, Some(true));
        let streamed = read(r#"{"model":"m","prompt":"a","stream":true,"temperature":0.5}"#);
        assert_eq!(streamed.asked.stream, Some(true));
        assert_eq!(streamed.asked.temperature, Some(0.5));
        assert_eq!(read(r#""not JSON""#).asked.stream, None);
        assert_eq!(read("null"), Payload::default());
    }

    #[test]
    fn the_same_prompt_under_other_limits_is_the_same_prompt() {
        let prompt = |text: &str, max: u32| {
            read(&format!(
                r#"{{"messages":[{{"role":"user","content":"{text}"}}],"max_tokens":{max}}}"#
            ))
        };
        let mut all = Requested::default();
        for p in [prompt("a", 1), prompt("a", 2), prompt("b", 2)] {
            all.add(p);
        }
        let (asked, _, seen, prompts) = all.finish();
        assert_eq!((seen, prompts.len()), (Some(3), 2));
        let asked = asked.expect("payloads");
        assert_eq!((asked.max_tokens, asked.stream), (None, Some(false)));
    }
}
