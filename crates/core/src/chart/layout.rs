//! Where everything in a chart lands.
//!
//! Knows margins, ticks and the order in which labels are placed; refuses to know colours' values and canvases.
//! A chart is laid out for its own width and never scaled: below 420 px it is another layout with the same text.

use super::axis::Axis;
use super::geometry::{Pt, Rect, pt};
use super::labels::{self, Label};
use super::margin::right_margin;
use super::scene::{Anchor, Paint, Text};
use super::series::{self, PlacedSeries};
use super::spec::{Across, AxisSpec, ChartSpec, Limit, Scale, Series};
use super::text::{Estimate, Measure, wrap};
use super::ticks::{Ruler, inside, rule};
use crate::sort;

/// Size of ticks, titles and notes.
pub const TEXT: f64 = 12.0;
/// Size of a line's name.
pub const NAME: f64 = 12.5;

/// A chart's geometry in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Width of the whole drawing.
    pub width: f64,
    /// Height of the whole drawing.
    pub height: f64,
    /// The plot's frame.
    pub plot: Rect,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The range of x that holds all data, for zooming back.
    pub x_full: (f64, f64),
    /// The range of y that holds all data.
    pub y_full: (f64, f64),
    /// Ticks from left to right.
    pub x_ticks: Vec<Tick>,
    /// Ticks from the foot up.
    pub y_ticks: Vec<Tick>,
    /// One for each series of the spec, also the hidden ones.
    pub series: Vec<PlacedSeries>,
    /// One for each limit of the spec; absent if it lies outside the shown range.
    pub limits: Vec<Option<PlacedLimit>>,
    /// Axis titles.
    pub titles: Vec<Text>,
    /// Every other text, none overlapping another.
    pub labels: Vec<Label>,
    /// The x of the dashed arrows, one for each off-scale value.
    pub arrows: Vec<Option<f64>>,
    /// Whether this is the narrow layout.
    pub narrow: bool,
}

/// A tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Position along its axis.
    pub px: f64,
    /// Value.
    pub value: f64,
    /// Label; absent on minor ticks and where two would collide.
    pub label: Option<String>,
    /// Six pixels long instead of three.
    pub major: bool,
}

/// A limit's geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedLimit {
    /// The line.
    pub line: (Pt, Pt),
    /// The side within.
    pub zone: Rect,
    /// The grip's middle.
    pub grip: Option<Pt>,
}

/// Lays a chart out with estimated text widths.
pub fn layout(spec: &ChartSpec, width: f64, height: f64) -> Layout {
    layout_with(spec, width, height, &Estimate)
}

