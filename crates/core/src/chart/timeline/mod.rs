//! Requests over time: one panel a run, one mark a request, shared axes.
//!
//! Knows where each request lands, and thins a crowd to what pixels can show; refuses to know
//! what a request is. What moves while brushing is a scene of its own, laid over the drawing:
//! its cost does not depend on the number of requests.

mod draw;
mod over;

pub use draw::timeline_scene;
pub use over::timeline_over;

use super::axis::Axis;
use super::geometry::{Pt, Rect, pt};
use super::spec::{AxisSpec, Scale, Slot};
use super::text::Measure;
use super::ticks::{Ruler, inside, rule};
use std::ops::Range;
use std::sync::Arc;

/// What the chart shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// Stable key.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// The shared time axis; `include` holds its ends, so that a layout need not look at every
    /// request.
    pub x: AxisSpec,
    /// The shared vertical axis; the same.
    pub y: AxisSpec,
    /// One a run, from the top.
    pub panels: Vec<Panel>,
    /// The limit on the vertical axis, with its label.
    pub limit: Option<(f64, String)>,
    /// Up to where the tool's own warm-up reaches, and the words for it.
    pub warm_up: Option<(f64, [String; 2])>,
}

/// One run's requests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// The run's name.
    pub label: String,
    /// Colour and shape.
    pub slot: Slot,
    /// Lines under the name, such as `p95 1 163 ms`.
    pub lines: Vec<String>,
    /// x and y of each request, in rising x.
    pub points: Arc<Vec<(f64, f64)>>,
    /// Which of the points are not counted: crosses. As many as points, or none at all.
    pub crossed: Arc<Vec<bool>>,
    /// The tool's own warm-up: crosses.
    pub warm_up: Arc<Vec<(f64, f64)>>,
    /// A dotted line at an x, and what it is.
    pub event: Option<(f64, String)>,
}

/// A request: its panel and its place among the panel's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Index of the panel.
    pub panel: usize,
    /// Index of the point.
    pub point: usize,
}

/// What lies over the drawing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Over {
    /// The brushed range of x, and its words.
    pub brush: Option<((f64, f64), String)>,
    /// The pinned request.
    pub pinned: Option<At>,
    /// The request with keyboard focus, or under the pointer.
    pub focus: Option<At>,
}

/// Where everything lands.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineLayout {
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
    /// The frames, one a panel.
    pub plots: Vec<Rect>,
    /// The time axis.
    pub x: Axis,
    /// A vertical axis a panel.
    pub y: Vec<Axis>,
    /// Whether this is the narrow layout.
    pub narrow: bool,
    x_ruler: Ruler,
    y_ruler: Ruler,
}

/// Height of a panel's frame.
const PANEL: f64 = 140.0;
/// Space between frames: the grips and the brush's words stand there.
const BETWEEN: f64 = 22.0;
/// A request is found within this many pixels.
const REACH: f64 = 14.0;

/// The height that shows every panel.
pub fn timeline_height(panels: usize) -> f64 {
    let n = panels.max(1) as f64;
    34.0 + n * PANEL + (n - 1.0) * BETWEEN + 48.0
}

