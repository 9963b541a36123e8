//! Small JSON documents as a flat list of their leaves, lenient as the tools are: bare `NaN`,
//! numbers as text, values of another type.
//!
//! Knows paths such as `input_config.phases.0.kind`; refuses to know any tool. One walk for all
//! documents weighs far less in the page than a derived type for each.

use super::error::ReadError;
use crate::model::{Stat, Stats};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// No more leaves than this are kept of a document.
const LEAVES: usize = 200_000;

/// What stands at the end of a path.
#[derive(Debug, Clone, PartialEq)]
enum Leaf {
    Number(f64),
    Text(String),
    True,
    False,
    EmptyList,
}

/// The leaves of a document by path; `null` and figures that are not finite are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flat(BTreeMap<String, Leaf>);

impl Flat {
    /// Reads a document; the keys in `skip` are passed over wherever they stand. Bare `NaN` and
    /// `Infinity`, which Python writes, count as `null`.
    ///
    /// # Errors
    /// With line and column.
    pub fn parse(bytes: &[u8], skip: &[&str]) -> Result<Self, ReadError> {
        match Self::walk(bytes, skip) {
            Ok(flat) => Ok(flat),
            Err(error) => match legal(bytes).filter(|_| error.is_syntax()) {
                Some(legal) => {
                    Self::walk(&legal, skip).map_err(|second| ReadError::repaired(&error, &second))
                }
                None => Err(ReadError::json(&error)),
            },
        }
    }

    /// Reads a YAML document in the same way.
    ///
    /// # Errors
    /// With line and column, where the parser knows them; also when the document is larger than it ought to be.
    pub fn yaml(bytes: &[u8], skip: &[&str]) -> Result<Self, ReadError> {
        let mut out = Self::default();
        let mut path = String::new();
        let walk = Walk {
            out: &mut out.0,
            path: &mut path,
            skip,
        };
        serde_saphyr::with_deserializer_from_str(&String::from_utf8_lossy(bytes), |de| {
            walk.deserialize(de)
        })
        .map_err(|error| {
            let at = error.location().map_or(String::new(), |l| {
                format!(" at line {}, column {}", l.line(), l.column())
            });
            ReadError::Other(format!("Not valid YAML{at}."))
        })?;
        Ok(out)
    }

    /// The documents of a file, each by itself: one object, objects one after another, or the objects of a list.
    ///
    /// # Errors
    /// As [`Flat::parse`].
    pub fn each(bytes: &[u8]) -> Result<Vec<Self>, ReadError> {
        let walk = |bytes: &[u8]| -> Result<Vec<Self>, serde_json::Error> {
            let mut out = Vec::new();
            for some in serde_json::Deserializer::from_slice(bytes).into_iter::<Several>() {
                out.extend(some?.0);
            }
            Ok(out)
        };
        walk(bytes).or_else(|error| match legal(bytes).filter(|_| error.is_syntax()) {
            Some(legal) => walk(&legal).map_err(|second| ReadError::repaired(&error, &second)),
            None => Err(ReadError::json(&error)),
        })
    }

    fn walk(bytes: &[u8], skip: &[&str]) -> Result<Self, serde_json::Error> {
        let mut out = Self::default();
        let mut path = String::new();
        let mut json = serde_json::Deserializer::from_slice(bytes);
        Walk {
            out: &mut out.0,
            path: &mut path,
            skip,
        }
        .deserialize(&mut json)?;
        json.end()?;
        Ok(out)
    }

