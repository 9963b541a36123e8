//! A mirrored histogram: the candidate's requests up, the baseline's down, never overlaid.
//!
//! Knows bins and how many requests lie in each; refuses to count. The brushed part of each bin
//! is a scene of its own, laid over the drawing.

use super::axis::Axis;
use super::geometry::{Rect, pt};
use super::scene::{Anchor, Paint, Scene};
use super::spec::{Scale, Slot};
use super::text::{Measure, fit};
use super::ticks::{Ruler, inside};

/// What the chart shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mirror {
    /// Stable key.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// Title of the horizontal axis, with unit and width of the bins.
    pub x_title: String,
    /// Title of the vertical axis.
    pub y_title: String,
    /// Where the first bin begins.
    pub from: f64,
    /// Width of every bin.
    pub width: f64,
    /// The sides: up, then down.
    pub sides: [Bins; 2],
    /// The limit on the horizontal axis, with its label.
    pub limit: Option<(f64, String)>,
    /// Whether a part is brushed: then bins are outlined, and [`mirror_over`] fills the part.
    pub brushed: bool,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bins {
    /// The run's name; empty = no such run.
    pub label: String,
    /// A second line, such as `3 beyond 4 000 ms`.
    pub note: String,
    /// Colour.
    pub slot: Slot,
    /// Requests in each bin.
    pub counts: Vec<u32>,
}

/// Where everything lands.
#[derive(Debug, Clone, PartialEq)]
pub struct MirrorLayout {
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
    /// The frame.
    pub plot: Rect,
    /// The horizontal axis.
    pub x: Axis,
    /// Both sides from zero in the middle: positive up.
    pub y: Axis,
    x_ruler: Ruler,
    y_ruler: Ruler,
}

/// Lays the chart out.
pub fn mirror_layout(
    spec: &Mirror,
    width: f64,
    height: f64,
    measure: &dyn Measure,
) -> MirrorLayout {
    let width = width.max(200.0);
    let [up, down] = &spec.sides;
    let bins = up.counts.len().max(down.counts.len()).max(1);
    let most = |b: &Bins| b.counts.iter().copied().max().unwrap_or(0);
    let reach = f64::from(most(up).max(most(down)).max(1));
    let high = if up.label.is_empty() { 0.0 } else { reach };
    let low = if down.label.is_empty() { 0.0 } else { -reach };
    let scale = Scale::Linear { zero: false };
    // Room for the names above and below.
    let y_ruler = inside(scale, low * 1.12, high * 1.22, false);
    let widest = y_ruler
        .ticks
        .iter()
        .map(|t| measure.width(&label_of(&y_ruler, *t), 12.0, false))
        .fold(0.0, f64::max);
    let plot = Rect::new((widest + 12.0).max(34.0), 26.0, width - 12.0, height - 48.0);
    let to = spec.from + spec.width.max(f64::MIN_POSITIVE) * bins as f64;
    let x_ruler = inside(scale, spec.from, to, width > 480.0);
    MirrorLayout {
        width,
        height,
        x: Axis::new(scale, x_ruler.lo, x_ruler.hi, plot.left, plot.right),
        y: Axis::new(scale, y_ruler.lo, y_ruler.hi, plot.bottom, plot.top),
        plot,
        x_ruler,
        y_ruler,
    }
}

/// Counts below the middle are counts, not negative numbers.
fn label_of(ruler: &Ruler, value: f64) -> String {
    ruler.label(value.abs())
}

/// The drawing without the brushed part.
pub fn mirror_scene(spec: &Mirror, layout: &MirrorLayout, measure: &dyn Measure) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    let plot = layout.plot;
    out.text(
        pt(0.0, 14.0),
        spec.y_title.as_str(),
        Paint::Ink2,
        Anchor::Start,
    );
    let limit = spec.limit.as_ref().and_then(|(v, label)| {
        let x = layout.x.px(*v)?;
        (x >= plot.left && x <= plot.right).then_some((x, label))
    });
    if let Some((x, _)) = limit {
        out.rect(
            &Rect::new(plot.left, plot.top, x, plot.bottom),
            Paint::AccentSoft,
        );
    }
    for tick in &layout.y_ruler.ticks {
        if let Some(y) = layout.y.px(*tick) {
            let paint = if *tick == 0.0 {
                Paint::Line2
            } else {
                Paint::Line
            };
            out.hair(pt(plot.left, y), pt(plot.right, y), paint);
            let label = label_of(&layout.y_ruler, *tick);
            out.text(
                pt(plot.left - 8.0, y + 4.0),
                label,
                Paint::Ink3,
                Anchor::End,
            );
        }
    }
    for (side, up) in spec.sides.iter().zip([true, false]) {
        bars(
            &mut out,
            spec,
            layout,
            side,
            up,
            &side.counts,
            !spec.brushed,
        );
    }
    if let Some(y) = layout.y.px(0.0) {
        out.hair(pt(plot.left, y), pt(plot.right, y), Paint::Ink3);
    }
    if let Some((x, label)) = limit {
        out.path(
            vec![pt(x, plot.top), pt(x, plot.bottom)],
            Paint::Accent,
            1.5,
        );
        let right = x + 6.0 + measure.width(label, 12.0, true) <= plot.right;
        let (at, anchor) = if right {
            (x + 6.0, Anchor::Start)
        } else {
            (x - 6.0, Anchor::End)
        };
        out.strong(
            pt(at, plot.top - 4.0),
            label.as_str(),
            Paint::Accent,
            anchor,
        );
    }
    out.x_axis(&plot, &layout.x, &layout.x_ruler, &spec.x_title);
    for (side, up) in spec.sides.iter().zip([true, false]) {
        names(&mut out, layout, side, up, measure);
    }
    out
}

