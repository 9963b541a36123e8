//! Where latencies come from: the tables of one system, read by the interpolation of one rule set.

use std::cell::Cell;
use std::sync::OnceLock;

use super::attention::{Attention, Form};
use super::clough_tocher;
use super::curve::Curve;
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
use super::tables::{Kind, Tables};

/// A grid that is built on first use.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    grid: OnceLock<Grid>,
    pub leaves: OnceLock<Leaves>,
}

/// The grids of one kind, by the first columns of their key.
#[derive(Debug)]
struct Slots {
    kind: Kind,
    list: Vec<(Vec<u32>, Slot)>,
}

impl Slots {
    /// A grid has three axes, so all columns but the last three tell grids apart.
    fn new(tables: &Tables, kind: Kind) -> Self {
        let table = tables.of(kind);
        let mut list: Vec<(Vec<u32>, Slot)> = Vec::new();
        for (key, _) in table.rows() {
            let front = key.split_at(key.len().saturating_sub(3)).0;
            if list.last().is_none_or(|(k, _)| k.as_slice() != front) {
                list.push((front.to_vec(), Slot::default()));
            }
        }
        Self { kind, list }
    }
}

/// The tables of one system, ready to be asked.
#[derive(Debug)]
pub(crate) struct Source {
    pub tables: Tables,
    pub rules: &'static Rules,
    gemm: [Slot; GemmQuant::COUNT],
    sites: [OnceLock<Sites>; GemmQuant::COUNT],
    grids: Vec<Slots>,
    /// Curves of all-reduce by the number of GPUs.
    pub reduce: Vec<(u32, Curve)>,
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
        let mut gpus: Vec<u32> = tables
            .of(Kind::AllReduce)
            .rows()
            .filter_map(|(key, _)| key.first().copied())
            .collect();
        gpus.dedup();
        let reduce = gpus
            .into_iter()
            .filter_map(|g| Some((g, Curve::read(&tables, Kind::AllReduce, &[g])?)))
            .collect();
        let grids = [
            Kind::Context,
            Kind::Decode,
            Kind::LatentContextBlock,
            Kind::LatentDecodeBlock,
            Kind::LatentContext,
            Kind::LatentDecode,
        ]
        .map(|kind| Slots::new(&tables, kind))
        .into();
        Self {
            tables,
            rules,
            gemm: Default::default(),
            sites: Default::default(),
            grids,
            reduce,
        }
    }

    pub fn hw(&self) -> &Hardware {
        &self.tables.hardware
    }

    fn filled_gemm(&self, q: GemmQuant) -> Result<&Grid, CostError> {
        let missing = || CostError::MissingTable {
            what: format!("GEMM in {}", q.label(self.rules.set)),
        };
        let slot = self.gemm.get(q.code() as usize).ok_or_else(missing)?;
        let grid = slot.grid.get_or_init(|| {
            let floor = |m: u32, n: u32, k: u32| {
                roofline::gemm(self.hw(), f64::from(m), f64::from(n), f64::from(k), q).ms()
            };
            let mut rows: Vec<([u32; 3], f64)> = Vec::new();
            for (key, us) in self.tables.of(Kind::Gemm).rows() {
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
            return Err(missing());
        }
        Ok(grid)
    }

    pub fn sites(&self, q: GemmQuant) -> Result<&Sites, CostError> {
        let missing = || CostError::MissingTable {
            what: format!("GEMM in {}", q.label(self.rules.set)),
        };
        let slot = self.sites.get(q.code() as usize).ok_or_else(missing)?;
        let sites = slot.get_or_init(|| Sites::build(&self.tables, q));
        if sites.is_empty() {
            return Err(missing());
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

    /// Attention of a kind with `n` heads on a GPU, by the first columns of its table.
    fn attention(
        &self,
        kind: Kind,
        key: &[u32],
        n: u32,
        form: Form,
        what: impl Fn() -> String,
    ) -> Result<Attention<'_>, CostError> {
        let slot = self
            .grids
            .iter()
            .find(|s| s.kind == kind)
            .and_then(|s| s.list.iter().find(|(k, _)| k.as_slice() == key))
            .map(|(_, slot)| slot)
            .ok_or_else(|| CostError::MissingTable { what: what() })?;
        let grid = slot.grid.get_or_init(|| {
            let filled = self.rules.interpolation == Interpolation::Filled;
            let floor = |[x, y, z]: [u32; 3]| {
                form.roof(self, [f64::from(x), f64::from(y), f64::from(z)])
                    .ms()
            };
            let table = self.tables.of(kind);
            let clamped = kind == Kind::Decode;
            let mut grid = Grid::from_sorted(table.tail::<3>(table.range(key)).map(|(at, ms)| {
                let ms = if clamped { ms.max(floor(at)) } else { ms };
                (at, ms)
            }));
            if filled {
                let targets = if clamped {
                    fill::decode(&grid)
                } else {
                    fill::context(&grid)
                };
                fill::fill(&mut grid, &targets);
                if clamped {
                    grid.for_each_mut(|x, y, z, v| *v = v.max(floor([x, y, z])));
                }
            }
            grid
        });
        Ok(Attention {
            source: self,
            grid,
            slot,
            n,
            form,
            last: Cell::default(),
        })
    }

    /// Prefill attention with `n` query and `nkv` KV heads on a GPU.
    pub fn context(
        &self,
        n: u32,
        nkv: u32,
        (dim, window): (u32, u32),
        kv: KvQuant,
        f: FmhaQuant,
    ) -> Result<Attention<'_>, CostError> {
        let kv_key = if n == nkv { 0 } else { nkv };
        let heads = Heads {
            kv_key,
            dim,
            window,
        };
        self.attention(
            Kind::Context,
            &[f.code(), kv.code(), kv_key, dim, window],
            n,
            Form::Context(f, kv, heads),
            || {
                format!(
                    "context attention in {} over a KV cache in {} with {nkv} KV heads",
                    f.label(self.rules.set),
                    kv.label(self.rules.set)
                )
            },
        )
    }

    /// Decode attention with `n` query and `nkv` KV heads on a GPU.
    pub fn decode(
        &self,
        n: u32,
        nkv: u32,
        (dim, window): (u32, u32),
        kv: KvQuant,
    ) -> Result<Attention<'_>, CostError> {
        let kv_key = if n == nkv { 0 } else { nkv };
        let heads = Heads {
            kv_key,
            dim,
            window,
        };
        self.attention(
            Kind::Decode,
            &[kv.code(), kv_key, dim, window],
            n,
            Form::Decode(kv, heads),
            || {
                format!(
                    "decode attention over a KV cache in {} with {nkv} KV heads",
                    kv.label(self.rules.set)
                )
            },
        )
    }

    /// Latent prefill attention; with a format the whole block with its projections.
    pub fn latent_context(
        &self,
        n: u32,
        kv: KvQuant,
        f: FmhaQuant,
        block: Option<GemmQuant>,
    ) -> Result<Attention<'_>, CostError> {
        let (kind, key) = match block {
            Some(q) => (
                Kind::LatentContextBlock,
                vec![f.code(), kv.code(), q.code()],
            ),
            None => (Kind::LatentContext, vec![f.code(), kv.code()]),
        };
        self.attention(kind, &key, n, Form::LatentContext(f, kv), || {
            format!(
                "latent prefill attention in {} over a KV cache in {}",
                f.label(self.rules.set),
                kv.label(self.rules.set)
            )
        })
    }

    /// Latent decode attention; with a format the whole block with its projections.
    pub fn latent_decode(
        &self,
        n: u32,
        kv: KvQuant,
        block: Option<GemmQuant>,
    ) -> Result<Attention<'_>, CostError> {
        let (kind, key) = match block {
            Some(q) => (Kind::LatentDecodeBlock, vec![kv.code(), q.code()]),
            None => (Kind::LatentDecode, vec![kv.code()]),
        };
        self.attention(kind, &key, n, Form::LatentDecode(kv, block), || {
            format!(
                "latent decode attention over a KV cache in {}",
                kv.label(self.rules.set)
            )
        })
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
