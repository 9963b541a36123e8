//! Cuts tables down to what one model can draw on, without changing any of its results.

use std::collections::BTreeSet;

use super::arch::Arch;
use super::error::CostError;
use super::quant::GemmQuant;
use super::rules::{Interpolation, RuleSet, Rules};
use super::sites::{Sites, drawn_on};
use super::tables::{Kind, Tables};

/// The tables for one model at every tensor parallelism that divides its heads, up to 16.
pub(crate) fn only(all: &Tables, arch: &'static Arch) -> Result<Tables, CostError> {
    let rules = all.rules.rules();
    let shards: Vec<_> = [1, 2, 4, 8, 16]
        .into_iter()
        .filter_map(|tp| arch.shard(tp, rules).ok())
        .collect();
    let heads: BTreeSet<(u32, u32)> = shards
        .iter()
        .map(|s| (s.heads, if s.heads == s.kv_heads { 0 } else { s.kv_heads }))
        .collect();
    // The new rules look past the edge of a table at neighbouring head counts too.
    let exact = rules.interpolation == Interpolation::Filled;
    let attention = |nkv: u32, n: u32| heads.iter().any(|(h, k)| *k == nkv && (!exact || *h == n));

    let mut shapes: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
    for q in GemmQuant::all() {
        let sites = Sites::build(all, q);
        let logits = shards
            .iter()
            .map(|s| s.logits)
            .filter(|_| q == GemmQuant::Float16);
        for (n, k) in shards.iter().flat_map(|s| s.layer_gemms()).chain(logits) {
            let drawn = match rules.interpolation {
                Interpolation::Utilisation => drawn_on(&sites, n, k),
                Interpolation::Filled => neighbours(all, rules, q, n, k),
            };
            shapes.extend(drawn.into_iter().map(|(n, k)| (q.code(), n, k)));
        }
    }
    let has = |q: u32, n: u32, k: u32| shapes.contains(&(q, n, k));
    let mut out = Tables::new(all.rules, all.hardware.clone());
    out.only = Some(arch.name.to_owned());
    let mut keep = |kind, pass: &dyn Fn(&[u32]) -> bool| out.put(kind, all.of(kind).filtered(pass));
    keep(
        Kind::Gemm,
        &|key| matches!(*key, [q, n, k, _] if has(q, n, k)),
    );
    keep(
        Kind::Context,
        &|key| matches!(*key, [_, _, nkv, _, _, n, ..] if attention(nkv, n)),
    );
    keep(
        Kind::Decode,
        &|key| matches!(*key, [_, nkv, _, _, n, ..] if attention(nkv, n)),
    );
    keep(Kind::AllReduce, &|_| true);
    out.site_order = all
        .site_order
        .iter()
        .copied()
        .filter(|&[q, n, k]| has(q, n, k))
        .collect();
    Ok(out)
}

/// Measured shapes that the pre-fill of the cell around (n, k) draws on: two columns to either side, or the two end
/// ones, and for each of them the same in depth.
fn neighbours(all: &Tables, rules: &Rules, q: GemmQuant, n: u32, k: u32) -> Vec<(u32, u32)> {
    debug_assert_eq!(rules.set, RuleSet::Aic02);
    let measured: BTreeSet<(u32, u32)> = all
        .of(Kind::Gemm)
        .rows()
        .filter_map(|(key, _)| match *key {
            [format, n, k, _] if format == q.code() => Some((n, k)),
            _ => None,
        })
        .collect();
    let columns: BTreeSet<u32> = measured.iter().map(|(n, _)| *n).collect();
    let columns: Vec<u32> = columns.into_iter().collect();
    let mut out = Vec::new();
    for n in around(&columns, n) {
        let depths: Vec<u32> = measured
            .range((n, 0)..=(n, u32::MAX))
            .map(|(_, k)| *k)
            .collect();
        out.extend(around(&depths, k).map(|k| (n, k)));
    }
    out
}

/// The two keys at or below `t` and the two above it; at an end, three.
fn around(keys: &[u32], t: u32) -> impl Iterator<Item = u32> + '_ {
    let right = keys.partition_point(|k| *k <= t);
    let from = right.saturating_sub(2).min(keys.len().saturating_sub(3));
    let to = (right + 2).max(3).min(keys.len());
    keys.iter().skip(from).take(to - from).copied()
}
