//! The cost model as the audit's [`Projector`].
//!
//! Knows how names from a source become a configuration of the model. Refuses to guess a model,
//! a system or a number format that the source does not name.

use super::{Ask, Choice, Projector};
use crate::accuracy::Expected;
use crate::cost::pack::Subset;
use crate::cost::{
    Config, Engine, Estimate, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, RuleSet, SweepInput,
};
use crate::model::{Deployment, RunKind, Setup, Tool, Workspace};
use crate::units::Seconds;
use std::sync::{Arc, Mutex, PoisonError};

/// Limits that stand for an absent one: AIC's sweep needs both.
const NO_LIMIT_MS: f64 = 1e6;
/// How near a projection must be reproduced to tell two number formats apart.
const NEAR: f64 = 0.005;

/// Asks an engine. The last sweep is kept, for it takes far longer than the other checks.
#[derive(Debug)]
pub struct CostProjector {
    engine: Arc<Engine>,
    last: Mutex<Option<(SweepInput, Option<Vec<Choice>>)>>,
}

/// The rules whose figures were measured on a version of TensorRT-LLM.
pub fn rules_of(backend_version: &str) -> Option<RuleSet> {
    match backend_version.trim_start_matches('v') {
        v if v.starts_with("0.20") => Some(RuleSet::Aic02),
        v if v.starts_with("1.3.0") => Some(RuleSet::Aic012),
        _ => None,
    }
}

/// The rules whose figures fit the projection on the table, and the figures that its model needs (none where
/// the sources name no model that the rules know). `None` without a projection, or where no rules fit its backend.
pub fn figures_for(ws: &Workspace) -> Option<(RuleSet, Option<Subset>)> {
    let run = ws
        .runs
        .iter()
        .find(|r| r.kind == RunKind::Projected && r.tool != Tool::CostModel)?;
    let deployment = &run.deployment;
    let backend = deployment
        .backend_version
        .as_deref()
        .or(ws.context.backend_version.as_deref())?;
    let rules = rules_of(backend)?;
    let model = deployment.model.as_deref().or(ws.context.model.as_deref());
    Some((rules, model.and_then(|m| Subset::for_model(m, rules))))
}

impl CostProjector {
    /// Over an engine with its figures.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            last: Mutex::new(None),
        }
    }

    fn config(&self, ask: &Ask) -> Option<Config> {
        let d = &ask.deployment;
        let config = Config {
            model: d.model.clone()?,
            system: self.system(d.system.as_deref()?)?,
            tp: d.tp?,
            pp: d.pp.unwrap_or(1),
            quant: Quant::default(),
            batch: 1,
            ctx_tokens: 1,
            isl: whole(ask.isl)?,
            osl: whole(ask.osl)?,
        };
        let quant = self.quant(d, ask, &config)?;
        Some(Config { quant, ..config })
    }

    /// `H200 SXM` and `h200_sxm` are one system.
    fn system(&self, name: &str) -> Option<String> {
        let wanted = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        self.engine
            .systems()
            .find(|s| *s == wanted || (!wanted.is_empty() && s.starts_with(&wanted)))
            .map(str::to_owned)
    }

    /// Number formats. “FP8” in prose may mean either 8-bit format of the weights: the one that
    /// reproduces the projection is taken, else AIC's default.
    fn quant(&self, d: &Deployment, ask: &Ask, config: &Config) -> Option<Quant> {
        let q = &d.quantization;
        let gemm = q.gemm.as_deref()?;
        let default = Quant::default();
        let kvcache = match q.kvcache.as_deref() {
            Some(name) => KvQuant::parse(name).ok()?,
            None => default.kvcache,
        };
        let fmha = match q.fmha.as_deref() {
            Some(name) => FmhaQuant::parse(name).ok()?,
            None => default.fmha,
        };
        let with = |gemm| Quant {
            gemm,
            kvcache,
            fmha,
        };
        if gemm != "FP8" {
            return Some(with(GemmQuant::parse(gemm).ok()?));
        }
        let reproduces = |gemm: GemmQuant| {
            let (concurrency, per_gpu) = ask.anchor?;
            let c = Config {
                quant: with(gemm),
                isl: whole(ask.anchor_lengths.0)?,
                osl: whole(ask.anchor_lengths.1)?,
                ..config.clone()
            };
            let e = self.estimate(&c, concurrency, ask.ctx_tokens)?;
            ((e.tokens_s_gpu / per_gpu - 1.0).abs() <= NEAR).then_some(())
        };
        let gemm = [GemmQuant::Fp8Block, GemmQuant::Fp8]
            .into_iter()
            .find(|g| reproduces(*g).is_some())
            .unwrap_or(GemmQuant::Fp8Block);
        Some(with(gemm))
    }

    /// One replica with a batch. Two prompts a step, AIC's usual best, where the batch allows it,
    /// else one.
    fn estimate(&self, c: &Config, batch: u32, ctx: Option<u32>) -> Option<Estimate> {
        let tries = [ctx, c.isl.checked_mul(2), Some(c.isl)];
        tries.into_iter().flatten().find_map(|ctx_tokens| {
            let c = Config {
                batch,
                ctx_tokens,
                ..c.clone()
            };
            self.engine.estimate(Mode::Agg, &c).ok()
        })
    }
}