/// Lays a chart out with the text widths of the device it is drawn on.
pub fn layout_with(spec: &ChartSpec, width: f64, height: f64, measure: &dyn Measure) -> Layout {
    let width = width.max(160.0);
    let height = height.max(120.0);
    let narrow = width < 420.0;
    let x_data = extent(spec, Side::X);
    let y_data = extent(spec, Side::Y);

    let y_title = wrap(&spec.y.title, width - 8.0, TEXT, measure);
    let top = 34.0 + 14.0 * (y_title.len() as f64 - 1.0);
    let tall = height - top - 44.0 > 270.0;
    let y_full = range(&spec.y, y_data, tall);
    let y_ruler = match spec.y.view {
        Some(view) => rule(spec.y.scale, y_data.0, y_data.1, Some(view), tall),
        None => y_full.clone(),
    };
    let y_labels: Vec<String> = y_ruler
        .ticks
        .iter()
        .map(|v| format!("{}{}", y_ruler.label(*v), spec.y.suffix))
        .collect();
    let widest = y_labels
        .iter()
        .map(|l| measure.width(l, TEXT, false))
        .fold(0.0, f64::max);
    let left = (widest + 10.0).ceil().clamp(34.0, 76.0);

    let inset = match spec.x.scale {
        Scale::Linear { .. } => 0.0,
        _ if spec.x.view.is_some() => 0.0,
        _ if narrow => 6.0,
        _ => 10.0,
    };
    let x_full = match spec.x.scale {
        Scale::Linear { .. } => range(&spec.x, x_data, width > 760.0),
        scale => {
            let (lo, hi) = super::axis::mend(scale, x_data.0, x_data.1);
            inside(scale, lo, hi, false)
        }
    };
    let right = right_margin(spec, width, inset, (x_full.lo, x_full.hi), measure);
    let x_title = wrap(&spec.x.title, width - right.min(20.0) - 8.0, TEXT, measure);
    let bottom = height - 44.0 - 14.0 * (x_title.len() as f64 - 1.0);
    let plot = Rect::new(
        left,
        top,
        (width - right).max(left + 40.0),
        bottom.max(top + 24.0),
    );

    let (x_lo, x_hi) = spec.x.view.unwrap_or((x_full.lo, x_full.hi));
    let x = Axis::new(
        spec.x.scale,
        x_lo,
        x_hi,
        plot.left + inset,
        plot.right - inset,
    );
    let y = Axis::new(spec.y.scale, y_ruler.lo, y_ruler.hi, plot.bottom, plot.top);
    let x_ticks = x_ticks(spec, &x, &plot, width, measure);
    let y_ticks = y_ruler
        .ticks
        .iter()
        .zip(y_labels)
        .filter_map(|(v, label)| {
            Some(Tick {
                px: y.px(*v)?,
                value: *v,
                label: Some(label),
                major: true,
            })
        })
        .collect();

    let mut titles: Vec<Text> = Vec::new();
    for (i, line) in y_title.into_iter().enumerate() {
        titles.push(title(pt(0.0, 14.0 + 14.0 * i as f64), line, Anchor::Start));
    }
    let end = x_title
        .iter()
        .map(|l| measure.width(l, TEXT, false))
        .fold(plot.right, f64::max)
        .min(width);
    for (i, line) in x_title.into_iter().enumerate() {
        titles.push(title(
            pt(end, bottom + 38.0 + 14.0 * i as f64),
            line,
            Anchor::End,
        ));
    }

    let mut out = Layout {
        width,
        height,
        plot,
        x,
        y,
        x_full: (x_full.lo, x_full.hi),
        y_full: (y_full.lo, y_full.hi),
        x_ticks,
        y_ticks,
        series: series::place(spec, &plot, &x, &y),
        limits: spec
            .limits
            .iter()
            .map(|limit| place_limit(limit, &plot, &x, &y))
            .collect(),
        titles,
        labels: Vec::new(),
        arrows: spec
            .off_scale
            .iter()
            .map(|o| x.px(o.x).filter(|px| *px >= plot.left && *px <= plot.right))
            .collect(),
        narrow,
    };
    out.labels = labels::place(spec, &out, inset, measure);
    out
}

