//! A series' line, band and marks in pixels.
//!
//! Knows which marks a line joins, and how close marks part; refuses to place text.

use super::axis::Axis;
use super::geometry::{Pt, Rect, pt};
use super::spec::{Between, ChartSpec, Mark, MarkKind, MarkRef, MarkSize, Series};
use super::{clip, decimate};
use crate::sort;

/// A series' geometry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlacedSeries {
    /// The line, cut at the frame and wherever loads weren't reported.
    pub lines: Vec<Vec<Pt>>,
    /// The band's area.
    pub band: Vec<Pt>,
    /// The band's two edges.
    pub band_edges: Vec<Vec<Pt>>,
    /// The marks inside the frame; of many in one pixel column the lowest and highest.
    pub marks: Vec<PlacedMark>,
}

/// A mark's geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedMark {
    /// Which mark.
    pub mark: MarkRef,
    /// Where it is drawn: up to 5 px beside its true place if another lies there.
    pub at: Pt,
    /// Where its value lies.
    pub home: Pt,
    /// The whisker's low and high end, cut at the frame.
    pub whisker: Option<PlacedWhisker>,
}

/// A whisker's geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedWhisker {
    /// The y of the lower bound.
    pub low: f64,
    /// The y of the upper bound.
    pub high: f64,
    /// Arrow instead of a cap, at the lower bound.
    pub open_low: bool,
    /// Arrow instead of a cap, at the upper bound.
    pub open_high: bool,
}

/// Radius of a mark of regular size.
pub const RADIUS: f64 = 4.5;
/// More marks than this aren't tested for lying on each other.
const CROWD: usize = 400;

/// Places every series; a hidden one comes out empty.
pub fn place(spec: &ChartSpec, plot: &Rect, x: &Axis, y: &Axis) -> Vec<PlacedSeries> {
    let mut placed: Vec<PlacedSeries> = spec
        .series
        .iter()
        .enumerate()
        .map(|(index, series)| {
            if series.hidden {
                PlacedSeries::default()
            } else {
                place_one(index, series, plot, x, y)
            }
        })
        .collect();
    part(&mut placed, spec);
    placed
}

fn joins(mark: &Mark) -> bool {
    !matches!(mark.kind, MarkKind::Interpolated | MarkKind::Excluded)
}

fn place_one(index: usize, series: &Series, plot: &Rect, x: &Axis, y: &Axis) -> PlacedSeries {
    let home = |mark: &Mark| Some(pt(x.px(mark.x)?, y.px(mark.y)?));
    let mut lines = Vec::new();
    let mut stretch: Vec<Pt> = Vec::new();
    let mut before: Option<&Mark> = None;
    for mark in series.marks.iter().filter(|m| joins(m)) {
        if let Some(at) = home(mark) {
            match (series.between, stretch.last().copied(), before) {
                (Between::Step, Some(last), _) => stretch.push(pt(at.x, last.y)),
                (Between::PowerLaw, Some(last), Some(before)) => {
                    bend((before, last), (mark, at), x, y, &mut stretch);
                }
                _ => {}
            }
            stretch.push(at);
        }
        before = Some(mark);
        if mark.gap_after || home(mark).is_none() {
            finish(&mut stretch, plot, &mut lines);
        }
    }
    finish(&mut stretch, plot, &mut lines);

    let homes: Vec<(usize, Pt)> = series
        .marks
        .iter()
        .enumerate()
        .filter_map(|(i, m)| Some((i, home(m)?)))
        .filter(|(_, at)| plot.contains(*at, 0.5))
        .collect();
    let points: Vec<Pt> = homes.iter().map(|(_, at)| *at).collect();
    let marks = decimate::keep(&points, plot.width())
        .into_iter()
        .filter_map(|i| {
            let (mark, at) = homes.get(i).copied()?;
            let whisker = series.marks.get(mark).and_then(|m| m.whisker);
            Some(PlacedMark {
                mark: MarkRef {
                    series: index,
                    mark,
                },
                at,
                home: at,
                whisker: whisker.and_then(|w| {
                    let cut = |v: f64| Some(y.px(v)?.clamp(plot.top - 8.0, plot.bottom));
                    Some(PlacedWhisker {
                        low: cut(w.low)?,
                        high: cut(w.high)?,
                        open_low: w.open_low,
                        open_high: w.open_high,
                    })
                }),
            })
        })
        .collect();
    let (band, band_edges) = place_band(series, plot, x, y);
    PlacedSeries {
        lines,
        band,
        band_edges,
        marks,
    }
}