impl Projector for CostProjector {
    fn name(&self) -> String {
        match self.engine.rules() {
            RuleSet::Aic02 => "AIC 0.2 rules with TRT-LLM 0.20.0 figures",
            RuleSet::Aic012 => "AIC 0.12 rules with TRT-LLM 1.3.0rc20 figures",
        }
        .to_owned()
    }

    fn choices(&self, ask: &Ask) -> Option<Vec<Choice>> {
        let config = self.config(ask)?;
        let input = SweepInput {
            model: config.model.clone(),
            system: config.system.clone(),
            total_gpus: ask.total_gpus,
            isl: config.isl,
            osl: config.osl,
            ttft_ms: ask.sla.ttft.map_or(NO_LIMIT_MS, Seconds::ms),
            tpot_ms: ask.sla.tpot.map_or(NO_LIMIT_MS, Seconds::ms),
            quant: config.quant,
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, choices)) = last.as_ref()
            && *known == input
        {
            return choices.clone();
        }
        let choices = self.engine.sweep(&input).ok().map(|sweep| {
            let mut out: Vec<Choice> = sweep
                .agg
                .top
                .iter()
                .map(|r| Choice {
                    setup: Setup {
                        tp: Some(r.tp),
                        pp: Some(r.pp),
                        batch: Some(r.bs),
                        ctx_tokens: Some(r.ctx_tokens),
                        memory_gib: Some(r.memory),
                        ..Setup::default()
                    },
                    concurrency: r.concurrency,
                    per_gpu: r.tokens_s_gpu,
                    ttft: Seconds::from_ms(r.ttft),
                    tpot: Seconds::from_ms(r.tpot),
                })
                .collect();
            out.extend(sweep.disagg.best.iter().map(|r| Choice {
                setup: Setup {
                    disagg: true,
                    prefill: Some((r.p_workers, r.p_tp, r.p_bs)),
                    decode: Some((r.d_workers, r.d_tp, r.d_bs)),
                    ..Setup::default()
                },
                concurrency: r.concurrency,
                per_gpu: r.tokens_s_gpu,
                ttft: Seconds::from_ms(r.ttft),
                tpot: Seconds::from_ms(r.tpot),
            }));
            out
        });
        *last = Some((input, choices.clone()));
        choices
    }

    fn expected_at(&self, ask: &Ask, concurrency: u32) -> Option<Expected> {
        let c = self.config(ask)?;
        let replica = c.tp.checked_mul(c.pp).filter(|g| *g > 0)?;
        let replicas = ask.total_gpus.checked_div(replica).filter(|r| *r > 0)?;
        // Requests spread evenly; a replica holds whole requests, at least one.
        let batch = concurrency.div_ceil(replicas).div_ceil(c.pp).max(1);
        let e = self.estimate(&c, batch, ask.ctx_tokens)?;
        let busy = f64::from(replicas.min(concurrency));
        Some(Expected {
            concurrency,
            isl: f64::from(c.isl),
            osl: f64::from(c.osl),
            disagg: false,
            requests_s: Some(e.seq_s * busy),
            per_gpu: Some(e.tokens_s_gpu * busy / f64::from(replicas)),
            ttft_s: e.ttft_ms.map(|t| Seconds::from_ms(t).0),
            tpot_s: e.tpot_ms.map(|t| Seconds::from_ms(t).0),
            latency_s: None,
        })
    }
}

fn whole(tokens: f64) -> Option<u32> {
    (tokens.is_finite() && tokens >= 1.0 && tokens <= f64::from(u32::MAX))
        .then(|| tokens.round() as u32)
}
