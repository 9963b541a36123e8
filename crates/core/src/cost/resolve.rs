//! From what sources say of a deployment to a configuration of the model: the one place that reads their words.
//!
//! Knows names of models, systems, number formats and versions as tools and people write them. Refuses to guess what
//! no source names: that stays absent, and who asks says what stands in for it.

use super::arch::Arch;
use super::backend::Backend;
use super::config::{Config, Mode};
use super::engine::{Engine, Estimate};
use super::hardware::Hardware;
use super::quant::{FmhaQuant, GemmQuant, KvQuant, Quant};
use super::rules::RuleSet;
use super::systems::{self, find_system};
use crate::model::{Context, Deployment, EngineFacts, NumberFormat, Precision, Setup};

/// Limit that stands for an absent one, ms: AIC's sweep needs both.
pub const NO_LIMIT_MS: f64 = 1e6;
/// How near a projection must be reproduced to tell two number formats apart, a share.
const NEAR: f64 = 0.005;

/// The rules whose figures were measured on a version of TensorRT-LLM.
pub fn rules_of(backend_version: &str) -> Option<RuleSet> {
    match backend_version.trim_start_matches('v') {
        v if v.starts_with("0.20") => Some(RuleSet::Aic02),
        v if v.starts_with("1.3.0") => Some(RuleSet::Aic012),
        _ => None,
    }
}

/// The cost model's own name of a model, whichever rules know it; else the name as given.
pub fn model_name(name: &str) -> String {
    arch_of(name).map_or_else(|| name.to_owned(), |a| a.name.to_owned())
}

/// The dimensions of a model, whichever rules know it.
pub fn arch_of(name: &str) -> Option<&'static Arch> {
    [RuleSet::Aic02, RuleSet::Aic012]
        .into_iter()
        .find_map(|rules| Arch::find(name, rules).ok())
}

/// The name of a GPU system as AIC writes it: `H200 SXM`, `NVIDIA-H200`, `h200` and `h200_sxm` are one system. A name
/// that fits no known system is only written alike.
pub fn system_name(name: &str) -> String {
    find_system(name).map_or_else(|_| systems::plain(name), |s| s.name.to_owned())
}

/// The constants of a system, by any of its names.
pub fn hardware_of(name: &str) -> Option<Hardware> {
    Hardware::of(name, Backend::TrtLlm, "").ok()
}

/// A length in whole tokens; absent below one and beyond what fits.
pub fn whole(tokens: f64) -> Option<u32> {
    (tokens.is_finite() && tokens >= 1.0 && tokens <= f64::from(u32::MAX))
        .then(|| tokens.round() as u32)
}

/// Context tokens of a step where no source states them: two prompts are AIC's usual best, but need a third request
/// to decode meanwhile.
pub fn context_tokens(isl: u32, batch: u32) -> u32 {
    isl.saturating_mul(if batch > 2 { 2 } else { 1 })
}

/// One aggregated worker with a batch: at the stated context tokens where these go with the batch, else at the usual
/// ones, else at one prompt a step. `None` where the model has no answer.
pub fn estimate_at(
    engine: &Engine,
    config: &Config,
    batch: u32,
    stated: Option<u32>,
) -> Option<Estimate> {
    let tries = [
        stated,
        Some(context_tokens(config.isl, batch)),
        Some(config.isl),
    ];
    tries.into_iter().flatten().find_map(|ctx_tokens| {
        let c = Config {
            batch,
            ctx_tokens,
            ..config.clone()
        };
        engine.estimate(Mode::Agg, &c).ok()
    })
}

/// Requests that one of several workers holds: they spread evenly over workers and stages, at least one each.
pub fn batch_of(concurrency: u32, workers: u32, pp: u32) -> u32 {
    concurrency
        .div_ceil(workers.max(1))
        .div_ceil(pp.max(1))
        .max(1)
}

/// What the sources say of a deployment, in the model's own terms. What they don't say is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stated {
    /// The rules that fit the backend's version.
    pub rules: Option<RuleSet>,
    /// Model, by the cost model's name where it knows it.
    pub model: Option<String>,
    /// GPU system.
    pub system: Option<String>,
    /// Tensor parallelism.
    pub tp: Option<u32>,
    /// Pipeline parallelism.
    pub pp: Option<u32>,
    /// Number format of matrix products.
    pub gemm: Option<GemmQuant>,
    /// Number format of the KV cache.
    pub kvcache: Option<KvQuant>,
    /// Number format of prefill attention.
    pub fmha: Option<FmhaQuant>,
    /// Weights are called “FP8” in prose, which may mean either 8-bit format.
    pub either_fp8: bool,
    /// A number format is named for which there are no figures.
    pub unknown_format: bool,
}

