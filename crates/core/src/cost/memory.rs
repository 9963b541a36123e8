//! Memory of one GPU: weights, activations, KV cache, NCCL and the rest; when it overflows.

use serde::Serialize;

use super::error::CostError;
use super::hardware::GIB;
use super::ops::Worker;

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

/// Memory for a batch of requests that each hold `length` tokens in the cache, with activations for `tokens`.
pub(crate) fn usage(
    worker: &Worker<'_>,
    batch: u64,
    length: u64,
    tokens: f64,
) -> Result<Usage, CostError> {
    let (arch, rules, hw) = (worker.arch, worker.rules, worker.source.hw());
    let hidden = f64::from(arch.hidden);
    let logits = f64::from(arch.vocab / worker.tp) * hidden * 2.0;
    let embedding = if rules.sharded_embedding {
        logits
    } else {
        f64::from(arch.vocab) * hidden * 2.0
    };
    let layer: f64 = worker
        .shard
        .layer_gemms()
        .iter()
        .map(|(n, k)| f64::from(*n) * f64::from(*k))
        .sum();
    let weights = (embedding + worker.quant.gemm.bytes() * f64::from(arch.layers) * layer + logits)
        / f64::from(worker.pp);

    let unmeasured = || CostError::TpNotMeasured {
        tp: worker.tp,
        known: "1, 2, 4, 8 and more".to_owned(),
    };
    let coefficient = match rules.activation.last() {
        Some((most, c)) if worker.tp >= *most => *c,
        _ => rules
            .activation
            .iter()
            .find(|(tp, _)| *tp == worker.tp)
            .map(|(_, c)| *c)
            .ok_or_else(unmeasured)?,
    };
    let activations =
        (2.0 * tokens * f64::from(arch.heads) * f64::from(arch.head_dim) * coefficient)
            .max(rules.activation_floor_bytes);
    let kv = batch as f64
        * length as f64
        * worker.quant.kvcache.bytes()
        * f64::from(worker.shard.kv_heads)
        * f64::from(arch.head_dim)
        * f64::from(arch.layers)
        * 2.0;
    let nccl = hw.nccl(worker.tp).ok_or_else(unmeasured)? as f64;
    let other = hw.other_bytes as f64;
    let rest = weights + activations + nccl + other;
    let total = weights + activations + kv + nccl + other;
    let capacity = hw.capacity_bytes as f64;
    let kv_budget = rules.kv_share.map(|share| {
        let limit = (capacity - rest) * share;
        KvBudget {
            limit_gib: limit / GIB,
            fits: kv <= limit,
        }
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
