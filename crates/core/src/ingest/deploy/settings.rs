//! The settings of an engine that matter, by the names that engines and tools give them.
//!
//! Knows one table for options of command lines and keys of files alike.

use super::{Kind, Piece, Service};
use crate::ingest::json::Flat;
use crate::model::{Engine, Known, NumberFormat, Precision};

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Tensor parallelism.
    Tp,
    /// Pipeline parallelism.
    Pp,
    /// Expert parallelism.
    Ep,
    /// Ranks of data parallelism within a worker.
    Dp,
    /// Requests in a batch.
    MaxBatch,
    /// Tokens of a step.
    MaxTokens,
    /// Pieces of prompts.
    Chunked,
    /// Chunk size of prompts; any positive one turns pieces on.
    ChunkSize,
    /// Use of the KV cache again.
    Reuse,
    /// The same, turned off.
    NoReuse,
    /// Number format of weights.
    Weights,
    /// Number format of the KV cache.
    KvCache,
    /// Number format of attention.
    Attention,
    /// Checkpoint.
    Model,
    /// File of engine settings.
    File,
    /// What a worker does.
    Mode,
    /// A worker that only prefills.
    Prefill,
}

/// Names in files and, with hyphens for underscores, on command lines.
pub const NAMES: &[(&str, Field)] = &[
    ("tensor_parallel_size", Field::Tp),
    ("tp_size", Field::Tp),
    ("tp", Field::Tp),
    ("pipeline_parallel_size", Field::Pp),
    ("pp_size", Field::Pp),
    ("pp", Field::Pp),
    ("moe_expert_parallel_size", Field::Ep),
    ("expert_parallel_size", Field::Ep),
    ("ep_size", Field::Ep),
    ("ep", Field::Ep),
    ("data_parallel_size", Field::Dp),
    ("dp_size", Field::Dp),
    ("dp", Field::Dp),
    ("max_batch_size", Field::MaxBatch),
    ("max_num_seqs", Field::MaxBatch),
    ("max_running_requests", Field::MaxBatch),
    ("max_num_tokens", Field::MaxTokens),
    ("max_num_batched_tokens", Field::MaxTokens),
    ("enable_chunked_prefill", Field::Chunked),
    ("enable_chunked_context", Field::Chunked),
    ("chunked_prefill_size", Field::ChunkSize),
    ("kv_cache_config.enable_block_reuse", Field::Reuse),
    ("enable_block_reuse", Field::Reuse),
    ("enable_prefix_caching", Field::Reuse),
    ("no_enable_prefix_caching", Field::NoReuse),
    ("disable_radix_cache", Field::NoReuse),
    ("quantization", Field::Weights),
    ("quant_algo", Field::Weights),
    ("quant_config.quant_algo", Field::Weights),
    ("gemm_quant_mode", Field::Weights),
    ("kv_cache_config.dtype", Field::KvCache),
    ("kv_cache_dtype", Field::KvCache),
    ("quant_config.kv_cache_quant_algo", Field::KvCache),
    ("kvcache_quant_mode", Field::KvCache),
    ("fmha_quant_mode", Field::Attention),
    ("model", Field::Model),
    ("model_path", Field::Model),
    ("served_model_name", Field::Model),
    ("extra_engine_args", Field::File),
    ("extra_llm_api_options", Field::File),
    ("config", Field::File),
    ("disaggregation_mode", Field::Mode),
    ("is_prefill_worker", Field::Prefill),
];

/// Settings of one worker; what is not set is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The program.
    pub engine: Option<Engine>,
    /// Whether Dynamo stands before it.
    pub dynamo: bool,
    /// Version of its container.
    pub version: Option<String>,
    /// Checkpoint.
    pub model: Option<String>,
    /// Parallelism: tensor, pipeline, expert, data.
    pub tp: Option<u32>,
    /// Pipeline parallelism.
    pub pp: Option<u32>,
    /// Expert parallelism.
    pub ep: Option<u32>,
    /// Ranks of data parallelism.
    pub dp: Option<u32>,
    /// Requests in a batch.
    pub max_batch: Option<u32>,
    /// Tokens of a step.
    pub max_num_tokens: Option<u32>,
    /// Pieces of prompts.
    pub chunked_prefill: Option<bool>,
    /// Use of the KV cache again.
    pub block_reuse: Option<bool>,
    /// Number format of weights, where stated.
    pub weights: Option<Precision>,
    /// Number format of the KV cache, where stated.
    pub kv_cache: Option<Precision>,
    /// Number format of attention, where stated.
    pub attention: Option<Precision>,
    /// Whether a quantization is stated that is not known here.
    pub unknown_format: bool,
    /// File of further settings, as the worker sees it.
    pub file: Option<String>,
    /// Whether it only prefills.
    pub prefill: bool,
}

