//! A model on one worker: its operations as two lists, and the sums that every mode is made of.

use super::arch::{Arch, Family, Shard};
use super::backend::Backend;
use super::error::CostError;
use super::family::MOST_TP;
use super::ops::{Item, Load, Op, Part, Price, Work, total};
use super::parallel::Parallel;
use super::quant::{GemmQuant, Quant};
use super::rules::Rules;
use super::source::Source;

/// What a worker is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub parallel: Parallel,
    pub quant: Quant,
    /// Format of the experts.
    pub moe: GemmQuant,
    /// Whether the format of matrix products was taken from the checkpoint: then what it leaves in 16 bit stays so.
    pub inferred: bool,
    /// Whether experts of many ranks are reached by an all-to-all; `None` takes it across nodes only, as AIC does
    /// for a single estimate.
    pub many: Option<bool>,
}

/// A model on one group of GPUs.
pub(crate) struct Worker<'e> {
    pub source: &'e Source,
    pub rules: &'static Rules,
    pub arch: &'static Arch,
    pub shard: Shard,
    pub plan: Plan,
    /// Weights on one GPU, all stages together, bytes.
    pub weights: f64,
    context: Vec<Item<'e>>,
    generation: Vec<Item<'e>>,
}

/// Which list is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Context,
    Generation,
}

/// Makes one list, and sums the weights up on the way.
pub(super) struct Maker<'e> {
    pub source: &'e Source,
    pub rules: &'static Rules,
    pub arch: &'static Arch,
    pub shard: Shard,
    pub plan: Plan,
    pub pass: Pass,
    pub weights: f64,
    pub items: Vec<Item<'e>>,
}

impl<'e> Maker<'e> {
    pub fn layers(&self) -> f64 {
        f64::from(self.arch.layers)
    }

    pub fn context(&self) -> bool {
        self.pass == Pass::Context
    }

    /// Context-parallel ranks in this list.
    pub fn ranks(&self) -> u32 {
        if self.context() {
            self.plan.parallel.cp
        } else {
            1
        }
    }

    pub fn item(&self, op: Op, count: f64, work: Work<'e>) -> Item<'e> {
        Item {
            op,
            count,
            ranks: self.ranks(),
            work,
        }
    }

    pub fn push(&mut self, op: Op, count: f64, work: Work<'e>) {
        let item = self.item(op, count, work);
        self.items.push(item);
    }

    /// An element-wise operation over so many 16-bit elements of every token.
    pub fn element(&self, op: Op, count: f64, elements: u32) -> Item<'e> {
        let per_token = 2.0 * f64::from(elements);
        self.item(op, count, Work::Element { per_token })
    }

