//! A laid-out chart as shapes.
//!
//! Knows what a measured, an interpolated and a blocked mark look like; refuses to move anything.

use super::geometry::{Pt, Rect, pt};
use super::layout::Layout;
use super::scene::{Anchor, Paint, Scene, Shape};
use super::series::{PlacedMark, PlacedSeries, PlacedWhisker, RADIUS};
use super::spec::{ChartSpec, Form, Line, MarkKind, MarkRef, MarkSize, Series, Slot, Stroke};
use std::f64::consts::FRAC_1_SQRT_2;

/// The chart's shapes, lowest first.
pub fn scene(spec: &ChartSpec, layout: &Layout) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    zones(&mut out, spec, layout);
    axes(&mut out, spec, layout);
    limits(&mut out, spec, layout);
    arrows(&mut out, spec, layout);
    // The first series ends on top.
    let pairs: Vec<(&Series, &PlacedSeries)> =
        spec.series.iter().zip(&layout.series).rev().collect();
    for (series, placed) in &pairs {
        band(&mut out, series, placed);
    }
    for (series, placed) in &pairs {
        lines(&mut out, series, placed);
    }
    for (series, placed) in &pairs {
        for mark in &placed.marks {
            if let Some(w) = mark.whisker {
                whisker(&mut out, series, mark.at.x, w);
            }
        }
    }
    let crowded = layout.marks().count() > CROWD;
    for (series, placed) in &pairs {
        for mark in &placed.marks {
            draw_mark(&mut out, series, mark, crowded);
        }
    }
    attention(&mut out, spec, layout);
    for label in &layout.labels {
        if let Some((from, to)) = label.leader {
            out.path(vec![from, to], Paint::Control, 1.0);
        }
        out.shapes
            .extend(label.lines.iter().cloned().map(Shape::Text));
    }
    if let Some((missing, supply)) = &spec.empty {
        let x = (layout.plot.left + layout.plot.right) / 2.0;
        let y = (layout.plot.top + layout.plot.bottom) / 2.0;
        out.text(pt(x, y), missing.as_str(), Paint::Ink, Anchor::Middle);
        out.haloed(Paint::Surface);
        out.text(
            pt(x, y + 16.0),
            supply.as_str(),
            Paint::Ink3,
            Anchor::Middle,
        );
        out.haloed(Paint::Surface);
    }
    out
}

fn zones(out: &mut Scene, spec: &ChartSpec, layout: &Layout) {
    for limit in layout.limits.iter().flatten() {
        out.rect(&limit.zone, Paint::AccentSoft);
    }
    if let Some((a, b)) = spec.brush
        && let (Some(a), Some(b)) = (layout.x.px(a), layout.x.px(b))
    {
        let plot = layout.plot;
        let (a, b) = (
            a.min(b).clamp(plot.left, plot.right),
            a.max(b).clamp(plot.left, plot.right),
        );
        out.rect(&Rect::new(a, plot.top, b, plot.bottom), Paint::AccentSoft);
        for x in [a, b] {
            out.hair(pt(x, plot.top), pt(x, plot.bottom), Paint::Accent);
        }
    }
}

