//! Where latencies come from: the tables of one system, read by the interpolation of one rule set.

use std::cell::Cell;
use std::sync::OnceLock;

use super::attention::{Attention, Kind};
use super::clough_tocher;
use super::error::CostError;
use super::fill;
use super::grid::Grid;
use super::hardware::Hardware;
use super::interp::{bracket, inside, line};
use super::quant::{FmhaQuant, GemmQuant, KvQuant};
use super::ragged::Leaves;
use super::roofline::{self, Heads};
use super::rules::{Interpolation, Rules};
use super::sites::{SiteGemm, Sites};
use super::tables::Tables;

/// A grid that is built on first use.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    grid: OnceLock<Grid>,
    pub leaves: OnceLock<Leaves>,
}

/// One curve of all-reduce latencies, ms over elements.
#[derive(Debug, Clone, Default)]
struct Curve {
    gpus: u32,
    elems: Vec<u32>,
    ms: Vec<f64>,
}

/// The tables of one system, ready to be asked.
#[derive(Debug)]
pub(crate) struct Source {
    pub tables: Tables,
    pub rules: &'static Rules,
    gemm: [Slot; 3],
    sites: [OnceLock<Sites>; 3],
    ctx: Vec<([u32; 3], Slot)>,
    gen_: Vec<([u32; 2], Slot)>,
    reduce: Vec<Curve>,
}

fn beyond(table: &'static str, axis: &'static str, keys: &[u32], value: u64) -> CostError {
    CostError::BeyondTables {
        table,
        axis,
        value,
        min: keys.first().copied().map_or(0, u64::from),
        max: keys.last().copied().map_or(0, u64::from),
    }
}

pub(crate) fn check(
    table: &'static str,
    axis: &'static str,
    keys: &[u32],
    value: u64,
) -> Result<(), CostError> {
    if inside(keys, value) {
        Ok(())
    } else {
        Err(beyond(table, axis, keys, value))
    }
}

impl Source {
    pub fn new(rules: &'static Rules, tables: Tables) -> Self {
        let mut ctx: Vec<([u32; 3], Slot)> = Vec::new();
        for (key, _) in tables.ctx.rows() {
            if let &[f, kv, nkv, ..] = key
                && ctx.last().is_none_or(|(k, _)| *k != [f, kv, nkv])
            {
                ctx.push(([f, kv, nkv], Slot::default()));
            }
        }
        let mut gen_: Vec<([u32; 2], Slot)> = Vec::new();
        for (key, _) in tables.gen_.rows() {
            if let &[kv, nkv, ..] = key
                && gen_.last().is_none_or(|(k, _)| *k != [kv, nkv])
            {
                gen_.push(([kv, nkv], Slot::default()));
            }
        }
        let mut reduce: Vec<Curve> = Vec::new();
        for (key, us) in tables.allreduce.rows() {
            let &[gpus, elems] = key else { continue };
            if reduce.last().is_none_or(|c| c.gpus != gpus) {
                reduce.push(Curve {
                    gpus,
                    ..Curve::default()
                });
            }
            if let Some(curve) = reduce.last_mut() {
                curve.elems.push(elems);
                curve.ms.push(us.ms());
            }
        }
        Self {
            tables,
            rules,
            gemm: Default::default(),
            sites: Default::default(),
            ctx,
            gen_,
            reduce,
        }
    }

    pub fn hw(&self) -> &Hardware {
        &self.tables.hardware
    }

    fn filled_gemm(&self, q: GemmQuant) -> Result<&Grid, CostError> {
        let [a, b, c] = &self.gemm;
        let slot = match q {
            GemmQuant::Float16 => a,
            GemmQuant::Fp8 => b,
            GemmQuant::Fp8Block => c,
        };
        let grid = slot.grid.get_or_init(|| {
            let floor = |m: u32, n: u32, k: u32| {
                roofline::gemm(self.hw(), f64::from(m), f64::from(n), f64::from(k), q).ms()
            };
            let mut rows: Vec<([u32; 3], f64)> = Vec::new();
            for (key, us) in self.tables.gemm.rows() {
                if let &[format, n, k, m] = key
                    && format == q.code()
                {
                    rows.push(([m, n, k], us.ms().max(floor(m, n, k))));
                }
            }
            rows.sort_by_key(|r| r.0);
            let mut grid = Grid::from_sorted(rows.into_iter());
            fill::fill(&mut grid, &fill::gemm());
            grid.for_each_mut(|m, n, k, v| *v = v.max(floor(m, n, k)));
            grid
        });
        if grid.xs.is_empty() {
            return Err(CostError::MissingTable {
                what: format!("GEMM in {}", q.label(self.rules.set)),
            });
        }
        Ok(grid)
    }

