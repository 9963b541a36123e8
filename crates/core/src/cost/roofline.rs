//! Roofline times: what the arithmetic and the memory alone would take, milliseconds.

use super::hardware::Hardware;
use super::quant::{FmhaQuant, GemmQuant, KvQuant, Tensor};

/// The roofline of one operation, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Roof {
    pub compute: f64,
    pub memory: f64,
    pub link: f64,
}

impl Roof {
    pub fn ms(&self) -> f64 {
        self.compute.max(self.memory).max(self.link)
    }
}

/// Time of so many operations, ms. A kind of arithmetic that the system lacks takes none: such formats are refused
/// before anything is computed.
fn compute(hw: &Hardware, tensor: Tensor, ops: f64) -> f64 {
    hw.flops(tensor).map_or(0.0, |peak| 1e3 * (ops / peak))
}

fn roof(hw: &Hardware, tensor: Tensor, ops: f64, bytes: f64) -> Roof {
    Roof {
        compute: compute(hw, tensor, ops),
        memory: 1e3 * (bytes / hw.mem_bandwidth),
        link: 0.0,
    }
}

/// C[m,n] = A[m,k]·W[k,n].
pub(crate) fn gemm(hw: &Hardware, m: f64, n: f64, k: f64, q: GemmQuant) -> Roof {
    roof(
        hw,
        q.tensor(),
        2.0 * m * n * k,
        q.bytes() * (m * n + m * k + n * k),
    )
}

/// Heads of one GPU; `kv_key` is zero in tables keyed "as many as query heads".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heads {
    pub kv_key: u32,
    /// Elements per head.
    pub dim: u32,
    /// Tokens that attention looks back over; 0 for all.
    pub window: u32,
}

impl Heads {
    pub fn kv(self, n: f64) -> f64 {
        if self.kv_key == 0 {
            n
        } else {
            f64::from(self.kv_key)
        }
    }
}

/// Causal prefill attention of `b` requests of `s` tokens with `n` query heads.
pub(crate) fn context(
    hw: &Hardware,
    f: FmhaQuant,
    kv: KvQuant,
    heads: Heads,
    [n, s, b]: [f64; 3],
) -> Roof {
    let (dim, window) = (f64::from(heads.dim), f64::from(heads.window));
    let ops = if heads.window > 0 && s > window {
        4.0 * b * s * window * n * dim
    } else {
        2.0 * b * s * s * n * dim
    };
    let bytes = 4.0 * b * n * s * dim + kv.bytes() * b * 2.0 * heads.kv(n) * s * dim;
    roof(hw, f.tensor(), ops, bytes)
}

/// Arithmetic of decode attention under 0.12: fp8 for an fp8 cache from compute capability 8.9 on.
fn decode_tensor(hw: &Hardware, kv: KvQuant) -> Tensor {
    match kv {
        KvQuant::Fp8 if hw.sm.is_some_and(|sm| sm >= 89) => Tensor::Fp8,
        _ => Tensor::Bf16,
    }
}

/// One decode step of `b` requests at context length `s` with `n` query heads. `by_kv` selects 0.12's form, which
/// takes fp8 arithmetic for an fp8 cache and leaves the new token out.
pub(crate) fn decode(
    hw: &Hardware,
    kv: KvQuant,
    by_kv: bool,
    heads: Heads,
    [n, b, s]: [f64; 3],
) -> Roof {
    let dim = f64::from(heads.dim);
    let past = if heads.window > 0 {
        (s - 1.0).min(f64::from(heads.window))
    } else {
        s - 1.0
    };
    let (length, tensor) = if by_kv {
        (past, decode_tensor(hw, kv))
    } else {
        (s, Tensor::Bf16)
    };
    roof(
        hw,
        tensor,
        4.0 * b * n * dim * length,
        b * (n * dim * 4.0 + 2.0 * heads.kv(n) * past * dim * kv.bytes()),
    )
}

/// Latent attention of a prefill.
pub(crate) fn latent_context(
    hw: &Hardware,
    f: FmhaQuant,
    kv: KvQuant,
    [n, s, b]: [f64; 3],
) -> Roof {
    let per = b * n * 320.0;
    roof(
        hw,
        f.tensor(),
        per * s * s,
        per * (kv.bytes() * s + 2.0 * s),
    )
}

/// Latent attention of one decode step; with a format also the two products that take the latent form in and out.
pub(crate) fn latent_decode(
    hw: &Hardware,
    kv: KvQuant,
    block: Option<GemmQuant>,
    [n, b, s]: [f64; 3],
) -> Roof {
    let mut sum = roof(
        hw,
        decode_tensor(hw, kv),
        2.0 * b * n * 1088.0 * s,
        b * (n * 2176.0 + (s - 1.0) * 576.0 * kv.bytes()),
    );
    if let Some(q) = block {
        let product = absorb(hw, q, n, b);
        sum.compute += 2.0 * product.compute;
        sum.memory += 2.0 * product.memory;
    }
    sum
}

/// One product that takes `t` tokens into or out of the latent form.
pub(crate) fn absorb(hw: &Hardware, q: GemmQuant, n: f64, t: f64) -> Roof {
    roof(
        hw,
        q.tensor(),
        2.0 * t * n * 65536.0,
        n * (t * 640.0 + 65536.0) * q.bytes(),
    )
}

/// The experts of one layer on one GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub top_k: u64,
    pub experts: u64,
    pub hidden: u64,
    pub ffn: u64,
    pub moe_tp: u64,
    pub moe_ep: u64,
}

/// The experts of a layer for `t` tokens, in AIC's integer divisions from left to right. `many` takes the peak rates
/// as multiples of the 16-bit one, as AIC does for the tables of many ranks.
pub(crate) fn experts(hw: &Hardware, q: GemmQuant, share: Share, t: u64, many: bool) -> Roof {
    let Share {
        top_k,
        experts,
        hidden: h,
        ffn: i,
        moe_tp: tp,
        moe_ep: ep,
    } = share;
    let all = t.saturating_mul(top_k);
    let ops = all.saturating_mul(h * i * 6) / ep / tp;
    let rank = all / ep;
    let bytes = (rank * h * 2)
        .saturating_add(rank * i * 3 / tp)
        .saturating_add(h * i * 3 / tp * (experts / ep).min(rank));
    let mut roof = roof(hw, q.tensor(), ops as f64, bytes as f64 * q.bytes());
    if many {
        let factor = match q.tensor() {
            Tensor::Bf16 => 1.0,
            Tensor::Fp8 | Tensor::Int8 => 2.0,
            Tensor::Fp4 => 4.0,
        };
        roof.compute = 1e3 * (ops as f64 / (hw.flops_16bit * factor));
    }
    roof
}
