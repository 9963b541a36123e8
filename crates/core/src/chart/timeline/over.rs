//! What lies over a timeline's drawing: the brush, the pinned and the focused request.
//!
//! Knows a handful of shapes, whatever the number of requests; refuses to know data.

use super::{Over, Timeline, TimelineLayout};
use crate::chart::compose::rounded;
use crate::chart::geometry::{Rect, pt};
use crate::chart::scene::{Anchor, Paint, Scene, Shape};
use crate::chart::text::Measure;

/// What moves: the brush, the pinned and the focused request. Drawn over the drawing, on no ground.
pub fn timeline_over(
    spec: &Timeline,
    layout: &TimelineLayout,
    over: &Over,
    measure: &dyn Measure,
) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, "", "");
    if let Some((range, words)) = &over.brush
        && let (Some(a), Some(b)) = (layout.x.px(range.0), layout.x.px(range.1))
    {
        brush(&mut out, layout, (a, b), words, measure);
    }
    for (at, radius, paint) in [
        (over.focus, 7.5, Paint::Accent),
        (over.pinned, 8.5, Paint::Ink),
    ] {
        if let Some(at) = at.and_then(|at| layout.place(spec, at)) {
            out.shapes.push(Shape::Ring {
                at,
                radius,
                paint,
                width: 2.0,
                opacity: 1.0,
            });
        }
    }
    out
}

fn brush(
    out: &mut Scene,
    layout: &TimelineLayout,
    (a, b): (f64, f64),
    words: &str,
    measure: &dyn Measure,
) {
    for plot in &layout.plots {
        let cut = |x: f64| x.clamp(plot.left, plot.right);
        let (a, b) = (cut(a), cut(b));
        // Outside the brush everything steps back to 45 %; within lies a breath of the accent.
        for (from, to, paint, opacity) in [
            (plot.left, a, Paint::Surface, 0.55),
            (b, plot.right, Paint::Surface, 0.55),
            (a, b, Paint::Accent, 0.09),
        ] {
            if to > from {
                out.shapes.push(Shape::Fill {
                    points: Rect::new(from, plot.top, to, plot.bottom).corners(),
                    paint,
                    opacity,
                });
            }
        }
        for x in [a, b] {
            out.hair(pt(x, plot.top), pt(x, plot.bottom), Paint::Accent);
        }
    }
    let (y, right) = layout.grips();
    let mut end: f64 = 0.0;
    for x in [a, b] {
        if let Some(plot) = layout.plots.first()
            && plot.contains(pt(x, plot.top), 1.0)
        {
            let grip = Rect::new(x - 4.0, y - 9.0, x + 4.0, y + 9.0);
            out.fill(rounded(&grip, 4.0), Paint::Accent);
            out.fill(rounded(&grip.grown(-1.5), 2.5), Paint::Surface);
            out.path(vec![pt(x, y - 4.0), pt(x, y + 4.0)], Paint::Accent, 1.0);
            end = end.max(x);
        }
    }
    let wide = measure.width(words, 12.0, true);
    let (at, anchor) = if end + 10.0 + wide <= right {
        (end + 10.0, Anchor::Start)
    } else if a.min(b) - 10.0 - wide >= 0.0 {
        (a.min(b) - 10.0, Anchor::End)
    } else {
        ((a + b) / 2.0, Anchor::Middle)
    };
    out.strong(pt(at, y + 4.0), words, Paint::Accent, anchor);
    out.haloed(Paint::Surface);
}
