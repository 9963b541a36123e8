//! Single operations, for explanations and tests: one call on one GPU, ms.

use super::engine::Engine;
use super::error::CostError;
use super::quant::{FmhaQuant, GemmQuant, KvQuant};

/// One operation with its per-GPU sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// C[m,n] = A[m,k]·W[k,n].
    Gemm {
        /// Rows (tokens).
        m: u64,
        /// Columns.
        n: u32,
        /// Depth.
        k: u32,
        /// Number format.
        quant: GemmQuant,
    },
    /// Causal prefill attention.
    Context {
        /// Requests.
        b: u64,
        /// Tokens per request.
        s: u64,
        /// Query heads.
        n: u32,
        /// KV heads.
        nkv: u32,
        /// Format of the KV cache.
        kv: KvQuant,
        /// Format of the arithmetic.
        fmha: FmhaQuant,
    },
    /// Attention of one decode step.
    Decode {
        /// Requests.
        b: u64,
        /// Context length.
        s: u64,
        /// Query heads.
        n: u32,
        /// KV heads.
        nkv: u32,
        /// Format of the KV cache.
        kv: KvQuant,
    },
    /// All-reduce of 16-bit elements.
    AllReduce {
        /// GPUs.
        tp: u32,
        /// Elements.
        elems: u64,
    },
}

impl Engine {
    /// Latency of one call, ms, without 0.12's constant extras of prefill attention.
    ///
    /// # Errors
    /// [`CostError`] where the tables do not reach.
    pub fn call_ms(&self, system: &str, call: Call) -> Result<f64, CostError> {
        let source = self.source_on(system)?;
        match call {
            Call::Gemm { m, n, k, quant } => source.gemm(n, k, quant)?.ms(m),
            Call::Context {
                b,
                s,
                n,
                nkv,
                kv,
                fmha,
            } => source.context(n, nkv, (128, 0), kv, fmha)?.ms(b, s),
            Call::Decode { b, s, n, nkv, kv } => source.decode(n, nkv, (128, 0), kv)?.ms(b, s),
            Call::AllReduce { tp, elems } => match tp {
                0 | 1 => Ok(0.0),
                _ => source.all_reduce(tp)?.ms(elems as f64),
            },
        }
    }
}
