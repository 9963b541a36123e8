//! AIC 0.2's pre-fill: measured grids are completed to fixed target lists when they are loaded.

use super::grid::{Grid, Plane, Row};
use super::interp::{bracket, line};

/// Target keys of the three levels.
pub(crate) struct Targets {
    pub x: Vec<u32>,
    pub y: Vec<u32>,
    pub z: Vec<u32>,
    /// Whether y is filled in square-root space.
    pub sqrt_y: bool,
}

const HEADS: [u32; 21] = [
    4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 48, 56, 72, 96, 128,
];

/// Matrix products: x = m, y = n, z = k.
pub(crate) fn gemm() -> Targets {
    let shapes = vec![
        32, 64, 128, 256, 512, 768, 1024, 1536, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168,
        8192, 10240, 12288, 14336, 16384, 20480, 24576, 28672, 32768, 40960, 49152, 57344, 65536,
        131_072, 262_144,
    ];
    Targets {
        x: vec![
            1, 2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640,
            768, 896, 1024, 2048, 4096, 8192, 16384, 32768, 131_072, 524_288, 1_048_576,
            16_777_216,
        ],
        y: shapes.clone(),
        z: shapes,
        sqrt_y: false,
    }
}

fn heads(measured: &Grid) -> Vec<u32> {
    let least = measured.xs.first().copied().unwrap_or_default();
    HEADS.into_iter().filter(|n| *n >= least).collect()
}

/// Context attention: x = query heads, y = length, z = batch.
pub(crate) fn context(measured: &Grid) -> Targets {
    let y = (4..12)
        .map(|e| 1 << e)
        .chain((4096..32_768).step_by(2048))
        .chain((32_768..131_072).step_by(16_384))
        .chain((131_072..524_288).step_by(32_768))
        .chain((524_288..1_114_112).step_by(65_536))
        .collect();
    let z = vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512, 1024, 2048];
    Targets {
        x: heads(measured),
        y,
        z,
        sqrt_y: true,
    }
}

/// Decode attention: x = query heads, y = batch, z = length.
pub(crate) fn decode(measured: &Grid) -> Targets {
    let y = vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512, 1024, 2048, 8192];
    let z = (0..=18).map(|e| 1 << e).chain([16_777_216]).collect();
    Targets {
        x: heads(measured),
        y,
        z,
        sqrt_y: false,
    }
}

fn fill_row(row: &mut Row, targets: &[u32]) {
    if row.zs.len() < 2 {
        return;
    }
    for z in targets {
        if row.zs.binary_search(z).is_ok() {
            continue;
        }
        // Brackets see the nodes just added, so the order of the targets matters.
        if let Some((l, r, vl, vr)) = row.pair(*z) {
            let v = line(l, r, vl, vr, f64::from(*z));
            row.insert(*z, v);
        }
    }
}

fn fill_plane(plane: &mut Plane, targets: &[u32], sqrt: bool) {
    for y in targets {
        if plane.ys.binary_search(y).is_ok() {
            continue;
        }
        if let Some(row) = between(plane, *y, sqrt) {
            plane.insert(*y, row);
        }
    }
}

fn between(plane: &Plane, y: u32, sqrt: bool) -> Option<Row> {
    let (l, r) = bracket(&plane.ys, u64::from(y))?;
    let (left, right) = (plane.rows.get(l)?, plane.rows.get(r)?);
    let (yl, yr, t) = (
        f64::from(*plane.ys.get(l)?),
        f64::from(*plane.ys.get(r)?),
        f64::from(y),
    );
    Some(blend_rows(left, right, |a, b| {
        if sqrt {
            let v = line(yl, yr, a.sqrt(), b.sqrt(), t);
            v * v
        } else {
            line(yl, yr, a, b, t)
        }
    }))
}

/// A row over the left row's z keys; keys that the right row lacks are left out.
fn blend_rows(left: &Row, right: &Row, f: impl Fn(f64, f64) -> f64) -> Row {
    if left.zs == right.zs {
        return Row {
            zs: left.zs.clone(),
            v: left
                .v
                .iter()
                .zip(&right.v)
                .map(|(a, b)| f(*a, *b))
                .collect(),
        };
    }
    let pairs = left
        .zs
        .iter()
        .zip(&left.v)
        .filter_map(|(z, a)| right.at(*z).map(|b| (*z, f(*a, b))));
    let (zs, v) = pairs.unzip();
    Row { zs, v }
}

fn between_planes(grid: &Grid, x: u32) -> Option<Plane> {
    let (l, r) = bracket(&grid.xs, u64::from(x))?;
    let (left, right) = (grid.planes.get(l)?, grid.planes.get(r)?);
    let (xl, xr, t) = (
        f64::from(*grid.xs.get(l)?),
        f64::from(*grid.xs.get(r)?),
        f64::from(x),
    );
    let mut plane = Plane::default();
    for (y, row) in left.ys.iter().zip(&left.rows) {
        let other = plane_row(right, *y)?;
        plane.ys.push(*y);
        plane
            .rows
            .push(blend_rows(row, other, |a, b| line(xl, xr, a, b, t)));
    }
    Some(plane)
}

fn plane_row(plane: &Plane, y: u32) -> Option<&Row> {
    plane.rows.get(plane.ys.binary_search(&y).ok()?)
}

/// Completes the grid: per x first z, then y; then x.
pub(crate) fn fill(grid: &mut Grid, to: &Targets) {
    for plane in &mut grid.planes {
        for row in &mut plane.rows {
            fill_row(row, &to.z);
        }
        fill_plane(plane, &to.y, to.sqrt_y);
    }
    for x in &to.x {
        if grid.xs.binary_search(x).is_err()
            && let Some(plane) = between_planes(grid, *x)
        {
            grid.insert(*x, plane);
        }
    }
}
