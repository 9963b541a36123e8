//! A first look at a file: its opening 64 KB as text, its last 64 KB, its shape, and its JSON keys.
//!
//! Knows text and JSON syntax; refuses to know any tool. Nothing here reads a whole file.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// How much of a file is looked at, bytes.
pub const HEAD: usize = 64 * 1024;
/// Keys are noted down to this depth; arrays do not count as a level.
const DEPTH: usize = 4;
/// No more keys than this are noted.
const KEYS: usize = 4000;

/// What a file looks like from its opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but white space.
    Empty,
    /// Not text.
    Binary,
    /// One JSON object.
    Object,
    /// One JSON array.
    Array,
    /// JSON objects one after another.
    Lines,
    /// Any other text.
    Text,
}

/// How sure a format is that a file is its own. Two formats never share the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(pub u8);

impl Confidence {
    /// Not this format.
    pub const NO: Self = Self(0);
    /// Only if nothing else claims it.
    pub const FALLBACK: Self = Self(10);
    /// The marks of the format are there.
    pub const LIKELY: Self = Self(60);
    /// The format names itself, or has marks that no other has.
    pub const SURE: Self = Self(90);
    /// One of the two by a condition.
    pub fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NO }
    }
}

/// A first look at a file.
#[derive(Debug)]
pub struct Probe<'a> {
    /// Path as dropped; it only helps.
    pub path: &'a str,
    /// Opening of the file as text.
    pub head: Cow<'a, str>,
    /// End of the file as text, where it is longer than its opening: a log's figures stand there.
    pub tail: Cow<'a, str>,
    /// What it looks like.
    pub shape: Shape,
    keys: BTreeSet<String>,
}

impl<'a> Probe<'a> {
    /// Looks at UTF-8 bytes without a byte-order mark (see [`utf8`]).
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Self {
        let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or(bytes);
        let scan = scan(head);
        let text = String::from_utf8_lossy(head);
        let shape = shape(head, &text, scan.documents);
        let from = bytes.len().saturating_sub(HEAD).max(head.len());
        let tail = String::from_utf8_lossy(bytes.get(from..).unwrap_or_default());
        Self {
            path,
            head: text,
            tail,
            shape,
            keys: scan.keys,
        }
    }
    /// Whether a key path such as `experiments.experiment.mode` occurs; arrays are no level.
    pub fn has(&self, path: &str) -> bool {
        self.keys.contains(path)
    }
    /// Whether all of them occur.
    pub fn has_all(&self, paths: &[&str]) -> bool {
        paths.iter().all(|p| self.has(p))
    }
    /// Whether a key occurs at any depth.
    pub fn has_leaf(&self, key: &str) -> bool {
        self.keys
            .iter()
            .any(|path| path == key || path.strip_suffix(key).is_some_and(|p| p.ends_with('.')))
    }
    /// The keys of the outermost object, sorted.
    pub fn top_keys(&self) -> impl Iterator<Item = &str> {
        self.keys
            .iter()
            .map(String::as_str)
            .filter(|k| !k.contains('.'))
    }
    /// Whether a line of the opening or the end has these words in it.
    pub fn has_line(&self, words: &str) -> bool {
        self.head.contains(words) || self.tail.contains(words)
    }
    /// Whether a line of the opening starts with these words, at any level of indentation.
    pub fn starts_line(&self, words: &str) -> bool {
        self.head.lines().any(|l| l.trim_start().starts_with(words))
    }
    /// First line that is not blank, trimmed.
    pub fn first_line(&self) -> &str {
        self.head
            .lines()
            .map(str::trim)
            .find(|l| !l.is_empty())
            .unwrap_or_default()
    }
    /// Whether it is JSON in one of its forms.
    pub fn is_json(&self) -> bool {
        matches!(self.shape, Shape::Object | Shape::Array | Shape::Lines)
    }
    /// File name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

/// The bytes as UTF-8 without a byte-order mark; UTF-16 and UTF-32 of either order are decoded, UTF-16 also without a
/// mark where it begins with two ASCII characters.
pub fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        // Before UTF-16, whose mark is the start of this one.
        [0xFF, 0xFE, 0, 0, rest @ ..] => Cow::Owned(utf32(rest, u32::from_le_bytes)),
        [0, 0, 0xFE, 0xFF, rest @ ..] => Cow::Owned(utf32(rest, u32::from_be_bytes)),
        [1..=0x7F, 0, 1..=0x7F, 0, ..] => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
        [0, 1..=0x7F, 0, 1..=0x7F, ..] => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => Cow::Borrowed(bytes),
    }
}

fn utf16(bytes: &[u8], word: fn([u8; 2]) -> u16) -> Vec<u8> {
    let words = bytes.chunks_exact(2).map(|pair| match pair {
        [a, b] => word([*a, *b]),
        _ => 0,
    });
    char::decode_utf16(words)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into_bytes()
}

