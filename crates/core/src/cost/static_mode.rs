//! Static workers: one that only prefills, one that only decodes. Disaggregated serving is made of them.

use super::error::CostError;
use super::memory::{Usage, usage};
use super::ops::{Load, Price};
use super::worker::Worker;

/// A decode step is evaluated at every this many tokens and reused in between.
const STRIDE: u64 = 32;

/// Time of a prefill of `b` requests of `isl` tokens, ms.
pub(crate) fn prefill_ms(
    worker: &Worker<'_>,
    price: Price,
    b: u64,
    isl: u64,
) -> Result<f64, CostError> {
    Ok(worker.pass(price, prefill(b, isl))? + worker.context(price, b, isl)?)
}

/// What a prefill works on.
pub(crate) fn prefill(b: u64, isl: u64) -> Load {
    Load {
        tokens: b * isl,
        batch: b,
        length: isl,
        rows: b,
    }
}

/// Time of all decode steps after the first token, ms.
pub(crate) fn decode_ms(
    worker: &Worker<'_>,
    price: Price,
    b: u64,
    isl: u64,
    osl: u64,
) -> Result<f64, CostError> {
    let steps = osl.saturating_sub(1);
    let pass = worker.step(price, b)?;
    let mut total = 0.0;
    let mut i = 0;
    while i < steps {
        total += (pass + worker.step_at(price, b, isl + i + 1)?) * STRIDE.min(steps - i) as f64;
        i += STRIDE;
    }
    Ok(total)
}

/// Memory of a prefill worker: one output token, activations for the whole batch.
pub(crate) fn prefill_memory(worker: &Worker<'_>, b: u64, isl: u64) -> Result<Usage, CostError> {
    usage(worker, b, isl + 1, (b * isl) as f64, true)
}

/// Memory of a decode worker: the whole length, activations for one token per request.
pub(crate) fn decode_memory(
    worker: &Worker<'_>,
    b: u64,
    isl: u64,
    osl: u64,
) -> Result<Usage, CostError> {
    usage(worker, b, isl + osl, b as f64, true)
}
