//! Quantization modes that have measured figures, their bytes and their compute factors.

use serde::{Deserialize, Serialize};

use super::error::CostError;
use super::rules::RuleSet;

/// Kind of arithmetic that a system has a peak rate for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tensor {
    /// 16-bit floating point.
    Bf16,
    /// 8-bit integers.
    Int8,
    /// 8-bit floating point.
    Fp8,
    /// 4-bit floating point.
    Fp4,
}

/// Number format of weights and activations in matrix products, of layers or of experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GemmQuant {
    /// 16-bit floating point; 0.2 calls it `float16`, 0.12 `bfloat16`.
    #[serde(alias = "bfloat16", alias = "half", alias = "fp16", alias = "bf16")]
    Float16,
    /// fp8 with one scale per tensor.
    Fp8,
    /// fp8 with one scale per block.
    Fp8Block,
    /// 4-bit weights and activations with an fp8 scale for every 16 weights.
    Nvfp4,
    /// 4-bit weights of the same form, 16-bit arithmetic.
    W4a16Nvfp4,
    /// 8-bit weights, 16-bit arithmetic.
    Int8Wo,
    /// 4-bit weights, 16-bit arithmetic.
    Int4Wo,
    /// 4-bit weights, fp8 arithmetic.
    W4afp8,
    /// 4-bit weights with shared exponents, 16-bit arithmetic (GPT-OSS before Blackwell).
    W4a16Mxfp4,
    /// The same weights with fp8 arithmetic (GPT-OSS on Blackwell).
    W4a8Mxfp4Mxfp8,
}

/// Number format of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvQuant {
    /// 16-bit floating point.
    #[serde(alias = "bfloat16", alias = "half", alias = "fp16", alias = "bf16")]
    Float16,
    /// fp8.
    Fp8,
}

/// Number format in which attention is computed during prefill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FmhaQuant {
    /// 16-bit floating point.
    #[serde(alias = "bfloat16", alias = "half", alias = "fp16", alias = "bf16")]
    Float16,
    /// fp8; only together with an fp8 KV cache.
    Fp8,
}

/// The three number formats of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quant {
    /// Of matrix products; the logits product is always 16-bit.
    pub gemm: GemmQuant,
    /// Of the KV cache.
    pub kvcache: KvQuant,
    /// Of prefill attention.
    pub fmha: FmhaQuant,
}

impl Default for Quant {
    /// AIC's own default: `fp8_block`, fp8 KV cache, fp8 attention.
    fn default() -> Self {
        Self {
            gemm: GemmQuant::Fp8Block,
            kvcache: KvQuant::Fp8,
            fmha: FmhaQuant::Fp8,
        }
    }
}

fn is_16bit(name: &str) -> bool {
    matches!(name, "float16" | "bfloat16" | "half" | "fp16" | "bf16")
}

fn label_16bit(rules: RuleSet) -> &'static str {
    match rules {
        RuleSet::Aic02 => "float16",
        RuleSet::Aic012 => "bfloat16",
    }
}

/// Names, bytes per weight and arithmetic of every format; the position is the code in tables.
const FORMATS: [(GemmQuant, &str, f64, Tensor); 10] = [
    (GemmQuant::Float16, "bfloat16", 2.0, Tensor::Bf16),
    (GemmQuant::Fp8, "fp8", 1.0, Tensor::Fp8),
    (GemmQuant::Fp8Block, "fp8_block", 1.0, Tensor::Fp8),
    (GemmQuant::Nvfp4, "nvfp4", 9.0 / 16.0, Tensor::Fp4),
    (
        GemmQuant::W4a16Nvfp4,
        "w4a16_nvfp4",
        9.0 / 16.0,
        Tensor::Bf16,
    ),
    (GemmQuant::Int8Wo, "int8_wo", 1.0, Tensor::Bf16),
    (GemmQuant::Int4Wo, "int4_wo", 0.5, Tensor::Bf16),
    (GemmQuant::W4afp8, "w4afp8", 0.5, Tensor::Fp8),
    (GemmQuant::W4a16Mxfp4, "w4a16_mxfp4", 0.5, Tensor::Bf16),
    (
        GemmQuant::W4a8Mxfp4Mxfp8,
        "w4a8_mxfp4_mxfp8",
        0.5,
        Tensor::Fp8,
    ),
];

impl GemmQuant {
    /// Reads a name in either rule set's spelling.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`] for modes that have no row.
    pub fn parse(name: &str) -> Result<Self, CostError> {
        let wanted = name.trim().to_ascii_lowercase();
        if is_16bit(&wanted) {
            return Ok(Self::Float16);
        }
        FORMATS
            .iter()
            .find(|(_, n, ..)| *n == wanted)
            .map(|(q, ..)| *q)
            .ok_or_else(|| CostError::UnknownQuant {
                kind: "GEMM",
                name: name.to_owned(),
                known: "float16 (or bfloat16), fp8, fp8_block, nvfp4, w4a16_nvfp4, int8_wo, int4_wo, w4afp8, w4a16_mxfp4 and w4a8_mxfp4_mxfp8",
            })
    }

