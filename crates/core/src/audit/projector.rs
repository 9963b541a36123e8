//! What the audit asks of a cost model. The model itself lives elsewhere and is passed in.

use crate::accuracy::Expected;
use crate::explain::Candidate;
use crate::model::{Deployment, Setup, Sla, Workspace};
use crate::units::Seconds;
use std::fmt::Debug;

/// One question to a cost model: a deployment and the work it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Model, system, backend and quantization as the sources name them.
    pub deployment: Deployment,
    /// Input tokens a request.
    pub isl: f64,
    /// Output tokens a request.
    pub osl: f64,
    /// Limits of the service.
    pub sla: Sla,
    /// GPUs that may be used.
    pub total_gpus: u32,
    /// Context tokens a step, where the projection states them.
    pub ctx_tokens: Option<u32>,
    /// The projection's own point, concurrency and tokens/s per GPU, by which a number format
    /// that prose leaves open may be told.
    pub anchor: Option<(u32, f64)>,
    /// Input and output tokens at that point.
    pub anchor_lengths: (f64, f64),
}

/// A configuration that a cost model found.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// How it is set up.
    pub setup: Setup,
    /// Requests in flight, of one replica.
    pub concurrency: u32,
    /// Output tokens per second for each GPU.
    pub per_gpu: f64,
    /// Projected TTFT.
    pub ttft: Seconds,
    /// Projected TPOT.
    pub tpot: Seconds,
}

/// A cost model, as far as the audit needs one.
pub trait Projector: Debug + Send + Sync {
    /// The rules and figures it follows, such as `AIC 0.2 rules, TRT-LLM 0.20.0 figures`.
    fn name(&self) -> String;
    /// The best configuration within the limits for each TP of aggregated serving, and the best
    /// disaggregated one. `None` where it has no figures for the model, system or quantization.
    fn choices(&self, ask: &Ask) -> Option<Vec<Choice>>;
    /// What it expects of the whole system of `total_gpus` in the deployment's own TP and PP, at a
    /// concurrency of the whole system. `None` as above.
    fn expected_at(&self, ask: &Ask, concurrency: u32) -> Option<Expected>;
    /// What it projects of a measured run as its deployment files describe it; `None` where these don't, or without figures.
    fn as_deployed(&self, _ws: &Workspace, _run: usize) -> Option<Candidate> {
        None
    }
}
