//! Quantization modes that have measured figures, their bytes and their compute factors.

use serde::{Deserialize, Serialize};

use super::error::CostError;
use super::rules::RuleSet;

/// Number format of weights and activations in matrix products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GemmQuant {
    /// 16-bit floating point; 0.2 calls it `float16`, 0.12 `bfloat16`.
    #[serde(alias = "bfloat16", alias = "half", alias = "fp16", alias = "bf16")]
    Float16,
    /// fp8 with one scale per tensor.
    Fp8,
    /// fp8 with one scale per block.
    Fp8Block,
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

impl GemmQuant {
    /// Reads a name in either rule set's spelling.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`] for modes without figures, such as `nvfp4`.
    pub fn parse(name: &str) -> Result<Self, CostError> {
        match name.trim().to_ascii_lowercase().as_str() {
            n if is_16bit(n) => Ok(Self::Float16),
            "fp8" => Ok(Self::Fp8),
            "fp8_block" => Ok(Self::Fp8Block),
            _ => Err(CostError::UnknownQuant {
                kind: "GEMM",
                name: name.to_owned(),
                known: "float16 (or bfloat16), fp8 and fp8_block",
            }),
        }
    }

    /// Bytes per weight.
    pub fn bytes(self) -> f64 {
        match self {
            Self::Float16 => 2.0,
            Self::Fp8 | Self::Fp8Block => 1.0,
        }
    }

    /// Multiple of the 16-bit tensor FLOP/s.
    pub fn compute_factor(self) -> f64 {
        match self {
            Self::Float16 => 1.0,
            Self::Fp8 | Self::Fp8Block => 2.0,
        }
    }

    /// The name as this rule set prints it.
    pub fn label(self, rules: RuleSet) -> &'static str {
        match self {
            Self::Float16 => label_16bit(rules),
            Self::Fp8 => "fp8",
            Self::Fp8Block => "fp8_block",
        }
    }

    pub(crate) const ALL: [Self; 3] = [Self::Float16, Self::Fp8, Self::Fp8Block];

    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Float16 => 0,
            Self::Fp8 => 1,
            Self::Fp8Block => 2,
        }
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

    /// Multiple of the 16-bit tensor FLOP/s.
    pub fn compute_factor(self) -> f64 {
        match self {
            Self::Float16 => 1.0,
            Self::Fp8 => 2.0,
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
        let e = GemmQuant::parse("nvfp4").unwrap_err().to_string();
        assert!(e.contains("nvfp4") && e.ends_with('.'), "{e}");
    }
}
