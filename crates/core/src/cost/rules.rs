//! The two rule sets: everything in which AIConfigurator 0.2 and 0.12 and the backends differ, as named values.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::backend::Backend;
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
    /// So many ms for every layer, then a factor min(1 + log2(batch) / slope, cap).
    Batch { layer_ms: f64, slope: f64, cap: f64 },
}

/// What the KV cache may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum KvShare {
    /// Everything up to the capacity.
    All,
    /// A share of what the rest leaves.
    OfFree(f64),
    /// A share of the capacity, less the rest. `older` is the share of versions that begin with one of these.
    OfCapacity {
        share: f64,
        older: (&'static [&'static str], f64),
        /// Whether static workers take a share that follows from the capacity (SGLang's own default).
        own: bool,
    },
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
    pub backend: Backend,
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
    /// Whether a worker that is bound by prefill decodes a share of its batch in a mixed step (else all the others).
    pub balanced_decodes: bool,
    /// Whether throughput may not exceed the batch over the time that one request takes.
    pub throughput_by_latency: bool,
    /// Activation coefficients of dense models for TP 1, 2, 4 and 8 or more.
    pub activation: [(u32, f64); 4],
    /// The same of models with experts.
    pub moe_activation: [(u32, f64); 4],
    /// Factor on activations after their floor.
    pub activation_factor: f64,
    /// Factor on the memory outside everything that is counted.
    pub other_factor: f64,
    pub activation_floor_bytes: f64,
    /// Tokens that an aggregated worker's activations are sized for, if fixed.
    pub activation_tokens: Option<f64>,
    pub kv_share: KvShare,
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

const MIB: f64 = 1_048_576.0;

static AIC_02: Rules = Rules {
    set: RuleSet::Aic02,
    backend: Backend::TrtLlm,
    interpolation: Interpolation::Filled,
    min_heads_per_gpu: 4,
    pipeline: true,
    sharded_embedding: false,
    attention_extras: None,
    mix_attention_all: false,
    mix_decodes_one: false,
    queueing: Queueing::None,
    hidden_mix_steps: 3,
    balanced_decodes: true,
    throughput_by_latency: false,
    activation: [(1, 11.0), (2, 6.5), (4, 5.0), (8, 5.0)],
    moe_activation: [(1, 22.0), (2, 13.0), (4, 10.0), (8, 10.0)],
    activation_factor: 1.0,
    other_factor: 1.0,
    activation_floor_bytes: 70.0 * MIB,
    activation_tokens: None,
    kv_share: KvShare::All,
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
    kv_share: KvShare::OfFree(0.9 * (1.0 - 0.015) * (1.0 - 0.02)),
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

static AIC_012_VLLM: Rules = Rules {
    backend: Backend::Vllm,
    balanced_decodes: false,
    throughput_by_latency: true,
    queueing: Queueing::Batch {
        layer_ms: 0.8,
        slope: 8.0,
        cap: 2.0,
    },
    hidden_mix_steps: 0,
    activation_tokens: None,
    kv_share: KvShare::OfCapacity {
        share: 0.92 * (1.0 - 0.02),
        older: (&["0.14", "0.19"], 0.9 * (1.0 - 0.02)),
        own: false,
    },
    ..AIC_012
};

static AIC_012_SGLANG: Rules = Rules {
    backend: Backend::Sglang,
    activation: [(1, 14.0), (2, 8.5), (4, 6.5), (8, 6.5)],
    moe_activation: [(1, 28.0), (2, 17.0), (4, 13.0), (8, 13.0)],
    activation_factor: 1.15,
    other_factor: 1.2,
    activation_floor_bytes: 90.0 * MIB,
    activation_tokens: None,
    kv_share: KvShare::OfCapacity {
        share: 0.88 * (1.0 - 0.02),
        older: (&[], 0.0),
        own: true,
    },
    ..AIC_012
};

impl RuleSet {
    /// The rules for TensorRT-LLM, the only backend of 0.2.
    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Aic02 => &AIC_02,
            Self::Aic012 => &AIC_012,
        }
    }

    /// The rules for a backend.
    pub(crate) fn of(self, backend: Backend) -> Option<&'static Rules> {
        [&AIC_02, &AIC_012, &AIC_012_VLLM, &AIC_012_SGLANG]
            .into_iter()
            .find(|r| r.set == self && r.backend == backend)
    }
}

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
    fn replica_totals() {
        let r = ReplicaTotals::PowersThenEights(128);
        let ok: Vec<u32> = (1..=40).filter(|g| r.allows(*g, 24)).collect();
        assert_eq!(ok, [1, 2, 4, 8, 16, 24]);
        assert!(!ReplicaTotals::UpTo(32).allows(33, 64));
    }
}
