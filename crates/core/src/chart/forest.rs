//! Forest rows: ratios with their intervals around “equal”, grouped by metric.
//!
//! Knows rows, whiskers, the band of no practical difference and columns of figures; refuses to test anything.

use super::compose::glyph;
use super::geometry::{Pt, Rect, pt};
use super::ratio_axis::{RatioAxis, draw_axis};
use super::scene::{Anchor, Paint, Scene};
use super::series::RADIUS;
use super::spec::{MarkKind, Slot, Whisker};
use super::text::{Measure, fit};

/// What the rows show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forest {
    /// Stable key.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// What lies left of “equal”, such as `← AIC-configured lower`.
    pub less: String,
    /// What lies right of it, such as `higher →`.
    pub more: String,
    /// Heads of the two label columns, such as `Metric` and `Concurrency`.
    pub heads: [String; 2],
    /// Both heads in one for narrow charts.
    pub head_short: String,
    /// Heads of the figures at the right, left to right; left out on narrow charts.
    pub columns: Vec<String>,
    /// Whether the ticks are differences in percent instead of ratios.
    pub percent: bool,
    /// Half the band of no practical difference, as a part of one: 0.05 for ±5 %. Absent = no band.
    pub equivalence: Option<f64>,
    /// Names the band, such as `±5 %: no practical difference`.
    pub equivalence_label: String,
    /// The groups.
    pub groups: Vec<ForestGroup>,
    /// The group and row with focus.
    pub focus: Option<(usize, usize)>,
}

/// The rows of one metric.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForestGroup {
    /// Such as `TTFT`.
    pub label: String,
    /// The same for narrow charts; empty = the same.
    pub short: String,
    /// Such as `lower is better`.
    pub direction: String,
    /// Its rows.
    pub rows: Vec<ForestRow>,
}

/// One ratio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForestRow {
    /// Such as `10`.
    pub label: String,
    /// Whose colour and shape.
    pub slot: Slot,
    /// How it is known.
    pub kind: MarkKind,
    /// The ratio; absent = the words of the columns stand alone.
    pub ratio: Option<f64>,
    /// Its interval.
    pub whisker: Option<Whisker>,
    /// A second ratio, as before a calibration: hollow, joined by a line.
    pub before: Option<f64>,
    /// A word beside the mark, such as `worse`.
    pub remark: String,
    /// Figures for the columns; missing ones stay blank.
    pub figures: Vec<String>,
}

/// Where the rows land.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestLayout {
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
    /// The plot's frame.
    pub plot: Rect,
    /// The ratio axis.
    pub axis: RatioAxis,
    /// Each group's rows: the middle's y.
    pub rows: Vec<Vec<f64>>,
    /// The lines between groups.
    pub rules: Vec<f64>,
    /// The right ends of the figure columns; empty on narrow charts.
    pub columns: Vec<f64>,
    /// The right end of the loads.
    pub loads: f64,
    /// Whether this is the narrow layout.
    pub narrow: bool,
}

/// Distance of rows.
const ROW: f64 = 24.0;
/// Space a rule between groups adds.
const BETWEEN: f64 = 10.0;

/// The height that shows every row.
pub fn forest_height(spec: &Forest) -> f64 {
    let rows: usize = spec.groups.iter().map(|g| g.rows.len().max(2)).sum();
    let between = spec.groups.len().saturating_sub(1) as f64 * BETWEEN;
    44.0 + rows as f64 * ROW + between + 16.0 + 24.0
}

