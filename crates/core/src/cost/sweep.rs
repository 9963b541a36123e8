//! The sweep over both ways of serving: fronts, the best of each and the choice, as AIC's command line gives them.

use serde::{Deserialize, Serialize};

use super::agg_sweep::{self, AggPoint};
use super::arch::Arch;
use super::backend::Backend;
use super::config::{MOST_LENGTH, within};
use super::disagg::{self, Limits, Replica, Roles};
use super::engine::Engine;
use super::error::CostError;
use super::front::{Front, Spot, cluster, front, interpolate};
use super::parallel::Parallel;
use super::quant::{GemmQuant, Quant};
use super::rows::{AggRow, DisaggRow};
use super::rules::ReplicaTotals;
use super::source::Source;
use super::tuples::{Role, Tuples};
use super::worker::{Plan, Worker};

/// Most GPUs to sweep for; replicas never take more than 128 of them.
const MOST_GPUS: u32 = 1 << 20;

/// What to sweep for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepInput {
    /// Model, by any of its names.
    pub model: String,
    /// GPU system, such as `h200_sxm`.
    pub system: String,
    /// GPUs at hand.
    pub total_gpus: u32,
    /// Input length, tokens.
    pub isl: u32,
    /// Output length, tokens.
    pub osl: u32,
    /// Most time to the first token, ms.
    pub ttft_ms: f64,
    /// Most time between tokens, ms.
    pub tpot_ms: f64,
    /// Number formats.
    pub quant: Quant,
    /// Serving backend; only 0.12 has more than TensorRT-LLM.
    pub backend: Backend,
    /// Format of experts; none for that of the matrix products.
    pub moe: Option<GemmQuant>,
    /// Whether the format of matrix products was asked for, not taken from the checkpoint; then what the checkpoint
    /// leaves in 16 bit follows it.
    pub asked: bool,
}

impl Default for SweepInput {
    /// Qwen3-32B on eight H200, 4000 tokens in and 500 out, TTFT 300 ms, TPOT 10 ms.
    fn default() -> Self {
        Self {
            model: "QWEN3_32B".to_owned(),
            system: "h200_sxm".to_owned(),
            total_gpus: 8,
            isl: 4000,
            osl: 500,
            ttft_ms: 300.0,
            tpot_ms: 10.0,
            quant: Quant::default(),
            backend: Backend::TrtLlm,
            moe: None,
            asked: false,
        }
    }
}

/// Which way of serving is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Chosen {
    /// Aggregated.
    Agg,
    /// Disaggregated.
    Disagg,
    /// Neither keeps the limits.
    None,
}

/// The result of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// Aggregated serving.
    pub agg: Front<AggRow>,
    /// Disaggregated serving.
    pub disagg: Front<DisaggRow>,
    /// The better of the two best rows.
    pub chosen: Chosen,
    /// Disaggregated over aggregated best tokens per second per GPU of the cluster; none when either has none.
    pub ratio: Option<f64>,
    /// Points that fitted and were estimated, of both kinds of worker.
    pub estimated: usize,
    /// Why some points were left out, as sentences; empty when none was.
    pub notes: Vec<String>,
}

/// What every row repeats.
pub(crate) struct Common<'a> {
    pub input: &'a SweepInput,
    pub arch: &'static Arch,
    pub source: &'a Source,
    pub tuples: Tuples,
    pub moe: GemmQuant,
    pub engine: &'a Engine,
}