fn axes(out: &mut Scene, spec: &ChartSpec, layout: &Layout) {
    let plot = layout.plot;
    for tick in &layout.y_ticks {
        if (tick.px - plot.bottom).abs() > 0.5 {
            out.hair(pt(plot.left, tick.px), pt(plot.right, tick.px), Paint::Line);
        }
        if let Some(label) = &tick.label {
            out.text(
                pt(plot.left - 8.0, tick.px + 4.0),
                label.as_str(),
                Paint::Ink3,
                Anchor::End,
            );
        }
    }
    out.hair(
        pt(plot.left, plot.bottom),
        pt(plot.right, plot.bottom),
        Paint::Line2,
    );
    for tick in &layout.x_ticks {
        let length = if tick.major { 6.0 } else { 3.0 };
        out.hair(
            pt(tick.px, plot.bottom),
            pt(tick.px, plot.bottom + length),
            Paint::Line2,
        );
        if let Some(label) = &tick.label {
            out.text(
                pt(tick.px, plot.bottom + 20.0),
                label.as_str(),
                Paint::Ink3,
                Anchor::Middle,
            );
        }
    }
    for x in &spec.absent {
        if let Some(x) = layout.x.px(*x) {
            out.shapes.push(Shape::Path {
                points: vec![pt(x, plot.bottom - 4.0), pt(x, plot.bottom - 12.0)],
                paint: Paint::Ink3,
                width: 1.0,
                dash: Some((2.0, 3.0)),
                opacity: 1.0,
            });
        }
    }
    if layout.zero_is_cut() {
        // The foot no longer stands for zero: a break in the axis line.
        let x = plot.left + 7.0;
        let y = plot.bottom;
        out.fill(
            vec![
                pt(x - 4.5, y + 3.0),
                pt(x - 0.5, y - 3.0),
                pt(x + 4.5, y - 3.0),
                pt(x + 0.5, y + 3.0),
            ],
            Paint::Surface,
        );
        for dx in [-2.5, 2.5] {
            out.path(
                vec![pt(x + dx - 2.0, y + 4.0), pt(x + dx + 2.0, y - 4.0)],
                Paint::Control,
                1.0,
            );
        }
    }
    out.shapes
        .extend(layout.titles.iter().cloned().map(Shape::Text));
}

fn limits(out: &mut Scene, spec: &ChartSpec, layout: &Layout) {
    for (limit, placed) in spec.limits.iter().zip(&layout.limits) {
        let Some(placed) = placed else { continue };
        out.path(vec![placed.line.0, placed.line.1], Paint::Accent, 1.5);
        if let (true, Some(grip)) = (limit.grip, placed.grip) {
            out.fill(rounded(&Rect::around(grip, 6.75), 3.5), Paint::Accent);
            out.fill(rounded(&Rect::around(grip, 5.25), 2.25), Paint::Surface);
        }
    }
}

fn arrows(out: &mut Scene, spec: &ChartSpec, layout: &Layout) {
    for (off, x) in spec.off_scale.iter().zip(&layout.arrows) {
        let Some(x) = *x else { continue };
        let top = layout.plot.top + 6.0;
        out.shapes.push(Shape::Path {
            points: vec![pt(x, top + 38.0), pt(x, top + 8.0)],
            paint: Paint::Run(off.slot),
            width: 1.25,
            dash: Some((6.0, 4.0)),
            opacity: 1.0,
        });
        out.fill(
            vec![pt(x - 4.0, top + 8.0), pt(x, top), pt(x + 4.0, top + 8.0)],
            Paint::Run(off.slot),
        );
    }
}

fn faded(series: &Series) -> f64 {
    if series.dimmed { 0.45 } else { 1.0 }
}

fn band(out: &mut Scene, series: &Series, placed: &PlacedSeries) {
    let Some(band) = &series.band else { return };
    out.shapes.push(Shape::Fill {
        points: placed.band.clone(),
        paint: Paint::Run(series.slot),
        opacity: 0.14 * faded(series),
    });
    for edge in &placed.band_edges {
        out.shapes.push(Shape::Path {
            points: edge.clone(),
            paint: Paint::Run(series.slot),
            width: 1.0,
            dash: band.dotted.then_some((2.0, 3.0)),
            opacity: faded(series),
        });
    }
}

fn lines(out: &mut Scene, series: &Series, placed: &PlacedSeries) {
    let dash = match series.line {
        Line::None => return,
        Line::Solid => None,
        Line::Dashed => Some((6.0, 4.0)),
        Line::Dotted => Some((1.5, 3.5)),
    };
    let width = match series.stroke {
        Stroke::Regular => 2.0,
        Stroke::Thin => 1.25,
    };
    for line in &placed.lines {
        out.shapes.push(Shape::Path {
            points: line.clone(),
            paint: Paint::Run(series.slot),
            width,
            dash,
            opacity: faded(series),
        });
    }
}

