//! The inputs: what the person set, over what the projection on the table says, over AIC's own example.

use crate::analysis::Analysis;
use crate::cost::resolve::{Anchor, NO_LIMIT_MS, Stated, context_tokens, which_fp8, whole};
use crate::cost::{Arch, Config, Engine, FmhaQuant, GemmQuant, KvQuant, RuleSet, SweepInput};
use crate::ingest::best_projection;
use crate::model::{Metric, Point, Run, RunKind, Sla, Tool, Workspace};
use crate::units::Seconds;

/// What the person set; what is absent stays as the projection on the table has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Rules and the figures that go with them.
    pub rules: Option<RuleSet>,
    /// Model.
    pub model: Option<String>,
    /// GPU system.
    pub system: Option<String>,
    /// GPUs at hand.
    pub gpus: Option<u32>,
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
    /// Requests in flight of one replica and stage.
    pub batch: Option<u32>,
    /// Context tokens of a mixed step.
    pub ctx_tokens: Option<u32>,
    /// Input tokens.
    pub isl: Option<u32>,
    /// Output tokens.
    pub osl: Option<u32>,
    /// Price of one GPU for one hour.
    pub price: Option<f64>,
}

impl Asked {
    /// What is set, as key and value of an address.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let mut put = |key, value: Option<String>| out.extend(value.map(|v| (key, v)));
        let count = |v: Option<u32>| v.map(|v| v.to_string());
        let label = |l: &str| l.to_owned();
        put("rules", self.rules.map(|r| r.to_string()));
        put("model", self.model.clone());
        put("system", self.system.clone());
        put("gpus", count(self.gpus));
        put("tp", count(self.tp));
        put("pp", count(self.pp));
        put("gemm", self.gemm.map(|q| label(q.label(RuleSet::Aic02))));
        put("kv", self.kvcache.map(|q| label(q.label(RuleSet::Aic02))));
        put("fmha", self.fmha.map(|q| label(q.label(RuleSet::Aic02))));
        put("batch", count(self.batch));
        put("ctx", count(self.ctx_tokens));
        put("isl", count(self.isl));
        put("osl", count(self.osl));
        put("price", self.price.map(|p| p.to_string()));
        out
    }

    /// Takes one pair of an address; what does not parse is left out.
    pub fn take(&mut self, key: &str, value: &str) {
        let count = || value.parse::<u32>().ok();
        let name = || {
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
            (!value.is_empty() && value.len() <= 80 && value.chars().all(fine))
                .then(|| value.to_owned())
        };
        match key {
            "rules" => self.rules = value.parse().ok(),
            "model" => self.model = name(),
            "system" => self.system = name(),
            "gpus" => self.gpus = count(),
            "tp" => self.tp = count(),
            "pp" => self.pp = count(),
            "gemm" => self.gemm = GemmQuant::parse(value).ok(),
            "kv" => self.kvcache = KvQuant::parse(value).ok(),
            "fmha" => self.fmha = FmhaQuant::parse(value).ok(),
            "batch" => self.batch = count(),
            "ctx" => self.ctx_tokens = count(),
            "isl" => self.isl = count(),
            "osl" => self.osl = count(),
            "price" => {
                self.price = value
                    .parse()
                    .ok()
                    .filter(|p: &f64| p.is_finite() && *p >= 0.0);
            }
            _ => {}
        }
    }
}

/// A whole configuration with the hardware at hand and its price.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// Rules and the figures that go with them.
    pub rules: RuleSet,
    /// GPUs at hand.
    pub gpus: u32,
    /// Price of one GPU for one hour.
    pub price: f64,
    /// The configuration of one replica.
    pub config: Config,
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            rules: RuleSet::Aic02,
            gpus: 8,
            price: 3.0,
            config: Config::default(),
        }
    }
}

/// What the figures of a rule set come from.
pub fn versions(rules: RuleSet) -> &'static str {
    match rules {
        RuleSet::Aic02 => "AIC 0.2.0, TRT-LLM 0.20.0",
        RuleSet::Aic012 => "AIC 0.12.0, TRT-LLM 1.3.0rc20",
    }
}

