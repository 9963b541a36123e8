//! The engine: tables and rules together, and the estimate of one configuration.

use serde::Serialize;

use super::agg::{self, Memo};
use super::arch::Arch;
use super::backend::Backend;
use super::config::{Config, MOST_CONTEXT, Mode, lengths, within};
use super::error::{CostError, list};
use super::memory::{KvBudget, Memory, Usage};
use super::ops::Price;
use super::rules::{RuleSet, Rules};
use super::source::Source;
use super::static_mode;
use super::tables::Tables;
use super::worker::Worker;

/// The cost model of one rule set over the systems whose tables were loaded. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Engine {
    pub(crate) rules: &'static Rules,
    pub(crate) sources: Vec<Source>,
}

/// How an aggregated worker's requests fall into steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Steps {
    /// Mixed steps per batch, as the throughput counts them.
    pub mix_steps: u64,
    /// Mixed steps that the time between tokens counts.
    pub tpot_mix_steps: u64,
    /// Steps that only decode.
    pub gen_steps: u64,
    /// Requests that decode during a mixed step.
    pub mix_decodes: u64,
    /// Requests whose prompts a mixed step spans.
    pub ctx_requests: u64,
    /// Requests that decode while others are prefilled, as AIC reports them.
    pub gen_requests: u64,
    /// Tokens of a mixed step, as AIC reports them.
    pub num_tokens: u64,
    /// Time of a mixed step, ms.
    pub mix_ms: f64,
    /// Time of a step that only decodes, ms; none when there is none.
    pub gen_ms: Option<f64>,
    /// Above one the worker is bound by prefill.
    pub balance: f64,
}

/// The estimate of one configuration. Nothing is rounded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// What the worker does.
    pub mode: Mode,
    /// Time to the first token, ms; none for a decode worker.
    pub ttft_ms: Option<f64>,
    /// Time between tokens, ms; none for a prefill worker.
    pub tpot_ms: Option<f64>,
    /// Tokens per second of the worker: output tokens after the first, or first tokens of a prefill worker.
    pub tokens_s: f64,
    /// The same per GPU.
    pub tokens_s_gpu: f64,
    /// Tokens per second that one user sees, 1000 / TPOT; none for a prefill worker.
    pub tokens_s_user: Option<f64>,
    /// Requests per second of the worker.
    pub seq_s: f64,
    /// Requests in flight.
    pub concurrency: u32,
    /// GPUs of the worker.
    pub gpus: u32,
    /// Memory of one GPU.
    pub memory: Memory,
    /// Whether the memory overflows; the times are what they would be without overflow.
    pub oom: bool,
    /// What the KV cache may use, where the rule set limits it.
    pub kv_budget: Option<KvBudget>,
    /// What the reader should know, as a sentence.
    pub warning: Option<String>,
    /// Step counts of an aggregated worker.
    pub steps: Option<Steps>,
}

/// Bounds that no implementation on this hardware can beat: arithmetic at peak, memory and links at full bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpeedOfLight {
    /// Least time to the first token, ms, without waiting; none for a decode worker.
    pub ttft_ms: Option<f64>,
    /// Least time between tokens, ms; none for a prefill worker.
    pub tpot_ms: Option<f64>,
    /// Most tokens per second per GPU.
    pub tokens_s_gpu: f64,
    /// Most tokens per second per user; none for a prefill worker.
    pub tokens_s_user: Option<f64>,
}

/// Throughput and latency before they are shaped for the reader.
struct Figures {
    ttft_ms: Option<f64>,
    tpot_ms: Option<f64>,
    tokens_s: f64,
    seq_s: f64,
    /// GPUs that the throughput is divided by.
    gpus: u32,
    steps: Option<Steps>,
}

impl Engine {
    /// An engine over the figures of one system.
    ///
    /// # Errors
    /// [`CostError::RulesMismatch`] when the figures were packed for the other rule set.
    pub fn new(rules: RuleSet, tables: Tables) -> Result<Self, CostError> {
        let mut engine = Self {
            rules: rules.rules(),
            sources: Vec::new(),
        };
        engine.add(tables)?;
        Ok(engine)
    }