impl Settings {
    /// Takes one setting in; a later one of the same name does not overrule.
    pub fn set(&mut self, field: Field, value: &str) {
        let number = || value.trim().parse::<u32>().ok().filter(|n| *n > 0);
        let on = || match value.trim().to_ascii_lowercase().as_str() {
            "false" | "0" | "no" | "off" => Some(false),
            "" | "true" | "1" | "yes" | "on" => Some(true),
            _ => None,
        };
        fn first<T>(slot: &mut Option<T>, value: Option<T>) {
            if slot.is_none() {
                *slot = value;
            }
        }
        match field {
            Field::Tp => first(&mut self.tp, number()),
            Field::Pp => first(&mut self.pp, number()),
            Field::Ep => first(&mut self.ep, number()),
            Field::Dp => first(&mut self.dp, number()),
            Field::MaxBatch => first(&mut self.max_batch, number()),
            Field::MaxTokens => first(&mut self.max_num_tokens, number()),
            Field::Chunked => first(&mut self.chunked_prefill, on()),
            Field::ChunkSize => first(&mut self.chunked_prefill, Some(number().is_some())),
            Field::Reuse => first(&mut self.block_reuse, on()),
            Field::NoReuse => first(&mut self.block_reuse, on().map(|v| !v)),
            Field::Weights => self.format(value, |s| &mut s.weights),
            Field::KvCache => self.format(value, |s| &mut s.kv_cache),
            Field::Attention => self.format(value, |s| &mut s.attention),
            Field::Model => first(&mut self.model, checkpoint(value)),
            Field::File => first(&mut self.file, Some(value.to_owned())),
            Field::Mode => self.prefill |= value.trim() == "prefill",
            Field::Prefill => self.prefill |= on() == Some(true),
        }
    }

    fn format(&mut self, value: &str, slot: fn(&mut Self) -> &mut Option<Precision>) {
        let value = value.trim().to_ascii_lowercase();
        if matches!(value.as_str(), "" | "auto" | "null" | "none" | "no_quant") {
            return;
        }
        match precision(&value) {
            Some(p) => {
                slot(self).get_or_insert(p);
            }
            None => self.unknown_format = true,
        }
    }

    /// Takes over from `other` what is absent here.
    pub fn fill(&mut self, other: &Self) {
        fn or<T: Clone>(a: &mut Option<T>, b: &Option<T>) {
            if a.is_none() {
                a.clone_from(b);
            }
        }
        or(&mut self.engine, &other.engine);
        or(&mut self.version, &other.version);
        or(&mut self.model, &other.model);
        or(&mut self.tp, &other.tp);
        or(&mut self.pp, &other.pp);
        or(&mut self.ep, &other.ep);
        or(&mut self.dp, &other.dp);
        or(&mut self.max_batch, &other.max_batch);
        or(&mut self.max_num_tokens, &other.max_num_tokens);
        or(&mut self.chunked_prefill, &other.chunked_prefill);
        or(&mut self.block_reuse, &other.block_reuse);
        or(&mut self.weights, &other.weights);
        or(&mut self.kv_cache, &other.kv_cache);
        or(&mut self.attention, &other.attention);
        or(&mut self.file, &other.file);
        self.prefill |= other.prefill;
        self.dynamo |= other.dynamo;
        self.unknown_format |= other.unknown_format;
    }

    /// The settings at some place of a document.
    pub fn at(flat: &Flat, prefix: &str) -> Self {
        let mut out = Self::default();
        for (name, field) in NAMES {
            if let Some(value) = flat.scalar(&format!("{prefix}{name}")) {
                out.set(*field, &value);
            }
        }
        out
    }

    /// A file of engine settings: at least two of its keys are known, one of them about size.
    pub fn of_engine(flat: &Flat) -> Option<Self> {
        let out = Self::at(flat, "");
        let sizes = [out.tp, out.pp, out.max_batch, out.max_num_tokens];
        let known = sizes.iter().flatten().count()
            + usize::from(out.block_reuse.is_some())
            + usize::from(out.chunked_prefill.is_some())
            + usize::from(out.kv_cache.is_some());
        (known > 1 && sizes.iter().any(Option::is_some)).then_some(out)
    }

    /// Number formats of weights, KV cache and attention. Where nothing is stated and the checkpoint's name has no
    /// quantization in it, 16 bit follows.
    pub fn formats(&self) -> [Option<NumberFormat>; 3] {
        let stated = |p: Option<Precision>| {
            p.map(|precision| NumberFormat {
                precision,
                known: Known::Stated,
            })
        };
        let name = self.model.as_deref().map(str::to_ascii_lowercase);
        let named = name.as_deref().and_then(named);
        let plain = name.is_some() && named.is_none() && !self.unknown_format;
        let follows = |yes: bool| {
            yes.then_some(NumberFormat {
                precision: Precision::Bits16,
                known: Known::Follows,
            })
        };
        let weights = stated(self.weights.or(named)).or_else(|| follows(plain));
        let bits16 = weights.is_some_and(|w| w.precision == Precision::Bits16);
        let kv = stated(self.kv_cache).or_else(|| follows(bits16));
        let full = bits16 && kv.is_some_and(|k| k.precision == Precision::Bits16);
        let attention = stated(self.attention).or_else(|| follows(full));
        [weights, kv, attention]
    }
}

