//! Attention of one GPU's heads, read from a table by the interpolation of the rule set.

use std::cell::Cell;

use super::clough_tocher;
use super::error::CostError;
use super::grid::Grid;
use super::interp::{bracket, line};
use super::quant::{FmhaQuant, KvQuant};
use super::ragged::{self, Nearest, Root};
use super::roofline::{self, Heads};
use super::rules::Interpolation;
use super::source::{Slot, Source, check};

/// Which pass the attention belongs to.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Context(FmhaQuant),
    Decode,
}

/// Attention of one GPU's heads, over batch and length.
pub(crate) struct Attention<'a> {
    pub source: &'a Source,
    pub grid: &'a Grid,
    pub slot: &'a Slot,
    pub n: u32,
    pub kind: Kind,
    pub kv: KvQuant,
    pub heads: Heads,
    /// Where the last query past the table's edge was answered from.
    pub last: Cell<Nearest>,
}

impl Attention<'_> {
    /// Latency of one layer for `b` requests of length `s`, ms.
    pub fn ms(&self, b: u64, s: u64) -> Result<f64, CostError> {
        match self.source.rules.interpolation {
            Interpolation::Filled => self.filled(b, s),
            Interpolation::Utilisation => self.ragged(b, s),
        }
    }

    fn table(&self) -> &'static str {
        match self.kind {
            Kind::Context(_) => "context attention",
            Kind::Decode => "decode attention",
        }
    }

    fn filled(&self, b: u64, s: u64) -> Result<f64, CostError> {
        let table = self.table();
        let broken = || CostError::BrokenCell { table };
        let xs = &self.grid.xs;
        let n = u64::from(self.n);
        check(table, "query heads per GPU", xs, n)?;
        if let Ok(i) = xs.binary_search(&self.n) {
            return self.slice(i, b, s);
        }
        let (l, r) = bracket(xs, n).ok_or_else(broken)?;
        let (Some(xl), Some(xr)) = (xs.get(l), xs.get(r)) else {
            return Err(broken());
        };
        let (vl, vr) = (self.slice(l, b, s)?, self.slice(r, b, s)?);
        Ok(line(
            f64::from(*xl),
            f64::from(*xr),
            vl,
            vr,
            f64::from(self.n),
        ))
    }

    fn slice(&self, i: usize, b: u64, s: u64) -> Result<f64, CostError> {
        let table = self.table();
        let broken = || CostError::BrokenCell { table };
        let plane = self.grid.planes.get(i).ok_or_else(broken)?;
        let (y, z, y_axis, z_axis) = match self.kind {
            Kind::Context(_) => (s, b, "input tokens", "batch"),
            Kind::Decode => (b, s, "batch", "context tokens"),
        };
        check(table, y_axis, &plane.ys, y)?;
        if let Some(row) = plane.rows.first() {
            check(table, z_axis, &row.zs, z)?;
        }
        let cell = plane.cell(y, z).ok_or_else(broken)?;
        Ok(match self.kind {
            Kind::Context(_) => clough_tocher::value(&cell, y as f64, z as f64),
            Kind::Decode => cell.bilinear(y as f64, z as f64),
        })
    }

    fn ragged(&self, b: u64, s: u64) -> Result<f64, CostError> {
        let n = u64::from(self.n);
        match self.kind {
            Kind::Context(f) => {
                let hw = self.source.hw();
                let sol = |[n, s, b]: [f64; 3]| {
                    roofline::context(hw, f, self.kv, self.heads, n, s, b).ms()
                };
                self.read([n, s, b], Root::Second, &sol)
            }
            Kind::Decode => {
                let sol = |co: [f64; 3]| self.source.decode_roof(self.kv, self.heads, co);
                if !self.source.rules.decode_attention_spread {
                    return self.read([n, b, s], Root::None, &sol);
                }
                let low = ((s as f64 * 0.9) as u64).max(1);
                let high = ((s as f64 * 1.1) as u64).max(low);
                let mut sum = 0.0;
                for i in 0..5 {
                    sum += self.read([n, b, low + (high - low) * i / 4], Root::None, &sol)?;
                }
                Ok(sum / 5.0)
            }
        }
    }

    fn read(
        &self,
        at: [u64; 3],
        root: Root,
        sol: &impl Fn([f64; 3]) -> f64,
    ) -> Result<f64, CostError> {
        if let Some(v) = ragged::inside(self.grid, at, root, sol) {
            return Ok(v);
        }
        let leaves = self.slot.leaves.get_or_init(|| ragged::leaves(self.grid));
        ragged::held(leaves, at, &self.last, sol).ok_or(CostError::BrokenCell {
            table: self.table(),
        })
    }

    /// The roofline for `b` requests of length `s`.
    pub fn roof(&self, b: f64, s: f64) -> roofline::Roof {
        let (hw, n) = (self.source.hw(), f64::from(self.n));
        match self.kind {
            Kind::Context(f) => roofline::context(hw, f, self.kv, self.heads, n, s, b),
            Kind::Decode => roofline::decode(
                hw,
                self.kv,
                self.source.rules.decode_sol_by_kv,
                self.heads,
                n,
                b,
                s,
            ),
        }
    }
}