impl Stated {
    /// From a run's deployment, the set-up of one of its points, and what the sources say apart from any run.
    pub fn of(d: &Deployment, setup: Option<&Setup>, context: &Context) -> Self {
        let either = |a: &Option<String>, b: &Option<String>| a.clone().or_else(|| b.clone());
        let q = &d.quantization;
        let either_fp8 = q.gemm.as_deref() == Some("FP8");
        let gemm = q.gemm.as_deref().filter(|_| !either_fp8);
        let gemm = gemm.map(|n| GemmQuant::parse(n).ok());
        let kvcache = q.kvcache.as_deref().map(|n| KvQuant::parse(n).ok());
        let fmha = q.fmha.as_deref().map(|n| FmhaQuant::parse(n).ok());
        Self {
            rules: either(&d.backend_version, &context.backend_version)
                .as_deref()
                .and_then(rules_of),
            model: either(&d.model, &context.model).as_deref().map(model_name),
            system: either(&d.system, &context.system)
                .as_deref()
                .map(system_name),
            // A sweep is one run of many deployments: the point knows its own.
            tp: setup.and_then(|s| s.tp).or(d.tp),
            pp: setup.and_then(|s| s.pp).or(d.pp),
            either_fp8,
            unknown_format: gemm == Some(None) || kvcache == Some(None) || fmha == Some(None),
            gemm: gemm.flatten(),
            kvcache: kvcache.flatten(),
            fmha: fmha.flatten(),
        }
    }

    /// The same with what the deployment files say about the engine, which is what ran. A KV cache and attention that
    /// they don't name are in 16 bits where the weights are: the engines' own default.
    #[must_use]
    pub fn deployed(mut self, facts: &EngineFacts) -> Self {
        let precision = |n: Option<NumberFormat>| n.map(|n| n.precision);
        let weights = precision(facts.weights);
        let gemm = weights.map(|p| match p {
            Precision::Bits16 => Some(GemmQuant::Float16),
            Precision::Fp8 => Some(GemmQuant::Fp8),
            Precision::Fp8Block => Some(GemmQuant::Fp8Block),
            _ => None,
        });
        let follows = weights.filter(|p| *p == Precision::Bits16);
        let kvcache = precision(facts.kv_cache).or(follows).map(|p| match p {
            Precision::Bits16 => Some(KvQuant::Float16),
            Precision::Fp8 => Some(KvQuant::Fp8),
            _ => None,
        });
        let fmha = precision(facts.attention).or(follows).map(|p| match p {
            Precision::Bits16 => Some(FmhaQuant::Float16),
            Precision::Fp8 => Some(FmhaQuant::Fp8),
            _ => None,
        });
        if let Some(model) = &facts.model {
            self.model = Some(model_name(model));
        }
        self.tp = facts.tp.or(self.tp);
        self.pp = facts.pp.or(self.pp);
        if weights.is_some() {
            self.either_fp8 = false;
        }
        self.unknown_format = gemm == Some(None) || kvcache == Some(None) || fmha == Some(None);
        self.gemm = gemm.flatten().or(self.gemm);
        self.kvcache = kvcache.flatten().or(self.kvcache);
        self.fmha = fmha.flatten().or(self.fmha);
        self
    }

    /// The number formats, AIC's own default where none is named.
    pub fn quant(&self) -> Quant {
        let default = Quant::default();
        Quant {
            gemm: self.gemm.unwrap_or(default.gemm),
            kvcache: self.kvcache.unwrap_or(default.kvcache),
            fmha: self.fmha.unwrap_or(default.fmha),
        }
    }

    /// The configuration of one worker for requests of these lengths, where model, system, TP and the format of the
    /// weights are named and known. Its batch and context tokens are yet to be set.
    pub fn config(&self, isl: u32, osl: u32) -> Option<Config> {
        if self.unknown_format || (self.gemm.is_none() && !self.either_fp8) {
            return None;
        }
        Some(Config {
            model: self.model.clone()?,
            system: self.system.clone()?,
            tp: self.tp?,
            pp: self.pp.unwrap_or(1),
            quant: self.quant(),
            isl,
            osl,
            ..Config::default()
        })
    }
}

/// A projection that says which 8-bit format it was made for, by what it comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Requests in one worker's batch.
    pub batch: u32,
    /// Context tokens of a step, where stated.
    pub ctx_tokens: Option<u32>,
    /// Input tokens.
    pub isl: u32,
    /// Output tokens.
    pub osl: u32,
    /// Projected output tokens/s for each GPU.
    pub per_gpu: f64,
}