/// Lays the rows out; the height follows from the rows ([`forest_height`]).
pub fn forest_layout(spec: &Forest, width: f64, measure: &dyn Measure) -> ForestLayout {
    let narrow = width < 640.0;
    let text = |t: &str| measure.width(t, 12.0, false);
    let strong = |t: &str| measure.width(t, 12.0, true);
    let rows = || spec.groups.iter().flat_map(|g| &g.rows);
    let widest_load = rows().map(|r| text(&r.label)).fold(0.0, f64::max);
    let widest_name = spec
        .groups
        .iter()
        .map(|g| {
            if narrow {
                strong(name_of(g, true))
            } else {
                strong(&g.label).max(text(&g.direction))
            }
        })
        .fold(0.0, f64::max);
    let heads = spec.heads.each_ref().map(|h| text(h));
    let loads = if narrow {
        widest_name + 12.0 + widest_load
    } else {
        widest_name.max(heads[0]) + 16.0 + widest_load.max(heads[1])
    };
    let mut columns: Vec<f64> = Vec::new();
    if !narrow {
        // From the right: each column as wide as its widest text.
        let mut right = width;
        for (i, head) in spec.columns.iter().enumerate().rev() {
            columns.push(right);
            let wide = rows()
                .filter_map(|r| r.figures.get(i))
                .map(|f| if i == 0 { strong(f) } else { text(f) })
                .fold(text(head), f64::max);
            right -= wide + 20.0;
        }
        columns.reverse();
    }
    let first = spec
        .columns
        .first()
        .map(|head| {
            rows()
                .filter_map(|r| r.figures.first())
                .map(|f| strong(f))
                .fold(text(head), f64::max)
        })
        .zip(columns.first())
        .map_or(width - 14.0, |(wide, right)| right - wide - 18.0);
    let height = forest_height(spec);
    let plot = Rect::new(loads + 20.0, 44.0, first.max(loads + 100.0), height - 34.0);
    let values = rows().flat_map(|r| {
        let ends = r.whisker.map(|w| [w.low, w.high]);
        r.ratio
            .into_iter()
            .chain(r.before)
            .chain(ends.into_iter().flatten())
    });
    let mut axis = RatioAxis::holding(values, plot.left, plot.right, false, measure);
    if spec.percent {
        axis = axis.in_percent();
    }
    let mut y = plot.top + 16.0;
    let mut placed = Vec::new();
    let mut rules = Vec::new();
    for (i, group) in spec.groups.iter().enumerate() {
        if i > 0 {
            rules.push(y - ROW / 2.0 + BETWEEN / 2.0 - 1.0);
            y += BETWEEN;
        }
        let here: Vec<f64> = (0..group.rows.len()).map(|k| y + ROW * k as f64).collect();
        y += ROW * group.rows.len().max(2) as f64;
        placed.push(here);
    }
    ForestLayout {
        width,
        height,
        plot,
        axis,
        rows: placed,
        rules,
        columns,
        loads,
        narrow,
    }
}

fn name_of(group: &ForestGroup, narrow: bool) -> &str {
    if narrow && !group.short.is_empty() {
        &group.short
    } else {
        &group.label
    }
}

impl ForestLayout {
    /// The group and row at a pixel.
    pub fn hit(&self, y: f64) -> Option<(usize, usize)> {
        self.rows.iter().enumerate().find_map(|(group, rows)| {
            rows.iter()
                .position(|middle| (y - middle).abs() <= ROW / 2.0)
                .map(|row| (group, row))
        })
    }
}

/// The rows as shapes.
pub fn forest_scene(spec: &Forest, layout: &ForestLayout, measure: &dyn Measure) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    let plot = layout.plot;
    let equal = layout.axis.equal();
    if let Some((group, row)) = spec.focus
        && let Some(y) = layout.rows.get(group).and_then(|rows| rows.get(row))
    {
        let row = Rect::new(0.0, y - ROW / 2.0, layout.width, y + ROW / 2.0);
        out.rect(&row, Paint::AccentSoft);
    }
    if let Some(part) = spec.equivalence
        && let (Some(a), Some(b)) = (layout.axis.px(1.0 - part), layout.axis.px(1.0 + part))
    {
        out.rect(&Rect::new(a, plot.top, b, plot.bottom), Paint::Sunken);
    }
    draw_axis(&mut out, &layout.axis, &plot);
    heads(&mut out, spec, layout, measure);
    for y in &layout.rules {
        out.hair(pt(0.0, *y), pt(layout.width, *y), Paint::Line);
    }
    for (group, rows) in spec.groups.iter().zip(&layout.rows) {
        if let Some(y) = rows.first() {
            let name = name_of(group, layout.narrow);
            out.strong(pt(0.0, y + 4.0), name, Paint::Ink, Anchor::Start);
            if !layout.narrow {
                let direction = group.direction.as_str();
                out.text(
                    pt(0.0, y + 4.0 + 17.0),
                    direction,
                    Paint::Ink3,
                    Anchor::Start,
                );
            }
        }
        for (row, y) in group.rows.iter().zip(rows) {
            draw_row(&mut out, row, layout, *y);
        }
    }
    if spec.equivalence.is_some() && !spec.equivalence_label.is_empty() {
        band_name(&mut out, spec, layout, equal, measure);
    }
    out
}

