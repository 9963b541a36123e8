//! The cost model as the audit's [`Projector`].
//!
//! Knows which questions the audit has. Refuses to read a source's words: `cost::resolve` does.

use super::{Ask, Choice, Projector};
use crate::accuracy::Expected;
use crate::cost::pack::Subset;
use crate::cost::resolve::{
    Anchor, NO_LIMIT_MS, Stated, batch_of, estimate_at, rules_of, which_fp8, whole,
};
use crate::cost::{Config, Engine, RuleSet, SweepInput};
use crate::explain::{Candidate, as_deployed};
use crate::model::{Context, RunKind, Setup, Tool, Workspace};
use crate::units::Seconds;
use std::sync::{Arc, Mutex, PoisonError};

/// Asks an engine. The last sweep is kept, for it takes far longer than the other checks.
#[derive(Debug)]
pub struct CostProjector {
    engine: Arc<Engine>,
    last: Mutex<Option<(SweepInput, Option<Vec<Choice>>)>>,
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
        // The question already holds what is said apart from any run.
        let stated = Stated::of(&ask.deployment, None, &Context::default());
        let mut config = stated.config(whole(ask.isl)?, whole(ask.osl)?)?;
        if stated.either_fp8 {
            let anchor = ask.anchor.and_then(|(batch, per_gpu)| {
                Some(Anchor {
                    batch,
                    ctx_tokens: ask.ctx_tokens,
                    isl: whole(ask.anchor_lengths.0)?,
                    osl: whole(ask.anchor_lengths.1)?,
                    per_gpu,
                })
            });
            config.quant.gemm = which_fp8(&self.engine, &config, anchor.as_ref());
        }
        Some(config)
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
            ..SweepInput::default()
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

    fn as_deployed(&self, ws: &Workspace, run: usize) -> Option<Candidate> {
        as_deployed(ws, run, &self.engine).ok()
    }

    fn expected_at(&self, ask: &Ask, concurrency: u32) -> Option<Expected> {
        let c = self.config(ask)?;
        let replica = c.tp.checked_mul(c.pp).filter(|g| *g > 0)?;
        let replicas = ask.total_gpus.checked_div(replica).filter(|r| *r > 0)?;
        let batch = batch_of(concurrency, replicas, c.pp);
        let e = estimate_at(&self.engine, &c, batch, ask.ctx_tokens)?;
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
