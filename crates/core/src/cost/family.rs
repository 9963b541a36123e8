//! Cuts the figures of a system and backend down to what a set of models can draw on, without changing any of its
//! results.

use std::collections::BTreeSet;

use super::arch::{ARCHES, Arch, Family};
use super::backend::Backend;
use super::csv::{COLLECTIVES, word};
use super::grid::Grid;
use super::quant::GemmQuant;
use super::ragged;
use super::sites::{Sites, drawn_on};
use super::tables::{Kind, Tables};

/// Tensor parallelisms up to which a pack answers.
pub(crate) const MOST_TP: u32 = 16;
/// Most ranks of experts in the ordinary tables: beyond a node they are reached by an all-to-all.
const MOST_RANKS: u32 = 64;

/// Query heads, KV heads as tables have them, head size and window.
type Heads = (u32, u32, u32, u32);

/// What the models of a pack ask for.
#[derive(Default)]
struct Needs {
    /// Shapes in the format of the layers.
    shapes: BTreeSet<(u32, u32)>,
    /// Shapes that are always in 16 bit.
    plain: BTreeSet<(u32, u32)>,
    heads: BTreeSet<Heads>,
    /// Top-k, experts, hidden size, expert size.
    experts: BTreeSet<[u32; 4]>,
    latent: bool,
}

fn heads(n: u32, kv: u32, dim: u32, window: u32) -> Heads {
    (n, if n == kv { 0 } else { kv }, dim, window)
}

impl Needs {
    fn add(&mut self, arch: &'static Arch, all: &Tables) {
        let rules = all.rules.rules();
        let h = arch.hidden;
        if let Some(e) = arch.experts {
            self.plain.insert((e.count, h));
            self.experts.insert([e.top_k, e.count, h, arch.ffn]);
        }
        for tp in [1, 2, 4, 8, MOST_TP] {
            let Ok(shard) = arch.shard(tp, rules) else {
                continue;
            };
            self.plain.insert(shard.logits);
            match arch.family {
                Family::Dense => self.shapes.extend(shard.layer_gemms()),
                Family::Moe => self.shapes.extend([shard.qkv, shard.proj]),
                Family::Mla => {
                    self.latent = true;
                    self.shapes.extend([
                        shard.gate_up,
                        shard.down,
                        (2112, h),
                        (arch.heads * 192 / tp, 1536),
                        (arch.heads * 256 / tp, 512),
                        (h, arch.heads * 128 / tp),
                    ]);
                }
            }
            if arch.family == Family::Mla {
                // The whole shared expert, and plain attention where there are no figures of latent attention.
                self.shapes.extend([(2 * arch.ffn, h), (h, arch.ffn)]);
                if all.hardware.backend == Backend::Vllm.name() {
                    self.heads
                        .insert(heads(shard.heads, arch.kv_heads / tp, 128, 0));
                }
                continue;
            }
            let windows = [Some(0), arch.window];
            for window in windows.into_iter().flatten() {
                let (n, kv) = (shard.heads, shard.kv_heads);
                self.heads.insert(heads(n, kv, arch.head_dim, window));
            }
        }
    }
}

/// The figures for the models of a pack at every tensor parallelism up to [`MOST_TP`].
pub(crate) fn cut(all: &Tables, pack: &str) -> Tables {
    let mut needs = Needs::default();
    for arch in ARCHES.iter().filter(|a| a.pack == pack) {
        needs.add(arch, all);
    }
    let mut shapes: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
    for q in GemmQuant::all() {
        let sites = Sites::build(all, q);
        if sites.is_empty() {
            continue;
        }
        let plain = needs.plain.iter().filter(|_| q == GemmQuant::Float16);
        for (n, k) in needs.shapes.iter().chain(plain) {
            shapes.extend(
                drawn_on(&sites, *n, *k)
                    .into_iter()
                    .map(|(n, k)| (q.code(), n, k)),
            );
        }
    }
    let context = attention(all, Kind::Context, &needs.heads);
    let decode = attention(all, Kind::Decode, &needs.heads);
    let moe = !needs.experts.is_empty();
    let experts = |shape: &[u32]| needs.experts.iter().any(|e| e == shape);
    let code = |name: &str| word(COLLECTIVES, name).unwrap_or(u32::MAX);
    let (gather, scatter) = (code("all_gather"), code("reduce_scatter"));
    let mut out = Tables::new(all.rules, all.hardware.clone());
    out.only = Some(pack.to_owned());
    for (kind, _) in Kind::ALL {
        let latent = needs.latent;
        let spread = u32::from(!latent);
        let keep = |key: &[u32]| match (kind, key) {
            (Kind::Gemm, &[q, n, k, _]) => shapes.contains(&(q, n, k)),
            (Kind::Context, _) => context.contains(key),
            (Kind::Decode, _) => decode.contains(key),
            (Kind::AllReduce, _) => true,
            (Kind::Nccl, &[op, ..]) => op == gather || (moe && op == scatter),
            (Kind::Experts | Kind::FewTokens, &[_, s, a, b, c, d, tp, ep, _]) => {
                s == spread && experts(&[a, b, c, d]) && tp * ep <= MOST_RANKS
            }
            (Kind::AllToAll, &[_, _, _, _, _, h, top_k, count, ..]) => {
                latent
                    && needs
                        .experts
                        .iter()
                        .any(|[t, e, hidden, _]| (*t, *e, *hidden) == (top_k, count, h))
            }
            (Kind::ManyRanks, &[_, s, _, a, b, slots, c, d, ..]) => {
                latent && s == spread && slots == b && experts(&[a, b, c, d])
            }
            _ => latent,
        };
        out.put(kind, all.of(kind).filtered(keep));
    }
    out.site_order = all
        .site_order
        .iter()
        .copied()
        .filter(|&[q, n, k]| shapes.contains(&(q, n, k)))
        .collect();
    out
}

/// Keys of an attention table that these heads can draw on.
fn attention(all: &Tables, kind: Kind, needed: &BTreeSet<Heads>) -> BTreeSet<Vec<u32>> {
    let table = all.of(kind);
    // Formats, then KV heads, head size and window, then the axes.
    let formats = table.arity - 6;
    let mut out = BTreeSet::new();
    let mut slices: Vec<&[u32]> = table
        .rows()
        .map(|(key, _)| key.split_at(formats + 3).0)
        .collect();
    slices.dedup();
    for slice in slices {
        let Some([kv, dim, window]) = slice.last_chunk() else {
            continue;
        };
        let grid = Grid::from_sorted(table.tail::<3>(table.range(slice)));
        let heads = needed
            .iter()
            .filter(|(_, k, d, w)| (k, d, w) == (kv, dim, window));
        for (n, ..) in heads {
            let keys = ragged::drawn_on(&grid, *n, kind == Kind::Context);
            out.extend(keys.into_iter().map(|axes| [slice, &axes].concat()));
        }
    }
    out
}

/// Whether there are figures for the experts, where the models have some, and for the rest.
pub(crate) fn answers(tables: &Tables) -> bool {
    let some = |kind| tables.of(kind).len() > 0;
    let moe = ARCHES
        .iter()
        .any(|a| tables.only.as_deref() == Some(a.pack) && a.experts.is_some());
    some(Kind::Gemm) && (!moe || some(Kind::Experts))
}