/// Pixels between the points of a bent line.
const BEND: f64 = 4.0;

/// The points between two marks of a line that is straight in logarithms of both values.
fn bend(from: (&Mark, Pt), to: (&Mark, Pt), x: &Axis, y: &Axis, out: &mut Vec<Pt>) {
    let ((a, from), (b, to)) = (from, to);
    let straight = x.scale().is_log() && y.scale().is_log();
    if straight || [a.x, a.y, b.x, b.y].iter().any(|v| *v <= 0.0) {
        return;
    }
    let steps = ((to.x - from.x).abs() / BEND).min(128.0) as u32;
    let (wide, tall) = ((b.x / a.x).ln(), (b.y / a.y).ln());
    out.extend((1..steps).filter_map(|i| {
        let t = f64::from(i) / f64::from(steps);
        Some(pt(
            x.px(a.x * (wide * t).exp())?,
            y.px(a.y * (tall * t).exp())?,
        ))
    }));
}

fn finish(stretch: &mut Vec<Pt>, plot: &Rect, lines: &mut Vec<Vec<Pt>>) {
    let points = std::mem::take(stretch);
    let kept: Vec<Pt> = decimate::keep(&points, plot.width())
        .into_iter()
        .filter_map(|i| points.get(i).copied())
        .collect();
    lines.extend(clip::polyline(&kept, plot));
}

fn place_band(series: &Series, plot: &Rect, x: &Axis, y: &Axis) -> (Vec<Pt>, Vec<Vec<Pt>>) {
    let Some(band) = &series.band else {
        return (Vec::new(), Vec::new());
    };
    let side = |value: fn(&(f64, f64, f64)) -> f64| -> Vec<Pt> {
        band.points
            .iter()
            .filter_map(|p| Some(pt(x.px(p.0)?, y.px(value(p))?)))
            .collect()
    };
    let (low, high) = (side(|p| p.1), side(|p| p.2));
    let area: Vec<Pt> = high
        .iter()
        .copied()
        .chain(low.iter().rev().copied())
        .collect();
    let mut edges = clip::polyline(&low, plot);
    edges.extend(clip::polyline(&high, plot));
    (clip::polygon(&area, plot), edges)
}

/// Moves marks of different series apart sideways where they lie on each other, or where both have whiskers.
fn part(placed: &mut [PlacedSeries], spec: &ChartSpec) {
    let regular = |i: usize| {
        spec.series
            .get(i)
            .is_some_and(|s| s.size == MarkSize::Regular)
    };
    let all: Vec<PlacedMark> = placed
        .iter()
        .flat_map(|s| s.marks.iter().copied())
        .filter(|m| regular(m.mark.series))
        .collect();
    if all.len() > CROWD {
        return;
    }
    let mut moved: Vec<MarkRef> = Vec::new();
    for first in &all {
        if moved.contains(&first.mark) {
            continue;
        }
        let mut group: Vec<PlacedMark> = vec![*first];
        let mut whiskers = false;
        for other in &all {
            if other.mark.series == first.mark.series || moved.contains(&other.mark) {
                continue;
            }
            let (dx, dy) = (
                (other.home.x - first.home.x).abs(),
                (other.home.y - first.home.y).abs(),
            );
            let side_by_side = dx < 1.0 && first.whisker.is_some() && other.whisker.is_some();
            if side_by_side || (dx < RADIUS && dy < 1.5 * RADIUS) {
                whiskers |= side_by_side;
                group.push(*other);
            }
        }
        if group.len() < 2 {
            continue;
        }
        // The candidate, first in the spec, goes to the right unless the values say otherwise.
        sort::by(&mut group, |a, b| {
            // Whole pixels, so that the order stays transitive.
            let column = |m: &PlacedMark| m.home.x.round();
            column(a).total_cmp(&column(b)).then(b.mark.cmp(&a.mark))
        });
        let n = group.len() as f64;
        let centre = group.iter().map(|m| m.home.x).sum::<f64>() / n;
        let step = (10.0 / (n - 1.0)).min(if whiskers { 7.0 } else { 9.0 });
        for (rank, mark) in group.iter().enumerate() {
            let wanted = centre + (rank as f64 - (n - 1.0) / 2.0) * step;
            let to = wanted.clamp(mark.home.x - 5.0, mark.home.x + 5.0);
            moved.push(mark.mark);
            if let Some(m) = placed
                .get_mut(mark.mark.series)
                .and_then(|s| s.marks.iter_mut().find(|m| m.mark == mark.mark))
            {
                m.at.x = to;
            }
        }
    }
}