    /// A matrix product, without its weights.
    pub fn bare(
        &self,
        op: Op,
        count: f64,
        (n, k): (u32, u32),
        q: GemmQuant,
    ) -> Result<Item<'e>, CostError> {
        let work = Work::Product {
            gemm: self.source.gemm(n, k, q)?,
            shape: (n, k),
            q,
            logits: op == Op::Logits,
        };
        Ok(self.item(op, count, work))
    }

    /// A matrix product, with its weights.
    pub fn product(
        &mut self,
        op: Op,
        count: f64,
        (n, k): (u32, u32),
        q: GemmQuant,
    ) -> Result<Item<'e>, CostError> {
        self.weights += f64::from(n) * f64::from(k) * q.bytes() * count;
        self.bare(op, count, (n, k), q)
    }

    pub fn add(
        &mut self,
        op: Op,
        count: f64,
        shape: (u32, u32),
        q: GemmQuant,
    ) -> Result<(), CostError> {
        let item = self.product(op, count, shape, q)?;
        self.items.push(item);
        Ok(())
    }

    pub fn norm(&mut self, op: Op) {
        let item = self.element(op, self.layers(), 4 * self.arch.hidden);
        self.items.push(item);
    }

    /// Fused extras of one prefill-attention call under 0.12: per-head norms, rotary embedding and cache writes, priced
    /// at one token whatever the request holds, ms.
    fn extras(&self, kv_heads: u32, dim: u32) -> f64 {
        let Some(factor) = self.rules.attention_extras else {
            return 0.0;
        };
        let hw = self.source.hw();
        let (q, kv) = (
            f64::from(self.shard.heads) * f64::from(dim),
            f64::from(kv_heads) * f64::from(dim),
        );
        let width = self.plan.quant.fmha.bytes();
        let norms = if self.arch.qk_norm {
            2.0 * (2.0 * hw.mem_ms(2.0 * q) + 2.0 * hw.mem_ms(2.0 * kv))
        } else {
            0.0
        };
        factor * (norms + 2.0 * hw.mem_ms(2.0 * q + 2.0 * kv) + 2.0 * hw.mem_ms(width * kv))
    }

    /// Grouped-query attention of this pass.
    pub fn attention(&self, count: f64, kv_heads: u32, (dim, window): (u32, u32)) -> Item<'e> {
        let (heads, quant) = (self.shard.heads, self.plan.quant);
        let head = (dim, window);
        let (op, table, extras) = match self.pass {
            Pass::Context => (
                Op::ContextAttention,
                self.source
                    .context(heads, kv_heads, head, quant.kvcache, quant.fmha),
                self.extras(kv_heads, dim),
            ),
            Pass::Generation => (
                Op::DecodeAttention,
                self.source.decode(heads, kv_heads, head, quant.kvcache),
                0.0,
            ),
        };
        self.item(op, count, Work::attention(table, extras))
    }

    /// Embedding, with its all-reduce where it is divided.
    pub fn embedding(&mut self, rows: u32) {
        let h = self.arch.hidden;
        self.weights += f64::from(rows) * f64::from(h) * 2.0;
        let item = self.element(Op::Embedding, 1.0, h);
        self.items.push(item);
    }

    /// All-reduce of every token among the tensor-parallel ranks.
    pub fn all_reduce(&mut self, op: Op, count: f64) -> Result<(), CostError> {
        let gpus = self.plan.parallel.tp;
        if gpus > 1 {
            let work = Work::Traffic(vec![super::ops::Traffic {
                group: self.source.all_reduce(gpus)?,
                gpus,
                per_token: f64::from(self.arch.hidden),
                bytes: 2.0 * f64::from(self.arch.hidden),
            }]);
            self.push(op, count, work);
        }
        Ok(())
    }

    fn p2p(&mut self) {
        let pp = self.plan.parallel.pp;
        if pp > 1 {
            let per_token = 2.0 * f64::from(self.arch.hidden);
            self.push(Op::P2p, f64::from(pp - 1), Work::Send { per_token });
        }
    }

    fn dense(&mut self) -> Result<(), CostError> {
        let (layers, shard, q) = (self.layers(), self.shard, self.plan.quant.gemm);
        let arch = self.arch;
        self.embedding(if self.rules.sharded_embedding {
            shard.logits.0
        } else {
            arch.vocab
        });
        self.norm(Op::AttentionNorm);
        self.add(Op::Qkv, layers, shard.qkv, q)?;
        let attention = self.attention(layers, shard.kv_heads, (arch.head_dim, 0));
        self.items.push(attention);
        self.gather_kv(shard.kv_heads * arch.head_dim)?;
        self.add(Op::Proj, layers, shard.proj, q)?;
        self.norm(Op::FfnNorm);
        self.add(Op::GateUp, layers, shard.gate_up, q)?;
        let tp = self.plan.parallel.tp;
        let activation = self.element(Op::Activation, layers, 2 * arch.ffn / tp + arch.ffn / tp);
        self.items.push(activation);
        self.add(Op::Down, layers, shard.down, q)?;
        self.add(Op::Logits, 1.0, shard.logits, GemmQuant::Float16)?;
        if self.rules.sharded_embedding {
            self.all_reduce(Op::EmbeddingAllReduce, 1.0)?;
        }
        self.all_reduce(Op::AllReduce, 2.0 * layers)
    }

    /// Context-parallel ranks gather the cache of all tokens: elements of one token, key and value together being two
    /// of the cache's format.
    pub fn gather_kv(&mut self, elements: u32) -> Result<(), CostError> {
        let gpus = self.ranks();
        if gpus > 1 {
            let per_token = f64::from(elements) * self.plan.quant.kvcache.bytes();
            let work = Work::Traffic(vec![super::ops::Traffic {
                group: self.source.nccl("all_gather", gpus)?,
                gpus,
                per_token,
                bytes: 2.0 * per_token,
            }]);
            self.push(Op::KvGather, self.layers(), work);
        }
        Ok(())
    }
}

