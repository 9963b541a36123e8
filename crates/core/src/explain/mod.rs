//! Which configuration fits the measurements: the cost model asked the other way round.
//!
//! Knows candidates, and how far each is from what was measured. Refuses to name one where the best is far off, where a
//! single load was measured, or where several are as near as the measurements can tell.
//!
//! For each candidate (rules, model, TP, PP, number formats; as many workers as the GPUs hold) the mean time of a request
//! at every load is projected at the batch that the load puts into one worker, and TPOT where it was measured. Requests/s
//! are no figure of their own: with C requests in flight they are C ÷ request time, and stand in for it where it was not
//! measured. The error of a load is the largest |ln(measured ÷ projected)|; candidates are ranked by the worst load, then
//! by the mean.

mod question;
mod words;

pub use question::{Load, Question, question};
pub use words::{Words, name, of, precision, row, words};

use crate::cost::resolve::{batch_of, estimate_at};
use crate::cost::{Config, Engine, FmhaQuant, GemmQuant, KvQuant, Quant, RuleSet};
use crate::model::{Role, RunKind, Workspace};

/// Nothing is claimed where the best candidate misses a load by more, |ln|.
pub const MOST: f64 = 0.15;
/// Noise of a measurement that has records of its requests is never taken for less, |ln|.
const LEAST_NOISE: f64 = 0.01;
/// Noise where no records say how much a mean varies, |ln|.
const ASSUMED_NOISE: f64 = 0.05;
/// Fewest loads: at a single one many configurations take the same time.
pub const FEWEST: usize = 2;
/// Sizes of TP and PP.
const TPS: [u32; 4] = [1, 2, 4, 8];
const PPS: [u32; 3] = [1, 2, 4];
/// Number formats that go together, KV cache and attention.
const ATTENTION: [(KvQuant, FmhaQuant); 3] = [
    (KvQuant::Float16, FmhaQuant::Float16),
    (KvQuant::Fp8, FmhaQuant::Float16),
    (KvQuant::Fp8, FmhaQuant::Fp8),
];
const GEMM: [GemmQuant; 3] = [GemmQuant::Float16, GemmQuant::Fp8, GemmQuant::Fp8Block];

/// A load as a candidate projects it. SI units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// Requests in flight.
    pub concurrency: u32,
    /// Requests in one worker's batch.
    pub batch: u32,
    /// Projected mean time of a request.
    pub request_s: f64,
    /// Measured ÷ projected time of a request.
    pub ratio: f64,
    /// Measured ÷ projected TPOT, where it was measured.
    pub tpot_ratio: Option<f64>,
}

impl At {
    /// The larger |ln| of the ratios.
    pub fn error(&self) -> f64 {
        let tpot = self.tpot_ratio.map_or(0.0, |r| r.ln().abs());
        self.ratio.ln().abs().max(tpot)
    }
}

/// A configuration and how far it is from what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Rules and figures.
    pub rules: RuleSet,
    /// Model, TP, PP, formats and lengths of one worker; its batch is that of the highest load.
    pub config: Config,
    /// Workers that the load is spread over.
    pub workers: u32,
    /// Each load, ascending.
    pub loads: Vec<At>,
    /// Largest error over the loads, |ln|.
    pub worst: f64,
    /// Mean error over the loads, |ln|.
    pub mean: f64,
    /// Whether the deployment files say so: TP, PP, workers and every number format that they name.
    pub deployed: bool,
}

/// The candidates for one measured run.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Index of the run.
    pub run: usize,
    /// What was measured and is to be explained.
    pub question: Question,
    /// All candidates, the nearest first.
    pub candidates: Vec<Candidate>,
    /// How many of the first are as near as the best, within the noise.
    pub equal: usize,
    /// Largest noise of a load's mean, |ln|.
    pub noise: f64,
    /// Whether that is assumed, as there are no records of the requests.
    pub noise_is_assumed: bool,
}

impl Explanation {
    /// The candidates that explain the run and that the measurements cannot tell apart; none where nothing may be
    /// claimed.
    pub fn found(&self) -> &[Candidate] {
        let near = self.candidates.first().is_some_and(|c| c.worst <= MOST);
        let enough = self.question.loads.len() >= FEWEST;
        let n = if near && enough { self.equal } else { 0 };
        self.candidates.get(..n).unwrap_or_default()
    }
}

/// Every measured run that is not ignored with its candidates, or one sentence that says why there are none.
pub fn all(ws: &Workspace, engines: &[&Engine]) -> Vec<(usize, Result<Explanation, String>)> {
    ws.runs
        .iter()
        .enumerate()
        .filter(|(_, r)| r.kind == RunKind::Measured && r.role != Role::Ignore)
        .map(|(i, _)| (i, question(ws, i).and_then(|q| explain(i, q, engines))))
        .collect()
}

