//! What a label says and the places near a mark it may take.
//!
//! Knows lines, weights and candidates; refuses to choose among them.

use super::geometry::{Pt, pt};
use super::layout::{NAME, TEXT};
use super::scene::{Anchor, Paint};
use super::spec::Series;

/// What a text says, before it has a place.
#[derive(Clone)]
pub(super) struct Words {
    pub(super) lines: Vec<(String, Paint, bool)>,
    pub(super) name: bool,
    pub(super) opacity: f64,
}

impl Words {
    pub(super) fn one(text: &str, paint: Paint) -> Self {
        Self {
            lines: vec![(text.to_owned(), paint, false)],
            name: false,
            opacity: 1.0,
        }
    }
    pub(super) fn with(mut self, text: &str, paint: Paint) -> Self {
        if !text.is_empty() {
            self.lines.push((text.to_owned(), paint, false));
        }
        self
    }
    pub(super) fn strong(mut self) -> Self {
        if let Some(first) = self.lines.first_mut() {
            first.2 = true;
        }
        self
    }
    pub(super) fn size(&self, line: usize) -> f64 {
        if self.name && line == 0 { NAME } else { TEXT }
    }
}

pub(super) fn opacity(series: &Series) -> f64 {
    if series.dimmed { 0.45 } else { 1.0 }
}

pub(super) fn name_words(series: &Series, name: &str, value: &str) -> Words {
    let mut words = Words::one(name, Paint::RunInk(series.slot))
        .strong()
        .with(value, Paint::Ink);
    words.name = true;
    words.opacity = opacity(series);
    words
}

/// Places for a short text near a mark, best first.
pub(super) fn around(at: Pt) -> Vec<(Pt, Anchor, f64)> {
    vec![
        (pt(at.x + 10.0, at.y + 4.0), Anchor::Start, 0.0),
        (pt(at.x + 8.0, at.y - 7.0), Anchor::Start, 1.0),
        (pt(at.x - 10.0, at.y + 4.0), Anchor::End, 2.0),
        (pt(at.x, at.y - 10.0), Anchor::Middle, 3.0),
        (pt(at.x - 8.0, at.y - 7.0), Anchor::End, 3.0),
        (pt(at.x + 8.0, at.y + 15.0), Anchor::Start, 4.0),
        (pt(at.x, at.y + 19.0), Anchor::Middle, 4.0),
        (pt(at.x - 8.0, at.y + 15.0), Anchor::End, 5.0),
    ]
}

/// Places beyond a mark's own label.
pub(super) fn far_around(at: Pt) -> Vec<(Pt, Anchor, f64)> {
    vec![
        (pt(at.x + 36.0, at.y + 4.0), Anchor::Start, 8.0),
        (pt(at.x - 36.0, at.y + 4.0), Anchor::End, 9.0),
        (pt(at.x, at.y - 24.0), Anchor::Middle, 10.0),
        (pt(at.x, at.y + 32.0), Anchor::Middle, 11.0),
    ]
}