fn whisker(out: &mut Scene, series: &Series, x: f64, w: PlacedWhisker) {
    let paint = Paint::Run(series.slot);
    let stem = vec![pt(x, w.low), pt(x, w.high)];
    out.path(stem.clone(), Paint::Surface, 4.0);
    out.path(stem, paint, 1.5);
    for (y, open, up) in [(w.low, w.open_low, 1.0), (w.high, w.open_high, -1.0)] {
        let end = if open {
            vec![
                pt(x - 3.5, y - 4.0 * up),
                pt(x, y),
                pt(x + 3.5, y - 4.0 * up),
            ]
        } else {
            vec![pt(x - 3.5, y), pt(x + 3.5, y)]
        };
        out.path(end, paint, 1.5);
    }
}

/// With more marks than this the small ones lose their halo: it would cover its neighbours, and cost half the time.
const CROWD: usize = 600;

fn draw_mark(out: &mut Scene, series: &Series, placed: &PlacedMark, crowded: bool) {
    let Some(mark) = series.marks.get(placed.mark.mark) else {
        return;
    };
    let radius = match series.size {
        _ if mark.kind == MarkKind::Pinned => RADIUS,
        MarkSize::Regular => RADIUS,
        MarkSize::Small => 2.75,
        MarkSize::Hidden => return,
    };
    // Dimmed marks of regular size keep their strength; one mark a request fades with its line.
    let opacity = if series.size == MarkSize::Small {
        faded(series)
    } else {
        1.0
    };
    if crowded && series.size == MarkSize::Small && mark.kind == MarkKind::Measured {
        let paint = Paint::Run(series.slot);
        stamp(
            out,
            series.slot.form(),
            placed.at,
            radius - 0.25,
            paint,
            opacity,
        );
    } else {
        glyph(out, series.slot, mark.kind, placed.at, radius, opacity);
    }
    if mark.ringed {
        ring(out, placed.at, 9.0, Paint::Run(series.slot), 1.5);
    }
}

/// A run's mark as it appears in charts, for legends and the tray too.
pub fn glyph(out: &mut Scene, slot: Slot, kind: MarkKind, at: Pt, radius: f64, opacity: f64) {
    let form = slot.form();
    match kind {
        MarkKind::Measured | MarkKind::Pinned => {
            let halo = if radius > 3.0 { 1.0 } else { 0.5 };
            stamp(out, form, at, radius + halo, Paint::Surface, 1.0);
            stamp(out, form, at, radius - 0.25, Paint::Run(slot), opacity);
        }
        MarkKind::Excluded => {
            for s in [1.0, -1.0] {
                let r = radius * 0.8;
                out.shapes.push(Shape::Path {
                    points: vec![pt(at.x - r, at.y - s * r), pt(at.x + r, at.y + s * r)],
                    paint: Paint::Ink3,
                    width: 1.25,
                    dash: None,
                    opacity,
                });
            }
        }
        _ => {
            stamp(out, form, at, radius + 0.875, Paint::Run(slot), opacity);
            stamp(out, form, at, radius - 0.875, Paint::Surface, 1.0);
        }
    }
    if kind == MarkKind::Blocked {
        let slash = vec![pt(at.x - 8.0, at.y + 8.0), pt(at.x + 8.0, at.y - 8.0)];
        out.path(slash.clone(), Paint::Surface, 4.0);
        out.path(slash, Paint::Ink, 1.75);
    }
}

/// One filled form whose circle would have this radius.
fn stamp(out: &mut Scene, form: Form, at: Pt, radius: f64, paint: Paint, opacity: f64) {
    let shape = match outline(form, at, radius) {
        None => Shape::Disc {
            at,
            radius,
            paint,
            opacity,
        },
        Some(points) => Shape::Fill {
            points,
            paint,
            opacity,
        },
    };
    out.shapes.push(shape);
}