    /// Adds the figures of another system, backend or set of models; figures of the same are replaced.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn add(&mut self, tables: Tables) -> Result<(), CostError> {
        if tables.rules() != self.rules.set {
            return Err(CostError::RulesMismatch {
                engine: self.rules.set.to_string(),
                pack: tables.rules().to_string(),
            });
        }
        let backend: Backend = tables.hardware().backend.parse()?;
        let rules = self
            .rules
            .set
            .of(backend)
            .ok_or_else(|| CostError::Unsupported {
                what: format!("the backend {backend}"),
                rules: self.rules.set.to_string(),
            })?;
        let same = |s: &Source| {
            let (a, b) = (s.hw(), tables.hardware());
            a.system == b.system && a.backend == b.backend && s.tables.only == tables.only
        };
        self.sources.retain(|s| !same(s));
        self.sources.push(Source::new(rules, tables));
        Ok(())
    }

    /// The rule set.
    pub fn rules(&self) -> RuleSet {
        self.rules.set
    }

    /// Systems that are loaded, each once.
    pub fn systems(&self) -> impl Iterator<Item = &str> {
        let name = |s: &'_ Source| s.hw().system.clone();
        let sources = self.sources.iter().enumerate();
        sources
            .filter(move |(i, s)| !self.sources.iter().take(*i).any(|t| name(t) == name(s)))
            .map(|(_, s)| s.hw().system.as_str())
    }

    fn unknown_system(&self, system: &str) -> CostError {
        CostError::UnknownSystem {
            name: system.to_owned(),
            known: list(&self.systems().collect::<Vec<_>>()),
        }
    }

    /// Figures of a system, whatever backend and models they are of.
    pub(crate) fn source_on(&self, system: &str) -> Result<&Source, CostError> {
        self.sources
            .iter()
            .find(|s| s.hw().is(system))
            .ok_or_else(|| self.unknown_system(system))
    }

    /// Figures of a system and backend that answer for a model.
    pub(crate) fn source(
        &self,
        system: &str,
        backend: Backend,
        arch: &Arch,
    ) -> Result<&Source, CostError> {
        self.source_on(system)?;
        let on = |s: &&Source| s.hw().is(system) && s.rules.backend == backend;
        let mut found = self.sources.iter().filter(on).peekable();
        if found.peek().is_none() {
            return Err(CostError::NoBackend {
                system: system.to_owned(),
                backend,
            });
        }
        let mut lacking = None;
        for source in found {
            match source.tables.check_model(arch) {
                Ok(()) => return Ok(source),
                Err(e) => lacking = lacking.or(Some(e)),
            }
        }
        Err(lacking.unwrap_or_else(|| self.unknown_system(system)))
    }

    pub(crate) fn worker(&self, c: &Config) -> Result<Worker<'_>, CostError> {
        self.source_on(&c.system)?;
        let arch = Arch::find(&c.model, self.rules.set)?;
        let mut plan = c.plan();
        if arch.experts.is_none() {
            (plan.parallel.moe_tp, plan.parallel.moe_ep) = (1, 1);
        }
        Worker::new(self.source(&c.system, c.backend, arch)?, arch, plan)
    }

    /// Estimates one configuration.
    ///
    /// # Errors
    /// Every input that cannot be projected gives a [`CostError`]; running out of memory is no error but `oom`.
    pub fn estimate(&self, mode: Mode, c: &Config) -> Result<Estimate, CostError> {
        let worker = self.worker(c)?;
        let f = figures(&worker, mode, c, Price::Measured)?;
        let Usage {
            memory,
            oom,
            kv_budget,
        } = memory(&worker, mode, c)?;
        let gpus = worker.gpus();
        let warning = if oom {
            Some(format!(
                "One GPU would need {:.1} GiB and has {:.1} GiB, so this does not run; the times are what they would be if it did.",
                memory.total_gib, memory.capacity_gib
            ))
        } else {
            kv_budget.filter(|b| !b.fits).map(|b| {
                format!(
                    "The KV cache needs {:.1} GiB, but {:.1} GiB are free for it, so fewer requests would run at once.",
                    memory.kv_gib,
                    b.limit_gib.max(0.0)
                )
            })
        };
        Ok(Estimate {
            mode,
            ttft_ms: f.ttft_ms,
            tpot_ms: f.tpot_ms,
            tokens_s: f.tokens_s,
            tokens_s_gpu: f.tokens_s / f64::from(f.gpus),
            tokens_s_user: f.tpot_ms.map(|t| 1000.0 / t),
            seq_s: f.seq_s,
            concurrency: c.batch.saturating_mul(c.pp).saturating_mul(c.dp),
            gpus,
            memory,
            oom,
            kv_budget,
            warning,
            steps: f.steps,
        })
    }

    /// The speed-of-light bound of the same configuration: every operation at its roofline, the same steps, no
    /// waiting.
    ///
    /// # Errors
    /// As [`Engine::estimate`].
    pub fn speed_of_light(&self, mode: Mode, c: &Config) -> Result<SpeedOfLight, CostError> {
        let worker = self.worker(c)?;
        // A bound beside no estimate would mislead: refuse what the figures do not reach.
        figures(&worker, mode, c, Price::Measured)?;
        let f = figures(&worker, mode, c, Price::Roofline)?;
        Ok(SpeedOfLight {
            ttft_ms: f.ttft_ms,
            tpot_ms: f.tpot_ms,
            tokens_s_gpu: f.tokens_s / f64::from(f.gpus),
            tokens_s_user: f.tpot_ms.map(|t| 1000.0 / t),
        })
    }
}

