//! The two rule sets: everything in which AIConfigurator 0.2 and 0.12 differ, as named values, and every quirk
//! that agreement with them needs, as a sentence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::CostError;

/// Which version of AIConfigurator (AIC) is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RuleSet {
    /// AIC 0.2.0 on figures of TensorRT-LLM 0.20.0.
    #[serde(rename = "aic-0.2")]
    Aic02,
    /// AIC 0.12.0 on figures of TensorRT-LLM 1.3.0rc20.
    #[serde(rename = "aic-0.12")]
    Aic012,
}

impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aic02 => "aic-0.2",
            Self::Aic012 => "aic-0.12",
        })
    }
}

impl FromStr for RuleSet {
    type Err = CostError;

    fn from_str(s: &str) -> Result<Self, CostError> {
        match s.trim().to_ascii_lowercase().as_str() {
            "aic-0.2" => Ok(Self::Aic02),
            "aic-0.12" => Ok(Self::Aic012),
            _ => Err(CostError::UnknownRules { name: s.to_owned() }),
        }
    }
}

/// How a table is read between its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interpolation {
    /// 0.2: grids filled at load, then cubic or bilinear cells.
    Filled,
    /// 0.12: curves at scattered sites and ragged grids, held by utilisation.
    Utilisation,
}

/// How the time to the first token of an aggregated worker is scaled for waiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Queueing {
    /// No waiting.
    None,
    /// Factor min(base + (mix steps − 3) / slope, cap).
    Steps { base: f64, slope: f64, cap: f64 },
}

/// How mixtures of prefill and decode workers are searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DisaggRules {
    /// Tokens that a prefill batch may hold; one request always may be prefilled.
    pub prefill_tokens: u64,
    /// Factor on the time of a prefill worker.
    pub prefill_correction: f64,
    /// Factor on the time of a decode worker.
    pub decode_correction: f64,
    /// Factor on the reported and filtered TTFT.
    pub ttft_factor: f64,
    /// Share of a prefill worker's throughput that survives rate matching.
    pub prefill_match: f64,
    /// Share of a decode worker's throughput that survives rate matching.
    pub decode_match: f64,
    /// Decode workers must take longer than this share of the target.
    pub tpot_floor: f64,
    /// Most workers of one kind.
    pub max_workers: u32,
    /// Allowed GPU totals of a replica.
    pub totals: ReplicaTotals,
    /// Decode candidates kept per target (0.2: in all; 0.12: per parallelism).
    pub decode_top: usize,
    /// Whether only the best pair of each decode parallelism is kept.
    pub best_per_parallelism: bool,
}

/// Allowed GPU totals of a disaggregated replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplicaTotals {
    /// Any number up to this one.
    UpTo(u32),
    /// 1, 2, 4, and multiples of 8 up to this one.
    PowersThenEights(u32),
}

impl ReplicaTotals {
    pub fn allows(self, gpus: u32, available: u32) -> bool {
        gpus <= available
            && match self {
                Self::UpTo(most) => gpus <= most,
                Self::PowersThenEights(most) => {
                    gpus <= most && (matches!(gpus, 1 | 2 | 4) || gpus.is_multiple_of(8))
                }
            }
    }
}

/// Values in which rule sets (and later backends) differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rules {
    pub set: RuleSet,
    pub interpolation: Interpolation,
    pub min_heads_per_gpu: u32,
    pub pipeline: bool,
    /// Whether embedding weights are divided by TP and followed by an all-reduce.
    pub sharded_embedding: bool,
    /// Whether context attention carries fused extras of constant cost.
    pub attention_extras: Option<f64>,
    /// Whether a mix step's prefill attention counts all requests it spans.
    pub mix_attention_all: bool,
    /// Whether a mix step always decodes at least one request when the batch is above one.
    pub mix_decodes_one: bool,
    pub queueing: Queueing,
    /// Mix steps that the pipelining correction removes from the time between tokens.
    pub hidden_mix_steps: u64,
    /// Activation coefficients for TP 1, 2, 4 and 8 or more.
    pub activation: [(u32, f64); 4],
    pub activation_floor_bytes: f64,
    /// Tokens that an aggregated worker's activations are sized for, if fixed.
    pub activation_tokens: Option<f64>,
    /// Share of free memory that the KV cache may use, if limited.
    pub kv_share: Option<f64>,
    /// Whether decode attention is the mean over lengths from 0.9 to 1.1 of the asked one.
    pub decode_attention_spread: bool,
    /// Whether the roofline of decode attention doubles FLOP/s for fp8 KV and counts one token less.
    pub decode_sol_by_kv: bool,
    /// Whether all-reduce outside the grid is proportional to size (else the two-node line).
    pub all_reduce_proportional: bool,
    /// Whether context tokens step in multiples of the input length.
    pub whole_prompts: bool,
    /// Whether fronts are drawn over the tokens per second of all GPUs at hand, not of the GPUs in use.
    pub cluster_front: bool,
    /// First target of the sweep over times between tokens, ms.
    pub first_tpot_target: u32,
    pub disagg: DisaggRules,
    /// What AIC prints in the `moe` column, unless it repeats the GEMM format.
    pub moe_label: Option<&'static str>,
    /// Whether the model is printed by its hub name.
    pub hub_names: bool,
}

