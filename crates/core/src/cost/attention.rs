//! Attention of one GPU's heads, read from a table by the interpolation of the rule set.

use std::cell::Cell;

use super::clough_tocher;
use super::error::CostError;
use super::grid::Grid;
use super::interp::{bracket, line};
use super::quant::{FmhaQuant, GemmQuant, KvQuant};
use super::ragged::{self, Nearest, Root};
use super::roofline::{self, Heads, Roof};
use super::rules::Interpolation;
use super::source::{Slot, Source, check};

/// What the attention computes, with what its roofline needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Prefill.
    Context(FmhaQuant, KvQuant, Heads),
    /// A decode step.
    Decode(KvQuant, Heads),
    /// Latent prefill.
    LatentContext(FmhaQuant, KvQuant),
    /// A latent decode step, with the format of its projections where they are part of it.
    LatentDecode(KvQuant, Option<GemmQuant>),
}

impl Form {
    /// Whether the axes are heads, length and batch (else heads, batch and length).
    fn prefills(self) -> bool {
        matches!(self, Self::Context(..) | Self::LatentContext(..))
    }

    /// The roofline, for coordinates in the grid's order.
    pub fn roof(self, source: &Source, at: [f64; 3]) -> Roof {
        let hw = source.hw();
        match self {
            Self::Context(f, kv, heads) => roofline::context(hw, f, kv, heads, at),
            Self::Decode(kv, heads) => {
                roofline::decode(hw, kv, source.rules.decode_sol_by_kv, heads, at)
            }
            Self::LatentContext(f, kv) => roofline::latent_context(hw, f, kv, at),
            Self::LatentDecode(kv, block) => roofline::latent_decode(hw, kv, block, at),
        }
    }
}

/// Attention of one GPU's heads, over batch and length.
pub(crate) struct Attention<'a> {
    pub source: &'a Source,
    pub grid: &'a Grid,
    pub slot: &'a Slot,
    pub n: u32,
    pub form: Form,
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
        match self.form {
            Form::Context(..) => "context attention",
            Form::Decode(..) => "decode attention",
            Form::LatentContext(..) => "latent context attention",
            Form::LatentDecode(..) => "latent decode attention",
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
        let (y, z, y_axis, z_axis) = if self.form.prefills() {
            (s, b, "input tokens", "batch")
        } else {
            (b, s, "batch", "context tokens")
        };
        check(table, y_axis, &plane.ys, y)?;
        if let Some(row) = plane.rows.first() {
            check(table, z_axis, &row.zs, z)?;
        }
        let cell = plane.cell(y, z).ok_or_else(broken)?;
        Ok(if self.form.prefills() {
            clough_tocher::value(&cell, y as f64, z as f64)
        } else {
            cell.bilinear(y as f64, z as f64)
        })
    }

    fn ragged(&self, b: u64, s: u64) -> Result<f64, CostError> {
        let n = u64::from(self.n);
        let sol = |co: [f64; 3]| self.form.roof(self.source, co).ms();
        if self.form.prefills() {
            return self.read([n, s, b], Root::Second, &sol);
        }
        let spread = self.source.rules.decode_attention_spread;
        if !matches!(self.form, Form::Decode(..)) || !spread {
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
    pub fn roof(&self, b: u64, s: u64) -> Roof {
        let (n, b, s) = (f64::from(self.n), b as f64, s as f64);
        let at = if self.form.prefills() {
            [n, s, b]
        } else {
            [n, b, s]
        };
        self.form.roof(self.source, at)
    }
}
