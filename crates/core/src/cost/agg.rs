//! Aggregated serving (in-flight batching): prefill and decode share the steps of one worker.

use super::error::CostError;
use super::memory::{Usage, usage};
use super::ops::{Load, Price};
use super::rules::{Queueing, Rules};
use super::worker::Worker;

/// How requests fall into steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    pub batch: u64,
    pub isl: u64,
    pub osl: u64,
    pub ctx: u64,
    /// Steps in which the batch is prefilled: ⌈isl·b/c⌉.
    pub prefill_steps: u64,
    /// Mixed steps that count in the throughput.
    pub mix_steps: u64,
    /// Mixed steps that count in the time between tokens.
    pub tpot_mix_steps: u64,
    /// Requests that decode during a mixed step.
    pub mix_decodes: u64,
    /// Steps that only decode.
    pub gen_steps: u64,
    /// Requests that decode in those.
    pub gen_batch: u64,
    /// Requests whose prompts one mixed step spans: ⌈c/isl⌉.
    pub ctx_requests: u64,
    /// Steps that one prompt takes: ⌈isl/c⌉.
    pub chunks: u64,
    /// Context length at which decode attention is read.
    pub mid: u64,
}

/// Python's floor division of floats, which AIC uses and which can differ from dividing and rounding down.
pub(crate) fn floor_div(a: f64, b: f64) -> f64 {
    let whole = (a - a % b) / b;
    let floor = whole.floor();
    if whole - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    }
}

pub(crate) fn plan(
    rules: &Rules,
    batch: u64,
    isl: u64,
    osl: u64,
    ctx: u64,
) -> Result<Plan, CostError> {
    for (value, what) in [
        (batch, "batch"),
        (isl, "input length"),
        (osl, "output length"),
        (ctx, "context tokens"),
    ] {
        if value == 0 {
            return Err(CostError::Zero { what });
        }
    }
    if osl < 2 {
        return Err(CostError::OutputTooShort { osl: 1 });
    }
    let prefill_steps = (isl * batch).div_ceil(ctx);
    let ctx_requests = ctx.div_ceil(isl);
    let chunks = isl.div_ceil(ctx);
    if !rules.mix_decodes_one {
        let enough = if batch == 1 {
            ctx_requests <= 1
        } else {
            ctx_requests < batch
        };
        if !enough {
            let small = u32::try_from(batch).unwrap_or(u32::MAX);
            return Err(CostError::BatchTooSmall {
                batch: small,
                requests: ctx_requests,
            });
        }
    }
    let mut plan = Plan {
        batch,
        isl,
        osl,
        ctx,
        prefill_steps,
        mix_steps: 1,
        tpot_mix_steps: 0,
        mix_decodes: 0,
        gen_steps: osl - 1,
        gen_batch: 1,
        ctx_requests,
        chunks,
        mid: isl + osl / 2 + 1,
    };
    if batch > 1 {
        plan.mix_steps = prefill_steps;
        if prefill_steps >= osl {
            plan.mix_decodes = if rules.balanced_decodes {
                floor_div(batch as f64, prefill_steps as f64 / osl as f64) as u64
            } else {
                batch.saturating_sub(ctx_requests)
            }
            .max(1);
            plan.tpot_mix_steps = prefill_steps;
            plan.gen_steps = 0;
            plan.gen_batch = 0;
        } else {
            plan.mix_decodes = batch.saturating_sub(ctx_requests).max(1);
            plan.tpot_mix_steps = prefill_steps.saturating_sub(rules.hidden_mix_steps).max(1);
            plan.gen_steps = osl - prefill_steps;
            plan.gen_batch = batch;
        }
    }
    Ok(plan)
}

impl Plan {
    /// Requests that AIC reports as decoding.
    pub fn gen_requests(&self) -> u64 {
        if self.batch > 1 {
            self.batch.saturating_sub(self.ctx_requests).max(1)
        } else {
            1
        }
    }

    /// Tokens of a mixed step as AIC reports them.
    pub fn num_tokens(&self) -> u64 {
        if self.batch > 1 {
            self.gen_requests() + self.ctx
        } else {
            self.ctx
        }
    }

    /// Above one the worker is bound by prefill.
    pub fn balance(&self) -> f64 {
        self.isl as f64 * self.batch as f64 / self.ctx as f64 / self.osl as f64
    }
}

/// Times of an aggregated worker, ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    pub mix_ms: f64,
    pub gen_ms: f64,
    pub ttft_ms: f64,
    pub tpot_ms: f64,
    /// Output tokens per second of the worker.
    pub tokens_s: f64,
}

/// Latencies that a sweep asks for again and again: by batch, at one fixed context length.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    context: Vec<Option<f64>>,
    decode: Vec<Option<f64>>,
    step: Vec<Option<f64>>,
}

