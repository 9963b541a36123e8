//! Where the time of an estimate goes: every operation with its time, its share and what bounds it.

use serde::Serialize;

use super::agg;
use super::config::{Config, MOST_CONTEXT, Mode, lengths, within};
use super::engine::{Engine, memory};
use super::error::CostError;
use super::memory::Memory;
use super::ops::Part;
use super::static_mode;
use super::worker::Worker;

/// A call that takes more than this many times its roofline is bound by latency.
const LATENCY_FACTOR: f64 = 4.0;

/// What bounds an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Arithmetic at peak takes longer than the memory traffic.
    Compute,
    /// Memory traffic at full bandwidth takes longer than the arithmetic.
    Memory,
    /// The links between GPUs.
    Link,
    /// More than four times the roofline: launch, synchronisation and other fixed costs dominate.
    Latency,
}

/// One operation of a forward pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpTime {
    /// Stable name, such as `qkv_gemm`.
    pub op: &'static str,
    /// Calls per pass; a fraction when a prompt takes several steps.
    pub count: f64,
    /// Time of all calls, ms.
    pub ms: f64,
    /// Share of the pass, 0 to 1.
    pub share: f64,
    /// Time of all calls at the roofline, ms.
    pub roofline_ms: f64,
    /// What bounds it.
    pub bound: Bound,
}

/// One kind of forward pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phase {
    /// `mix_step`, `gen_step`, `prefill` or `decode_step`.
    pub name: &'static str,
    /// Passes of this kind per batch.
    pub steps: u64,
    /// Tokens in the pass.
    pub tokens: u64,
    /// Time of one pass, ms.
    pub ms: f64,
    /// Its operations, in order.
    pub ops: Vec<OpTime>,
}

/// Where an estimate's time and memory go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breakdown {
    /// Kinds of pass; a decode worker's is its first step.
    pub phases: Vec<Phase>,
    /// Memory of one GPU.
    pub memory: Memory,
}

fn bound(part: &Part) -> Bound {
    let roof = part.roof;
    if part.ms > LATENCY_FACTOR * roof.ms() {
        Bound::Latency
    } else if roof.link > 0.0 {
        Bound::Link
    } else if roof.compute >= roof.memory {
        Bound::Compute
    } else {
        Bound::Memory
    }
}

fn phase(name: &'static str, steps: u64, tokens: u64, parts: &[Part]) -> Phase {
    let ms: f64 = parts.iter().map(|p| p.count * p.ms).sum();
    let ops = parts
        .iter()
        .map(|p| OpTime {
            op: p.op.name(),
            count: p.count,
            ms: p.count * p.ms,
            share: p.count * p.ms / ms,
            roofline_ms: p.count * p.roof.ms(),
            bound: bound(p),
        })
        .collect();
    Phase {
        name,
        steps,
        tokens,
        ms,
        ops,
    }
}

fn agg_phases(worker: &Worker<'_>, plan: &agg::Plan) -> Result<Vec<Phase>, CostError> {
    let tokens = plan.ctx + plan.mix_decodes;
    let mut parts = worker.parts(agg::mixed(plan))?;
    let prefills = if worker.rules.mix_attention_all {
        plan.ctx_requests
    } else {
        1
    };
    parts.extend(worker.context_parts(prefills, plan.isl, plan.chunks as f64)?);
    if plan.mix_decodes > 0 {
        parts.extend(worker.decode_parts(plan.mix_decodes, plan.mid)?);
    }
    let mut phases = vec![phase("mix_step", plan.mix_steps, tokens, &parts)];
    if plan.gen_steps > 0 {
        let b = plan.gen_batch;
        let parts = worker.step_parts(b, plan.mid)?;
        phases.push(phase("gen_step", plan.gen_steps, b, &parts));
    }
    Ok(phases)
}

impl Engine {
    /// Splits an estimate into operations and memory.
    ///
    /// # Errors
    /// As [`Engine::estimate`].
    pub fn breakdown(&self, mode: Mode, c: &Config) -> Result<Breakdown, CostError> {
        let worker = self.worker(c)?;
        let (b, isl, osl) = lengths(c)?;
        let phases = match mode {
            Mode::Agg => {
                let ctx = within(c.ctx_tokens, MOST_CONTEXT, "context tokens")?;
                let plan = agg::plan(worker.rules, b, isl, osl, ctx)?;
                agg_phases(&worker, &plan)?
            }
            Mode::StaticCtx => {
                let mut parts = worker.parts(static_mode::prefill(b, isl))?;
                parts.extend(worker.context_parts(b, isl, 1.0)?);
                vec![phase("prefill", 1, b * isl, &parts)]
            }
            Mode::StaticGen => {
                if osl < 2 {
                    return Err(CostError::OutputTooShort { osl: c.osl });
                }
                let parts = worker.step_parts(b, isl + 1)?;
                vec![phase("decode_step", osl - 1, b, &parts)]
            }
        };
        Ok(Breakdown {
            phases,
            memory: memory(&worker, mode, c)?.memory,
        })
    }
}