fn heads(out: &mut Scene, spec: &Forest, layout: &ForestLayout, measure: &dyn Measure) {
    let equal = layout.axis.equal();
    if layout.narrow {
        out.text(
            pt(0.0, 14.0),
            spec.head_short.as_str(),
            Paint::Ink2,
            Anchor::Start,
        );
    } else {
        out.text(
            pt(0.0, 32.0),
            spec.heads[0].as_str(),
            Paint::Ink2,
            Anchor::Start,
        );
        let at = pt(layout.loads, 32.0);
        out.text(at, spec.heads[1].as_str(), Paint::Ink2, Anchor::End);
    }
    for (head, x) in spec.columns.iter().zip(&layout.columns) {
        out.text(pt(*x, 32.0), head.as_str(), Paint::Ink2, Anchor::End);
    }
    let before = if layout.narrow {
        0.0
    } else {
        layout.loads + 12.0
    };
    let less = fit(&spec.less, equal - 12.0 - before, 12.0, false, measure);
    out.text(pt(equal - 12.0, 32.0), less, Paint::Ink2, Anchor::End);
    let room = layout.plot.right + 14.0 - equal - 12.0;
    let more = fit(&spec.more, room, 12.0, false, measure);
    out.text(pt(equal + 12.0, 32.0), more, Paint::Ink2, Anchor::Start);
}

fn draw_row(out: &mut Scene, row: &ForestRow, layout: &ForestLayout, y: f64) {
    let at = pt(layout.loads, y + 4.0);
    out.text(at, row.label.as_str(), Paint::Ink, Anchor::End);
    if let (Some(x), Some(from)) = (
        row.ratio.and_then(|r| layout.axis.px(r)),
        row.before.and_then(|r| layout.axis.px(r)),
    ) {
        out.path(vec![pt(from, y), pt(x, y)], Paint::Control, 1.0);
        glyph(out, row.slot, MarkKind::Projected, pt(from, y), RADIUS, 1.0);
    }
    if let Some(whisker) = row.whisker {
        draw_whisker(out, row.slot, whisker, layout, y);
    }
    if let Some(x) = row.ratio.and_then(|r| layout.axis.px(r)) {
        glyph(out, row.slot, row.kind, pt(x, y), RADIUS, 1.0);
        if !row.remark.is_empty() {
            let before = row.before.and_then(|r| layout.axis.px(r)).unwrap_or(x);
            let left = x.min(before) - 10.0;
            out.text(
                pt(left, y + 4.0),
                row.remark.as_str(),
                Paint::Ink3,
                Anchor::End,
            );
            out.haloed(Paint::Surface);
        }
    }
    for (i, (text, x)) in row.figures.iter().zip(&layout.columns).enumerate() {
        if i == 0 {
            out.strong(pt(*x, y + 4.0), text.as_str(), Paint::Ink, Anchor::End);
        } else {
            out.text(pt(*x, y + 4.0), text.as_str(), Paint::Ink2, Anchor::End);
        }
    }
}

fn draw_whisker(out: &mut Scene, slot: Slot, w: Whisker, layout: &ForestLayout, y: f64) {
    let (Some(low), Some(high)) = (layout.axis.px(w.low), layout.axis.px(w.high)) else {
        return;
    };
    let paint = Paint::Run(slot);
    out.path(vec![pt(low, y), pt(high, y)], paint, 1.5);
    for (x, open, side) in [(low, w.open_low, 1.0), (high, w.open_high, -1.0)] {
        let cap: Vec<Pt> = if open {
            vec![
                pt(x + 4.0 * side, y - 3.5),
                pt(x, y),
                pt(x + 4.0 * side, y + 3.5),
            ]
        } else {
            vec![pt(x, y - 3.5), pt(x, y + 3.5)]
        };
        out.path(cap, paint, 1.5);
    }
}