static AIC_02: Rules = Rules {
    set: RuleSet::Aic02,
    interpolation: Interpolation::Filled,
    min_heads_per_gpu: 4,
    pipeline: true,
    sharded_embedding: false,
    attention_extras: None,
    mix_attention_all: false,
    mix_decodes_one: false,
    queueing: Queueing::None,
    hidden_mix_steps: 3,
    activation: [(1, 11.0), (2, 6.5), (4, 5.0), (8, 5.0)],
    activation_floor_bytes: 73_400_320.0,
    activation_tokens: None,
    kv_share: None,
    decode_attention_spread: false,
    decode_sol_by_kv: false,
    all_reduce_proportional: false,
    whole_prompts: false,
    cluster_front: false,
    first_tpot_target: 2,
    disagg: DisaggRules {
        prefill_tokens: 16_384,
        prefill_correction: 1.0,
        decode_correction: 1.0,
        ttft_factor: 1.0,
        prefill_match: 0.9,
        decode_match: 0.92,
        tpot_floor: 0.7,
        max_workers: 16,
        totals: ReplicaTotals::UpTo(32),
        decode_top: 64,
        best_per_parallelism: false,
    },
    moe_label: Some("fp8"),
    hub_names: false,
};

static AIC_012: Rules = Rules {
    set: RuleSet::Aic012,
    interpolation: Interpolation::Utilisation,
    min_heads_per_gpu: 1,
    pipeline: false,
    sharded_embedding: true,
    attention_extras: Some(1.1),
    mix_attention_all: true,
    mix_decodes_one: true,
    queueing: Queueing::Steps {
        base: 2.0,
        slope: 20.0,
        cap: 4.0,
    },
    activation_tokens: Some(8192.0),
    kv_share: Some(0.9 * (1.0 - 0.015) * (1.0 - 0.02)),
    decode_attention_spread: true,
    decode_sol_by_kv: true,
    all_reduce_proportional: true,
    whole_prompts: true,
    cluster_front: true,
    first_tpot_target: 1,
    disagg: DisaggRules {
        prefill_tokens: 1,
        prefill_correction: 1.1,
        decode_correction: 1.08,
        ttft_factor: 1.8,
        tpot_floor: 0.0,
        max_workers: 32,
        totals: ReplicaTotals::PowersThenEights(128),
        decode_top: 16,
        best_per_parallelism: true,
        ..AIC_02.disagg
    },
    moe_label: None,
    hub_names: true,
    ..AIC_02
};

impl RuleSet {
    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Aic02 => &AIC_02,
            Self::Aic012 => &AIC_012,
        }
    }
}

/// A behaviour of AIC that looks odd and is reproduced on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirk {
    /// Stable name.
    pub id: &'static str,
    /// Rule sets that have it.
    pub rules: &'static [RuleSet],
    /// What it is, as a sentence.
    pub sentence: &'static str,
}

const OLD: &[RuleSet] = &[RuleSet::Aic02];
const NEW: &[RuleSet] = &[RuleSet::Aic012];
const BOTH: &[RuleSet] = &[RuleSet::Aic02, RuleSet::Aic012];

