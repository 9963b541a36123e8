//! The sweep over both ways of serving: fronts, the best of each and the choice, as AIC's command line gives them.

use serde::{Deserialize, Serialize};

use super::agg_sweep::{self, AggPoint};
use super::arch::Arch;
use super::disagg::{self, Replica, Roles};
use super::engine::{Engine, MOST_LENGTH, within};
use super::error::CostError;
use super::front::{Front, Spot, cluster, front, interpolate, round3};
use super::ops::Worker;
use super::quant::Quant;
use super::rows::{AggRow, DisaggRow, parallel};
use super::source::Source;

/// Tensor parallelisms that AIC tries.
const TPS: [u32; 4] = [1, 2, 4, 8];

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
struct Common<'a> {
    input: &'a SweepInput,
    arch: &'static Arch,
    source: &'a Source,
    engine: &'a Engine,
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
        let source = self.source(&s.system)?;
        let arch = Arch::find(&s.model, self.rules.set)?;
        source.tables.check_model(arch.name)?;
        Ok(Common {
            input: s,
            arch,
            source,
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
        for tp in TPS.into_iter().filter(|tp| *tp <= s.total_gpus) {
            match Worker::new(common.source, self.rules, common.arch, tp, 1, s.quant) {
                Ok(worker) => {
                    let (visited, failed) =
                        agg_sweep::visit(&worker, u64::from(s.isl), u64::from(s.osl));
                    if visited.is_empty() {
                        trouble = trouble.or(failed);
                    }
                    points.extend(agg_sweep::keep(self.rules, &visited, s.ttft_ms));
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
        let (source, arch) = (common.source, common.arch);
        let (isl, osl) = (u64::from(s.isl), u64::from(s.osl));

        let mut trouble: Vec<CostError> = Vec::new();
        let mut agg: Vec<AggPoint> = Vec::new();
        let mut roles = Roles::default();
        let mut workers = 0_usize;
        let mut estimated = 0_usize;
        for tp in TPS.into_iter().filter(|tp| *tp <= s.total_gpus) {
            let worker = match Worker::new(source, self.rules, arch, tp, 1, s.quant) {
                Ok(w) => w,
                Err(e) => {
                    trouble.push(e);
                    continue;
                }
            };
            workers += 1;
            let (points, failed) = agg_sweep::visit(&worker, isl, osl);
            trouble.extend(failed);
            estimated += points.len();
            agg.extend(agg_sweep::keep(self.rules, &points, s.ttft_ms));
            roles.visit(&worker, isl, osl);
        }
        trouble.extend(roles.trouble.take());
        estimated += roles.prefill.len() + roles.decode.len();
        if workers == 0 || estimated == 0 {
            if let Some(first) = trouble.into_iter().next() {
                return Err(first);
            }
            trouble = Vec::new();
        }
        let replicas = disagg::keep(&self.rules.disagg, &roles, osl, s.ttft_ms, s.total_gpus);
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
                gpu: self.height(p.tokens_s_gpu, p.tp),
                tie: (0.0, 0),
            })
            .collect();
        let kept: Vec<AggPoint> = front(&spots)
            .into_iter()
            .filter_map(|i| points.get(i).copied())
            .collect();
        let curve: Vec<(f64, f64)> = kept
            .iter()
            .map(|p| (p.tokens_s_user, self.height(p.tokens_s_gpu, p.tp)))
            .collect();
        let best = largest(
            kept.iter()
                .enumerate()
                .filter(|(_, p)| p.tpot <= s.tpot_ms)
                .map(|(i, p)| (i, cluster(p.tokens_s_gpu, s.total_gpus, p.tp))),
        );
        let within: Vec<AggPoint> = points
            .iter()
            .filter(|p| p.tpot <= s.tpot_ms)
            .copied()
            .collect();
        let top = best_of_groups(
            &within,
            |p| p.tp,
            |p| (cluster(p.tokens_s_gpu, s.total_gpus, p.tp), p.tpot),
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
            |r| r.d.tp,
            |r| (cluster(r.tokens_s_gpu, s.total_gpus, r.gpus), r.d.ms),
        );
        Front {
            best: best.and_then(|i| kept.get(i)).map(|r| self.disagg_row(r)),
            rows: kept.iter().map(|r| self.disagg_row(r)).collect(),
            top: top.iter().map(|r| self.disagg_row(r)).collect(),
            interpolated_tokens_s_gpu: interpolate(&curve, 1000.0 / s.tpot_ms),
        }
    }

    /// 0.2 prints its own name of the model, 0.12 the path on the hub as it was given.
    fn model(&self) -> String {
        let given = self.input.model.trim();
        match self.engine.rules.hub_names {
            false => self.arch.name.to_owned(),
            true if given.contains('/') => given.to_owned(),
            true => self.arch.hub_name.to_owned(),
        }
    }

    /// What the front is drawn over.
    fn height(&self, tokens_s_gpu: f64, replica_gpus: u32) -> f64 {
        if self.engine.rules.cluster_front {
            cluster(tokens_s_gpu, self.input.total_gpus, replica_gpus)
        } else {
            tokens_s_gpu
        }
    }

    fn latency(&self, ms: f64) -> Option<f64> {
        // Only 0.12 prints this column.
        self.engine.rules.hub_names.then_some(ms)
    }

    fn agg_row(&self, p: &AggPoint) -> AggRow {
        let (s, set, hw) = (self.input, self.engine.rules.set, self.source.hw());
        let batch = u32::try_from(p.plan.batch).unwrap_or(u32::MAX);
        let gemm = s.quant.gemm.label(set);
        AggRow {
            model: self.model(),
            isl: s.isl,
            osl: s.osl,
            concurrency: batch,
            request_rate: p.seq_s,
            bs: batch,
            global_bs: batch,
            ttft: p.ttft,
            tpot: p.tpot,
            request_latency: self.latency(p.request_latency),
            seq_s: p.seq_s,
            seq_s_gpu: p.seq_s_gpu,
            tokens_s: p.tokens_s,
            tokens_s_gpu: p.tokens_s_gpu,
            tokens_s_user: p.tokens_s_user,
            num_total_gpus: p.tp,
            tp: p.tp,
            pp: 1,
            dp: 1,
            moe_tp: 1,
            moe_ep: 1,
            parallel: parallel(p.tp),
            gemm: gemm.to_owned(),
            kvcache: s.quant.kvcache.label(set).to_owned(),
            fmha: s.quant.fmha.label(set).to_owned(),
            moe: self.engine.rules.moe_label.unwrap_or(gemm).to_owned(),
            comm: "half".to_owned(),
            memory: p.memory,
            balance_score: p.balance,
            num_ctx_reqs: p.plan.ctx_requests,
            num_gen_reqs: p.plan.gen_requests(),
            num_tokens: p.plan.num_tokens(),
            ctx_tokens: u32::try_from(p.plan.ctx).unwrap_or(u32::MAX),
            gen_tokens: p.plan.gen_requests(),
            backend: hw.backend.clone(),
            version: hw.backend_version.clone(),
            system: hw.system.clone(),
            tokens_s_gpu_cluster: cluster(p.tokens_s_gpu, s.total_gpus, p.tp),
        }
    }

    fn disagg_row(&self, r: &Replica) -> DisaggRow {
        let (s, set, hw) = (self.input, self.engine.rules.set, self.source.hw());
        let p_bs = u32::try_from(r.p.bs).unwrap_or(u32::MAX);
        let d_bs = u32::try_from(r.d.bs).unwrap_or(u32::MAX);
        let moe = self
            .engine
            .rules
            .moe_label
            .unwrap_or(s.quant.gemm.label(set));
        let label = |f: &'static str| f.to_owned();
        let (gemm, kv, fmha) = (
            s.quant.gemm.label(set),
            s.quant.kvcache.label(set),
            s.quant.fmha.label(set),
        );
        DisaggRow {
            model: self.model(),
            isl: s.isl,
            osl: s.osl,
            concurrency: d_bs.saturating_mul(r.d_workers),
            request_rate: r.seq_s,
            p_bs,
            p_global_bs: p_bs,
            p_workers: r.p_workers,
            d_bs,
            d_global_bs: d_bs,
            d_workers: r.d_workers,
            ttft: r.ttft,
            tpot: r.d.ms,
            request_latency: self.latency(round3(r.ttft + r.d.ms * f64::from(s.osl - 1))),
            seq_s: r.seq_s,
            seq_s_gpu: r.seq_s_gpu,
            tokens_s: r.tokens_s,
            tokens_s_gpu: r.tokens_s_gpu,
            tokens_s_user: r.d.user,
            p_seq_s_worker: r.p.seq_s,
            d_seq_s_worker: r.d.seq_s,
            num_total_gpus: r.gpus,
            p_tp: r.p.tp,
            p_pp: 1,
            p_dp: 1,
            p_moe_tp: 1,
            p_moe_ep: 1,
            p_parallel: parallel(r.p.tp),
            p_gemm: label(gemm),
            p_kvcache: label(kv),
            p_fmha: label(fmha),
            p_moe: label(moe),
            p_comm: label("half"),
            p_memory: r.p.memory,
            p_backend: hw.backend.clone(),
            p_version: hw.backend_version.clone(),
            p_system: hw.system.clone(),
            d_tp: r.d.tp,
            d_pp: 1,
            d_dp: 1,
            d_moe_tp: 1,
            d_moe_ep: 1,
            d_parallel: parallel(r.d.tp),
            d_gemm: label(gemm),
            d_kvcache: label(kv),
            d_fmha: label(fmha),
            d_moe: label(moe),
            d_comm: label("half"),
            d_memory: r.d.memory,
            d_backend: hw.backend.clone(),
            d_version: hw.backend_version.clone(),
            d_system: hw.system.clone(),
            tokens_s_gpu_cluster: cluster(r.tokens_s_gpu, s.total_gpus, r.gpus),
        }
    }
}