impl Engine {
    /// What both kinds of sweep check and look up first.
    fn common<'a>(&'a self, s: &'a SweepInput) -> Result<Common<'a>, CostError> {
        within(s.isl, MOST_LENGTH, "input length")?;
        within(s.osl, MOST_LENGTH, "output length")?;
        within(s.total_gpus, MOST_GPUS, "number of GPUs")?;
        if s.osl < 2 {
            return Err(CostError::OutputTooShort { osl: s.osl });
        }
        for (value, what) in [
            (s.ttft_ms, "limit of the time to the first token"),
            (s.tpot_ms, "limit of the time between tokens"),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(CostError::BadLimit { what });
            }
        }
        s.quant.check()?;
        self.source_on(&s.system)?;
        let arch = Arch::find(&s.model, self.rules.set)?;
        let source = self.source(&s.system, s.backend, arch)?;
        let moe = s.moe.unwrap_or(s.quant.gemm);
        let tuples = Tuples::new(source, arch, moe);
        Ok(Common {
            input: s,
            arch,
            source,
            tuples,
            moe,
            engine: self,
        })
    }

    /// Sweeps aggregated serving alone; the same front as [`Engine::sweep`] gives, for a fraction of its time.
    ///
    /// # Errors
    /// As [`Engine::sweep`]; one tensor parallelism that is refused only lacks its rows.
    pub fn aggregated(&self, s: &SweepInput) -> Result<Front<AggRow>, CostError> {
        let common = self.common(s)?;
        let mut points = Vec::new();
        let mut trouble = None;
        for parallel in common.list(Role::Aggregated) {
            match common.worker(parallel) {
                Ok(worker) => {
                    let (visited, failed) =
                        agg_sweep::visit(&worker, u64::from(s.isl), u64::from(s.osl));
                    if visited.is_empty() {
                        trouble = trouble.or(failed);
                    }
                    points.extend(agg_sweep::keep(worker.rules, &visited, s.ttft_ms));
                }
                Err(e) => trouble = trouble.or(Some(e)),
            }
        }
        match trouble {
            Some(e) if points.is_empty() => Err(e),
            _ => Ok(common.agg_front(&points)),
        }
    }

    /// Sweeps aggregated and disaggregated serving on the GPUs at hand.
    ///
    /// Limits that nothing keeps give empty fronts, not an error.
    ///
    /// # Errors
    /// [`CostError`] for inputs that cannot be projected at all.
    pub fn sweep(&self, s: &SweepInput) -> Result<Sweep, CostError> {
        let common = self.common(s)?;
        let (isl, osl) = (u64::from(s.isl), u64::from(s.osl));

        let mut trouble: Vec<CostError> = Vec::new();
        let mut agg: Vec<AggPoint> = Vec::new();
        let mut roles = Roles::default();
        let mut workers = 0_usize;
        let mut estimated = 0_usize;
        let lists = [Role::Aggregated, Role::Prefill, Role::Decode].map(|role| common.list(role));
        let [aggregated, prefill, decode] = &lists;
        // Every parallelism once, in the order in which the lists first name it.
        let mut all: Vec<Parallel> = Vec::new();
        for p in lists.iter().flatten() {
            if !all.contains(p) {
                all.push(*p);
            }
        }
        for parallel in all {
            let worker = match common.worker(parallel) {
                Ok(w) => w,
                Err(e) => {
                    trouble.push(e);
                    continue;
                }
            };
            workers += 1;
            if aggregated.contains(&parallel) {
                let (points, failed) = agg_sweep::visit(&worker, isl, osl);
                trouble.extend(failed);
                estimated += points.len();
                agg.extend(agg_sweep::keep(worker.rules, &points, s.ttft_ms));
            }
            if prefill.contains(&parallel) {
                roles.visit_prefill(&worker, isl);
            }
            if decode.contains(&parallel) {
                roles.visit_decode(&worker, isl, osl);
            }
        }
        trouble.extend(roles.trouble.take());
        estimated += roles.prefill.len() + roles.decode.len();
        if workers == 0 || estimated == 0 {
            if let Some(first) = trouble.into_iter().next() {
                return Err(first);
            }
            trouble = Vec::new();
        }
        let rules = common.source.rules;
        let limits = Limits {
            ttft_ms: s.ttft_ms,
            available: s.total_gpus,
            totals: if common.tuples.wide {
                ReplicaTotals::UpTo(512)
            } else {
                rules.disagg.totals
            },
            equal_tp: rules.backend == Backend::Sglang,
        };
        let replicas = disagg::keep(&rules.disagg, &roles, osl, limits);
        let agg = common.agg_front(&agg);
        let disagg = common.disagg_front(&replicas);
        let best = (
            agg.best.as_ref().map(|r| r.tokens_s_gpu_cluster),
            disagg.best.as_ref().map(|r| r.tokens_s_gpu_cluster),
        );
        let (chosen, ratio) = match best {
            (Some(a), Some(d)) => (
                if d > a { Chosen::Disagg } else { Chosen::Agg },
                Some(d / a),
            ),
            (Some(_), None) => (Chosen::Agg, None),
            (None, Some(_)) => (Chosen::Disagg, None),
            (None, None) => (Chosen::None, None),
        };
        let mut notes: Vec<String> = trouble.iter().map(ToString::to_string).collect();
        notes.dedup();
        Ok(Sweep {
            agg,
            disagg,
            chosen,
            ratio,
            estimated,
            notes,
        })
    }
}

/// Position of the largest value; of equal ones the first.
fn largest<'a>(values: impl Iterator<Item = (usize, f64)> + 'a) -> Option<usize> {
    values
        .fold(None, |best: Option<(usize, f64)>, new| match best {
            Some(b) if b.1 >= new.1 => Some(b),
            _ => Some(new),
        })
        .map(|(i, _)| i)
}

