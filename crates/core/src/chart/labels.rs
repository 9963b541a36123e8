//! Placing a chart's texts: line ends, limits, arrows, notes and points.
//!
//! Knows candidate places and their order; refuses to overlap: a text that fits nowhere is left out, as the
//! table holds it.

use super::geometry::{Pt, Rect, pt};
use super::layout::Layout;
use super::margin::{BESIDE_GRIP, BESIDE_MARK, ends_right, joined};
use super::place::{Board, push_apart};
use super::scene::{Anchor, Paint, Text};
use super::series::{PlacedMark, PlacedSeries};
use super::spec::{Across, Beside, ChartSpec, Line, Note, OffScale, Series};
use super::text::{Measure, fit};
use super::words::{Words, around, far_around, name_words, opacity};

/// A placed text of one or two lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Its lines.
    pub lines: Vec<Text>,
    /// What it covers.
    pub rect: Rect,
    /// A line from the mark to the text.
    pub leader: Option<(Pt, Pt)>,
}

/// The distance of two end labels with two lines.
pub const APART: f64 = 34.0;
const APART_SINGLE: f64 = 18.0;
const LEADING: f64 = 15.0;

/// Places every text, the most needed first.
pub fn place(spec: &ChartSpec, layout: &Layout, inset: f64, measure: &dyn Measure) -> Vec<Label> {
    let mut placer = Placer {
        board: board(layout),
        spec,
        layout,
        measure,
        labels: Vec::new(),
        named: Vec::new(),
    };
    placer.column(inset);
    placer.vertical_limits();
    for (off, at) in spec.off_scale.iter().zip(&layout.arrows) {
        if let Some(at) = at {
            placer.arrow(off, *at);
        }
    }
    placer.points();
    for note in spec.notes.iter().filter(|n| n.beside != Beside::Any) {
        placer.note(note);
    }
    placer.names();
    for note in spec.notes.iter().filter(|n| n.beside == Beside::Any) {
        placer.note(note);
    }
    placer.labels
}

fn board(layout: &Layout) -> Board {
    let mut board = Board {
        frame: Rect::new(
            layout.plot.left,
            22.0,
            layout.width,
            layout.plot.bottom + 1.0,
        ),
        ..Board::default()
    };
    for series in &layout.series {
        for line in &series.lines {
            board
                .lines
                .extend(line.iter().copied().zip(line.iter().skip(1).copied()));
        }
        for mark in &series.marks {
            board.marks.push(Rect::around(mark.at, 6.0));
            if let Some(w) = mark.whisker {
                board
                    .marks
                    .push(Rect::new(mark.at.x - 3.5, w.low, mark.at.x + 3.5, w.high));
            }
        }
    }
    for limit in layout.limits.iter().flatten() {
        board.lines.push(limit.line);
        if let Some(grip) = limit.grip {
            board.marks.push(Rect::around(grip, 7.0));
        }
    }
    for x in layout.arrows.iter().flatten() {
        let top = layout.plot.top + 6.0;
        board
            .marks
            .push(Rect::new(x - 4.0, top, x + 4.0, top + 38.0));
    }
    if board.lines.len() + board.marks.len() > 4000 {
        board.lines.clear();
        board.marks.truncate(200);
    }
    board
}

struct Placer<'a> {
    board: Board,
    spec: &'a ChartSpec,
    layout: &'a Layout,
    measure: &'a dyn Measure,
    labels: Vec<Label>,
    /// Series whose name already stands in the margin.
    named: Vec<usize>,
}