/// What an engine projects of a run as its deployment files describe it: TP, workers, number formats, and the most that its engines take.
/// Loads beyond that are left out.
///
/// # Errors
/// One sentence that says what is missing. What the files don't name is not assumed.
pub fn as_deployed(ws: &Workspace, run: usize, engine: &Engine) -> Result<Candidate, String> {
    let q = question(ws, run)?;
    let d = &q.deployed;
    let undescribed = "No deployment file names TP, workers and every number format.";
    let (Some(tp), Some(gemm), Some(kvcache), Some(fmha), Some(_), [model], false) = (
        d.tp,
        d.gemm,
        d.kvcache,
        d.fmha,
        q.workers,
        q.models.as_slice(),
        d.unknown_format || !q.model_is_known,
    ) else {
        return Err(undescribed.to_owned());
    };
    let config = Config {
        model: model.clone(),
        system: q.system.clone(),
        tp,
        pp: d.pp.unwrap_or(1),
        quant: Quant {
            gemm,
            kvcache,
            fmha,
        },
        isl: q.isl,
        osl: q.osl,
        ..Config::default()
    };
    candidate(engine, &q, config)
        .filter(|c| c.deployed)
        .ok_or_else(|| "The cost tables do not cover what was deployed.".to_owned())
}

/// Ranks every candidate of the given engines.
///
/// # Errors
/// One sentence when no engine has figures for the model and system.
pub fn explain(run: usize, question: Question, engines: &[&Engine]) -> Result<Explanation, String> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for engine in engines {
        for model in &question.models {
            for config in configs(&question, model) {
                candidates.extend(candidate(engine, &question, config));
            }
        }
    }
    // Stable, so that equal errors keep the order of the lists above.
    candidates.sort_by(|a, b| {
        a.worst
            .total_cmp(&b.worst)
            .then_with(|| a.mean.total_cmp(&b.mean))
    });
    let Some(best) = candidates.first().map(|c| c.worst) else {
        return Err("The cost tables do not cover this model on this system.".to_owned());
    };
    let known = question.loads.iter().filter_map(|l| l.noise);
    let known = known.reduce(f64::max);
    let noise_is_assumed = known.is_none();
    let noise = known.map_or(ASSUMED_NOISE, |n| n.max(LEAST_NOISE));
    let equal = candidates
        .iter()
        .take_while(|c| c.worst <= best + noise)
        .count();
    Ok(Explanation {
        run,
        question,
        candidates,
        equal,
        noise,
        noise_is_assumed,
    })
}

fn configs(question: &Question, model: &str) -> Vec<Config> {
    let mut out = Vec::new();
    for tp in TPS {
        for pp in PPS {
            for gemm in GEMM {
                for (kvcache, fmha) in ATTENTION {
                    out.push(Config {
                        model: model.to_owned(),
                        system: question.system.clone(),
                        tp,
                        pp,
                        quant: Quant {
                            gemm,
                            kvcache,
                            fmha,
                        },
                        isl: question.isl,
                        osl: question.osl,
                        ..Config::default()
                    });
                }
            }
        }
    }
    out
}

/// One candidate; `None` where it does not fit the GPUs or their memory, or the model has no answer at some load.
fn candidate(engine: &Engine, question: &Question, config: Config) -> Option<Candidate> {
    let each = config.tp.checked_mul(config.pp)?;
    let workers = match question.gpus {
        Some(gpus) if gpus.is_multiple_of(each) => gpus / each,
        Some(_) => return None,
        None => question.workers.unwrap_or(1),
    };
    let mut loads = Vec::new();
    for l in &question.loads {
        let most = question.max_batch.unwrap_or(u32::MAX).max(1);
        let batch = batch_of(l.concurrency, workers, config.pp).min(most);
        let e = estimate_at(engine, &config, batch, question.max_num_tokens)?;
        if e.oom {
            return None;
        }
        let tpot_s = e.tpot_ms? / 1e3;
        let request_s = e.ttft_ms? / 1e3 + tpot_s * f64::from(config.osl.saturating_sub(1));
        let at = At {
            concurrency: l.concurrency,
            batch,
            request_s,
            ratio: l.request_s / request_s,
            tpot_ratio: l.tpot_s.map(|m| m / tpot_s),
        };
        if !at.error().is_finite() {
            return None;
        }
        loads.push(at);
    }
    let errors = || loads.iter().map(At::error);
    let n = loads.len();
    let worst = errors().fold(0.0, f64::max);
    let mean = errors().sum::<f64>() / n as f64;
    let d = &question.deployed;
    let same = |known: Option<u32>, own: u32| known.is_none_or(|k| k == own);
    let deployed = d.tp.is_some()
        && d.gemm.is_some()
        && same(d.tp, config.tp)
        && same(d.pp, config.pp)
        && same(question.workers, workers)
        && d.gemm == Some(config.quant.gemm)
        && d.kvcache.is_none_or(|k| k == config.quant.kvcache)
        && d.fmha.is_none_or(|k| k == config.quant.fmha);
    let batch = loads.last().map_or(1, |l| l.batch);
    (n > 0).then_some(Candidate {
        rules: engine.rules(),
        config: Config { batch, ..config },
        workers,
        loads,
        worst,
        mean,
        deployed,
    })
}
