//! AIC 0.12's matrix products: scattered measured shapes (n, k), each with a curve over m.
//!
//! A measured shape is read on its own curve. Another shape takes the mean utilisation (roofline / latency) of the
//! four nearest shapes in log2 space. The order of AIC's file decides between equal distances.

use std::cell::Cell;

use super::error::CostError;
use super::hardware::Hardware;
use super::quant::GemmQuant;
use super::roofline;
use super::tables::{Kind, Tables};

/// Shapes farther than this (in log2 space) say nothing.
const REACH: f64 = 2.0;
/// Distances closer than this are equal: the logarithms of different machines differ in the last bit.
const TIE: f64 = 1e-11;
const NEAREST: usize = 4;

/// One measured shape.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub n: u32,
    pub k: u32,
    log_n: f64,
    log_k: f64,
    rank: usize,
    ms: Vec<u32>,
    v: Vec<f64>,
}

/// All measured shapes of one format, sorted by (n, k).
#[derive(Debug, Clone)]
pub(crate) struct Sites {
    q: GemmQuant,
    list: Vec<Site>,
    max_n: u32,
    max_k: u32,
}

impl Sites {
    pub fn build(tables: &Tables, q: GemmQuant) -> Self {
        let hw = &tables.hardware;
        let mut list: Vec<Site> = Vec::new();
        for (key, us) in tables.of(Kind::Gemm).rows() {
            let &[format, n, k, m] = key else { continue };
            if format != q.code() {
                continue;
            }
            if list.last().is_none_or(|s| (s.n, s.k) != (n, k)) {
                list.push(Site {
                    n,
                    k,
                    log_n: f64::from(n).log2(),
                    log_k: f64::from(k).log2(),
                    rank: usize::MAX,
                    ms: Vec::new(),
                    v: Vec::new(),
                });
            }
            if let Some(site) = list.last_mut() {
                let floor = roofline::gemm(hw, f64::from(m), f64::from(n), f64::from(k), q).ms();
                site.ms.push(m);
                site.v.push(us.ms().max(floor));
            }
        }
        for (rank, &[format, n, k]) in tables.site_order.iter().enumerate() {
            if format == q.code()
                && let Ok(i) = list.binary_search_by_key(&(n, k), |s| (s.n, s.k))
                && let Some(site) = list.get_mut(i)
            {
                site.rank = rank;
            }
        }
        let max_n = list.iter().map(|s| s.n).max().unwrap_or(0);
        let max_k = list.iter().map(|s| s.k).max().unwrap_or(0);
        Self {
            q,
            list,
            max_n,
            max_k,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn exact(&self, n: u32, k: u32) -> Option<&Site> {
        let i = self
            .list
            .binary_search_by_key(&(n, k), |s| (s.n, s.k))
            .ok()?;
        self.list.get(i)
    }

    /// The nearest shapes for (n, k) among those that cover m, with their weights.
    pub fn near(&self, n: u32, k: u32, m: u64) -> Near<'_> {
        let any = self.list.iter().any(|s| s.covers(m));
        let (log_n, log_k) = (f64::from(n).log2(), f64::from(k).log2());
        let mut near = Near {
            from: 0,
            to: u64::MAX,
            sites: [None; NEAREST],
        };
        // Where exactly one side is larger than every shape that covers m, only the other one must be near.
        let (mut beyond_n, mut beyond_k) = (near, near);
        let (mut max_n, mut max_k) = (0, 0);
        for site in &self.list {
            near.narrow(site, m);
            if any && !site.covers(m) {
                continue;
            }
            max_n = max_n.max(site.n);
            max_k = max_k.max(site.k);
            let (dn, dk) = (site.log_n - log_n, site.log_k - log_k);
            let d = (dn * dn + dk * dk).sqrt();
            if d <= REACH {
                near.offer(d, site);
            }
            if dk.abs() <= REACH {
                beyond_n.offer(d, site);
            }
            if dn.abs() <= REACH {
                beyond_k.offer(d, site);
            }
        }
        if near.sites.iter().all(Option::is_none) {
            match (n > max_n, k > max_k) {
                (true, false) => near.sites = beyond_n.sites,
                (false, true) => near.sites = beyond_k.sites,
                _ => {}
            }
        }
        near
    }
}

impl Site {
    fn covers(&self, m: u64) -> bool {
        super::interp::inside(&self.ms, m)
    }

