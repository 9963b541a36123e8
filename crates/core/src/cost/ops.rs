//! One worker's forward pass as a list of operations, and the three sums that every mode is made of.

use super::arch::{Arch, Shard};
use super::attention::Attention;
use super::error::CostError;
use super::quant::{FmhaQuant, GemmQuant, Quant};
use super::roofline::{self, Roof};
use super::rules::Rules;
use super::source::{Gemm, Source};

/// An operation of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Embedding,
    EmbeddingAllReduce,
    AttentionNorm,
    Qkv,
    ContextAttention,
    DecodeAttention,
    Proj,
    FfnNorm,
    GateUp,
    Activation,
    Down,
    Logits,
    AllReduce,
    P2p,
}

impl Op {
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedding => "embedding",
            Self::EmbeddingAllReduce => "embedding_all_reduce",
            Self::AttentionNorm => "attention_norm",
            Self::Qkv => "qkv_gemm",
            Self::ContextAttention => "context_attention",
            Self::DecodeAttention => "decode_attention",
            Self::Proj => "proj_gemm",
            Self::FfnNorm => "ffn_norm",
            Self::GateUp => "gate_up_gemm",
            Self::Activation => "activation",
            Self::Down => "down_gemm",
            Self::Logits => "logits_gemm",
            Self::AllReduce => "all_reduce",
            Self::P2p => "p2p",
        }
    }
}

/// An operation with how often it runs in a pass, its measured time and its roofline, ms per call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub op: Op,
    pub count: f64,
    pub ms: f64,
    pub roof: Roof,
}

/// Whether times are measured ones or rooflines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Price {
    Measured,
    Roofline,
}

/// A model on one tensor- and pipeline-parallel group of GPUs.
pub(crate) struct Worker<'e> {
    pub source: &'e Source,
    pub rules: &'static Rules,
    pub arch: &'static Arch,
    pub shard: Shard,
    pub tp: u32,
    pub pp: u32,
    pub quant: Quant,
    qkv: Gemm<'e>,
    proj: Gemm<'e>,
    gate_up: Gemm<'e>,
    down: Gemm<'e>,
    logits: Gemm<'e>,
    context: Attention<'e>,
    decode: Attention<'e>,
}

impl<'e> Worker<'e> {
    pub fn new(
        source: &'e Source,
        rules: &'static Rules,
        arch: &'static Arch,
        tp: u32,
        pp: u32,
        quant: Quant,
    ) -> Result<Self, CostError> {
        if pp == 0 {
            return Err(CostError::Zero {
                what: "pipeline parallelism",
            });
        }
        if pp > 1 && !rules.pipeline {
            return Err(CostError::Unsupported {
                what: format!("pipeline parallelism {pp}"),
                rules: rules.set.to_string(),
            });
        }
        if pp > arch.layers {
            return Err(CostError::Unsupported {
                what: format!(
                    "pipeline parallelism {pp} over the {} layers of {}",
                    arch.layers, arch.name
                ),
                rules: rules.set.to_string(),
            });
        }
        quant.check()?;
        source.tables.check_model(arch.name)?;
        let shard = arch.shard(tp, rules)?;
        source.check_reduce(tp)?;
        let gemm = |(n, k): (u32, u32)| source.gemm(n, k, quant.gemm);
        let (n, k) = shard.logits;
        Ok(Self {
            source,
            rules,
            arch,
            shard,
            tp,
            pp,
            quant,
            qkv: gemm(shard.qkv)?,
            proj: gemm(shard.proj)?,
            gate_up: gemm(shard.gate_up)?,
            down: gemm(shard.down)?,
            logits: source.gemm(n, k, GemmQuant::Float16)?,
            context: source.context(shard.heads, shard.kv_heads, quant.kvcache, quant.fmha)?,
            decode: source.decode(shard.heads, shard.kv_heads, quant.kvcache)?,
        })
    }

    /// GPUs of the worker.
    pub fn gpus(&self) -> u32 {
        self.tp * self.pp
    }

    fn layers(&self) -> f64 {
        f64::from(self.arch.layers)
    }

    /// Everything but attention for `x` tokens with logits for `rows` of them, ms.
    pub fn pass(&self, price: Price, x: u64, rows: u64) -> Result<f64, CostError> {
        match price {
            Price::Measured => self.measured_pass(x, rows),
            Price::Roofline => Ok(self
                .parts(x, rows)?
                .iter()
                .map(|p| p.count * p.roof.ms())
                .sum()),
        }
    }

    fn measured_pass(&self, x: u64, rows: u64) -> Result<f64, CostError> {
        let reduce = self
            .source
            .all_reduce(self.tp, x.saturating_mul(u64::from(self.arch.hidden)))?;
        let hw = self.source.hw();
        let layer = 2.0 * hw.mem_ms(self.norm_bytes(x))
            + hw.mem_ms(self.activation_bytes(x))
            + self.qkv.ms(x)?
            + self.proj.ms(x)?
            + self.gate_up.ms(x)?
            + self.down.ms(x)?
            + 2.0 * reduce;
        let once = if self.rules.sharded_embedding {
            reduce
        } else {
            0.0
        };
        let p2p = if self.pp > 1 {
            f64::from(self.pp - 1) * self.source.p2p(self.embedding_bytes(x))
        } else {
            0.0
        };
        Ok(hw.mem_ms(self.embedding_bytes(x))
            + self.layers() * layer
            + self.logits.ms(rows)?
            + once
            + p2p)
    }

    fn embedding_bytes(&self, x: u64) -> f64 {
        2.0 * x as f64 * f64::from(self.arch.hidden)
    }