/// Every quirk that is reproduced, for the documentation and the page.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        id: "early-stopped-gradients",
        rules: OLD,
        sentence: "The gradients of the cubic interpolation stop at an absolute change of 1e-6, long before they converge, which moves single matrix products by up to 0.56 %.",
    },
    Quirk {
        id: "falling-tail-held",
        rules: OLD,
        sentence: "A table that falls towards its end is continued at the value of its second-to-last figure.",
    },
    Quirk {
        id: "one-prefill-in-a-mix-step",
        rules: OLD,
        sentence: "The prefill attention of a mixed step counts one request even when its context tokens span several.",
    },
    Quirk {
        id: "all-prefills-in-a-mix-step",
        rules: NEW,
        sentence: "The prefill attention of a mixed step counts every request that its context tokens span.",
    },
    Quirk {
        id: "one-row-of-logits",
        rules: BOTH,
        sentence: "The logits of a mixed step are computed for one row, whatever the batch.",
    },
    Quirk {
        id: "short-single-request",
        rules: BOTH,
        sentence: "A single request counts one mixed step in its throughput even when its prompt needs several.",
    },
    Quirk {
        id: "pipelined-mix-steps",
        rules: BOTH,
        sentence: "Three mixed steps are left out of the time between tokens, but not out of the throughput.",
    },
    Quirk {
        id: "whole-embedding",
        rules: OLD,
        sentence: "Embedding weights are not divided among the GPUs of a worker.",
    },
    Quirk {
        id: "kv-not-divided-by-pipeline",
        rules: OLD,
        sentence: "The KV cache of all layers is counted on every pipeline stage.",
    },
    Quirk {
        id: "pipeline-as-throughput",
        rules: OLD,
        sentence: "Pipeline stages multiply the throughput and leave the latency alone.",
    },
    Quirk {
        id: "half-communication",
        rules: BOTH,
        sentence: "All-reduce is always measured in 16 bit, whatever communication format is chosen.",
    },
    Quirk {
        id: "output-token-count",
        rules: BOTH,
        sentence: "Aggregated throughput counts the output length less one token, disaggregated throughput the whole output length.",
    },
    Quirk {
        id: "no-queueing",
        rules: OLD,
        sentence: "The time to the first token holds no waiting.",
    },
    Quirk {
        id: "queueing-factor",
        rules: NEW,
        sentence: "The time to the first token of an aggregated worker is multiplied by 2 + (mixed steps − 3) / 20, at most 4, which can be below 2.",
    },
    Quirk {
        id: "no-kv-budget",
        rules: OLD,
        sentence: "The KV cache may fill the memory to the last byte.",
    },
    Quirk {
        id: "kv-budget",
        rules: NEW,
        sentence: "The KV cache may use 0.9 × 0.985 × 0.98 of the memory that the rest leaves; sweeps drop other points and single estimates warn.",
    },
    Quirk {
        id: "fixed-activation-tokens",
        rules: NEW,
        sentence: "Activations of an aggregated worker are sized for 8192 tokens, whatever the step holds.",
    },
    Quirk {
        id: "rounded-before-sorting",
        rules: BOTH,
        sentence: "Sweeps round every figure to three decimals before they filter, sort and combine, so ties are decided by rounding.",
    },
    Quirk {
        id: "straight-gemm-tail",
        rules: OLD,
        sentence: "Matrix products beyond 8192 tokens follow the line through 4096 and 8192, never below the roofline.",
    },
    Quirk {
        id: "prefill-memory-of-one-token",
        rules: BOTH,
        sentence: "The memory of a prefill worker counts one output token.",
    },
    Quirk {
        id: "step-blocks",
        rules: BOTH,
        sentence: "A decode worker's step time is evaluated at every 32nd token and reused for the 31 that follow.",
    },
    Quirk {
        id: "disagg-ties",
        rules: BOTH,
        sentence: "Equal disaggregated rows are told apart by the smaller time to the first token, then by fewer GPUs; AIC leaves it to an unstable sort.",
    },
    Quirk {
        id: "prefill-batch-limit-ignored",
        rules: OLD,
        sentence: "The limit of one request per prefill batch in AIC's settings is ignored: batches grow until 16384 tokens.",
    },
    Quirk {
        id: "site-order",
        rules: NEW,
        sentence: "Unmeasured matrix shapes average the utilisation of the four nearest measured ones; equal distances are decided by the order of the figures in AIC's file.",
    },
    Quirk {
        id: "constant-attention-extras",
        rules: NEW,
        sentence: "Prefill attention carries a constant cost per layer for normalisation, rotary embedding and cache writes that does not grow with the tokens.",
    },
    Quirk {
        id: "spread-decode-attention",
        rules: NEW,
        sentence: "Decode attention is the mean at five lengths between 0.9 and 1.1 of the asked one.",
    },
    Quirk {
        id: "corrected-workers",
        rules: NEW,
        sentence: "Disaggregated workers are slowed by 1.1 (prefill) and 1.08 (decode), and the time to the first token is multiplied by a further 1.8.",
    },
    Quirk {
        id: "rate-matching",
        rules: BOTH,
        sentence: "Matched workers keep 0.9 (prefill) and 0.92 (decode) of their throughput, while their latencies stay.",
    },
    Quirk {
        id: "single-prefills",
        rules: NEW,
        sentence: "A disaggregated prefill worker handles one request at a time.",
    },
    Quirk {
        id: "cluster-front",
        rules: NEW,
        sentence: "Fronts are drawn over the tokens per second of all GPUs at hand, so a replica size that leaves GPUs idle falls behind.",
    },
    Quirk {
        id: "replica-totals",
        rules: NEW,
        sentence: "A disaggregated replica must have 1, 2, 4 or a multiple of 8 GPUs.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for r in [RuleSet::Aic02, RuleSet::Aic012] {
            assert_eq!(r.to_string().parse::<RuleSet>().unwrap(), r);
        }
        assert!("aic-0.5".parse::<RuleSet>().is_err());
    }

    #[test]
    fn quirks_are_sentences_with_unique_names() {
        let mut ids: Vec<_> = QUIRKS.iter().map(|q| q.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), QUIRKS.len());
        for q in QUIRKS {
            assert!(q.sentence.ends_with('.') && !q.rules.is_empty(), "{}", q.id);
        }
    }

    #[test]
    fn replica_totals() {
        let r = ReplicaTotals::PowersThenEights(128);
        let ok: Vec<u32> = (1..=40).filter(|g| r.allows(*g, 24)).collect();
        assert_eq!(ok, [1, 2, 4, 8, 16, 24]);
        assert!(!ReplicaTotals::UpTo(32).allows(33, 64));
    }
}
