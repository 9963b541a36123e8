//! The drawing of a timeline without what moves.
//!
//! Knows how a crowd becomes cells; refuses to move anything.

use super::{Panel, Timeline, TimelineLayout};
use crate::chart::axis::Axis;
use crate::chart::compose::glyph;
use crate::chart::geometry::{Pt, Rect, pt};
use crate::chart::scene::{Anchor, Paint, Scene, Shape};
use crate::chart::spec::{MarkKind, Slot};
use crate::chart::text::{Measure, fit};

/// Radius of a mark.
const RADIUS: f64 = 2.75;
/// From this many marks on a panel is drawn as a field of cells.
const CROWD: usize = 2500;
/// Width and height of a cell, CSS pixels.
const CELL: f64 = 2.0;

/// The drawing without what moves.
pub fn timeline_scene(spec: &Timeline, layout: &TimelineLayout, measure: &dyn Measure) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    out.text(
        pt(0.0, 14.0),
        spec.y.title.as_str(),
        Paint::Ink2,
        Anchor::Start,
    );
    for (i, (panel, (plot, y))) in spec
        .panels
        .iter()
        .zip(layout.plots.iter().zip(&layout.y))
        .enumerate()
    {
        if let Some((to, _)) = &spec.warm_up {
            hatch(&mut out, layout, plot, *to);
        }
        for tick in &layout.y_ruler.ticks {
            if let Some(at) = y.px(*tick) {
                if (at - plot.bottom).abs() > 0.5 {
                    out.hair(pt(plot.left, at), pt(plot.right, at), Paint::Line);
                }
                let label = layout.y_ruler.label(*tick);
                out.text(
                    pt(plot.left - 8.0, at + 4.0),
                    label,
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
        event(&mut out, layout, panel, plot, measure);
        if let Some((limit, label)) = &spec.limit
            && let Some(at) = y.px(*limit).filter(|p| *p >= plot.top && *p <= plot.bottom)
        {
            out.path(
                vec![pt(plot.left, at), pt(plot.right, at)],
                Paint::Accent,
                1.5,
            );
            if !layout.narrow {
                // Below the run's name where both would stand at one height.
                let block = plot.top + 30.0 + 15.0 * panel.lines.len() as f64;
                let y = if at + 4.0 > block + 2.0 {
                    at + 4.0
                } else {
                    block + 2.0
                };
                out.strong(
                    pt(plot.right + 8.0, y),
                    label.as_str(),
                    Paint::Accent,
                    Anchor::Start,
                );
            }
        }
        marks(&mut out, layout, panel, plot, y);
        name(&mut out, layout, panel, plot, measure);
        if i == 0
            && let Some((to, words)) = &spec.warm_up
        {
            warm_up_words(&mut out, layout, plot, *to, words, measure);
        }
    }
    if let Some(plot) = layout.plots.last() {
        out.x_axis(plot, &layout.x, &layout.x_ruler, &spec.x.title);
    }
    out
}

/// The warm-up's ground: sunken, with slanted hairlines.
fn hatch(out: &mut Scene, layout: &TimelineLayout, plot: &Rect, to: f64) {
    let Some(to) = layout.x.px(to).map(|x| x.clamp(plot.left, plot.right)) else {
        return;
    };
    let area = Rect::new(plot.left, plot.top, to, plot.bottom);
    if area.width() < 1.0 {
        return;
    }
    out.rect(&area, Paint::Sunken);
    let mut c = area.left + area.top + 8.0;
    while c < area.right + area.bottom {
        // The line x + y = c inside the area.
        let from = pt(
            (c - area.top).min(area.right),
            (c - area.right).max(area.top),
        );
        let end = pt(
            (c - area.bottom).max(area.left),
            (c - area.left).min(area.bottom),
        );
        out.path(vec![from, end], Paint::Line2, 0.75);
        c += 8.0;
    }
}

fn warm_up_words(
    out: &mut Scene,
    layout: &TimelineLayout,
    plot: &Rect,
    to: f64,
    words: &[String; 2],
    measure: &dyn Measure,
) {
    let Some(to) = layout.x.px(to) else { return };
    let room = to - plot.left + 8.0;
    let fits = |line: &String| measure.width(line, 12.0, false) <= room;
    if words.iter().all(fits) {
        for (i, line) in words.iter().enumerate() {
            let at = pt(plot.left + 4.0, plot.top + 14.0 + 15.0 * i as f64);
            out.text(at, line.as_str(), Paint::Ink2, Anchor::Start);
            out.haloed(Paint::Sunken);
        }
    }
}

fn event(
    out: &mut Scene,
    layout: &TimelineLayout,
    panel: &Panel,
    plot: &Rect,
    measure: &dyn Measure,
) {
    let Some((x, words)) = &panel.event else {
        return;
    };
    let Some(x) = layout
        .x
        .px(*x)
        .filter(|x| *x >= plot.left && *x <= plot.right)
    else {
        return;
    };
    out.shapes.push(Shape::Path {
        points: vec![pt(x, plot.top), pt(x, plot.bottom)],
        paint: Paint::Ink3,
        width: 1.0,
        dash: Some((2.0, 3.0)),
        opacity: 1.0,
    });
    let wide = measure.width(words, 12.0, false);
    let right = x + 5.0 + wide <= plot.right;
    let (at, anchor) = if right {
        (x + 5.0, Anchor::Start)
    } else {
        (x - 5.0, Anchor::End)
    };
    out.text(pt(at, plot.top + 12.0), words.as_str(), Paint::Ink3, anchor);
    out.haloed(Paint::Surface);
}

fn name(
    out: &mut Scene,
    layout: &TimelineLayout,
    panel: &Panel,
    plot: &Rect,
    measure: &dyn Measure,
) {
    let ink = Paint::RunInk(panel.slot);
    if layout.narrow {
        let label = fit(&panel.label, plot.width() * 0.6, 12.0, true, measure);
        out.strong(
            pt(plot.right - 2.0, plot.top + 12.0),
            label,
            ink,
            Anchor::End,
        );
        out.haloed(Paint::Surface);
        return;
    }
    let x = plot.right + 8.0;
    let label = fit(&panel.label, layout.width - x, 12.5, true, measure);
    out.strong(pt(x, plot.top + 10.0), label, ink, Anchor::Start);
    for (i, line) in panel.lines.iter().enumerate() {
        let paint = if i == 0 { Paint::Ink } else { Paint::Ink3 };
        out.text(
            pt(x, plot.top + 27.0 + 15.0 * i as f64),
            line.as_str(),
            paint,
            Anchor::Start,
        );
    }
}

fn marks(out: &mut Scene, layout: &TimelineLayout, panel: &Panel, plot: &Rect, y: &Axis) {
    let place = |(px, py): (f64, f64)| {
        let at = pt(layout.x.px(px)?, y.px(py)?);
        plot.contains(at, 1.0).then_some(at)
    };
    let crossed = |i: usize| panel.crossed.get(i).copied().unwrap_or(false);
    let warm: Vec<Pt> = panel.warm_up.iter().copied().filter_map(place).collect();
    let dropped: Vec<Pt> = panel
        .points
        .iter()
        .enumerate()
        .filter(|(i, _)| crossed(*i))
        .filter_map(|(_, p)| place(*p))
        .collect();
    for at in thinned(warm.into_iter().chain(dropped), plot) {
        glyph(out, panel.slot, MarkKind::Excluded, at, RADIUS, 1.0);
    }
    let counted = panel
        .points
        .iter()
        .enumerate()
        .filter(|(i, _)| !crossed(*i))
        .filter_map(|(_, p)| place(*p));
    if panel.points.len() > CROWD {
        field(out, panel.slot, counted, plot);
    } else {
        for at in counted {
            glyph(out, panel.slot, MarkKind::Measured, at, RADIUS, 1.0);
        }
    }
}

/// Of marks that lie within the same few pixels one.
fn thinned(marks: impl Iterator<Item = Pt>, plot: &Rect) -> Vec<Pt> {
    let mut grid = Grid::new(plot, 3.0);
    marks.filter(|at| grid.add(*at) == 1).collect()
}

/// A crowd as cells: fainter where few lie, neighbours of one strength in one piece.
fn field(out: &mut Scene, slot: Slot, marks: impl Iterator<Item = Pt>, plot: &Rect) {
    let mut grid = Grid::new(plot, CELL);
    for at in marks {
        grid.add(at);
    }
    let strength = |n: u16| match n {
        0 => 0.0,
        1 => 0.45,
        2..=4 => 0.7,
        _ => 1.0,
    };
    for (row, cells) in grid.cells.chunks(grid.columns).enumerate() {
        let top = plot.top + row as f64 * CELL;
        let mut from = 0;
        for piece in cells.chunk_by(|a, b| strength(*a) == strength(*b)) {
            let to = from + piece.len();
            let opacity = piece.first().map_or(0.0, |n| strength(*n));
            if opacity > 0.0 {
                let left = plot.left + from as f64 * CELL;
                let right = plot.left + to as f64 * CELL;
                out.shapes.push(Shape::Fill {
                    points: Rect::new(left, top, right, top + CELL).corners(),
                    paint: Paint::Run(slot),
                    opacity,
                });
            }
            from = to;
        }
    }
}

struct Grid {
    left: f64,
    top: f64,
    cell: f64,
    columns: usize,
    cells: Vec<u16>,
}

impl Grid {
    fn new(plot: &Rect, cell: f64) -> Self {
        let columns = (plot.width() / cell).ceil().max(1.0) as usize + 1;
        let rows = (plot.height() / cell).ceil().max(1.0) as usize + 1;
        Self {
            left: plot.left,
            top: plot.top,
            cell,
            columns,
            cells: vec![0; columns * rows],
        }
    }
    /// Counts a mark; how many its cell now holds.
    fn add(&mut self, at: Pt) -> u16 {
        let x = ((at.x - self.left) / self.cell).max(0.0) as usize;
        let y = ((at.y - self.top) / self.cell).max(0.0) as usize;
        match self
            .cells
            .get_mut(y * self.columns + x.min(self.columns - 1))
        {
            Some(n) => {
                *n = n.saturating_add(1);
                *n
            }
            None => 0,
        }
    }
}
