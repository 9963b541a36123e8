//! Batches of configurations as a JSON file, and their results in the same order.
//!
//! The file is `{"points": [..]}` or a bare list. A point has `batch`, `isl`, `osl`, and optionally `mode` (`agg`;
//! `static_ctx` or `prefill`; `static_gen` or `decode`), `ctx_tokens` (the input length), `model` (Qwen3-32B),
//! `system` (`h200_sxm`), `backend` (`trtllm`), `tp`, `pp`, `dp` and `cp` (1), `moe_tp` and `moe_ep` (experts on all GPUs
//! of the worker), `gemm`, `kvcache` and `fmha` (`fp8_block`, `fp8`, `fp8`), `moe` (the format of `gemm`), `inferred_gemm`
//! (whether `gemm` is what the checkpoint has, not what was asked for) and `large_ep` (the all-to-all of many ranks; without
//! it as AIConfigurator's single estimate, across nodes only). Other fields are ignored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::config::{Config, Mode};
use super::engine::{Engine, Estimate};
use super::error::CostError;
use super::quant::{FmhaQuant, GemmQuant, KvQuant, Quant};

/// A point as the file spells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Point {
    /// Mode name; `agg` when it is left out.
    pub mode: Option<String>,
    /// Model name.
    pub model: Option<String>,
    /// GPU system.
    pub system: Option<String>,
    /// Tensor-parallel size.
    pub tp: Option<u32>,
    /// Pipeline-parallel size.
    pub pp: Option<u32>,
    /// Serving backend.
    pub backend: Option<String>,
    /// Attention data parallelism.
    pub dp: Option<u32>,
    /// Tensor parallelism of experts.
    pub moe_tp: Option<u32>,
    /// Expert parallelism.
    pub moe_ep: Option<u32>,
    /// Context parallelism of a prefill.
    pub cp: Option<u32>,
    /// Format of experts.
    pub moe: Option<String>,
    /// Whether the format of matrix products was taken from the checkpoint.
    pub inferred_gemm: Option<bool>,
    /// Whether experts are reached by the all-to-all of many ranks.
    pub large_ep: Option<bool>,
    /// Requests per worker.
    pub batch: u32,
    /// Input length, tokens.
    pub isl: u32,
    /// Output length, tokens.
    pub osl: u32,
    /// Context tokens per mixed step.
    pub ctx_tokens: Option<u32>,
    /// Format of matrix products.
    pub gemm: Option<String>,
    /// Format of the KV cache.
    pub kvcache: Option<String>,
    /// Format of prefill attention.
    pub fmha: Option<String>,
}

/// The figures of one point. A prefill worker has no time between tokens, a decode worker none to the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PointFigures {
    /// Time to the first token, ms.
    pub ttft_ms: Option<f64>,
    /// Time between tokens, ms.
    pub tpot_ms: Option<f64>,
    /// Tokens per second per GPU.
    pub tokens_s_gpu: f64,
    /// Tokens per second per user.
    pub tokens_s_user: Option<f64>,
    /// Memory of one GPU, GiB.
    pub memory_gib: f64,
    /// Whether the memory overflows.
    pub oom: bool,
}

impl From<&Estimate> for PointFigures {
    fn from(e: &Estimate) -> Self {
        Self {
            ttft_ms: e.ttft_ms,
            tpot_ms: e.tpot_ms,
            tokens_s_gpu: e.tokens_s_gpu,
            tokens_s_user: e.tokens_s_user,
            memory_gib: e.memory.total_gib,
            oom: e.oom,
        }
    }
}

/// The result of one point: its figures, or the sentence that says why there are none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PointResult {
    /// What was projected.
    Figures(PointFigures),
    /// What cannot be.
    Refused {
        /// Why there are no figures.
        error: String,
    },
}

impl From<Result<PointFigures, CostError>> for PointResult {
    fn from(result: Result<PointFigures, CostError>) -> Self {
        match result {
            Ok(figures) => Self::Figures(figures),
            Err(e) => Self::Refused {
                error: e.to_string(),
            },
        }
    }
}

