//! A three-level table x → y → z → milliseconds as sorted arrays; each level may be ragged.

use super::interp::{Cell, bracket};

/// One y: the z keys and the values at them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub zs: Vec<u32>,
    pub v: Vec<f64>,
}

/// One x: the y keys and their rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plane {
    pub ys: Vec<u32>,
    pub rows: Vec<Row>,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    pub xs: Vec<u32>,
    pub planes: Vec<Plane>,
}

impl Row {
    pub fn at(&self, z: u32) -> Option<f64> {
        self.v.get(self.zs.binary_search(&z).ok()?).copied()
    }

    pub fn insert(&mut self, z: u32, value: f64) {
        if let Err(i) = self.zs.binary_search(&z) {
            self.zs.insert(i, z);
            self.v.insert(i, value);
        }
    }

    /// Two neighbouring nodes around z, extrapolating: keys and values.
    pub fn pair(&self, z: u32) -> Option<(f64, f64, f64, f64)> {
        let (l, r) = bracket(&self.zs, u64::from(z))?;
        Some((
            f64::from(*self.zs.get(l)?),
            f64::from(*self.zs.get(r)?),
            *self.v.get(l)?,
            *self.v.get(r)?,
        ))
    }
}

impl Plane {
    pub fn insert(&mut self, y: u32, row: Row) {
        if let Err(i) = self.ys.binary_search(&y) {
            self.ys.insert(i, y);
            self.rows.insert(i, row);
        }
    }

    /// The cell around (y, z); none when a corner is missing or the rows disagree about z.
    pub fn cell(&self, y: u64, z: u64) -> Option<Cell> {
        let (y1, y2) = bracket(&self.ys, y)?;
        let (low, high) = (self.rows.get(y1)?, self.rows.get(y2)?);
        let (z1, z2) = bracket(&low.zs, z)?;
        let (w1, w2) = bracket(&high.zs, z)?;
        let (a, b) = (*low.zs.get(z1)?, *low.zs.get(z2)?);
        if (*high.zs.get(w1)?, *high.zs.get(w2)?) != (a, b) {
            return None;
        }
        Some(Cell {
            y1: f64::from(*self.ys.get(y1)?),
            y2: f64::from(*self.ys.get(y2)?),
            z1: f64::from(a),
            z2: f64::from(b),
            f: [
                *low.v.get(z1)?,
                *low.v.get(z2)?,
                *high.v.get(w1)?,
                *high.v.get(w2)?,
            ],
        })
    }
}

impl Grid {
    /// Builds from rows sorted by (x, y, z).
    pub fn from_sorted(rows: impl Iterator<Item = ([u32; 3], f64)>) -> Self {
        let mut grid = Self::default();
        for ([x, y, z], v) in rows {
            if grid.xs.last() != Some(&x) {
                grid.xs.push(x);
                grid.planes.push(Plane::default());
            }
            let Some(plane) = grid.planes.last_mut() else {
                continue;
            };
            if plane.ys.last() != Some(&y) {
                plane.ys.push(y);
                plane.rows.push(Row::default());
            }
            if let Some(row) = plane.rows.last_mut() {
                row.zs.push(z);
                row.v.push(v);
            }
        }
        grid
    }

    pub fn insert(&mut self, x: u32, plane: Plane) {
        if let Err(i) = self.xs.binary_search(&x) {
            self.xs.insert(i, x);
            self.planes.insert(i, plane);
        }
    }

    /// Visits every value with its key.
    pub fn for_each_mut(&mut self, mut f: impl FnMut(u32, u32, u32, &mut f64)) {
        for (x, plane) in self.xs.iter().zip(&mut self.planes) {
            for (y, row) in plane.ys.iter().zip(&mut plane.rows) {
                for (z, v) in row.zs.iter().zip(&mut row.v) {
                    f(*x, *y, *z, v);
                }
            }
        }
    }
}
