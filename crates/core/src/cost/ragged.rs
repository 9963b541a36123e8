//! AIC 0.12's attention tables: a ragged grid read key by key, and held by utilisation past its edge.

use std::cell::Cell;

use super::grid::{Grid, Plane};

/// Query coordinates in the grid's order.
pub(crate) type Point = [u64; 3];

/// Which axis is blended in square-root space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    None,
    Second,
}

/// A key with its logarithm.
#[derive(Debug, Clone, Copy)]
struct Mark {
    key: f64,
    log: f64,
}

impl Mark {
    fn new(key: u32) -> Self {
        let key = f64::from(key);
        Self {
            key,
            log: key.log2(),
        }
    }
}

/// All figures of one (x, y).
#[derive(Debug, Clone)]
struct Line {
    y: Mark,
    figures: Vec<(Mark, f64)>,
}

/// All figures of one x.
#[derive(Debug, Clone)]
struct Sheet {
    x: Mark,
    lines: Vec<Line>,
}

/// All figures of a grid with the logarithms of their keys, for the search past its edge.
#[derive(Debug, Clone)]
pub(crate) struct Leaves(Vec<Sheet>);

pub(crate) fn leaves(grid: &Grid) -> Leaves {
    let sheet = |(x, plane): (&u32, &Plane)| Sheet {
        x: Mark::new(*x),
        lines: plane
            .ys
            .iter()
            .zip(&plane.rows)
            .map(|(y, row)| Line {
                y: Mark::new(*y),
                figures: row
                    .zs
                    .iter()
                    .zip(&row.v)
                    .map(|(z, v)| (Mark::new(*z), *v))
                    .collect(),
            })
            .collect(),
    };
    Leaves(grid.xs.iter().zip(&grid.planes).map(sheet).collect())
}

/// A figure at a squared distance: the distance, the logarithms of its keys, its keys and its value.
#[derive(Debug, Clone, Copy)]
struct Found {
    d: f64,
    log: [f64; 3],
    key: [f64; 3],
    v: f64,
}

impl Found {
    /// Nearer, or as near and earlier in the table.
    fn before(&self, other: &Self) -> bool {
        self.d < other.d || (self.d == other.d && self.key < other.key)
    }
}

/// The nearest figures of a query (five where a value is asked for), kept for the next one: queries come in rows, so they
/// are about as near there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nearest<const N: usize = 5>([Option<Found>; N]);

impl<const N: usize> Default for Nearest<N> {
    fn default() -> Self {
        Self([None; N])
    }
}

impl<const N: usize> Nearest<N> {
    fn worst(&self) -> f64 {
        match self.0.last() {
            Some(Some(last)) => last.d,
            _ => f64::INFINITY,
        }
    }

    fn offer(&mut self, mut new: Found) {
        for slot in &mut self.0 {
            match slot {
                None => {
                    *slot = Some(new);
                    return;
                }
                Some(old) if new.before(old) => std::mem::swap(old, &mut new),
                Some(_) => {}
            }
        }
    }

    /// How far away these are from another point, at most: its own are no farther.
    fn bound(&self, [x, y, z]: [f64; 3]) -> f64 {
        let far = |found: &Option<Found>| {
            found.map_or(f64::INFINITY, |f| {
                let [a, b, c] = f.log;
                square(a - x) + square(b - y) + square(c - z)
            })
        };
        self.0.iter().map(far).fold(0.0, f64::max)
    }
}

fn square(v: f64) -> f64 {
    v * v
}

impl Leaves {
    fn nearest<const N: usize>(&self, at: [f64; 3], last: &Nearest<N>) -> Nearest<N> {
        let [x, y, z] = at;
        let mut reach = last.bound(at);
        let mut best = Nearest::default();
        for sheet in &self.0 {
            let dx = square(sheet.x.log - x);
            if dx > reach {
                continue;
            }
            for line in &sheet.lines {
                let dxy = dx + square(line.y.log - y);
                if dxy > reach {
                    continue;
                }
                for (mark, v) in &line.figures {
                    let d = dxy + square(mark.log - z);
                    if d <= reach {
                        best.offer(Found {
                            d,
                            log: [sheet.x.log, line.y.log, mark.log],
                            key: [sheet.x.key, line.y.key, mark.key],
                            v: *v,
                        });
                        reach = reach.min(best.worst());
                    }
                }
            }
        }
        best
    }
}

/// Figures that a query past the edge may draw on when it is not quite at this point: more than the five nearest.
const ABOUT: usize = 9;