fn utf32(bytes: &[u8], word: fn([u8; 4]) -> u32) -> Vec<u8> {
    bytes
        .chunks_exact(4)
        .map(|four| match four {
            [a, b, c, d] => word([*a, *b, *c, *d]),
            _ => 0,
        })
        .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into_bytes()
}

fn shape(head: &[u8], text: &str, documents: usize) -> Shape {
    let mut marks = text.chars().filter(|c| !c.is_whitespace());
    let first = marks.next();
    let second = marks.next();
    if first.is_none() {
        return Shape::Empty;
    }
    let odd = head
        .iter()
        .filter(|b| **b < 9 || (**b > 13 && **b < 27))
        .count();
    let broken = text.matches(char::REPLACEMENT_CHARACTER).count();
    if odd > 0 || broken > 1 + head.len() / 50 {
        return Shape::Binary;
    }
    match (first, second) {
        (Some('{'), Some('"' | '}') | None) if documents > 1 => Shape::Lines,
        (Some('{'), Some('"' | '}') | None) => Shape::Object,
        (Some('['), Some('{' | '[' | '"' | ']')) => Shape::Array,
        _ => Shape::Text,
    }
}

struct Scan {
    keys: BTreeSet<String>,
    documents: usize,
}

/// Notes the keys of JSON without parsing values; a cut-off or broken end is no trouble.
fn scan(bytes: &[u8]) -> Scan {
    let mut keys = BTreeSet::new();
    let mut documents = 0;
    // One entry for each open container: `None` for an array, else the length of the path to
    // cut back to.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut path = String::new();
    let mut levels = 0_usize;
    let mut key_next = false;
    let mut rest = bytes.iter().enumerate();
    while let Some((at, byte)) = rest.next() {
        match byte {
            b'{' => {
                if open.is_empty() {
                    documents += 1;
                }
                open.push(Some(path.len()));
                levels += 1;
                key_next = true;
            }
            b'[' => {
                open.push(None);
                key_next = false;
            }
            b'}' | b']' => {
                if let Some(Some(cut)) = open.pop() {
                    path.truncate(cut);
                    levels = levels.saturating_sub(1);
                }
                key_next = false;
            }
            b',' => key_next = matches!(open.last(), Some(Some(_))),
            b'"' => {
                let from = at + 1;
                let mut to = from;
                let mut closed = false;
                while let Some((i, b)) = rest.next() {
                    to = i;
                    match b {
                        b'\\' => {
                            rest.next();
                        }
                        b'"' => {
                            closed = true;
                            break;
                        }
                        _ => {}
                    }
                }
                if !key_next || !closed {
                    continue;
                }
                key_next = false;
                if let Some(Some(cut)) = open.last() {
                    path.truncate(*cut);
                    if let Some(Ok(key)) = bytes.get(from..to).map(std::str::from_utf8) {
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(key.get(..key.len().min(200)).unwrap_or_default());
                        if levels <= DEPTH && keys.len() < KEYS {
                            keys.insert(path.clone());
                        }
                    }
                }
            }
            _ => {}
        }
        if open.len() > 200 {
            break;
        }
    }
    Scan { keys, documents }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_noted_through_arrays_and_a_cut_off_end() {
        let p = Probe::new(
            "x",
            br#" {"a":{"b":[{"c":"d","e":[1,2]}]},"f":"{\"g\":1}","h":{"i"#,
        );
        let all: Vec<&str> = p.keys.iter().map(String::as_str).collect();
        assert_eq!(all, ["a", "a.b", "a.b.c", "a.b.e", "f", "h"]);
        assert_eq!(p.shape, Shape::Object);
        assert_eq!(p.top_keys().collect::<Vec<_>>(), ["a", "f", "h"]);
    }

    #[test]
    fn shapes_are_told_apart() {
        let of = |b: &'static [u8]| Probe::new("x", b).shape;
        assert_eq!(of(b" \r\n"), Shape::Empty);
        assert_eq!(of(b"\x00\x01"), Shape::Binary);
        assert_eq!(of(b"{\"a\":1}\n{\"a\":2}"), Shape::Lines);
        assert_eq!(of(b"[{\"a\":1}]"), Shape::Array);
        assert_eq!(of(b"[INFO] started"), Shape::Text);
    }

    #[test]
    fn byte_order_marks_go() {
        assert_eq!(utf8(b"\xEF\xBB\xBFa").as_ref(), b"a");
        assert_eq!(utf8(b"\xFF\xFEa\0").as_ref(), b"a");
        assert_eq!(utf8(b"\xFE\xFF\0a").as_ref(), b"a");
        assert_eq!(utf8(b"\xFF\xFE\0\0a\0\0\0").as_ref(), b"a");
        assert_eq!(utf8(b"\0\0\xFE\xFF\0\0\0a").as_ref(), b"a");
        assert_eq!(utf8(b"{\0\"\0").as_ref(), b"{\"");
        assert_eq!(utf8(b"\0{\0\"").as_ref(), b"{\"");
    }
}