impl Placer<'_> {
    /// The box of a text whose first baseline is at `at`.
    fn rect(&self, words: &Words, at: Pt, anchor: Anchor) -> Rect {
        let wide = words
            .lines
            .iter()
            .enumerate()
            .map(|(i, (text, _, semi))| self.measure.width(text, words.size(i), *semi))
            .fold(0.0, f64::max);
        let left = match anchor {
            Anchor::Start => at.x,
            Anchor::Middle => at.x - wide / 2.0,
            Anchor::End => at.x - wide,
        };
        let below = LEADING * (words.lines.len() as f64 - 1.0);
        Rect::new(left, at.y - 10.0, left + wide, at.y + below + 3.0)
    }

    fn ground(&self, rect: &Rect) -> Paint {
        let middle = pt(
            (rect.left + rect.right) / 2.0,
            (rect.top + rect.bottom) / 2.0,
        );
        let within = self
            .layout
            .limits
            .iter()
            .flatten()
            .any(|l| l.zone.contains(middle, 0.0));
        if within {
            Paint::AccentSoft
        } else {
            Paint::Surface
        }
    }

    fn put(&mut self, words: Words, at: Pt, anchor: Anchor, leader: Option<(Pt, Pt)>) {
        let rect = self.rect(&words, at, anchor);
        let ground = self.ground(&rect);
        let lines = words
            .lines
            .iter()
            .enumerate()
            .map(|(i, (text, paint, semi))| Text {
                at: pt(at.x, at.y + LEADING * i as f64),
                text: text.clone(),
                paint: *paint,
                size: words.size(i),
                semi: *semi,
                anchor,
                halo: Some(ground),
                opacity: words.opacity,
            })
            .collect();
        self.board.texts.push(rect);
        self.labels.push(Label {
            lines,
            rect,
            leader,
        });
    }

    /// Puts a text at the best of some places; leaves it out if each is taken.
    fn settle(&mut self, words: Words, places: &[(Pt, Anchor, f64)]) {
        let boxes: Vec<(Rect, f64)> = places
            .iter()
            .map(|(at, anchor, dislike)| {
                let rect = self.rect(&words, *at, *anchor);
                let plot = self.layout.plot;
                let out = (rect.right - plot.right - 20.0).max(0.0) * 0.5;
                (rect, dislike + out)
            })
            .collect();
        if let Some((i, cost)) = self.board.best(&boxes)
            && cost < Board::FORBIDDEN
            && let Some((at, anchor, _)) = places.get(i)
        {
            self.put(words, *at, *anchor, None);
        }
    }

    /// Line ends and limits in the right margin, pushed apart.
    fn column(&mut self, inset: f64) {
        let plot = self.layout.plot;
        let mut entries: Vec<(f64, f64, Words)> = Vec::new();
        for (i, (series, placed)) in self.spec.series.iter().zip(&self.layout.series).enumerate() {
            if let Some((name, value)) = &series.end_label
                && ends_right(series, self.spec, self.layout.x_full)
                && let Some(end) = line_end(series, placed)
                && end.x >= plot.right - inset - 60.0
            {
                let x = (plot.right - inset + BESIDE_MARK).max(end.x + BESIDE_MARK);
                entries.push((end.y - 1.0, x, name_words(series, name, value)));
                self.named.push(i);
            }
        }
        for (limit, placed) in self.spec.limits.iter().zip(&self.layout.limits) {
            if limit.across != Across::Y || self.layout.y.px(limit.value).is_none() {
                continue;
            }
            let words = Words::one(&limit.label, Paint::Accent).strong();
            match placed {
                Some(placed) => {
                    let words = words.with(&limit.hint, Paint::Ink3);
                    entries.push((placed.line.0.y - 1.0, plot.right + BESIDE_GRIP, words));
                }
                None => {
                    let above = self.layout.y.hi() < limit.value;
                    let y = if above { plot.top } else { plot.bottom - 15.0 };
                    let words = words.with(
                        if above {
                            "above this scale"
                        } else {
                            "below this scale"
                        },
                        Paint::Ink3,
                    );
                    entries.push((y, plot.right + BESIDE_GRIP, words));
                }
            }
        }
        let single = entries.iter().all(|(.., words)| words.lines.len() == 1);
        let (gap, lo, hi) = if single {
            (APART_SINGLE, plot.top, plot.bottom)
        } else {
            (APART, plot.top, plot.bottom - 10.0)
        };
        let cramped = !single && gap * (entries.len() as f64 - 1.0) > hi - lo;
        let (gap, hi) = if cramped {
            (APART_SINGLE, plot.bottom)
        } else {
            (gap, hi)
        };
        let wanted: Vec<f64> = entries
            .iter()
            .map(|(y, ..)| if single || cramped { y + 5.0 } else { *y })
            .collect();
        let ys = push_apart(&wanted, gap, lo, hi);
        // Names stand in one column, even where marks moved apart.
        let grip = plot.right + BESIDE_GRIP;
        let names = entries
            .iter()
            .map(|(_, x, _)| *x)
            .filter(|x| *x < grip)
            .fold(0.0, f64::max);
        for ((_, x, mut words), y) in entries.into_iter().zip(ys) {
            let x = x.max(names);
            if cramped {
                words.lines.truncate(1);
            }
            let room = self.layout.width - x;
            let sizes: Vec<f64> = (0..words.lines.len()).map(|i| words.size(i)).collect();
            for ((text, _, semi), size) in words.lines.iter_mut().zip(sizes) {
                *text = fit(text, room, size, *semi, self.measure);
            }
            self.put(words, pt(x, y), Anchor::Start, None);
        }
    }

    fn vertical_limits(&mut self) {
        for (limit, placed) in self.spec.limits.iter().zip(&self.layout.limits) {
            if let (Across::X, Some(placed)) = (limit.across, placed) {
                let words = Words::one(&limit.label, Paint::Accent)
                    .strong()
                    .with(&limit.hint, Paint::Ink3);
                let (x, y) = (placed.line.0.x, self.layout.plot.top + 8.0);
                self.settle(
                    words,
                    &[
                        (pt(x + 10.0, y), Anchor::Start, 0.0),
                        (pt(x - 10.0, y), Anchor::End, 1.0),
                    ],
                );
            }
        }
    }

    fn arrow(&mut self, off: &OffScale, x: f64) {
        let text = if self.layout.narrow && !off.short.is_empty() {
            &off.short
        } else {
            &off.text
        };
        let words = Words::one(text, Paint::RunInk(off.slot)).with(&off.detail, Paint::Ink3);
        let y = self.layout.plot.top + 16.0;
        self.settle(
            words,
            &[
                (pt(x + 9.0, y), Anchor::Start, 0.0),
                (pt(x - 9.0, y), Anchor::End, 2.0),
            ],
        );
    }

    fn note(&mut self, note: &Note) {
        let (Some(x), Some(y)) = (self.layout.x.px(note.x), self.layout.y.px(note.y)) else {
            return;
        };
        if !self.layout.plot.contains(pt(x, y), 1.0) {
            return;
        }
        let paint = match (note.slot, note.strong) {
            (Some(slot), _) => Paint::RunInk(slot),
            (None, true) => Paint::Ink,
            (None, false) => Paint::Ink3,
        };
        let mut words = Words::one(&note.text, paint).with(&note.detail, Paint::Ink3);
        if note.strong {
            words = words.strong();
        }
        let extra = LEADING * (words.lines.len() as f64 - 1.0);
        let sides = [
            (Beside::Centre, pt(x, y + 4.0 - extra / 2.0), Anchor::Middle),
            (Beside::Below, pt(x, y + 19.0), Anchor::Middle),
            (Beside::Above, pt(x, y - 11.0 - extra), Anchor::Middle),
            (Beside::Right, pt(x + 14.0, y + 4.0), Anchor::Start),
            (Beside::Left, pt(x - 14.0, y + 4.0), Anchor::End),
        ];
        let mut places: Vec<(Pt, Anchor, f64)> = Vec::new();
        for (side, at, anchor) in sides {
            if side == Beside::Centre && note.beside != Beside::Centre {
                continue;
            }
            let dislike = if side == note.beside || note.beside == Beside::Any {
                0.0
            } else {
                400.0
            };
            // A text that would stick out is first slid back into the frame.
            let rect = self.rect(&words, at, anchor);
            let frame = self.board.frame;
            let slide = (frame.left - rect.left).max(0.0) - (rect.right - frame.right).max(0.0);
            let lift = (rect.bottom - frame.bottom).clamp(0.0, 3.0);
            places.push((pt(at.x + slide, at.y - lift), anchor, dislike));
        }
        self.settle(words, &places);
    }

    /// The marks' own labels.
    fn points(&mut self) {
        for (series, placed) in self.spec.series.iter().zip(&self.layout.series) {
            for placed in &placed.marks {
                let Some(mark) = series.marks.get(placed.mark.mark) else {
                    continue;
                };
                let Some(text) = &mark.label else { continue };
                let paint = Paint::RunInk(series.slot);
                let mut words = Words::one(text, paint);
                words.opacity = opacity(series);
                match &mark.detail {
                    Some(detail) => {
                        let words = words.strong().with(detail, Paint::Ink2);
                        self.interest(words, placed.at);
                    }
                    None => self.settle(words, &around(placed.at)),
                }
            }
        }
    }

    /// A point of interest: two lines and a short leader.
    fn interest(&mut self, words: Words, at: Pt) {
        let mut places: Vec<(Pt, Anchor, f64)> = Vec::new();
        for reach in [18.0, 30.0, 44.0, 60.0] {
            for (sx, sy) in [(1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                let anchor = if sx > 0.0 { Anchor::Start } else { Anchor::End };
                let y = if sy < 0.0 {
                    at.y - reach - 4.0
                } else {
                    at.y + reach + 6.0
                };
                places.push((pt(at.x + sx * reach, y), anchor, reach * 0.3));
            }
        }
        let boxes: Vec<(Rect, f64)> = places
            .iter()
            .map(|(at, anchor, dislike)| (self.rect(&words, *at, *anchor), *dislike))
            .collect();
        let Some((i, cost)) = self.board.best(&boxes) else {
            return;
        };
        if let (true, Some((to, anchor, _))) = (cost < Board::FORBIDDEN, places.get(i)) {
            let side = if *anchor == Anchor::Start { -4.0 } else { 4.0 };
            let end = pt(to.x + side, to.y + if to.y < at.y { 8.0 } else { -4.0 });
            let away = at.distance(end).max(1.0);
            let start = pt(
                at.x + (end.x - at.x) / away * 8.0,
                at.y + (end.y - at.y) / away * 8.0,
            );
            self.put(words, *to, *anchor, Some((start, end)));
        }
    }

    /// Names of lines that don't end in the margin.
    fn names(&mut self) {
        for (i, (series, placed)) in self.spec.series.iter().zip(&self.layout.series).enumerate() {
            let Some((name, value)) = &series.end_label else {
                continue;
            };
            if self.named.contains(&i) {
                continue;
            }
            let Some(end) = end_mark(series, &placed.marks) else {
                continue;
            };
            let words = name_words(series, name, value);
            let mut places = around(end.at);
            places.extend(far_around(end.at));
            for line in &placed.lines {
                for (a, b) in line.iter().zip(line.iter().skip(1)) {
                    for part in [0.5, 0.3, 0.7] {
                        let m = pt(a.x + part * (b.x - a.x), a.y + part * (b.y - a.y));
                        places.push((pt(m.x + 6.0, m.y - 8.0), Anchor::Start, 14.0));
                        places.push((pt(m.x - 6.0, m.y + 18.0), Anchor::End, 16.0));
                    }
                }
            }
            places.truncate(400);
            self.settle(words, &places);
        }
    }
}

/// The last visible mark that the line joins.
fn end_mark<'a>(series: &Series, marks: &'a [PlacedMark]) -> Option<&'a PlacedMark> {
    marks
        .iter()
        .rfind(|m| series.marks.get(m.mark.mark).is_some_and(joined))
}

/// Where a series ends at the right: at its last mark, or where a zoomed line leaves the frame.
fn line_end(series: &Series, placed: &PlacedSeries) -> Option<Pt> {
    let mark = end_mark(series, &placed.marks).map(|m| m.at);
    let line = placed
        .lines
        .last()
        .and_then(|line| line.last())
        .filter(|_| series.line != Line::None)
        .copied();
    match (mark, line) {
        (Some(mark), Some(line)) if line.x > mark.x + 6.0 => Some(line),
        (Some(mark), _) => Some(mark),
        (None, line) => line,
    }
}