/// The rule set in a sentence.
pub fn short_rules(rules: RuleSet) -> &'static str {
    match rules {
        RuleSet::Aic02 => "AIC 0.2",
        RuleSet::Aic012 => "AIC 0.12",
    }
}

impl Inputs {
    /// What the view opens with: the projection that the verdict judges, or the best aggregated configuration beside it
    /// where that one is disaggregated; the work that was measured where nothing is projected.
    pub fn open(ws: &Workspace, analysis: &Analysis, engine: Option<&Engine>) -> Self {
        let at = opened(ws, analysis);
        let mut out = Self::start(ws, at, engine);
        if let (None, Some(gpus)) = (ws.context.total_gpus, at.and_then(|(r, _)| swept_gpus(r))) {
            out.gpus = gpus;
        }
        if at.is_none() {
            let c = &mut out.config;
            let two_prompts = c.ctx_tokens / c.isl.max(1);
            c.isl = analysis.facts.isl.asked.and_then(whole).unwrap_or(c.isl);
            c.osl = analysis.facts.osl.asked.and_then(whole).unwrap_or(c.osl);
            c.ctx_tokens = c.isl.saturating_mul(two_prompts);
        }
        out
    }

    /// Where What-if starts: a projection on the table, else AIC's own example.
    ///
    /// “FP8” in prose may mean either 8-bit format of the weights: with an engine the one that reproduces the
    /// projection is taken, else AIC's default.
    pub fn start(ws: &Workspace, at: Option<(&Run, &Point)>, engine: Option<&Engine>) -> Self {
        let context = &ws.context;
        let blank = crate::model::Deployment::default();
        let d = at.map_or(&blank, |(r, _)| &r.deployment);
        let setup = at.and_then(|(_, p)| p.setup.as_ref());
        let stated = Stated::of(d, setup, context);
        let base = Config::default();
        let of_point = |get: fn(&Point) -> Option<f64>| at.and_then(|(_, p)| get(p));
        let tokens = |own: Option<f64>, asked: Option<f64>| own.or(asked).and_then(whole);
        let isl = tokens(of_point(|p| p.workload.isl), context.isl).unwrap_or(base.isl);
        let osl = tokens(of_point(|p| p.workload.osl), context.osl).unwrap_or(base.osl);
        let tp = stated.tp.unwrap_or(base.tp);
        let pp = stated.pp.unwrap_or(base.pp);
        let concurrency = at.and_then(|(_, p)| p.load.concurrency);
        let batch = setup
            .and_then(|s| s.batch)
            .or_else(|| concurrency.map(|c| c.div_ceil(pp.max(1))))
            .unwrap_or(base.batch);
        let ctx_tokens = setup.and_then(|s| s.ctx_tokens);
        let mut config = Config {
            quant: stated.quant(),
            model: stated.model.unwrap_or_else(|| base.model.clone()),
            system: stated.system.unwrap_or_else(|| base.system.clone()),
            tp,
            pp,
            batch,
            ctx_tokens: ctx_tokens.unwrap_or_else(|| context_tokens(isl, batch)),
            isl,
            osl,
            ..base
        };
        let stated_rate = at.and_then(|(_, p)| p.reported(Metric::OutputThroughputPerGpu));
        if let (true, Some(engine), Some(per_gpu)) = (stated.either_fp8, engine, stated_rate) {
            let anchor = Anchor {
                batch,
                ctx_tokens,
                isl,
                osl,
                per_gpu,
            };
            config.quant.gemm = which_fp8(engine, &config, Some(&anchor));
        }
        Self {
            rules: stated.rules.unwrap_or(RuleSet::Aic02),
            gpus: context
                .total_gpus
                .or_else(|| at.and_then(|(r, _)| r.gpus()))
                .unwrap_or_else(|| tp.saturating_mul(pp).max(8)),
            config,
            ..Self::default()
        }
    }

