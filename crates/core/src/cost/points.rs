//! Batches of configurations as a JSON file, and their results in the same order.
//!
//! The file is `{"points": [..]}` or a bare list. A point has `mode` (`agg`, `static_ctx` or `prefill`, `static_gen`
//! or `decode`), `batch`, `isl`, `osl`, for `agg` also `ctx_tokens`, and optionally `model` (Qwen3-32B), `system`
//! (`h200_sxm`), `tp` (1), `pp` (1), `gemm`, `kvcache` and `fmha` (`fp8_block`, `fp8`, `fp8`). Other fields are
//! ignored.

use serde::{Deserialize, Serialize};

use super::engine::{Config, Engine, Mode};
use super::error::CostError;
use super::quant::{FmhaQuant, GemmQuant, KvQuant, Quant};

/// A point as the file spells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Point {
    /// Mode name.
    pub mode: String,
    /// Model name.
    pub model: Option<String>,
    /// GPU system.
    pub system: Option<String>,
    /// Tensor-parallel size.
    pub tp: Option<u32>,
    /// Pipeline-parallel size.
    pub pp: Option<u32>,
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

/// The result of one point: figures, or the sentence that says why there are none.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PointResult {
    /// Time to the first token, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<f64>,
    /// Time between tokens, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpot_ms: Option<f64>,
    /// Tokens per second per GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_s_gpu: Option<f64>,
    /// Tokens per second per user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_s_user: Option<f64>,
    /// Memory of one GPU, GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<f64>,
    /// Whether the memory overflows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom: Option<bool>,
    /// Why there are no figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Wrapped {
    points: Vec<Point>,
}

/// Reads a points file.
///
/// # Errors
/// [`CostError::Points`] when it is no JSON of the expected shape.
pub fn parse(json: &str) -> Result<Vec<Point>, CostError> {
    let bad = |e: serde_json::Error| CostError::Points {
        reason: e.to_string(),
    };
    let text = json.trim_start();
    if text.starts_with('[') {
        serde_json::from_str::<Vec<Point>>(text).map_err(bad)
    } else {
        serde_json::from_str::<Wrapped>(text)
            .map(|w| w.points)
            .map_err(bad)
    }
}

impl Point {
    /// The mode and configuration that the point means.
    ///
    /// # Errors
    /// [`CostError`] for unknown modes and formats, and for an aggregated point without `ctx_tokens`.
    pub fn config(&self) -> Result<(Mode, Config), CostError> {
        let mode: Mode = self.mode.parse()?;
        if mode == Mode::Agg && self.ctx_tokens.is_none() {
            return Err(CostError::Points {
                reason: "an agg point has no ctx_tokens".to_owned(),
            });
        }
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
        let config = Config {
            model: self.model.clone().unwrap_or(seed.model),
            system: self.system.clone().unwrap_or(seed.system),
            tp: self.tp.unwrap_or(1),
            pp: self.pp.unwrap_or(1),
            quant,
            batch: self.batch,
            ctx_tokens: self.ctx_tokens.unwrap_or(self.isl),
            isl: self.isl,
            osl: self.osl,
        };
        Ok((mode, config))
    }

    /// Estimates the point; an error becomes the result's sentence.
    pub fn estimate(&self, engine: &Engine) -> PointResult {
        let estimate = self
            .config()
            .and_then(|(mode, config)| engine.estimate(mode, &config));
        match estimate {
            Ok(e) => PointResult {
                ttft_ms: e.ttft_ms,
                tpot_ms: e.tpot_ms,
                tokens_s_gpu: Some(e.tokens_s_gpu),
                tokens_s_user: e.tokens_s_user,
                memory_gib: Some(e.memory.total_gib),
                oom: Some(e.oom),
                error: None,
            },
            Err(e) => PointResult {
                error: Some(e.to_string()),
                ..PointResult::default()
            },
        }
    }
}

/// Reads a points file and estimates every point, in order.
///
/// # Errors
/// As [`parse`]; a point that cannot be projected is no error but carries its own.
pub fn run(engine: &Engine, json: &str) -> Result<Vec<PointResult>, CostError> {
    Ok(parse(json)?.iter().map(|p| p.estimate(engine)).collect())
}