/// Names the band once, at the foot, on the side with room.
fn band_name(
    out: &mut Scene,
    spec: &Forest,
    layout: &ForestLayout,
    equal: f64,
    measure: &dyn Measure,
) {
    let label = spec.equivalence_label.as_str();
    let wide = measure.width(label, 12.0, false);
    let y = layout.plot.bottom - 2.0;
    let edge = if layout.columns.is_empty() {
        layout.width
    } else {
        layout.plot.right + 14.0
    };
    let covers = |left: f64| {
        let name = Rect::new(left, y - 10.0, left + wide, y + 3.0);
        name.left < layout.plot.left || name.right > edge || marked(spec, layout, &name)
    };
    let right = equal + 13.0;
    let left = equal - 13.0 - wide;
    if !covers(right) {
        out.text(pt(right, y), label, Paint::Ink3, Anchor::Start);
    } else if !covers(left) {
        out.text(pt(equal - 13.0, y), label, Paint::Ink3, Anchor::End);
    } else {
        return;
    }
    out.haloed(Paint::Surface);
}

fn marked(spec: &Forest, layout: &ForestLayout, name: &Rect) -> bool {
    spec.groups.iter().zip(&layout.rows).any(|(group, rows)| {
        group.rows.iter().zip(rows).any(|(row, y)| {
            let ratio = row.ratio.and_then(|r| layout.axis.px(r));
            let (low, high) = match row.whisker {
                Some(w) => (layout.axis.px(w.low), layout.axis.px(w.high)),
                None => (ratio, ratio),
            };
            let (Some(low), Some(high)) = (low.or(ratio), high.or(ratio)) else {
                return false;
            };
            Rect::new(low - 5.0, y - 5.0, high + 5.0, y + 5.0).overlap(name) > 0.0
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::text::Estimate;

    fn spec() -> Forest {
        let row = |label: &str, ratio: f64, low: f64, high: f64| ForestRow {
            label: label.into(),
            ratio: Some(ratio),
            whisker: Some(Whisker::from((low, high))),
            figures: vec![format!("{ratio:.3}"), format!("{low}–{high}")],
            ..ForestRow::default()
        };
        Forest {
            heads: ["Metric".into(), "Concurrency".into()],
            columns: vec!["Ratio".into(), "95 % CI".into()],
            equivalence: Some(0.05),
            equivalence_label: "±5 %: no practical difference".into(),
            groups: vec![
                ForestGroup {
                    label: "Output tokens/s".into(),
                    direction: "higher is better".into(),
                    rows: vec![row("1", 1.27, 1.25, 1.29), row("10", 1.329, 1.05, 1.67)],
                    ..ForestGroup::default()
                },
                ForestGroup {
                    label: "TTFT".into(),
                    direction: "lower is better".into(),
                    rows: vec![row("50", 0.294, 0.16, 0.50)],
                    ..ForestGroup::default()
                },
            ],
            ..Forest::default()
        }
    }

    #[test]
    fn rows_are_found_and_stay_inside() {
        let spec = spec();
        let layout = forest_layout(&spec, 1070.0, &Estimate);
        let y = layout.rows[1][0];
        assert_eq!(layout.hit(y + 5.0), Some((1, 0)));
        assert_eq!(layout.hit(5.0), None);
        assert!(
            layout
                .rows
                .iter()
                .flatten()
                .all(|y| *y < layout.plot.bottom)
        );
        assert!(layout.axis.px(0.16).unwrap() >= layout.plot.left);
        assert_eq!(layout.columns.len(), 2);
        assert_eq!(layout.columns[1], 1070.0);
    }

    #[test]
    fn narrow_rows_drop_the_figures_not_the_marks() {
        let spec = spec();
        let layout = forest_layout(&spec, 326.0, &Estimate);
        assert!(layout.columns.is_empty());
        assert!(layout.plot.width() > 100.0);
        let scene = forest_scene(&spec, &layout, &Estimate);
        let discs = scene
            .shapes
            .iter()
            .filter(|s| matches!(s, super::super::scene::Shape::Disc { .. }))
            .count();
        assert_eq!(discs, 6, "a halo and a mark for each of three rows");
    }
}