/// Which 8-bit format “FP8” in prose means: the one that reproduces the projection, else AIC's default.
pub fn which_fp8(engine: &Engine, config: &Config, anchor: Option<&Anchor>) -> GemmQuant {
    let reproduces = |gemm: &GemmQuant| {
        let Some(a) = anchor else { return false };
        let mut c = config.clone();
        c.quant.gemm = *gemm;
        (c.isl, c.osl) = (a.isl, a.osl);
        estimate_at(engine, &c, a.batch, a.ctx_tokens)
            .is_some_and(|e| (e.tokens_s_gpu / a.per_gpu - 1.0).abs() <= NEAR)
    };
    [GemmQuant::Fp8Block, GemmQuant::Fp8]
        .into_iter()
        .find(reproduces)
        .unwrap_or(GemmQuant::Fp8Block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Known, Quantization};

    #[test]
    fn a_system_has_one_name() {
        for name in [
            "H200 SXM",
            "h200",
            "nvidia_h200",
            "NVIDIA H200",
            "h200_sxm",
            "H200-SXM",
            "H200 SXM 141GB",
        ] {
            assert_eq!(system_name(name), "h200_sxm", "{name}");
            assert_eq!(hardware_of(name).unwrap().system, "h200_sxm");
        }
        for (name, system) in [
            ("H100 SXM", "h100_sxm"),
            ("H100 PCIe", "h100_pcie"),
            ("B200", "b200_sxm"),
            ("GB200 NVL72", "gb200"),
            ("L40S", "l40s"),
            ("NVIDIA L4", "l4"),
        ] {
            assert_eq!(system_name(name), system);
            assert_eq!(hardware_of(name).unwrap().system, system);
        }
        for name in ["H20", "GH200", "", "L40", "H100 NVL", "RTX", "B2000"] {
            assert_eq!(hardware_of(name), None, "{name}");
        }
    }

    fn deployment(gemm: Option<&str>) -> Deployment {
        Deployment {
            model: Some("Qwen/Qwen3-32B".to_owned()),
            system: Some("nvidia_h200".to_owned()),
            tp: Some(4),
            quantization: Quantization {
                gemm: gemm.map(str::to_owned),
                ..Quantization::default()
            },
            ..Deployment::default()
        }
    }

    #[test]
    fn what_is_named_makes_a_configuration_and_what_is_not_makes_none() {
        let of = |gemm| Stated::of(&deployment(gemm), None, &Context::default());
        let c = of(Some("fp8_block")).config(4000, 500).unwrap();
        assert_eq!(
            (c.model.as_str(), c.system.as_str()),
            ("QWEN3_32B", "h200_sxm")
        );
        assert_eq!((c.tp, c.pp, c.quant), (4, 1, Quant::default()));
        assert!(of(Some("FP8")).either_fp8 && of(Some("FP8")).config(1, 2).is_some());
        assert_eq!(of(None).config(4000, 500), None);
        assert_eq!(of(Some("q4_k_m")).config(4000, 500), None);
        let point = Setup {
            tp: Some(8),
            ..Setup::default()
        };
        assert_eq!(
            Stated::of(&deployment(None), Some(&point), &Context::default()).tp,
            Some(8)
        );
    }

    #[test]
    fn what_ran_goes_before_what_was_planned() {
        let planned = Stated::of(&deployment(Some("fp8_block")), None, &Context::default());
        let format = |precision| {
            Some(NumberFormat {
                precision,
                known: Known::Stated,
            })
        };
        let facts = EngineFacts {
            tp: Some(8),
            weights: format(Precision::Bits16),
            ..EngineFacts::default()
        };
        let ran = planned.clone().deployed(&facts);
        assert_eq!(ran.tp, Some(8));
        assert_eq!(
            ran.quant(),
            Quant {
                gemm: GemmQuant::Float16,
                kvcache: KvQuant::Float16,
                fmha: FmhaQuant::Float16
            }
        );
        let four_bit = EngineFacts {
            weights: format(Precision::Nvfp4),
            ..facts
        };
        assert_eq!(planned.clone().deployed(&four_bit).config(4000, 500), None);
        assert_eq!(planned.clone().deployed(&EngineFacts::default()), planned);
    }

    #[test]
    fn requests_spread_over_workers_and_stages() {
        assert_eq!(batch_of(100, 8, 1), 13);
        assert_eq!(batch_of(1, 8, 2), 1);
        assert_eq!(batch_of(12, 1, 2), 6);
    }
}