/// Ranks of the experts where they are not all given: whole experts on every GPU of the attention.
pub fn expert_ranks(attention: [u32; 3], moe_tp: Option<u32>, moe_ep: Option<u32>) -> (u32, u32) {
    let gpus = attention.into_iter().fold(1, u32::saturating_mul);
    let other = |given: u32| gpus.checked_div(given).unwrap_or(1).max(1);
    match (moe_tp, moe_ep) {
        (None, None) => (1, gpus),
        (Some(tp), None) => (tp, other(tp)),
        (None, Some(ep)) => (other(ep), ep),
        (Some(tp), Some(ep)) => (tp, ep),
    }
}

/// Reads a points file. A point that is not of the expected shape is an error in its place.
///
/// # Errors
/// [`CostError::Points`] when the file holds no list of points.
pub fn parse(json: &str) -> Result<Vec<Result<Point, CostError>>, CostError> {
    let bad = |reason: String| CostError::Points { reason };
    let mut file: Value = serde_json::from_str(json).map_err(|e| bad(e.to_string()))?;
    let list = match &mut file {
        Value::Object(fields) => fields.get_mut("points").map(Value::take),
        _ => Some(file),
    };
    let Some(Value::Array(points)) = list else {
        return Err(bad("it holds no list of points".to_owned()));
    };
    let point = |value| {
        serde_json::from_value(value).map_err(|e| CostError::Point {
            reason: e.to_string(),
        })
    };
    Ok(points.into_iter().map(point).collect())
}

impl Point {
    /// The mode and configuration that the point means.
    ///
    /// # Errors
    /// [`CostError`] for unknown modes and formats.
    pub fn config(&self) -> Result<(Mode, Config), CostError> {
        let mode = self.mode.as_deref().map_or(Ok(Mode::Agg), str::parse)?;
        let seed = Config::default();
        let quant = Quant {
            gemm: self
                .gemm
                .as_deref()
                .map_or(Ok(seed.quant.gemm), GemmQuant::parse)?,
            kvcache: self
                .kvcache
                .as_deref()
                .map_or(Ok(seed.quant.kvcache), KvQuant::parse)?,
            fmha: self
                .fmha
                .as_deref()
                .map_or(Ok(seed.quant.fmha), FmhaQuant::parse)?,
        };
        let (tp, dp, cp) = (
            self.tp.unwrap_or(1),
            self.dp.unwrap_or(1),
            self.cp.unwrap_or(1),
        );
        let backend = self.backend.as_deref();
        let (moe_tp, moe_ep) = expert_ranks([tp, dp, cp], self.moe_tp, self.moe_ep);
        let config = Config {
            model: self.model.clone().unwrap_or(seed.model),
            system: self.system.clone().unwrap_or(seed.system),
            tp,
            pp: self.pp.unwrap_or(1),
            backend: backend.map_or(Ok(seed.backend), str::parse)?,
            dp,
            moe_tp,
            moe_ep,
            cp,
            moe: self.moe.as_deref().map(GemmQuant::parse).transpose()?,
            inferred: self.inferred_gemm.unwrap_or(false),
            large_ep: self.large_ep,
            quant,
            batch: self.batch,
            ctx_tokens: self.ctx_tokens.unwrap_or(self.isl),
            isl: self.isl,
            osl: self.osl,
        };
        Ok((mode, config))
    }

    /// Estimates the point.
    ///
    /// # Errors
    /// As [`Point::config`] and [`Engine::estimate`].
    pub fn estimate(&self, engine: &Engine) -> Result<PointFigures, CostError> {
        let (mode, config) = self.config()?;
        Ok(PointFigures::from(&engine.estimate(mode, &config)?))
    }
}

/// Reads a points file and estimates every point, in order.
///
/// # Errors
/// As [`parse`]; a point that cannot be projected is no error but carries its own.
pub fn run(engine: &Engine, json: &str) -> Result<Vec<PointResult>, CostError> {
    let points = parse(json)?.into_iter();
    Ok(points
        .map(|p| p.and_then(|p| p.estimate(engine)).into())
        .collect())
}