    /// Latency on this shape's own curve: exact, linear, or the median utilisation of the three end nodes.
    fn at(&self, hw: &Hardware, q: GemmQuant, m: u64) -> Option<f64> {
        let roof = |m: f64| roofline::gemm(hw, m, f64::from(self.n), f64::from(self.k), q).ms();
        let i = self.ms.partition_point(|x| u64::from(*x) < m);
        if let (Some(x), Some(v)) = (self.ms.get(i), self.v.get(i)) {
            if u64::from(*x) == m {
                return Some(*v);
            }
            if let Some(before) = i.checked_sub(1) {
                let (a, va) = (f64::from(*self.ms.get(before)?), *self.v.get(before)?);
                let (b, vb) = (f64::from(*x), *v);
                return Some(va + (vb - va) * (m as f64 - a) / (b - a));
            }
        }
        let ends = if i == 0 {
            0..3.min(self.ms.len())
        } else {
            self.ms.len().saturating_sub(3)..self.ms.len()
        };
        let mut used: Vec<f64> = ends
            .filter_map(|j| Some(roof(f64::from(*self.ms.get(j)?)) / *self.v.get(j)?))
            .collect();
        used.sort_by(f64::total_cmp);
        let middle = used.len() / 2;
        let mut median = *used.get(middle)?;
        if used.len().is_multiple_of(2) {
            median = f64::midpoint(median, *used.get(middle.checked_sub(1)?)?);
        }
        Some(roof(m as f64) / median)
    }
}

/// The nearest shapes, valid while m stays in `from..=to` (no other shape starts or stops covering m there).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near<'a> {
    from: u64,
    to: u64,
    sites: [Option<(f64, &'a Site)>; NEAREST],
}

impl<'a> Near<'a> {
    fn narrow(&mut self, site: &Site, m: u64) {
        let (Some(first), Some(last)) = (site.ms.first(), site.ms.last()) else {
            return;
        };
        let (first, last) = (u64::from(*first), u64::from(*last));
        if m < first {
            self.to = self.to.min(first - 1);
        } else if m > last {
            self.from = self.from.max(last + 1);
        } else {
            self.from = self.from.max(first);
            self.to = self.to.min(last);
        }
    }

    fn offer(&mut self, d: f64, site: &'a Site) {
        let mut new = (d, site);
        for slot in &mut self.sites {
            match slot {
                None => {
                    *slot = Some(new);
                    return;
                }
                Some(old) => {
                    let tie = (new.0 - old.0).abs() <= TIE;
                    if (tie && new.1.rank < old.1.rank) || (!tie && new.0 < old.0) {
                        std::mem::swap(old, &mut new);
                    }
                }
            }
        }
    }
}

/// One shape's latency over m, with the neighbours kept between calls.
pub(crate) struct SiteGemm<'a> {
    hw: &'a Hardware,
    sites: &'a Sites,
    n: u32,
    k: u32,
    exact: Option<&'a Site>,
    near: Cell<Option<Near<'a>>>,
}

impl<'a> SiteGemm<'a> {
    pub fn new(hw: &'a Hardware, sites: &'a Sites, n: u32, k: u32) -> Self {
        Self {
            hw,
            sites,
            n,
            k,
            exact: sites.exact(n, k),
            near: Cell::new(None),
        }
    }

    pub fn ms(&self, m: u64) -> Result<f64, CostError> {
        let q = self.sites.q;
        if let Some(site) = self.exact {
            return site
                .at(self.hw, q, m)
                .ok_or(CostError::BrokenCell { table: "GEMM" });
        }
        let near = match self.near.get() {
            Some(kept) if kept.from <= m && m <= kept.to => kept,
            _ => {
                let fresh = self.sites.near(self.n, self.k, m);
                self.near.set(Some(fresh));
                fresh
            }
        };
        let (mut weights, mut used) = (0.0, 0.0);
        let rows = m as f64;
        for (d, site) in near.sites.iter().flatten() {
            let w = 1.0 / (d * d + 1e-12);
            let latency = site
                .at(self.hw, q, m)
                .ok_or(CostError::BrokenCell { table: "GEMM" })?;
            weights += w;
            used += w * roofline::gemm(self.hw, rows, f64::from(site.n), f64::from(site.k), q).ms()
                / latency;
        }
        if weights == 0.0 {
            return Err(self.too_far());
        }
        let roof = roofline::gemm(self.hw, rows, f64::from(self.n), f64::from(self.k), q).ms();
        Ok(roof / (used / weights))
    }

    fn too_far(&self) -> CostError {
        let axis_n = self.n > self.sites.max_n;
        let (axis, value, max) = if axis_n {
            ("columns n", self.n, self.sites.max_n)
        } else {
            ("depth k", self.k, self.sites.max_k)
        };
        let keys = self
            .sites
            .list
            .iter()
            .map(|s| if axis_n { s.n } else { s.k });
        CostError::BeyondTables {
            table: "GEMM",
            axis,
            value: u64::from(value),
            min: u64::from(keys.min().unwrap_or(0)),
            max: u64::from(max),
        }
    }
}

/// Shapes (n, k) that a query for (n, k) can draw on, at any m; used to cut packs.
pub(crate) fn drawn_on(sites: &Sites, n: u32, k: u32) -> Vec<(u32, u32)> {
    if let Some(site) = sites.exact(n, k) {
        return vec![(site.n, site.k)];
    }
    let mut out = Vec::new();
    let mut m = 1_u64;
    loop {
        let near = sites.near(n, k, m);
        out.extend(near.sites.iter().flatten().map(|(_, s)| (s.n, s.k)));
        match near.to.checked_add(1) {
            Some(next) => m = next,
            None => return out,
        }
    }
}
