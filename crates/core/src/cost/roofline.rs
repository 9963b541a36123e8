//! Roofline times: what the arithmetic and the memory alone would take, milliseconds.

use super::hardware::Hardware;
use super::quant::{FmhaQuant, GemmQuant, KvQuant};

/// Elements per head; the only head size that was measured.
pub(crate) const HEAD: f64 = 128.0;

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

/// C[m,n] = A[m,k]·W[k,n].
pub(crate) fn gemm(hw: &Hardware, m: f64, n: f64, k: f64, q: GemmQuant) -> Roof {
    Roof {
        compute: 1e3 * (2.0 * m * n * k / (hw.flops_16bit * q.compute_factor())),
        memory: 1e3 * (q.bytes() * (m * n + m * k + n * k) / hw.mem_bandwidth),
        link: 0.0,
    }
}

/// Heads of one GPU; `kv` is zero in tables keyed "as many as query heads".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heads {
    pub kv_key: u32,
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
    n: f64,
    s: f64,
    b: f64,
) -> Roof {
    Roof {
        compute: 1e3 * (2.0 * b * s * s * n * HEAD / (hw.flops_16bit * f.compute_factor())),
        memory: 1e3
            * ((4.0 * b * n * s * HEAD + kv.bytes() * b * 2.0 * heads.kv(n) * s * HEAD)
                / hw.mem_bandwidth),
        link: 0.0,
    }
}

/// One decode step of `b` requests at context length `s` with `n` query heads. `by_kv` selects 0.12's form, which
/// doubles the FLOP/s for an fp8 cache and leaves the new token out.
pub(crate) fn decode(
    hw: &Hardware,
    kv: KvQuant,
    by_kv: bool,
    heads: Heads,
    n: f64,
    b: f64,
    s: f64,
) -> Roof {
    let (length, factor) = match (by_kv, kv) {
        (false, _) => (s, 1.0),
        (true, KvQuant::Float16) => (s - 1.0, 1.0),
        (true, KvQuant::Fp8) => (s - 1.0, 2.0),
    };
    Roof {
        compute: 1e3 * (2.0 * b * n * HEAD * 2.0 * length / (hw.flops_16bit * factor)),
        memory: 1e3
            * (b * (n * 256.0 + 2.0 * heads.kv(n) * (s - 1.0) * HEAD * kv.bytes() + n * 256.0)
                / hw.mem_bandwidth),
        link: 0.0,
    }
}
