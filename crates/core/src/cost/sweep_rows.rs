//! Fills the rows of a sweep.

use super::agg_sweep::AggPoint;
use super::disagg::{self, Replica};
use super::front::{cluster, round3};
use super::rows::{AggRow, DisaggRow};
use super::sweep::Common;

impl Common<'_> {
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
    pub fn height(&self, tokens_s_gpu: f64, replica_gpus: u32) -> f64 {
        if self.engine.rules.cluster_front {
            cluster(tokens_s_gpu, self.input.total_gpus, replica_gpus)
        } else {
            tokens_s_gpu
        }
    }

    fn moe_label(&self) -> &'static str {
        let rules = self.engine.rules;
        rules.moe_label.unwrap_or(self.moe.label(rules.set))
    }

    fn latency(&self, ms: f64) -> Option<f64> {
        // Only 0.12 prints this column.
        self.engine.rules.hub_names.then_some(ms)
    }

    pub fn agg_row(&self, p: &AggPoint) -> AggRow {
        let (s, set, hw) = (self.input, self.engine.rules.set, self.source.hw());
        let batch = u32::try_from(p.plan.batch).unwrap_or(u32::MAX);
        let gemm = s.quant.gemm.label(set);
        AggRow {
            model: self.model(),
            isl: s.isl,
            osl: s.osl,
            concurrency: batch.saturating_mul(p.parallel.dp),
            request_rate: p.seq_s,
            bs: batch,
            global_bs: batch.saturating_mul(p.parallel.dp),
            ttft: p.ttft,
            tpot: p.tpot,
            request_latency: self.latency(p.request_latency),
            seq_s: p.seq_s,
            seq_s_gpu: p.seq_s_gpu,
            tokens_s: p.tokens_s,
            tokens_s_gpu: p.tokens_s_gpu,
            tokens_s_user: p.tokens_s_user,
            num_total_gpus: p.parallel.gpus(),
            tp: p.parallel.tp,
            pp: p.parallel.pp,
            dp: p.parallel.dp,
            moe_tp: p.parallel.moe_tp,
            moe_ep: p.parallel.moe_ep,
            cp: p.parallel.cp,
            parallel: p.parallel.name(),
            gemm: gemm.to_owned(),
            kvcache: s.quant.kvcache.label(set).to_owned(),
            fmha: s.quant.fmha.label(set).to_owned(),
            moe: self.moe_label().to_owned(),
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
            tokens_s_gpu_cluster: cluster(p.tokens_s_gpu, s.total_gpus, p.parallel.gpus()),
        }
    }

    pub fn disagg_row(&self, r: &Replica) -> DisaggRow {
        let (s, set, hw) = (self.input, self.engine.rules.set, self.source.hw());
        let p_bs = u32::try_from(r.p.bs).unwrap_or(u32::MAX);
        let d_bs = u32::try_from(r.d.bs).unwrap_or(u32::MAX);
        let moe = self.moe_label();
        let global = |bs: u32, r: &disagg::Role| bs.saturating_mul(r.parallel.dp);
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
            concurrency: global(d_bs, &r.d).saturating_mul(r.d_workers),
            request_rate: r.seq_s,
            p_bs,
            p_global_bs: global(p_bs, &r.p),
            p_workers: r.p_workers,
            d_bs,
            d_global_bs: global(d_bs, &r.d),
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
            p_tp: r.p.parallel.tp,
            p_pp: r.p.parallel.pp,
            p_dp: r.p.parallel.dp,
            p_moe_tp: r.p.parallel.moe_tp,
            p_moe_ep: r.p.parallel.moe_ep,
            p_cp: r.p.parallel.cp,
            p_parallel: r.p.parallel.name(),
            p_gemm: label(gemm),
            p_kvcache: label(kv),
            p_fmha: label(fmha),
            p_moe: label(moe),
            p_comm: label("half"),
            p_memory: r.p.memory,
            p_backend: hw.backend.clone(),
            p_version: hw.backend_version.clone(),
            p_system: hw.system.clone(),
            d_tp: r.d.parallel.tp,
            d_pp: r.d.parallel.pp,
            d_dp: r.d.parallel.dp,
            d_moe_tp: r.d.parallel.moe_tp,
            d_moe_ep: r.d.parallel.moe_ep,
            d_cp: r.d.parallel.cp,
            d_parallel: r.d.parallel.name(),
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