    pub fn sites(&self, q: GemmQuant) -> Result<&Sites, CostError> {
        let [a, b, c] = &self.sites;
        let slot = match q {
            GemmQuant::Float16 => a,
            GemmQuant::Fp8 => b,
            GemmQuant::Fp8Block => c,
        };
        let sites = slot.get_or_init(|| Sites::build(&self.tables, q));
        if sites.is_empty() {
            return Err(CostError::MissingTable {
                what: format!("GEMM in {}", q.label(self.rules.set)),
            });
        }
        Ok(sites)
    }

    /// The matrix product with weights of `n` columns and depth `k`, over the tokens m.
    pub fn gemm(&self, n: u32, k: u32, q: GemmQuant) -> Result<Gemm<'_>, CostError> {
        match self.rules.interpolation {
            Interpolation::Utilisation => {
                Ok(Gemm::Sites(SiteGemm::new(self.hw(), self.sites(q)?, n, k)))
            }
            Interpolation::Filled => {
                let grid = self.filled_gemm(q)?;
                if let Some(plane) = grid.planes.first() {
                    check("GEMM", "columns n", &plane.ys, u64::from(n))?;
                    if let Some(row) = plane.rows.first() {
                        check("GEMM", "depth k", &row.zs, u64::from(k))?;
                    }
                }
                Ok(Gemm::Filled(FilledGemm {
                    grid,
                    n,
                    k,
                    memo: vec![Cell::new(None); grid.xs.len()],
                }))
            }
        }
    }

    /// Prefill attention with `n` query and `nkv` KV heads on a GPU.
    pub fn context(
        &self,
        n: u32,
        nkv: u32,
        kv: KvQuant,
        f: FmhaQuant,
    ) -> Result<Attention<'_>, CostError> {
        let key = [f.code(), kv.code(), if n == nkv { 0 } else { nkv }];
        let heads = Heads {
            kv_key: if n == nkv { 0 } else { nkv },
        };
        let slot = self
            .ctx
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, s)| s)
            .ok_or_else(|| CostError::MissingTable {
                what: format!(
                    "context attention in {} over a KV cache in {} with {nkv} KV heads",
                    f.label(self.rules.set),
                    kv.label(self.rules.set)
                ),
            })?;
        let grid = slot.grid.get_or_init(|| {
            let mut grid =
                Grid::from_sorted(self.tables.ctx.rows().filter_map(|(k, us)| match k {
                    &[a, b, c, x, y, z] if [a, b, c] == key => Some(([x, y, z], us.ms())),
                    _ => None,
                }));
            if self.rules.interpolation == Interpolation::Filled {
                let targets = fill::context(&grid);
                fill::fill(&mut grid, &targets);
            }
            grid
        });
        Ok(Attention {
            source: self,
            grid,
            slot,
            n,
            kind: Kind::Context(f),
            kv,
            heads,
            last: Cell::default(),
        })
    }

    /// Decode attention with `n` query and `nkv` KV heads on a GPU.
    pub fn decode(&self, n: u32, nkv: u32, kv: KvQuant) -> Result<Attention<'_>, CostError> {
        let key = [kv.code(), if n == nkv { 0 } else { nkv }];
        let heads = Heads {
            kv_key: if n == nkv { 0 } else { nkv },
        };
        let slot = self
            .gen_
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, s)| s)
            .ok_or_else(|| CostError::MissingTable {
                what: format!(
                    "decode attention over a KV cache in {} with {nkv} KV heads",
                    kv.label(self.rules.set)
                ),
            })?;
        let grid = slot.grid.get_or_init(|| {
            let floor = |x: u32, y: u32, z: u32| {
                self.decode_roof(kv, heads, [f64::from(x), f64::from(y), f64::from(z)])
            };
            let mut grid =
                Grid::from_sorted(self.tables.gen_.rows().filter_map(|(k, us)| match k {
                    &[a, b, x, y, z] if [a, b] == key => {
                        Some(([x, y, z], us.ms().max(floor(x, y, z))))
                    }
                    _ => None,
                }));
            if self.rules.interpolation == Interpolation::Filled {
                let targets = fill::decode(&grid);
                fill::fill(&mut grid, &targets);
                grid.for_each_mut(|x, y, z, v| *v = v.max(floor(x, y, z)));
            }
            grid
        });
        Ok(Attention {
            source: self,
            grid,
            slot,
            n,
            kind: Kind::Decode,
            kv,
            heads,
            last: Cell::default(),
        })
    }

    pub fn decode_roof(&self, kv: KvQuant, heads: Heads, [n, b, s]: [f64; 3]) -> f64 {
        roofline::decode(self.hw(), kv, self.rules.decode_sol_by_kv, heads, n, b, s).ms()
    }

    /// Checks that all-reduce was measured for this size.
    pub fn check_reduce(&self, tp: u32) -> Result<(), CostError> {
        if tp > 1 {
            self.curve(tp).map(|_| ())
        } else {
            Ok(())
        }
    }

    fn curve(&self, tp: u32) -> Result<&Curve, CostError> {
        let gpus = tp.min(self.hw().gpus_per_node);
        self.reduce.iter().find(|c| c.gpus == gpus).ok_or_else(|| {
            let known: Vec<String> = self.reduce.iter().map(|c| c.gpus.to_string()).collect();
            CostError::TpNotMeasured {
                tp,
                known: super::error::list(&known),
            }
        })
    }

    /// All-reduce of 16-bit elements among `tp` GPUs, ms.
    pub fn all_reduce(&self, tp: u32, elems: u64) -> Result<f64, CostError> {
        if tp <= 1 {
            return Ok(0.0);
        }
        let curve = self.curve(tp)?;
        let broken = CostError::BrokenCell {
            table: "all-reduce",
        };
        let (l, r) = bracket(&curve.elems, elems).ok_or_else(|| broken.clone())?;
        let node = |i: usize| Some((f64::from(*curve.elems.get(i)?), *curve.ms.get(i)?));
        let (Some((x0, v0)), Some((x1, v1))) = (node(l), node(r)) else {
            return Err(broken);
        };
        let t = elems as f64;
        let ms = if self.rules.all_reduce_proportional && t < x0 {
            v0 * t / x0
        } else if self.rules.all_reduce_proportional && t > x1 {
            v1 * t / x1
        } else {
            line(x0, x1, v0, v1, t)
        };
        let hw = self.hw();
        if tp <= hw.gpus_per_node {
            return Ok(ms);
        }
        let (all, node) = (f64::from(tp), f64::from(hw.gpus_per_node));
        Ok(
            ms * (all - 1.0) / all * node / (node - 1.0) * hw.node_link_bandwidth
                / hw.inter_node_bandwidth,
        )
    }

    /// Point-to-point transfer between pipeline stages, ms.
    pub fn p2p(&self, bytes: f64) -> f64 {
        1e3 * (bytes / self.hw().inter_node_bandwidth + self.hw().p2p_latency_s)
    }
}