    /// Reads a document of any form.
    ///
    /// # Errors
    /// The form's own.
    pub fn from_deserializer<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut out = Self::default();
        let mut path = String::new();
        Walk {
            out: &mut out.0,
            path: &mut path,
            skip: &[],
        }
        .deserialize(d)?;
        Ok(out)
    }

    /// Keeps one value of a document's outermost map, which a format walks by itself.
    ///
    /// # Errors
    /// The map's own.
    pub fn keep<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let mut path = key.to_owned();
        map.next_value_seed(Walk {
            out: &mut self.0,
            path: &mut path,
            skip: &[],
        })
    }

    /// The number at a path; text that is a number counts.
    pub fn number(&self, path: &str) -> Option<f64> {
        match self.0.get(path)? {
            Leaf::Number(n) => Some(*n),
            Leaf::Text(t) => t.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            Leaf::True | Leaf::False | Leaf::EmptyList => None,
        }
    }

    /// The statistics below a path, under any of the names that tools give them, times `factor`.
    pub fn stats(&self, path: &str, factor: f64) -> Stats {
        let mut out = Stats::new();
        for stat in Stat::ALL {
            let other: &[&str] = match stat {
                Stat::Avg => &["mean", "average"],
                Stat::Min => &["minimum"],
                Stat::Max => &["maximum"],
                Stat::Std => &["std_dev", "stddev"],
                Stat::P1 => &["p01"],
                Stat::P5 => &["p05"],
                Stat::P50 => &["median"],
                _ => &[],
            };
            let found = std::iter::once(&stat.key())
                .chain(other)
                .find_map(|name| self.number(&format!("{path}.{name}")));
            if let Some(value) = found {
                out.set(stat, value * factor);
            }
        }
        out
    }

    /// The text at a path.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.0.get(path)? {
            Leaf::Text(t) => Some(t),
            _ => None,
        }
    }

    /// A number, text or flag at a path, as text.
    pub fn scalar(&self, path: &str) -> Option<String> {
        match self.0.get(path)? {
            Leaf::Number(n) => Some(n.to_string()),
            Leaf::Text(t) => Some(t.clone()),
            Leaf::True => Some("true".to_owned()),
            Leaf::False => Some("false".to_owned()),
            Leaf::EmptyList => None,
        }
    }

    /// What follows a path, up to the next dot; each once.
    pub fn children(&self, path: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (rest, _) in self.texts_below(path) {
            let name = rest.split('.').next().unwrap_or_default();
            if out.last().is_none_or(|last| last != name) {
                out.push(name.to_owned());
            }
        }
        out
    }

    /// Everything below a path: the rest of its path, and its text where it is one.
    pub fn texts_below(&self, path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
        let from = format!("{path}.");
        let n = from.len();
        self.0
            .range(from.clone()..)
            .take_while(move |(key, _)| key.starts_with(&from))
            .filter_map(move |(key, leaf)| {
                let text = match leaf {
                    Leaf::Text(t) => Some(t.as_str()),
                    _ => None,
                };
                Some((key.get(n..)?, text))
            })
    }

    /// The first of a list of texts, or the text itself.
    pub fn first_text(&self, path: &str) -> Option<&str> {
        self.text(path).or_else(|| self.text(&format!("{path}.0")))
    }

    /// Whether `true` stands at a path.
    pub fn is_true(&self, path: &str) -> bool {
        self.0.get(path) == Some(&Leaf::True)
    }

    /// `true` or `false` at a path.
    pub fn flag(&self, path: &str) -> Option<bool> {
        match self.0.get(path)? {
            Leaf::True => Some(true),
            Leaf::False => Some(false),
            _ => None,
        }
    }

    /// Whether an empty list stands at a path.
    pub fn is_empty_list(&self, path: &str) -> bool {
        self.0.get(path) == Some(&Leaf::EmptyList)
    }

    /// Sets a number; one that is not finite is not kept.
    pub fn put_number(&mut self, path: &str, number: f64) {
        if number.is_finite() {
            self.0.insert(path.to_owned(), Leaf::Number(number));
        }
    }

    /// Sets a text.
    pub fn put_text(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), Leaf::Text(text.to_owned()));
    }

    /// The paths of every object that has this key, in order.
    pub fn parents_of(&self, key: &str) -> Vec<String> {
        self.0
            .keys()
            .filter_map(|path| Some(path.strip_suffix(key)?.strip_suffix('.')?.to_owned()))
            .collect()
    }

    /// What stands below a path, as a document of its own.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let from = format!("{path}.");
        let inside = self.0.range(from.clone()..);
        Self(
            inside
                .map_while(|(key, leaf)| Some((key.strip_prefix(&from)?.to_owned(), leaf.clone())))
                .collect(),
        )
    }

    /// Whether anything stands below a path.
    pub fn has_below(&self, path: &str) -> bool {
        let from = format!("{path}.");
        self.0
            .range(from.clone()..)
            .next()
            .is_some_and(|(key, _)| key.starts_with(&from))
    }
}