    fn row(self) -> (&'static str, f64, Tensor) {
        let hit = FORMATS.iter().find(|(q, ..)| *q == self);
        hit.map_or(("bfloat16", 2.0, Tensor::Bf16), |(_, n, b, t)| (*n, *b, *t))
    }

    /// Bytes per weight.
    pub fn bytes(self) -> f64 {
        self.row().1
    }

    /// Arithmetic that the format computes in.
    pub fn tensor(self) -> Tensor {
        self.row().2
    }

    /// The name as this rule set prints it.
    pub fn label(self, rules: RuleSet) -> &'static str {
        match self {
            Self::Float16 => label_16bit(rules),
            _ => self.row().0,
        }
    }

    /// Every format, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(q, ..)| *q)
    }

    pub(crate) const COUNT: usize = FORMATS.len();

    pub(crate) fn code(self) -> u32 {
        FORMATS
            .iter()
            .position(|(q, ..)| *q == self)
            .map_or(0, |i| i as u32)
    }
}

impl KvQuant {
    /// Reads a name in either rule set's spelling.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`] for modes without figures, such as `int8`.
    pub fn parse(name: &str) -> Result<Self, CostError> {
        match name.trim().to_ascii_lowercase().as_str() {
            n if is_16bit(n) => Ok(Self::Float16),
            "fp8" => Ok(Self::Fp8),
            _ => Err(CostError::UnknownQuant {
                kind: "KV cache",
                name: name.to_owned(),
                known: "float16 (or bfloat16) and fp8",
            }),
        }
    }

    /// Bytes per element.
    pub fn bytes(self) -> f64 {
        match self {
            Self::Float16 => 2.0,
            Self::Fp8 => 1.0,
        }
    }

    /// The name as this rule set prints it.
    pub fn label(self, rules: RuleSet) -> &'static str {
        match self {
            Self::Float16 => label_16bit(rules),
            Self::Fp8 => "fp8",
        }
    }

    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Float16 => 0,
            Self::Fp8 => 1,
        }
    }
}

impl FmhaQuant {
    /// Reads a name in either rule set's spelling.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`] for modes without figures.
    pub fn parse(name: &str) -> Result<Self, CostError> {
        match name.trim().to_ascii_lowercase().as_str() {
            n if is_16bit(n) => Ok(Self::Float16),
            "fp8" => Ok(Self::Fp8),
            _ => Err(CostError::UnknownQuant {
                kind: "attention",
                name: name.to_owned(),
                known: "float16 (or bfloat16) and fp8",
            }),
        }
    }

    /// Arithmetic that attention computes in.
    pub fn tensor(self) -> Tensor {
        match self {
            Self::Float16 => Tensor::Bf16,
            Self::Fp8 => Tensor::Fp8,
        }
    }

    /// Bytes per element.
    pub fn bytes(self) -> f64 {
        match self {
            Self::Float16 => 2.0,
            Self::Fp8 => 1.0,
        }
    }

    /// The name as this rule set prints it.
    pub fn label(self, rules: RuleSet) -> &'static str {
        match self {
            Self::Float16 => label_16bit(rules),
            Self::Fp8 => "fp8",
        }
    }

    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Float16 => 0,
            Self::Fp8 => 1,
        }
    }
}

impl Quant {
    /// Checks that the three formats were measured together.
    ///
    /// # Errors
    /// [`CostError::QuantPair`] for fp8 attention over a 16-bit KV cache.
    pub fn check(&self) -> Result<(), CostError> {
        if self.fmha == FmhaQuant::Fp8 && self.kvcache == KvQuant::Float16 {
            return Err(CostError::QuantPair);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_16_bit_are_read() {
        for name in ["float16", "bfloat16", "half", "FLOAT16"] {
            assert_eq!(GemmQuant::parse(name).unwrap(), GemmQuant::Float16);
            assert_eq!(KvQuant::parse(name).unwrap(), KvQuant::Float16);
            assert_eq!(FmhaQuant::parse(name).unwrap(), FmhaQuant::Float16);
        }
        assert_eq!(GemmQuant::Float16.label(RuleSet::Aic02), "float16");
        assert_eq!(GemmQuant::Float16.label(RuleSet::Aic012), "bfloat16");
        let q: Quant =
            serde_json::from_str(r#"{"gemm":"bfloat16","kvcache":"half","fmha":"float16"}"#)
                .unwrap();
        assert_eq!(q.gemm, GemmQuant::Float16);
    }

    #[test]
    fn unmeasured_modes_are_named() {
        let e = GemmQuant::parse("fp8_static").unwrap_err().to_string();
        assert!(e.contains("fp8_static") && e.ends_with('.'), "{e}");
    }

    #[test]
    fn codes_and_names_of_all_formats_are_their_own() {
        for (i, q) in GemmQuant::all().enumerate() {
            assert_eq!(q.code() as usize, i);
            assert_eq!(GemmQuant::parse(q.label(RuleSet::Aic012)).unwrap(), q);
            let json = serde_json::to_string(&q).unwrap();
            assert_eq!(serde_json::from_str::<GemmQuant>(&json).unwrap(), q);
        }
    }
}