/// Lays the panels out.
pub fn timeline_layout(spec: &Timeline, width: f64, measure: &dyn Measure) -> TimelineLayout {
    let width = width.max(200.0);
    let narrow = width < 560.0;
    let x_ends = ends(&spec.x, 0.0);
    let mut y_ends = ends(&spec.y, 1.0);
    if let Some((limit, _)) = spec.limit {
        let far = !spec.y.scale.is_log() && limit > 2.5 * y_ends.1;
        if !far && limit > 0.0 {
            y_ends = (y_ends.0.min(limit), y_ends.1.max(limit));
        }
    }
    let y_ruler = match spec.y.scale {
        // Tighter than a line chart's: every mark is inside.
        scale if scale.is_log() => {
            let (lo, hi) = super::axis::mend(scale, y_ends.0, y_ends.1);
            inside(scale, lo * 0.85, hi * 1.3, false)
        }
        scale => rule(scale, y_ends.0, y_ends.1, None, false),
    };
    let widest = y_ruler
        .ticks
        .iter()
        .map(|t| measure.width(&y_ruler.label(*t), 12.0, false))
        .fold(0.0, f64::max);
    let left = (widest + 12.0).ceil().max(40.0);
    let right = if narrow {
        8.0
    } else {
        spec.panels
            .iter()
            .flat_map(|p| {
                let lines = p.lines.iter().map(|l| measure.width(l, 12.0, false));
                lines.chain([measure.width(&p.label, 12.5, true).min(150.0)])
            })
            .chain(spec.limit.iter().map(|(_, l)| measure.width(l, 12.0, true)))
            .fold(60.0, f64::max)
            .ceil()
            + 18.0
    };
    let (lo, hi) = super::axis::mend(Scale::Linear { zero: false }, x_ends.0, x_ends.1);
    let room = (hi - lo) * 0.02;
    let x_ruler = inside(
        Scale::Linear { zero: false },
        lo - room,
        hi + room,
        width > 760.0,
    );
    let to = (width - right).max(left + 60.0);
    let plots: Vec<Rect> = (0..spec.panels.len().max(1))
        .map(|i| {
            let top = 34.0 + i as f64 * (PANEL + BETWEEN);
            Rect::new(left, top, to, top + PANEL)
        })
        .collect();
    TimelineLayout {
        width,
        height: timeline_height(spec.panels.len()),
        x: Axis::new(
            Scale::Linear { zero: false },
            x_ruler.lo,
            x_ruler.hi,
            left,
            to,
        ),
        y: plots
            .iter()
            .map(|p| Axis::new(spec.y.scale, y_ruler.lo, y_ruler.hi, p.bottom, p.top))
            .collect(),
        plots,
        narrow,
        x_ruler,
        y_ruler,
    }
}

/// The values an axis must reach.
fn ends(axis: &AxisSpec, otherwise: f64) -> (f64, f64) {
    axis.include
        .iter()
        .map(|v| (*v, *v))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((otherwise, otherwise))
}

impl TimelineLayout {
    /// The middle of the grips from the top, and where words beside them must end.
    pub fn grips(&self) -> (f64, f64) {
        match self.plots.as_slice() {
            [first, _, ..] => (first.bottom + BETWEEN / 2.0, first.right),
            [only] => (only.top - 9.0, only.right),
            [] => (0.0, self.width),
        }
    }

    /// Where a request lies.
    pub fn place(&self, spec: &Timeline, at: At) -> Option<Pt> {
        let (x, y) = *spec.panels.get(at.panel)?.points.get(at.point)?;
        Some(pt(self.x.px(x)?, self.y.get(at.panel)?.px(y)?))
    }

    /// The nearest request within a few pixels.
    pub fn hit(&self, spec: &Timeline, x: f64, y: f64) -> Option<At> {
        let panel = self.plots.iter().position(|p| p.contains(pt(x, y), 4.0))?;
        let axis = self.y.get(panel)?;
        let points = &spec.panels.get(panel)?.points;
        let near = self.near(points, x - REACH, x + REACH);
        let found = near
            .filter_map(|i| {
                let (px, py) = *points.get(i)?;
                let at = pt(self.x.px(px)?, axis.px(py)?);
                Some((at.distance(pt(x, y)), i))
            })
            .filter(|(d, _)| *d <= REACH)
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(At {
            panel,
            point: found.1,
        })
    }

    fn near(&self, points: &[(f64, f64)], from: f64, to: f64) -> Range<usize> {
        let (from, to) = (self.x.value(from), self.x.value(to));
        let a = points.partition_point(|p| p.0 < from);
        a..points.partition_point(|p| p.0 <= to).max(a)
    }

