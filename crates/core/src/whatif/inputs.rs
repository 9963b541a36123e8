//! The inputs: what the person set, over what the projection on the table says, over AIC's own example.

use crate::analysis::Analysis;
use crate::audit::rules_of;
use crate::cost::{
    Arch, Config, Engine, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, RuleSet, SweepInput,
};
use crate::ingest::best_projection;
use crate::model::{Metric, Point, Run, RunKind, Sla, Tool, Workspace};
use crate::units::Seconds;

/// Limits that stand for an absent one: AIC's sweep needs both.
const NO_LIMIT_MS: f64 = 1e6;
/// How near a projection must be reproduced to tell two number formats apart.
const NEAR: f64 = 0.005;

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
            c.isl = whole(analysis.facts.isl.asked).unwrap_or(c.isl);
            c.osl = whole(analysis.facts.osl.asked).unwrap_or(c.osl);
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
        let setup = at.and_then(|(_, p)| p.setup.clone()).unwrap_or_default();
        let version = d
            .backend_version
            .as_deref()
            .or(context.backend_version.as_deref());
        let rules = version.and_then(rules_of).unwrap_or(RuleSet::Aic02);
        let base = Config::default();
        let of_point = |get: fn(&Point) -> Option<f64>| at.and_then(|(_, p)| get(p));
        let isl = whole(of_point(|p| p.workload.isl).or(context.isl)).unwrap_or(base.isl);
        let osl = whole(of_point(|p| p.workload.osl).or(context.osl)).unwrap_or(base.osl);
        let tp = setup.tp.or(d.tp).unwrap_or(base.tp);
        let pp = setup.pp.or(d.pp).unwrap_or(base.pp);
        let concurrency = at.and_then(|(_, p)| p.load.concurrency);
        let batch = setup
            .batch
            .or_else(|| concurrency.map(|c| c.div_ceil(pp.max(1))))
            .unwrap_or(base.batch);
        let q = &d.quantization;
        let ambiguous = q.gemm.as_deref() == Some("FP8");
        let config = Config {
            model: d
                .model
                .as_ref()
                .or(context.model.as_ref())
                .map_or(base.model, |m| canonical(m)),
            system: d
                .system
                .as_ref()
                .or(context.system.as_ref())
                .map_or(base.system, |s| system(s)),
            tp,
            pp,
            quant: Quant {
                gemm: q
                    .gemm
                    .as_deref()
                    .filter(|_| !ambiguous)
                    .and_then(|n| GemmQuant::parse(n).ok())
                    .unwrap_or(GemmQuant::Fp8Block),
                kvcache: q
                    .kvcache
                    .as_deref()
                    .and_then(|n| KvQuant::parse(n).ok())
                    .unwrap_or(KvQuant::Fp8),
                fmha: q
                    .fmha
                    .as_deref()
                    .and_then(|n| FmhaQuant::parse(n).ok())
                    .unwrap_or(FmhaQuant::Fp8),
            },
            batch,
            // Two prompts a step are AIC's usual best, but need a third request to decode.
            ctx_tokens: setup
                .ctx_tokens
                .unwrap_or_else(|| isl.saturating_mul(if batch > 2 { 2 } else { 1 })),
            isl,
            osl,
        };
        let mut out = Self {
            rules,
            gpus: context
                .total_gpus
                .or_else(|| at.and_then(|(r, _)| r.gpus()))
                .unwrap_or_else(|| tp.saturating_mul(pp).max(8)),
            config,
            ..Self::default()
        };
        let stated = at.and_then(|(_, p)| p.reported(Metric::OutputThroughputPerGpu));
        if ambiguous
            && let (Some(engine), Some(stated)) = (engine, stated)
            && !out.reproduces(engine, stated)
        {
            let mut other = out.clone();
            other.config.quant.gemm = GemmQuant::Fp8;
            if other.reproduces(engine, stated) {
                out = other;
            }
        }
        out
    }

    fn reproduces(&self, engine: &Engine, per_gpu: f64) -> bool {
        engine
            .estimate(Mode::Agg, &self.config)
            .is_ok_and(|e| (e.tokens_s_gpu / per_gpu - 1.0).abs() <= NEAR)
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

/// The cost model's own name of a model, whichever rules know it; else the name as given.
fn canonical(name: &str) -> String {
    [RuleSet::Aic02, RuleSet::Aic012]
        .into_iter()
        .find_map(|rules| Arch::find(name, rules).ok())
        .map_or_else(|| name.to_owned(), |a| a.name.to_owned())
}

/// `H200 SXM`, `H200` and `h200_sxm` are one system.
fn system(name: &str) -> String {
    let plain = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    match plain.as_str() {
        "h200" | "nvidia_h200" => "h200_sxm".to_owned(),
        _ => plain,
    }
}

fn whole(tokens: Option<f64>) -> Option<u32> {
    let t = tokens?;
    (t.is_finite() && t >= 1.0 && t <= f64::from(u32::MAX)).then(|| t.round() as u32)
}