/// One matrix shape's latency over tokens.
pub(crate) enum Gemm<'a> {
    Filled(FilledGemm<'a>),
    Sites(SiteGemm<'a>),
}

impl Gemm<'_> {
    /// Latency for `m` rows, ms.
    pub fn ms(&self, m: u64) -> Result<f64, CostError> {
        match self {
            Self::Filled(g) => g.ms(m),
            Self::Sites(g) => g.ms(m),
        }
    }
}

/// 0.2: cubic in (n, k) at the two m nodes, straight in m. The cubic at a node is kept.
pub(crate) struct FilledGemm<'a> {
    grid: &'a Grid,
    n: u32,
    k: u32,
    memo: Vec<Cell<Option<f64>>>,
}

impl FilledGemm<'_> {
    fn node(&self, i: usize) -> Result<f64, CostError> {
        let broken = CostError::BrokenCell { table: "GEMM" };
        let memo = self.memo.get(i).ok_or_else(|| broken.clone())?;
        if let Some(v) = memo.get() {
            return Ok(v);
        }
        let (n, k) = (u64::from(self.n), u64::from(self.k));
        let cell = self
            .grid
            .planes
            .get(i)
            .and_then(|p| p.cell(n, k))
            .ok_or(broken)?;
        let v = clough_tocher::value(&cell, f64::from(self.n), f64::from(self.k));
        memo.set(Some(v));
        Ok(v)
    }

    fn ms(&self, m: u64) -> Result<f64, CostError> {
        let xs = &self.grid.xs;
        check("GEMM", "tokens m", xs, m)?;
        let broken = CostError::BrokenCell { table: "GEMM" };
        let (l, r) = bracket(xs, m).ok_or_else(|| broken.clone())?;
        let (Some(xl), Some(xr)) = (xs.get(l), xs.get(r)) else {
            return Err(broken);
        };
        if u64::from(*xl) == m {
            return self.node(l);
        }
        Ok(line(
            f64::from(*xl),
            f64::from(*xr),
            self.node(l)?,
            self.node(r)?,
            m as f64,
        ))
    }
}