    fn norm_bytes(&self, x: u64) -> f64 {
        8.0 * x as f64 * f64::from(self.arch.hidden)
    }

    fn activation_bytes(&self, x: u64) -> f64 {
        2.0 * x as f64 * f64::from(2 * self.arch.ffn / self.tp + self.arch.ffn / self.tp)
    }

    /// The operations of a pass except attention, with their rooflines.
    pub fn parts(&self, x: u64, rows: u64) -> Result<Vec<Part>, CostError> {
        let hw = self.source.hw();
        let layers = self.layers();
        let memory = |op, count, bytes: f64| Part {
            op,
            count,
            ms: hw.mem_ms(bytes),
            roof: Roof {
                memory: 1e3 * bytes / hw.mem_bandwidth,
                ..Roof::default()
            },
        };
        let product = |op,
                       count,
                       gemm: &Gemm<'_>,
                       (n, k): (u32, u32),
                       m: u64,
                       q|
         -> Result<Part, CostError> {
            let roof = roofline::gemm(hw, m as f64, f64::from(n), f64::from(k), q);
            Ok(Part {
                op,
                count,
                ms: gemm.ms(m)?,
                roof,
            })
        };
        let (shard, q) = (&self.shard, self.quant.gemm);
        let mut parts = vec![
            memory(Op::Embedding, 1.0, self.embedding_bytes(x)),
            memory(Op::AttentionNorm, layers, self.norm_bytes(x)),
            product(Op::Qkv, layers, &self.qkv, shard.qkv, x, q)?,
            product(Op::Proj, layers, &self.proj, shard.proj, x, q)?,
            memory(Op::FfnNorm, layers, self.norm_bytes(x)),
            product(Op::GateUp, layers, &self.gate_up, shard.gate_up, x, q)?,
            memory(Op::Activation, layers, self.activation_bytes(x)),
            product(Op::Down, layers, &self.down, shard.down, x, q)?,
            product(
                Op::Logits,
                1.0,
                &self.logits,
                shard.logits,
                rows,
                GemmQuant::Float16,
            )?,
        ];
        if self.tp > 1 {
            let ms = self
                .source
                .all_reduce(self.tp, x.saturating_mul(u64::from(self.arch.hidden)))?;
            let across = self.tp > hw.gpus_per_node;
            let bandwidth = if across {
                hw.inter_node_bandwidth
            } else {
                hw.node_link_bandwidth
            };
            // Every GPU must at least receive the reduced tensor once.
            let roof = Roof {
                link: 1e3 * self.embedding_bytes(x) / bandwidth,
                ..Roof::default()
            };
            if self.rules.sharded_embedding {
                parts.push(Part {
                    op: Op::EmbeddingAllReduce,
                    count: 1.0,
                    ms,
                    roof,
                });
            }
            parts.push(Part {
                op: Op::AllReduce,
                count: 2.0 * layers,
                ms,
                roof,
            });
        }
        if self.pp > 1 {
            let bytes = self.embedding_bytes(x);
            let roof = Roof {
                link: 1e3 * bytes / hw.inter_node_bandwidth,
                ..Roof::default()
            };
            parts.push(Part {
                op: Op::P2p,
                count: f64::from(self.pp - 1),
                ms: self.source.p2p(bytes),
                roof,
            });
        }
        Ok(parts)
    }

    /// 0.12's fused extras of one prefill-attention call: per-head norms, rotary embedding and cache writes, priced
    /// at one token whatever the request holds, ms.
    fn extras(&self) -> f64 {
        let Some(factor) = self.rules.attention_extras else {
            return 0.0;
        };
        let hw = self.source.hw();
        let dim = f64::from(self.arch.head_dim);
        let (q, kv) = (
            f64::from(self.shard.heads) * dim,
            f64::from(self.shard.kv_heads) * dim,
        );
        let width = match self.quant.fmha {
            FmhaQuant::Fp8 => 1.0,
            FmhaQuant::Float16 => 2.0,
        };
        let norms = if self.arch.qk_norm {
            2.0 * (2.0 * hw.mem_ms(2.0 * q) + 2.0 * hw.mem_ms(2.0 * kv))
        } else {
            0.0
        };
        factor * (norms + 2.0 * hw.mem_ms(2.0 * q + 2.0 * kv) + 2.0 * hw.mem_ms(width * kv))
    }

    /// Prefill attention of all layers for `b` requests of `s` tokens, ms.
    pub fn context(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        Ok(self.layers()
            * match price {
                Price::Measured => self.context.ms(b, s)? + self.extras(),
                Price::Roofline => self.context.roof(b as f64, s as f64).ms(),
            })
    }

    /// Decode attention of all layers for `b` requests at context length `s`, ms.
    pub fn decode(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        Ok(self.layers()
            * match price {
                Price::Measured => self.decode.ms(b, s)?,
                Price::Roofline => self.decode.roof(b as f64, s as f64).ms(),
            })
    }

    /// Prefill attention as a part of a breakdown; `share` divides a request that takes several steps.
    pub fn context_part(&self, b: u64, s: u64, share: f64) -> Result<Part, CostError> {
        Ok(Part {
            op: Op::ContextAttention,
            count: self.layers() / share,
            ms: self.context.ms(b, s)? + self.extras(),
            roof: self.context.roof(b as f64, s as f64),
        })
    }

    /// Decode attention as a part of a breakdown.
    pub fn decode_part(&self, b: u64, s: u64) -> Result<Part, CostError> {
        Ok(Part {
            op: Op::DecodeAttention,
            count: self.layers(),
            ms: self.decode.ms(b, s)?,
            roof: self.decode.roof(b as f64, s as f64),
        })
    }
}
