//! The engine: tables and rules together, and the estimate of one configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::agg::{self, Memo};
use super::arch::Arch;
use super::error::{CostError, list};
use super::memory::{KvBudget, Memory, Usage};
use super::ops::{Price, Worker};
use super::quant::Quant;
use super::rules::{RuleSet, Rules};
use super::source::Source;
use super::static_mode;
use super::tables::Tables;

/// The cost model of one rule set over the systems whose tables were loaded. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Engine {
    pub(crate) rules: &'static Rules,
    pub(crate) sources: Vec<Source>,
}

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
            quant: Quant::default(),
            batch: 12,
            ctx_tokens: 8000,
            isl: 4000,
            osl: 500,
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

/// Throughput and latency before they are shaped for the reader.
struct Figures {
    ttft_ms: Option<f64>,
    tpot_ms: Option<f64>,
    tokens_s: f64,
    seq_s: f64,
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

    /// Adds the figures of another system; figures of the same system are replaced.
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
        self.sources
            .retain(|s| s.hw().system != tables.hardware().system);
        self.sources.push(Source::new(self.rules, tables));
        Ok(())
    }

    /// The rule set.
    pub fn rules(&self) -> RuleSet {
        self.rules.set
    }

    /// Systems that are loaded.
    pub fn systems(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|s| s.hw().system.as_str())
    }

    pub(crate) fn source(&self, system: &str) -> Result<&Source, CostError> {
        let wanted = system.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let is = |known: &str| known == wanted || known.split('_').next() == Some(wanted.as_str());
        self.sources
            .iter()
            .find(|s| is(&s.hw().system))
            .ok_or_else(|| CostError::UnknownSystem {
                name: system.to_owned(),
                known: list(&self.systems().collect::<Vec<_>>()),
            })
    }

    pub(crate) fn worker(&self, c: &Config) -> Result<Worker<'_>, CostError> {
        let source = self.source(&c.system)?;
        let arch = Arch::find(&c.model, self.rules.set)?;
        Worker::new(source, self.rules, arch, c.tp, c.pp, c.quant)
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
            tokens_s_gpu: f.tokens_s / f64::from(gpus),
            tokens_s_user: f.tpot_ms.map(|t| 1000.0 / t),
            seq_s: f.seq_s,
            concurrency: c.batch.saturating_mul(c.pp),
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
            tokens_s_gpu: f.tokens_s / f64::from(worker.gpus()),
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
    let pp = f64::from(worker.pp);
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
            let seq_s = 1000.0 * b as f64 * pp / ttft;
            Ok(Figures {
                ttft_ms: Some(ttft),
                tpot_ms: None,
                tokens_s: seq_s,
                seq_s,
                steps: None,
            })
        }
        Mode::StaticGen => {
            if osl < 2 {
                return Err(CostError::OutputTooShort { osl: c.osl });
            }
            let total = static_mode::decode_ms(worker, price, b, isl, osl)?;
            let seq_s = 1000.0 * b as f64 * pp / total;
            let steps = (osl - 1) as f64;
            Ok(Figures {
                ttft_ms: None,
                tpot_ms: Some(total / steps),
                tokens_s: seq_s * steps,
                seq_s,
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