fn names(out: &mut Scene, layout: &MirrorLayout, side: &Bins, up: bool, measure: &dyn Measure) {
    if side.label.is_empty() {
        return;
    }
    let plot = layout.plot;
    let label = fit(&side.label, plot.width() * 0.6, 12.5, true, measure);
    let y = if up {
        plot.top + 14.0
    } else {
        plot.bottom - 8.0
    };
    let ink = Paint::RunInk(side.slot);
    out.strong(pt(plot.right, y), label, ink, Anchor::End);
    out.haloed(Paint::Surface);
    if !side.note.is_empty() {
        let y = if up { y + 15.0 } else { y - 15.0 };
        let note = fit(&side.note, plot.width() * 0.6, 12.0, false, measure);
        out.text(pt(plot.right, y), note, Paint::Ink3, Anchor::End);
        out.haloed(Paint::Surface);
    }
}

/// The brushed part of each bin, filled; drawn over the drawing, on no ground.
pub fn mirror_over(spec: &Mirror, layout: &MirrorLayout, brushed: &[Vec<u32>; 2]) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, "", "");
    for ((side, counts), up) in spec.sides.iter().zip(brushed).zip([true, false]) {
        bars(&mut out, spec, layout, side, up, counts, true);
    }
    out
}

fn bars(
    out: &mut Scene,
    spec: &Mirror,
    layout: &MirrorLayout,
    side: &Bins,
    up: bool,
    counts: &[u32],
    filled: bool,
) {
    let Some(zero) = layout.y.px(0.0) else { return };
    for (i, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        let left = spec.from + i as f64 * spec.width;
        let high = f64::from(*n) * if up { 1.0 } else { -1.0 };
        let (Some(a), Some(b), Some(y)) = (
            layout.x.px(left),
            layout.x.px(left + spec.width),
            layout.y.px(high),
        ) else {
            continue;
        };
        // A gap between bars, and a hair where a count would vanish.
        let gap = if b - a > 4.0 { 1.0 } else { 0.0 };
        let y = if up {
            y.min(zero - 1.0)
        } else {
            y.max(zero + 1.0)
        };
        let bar = Rect::new(a + gap / 2.0, y, b - gap / 2.0, zero);
        let paint = Paint::Run(side.slot);
        if filled {
            out.rect(&bar, paint);
        } else {
            let mut outline = bar.grown(-0.5).corners();
            outline.extend(outline.first().copied());
            out.path(outline, paint, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Estimate, Shape};

    fn spec() -> Mirror {
        let bins = |slot, counts: &[u32]| Bins {
            label: "run".into(),
            slot,
            counts: counts.to_vec(),
            ..Bins::default()
        };
        Mirror {
            width: 100.0,
            sides: [
                bins(Slot::CANDIDATE, &[4, 0, 9]),
                bins(Slot::BASELINE, &[0, 2, 0]),
            ],
            brushed: true,
            ..Mirror::default()
        }
    }

    #[test]
    fn bars_are_as_high_as_their_counts_on_both_sides() {
        let spec = spec();
        let layout = mirror_layout(&spec, 500.0, 240.0, &Estimate);
        let over = mirror_over(&spec, &layout, &[vec![4, 0, 9], vec![0, 2, 0]]);
        let heights: Vec<f64> = over
            .shapes
            .iter()
            .map(|s| match s {
                Shape::Fill { points, .. } => points[2].y - points[0].y,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(heights.len(), 3);
        assert!((heights[0] / heights[1] - 4.0 / 9.0).abs() < 1e-9);
        assert!((heights[2] / heights[1] - 2.0 / 9.0).abs() < 1e-9);
    }

    #[test]
    fn an_absent_side_takes_no_room() {
        let mut one = spec();
        one.sides[1] = Bins::default();
        let layout = mirror_layout(&one, 500.0, 240.0, &Estimate);
        assert!((layout.y.px(0.0).unwrap() - layout.plot.bottom).abs() < 1.0);
        mirror_scene(&one, &layout, &Estimate);
    }
}
