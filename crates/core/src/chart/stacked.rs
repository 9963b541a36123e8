//! Stacked bars: shares of a whole, and memory against its capacity.
//!
//! Knows segments and which names fit under them; refuses to know what they measure. A name that doesn't fit under
//! its segment is listed below the bar, so that nothing is told by colour alone.

use super::geometry::{Rect, pt};
use super::scene::{Anchor, Paint, Scene};
use super::text::{Measure, wrap};

/// What the bars show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StackedBars {
    /// Stable key.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// The bars, each as long as the drawing.
    pub bars: Vec<StackedBar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StackedBar {
    /// Such as `Decode step, 16 requests`.
    pub label: String,
    /// Such as `7.53 ms × 492 = 70 % of the time`.
    pub note: String,
    /// The parts, from left to right.
    pub segments: Vec<Segment>,
    /// What the whole may be. Then the bar is shown to that scale first, and its used part magnified below.
    pub capacity: Option<Capacity>,
}

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segment {
    /// Such as `FFN GEMMs`.
    pub label: String,
    /// Its size in any unit; parts that aren't positive and finite are left out.
    pub value: f64,
    /// Such as `46 %` or `9.08`.
    pub figure: String,
}

/// A capacity in the unit of the segments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Capacity {
    /// The capacity; if the parts exceed it the bar ends at their sum and the limit stands inside.
    pub value: f64,
    /// Such as `141 GiB`.
    pub label: String,
    /// Such as `125 GiB free`, or by how much it is exceeded.
    pub free: String,
}

/// Where the bars land.
#[derive(Debug, Clone, PartialEq)]
pub struct StackedLayout {
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing, which follows from the names.
    pub height: f64,
    /// One for each bar.
    pub bars: Vec<PlacedBar>,
}

/// A bar's geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBar {
    /// Baseline of the label, and of the note if it has a line of its own.
    pub head: (f64, Option<f64>),
    /// The capacity at true scale: its box, the used part and the x of the limit.
    pub capacity: Option<(Rect, Rect, f64)>,
    /// Each drawn segment: its index, its box and what is written under it.
    pub segments: Vec<(usize, Rect, Named)>,
    /// The lines that list what is not named under the bar, with their baselines.
    pub list: Vec<(f64, String)>,
}

/// What fits under a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Name and figure.
    Fully,
    /// The figure alone.
    Figure,
    /// Nothing.
    Not,
}

const NARROWEST: f64 = 26.0;
const TEXT: f64 = 12.0;

/// Lays the bars out for a width.
pub fn stacked_layout(spec: &StackedBars, width: f64, measure: &dyn Measure) -> StackedLayout {
    let width = width.max(120.0);
    let mut y = 0.0;
    let mut bars = Vec::new();
    for (i, bar) in spec.bars.iter().enumerate() {
        if i > 0 {
            y += 25.0;
        }
        let (placed, foot) = place_bar(bar, y, width, measure);
        bars.push(placed);
        y = foot;
    }
    StackedLayout {
        width,
        height: (y + 6.0).ceil(),
        bars,
    }
}

fn usable(segment: &Segment) -> bool {
    segment.value.is_finite() && segment.value > 0.0
}

