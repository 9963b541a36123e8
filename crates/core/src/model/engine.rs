//! What the deployment files say about the engine that served a run.
//!
//! Knows facts; refuses to know file formats. Names of hosts and namespaces, tokens and keys are in no field.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The program that runs the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// TensorRT-LLM.
    TrtLlm,
    /// vLLM.
    Vllm,
    /// SGLang.
    Sglang,
}

impl Engine {
    /// Key in JSON, as AIC and Dynamo write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::TrtLlm => "trtllm",
            Self::Vllm => "vllm",
            Self::Sglang => "sglang",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TrtLlm => "TensorRT-LLM",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
        })
    }
}

/// A number format of weights, KV cache or attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// bfloat16 or float16.
    Bits16,
    /// FP8, one scale a tensor or channel.
    Fp8,
    /// FP8 with a scale for each block.
    Fp8Block,
    /// INT8.
    Int8,
    /// INT4.
    Int4,
    /// NVFP4.
    Nvfp4,
    /// MXFP4.
    Mxfp4,
}

impl Precision {
    /// Key in JSON and the word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bits16 => "16-bit",
            Self::Fp8 => "fp8",
            Self::Fp8Block => "fp8_block",
            Self::Int8 => "int8",
            Self::Int4 => "int4",
            Self::Nvfp4 => "nvfp4",
            Self::Mxfp4 => "mxfp4",
        }
    }
}

/// How a number format is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A file or the checkpoint's name states it.
    Stated,
    /// It follows: the checkpoint's name has no quantization in it, and no file asks for one.
    Follows,
}

/// A number format and how it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberFormat {
    /// The format.
    pub precision: Precision,
    /// How it is known.
    pub known: Known,
}

/// How deployment files were found to belong to a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    /// The address that was measured names the service.
    Service,
    /// The names of deployment and run.
    #[default]
    Name,
    /// They lie in one folder.
    Directory,
    /// A person chose it.
    Chosen,
}

/// What the deployment files say about the engine; what they don't say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineFacts {
    /// Name of the deployment, as its file has it.
    pub name: String,
    /// Checkpoint.
    pub model: Option<String>,
    /// The program that runs it.
    pub engine: Option<Engine>,
    /// Whether Dynamo stands before it.
    pub dynamo: bool,
    /// Version of the container that serves, of Dynamo's where Dynamo is before the engine.
    pub version: Option<String>,
    /// Tensor parallelism of a worker.
    pub tp: Option<u32>,
    /// Pipeline parallelism of a worker.
    pub pp: Option<u32>,
    /// Expert parallelism of a worker.
    pub ep: Option<u32>,
    /// Workers that generate: replicas, and data-parallel ranks within one.
    pub workers: Option<u32>,
    /// Workers that only prefill.
    pub prefill_workers: Option<u32>,
    /// GPUs of the whole deployment.
    pub gpus: Option<u32>,
    /// Most requests in one worker's batch.
    pub max_batch: Option<u32>,
    /// Most tokens of one worker's step.
    pub max_num_tokens: Option<u32>,
    /// Weights.
    pub weights: Option<NumberFormat>,
    /// KV cache.
    pub kv_cache: Option<NumberFormat>,
    /// Attention.
    pub attention: Option<NumberFormat>,
    /// Whether prompts may be processed in pieces.
    pub chunked_prefill: Option<bool>,
    /// Whether the KV cache of a prompt is used again (block reuse, prefix caching).
    pub block_reuse: Option<bool>,
    /// Files that it was read from, as dropped.
    pub files: Vec<String>,
    /// How it was matched to the run.
    pub matched: Matched,
}

impl EngineFacts {
    /// What was deployed, in the field's short words: `8 × TP1, batch ≤ 16, 16-bit`.
    pub fn words(&self) -> String {
        let tp = self.tp.map(|tp| match self.workers {
            Some(n) if n > 1 => format!("{n} × TP{tp}"),
            _ => format!("TP{tp}"),
        });
        let pp = self.pp.filter(|pp| *pp > 1).map(|pp| format!("PP{pp}"));
        let batch = self.max_batch.map(|n| format!("batch ≤ {n}"));
        let weights = self.weights.map(|w| w.precision.word().to_owned());
        let parts: Vec<String> = [tp, pp, batch, weights].into_iter().flatten().collect();
        parts.join(", ")
    }
    /// Most requests that the engines of the deployment work on at once; more than that queue.
    pub fn in_flight_cap(&self) -> Option<u32> {
        self.workers?.checked_mul(self.max_batch?)
    }
}