/// The keys of a grid that queries for `x` can draw on: those of its own sheet, or of the two around it, and past the edge
/// those about a close net of points up to lengths of 2^20 and batches of 2^11. `lengths_first` tells how the other axes
/// lie.
pub(crate) fn drawn_on(grid: &Grid, x: u32, lengths_first: bool) -> Vec<[u32; 3]> {
    let at = grid.xs.partition_point(|k| *k < x);
    let own = grid.xs.get(at).copied().filter(|k| *k == x);
    let around = [at.checked_sub(1), Some(at)];
    let around = around.into_iter().flatten().filter_map(|i| grid.xs.get(i));
    let sheets: Vec<u32> = own.map_or_else(|| around.copied().collect(), |k| vec![k]);
    let mut out = Vec::new();
    for (key, plane) in grid.xs.iter().zip(&grid.planes) {
        if sheets.contains(key) {
            for (y, row) in plane.ys.iter().zip(&plane.rows) {
                out.extend(row.zs.iter().map(|z| [*key, *y, *z]));
            }
        }
    }
    let leaves = leaves(grid);
    let mut last = Nearest::<ABOUT>::default();
    for i in 0..126 {
        for j in 0..34 {
            let (s, b) = ((f64::from(i) / 6.0).exp2(), (f64::from(j) / 3.0).exp2());
            let (s, b) = (s as u64, b as u64);
            let (y, z) = if lengths_first { (s, b) } else { (b, s) };
            let point = [u64::from(x), y, z];
            if inside(grid, point, Root::None, &|_| 1.0).is_none() {
                last = leaves.nearest(point.map(|c| (c as f64).log2()), &last);
                let key = |f: &Found| f.key.map(|k| k as u32);
                out.extend(last.0.iter().flatten().map(key));
            }
        }
    }
    out
}

/// One axis: the exact key, a blend of two neighbours, or the one that exists, scaled by the roofline.
fn axis(
    keys: &[u32],
    c: u64,
    sqrt: bool,
    at: impl Fn(usize) -> Option<f64>,
    scale: impl Fn(u32) -> f64,
) -> Option<f64> {
    let i = keys.partition_point(|k| u64::from(*k) < c);
    let right = *keys.get(i)?;
    if u64::from(right) == c {
        return at(i);
    }
    let before = i.checked_sub(1)?;
    let left = *keys.get(before)?;
    match (at(before), at(i)) {
        (None, None) => None,
        (Some(v), None) => Some(v * scale(left)),
        (None, Some(v)) => Some(v * scale(right)),
        (Some(a), Some(b)) => {
            let w = (c as f64 - f64::from(left)) / f64::from(right - left);
            if sqrt {
                let root = a.sqrt() + (b.sqrt() - a.sqrt()) * w;
                Some(root * root)
            } else {
                Some(a + (b - a) * w)
            }
        }
    }
}

/// The blended value inside the grid; none past its edge.
pub(crate) fn inside(
    grid: &Grid,
    at: Point,
    root: Root,
    sol: &impl Fn([f64; 3]) -> f64,
) -> Option<f64> {
    let [x, y, z] = at;
    let co = at.map(|c| c as f64);
    let [cx, cy, cz] = co;
    axis(
        &grid.xs,
        x,
        false,
        |i| {
            let plane = grid.planes.get(i)?;
            axis(
                &plane.ys,
                y,
                root == Root::Second,
                |j| {
                    let row = plane.rows.get(j)?;
                    axis(
                        &row.zs,
                        z,
                        false,
                        |l| row.v.get(l).copied(),
                        |key| sol(co) / sol([cx, cy, f64::from(key)]),
                    )
                },
                |key| sol(co) / sol([cx, f64::from(key), cz]),
            )
        },
        |key| sol(co) / sol([f64::from(key), cy, cz]),
    )
}

/// The value past the edge: the mean utilisation of the four nearest figures in log2 space, tapered so that the
/// fifth nearest weighs nothing.
pub(crate) fn held(
    leaves: &Leaves,
    at: Point,
    last: &Cell<Nearest>,
    sol: &impl Fn([f64; 3]) -> f64,
) -> Option<f64> {
    let nearest = leaves.nearest(at.map(|c| (c.max(1) as f64).log2()), &last.get());
    last.set(nearest);
    let [near @ .., fifth] = nearest.0;
    let reach = fifth.map(|f| f.d.sqrt());
    let (mut weights, mut used, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for Found { d, key, v, .. } in near.iter().flatten() {
        let d = d.sqrt();
        let w = match reach {
            Some(r) => (r - d) / (r * d),
            None => 1.0 / d,
        };
        let u = sol(*key) / v;
        weights += w * w;
        used += w * w * u;
        plain += u;
        count += 1.0;
    }
    if count == 0.0 {
        return None;
    }
    // Four figures as far as the fifth all weigh nothing; then they count alike.
    let u = if weights > 0.0 {
        used / weights
    } else {
        plain / count
    };
    Some(sol(at.map(|c| c as f64)) / u)
}