fn place_bar(bar: &StackedBar, top: f64, width: f64, measure: &dyn Measure) -> (PlacedBar, f64) {
    let mut y = top + 12.0;
    let note = match &bar.capacity {
        Some(capacity) => &capacity.label,
        None => &bar.note,
    };
    let heads = measure.width(&bar.label, TEXT, true) + measure.width(note, TEXT, false) + 16.0;
    let second = (heads > width && !note.is_empty()).then_some(y + 16.0);
    let head = (y, second);
    y = second.unwrap_or(y) + 8.0;

    let total: f64 = bar
        .segments
        .iter()
        .filter(|s| usable(s))
        .map(|s| s.value)
        .sum();
    let capacity = bar
        .capacity
        .as_ref()
        .filter(|c| c.value.is_finite() && c.value > 0.0)
        .map(|c| {
            let whole = c.value.max(total);
            let inner = width - 2.0;
            let frame = Rect::new(1.0, y, 1.0 + inner, y + 14.0);
            let used = Rect::new(1.0, y, 1.0 + inner * total / whole, y + 14.0);
            let limit = 1.0 + inner * c.value / whole;
            y += 38.0;
            (frame, used, limit)
        });
    let high = if capacity.is_some() { 20.0 } else { 18.0 };
    let two_lines = capacity.is_some();
    let mut segments = Vec::new();
    let mut unnamed: Vec<String> = Vec::new();
    let mut x = 0.0;
    for (i, segment) in bar.segments.iter().enumerate() {
        if !usable(segment) {
            continue;
        }
        let wide = width * segment.value / total;
        let rect = Rect::new(x, y, x + wide, y + high);
        x += wide;
        let name = measure.width(&segment.label, TEXT, false);
        let figure = measure.width(&segment.figure, TEXT, false);
        let full = if two_lines {
            name.max(figure)
        } else {
            name + 4.0 + figure
        };
        let named = if full + 6.0 <= wide {
            Named::Fully
        } else if wide >= NARROWEST.max(figure + 4.0) {
            Named::Figure
        } else {
            Named::Not
        };
        if named != Named::Fully {
            unnamed.push(format!(
                "{}\u{A0}{}",
                segment.label.replace(' ', "\u{A0}"),
                segment.figure
            ));
        }
        segments.push((i, rect, named));
    }
    let written = segments.iter().any(|(.., named)| *named != Named::Not);
    y += high;
    if written {
        y += if two_lines { 33.0 } else { 16.0 };
    }
    let mut list = Vec::new();
    if !unnamed.is_empty() {
        for line in wrap(&unnamed.join(", "), width, TEXT, measure) {
            y += 16.0;
            list.push((y, line));
        }
    }
    let placed = PlacedBar {
        head,
        capacity,
        segments,
        list,
    };
    (placed, y)
}

impl StackedLayout {
    /// The bar and segment at a pixel.
    pub fn hit(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        self.bars.iter().enumerate().find_map(|(bar, placed)| {
            placed
                .segments
                .iter()
                .find(|(_, rect, _)| rect.contains(pt(x, y), 0.0))
                .map(|(segment, ..)| (bar, *segment))
        })
    }
}

/// The bars as shapes.
pub fn stacked_scene(spec: &StackedBars, layout: &StackedLayout) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    for (bar, placed) in spec.bars.iter().zip(&layout.bars) {
        heads(&mut out, bar, placed, layout.width);
        if let (Some(capacity), Some((frame, used, limit))) = (&bar.capacity, &placed.capacity) {
            draw_capacity(
                &mut out,
                capacity,
                placed,
                frame,
                used,
                *limit,
                layout.width,
            );
        }
        for (order, (i, rect, named)) in placed.segments.iter().enumerate() {
            out.rect(rect, Paint::Seq(tone(order)));
            let mut around = rect.corners();
            around.extend(around.first().copied());
            out.path(around, Paint::Rim, 1.0);
            if let Some(segment) = bar.segments.get(*i) {
                name(&mut out, segment, rect, *named, placed.capacity.is_some());
            }
        }
        for (y, line) in &placed.list {
            out.text(pt(0.0, *y), line.as_str(), Paint::Ink2, Anchor::Start);
        }
    }
    out
}

fn heads(out: &mut Scene, bar: &StackedBar, placed: &PlacedBar, width: f64) {
    let (y, second) = placed.head;
    out.strong(pt(0.0, y), bar.label.as_str(), Paint::Ink, Anchor::Start);
    let (at, anchor) = match second {
        Some(y) => (pt(0.0, y), Anchor::Start),
        None => (pt(width, y), Anchor::End),
    };
    match &bar.capacity {
        Some(capacity) => out.strong(at, capacity.label.as_str(), Paint::Accent, anchor),
        None => out.text(at, bar.note.as_str(), Paint::Ink2, anchor),
    }
}

