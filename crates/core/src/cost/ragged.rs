//! AIC 0.12's attention tables: a ragged grid read key by key, and held by utilisation past its edge.

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

    /// Squared distance.
    fn from(&self, log: f64) -> f64 {
        (self.log - log) * (self.log - log)
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

/// The items, nearest first only for the very nearest: finding it early lets most others be skipped.
fn nearest_first<T>(items: &[T], distance: impl Fn(&T) -> f64) -> impl Iterator<Item = (&T, f64)> {
    let first = items
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map_or(0, |(i, _)| i);
    let (before, after) = items.split_at_checked(first).unwrap_or((&[], items));
    let (nearest, after) = after.split_at_checked(1).unwrap_or((&[], &[]));
    nearest
        .iter()
        .chain(before.iter().rev())
        .chain(after)
        .map(move |t| (t, distance(t)))
}

/// The five nearest figures: squared distance, key and value.
#[derive(Debug, Clone, Copy)]
struct Nearest([Option<(f64, [f64; 3], f64)>; 5]);

impl Nearest {
    fn worst(&self) -> f64 {
        match self.0 {
            [.., Some((d, _, _))] => d,
            _ => f64::INFINITY,
        }
    }

    fn offer(&mut self, mut new: (f64, [f64; 3], f64)) {
        for slot in &mut self.0 {
            match slot {
                None => {
                    *slot = Some(new);
                    return;
                }
                Some(old) if new.0 < old.0 => std::mem::swap(old, &mut new),
                Some(_) => {}
            }
        }
    }
}

impl Leaves {
    fn nearest(&self, [x, y, z]: [f64; 3]) -> Nearest {
        let mut best = Nearest([None; 5]);
        for (sheet, dx) in nearest_first(&self.0, |s| s.x.from(x)) {
            if dx >= best.worst() {
                continue;
            }
            for (line, dy) in nearest_first(&sheet.lines, |l| l.y.from(y)) {
                if dx + dy >= best.worst() {
                    continue;
                }
                for (mark, v) in &line.figures {
                    let d = dx + dy + mark.from(z);
                    if d < best.worst() {
                        best.offer((d, [sheet.x.key, line.y.key, mark.key], *v));
                    }
                }
            }
        }
        best
    }
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
pub(crate) fn held(leaves: &Leaves, at: Point, sol: &impl Fn([f64; 3]) -> f64) -> Option<f64> {
    let [near @ .., fifth] = leaves.nearest(at.map(|c| (c.max(1) as f64).log2())).0;
    let reach = fifth.map(|(d, _, _)| d.sqrt());
    let (mut weights, mut used, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (d, key, v) in near.iter().flatten() {
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