/// The best of every group: most tokens per second per GPU of the cluster, then the longer time between tokens (the
/// larger batch). Groups by descending throughput, equal ones by the time between tokens.
fn best_of_groups<T: Copy, K: PartialEq>(
    points: &[T],
    group: impl Fn(&T) -> K,
    score: impl Fn(&T) -> (f64, f64),
) -> Vec<T> {
    let mut out: Vec<(K, T)> = Vec::new();
    for p in points {
        let key = group(p);
        match out.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => {
                let (new, kept) = (score(p), score(old));
                if new.0 > kept.0 || (new.0 == kept.0 && new.1 > kept.1) {
                    *old = *p;
                }
            }
            None => out.push((key, *p)),
        }
    }
    out.sort_by(|(_, a), (_, b)| {
        let (a, b) = (score(a), score(b));
        b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1))
    });
    out.into_iter().map(|(_, p)| p).collect()
}

impl Common<'_> {
    fn agg_front(&self, points: &[AggPoint]) -> Front<AggRow> {
        let s = self.input;
        let spots: Vec<Spot> = points
            .iter()
            .map(|p| Spot {
                user: p.tokens_s_user,
                gpu: self.height(p.tokens_s_gpu, p.parallel.gpus()),
                tie: (0.0, 0),
            })
            .collect();
        let kept: Vec<AggPoint> = front(&spots)
            .into_iter()
            .filter_map(|i| points.get(i).copied())
            .collect();
        let curve: Vec<(f64, f64)> = kept
            .iter()
            .map(|p| {
                (
                    p.tokens_s_user,
                    self.height(p.tokens_s_gpu, p.parallel.gpus()),
                )
            })
            .collect();
        let best = largest(
            kept.iter()
                .enumerate()
                .filter(|(_, p)| p.tpot <= s.tpot_ms)
                .map(|(i, p)| (i, cluster(p.tokens_s_gpu, s.total_gpus, p.parallel.gpus()))),
        );
        let within: Vec<AggPoint> = points
            .iter()
            .filter(|p| p.tpot <= s.tpot_ms)
            .copied()
            .collect();
        let top = best_of_groups(
            &within,
            |p| p.parallel,
            |p| {
                (
                    cluster(p.tokens_s_gpu, s.total_gpus, p.parallel.gpus()),
                    p.tpot,
                )
            },
        );
        Front {
            best: best.and_then(|i| kept.get(i)).map(|p| self.agg_row(p)),
            rows: kept.iter().map(|p| self.agg_row(p)).collect(),
            top: top.iter().map(|p| self.agg_row(p)).collect(),
            interpolated_tokens_s_gpu: interpolate(&curve, 1000.0 / s.tpot_ms),
        }
    }

    fn disagg_front(&self, points: &[Replica]) -> Front<DisaggRow> {
        let s = self.input;
        let spots: Vec<Spot> = points
            .iter()
            .map(|r| Spot {
                user: r.d.user,
                gpu: self.height(r.tokens_s_gpu, r.gpus),
                tie: (r.ttft, r.gpus),
            })
            .collect();
        let kept: Vec<Replica> = front(&spots)
            .into_iter()
            .filter_map(|i| points.get(i).copied())
            .collect();
        let curve: Vec<(f64, f64)> = kept
            .iter()
            .map(|r| (r.d.user, self.height(r.tokens_s_gpu, r.gpus)))
            .collect();
        let best = largest(
            kept.iter()
                .enumerate()
                .filter(|(_, r)| r.d.ms <= s.tpot_ms)
                .map(|(i, r)| (i, cluster(r.tokens_s_gpu, s.total_gpus, r.gpus))),
        );
        let within: Vec<Replica> = points
            .iter()
            .filter(|r| r.d.ms <= s.tpot_ms)
            .copied()
            .collect();
        let top = best_of_groups(
            &within,
            |r| r.d.parallel,
            |r| (cluster(r.tokens_s_gpu, s.total_gpus, r.gpus), r.d.ms),
        );
        Front {
            best: best.and_then(|i| kept.get(i)).map(|r| self.disagg_row(r)),
            rows: kept.iter().map(|r| self.disagg_row(r)).collect(),
            top: top.iter().map(|r| self.disagg_row(r)).collect(),
            interpolated_tokens_s_gpu: interpolate(&curve, 1000.0 / s.tpot_ms),
        }
    }

    /// The parallelisms of a role.
    fn list(&self, role: Role) -> Vec<Parallel> {
        let gpus = self.input.total_gpus;
        self.tuples.list(self.source, self.arch, role, gpus)
    }

    fn worker(&self, parallel: Parallel) -> Result<Worker<'_>, CostError> {
        let plan = Plan {
            parallel,
            quant: self.input.quant,
            moe: self.moe,
            inferred: !self.input.asked,
            many: Some(self.tuples.many(&parallel)),
        };
        Worker::new(self.source, self.arch, plan)
    }
}