fn title(at: Pt, text: String, anchor: Anchor) -> Text {
    Text {
        at,
        text,
        paint: Paint::Ink2,
        size: TEXT,
        semi: false,
        anchor,
        halo: None,
        opacity: 1.0,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    X,
    Y,
}

fn range(axis: &AxisSpec, data: (f64, f64), tall: bool) -> Ruler {
    rule(axis.scale, data.0, data.1, None, tall)
}

/// The lowest and highest value an axis must reach; crossed if there is none.
fn extent(spec: &ChartSpec, side: Side) -> (f64, f64) {
    let axis = if side == Side::X { &spec.x } else { &spec.y };
    let mut ends = (f64::INFINITY, f64::NEG_INFINITY);
    let log = axis.scale.is_log();
    let mut take = |v: f64| {
        if v.is_finite() && (!log || v > 0.0) {
            ends = (ends.0.min(v), ends.1.max(v));
        }
    };
    for series in spec.series.iter().filter(|s| !s.hidden) {
        take_series(series, side, &mut take);
    }
    axis.include.iter().copied().for_each(&mut take);
    if side == Side::X {
        axis.labelled.iter().copied().for_each(&mut take);
        spec.absent.iter().copied().for_each(&mut take);
        spec.off_scale.iter().for_each(|o| take(o.x));
    }
    // A limit far above linear data would squeeze it: then it is only named at the edge.
    let across = if side == Side::X {
        Across::X
    } else {
        Across::Y
    };
    for limit in spec.limits.iter().filter(|l| l.across == across) {
        let far = !log && ends.1.is_finite() && limit.value > 2.5 * ends.1;
        if !far && limit.value.is_finite() && (!log || limit.value > 0.0) {
            ends = (ends.0.min(limit.value), ends.1.max(limit.value));
        }
    }
    ends
}

fn take_series(series: &Series, side: Side, take: &mut dyn FnMut(f64)) {
    for mark in &series.marks {
        take(if side == Side::X { mark.x } else { mark.y });
        if let (Side::Y, Some(whisker)) = (side, mark.whisker) {
            take(whisker.low);
            take(whisker.high);
        }
    }
    for (x, low, high) in series.band.iter().flat_map(|b| &b.points) {
        if side == Side::X {
            take(*x);
        } else {
            take(*low);
            take(*high);
        }
    }
}

fn x_ticks(
    spec: &ChartSpec,
    axis: &Axis,
    plot: &Rect,
    width: f64,
    measure: &dyn Measure,
) -> Vec<Tick> {
    let ruler = inside(axis.scale(), axis.lo(), axis.hi(), width > 760.0);
    let seen = |px: &f64| *px >= plot.left - 0.5 && *px <= plot.right + 0.5;
    let mut ticks: Vec<Tick> = Vec::new();
    let majors = if spec.x.labelled.is_empty() {
        &ruler.ticks
    } else {
        &spec.x.labelled
    };
    let mut majors: Vec<f64> = majors.clone();
    sort::by(&mut majors, f64::total_cmp);
    majors.dedup();
    for value in majors {
        if let Some(px) = axis.px(value).filter(seen) {
            ticks.push(Tick {
                px,
                value,
                label: None,
                major: true,
            });
        }
    }
    label_ticks(&mut ticks, spec, &ruler, measure);
    if axis.scale() == Scale::Log2 && !spec.x.labelled.is_empty() {
        let mut power = axis.value(plot.left).log2().ceil();
        while power <= axis.value(plot.right).log2() + 1e-9 && ticks.len() < 64 {
            let value = super::axis::power(2.0, power);
            if let Some(px) = axis.px(value).filter(seen) {
                ticks.push(Tick {
                    px,
                    value,
                    label: None,
                    major: false,
                });
            }
            power += 1.0;
        }
    }
    ticks
}

/// Labels the ticks from both ends inwards, leaving out those that would touch a neighbour.
fn label_ticks(ticks: &mut [Tick], spec: &ChartSpec, ruler: &Ruler, measure: &dyn Measure) {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let n = ticks.len();
    let order = (0..n.min(1))
        .chain((1..n).rev().take(1))
        .chain(1..n.saturating_sub(1));
    for i in order {
        let Some(tick) = ticks.get_mut(i) else {
            continue;
        };
        let figure = if spec.x.labelled.is_empty() {
            ruler.label(tick.value)
        } else {
            super::figure::short_figure(tick.value, 3)
        };
        let label = format!("{figure}{}", spec.x.suffix);
        let half = measure.width(&label, TEXT, false) / 2.0;
        let span = (tick.px - half - 4.0, tick.px + half + 4.0);
        if taken.iter().all(|(a, b)| span.1 <= *a || span.0 >= *b) {
            taken.push(span);
            tick.label = Some(label);
        }
    }
}

fn place_limit(limit: &Limit, plot: &Rect, x: &Axis, y: &Axis) -> Option<PlacedLimit> {
    match limit.across {
        Across::Y => {
            let at = y.px(limit.value)?;
            if at < plot.top - 0.5 || at > plot.bottom + 0.5 {
                return None;
            }
            let edge = if limit.below_is_within {
                plot.bottom
            } else {
                plot.top
            };
            Some(PlacedLimit {
                line: (pt(plot.left, at), pt(plot.right + 4.0, at)),
                zone: Rect::new(plot.left, at, plot.right, edge),
                grip: limit.grip.then(|| pt(plot.right + 4.0, at)),
            })
        }
        Across::X => {
            let at = x.px(limit.value)?;
            if at < plot.left - 0.5 || at > plot.right + 0.5 {
                return None;
            }
            let edge = if limit.below_is_within {
                plot.left
            } else {
                plot.right
            };
            Some(PlacedLimit {
                line: (pt(at, plot.top - 4.0), pt(at, plot.bottom)),
                zone: Rect::new(at, plot.top, edge, plot.bottom),
                grip: limit.grip.then(|| pt(at, plot.top - 4.0)),
            })
        }
    }
}
