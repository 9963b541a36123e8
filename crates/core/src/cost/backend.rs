//! The serving backends whose kernels AIC measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::CostError;

/// Serving backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// TensorRT-LLM.
    TrtLlm,
    /// vLLM.
    Vllm,
    /// SGLang.
    Sglang,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 3] = [Self::TrtLlm, Self::Vllm, Self::Sglang];

    /// AIC's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrtLlm => "trtllm",
            Self::Vllm => "vllm",
            Self::Sglang => "sglang",
        }
    }

    /// The name as its makers write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::TrtLlm => "TensorRT-LLM",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = CostError;

    fn from_str(s: &str) -> Result<Self, CostError> {
        match s
            .trim()
            .to_ascii_lowercase()
            .replace(['-', '_', ' '], "")
            .as_str()
        {
            "trtllm" | "tensorrtllm" => Ok(Self::TrtLlm),
            "vllm" => Ok(Self::Vllm),
            "sglang" => Ok(Self::Sglang),
            _ => Err(CostError::UnknownBackend { name: s.to_owned() }),
        }
    }
}
