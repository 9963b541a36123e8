//! Memory of one GPU: weights, activations, KV cache, NCCL and the rest; when it overflows.

use serde::Serialize;

use super::arch::Family;
use super::backend::Backend;
use super::error::CostError;
use super::experts::LATENT_CACHE;
use super::front::round3;
use super::hardware::{GIB, Hardware};
use super::parallel::Parallel;
use super::rules::KvShare;
use super::worker::Worker;

/// Memory of one GPU, GiB (2^30 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Memory {
    /// Weights, with embedding and logits.
    pub weights_gib: f64,
    /// Activations.
    pub activations_gib: f64,
    /// KV cache of the whole batch at full length.
    pub kv_gib: f64,
    /// NCCL buffers.
    pub nccl_gib: f64,
    /// Runtime and everything else.
    pub other_gib: f64,
    /// Sum of the above.
    pub total_gib: f64,
    /// What the GPU has.
    pub capacity_gib: f64,
}

/// What the rule set grants the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KvBudget {
    /// Most that the KV cache may take, GiB; negative when the rest alone overflows.
    pub limit_gib: f64,
    /// Whether the KV cache stays within it.
    pub fits: bool,
}

/// Memory with its two verdicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    pub memory: Memory,
    /// Total at or above capacity.
    pub oom: bool,
    pub kv_budget: Option<KvBudget>,
}

impl Usage {
    /// Whether a sweep keeps the point.
    pub fn fits(&self) -> bool {
        !self.oom && self.kv_budget.is_none_or(|b| b.fits)
    }
}

/// Memory for a batch of requests of one attention rank that each hold `length` tokens in the cache, with activations
/// for `tokens`. `fixed` is a worker that only prefills or only decodes.
pub(crate) fn usage(
    worker: &Worker<'_>,
    batch: u64,
    length: u64,
    tokens: f64,
    fixed: bool,
) -> Result<Usage, CostError> {
    let (rules, hw) = (worker.rules, worker.source.hw());
    let parallel = worker.plan.parallel;
    let weights = worker.weights / f64::from(parallel.pp);
    let unmeasured = || CostError::TpNotMeasured {
        tp: parallel.tp,
        known: "1, 2, 4, 8 and more".to_owned(),
    };
    let activations = activations(worker, tokens).ok_or_else(unmeasured)?;
    let kv = batch as f64 * cache(worker, length);
    let nccl = hw.nccl(parallel.tp).ok_or_else(unmeasured)? as f64;
    let other = hw.other_bytes as f64 * rules.other_factor;
    let rest = weights + activations + nccl + other;
    let total = weights + activations + kv + nccl + other;
    let capacity = hw.capacity_bytes as f64;
    let limit = match rules.kv_share {
        KvShare::All => None,
        KvShare::OfFree(share) => Some((capacity - rest) * share),
        KvShare::OfCapacity { share, older, own } => {
            let share = if own && fixed {
                own_share(hw, &parallel) * (1.0 - 0.02)
            } else if older.0.iter().any(|v| hw.backend_version.starts_with(v)) {
                older.1
            } else {
                share
            };
            Some(capacity * share - rest)
        }
    };
    let kv_budget = limit.map(|limit| KvBudget {
        limit_gib: limit / GIB,
        fits: kv <= limit,
    });
    Ok(Usage {
        memory: Memory {
            weights_gib: weights / GIB,
            activations_gib: activations / GIB,
            kv_gib: kv / GIB,
            nccl_gib: nccl / GIB,
            other_gib: other / GIB,
            total_gib: total / GIB,
            capacity_gib: capacity / GIB,
        },
        oom: total >= capacity,
        kv_budget,
    })
}

/// Activations for so many tokens, bytes; none where the rules have no coefficient for the tensor parallelism.
fn activations(worker: &Worker<'_>, tokens: f64) -> Option<f64> {
    let (arch, rules, p) = (worker.arch, worker.rules, worker.plan.parallel);
    let table = match arch.family {
        Family::Dense => &rules.activation,
        Family::Moe | Family::Mla => &rules.moe_activation,
    };
    let coefficient = match table.last() {
        Some((most, c)) if p.tp >= *most => *c,
        _ => table.iter().find(|(tp, _)| *tp == p.tp).map(|(_, c)| *c)?,
    };
    let width = f64::from(arch.heads) * f64::from(arch.head_dim);
    let mut bytes = 2.0 * tokens * width * coefficient;
    if let (Family::Mla, Some(experts)) = (arch.family, arch.experts) {
        let width = match rules.backend {
            Backend::Sglang => f64::from(arch.hidden),
            Backend::TrtLlm | Backend::Vllm => width,
        };
        let routed = f64::from(p.dp) * f64::from(experts.count) * f64::from(experts.top_k);
        bytes += tokens * width * routed / f64::from(p.moe_ep) / 128.0 * 4.0;
    }
    Some(bytes.max(rules.activation_floor_bytes) * rules.activation_factor)
}

/// Cache of one request of so many tokens on one GPU, bytes.
fn cache(worker: &Worker<'_>, length: u64) -> f64 {
    let (arch, tokens) = (worker.arch, length as f64);
    let layers = f64::from(arch.layers);
    let element = worker.plan.quant.kvcache.bytes();
    if arch.family == Family::Mla {
        return tokens * element * layers * f64::from(LATENT_CACHE);
    }
    let per_token = f64::from(worker.shard.kv_heads) * f64::from(arch.head_dim) * 2.0 * element;
    match arch.window {
        Some(window) => {
            let near = (layers / 2.0).floor();
            per_token * (near * tokens.min(f64::from(window)) + (layers - near) * tokens)
        }
        None => tokens * per_token * layers,
    }
}

/// The share of the memory that SGLang gives weights and cache by itself: what its chunks, graphs and ranks need stays
/// free.
fn own_share(hw: &Hardware, p: &Parallel) -> f64 {
    let mib = hw.capacity_bytes as f64 / 1_048_576.0;
    let few = p.tp < 4;
    let of = |few_graphs: f64, graphs: f64| if few { few_graphs } else { graphs };
    let (chunk, graphs) = match mib {
        m if m < 20_480.0 => (2048.0, 8.0),
        m if m < 35_840.0 => (2048.0, of(24.0, 80.0)),
        m if m < 61_440.0 => (4096.0, of(32.0, 160.0)),
        m if m < 163_840.0 => (8192.0, of(256.0, 512.0)),
        _ => (16384.0, 512.0),
    };
    let mut free = 512.0 + 1.5 * chunk + f64::from(p.tp) * f64::from(p.pp) * 128.0 + 2.0 * graphs;
    if p.dp > 1 {
        let ranks = f64::from(p.dp);
        free += graphs * ranks * 3.0;
        if graphs > 300.0 {
            free += graphs * ranks * 1.5;
        }
    }
    if mib > 61_440.0 {
        free = free.max(10_240.0);
    }
    round3((mib - free) / mib)
}
