//! AIC 0.12's attention tables: a ragged grid read key by key, and held by utilisation past its edge.

use super::grid::Grid;

/// Query coordinates in the grid's order.
pub(crate) type Point = [u64; 3];

/// Which axis is blended in square-root space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    None,
    Second,
}

/// A figure with the logarithms of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf {
    log: [f64; 3],
    key: [f64; 3],
    v: f64,
}

/// All figures of a grid, for the search past its edge.
pub(crate) fn leaves(grid: &Grid) -> Vec<Leaf> {
    let mut out = Vec::new();
    for (x, plane) in grid.xs.iter().zip(&grid.planes) {
        for (y, row) in plane.ys.iter().zip(&plane.rows) {
            for (z, v) in row.zs.iter().zip(&row.v) {
                let key = [f64::from(*x), f64::from(*y), f64::from(*z)];
                out.push(Leaf {
                    log: key.map(f64::log2),
                    key,
                    v: *v,
                });
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
pub(crate) fn held(leaves: &[Leaf], at: Point, sol: &impl Fn([f64; 3]) -> f64) -> Option<f64> {
    let [lx, ly, lz] = at.map(|c| (c.max(1) as f64).log2());
    let mut best: [Option<(f64, &Leaf)>; 5] = [None; 5];
    let mut worst = f64::INFINITY;
    for leaf in leaves {
        let [x, y, z] = leaf.log;
        let d = (x - lx) * (x - lx) + (y - ly) * (y - ly) + (z - lz) * (z - lz);
        if d >= worst {
            continue;
        }
        let mut new = (d, leaf);
        for slot in &mut best {
            match slot {
                None => {
                    *slot = Some(new);
                    break;
                }
                Some(old) if new.0 < old.0 => std::mem::swap(old, &mut new),
                Some(_) => {}
            }
        }
        if let [.., Some((d, _))] = best {
            worst = d;
        }
    }
    let [near @ .., fifth] = best;
    let reach = fifth.map(|(d, _)| d.sqrt());
    let (mut weights, mut used, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (d, leaf) in near.iter().flatten() {
        let d = d.sqrt();
        let w = match reach {
            Some(r) => (r - d) / (r * d),
            None => 1.0 / d,
        };
        let u = sol(leaf.key) / leaf.v;
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