impl<'e> Worker<'e> {
    pub fn new(source: &'e Source, arch: &'static Arch, plan: Plan) -> Result<Self, CostError> {
        let rules = source.rules;
        let parallel = plan.parallel;
        let unsupported = |what: String| CostError::Unsupported {
            what,
            rules: rules.set.to_string(),
        };
        parallel.check(arch, plan.moe)?;
        if parallel.pp > 1 && !rules.pipeline {
            return Err(unsupported(format!("pipeline parallelism {}", parallel.pp)));
        }
        if parallel.pp > arch.layers {
            return Err(unsupported(format!(
                "pipeline parallelism {} over the {} layers of {}",
                parallel.pp, arch.layers, arch.name
            )));
        }
        let alone = parallel.tp == 1 && parallel.dp == 1;
        if parallel.cp > 1 && !(rules.backend == Backend::Sglang && alone) {
            return Err(CostError::ContextParallel);
        }
        plan.quant.check()?;
        source.tables.check_model(arch)?;
        if parallel.tp > MOST_TP && source.tables.only.is_some() {
            return Err(unsupported(format!("tensor parallelism {}", parallel.tp)));
        }
        let shard = arch.shard(parallel.tp, rules)?;
        source.check_reduce(parallel.tp)?;
        let hw = source.hw();
        let moe = arch.experts.map(|_| plan.moe);
        for q in [Some(plan.quant.gemm), moe].into_iter().flatten() {
            if hw.flops(q.tensor()).is_none() {
                return Err(CostError::NoArithmetic {
                    system: hw.system.clone(),
                    format: q.label(rules.set),
                });
            }
        }
        let many = plan
            .many
            .unwrap_or(parallel.moe_ep > hw.gpus_per_node && parallel.moe_tp == 1);
        let many = many && arch.family == Family::Mla;
        if parallel.moe_ep > hw.gpus_per_node && !many && arch.experts.is_some() {
            return Err(CostError::AcrossNodes {
                ep: parallel.moe_ep,
                node: hw.gpus_per_node,
            });
        }
        let make = |pass| -> Result<(Vec<Item<'e>>, f64), CostError> {
            let mut maker = Maker {
                source,
                rules,
                arch,
                shard,
                plan,
                pass,
                weights: 0.0,
                items: Vec::new(),
            };
            match arch.family {
                Family::Dense => maker.dense()?,
                Family::Moe => maker.moe()?,
                Family::Mla if many => maker.latent_many()?,
                Family::Mla => maker.latent()?,
            }
            maker.p2p();
            Ok((maker.items, maker.weights))
        };
        let (context, weights) = make(Pass::Context)?;
        let (generation, _) = make(Pass::Generation)?;
        Ok(Self {
            source,
            rules,
            arch,
            shard,
            plan,
            weights,
            context,
            generation,
        })
    }

    /// GPUs of the worker.
    pub fn gpus(&self) -> u32 {
        self.plan.parallel.gpus()
    }

    /// GPUs that AIC divides a static worker's throughput by: it forgets context parallelism there.
    pub fn counted_gpus(&self) -> u32 {
        self.gpus() / self.plan.parallel.cp.max(1)
    }

    /// Batches that are in work at once: one for every attention rank and pipeline stage.
    pub fn batches(&self) -> f64 {
        f64::from(self.plan.parallel.dp) * f64::from(self.plan.parallel.pp)
    }