    /// The request that an arrow key goes to: the next one in time, or the nearest in time of the
    /// next panel. From nowhere the first one that the chart shows.
    pub fn step(&self, spec: &Timeline, from: Option<At>, dx: i64, dy: i64) -> Option<At> {
        let Some(at) = from else {
            let panel = spec.panels.iter().position(|p| !p.points.is_empty())?;
            return Some(At { panel, point: 0 });
        };
        let points = &spec.panels.get(at.panel)?.points;
        if dy == 0 {
            let to = i64::try_from(at.point).ok()?.checked_add(dx)?;
            let last = i64::try_from(points.len()).ok()?.checked_sub(1)?;
            return Some(At {
                panel: at.panel,
                point: usize::try_from(to.clamp(0, last)).ok()?,
            });
        }
        let panel = usize::try_from(i64::try_from(at.panel).ok()?.checked_add(dy)?).ok()?;
        let others = &spec.panels.get(panel)?.points;
        let x = points.get(at.point)?.0;
        let after = others.partition_point(|p| p.0 < x);
        let far = |i: usize| others.get(i).map_or(f64::INFINITY, |p| (p.0 - x).abs());
        let point = match after.checked_sub(1) {
            Some(before) if far(before) <= far(after) => before,
            _ => after,
        };
        others.get(point)?;
        Some(At { panel, point })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Estimate;

    fn spec(n: usize) -> Timeline {
        let panel = |slot, up: f64| Panel {
            label: "run".into(),
            slot,
            points: Arc::new(
                (0..n)
                    .map(|i| (i as f64 * 0.01, up + (i * 37 % 101) as f64))
                    .collect(),
            ),
            ..Panel::default()
        };
        Timeline {
            x: AxisSpec {
                include: vec![0.0, n as f64 * 0.01],
                ..AxisSpec::default()
            },
            y: AxisSpec {
                scale: Scale::Log10,
                include: vec![50.0, 601.0],
                ..AxisSpec::default()
            },
            panels: vec![panel(Slot::CANDIDATE, 50.0), panel(Slot::BASELINE, 500.0)],
            ..Timeline::default()
        }
    }

    #[test]
    fn every_request_is_found_where_it_lies_and_reached_by_keys() {
        let spec = spec(40);
        let layout = timeline_layout(&spec, 900.0, &Estimate);
        let mut at = None;
        for point in 0..40 {
            at = layout.step(&spec, at, i64::from(at.is_some()), 0);
            assert_eq!(at, Some(At { panel: 0, point }));
            let p = layout.place(&spec, at.unwrap()).unwrap();
            assert_eq!(layout.hit(&spec, p.x, p.y), at);
        }
        let down = layout.step(&spec, at, 0, 1);
        assert_eq!(
            down,
            Some(At {
                panel: 1,
                point: 39
            })
        );
        assert_eq!(layout.step(&spec, down, 0, 1), None);
    }

    #[test]
    fn a_crowd_costs_pixels_and_not_requests() {
        let few = |n| {
            let spec = spec(n);
            let layout = timeline_layout(&spec, 900.0, &Estimate);
            timeline_scene(&spec, &layout, &Estimate).shapes.len()
        };
        assert!(few(100_000) < 20_000, "{}", few(100_000));
        let spec = spec(100_000);
        let layout = timeline_layout(&spec, 900.0, &Estimate);
        let over = Over {
            brush: Some(((1.0, 400.0), "words".into())),
            ..Over::default()
        };
        assert!(timeline_over(&spec, &layout, &over, &Estimate).shapes.len() < 30);
    }

    #[test]
    fn nothing_at_all_has_a_layout() {
        let spec = Timeline::default();
        let layout = timeline_layout(&spec, 0.0, &Estimate);
        assert_eq!(layout.hit(&spec, 10.0, 10.0), None);
        assert_eq!(layout.step(&spec, None, 1, 0), None);
        timeline_scene(&spec, &layout, &Estimate);
    }
}