/// The corners of a form of the same weight as a circle of this radius; `None` for the circle itself.
fn outline(form: Form, at: Pt, radius: f64) -> Option<Vec<Pt>> {
    let from = |list: &[(f64, f64)]| {
        Some(
            list.iter()
                .map(|(dx, dy)| pt(at.x + dx * radius, at.y + dy * radius))
                .collect(),
        )
    };
    match form {
        Form::Circle => None,
        Form::Square => from(&[(-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92)]),
        Form::Diamond => from(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        Form::Triangle => from(&[(0.0, -1.25), (1.2, 0.85), (-1.2, 0.85)]),
        Form::TriangleDown => from(&[(0.0, 1.25), (1.2, -0.85), (-1.2, -0.85)]),
        Form::Plus => {
            // Arms keep their width where the mark grows by a halo.
            let (long, half) = (radius * 1.2, radius * 0.42);
            let corners = [
                (-half, -long),
                (half, -long),
                (half, -half),
                (long, -half),
                (long, half),
                (half, half),
                (half, long),
                (-half, long),
                (-half, half),
                (-long, half),
                (-long, -half),
                (-half, -half),
            ];
            Some(
                corners
                    .iter()
                    .map(|(dx, dy)| pt(at.x + dx, at.y + dy))
                    .collect(),
            )
        }
    }
}

fn ring(out: &mut Scene, at: Pt, radius: f64, paint: Paint, width: f64) {
    out.shapes.push(Shape::Ring {
        at,
        radius,
        paint,
        width,
        opacity: 1.0,
    });
}

/// The focused and the pinned mark.
fn attention(out: &mut Scene, spec: &ChartSpec, layout: &Layout) {
    if let Some(at) = spec.pinned.and_then(|m| layout.mark(m)).map(|m| m.at) {
        let plot = layout.plot;
        for line in [
            vec![pt(at.x, at.y + 10.0), pt(at.x, plot.bottom)],
            vec![pt(plot.left, at.y), pt(at.x - 10.0, at.y)],
        ] {
            out.shapes.push(Shape::Path {
                points: line,
                paint: Paint::Ink3,
                width: 1.0,
                dash: Some((2.0, 3.0)),
                opacity: 1.0,
            });
        }
        ring(out, at, 10.0, Paint::Ink, 1.5);
    }
    if let Some(at) = spec.focus.and_then(|m| layout.mark(m)).map(|m| m.at) {
        ring(out, at, 8.5, Paint::Accent, 2.0);
    }
}

/// Points of a quarter circle of radius 1, from the top to the right; a table, as the sine costs 6 kB of code.
const QUARTER: [(f64, f64); 5] = [
    (0.0, -1.0),
    (0.3827, -0.9239),
    (FRAC_1_SQRT_2, -FRAC_1_SQRT_2),
    (0.9239, -0.3827),
    (1.0, 0.0),
];

/// A box with rounded corners.
pub(super) fn rounded(rect: &Rect, radius: f64) -> Vec<Pt> {
    let r = radius.min(rect.width() / 2.0).min(rect.height() / 2.0);
    let mut points = Vec::with_capacity(20);
    let mut corner = |cx: f64, cy: f64, turn: fn((f64, f64)) -> (f64, f64)| {
        for at in QUARTER {
            let (dx, dy) = turn(at);
            points.push(pt(cx + r * dx, cy + r * dy));
        }
    };
    corner(rect.right - r, rect.top + r, |p| p);
    corner(rect.right - r, rect.bottom - r, |(x, y)| (-y, x));
    corner(rect.left + r, rect.bottom - r, |(x, y)| (-x, -y));
    corner(rect.left + r, rect.top + r, |(x, y)| (y, -x));
    points
}

impl Layout {
    /// A mark's geometry, if it is shown.
    pub fn mark(&self, wanted: MarkRef) -> Option<&PlacedMark> {
        self.series
            .get(wanted.series)?
            .marks
            .iter()
            .find(|m| m.mark == wanted)
    }
    /// Whether a zero-based vertical axis is zoomed so that its foot is no longer zero.
    pub fn zero_is_cut(&self) -> bool {
        use super::spec::Scale;
        self.y.scale() == (Scale::Linear { zero: true }) && self.y.lo() > 0.0
    }
}