/// A document, or a list of them.
struct Several(Vec<Flat>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(SeveralVisitor)
    }
}

struct SeveralVisitor;

impl<'de> Visitor<'de> for SeveralVisitor {
    type Value = Several;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Several, A::Error> {
        let mut out = Vec::new();
        while let Some(one) = seq.next_element::<Several>()? {
            out.extend(one.0);
        }
        Ok(Several(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Several, A::Error> {
        let mut flat = Flat::default();
        let walk = Walk {
            out: &mut flat.0,
            path: &mut String::new(),
            skip: &[],
        };
        walk.visit_map(map)?;
        Ok(Several(vec![flat]))
    }
}

/// One step of the walk through a document.
struct Walk<'a> {
    out: &'a mut BTreeMap<String, Leaf>,
    path: &'a mut String,
    skip: &'a [&'a str],
}

impl Walk<'_> {
    /// Keeps a leaf. A key that an object has twice makes the document none: which of the two holds is anyone's guess.
    fn keep<E: serde::de::Error>(self, leaf: Leaf) -> Result<(), E> {
        if self.out.len() < LEAVES && self.out.insert(self.path.clone(), leaf).is_some() {
            return Err(E::custom(format!("the key “{}” occurs twice", self.path)));
        }
        Ok(())
    }

    /// The walk one level down; the caller cuts the path back.
    fn down(&mut self, key: impl fmt::Display) -> (usize, Walk<'_>) {
        let cut = self.path.len();
        let dot = if cut > 0 { "." } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(self.path, "{dot}{key}");
        (
            cut,
            Walk {
                out: self.out,
                path: self.path,
                skip: self.skip,
            },
        )
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<(), E> {
        if v.is_finite() {
            self.keep(Leaf::Number(v))
        } else {
            Ok(())
        }
    }
    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<(), E> {
        self.visit_f64(v as f64)
    }
    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<(), E> {
        self.visit_f64(v as f64)
    }
    fn visit_bool<E: serde::de::Error>(self, v: bool) -> Result<(), E> {
        self.keep(if v { Leaf::True } else { Leaf::False })
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<(), E> {
        self.keep(Leaf::Text(v.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut at = 0_usize;
        loop {
            let (cut, next) = self.down(at);
            let more = seq.next_element_seed(next)?;
            self.path.truncate(cut);
            if more.is_none() {
                break;
            }
            at += 1;
        }
        if at == 0 {
            self.keep(Leaf::EmptyList)
        } else {
            Ok(())
        }
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.skip.contains(&key.as_str()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let (cut, next) = self.down(&key);
            map.next_value_seed(next)?;
            self.path.truncate(cut);
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_stand_at_their_paths() {
        let f = Flat::parse(
            br#"{"a": 1, "b": {"c": "2.5", "d": [{"e": NaN}, {"e": -3}]}, "f": [], "g": true, "h": null, "skip": {"i": 1}}"#,
            &["skip"],
        )
        .unwrap();
        assert_eq!(
            (f.number("a"), f.number("b.c"), f.number("b.d.1.e")),
            (Some(1.0), Some(2.5), Some(-3.0))
        );
        assert_eq!(
            (f.number("b.d.0.e"), f.number("h"), f.number("skip.i")),
            (None, None, None)
        );
        assert_eq!(
            (f.text("b.c"), f.first_text("b.c")),
            (Some("2.5"), Some("2.5"))
        );
        assert!(f.is_empty_list("f") && f.is_true("g") && f.has_below("b") && !f.has_below("a"));
        assert_eq!(legal(br#""NaN \" NaN""#), None);
    }

    #[test]
    fn a_broken_document_keeps_its_place() {
        let error = Flat::parse(b"[1,\n2,,3]", &[]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Not valid JSON at line 2, column 3"),
            "{error}"
        );
        let error = Flat::parse(b"{} x", &[]).unwrap_err();
        assert!(error.to_string().contains("line 1, column 4"), "{error}");
    }
}