    /// The same with what the person set.
    #[must_use]
    pub fn with(mut self, asked: &Asked) -> Self {
        fn put<T: Clone>(to: &mut T, from: &Option<T>) {
            if let Some(v) = from {
                to.clone_from(v);
            }
        }
        let c = &mut self.config;
        put(&mut self.rules, &asked.rules);
        put(&mut self.gpus, &asked.gpus);
        put(&mut self.price, &asked.price);
        put(&mut c.model, &asked.model);
        put(&mut c.system, &asked.system);
        put(&mut c.tp, &asked.tp);
        put(&mut c.pp, &asked.pp);
        put(&mut c.quant.gemm, &asked.gemm);
        put(&mut c.quant.kvcache, &asked.kvcache);
        put(&mut c.quant.fmha, &asked.fmha);
        put(&mut c.batch, &asked.batch);
        put(&mut c.ctx_tokens, &asked.ctx_tokens);
        put(&mut c.isl, &asked.isl);
        put(&mut c.osl, &asked.osl);
        self
    }

    /// These inputs as if the person had set every one, for a pinned scenario.
    pub fn all_asked(&self) -> Asked {
        let c = &self.config;
        Asked {
            rules: Some(self.rules),
            model: Some(c.model.clone()),
            system: Some(c.system.clone()),
            gpus: Some(self.gpus),
            tp: Some(c.tp),
            pp: Some(c.pp),
            gemm: Some(c.quant.gemm),
            kvcache: Some(c.quant.kvcache),
            fmha: Some(c.quant.fmha),
            batch: Some(c.batch),
            ctx_tokens: Some(c.ctx_tokens),
            isl: Some(c.isl),
            osl: Some(c.osl),
            price: Some(self.price),
        }
    }

    /// The sweep over both ways of serving, for the same model, formats and work.
    pub fn sweep(&self, sla: &Sla) -> SweepInput {
        let c = &self.config;
        let ms = |limit: Option<Seconds>| limit.map_or(NO_LIMIT_MS, Seconds::ms);
        SweepInput {
            model: c.model.clone(),
            system: c.system.clone(),
            total_gpus: self.gpus,
            isl: c.isl,
            osl: c.osl,
            ttft_ms: ms(sla.ttft),
            tpot_ms: ms(sla.tpot),
            quant: c.quant,
            backend: c.backend,
            moe: c.moe,
            asked: !c.inferred,
        }
    }

    /// Requests in flight of one replica.
    pub fn concurrency(&self) -> u32 {
        self.config.batch.saturating_mul(self.config.pp)
    }

    /// The model as the hub names it, or as it was given.
    pub fn model_path(&self) -> String {
        let name = self.config.model.as_str();
        Arch::find(name, self.rules)
            .map_or(name, |a| a.hub_name)
            .to_owned()
    }
}

/// The projected configuration of one worker that the view opens with.
fn opened<'a>(ws: &'a Workspace, analysis: &Analysis) -> Option<(&'a Run, &'a Point)> {
    let aggregated = |p: &Point| p.setup.as_ref().is_none_or(|s| !s.disagg);
    let judged = analysis.projected.and_then(|at| {
        let run = ws.runs.get(at.run)?;
        Some((run, run.points.get(at.point)?))
    });
    let beside = || {
        ws.runs
            .iter()
            .filter(|r| r.kind == RunKind::Projected)
            .filter_map(|r| Some((r, best_projection(r, &ws.context)?)))
            .find(|(_, p)| aggregated(p))
    };
    judged
        .filter(|(_, p)| aggregated(p))
        .or_else(beside)
        .or(judged)
}

/// GPUs of the largest replica of AIC's own sweep, which stays within those it was given.
fn swept_gpus(run: &Run) -> Option<u32> {
    let swept = run.tool == Tool::Aic && run.points.len() > 1;
    run.points
        .iter()
        .filter(|_| swept)
        .filter_map(|p| p.gpus)
        .max()
}
