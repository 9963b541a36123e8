//! Sweep rows with AIC's CSV column names.

use serde::Serialize;

/// Context parallelism of one is left out: 0.2 has no such column, 0.12 prints it always.
fn is_one(n: &u32) -> bool {
    *n == 1
}

/// One aggregated configuration, as AIC's `pareto.csv` prints it. Times in ms, memory in GiB.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct AggRow {
    pub model: String,
    pub isl: u32,
    pub osl: u32,
    pub concurrency: u32,
    pub request_rate: f64,
    pub bs: u32,
    pub global_bs: u32,
    pub ttft: f64,
    pub tpot: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_latency: Option<f64>,
    #[serde(rename = "seq/s")]
    pub seq_s: f64,
    #[serde(rename = "seq/s/gpu")]
    pub seq_s_gpu: f64,
    #[serde(rename = "tokens/s")]
    pub tokens_s: f64,
    #[serde(rename = "tokens/s/gpu")]
    pub tokens_s_gpu: f64,
    #[serde(rename = "tokens/s/user")]
    pub tokens_s_user: f64,
    pub num_total_gpus: u32,
    pub tp: u32,
    pub pp: u32,
    pub dp: u32,
    pub moe_tp: u32,
    pub moe_ep: u32,
    #[serde(skip_serializing_if = "is_one")]
    pub cp: u32,
    pub parallel: String,
    pub gemm: String,
    pub kvcache: String,
    pub fmha: String,
    pub moe: String,
    pub comm: String,
    pub memory: f64,
    pub balance_score: f64,
    pub num_ctx_reqs: u64,
    pub num_gen_reqs: u64,
    pub num_tokens: u64,
    pub ctx_tokens: u32,
    pub gen_tokens: u64,
    pub backend: String,
    pub version: String,
    pub system: String,
    #[serde(rename = "tokens/s/gpu_cluster")]
    pub tokens_s_gpu_cluster: f64,
}

/// One disaggregated replica, as AIC's `pareto.csv` prints it. Times in ms, memory in GiB.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct DisaggRow {
    pub model: String,
    pub isl: u32,
    pub osl: u32,
    pub concurrency: u32,
    pub request_rate: f64,
    #[serde(rename = "(p)bs")]
    pub p_bs: u32,
    #[serde(rename = "(p)global_bs")]
    pub p_global_bs: u32,
    #[serde(rename = "(p)workers")]
    pub p_workers: u32,
    #[serde(rename = "(d)bs")]
    pub d_bs: u32,
    #[serde(rename = "(d)global_bs")]
    pub d_global_bs: u32,
    #[serde(rename = "(d)workers")]
    pub d_workers: u32,
    pub ttft: f64,
    pub tpot: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_latency: Option<f64>,
    #[serde(rename = "seq/s")]
    pub seq_s: f64,
    #[serde(rename = "seq/s/gpu")]
    pub seq_s_gpu: f64,
    #[serde(rename = "tokens/s")]
    pub tokens_s: f64,
    #[serde(rename = "tokens/s/gpu")]
    pub tokens_s_gpu: f64,
    #[serde(rename = "tokens/s/user")]
    pub tokens_s_user: f64,
    #[serde(rename = "(p)seq/s/worker")]
    pub p_seq_s_worker: f64,
    #[serde(rename = "(d)seq/s/worker")]
    pub d_seq_s_worker: f64,
    pub num_total_gpus: u32,
    #[serde(rename = "(p)tp")]
    pub p_tp: u32,
    #[serde(rename = "(p)pp")]
    pub p_pp: u32,
    #[serde(rename = "(p)dp")]
    pub p_dp: u32,
    #[serde(rename = "(p)moe_tp")]
    pub p_moe_tp: u32,
    #[serde(rename = "(p)moe_ep")]
    pub p_moe_ep: u32,
    #[serde(rename = "(p)cp", skip_serializing_if = "is_one")]
    pub p_cp: u32,
    #[serde(rename = "(p)parallel")]
    pub p_parallel: String,
    #[serde(rename = "(p)gemm")]
    pub p_gemm: String,
    #[serde(rename = "(p)kvcache")]
    pub p_kvcache: String,
    #[serde(rename = "(p)fmha")]
    pub p_fmha: String,
    #[serde(rename = "(p)moe")]
    pub p_moe: String,
    #[serde(rename = "(p)comm")]
    pub p_comm: String,
    #[serde(rename = "(p)memory")]
    pub p_memory: f64,
    #[serde(rename = "(p)backend")]
    pub p_backend: String,
    #[serde(rename = "(p)version")]
    pub p_version: String,
    #[serde(rename = "(p)system")]
    pub p_system: String,
    #[serde(rename = "(d)tp")]
    pub d_tp: u32,
    #[serde(rename = "(d)pp")]
    pub d_pp: u32,
    #[serde(rename = "(d)dp")]
    pub d_dp: u32,
    #[serde(rename = "(d)moe_tp")]
    pub d_moe_tp: u32,
    #[serde(rename = "(d)moe_ep")]
    pub d_moe_ep: u32,
    #[serde(rename = "(d)cp", skip_serializing_if = "is_one")]
    pub d_cp: u32,
    #[serde(rename = "(d)parallel")]
    pub d_parallel: String,
    #[serde(rename = "(d)gemm")]
    pub d_gemm: String,
    #[serde(rename = "(d)kvcache")]
    pub d_kvcache: String,
    #[serde(rename = "(d)fmha")]
    pub d_fmha: String,
    #[serde(rename = "(d)moe")]
    pub d_moe: String,
    #[serde(rename = "(d)comm")]
    pub d_comm: String,
    #[serde(rename = "(d)memory")]
    pub d_memory: f64,
    #[serde(rename = "(d)backend")]
    pub d_backend: String,
    #[serde(rename = "(d)version")]
    pub d_version: String,
    #[serde(rename = "(d)system")]
    pub d_system: String,
    #[serde(rename = "tokens/s/gpu_cluster")]
    pub tokens_s_gpu_cluster: f64,
}
