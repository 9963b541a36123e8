//! What is estimated: a configuration and what its worker does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::backend::Backend;
use super::error::CostError;
use super::parallel::Parallel;
use super::quant::{GemmQuant, Quant};
use super::worker::Plan;

/// One configuration to estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Model, by any of its names.
    pub model: String,
    /// GPU system, such as `h200_sxm`.
    pub system: String,
    /// Tensor-parallel size.
    pub tp: u32,
    /// Pipeline-parallel size.
    pub pp: u32,
    /// Serving backend; only 0.12 has more than TensorRT-LLM.
    pub backend: Backend,
    /// Attention data parallelism.
    pub dp: u32,
    /// Tensor parallelism of experts.
    pub moe_tp: u32,
    /// Expert parallelism.
    pub moe_ep: u32,
    /// Context parallelism of a prefill (SGLang).
    pub cp: u32,
    /// Format of experts; none for that of the matrix products.
    pub moe: Option<GemmQuant>,
    /// Whether the format of matrix products was taken from the checkpoint, not asked for.
    #[serde(alias = "inferred_gemm")]
    pub inferred: bool,
    /// Whether experts are reached by the all-to-all of many ranks; none across nodes only.
    pub large_ep: Option<bool>,
    /// Number formats.
    pub quant: Quant,
    /// Requests in flight per worker.
    pub batch: u32,
    /// Context tokens per mixed step; only aggregated serving uses them.
    pub ctx_tokens: u32,
    /// Input length, tokens.
    pub isl: u32,
    /// Output length, tokens.
    pub osl: u32,
}

impl Default for Config {
    /// Qwen3-32B on eight H200, batch 12, 8000 context tokens, 4000 tokens in and 500 out.
    fn default() -> Self {
        Self {
            model: "QWEN3_32B".to_owned(),
            system: "h200_sxm".to_owned(),
            tp: 8,
            pp: 1,
            backend: Backend::TrtLlm,
            dp: 1,
            moe_tp: 1,
            moe_ep: 1,
            cp: 1,
            moe: None,
            inferred: false,
            large_ep: None,
            quant: Quant::default(),
            batch: 12,
            ctx_tokens: 8000,
            isl: 4000,
            osl: 500,
        }
    }
}

impl Config {
    /// The parallelism of the worker.
    pub fn parallel(&self) -> Parallel {
        Parallel {
            tp: self.tp,
            pp: self.pp,
            dp: self.dp,
            moe_tp: self.moe_tp,
            moe_ep: self.moe_ep,
            cp: self.cp,
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan {
            parallel: self.parallel(),
            quant: self.quant,
            moe: self.moe.unwrap_or(self.quant.gemm),
            inferred: self.inferred,
            many: self.large_ep,
        }
    }
}

/// What the worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Prefill and decode in the same steps (in-flight batching).
    Agg,
    /// Prefill only.
    #[serde(alias = "prefill")]
    StaticCtx,
    /// Decode only.
    #[serde(alias = "decode")]
    StaticGen,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agg => "agg",
            Self::StaticCtx => "static_ctx",
            Self::StaticGen => "static_gen",
        })
    }
}

impl FromStr for Mode {
    type Err = CostError;

    fn from_str(s: &str) -> Result<Self, CostError> {
        match s.trim().to_ascii_lowercase().as_str() {
            "agg" => Ok(Self::Agg),
            "static_ctx" | "prefill" => Ok(Self::StaticCtx),
            "static_gen" | "decode" => Ok(Self::StaticGen),
            _ => Err(CostError::UnknownMode { name: s.to_owned() }),
        }
    }
}

/// Largest batch: the last one that AIC 0.2 continues its tables to.
pub(crate) const MOST_BATCH: u32 = 8192;
/// Longest input or output, tokens.
pub(crate) const MOST_LENGTH: u32 = 1 << 20;
/// Most context tokens of a step: where AIC 0.2's tables of matrix products end.
pub(crate) const MOST_CONTEXT: u32 = 1 << 24;

/// A count or length within what the figures are continued to.
pub(crate) fn within(value: u32, most: u32, what: &'static str) -> Result<u64, CostError> {
    if value == 0 {
        Err(CostError::Zero { what })
    } else if value > most {
        Err(CostError::TooLarge { what, value, most })
    } else {
        Ok(u64::from(value))
    }
}

/// Batch, input length and output length of a configuration, checked.
pub(crate) fn lengths(c: &Config) -> Result<(u64, u64, u64), CostError> {
    Ok((
        within(c.batch, MOST_BATCH, "batch")?,
        within(c.isl, MOST_LENGTH, "input length")?,
        within(c.osl, MOST_LENGTH, "output length")?,
    ))
}