fn figures(
    worker: &Worker<'_>,
    mode: Mode,
    c: &Config,
    price: Price,
) -> Result<Figures, CostError> {
    let (b, isl, osl) = lengths(c)?;
    let batches = worker.batches();
    match mode {
        Mode::Agg => {
            let ctx = within(c.ctx_tokens, MOST_CONTEXT, "context tokens")?;
            let plan = agg::plan(worker.rules, b, isl, osl, ctx)?;
            let t = agg::times(worker, price, &plan, &mut Memo::default())?;
            Ok(Figures {
                ttft_ms: Some(t.ttft_ms),
                tpot_ms: Some(t.tpot_ms),
                tokens_s: t.tokens_s,
                seq_s: t.tokens_s / (osl - 1) as f64,
                gpus: worker.gpus(),
                steps: Some(Steps {
                    mix_steps: plan.mix_steps,
                    tpot_mix_steps: plan.tpot_mix_steps,
                    gen_steps: plan.gen_steps,
                    mix_decodes: plan.mix_decodes,
                    ctx_requests: plan.ctx_requests,
                    gen_requests: plan.gen_requests(),
                    num_tokens: plan.num_tokens(),
                    mix_ms: t.mix_ms,
                    gen_ms: Some(t.gen_ms).filter(|_| plan.gen_steps > 0),
                    balance: plan.balance(),
                }),
            })
        }
        Mode::StaticCtx => {
            let ttft = static_mode::prefill_ms(worker, price, b, isl)?;
            let seq_s = 1000.0 * b as f64 * batches / ttft;
            Ok(Figures {
                ttft_ms: Some(ttft),
                tpot_ms: None,
                tokens_s: seq_s,
                seq_s,
                gpus: worker.counted_gpus(),
                steps: None,
            })
        }
        Mode::StaticGen => {
            if osl < 2 {
                return Err(CostError::OutputTooShort { osl: c.osl });
            }
            let total = static_mode::decode_ms(worker, price, b, isl, osl)?;
            let seq_s = 1000.0 * b as f64 * batches / total;
            let steps = (osl - 1) as f64;
            Ok(Figures {
                ttft_ms: None,
                tpot_ms: Some(total / steps),
                tokens_s: seq_s * steps,
                seq_s,
                gpus: worker.counted_gpus(),
                steps: None,
            })
        }
    }
}

pub(crate) fn memory(worker: &Worker<'_>, mode: Mode, c: &Config) -> Result<Usage, CostError> {
    let (b, isl, osl) = (u64::from(c.batch), u64::from(c.isl), u64::from(c.osl));
    match mode {
        Mode::Agg => agg::memory(
            worker,
            &agg::plan(worker.rules, b, isl, osl, u64::from(c.ctx_tokens))?,
        ),
        Mode::StaticCtx => static_mode::prefill_memory(worker, b, isl),
        Mode::StaticGen => static_mode::decode_memory(worker, b, isl, osl),
    }
}