fn draw_capacity(
    out: &mut Scene,
    capacity: &Capacity,
    placed: &PlacedBar,
    frame: &Rect,
    used: &Rect,
    limit: f64,
    width: f64,
) {
    out.rect(frame, Paint::Sunken);
    let mut around = frame.corners();
    around.extend(around.first().copied());
    out.path(around, Paint::Line2, 1.0);
    out.rect(used, Paint::Seq(5));
    let mut around = used.corners();
    around.extend(around.first().copied());
    out.path(around, Paint::Rim, 1.0);
    out.path(
        vec![pt(limit, frame.top - 4.0), pt(limit, frame.bottom + 4.0)],
        Paint::Accent,
        1.5,
    );
    let middle = (used.right + frame.right) / 2.0;
    if frame.right - used.right > 60.0 {
        let at = pt(middle, frame.bottom - 2.5);
        out.text(at, capacity.free.as_str(), Paint::Ink2, Anchor::Middle);
    } else {
        let at = pt(width / 2.0, frame.bottom - 2.5);
        out.text(at, capacity.free.as_str(), Paint::Ink, Anchor::Middle);
    }
    if let Some((_, first, _)) = placed.segments.first() {
        // Hairlines tie the used part to its magnified form.
        for (from, to) in [(used.left, 0.0), (used.right, width)] {
            out.path(
                vec![pt(from, frame.bottom), pt(to, first.top)],
                Paint::Control,
                1.0,
            );
        }
    }
}

fn name(out: &mut Scene, segment: &Segment, rect: &Rect, named: Named, two_lines: bool) {
    let x = rect.left + 1.0;
    let y = rect.bottom + if two_lines { 18.0 } else { 15.0 };
    match named {
        Named::Not => {}
        Named::Fully if two_lines => {
            out.text(pt(x, y), segment.label.as_str(), Paint::Ink2, Anchor::Start);
            let at = pt(x, y + 15.0);
            out.text(at, segment.figure.as_str(), Paint::Ink, Anchor::Start);
        }
        Named::Fully => {
            let text = format!("{} {}", segment.label, segment.figure);
            out.text(pt(x, y), text, Paint::Ink2, Anchor::Start);
        }
        Named::Figure => {
            let at = pt(x, if two_lines { y + 15.0 } else { y });
            out.text(at, segment.figure.as_str(), Paint::Ink2, Anchor::Start);
        }
    }
}

/// Steps of the ramp such that neighbours differ.
fn tone(order: usize) -> u8 {
    match order % 4 {
        0 => 5,
        1 => 3,
        2 => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::text::Estimate;

    fn bars(values: &[f64], capacity: Option<f64>) -> StackedBars {
        StackedBars {
            bars: vec![StackedBar {
                label: "Decode step".into(),
                segments: values
                    .iter()
                    .map(|v| Segment {
                        label: "Attention GEMMs".into(),
                        value: *v,
                        figure: format!("{v}"),
                    })
                    .collect(),
                capacity: capacity.map(|value| Capacity {
                    value,
                    label: format!("{value} GiB"),
                    free: "free".into(),
                }),
                ..StackedBar::default()
            }],
            ..StackedBars::default()
        }
    }

    #[test]
    fn segments_fill_the_width_in_their_shares() {
        let layout = stacked_layout(&bars(&[46.0, 14.0, 40.0], None), 800.0, &Estimate);
        let segments = &layout.bars[0].segments;
        assert!((segments[0].1.width() - 368.0).abs() < 1e-9);
        assert!((segments[2].1.right - 800.0).abs() < 1e-9);
        assert_eq!(layout.hit(400.0, 30.0), Some((0, 1)));
        assert_eq!(layout.hit(400.0, 3.0), None);
    }

    #[test]
    fn every_name_is_said_somewhere() {
        let layout = stacked_layout(&bars(&[80.0, 19.0, 1.0], None), 320.0, &Estimate);
        let bar = &layout.bars[0];
        assert_eq!(bar.segments[0].2, Named::Fully);
        assert_eq!(bar.segments[1].2, Named::Figure);
        assert_eq!(bar.segments[2].2, Named::Not);
        let list: String = bar.list.iter().map(|l| l.1.as_str()).collect();
        assert_eq!(list.matches("GEMMs").count(), 2);
        assert!(bar.list.iter().all(|(y, _)| *y < layout.height));
    }

    #[test]
    fn too_much_memory_puts_the_limit_inside() {
        let layout = stacked_layout(&bars(&[100.0, 100.0], Some(141.0)), 800.0, &Estimate);
        let (frame, used, limit) = layout.bars[0].capacity.unwrap();
        assert!((used.right - frame.right).abs() < 1e-9);
        assert!(limit < frame.right - 100.0);
    }

    #[test]
    fn nothing_to_show_is_no_bar() {
        let layout = stacked_layout(&bars(&[0.0, f64::NAN], Some(0.0)), 800.0, &Estimate);
        assert!(layout.bars[0].segments.is_empty());
        assert!(layout.bars[0].capacity.is_none());
        assert!(layout.height.is_finite());
    }
}
