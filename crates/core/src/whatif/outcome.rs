//! What one configuration would give.

use super::Inputs;
use crate::cost::{Breakdown, CostError, Engine, Estimate, Mode};
use crate::model::Sla;
use crate::units::Seconds;

/// Everything that is shown at once for one configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Latencies, rates and memory.
    pub estimate: Estimate,
    /// Where time and memory go.
    pub breakdown: Breakdown,
    /// Price of a million output tokens.
    pub cost: Option<f64>,
    /// Whole replicas that fit on the GPUs at hand.
    pub replicas: u32,
    /// Whether the TTFT keeps its limit, where there is one.
    pub ttft_holds: Option<bool>,
    /// Whether the TPOT keeps its limit, where there is one.
    pub tpot_holds: Option<bool>,
}

impl Outcome {
    /// Whether it runs and keeps every limit.
    pub fn within(&self) -> bool {
        !self.estimate.oom && self.ttft_holds != Some(false) && self.tpot_holds != Some(false)
    }
}

/// Price of a million output tokens from a price per GPU-hour and a rate per GPU and second.
pub fn cost_per_million(price: f64, tokens_s_gpu: f64) -> Option<f64> {
    let cost = price / (tokens_s_gpu * 3600.0) * 1e6;
    cost.is_finite().then_some(cost)
}

/// Whether a latency in milliseconds keeps a limit.
pub(super) fn holds(ms: f64, limit: Option<Seconds>) -> Option<bool> {
    limit.map(|l| ms <= l.ms())
}

/// Estimates one configuration.
///
/// # Errors
/// What the cost model refuses, as its own sentence.
pub fn outcome(engine: &Engine, inputs: &Inputs, sla: &Sla) -> Result<Outcome, CostError> {
    let estimate = engine.estimate(Mode::Agg, &inputs.config)?;
    let breakdown = engine.breakdown(Mode::Agg, &inputs.config)?;
    Ok(Outcome {
        cost: cost_per_million(inputs.price, estimate.tokens_s_gpu),
        replicas: inputs.gpus.checked_div(estimate.gpus).unwrap_or(0),
        ttft_holds: estimate.ttft_ms.and_then(|t| holds(t, sla.ttft)),
        tpot_holds: estimate.tpot_ms.and_then(|t| holds(t, sla.tpot)),
        estimate,
        breakdown,
    })
}