/// A checkpoint's name without the folders of the machine it lies on.
fn checkpoint(value: &str) -> Option<String> {
    let value = value.trim().trim_end_matches('/');
    if value.is_empty() || value.contains('$') {
        return None;
    }
    let local = value.starts_with(['/', '.', '~']);
    let name = if local {
        value.rsplit('/').next()?
    } else {
        value
    };
    Some(name.to_owned())
}

/// A number format by the names that engines give it.
pub fn precision(name: &str) -> Option<Precision> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let has = |w: &str| name.contains(w);
    Some(match name.as_str() {
        "half" | "float16" | "bfloat16" | "fp16" | "bf16" => Precision::Bits16,
        _ if has("nvfp4") || has("fp4") && !has("mxfp4") => Precision::Nvfp4,
        _ if has("mxfp4") => Precision::Mxfp4,
        _ if has("block") && has("fp8") => Precision::Fp8Block,
        _ if has("fp8") || has("e4m3") || has("e5m2") => Precision::Fp8,
        _ if has("int4") || has("w4a16") || has("awq") || has("gptq") => Precision::Int4,
        _ if has("int8") || has("w8a8") || has("w8a16") || has("smoothquant") => Precision::Int8,
        _ => return None,
    })
}

/// A quantization in the name of a checkpoint.
fn named(checkpoint: &str) -> Option<Precision> {
    const WORDS: [&str; 12] = [
        "nvfp4", "mxfp4", "fp4", "fp8", "int4", "w4a16", "awq", "gptq", "int8", "w8a8", "w8a16",
        "bnb",
    ];
    let word = WORDS.into_iter().find(|w| checkpoint.contains(w))?;
    match word {
        "bnb" => Some(Precision::Int4),
        word => precision(word),
    }
}

/// AIC's `generator_config.yaml`: what a deployment is generated from.
pub fn plan(flat: &Flat, file: &str) -> Option<Piece> {
    flat.has_below("WorkerConfig").then_some(())?;
    let model = flat.text("ServiceConfig.model_path");
    let mut services = Vec::new();
    for (mode, prefill) in [("agg", false), ("prefill", true), ("decode", false)] {
        let count = |key: &str| {
            let v = flat.number(&format!("WorkerConfig.{mode}_{key}"))?;
            crate::ingest::quantity::count(v).filter(|n| *n > 0)
        };
        let Some(replicas) = count("workers") else {
            continue;
        };
        let mut settings = Settings::at(flat, &format!("params.{mode}."));
        settings.model = model.and_then(checkpoint);
        services.push(Service {
            replicas: Some(replicas),
            gpus: count("gpus_per_worker"),
            prefill,
            settings,
        });
    }
    (!services.is_empty()).then(|| Piece {
        file: file.to_owned(),
        name: flat.text("K8sConfig.name").map(str::to_owned),
        services,
        kind: Kind::Plan,
        ..Piece::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(Field, &str)]) -> Settings {
        let mut out = Settings::default();
        for (field, value) in pairs {
            out.set(*field, value);
        }
        out
    }

    #[test]
    fn sixteen_bit_follows_only_where_nothing_says_otherwise() {
        let of = |pairs: &[(Field, &str)]| with(pairs).formats().map(|f| f.map(|f| f.precision));
        let model = |name| (Field::Model, name);
        let all16 = [Some(Precision::Bits16); 3];
        assert_eq!(of(&[model("Qwen/Qwen3-32B")]), all16);
        assert_eq!(
            of(&[model("Qwen/Qwen3-32B-FP8")]),
            [Some(Precision::Fp8), None, None]
        );
        assert_eq!(
            of(&[model("a/b"), (Field::KvCache, "fp8")]),
            [Some(Precision::Bits16), Some(Precision::Fp8), None]
        );
        assert_eq!(
            of(&[model("a/b"), (Field::Weights, "fp8_block")])[0],
            Some(Precision::Fp8Block)
        );
        assert_eq!(
            of(&[model("a/b"), (Field::Weights, "marlin_99")]),
            [None; 3]
        );
        assert_eq!(of(&[]), [None; 3]);
        let f = with(&[model("a/b")]).formats()[0].map(|f| f.known);
        assert_eq!(f, Some(Known::Follows));
    }

    #[test]
    fn a_checkpoint_loses_the_folders_of_its_machine() {
        assert_eq!(
            checkpoint("/data/who/models/Qwen3/").as_deref(),
            Some("Qwen3")
        );
        assert_eq!(
            checkpoint("Qwen/Qwen3-32B").as_deref(),
            Some("Qwen/Qwen3-32B")
        );
        assert_eq!(checkpoint("$MODEL"), None);
    }
}
