//! JSON as the tools write it: bare `NaN`, numbers as text, values of another type.
//!
//! Knows lenient types; refuses to know any tool.

use super::error::ReadError;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::fmt;

/// Parses a whole document; bare `NaN` and `Infinity`, which Python writes, count as `null`.
///
/// # Errors
/// With line and column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) if error.is_syntax() => {
            let legal = legal(bytes).ok_or_else(|| ReadError::json(&error))?;
            serde_json::from_slice(&legal).map_err(|_| ReadError::json(&error))
        }
        Err(error) => Err(ReadError::json(&error)),
    }
}

/// The text with bare `NaN`, `Infinity` and `-Infinity` outside of strings as `null`; `None`
/// when there is none.
pub fn legal(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut found = false;
    let mut quoted = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let word = [&b"-Infinity"[..], b"Infinity", b"NaN"]
            .into_iter()
            .find(|w| !quoted && rest.starts_with(w));
        if let Some(word) = word {
            out.extend_from_slice(b"null");
            at += word.len();
            found = true;
            continue;
        }
        out.push(*byte);
        at += 1;
        if *byte == b'\\' && quoted {
            if let Some(next) = bytes.get(at) {
                out.push(*next);
                at += 1;
            }
        } else if *byte == b'"' {
            quoted = !quoted;
        }
    }
    found.then_some(out)
}

/// A number if it is one, else nothing: `null`, text without a number and structures are passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Number(pub Option<f64>);

/// Text if it is text, else nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

/// A list of texts; one text is a list of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

/// What a lenient visitor can make of a value.
#[derive(Default)]
struct Any {
    number: Option<f64>,
    texts: Vec<String>,
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_f64<E>(self, v: f64) -> Result<Any, E> {
        Ok(Any {
            number: v.is_finite().then_some(v),
            ..Any::default()
        })
    }
    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Any, E> {
        self.visit_f64(v as f64)
    }
    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Any, E> {
        self.visit_f64(v as f64)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Any, E> {
        Ok(Any::default())
    }
    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::default())
    }
    fn visit_str<E>(self, v: &str) -> Result<Any, E> {
        let number = v.trim().parse().ok().filter(|n: &f64| n.is_finite());
        Ok(Any {
            number,
            texts: vec![v.to_owned()],
        })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        let mut out = Any::default();
        while let Some(Text(text)) = seq.next_element()? {
            out.texts.extend(text);
        }
        Ok(out)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Any::default())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(d.deserialize_any(AnyVisitor)?.number))
    }
}
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(
            d.deserialize_any(AnyVisitor)?.texts.into_iter().next(),
        ))
    }
}
impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(d.deserialize_any(AnyVisitor)?.texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_is_read() {
        let v: Vec<Number> =
            parse(b"[1, NaN, -Infinity, \"2.5\", null, {\"a\":[1]}, \"NaN\", [3]]").unwrap();
        let v: Vec<Option<f64>> = v.into_iter().map(|n| n.0).collect();
        assert_eq!(
            v,
            [Some(1.0), None, None, Some(2.5), None, None, None, None]
        );
        assert_eq!(parse::<Texts>(b"\"m\"").unwrap().0, ["m"]);
        assert_eq!(parse::<Texts>(b"[\"m\", 1]").unwrap().0, ["m"]);
        assert_eq!(legal(br#""NaN \" NaN""#), None);
    }

    #[test]
    fn a_broken_document_keeps_its_place() {
        let error = parse::<Vec<Number>>(b"[1,\n2,,3]").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Not valid JSON at line 2, column 3"),
            "{error}"
        );
    }
}