fn kept(
    memo: &mut Vec<Option<f64>>,
    b: u64,
    f: impl FnOnce() -> Result<f64, CostError>,
) -> Result<f64, CostError> {
    // Batches beyond this are computed each time.
    const MOST: usize = 4096;
    let Some(i) = usize::try_from(b).ok().filter(|i| *i < MOST) else {
        return f();
    };
    if memo.len() <= i {
        memo.resize(i + 1, None);
    }
    match memo.get_mut(i) {
        Some(Some(v)) => Ok(*v),
        Some(slot) => Ok(*slot.insert(f()?)),
        None => f(),
    }
}

/// Times for a plan. `memo` must only ever see one worker, price and pair of lengths.
pub(crate) fn times(
    worker: &Worker<'_>,
    price: Price,
    plan: &Plan,
    memo: &mut Memo,
) -> Result<Times, CostError> {
    let mid = plan.mid;
    let prefills = if worker.rules.mix_attention_all {
        plan.ctx_requests
    } else {
        1
    };
    let chunks = plan.chunks as f64;
    let mut mix_ms = worker.pass(price, mixed(plan))?
        + kept(&mut memo.context, prefills, || {
            worker.context(price, prefills, plan.isl)
        })? / chunks;
    if plan.mix_decodes > 0 {
        mix_ms += kept(&mut memo.decode, plan.mix_decodes, || {
            worker.decode(price, plan.mix_decodes, mid)
        })?;
    }
    let mut gen_ms = 0.0;
    if plan.gen_batch > 0 {
        let b = plan.gen_batch;
        gen_ms = kept(&mut memo.step, b, || worker.step_rest(price, b, mid))?
            + kept(&mut memo.decode, b, || worker.decode(price, b, mid))?;
    }
    let prefill = mix_ms * chunks;
    let ttft_ms = match (worker.rules.queueing, price) {
        (Queueing::Steps { base, slope, cap }, Price::Measured) => {
            prefill * (base + (plan.prefill_steps as f64 - 3.0) / slope).min(cap)
        }
        (
            Queueing::Batch {
                layer_ms,
                slope,
                cap,
            },
            Price::Measured,
        ) => {
            let waiting = (1.0 + (plan.batch as f64).log2() / slope).min(cap);
            (prefill + layer_ms * f64::from(worker.arch.layers)) * waiting
        }
        _ => prefill,
    };
    let (m, mt, g) = (
        plan.mix_steps as f64,
        plan.tpot_mix_steps as f64,
        plan.gen_steps as f64,
    );
    let steps = (plan.osl - 1) as f64;
    let tokens = plan.batch as f64 * steps;
    let tpot_ms = (mix_ms * mt + gen_ms * g) / (mt + g);
    let mut tokens_s = 1000.0 / (m * mix_ms + g * gen_ms) * tokens;
    if worker.rules.throughput_by_latency && price == Price::Measured {
        tokens_s = tokens_s.min(1000.0 * tokens / (ttft_ms + tpot_ms * steps));
    }
    Ok(Times {
        mix_ms,
        gen_ms,
        ttft_ms,
        tpot_ms,
        tokens_s: tokens_s * worker.batches(),
    })
}

/// What a mixed step works on besides what is called attention: all tokens as one request, which is what blocks that
/// hold their attention are priced at.
pub(crate) fn mixed(plan: &Plan) -> Load {
    let tokens = plan.ctx + plan.mix_decodes;
    Load {
        tokens,
        batch: 1,
        length: tokens,
        rows: 1,
    }
}

/// Memory of an aggregated worker.
pub(crate) fn memory(worker: &Worker<'_>, plan: &Plan) -> Result<Usage, CostError> {
    let tokens = worker
        .rules
        .activation_tokens
        .unwrap_or(plan.num_tokens() as f64);
    usage(worker, plan.batch, plan.isl + plan.osl, tokens, false)
}

#[cfg(test)]
mod tests {
    use super::super::rules::RuleSet;
    use super::*;

    #[test]
    fn the_anchor_falls_into_six_mixed_steps() {
        let p = plan(RuleSet::Aic02.rules(), 12, 4000, 500, 8000).unwrap();
        assert_eq!(
            (p.mix_steps, p.ctx_requests, p.chunks, p.mix_decodes),
            (6, 2, 1, 10)
        );
        assert_eq!(
            (p.gen_steps, p.tpot_mix_steps, p.mid, p.num_tokens()),
            (494, 3, 4251, 8010)
        );
    }

    #[test]
    fn a_batch_that_is_all_prefill_is_refused_by_the_old_rules_only() {
        let old = plan(RuleSet::Aic02.rules(), 2, 4000, 500, 8000);
        assert_eq!(
            old,
            Err(CostError::BatchTooSmall {
                batch: 2,
                requests: 2
            })
        );
        assert!(plan(RuleSet::Aic012.rules(), 2, 4000, 500, 8000).is_ok());
    }

    #[test]
    fn floor_division_is_python_s() {
        assert_eq!(floor_div(7.0, 2.0), 3.0);
        assert_eq!(floor_div(1.0, 0.1), 9.0);
    }
}