    fn context_attention(&self) -> impl Iterator<Item = &Item<'e>> {
        let attends = |i: &&Item<'_>| i.op == Op::ContextAttention;
        self.context.iter().filter(attends)
    }

    fn decode_attention(&self) -> impl Iterator<Item = &Item<'e>> {
        let attends = |i: &&Item<'_>| i.op == Op::DecodeAttention;
        self.generation.iter().filter(attends)
    }

    fn context_rest(&self) -> impl Iterator<Item = &Item<'e>> {
        let rest = |i: &&Item<'_>| i.op != Op::ContextAttention;
        self.context.iter().filter(rest)
    }

    /// Everything of a prefill but what is called attention, ms.
    pub fn pass(&self, price: Price, load: Load) -> Result<f64, CostError> {
        total(self.context_rest(), self.source, price, load)
    }

    /// Prefill attention of all layers for `b` requests of `s` tokens, ms; none where it is part of a block.
    pub fn context(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        total(self.context_attention(), self.source, price, requests(b, s))
    }

    /// Decode attention of all layers for `b` requests at context length `s`, ms; none where it is part of a block.
    pub fn decode(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        total(self.decode_attention(), self.source, price, requests(b, s))
    }

    /// Everything of a decode step but what is called attention, for `b` requests at context length `s`, ms.
    pub fn step_rest(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        let rest = |i: &&Item<'_>| i.op != Op::DecodeAttention;
        let items = self.generation.iter().filter(rest);
        total(items, self.source, price, step(b, s))
    }

    /// What of a decode step for `b` requests does not depend on their lengths, ms.
    pub fn step(&self, price: Price, b: u64) -> Result<f64, CostError> {
        let items = self.generation.iter().filter(|i| !i.by_length());
        total(items, self.source, price, step(b, 1))
    }

    /// What of a decode step depends on the lengths, ms.
    pub fn step_at(&self, price: Price, b: u64, s: u64) -> Result<f64, CostError> {
        let items = self.generation.iter().filter(|i| i.by_length());
        total(items, self.source, price, step(b, s))
    }

    /// Parts of a prefill without what is called attention.
    pub fn parts(&self, load: Load) -> Result<Vec<Part>, CostError> {
        let mut out = Vec::new();
        for item in self.context_rest() {
            item.parts(self.source, load, 1.0, &mut out)?;
        }
        Ok(out)
    }

    /// Parts of a decode step.
    pub fn step_parts(&self, b: u64, s: u64) -> Result<Vec<Part>, CostError> {
        let mut out = Vec::new();
        let at_end = |i: &&Item<'_>| i.op == Op::DecodeAttention;
        for item in self.generation.iter().filter(|i| !at_end(i)) {
            item.parts(self.source, step(b, s), 1.0, &mut out)?;
        }
        out.extend(self.decode_parts(b, s)?);
        Ok(out)
    }

    /// Prefill attention; `share` divides a request that takes several steps.
    pub fn context_parts(&self, b: u64, s: u64, share: f64) -> Result<Vec<Part>, CostError> {
        let mut out = Vec::new();
        for item in self.context_attention() {
            item.parts(self.source, requests(b, s), 1.0 / share, &mut out)?;
        }
        Ok(out)
    }

    /// Decode attention.
    pub fn decode_parts(&self, b: u64, s: u64) -> Result<Vec<Part>, CostError> {
        let mut out = Vec::new();
        for item in self.decode_attention() {
            item.parts(self.source, requests(b, s), 1.0, &mut out)?;
        }
        Ok(out)
    }
}

/// Attention alone.
fn requests(batch: u64, length: u64) -> Load {
    Load {
        tokens: 0,
        batch,
        length,
        rows: 0,
    }
}

/// A token of each request.
fn step(batch: u64, length: u64) -> Load {
    Load {
        tokens: batch,
        batch,
        length,
        rows: batch,
    }
}
