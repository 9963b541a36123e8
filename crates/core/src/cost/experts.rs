//! The operations of models with experts: grouped-query attention, latent attention, and experts of many ranks.

use super::arch::{Arch, Experts};
use super::backend::Backend;
use super::error::CostError;
use super::ops::{Item, Op, Traffic, Work};
use super::quant::GemmQuant;
use super::source::Source;
use super::worker::{Maker, Pass};

/// How tokens spread over the experts in AIC's figures, by family.
const SPREAD: &str = "power_law_1.2";
const LATENT_SPREAD: &str = "power_law_1.01";
/// Columns of the projection into the latent form, and its query and cache parts.
const LATENT: u32 = 2112;
const LATENT_QUERY: u32 = 1536;
const LATENT_KV: u32 = 512;
/// Elements of the cache for one token and layer.
pub(super) const LATENT_CACHE: u32 = 576;
/// Share of a decode layer that is left when its operations overlap with the all-to-all.
const OVERLAP: f64 = 0.9;
/// Heads by which latent attention was measured, also where a model has fewer.
const LATENT_HEADS: u32 = 128;

/// Formats of the projections of latent attention.
#[derive(Clone, Copy)]
struct Projections {
    down: GemmQuant,
    query: GemmQuant,
    kv: GemmQuant,
    out: GemmQuant,
    absorb: GemmQuant,
    /// One format for all of them.
    same: bool,
}

impl<'e> Maker<'e> {
    fn experts_of(&self) -> Experts {
        self.arch.experts.unwrap_or(Experts { count: 1, top_k: 1 })
    }

    /// Grouped-query attention and experts.
    pub(super) fn moe(&mut self) -> Result<(), CostError> {
        let (arch, shard, q) = (self.arch, self.shard, self.plan.quant.gemm);
        let layers = self.layers();
        self.embedding(shard.logits.0);
        self.norm(Op::AttentionNorm);
        self.add(Op::Qkv, layers, shard.qkv, q)?;
        let mut full = layers;
        if let Some(window) = arch.window {
            full = layers / 2.0;
            let attention = self.attention(full, shard.kv_heads, (arch.head_dim, window));
            self.items.push(attention);
        }
        let attention = self.attention(full, shard.kv_heads, (arch.head_dim, 0));
        self.items.push(attention);
        self.gather_kv(shard.kv_heads * arch.head_dim)?;
        self.add(Op::Proj, layers, shard.proj, q)?;
        self.norm(Op::FfnNorm);
        let routed = self.routed(SPREAD, false)?;
        self.items.extend(routed);
        // A prefill has no product for the logits, though it has one in every other family.
        if self.pass == Pass::Generation {
            self.add(Op::Logits, 1.0, shard.logits, GemmQuant::Float16)?;
        }
        self.all_reduce(Op::EmbeddingAllReduce, 1.0)
    }

    /// Router, dispatch, experts and combination of all layers, on the ordinary path.
    fn routed(&mut self, spread: &str, latent: bool) -> Result<Vec<Item<'e>>, CostError> {
        let (arch, plan, layers) = (self.arch, self.plan, self.layers());
        let p = plan.parallel;
        let whole = f64::from(arch.hidden)
            * f64::from(arch.ffn)
            * f64::from(self.experts_of().count)
            * plan.moe.bytes()
            * 3.0;
        self.weights +=
            ((whole / f64::from(p.moe_ep)).floor() / f64::from(p.moe_tp)).floor() * layers;
        let router = self.product(
            Op::Router,
            layers,
            (self.experts_of().count, arch.hidden),
            GemmQuant::Float16,
        )?;
        let experts = Work::Experts {
            curve: self
                .source
                .experts(arch, (p.moe_tp, p.moe_ep), plan.moe, spread)?,
            ranks: p.dp,
        };
        let mut out = vec![router];
        out.extend(self.dispatch(true, latent)?);
        out.push(self.item(Op::Experts, layers, experts));
        out.extend(self.dispatch(false, latent)?);
        Ok(out)
    }

    /// What brings tokens to the experts (`first`) and their results back; none on a single GPU.
    fn dispatch(&self, first: bool, latent: bool) -> Result<Option<Item<'e>>, CostError> {
        let p = self.plan.parallel;
        let gpus = p.moe_tp * p.moe_ep;
        let h = f64::from(self.arch.hidden);
        let all = f64::from(p.dp) * h;
        let (gather, scatter) = ("all_gather", "reduce_scatter");
        let nccl = if first { gather } else { scatter };
        let tp = (gpus / p.dp.max(1)).max(1);
        // Operation, GPUs, elements of a token.
        let reduce = ("", gpus, h);
        let steps: Vec<(&str, u32, f64)> = match self.rules.backend {
            Backend::TrtLlm if self.source.hw().sm == Some(100) => {
                if p.dp > 1 {
                    vec![(
                        nccl,
                        gpus,
                        all * if first { self.compressed() } else { 1.0 },
                    )]
                } else {
                    vec![reduce]
                }
            }
            Backend::TrtLlm if tp > 1 => vec![reduce],
            Backend::TrtLlm => vec![(nccl, gpus, all)],
            Backend::Vllm => [(tp > 1, reduce), (p.dp > 1, (nccl, gpus, all))]
                .into_iter()
                .filter_map(|(does, step)| does.then_some(step))
                .collect(),
            Backend::Sglang if self.ranks() > 1 => vec![(nccl, gpus, h)],
            Backend::Sglang if p.cp > 1 && latent => {
                if first {
                    Vec::new()
                } else {
                    vec![reduce]
                }
            }
            Backend::Sglang if tp > 1 && p.dp > 1 => {
                if first {
                    vec![(scatter, tp, h), (gather, gpus, all)]
                } else {
                    vec![(scatter, gpus, all), (gather, tp, h)]
                }
            }
            Backend::Sglang if tp > 1 => vec![reduce],
            Backend::Sglang if p.dp > 1 => vec![(nccl, gpus, all)],
            Backend::Sglang => Vec::new(),
        };
        let mut traffic = Vec::new();
        for (operation, gpus, per_token) in steps.into_iter().filter(|(_, g, _)| *g > 1) {
            let group = if operation.is_empty() {
                self.source.all_reduce(gpus)?
            } else {
                self.source.nccl(operation, gpus)?
            };
            traffic.push(Traffic {
                group,
                gpus,
                per_token,
                bytes: 2.0 * per_token,
            });
        }
        let op = if first { Op::Dispatch } else { Op::Combine };
        let item = |traffic| self.item(op, self.layers(), Work::Traffic(traffic));
        Ok((!traffic.is_empty()).then(|| item(traffic)))
    }

    /// What a gathered token weighs against 16 bit on the chips that gather in the experts' format.
    fn compressed(&self) -> f64 {
        match self.plan.moe {
            GemmQuant::Nvfp4 => 0.25 + 0.25 / 8.0,
            GemmQuant::Fp8 | GemmQuant::Fp8Block => 0.5,
            _ => 1.0,
        }
    }

    fn projections(&self) -> Projections {
        let q = self.plan.quant.gemm;
        let of = |part: char| {
            if self.arch.plain_attention.contains(part) {
                GemmQuant::Float16
            } else {
                q
            }
        };
        let (query, kv, out) = (of('q'), of('k'), of('o'));
        let plain = kv == GemmQuant::Float16;
        Projections {
            down: if plain && query == GemmQuant::Float16 {
                GemmQuant::Float16
            } else {
                q
            },
            query,
            kv,
            out,
            absorb: if plain {
                GemmQuant::Float16
            } else {
                GemmQuant::Fp8
            },
            same: query == kv && kv == out,
        }
    }

    fn shared_format(&self) -> GemmQuant {
        if self.arch.plain_shared && self.plan.inferred {
            GemmQuant::Float16
        } else {
            self.plan.quant.gemm
        }
    }

    /// The shared expert, divided among `tp` GPUs.
    fn shared(&mut self, tp: u32, count: f64) -> Result<Vec<Item<'e>>, CostError> {
        let (i, h, q) = (self.arch.ffn, self.arch.hidden, self.shared_format());
        Ok(vec![
            self.product(Op::SharedGateUp, count, (2 * i / tp, h), q)?,
            self.element(Op::SharedActivation, count, 2 * i / tp + i / tp),
            self.product(Op::SharedDown, count, (h, i / tp), q)?,
        ])
    }

    /// Shapes of the projections of latent attention: down, query, cache, out.
    fn latent_shapes(&self) -> [(u32, u32); 4] {
        let (heads, h, tp) = (self.arch.heads, self.arch.hidden, self.plan.parallel.tp);
        [
            (LATENT, h),
            (heads * 192 / tp, LATENT_QUERY),
            (heads * 256 / tp, LATENT_KV),
            (h, heads * 128 / tp),
        ]
    }

    /// Latent attention as one item or a list of its parts.
    fn latent_attention(&mut self) -> Result<(), CostError> {
        let (arch, quant, source) = (self.arch, self.plan.quant, self.source);
        let formats = self.projections();
        let [down, query, kv, out] = self.latent_shapes();
        let layers = self.layers();
        let elements = |(n, k): (u32, u32)| f64::from(n) * f64::from(k);
        self.weights += layers
            * (formats.down.bytes() * elements(down)
                + formats.query.bytes() * elements(query)
                + formats.kv.bytes() * elements(kv)
                + formats.out.bytes() * elements(out));
        let heads = self.shard.heads;
        let block = match self.pass {
            Pass::Context => {
                source.latent_context(heads, quant.kvcache, quant.fmha, Some(formats.out))
            }
            Pass::Generation => source.latent_decode(heads, quant.kvcache, Some(formats.out)),
        };
        if formats.same
            && let Ok(table) = block
        {
            // Several ranks divide the whole block.
            let item = Item {
                op: Op::LatentBlock,
                count: layers / f64::from(self.ranks()),
                ranks: 1,
                work: Work::attention(Ok(table), 0.0),
            };
            self.items.push(item);
            return Ok(());
        }
        let whole = LATENT_HEADS / self.plan.parallel.tp;
        let mut parts = vec![
            self.bare(Op::Downscale, layers, down, formats.down)?,
            self.bare(Op::QueryUp, layers, query, formats.query)?,
        ];
        if self.context() {
            parts.push(self.bare(Op::KvUp, layers, kv, formats.kv)?);
        }
        if self.rules.backend == Backend::Vllm {
            // There are no figures of latent attention: plain attention with heads of 128 stands in.
            parts.push(self.attention(layers, arch.kv_heads / self.plan.parallel.tp, (128, 0)));
        } else if self.context() {
            let table = source.latent_context(whole, quant.kvcache, quant.fmha, None);
            let work = Work::attention(table, 0.0);
            parts.push(self.item(Op::ContextAttention, layers, work));
        } else {
            let table = source.latent_decode(whole, quant.kvcache, None);
            let work = Work::attention(table, 0.0);
            let absorb = |which| {
                source
                    .absorb(which, heads, formats.absorb)
                    .map(Work::Absorb)
            };
            parts.push(self.item(Op::AbsorbIn, layers, absorb(0)?));
            parts.push(self.item(Op::DecodeAttention, layers, work));
            parts.push(self.item(Op::AbsorbOut, layers, absorb(1)?));
        }
        parts.push(self.bare(Op::Proj, layers, out, formats.out)?);
        // Checkpoints of several formats list the chain openly, so that its attention counts as such; else it hides.
        if formats.same {
            self.push(Op::LatentBlock, 1.0, Work::Chain(parts));
        } else {
            self.items.extend(parts);
        }
        Ok(())
    }

    /// Latent attention, a shared expert and routed ones.
    pub(super) fn latent(&mut self) -> Result<(), CostError> {
        let (arch, layers) = (self.arch, self.layers());
        self.embedding(arch.vocab);
        self.norm(Op::AttentionNorm);
        self.latent_attention()?;
        // The latent cache is half of what keys and values of so many elements would be.
        self.gather_kv(LATENT_CACHE / 2)?;
        self.norm(Op::FfnNorm);
        let shared = self.shared(self.plan.parallel.tp, layers)?;
        let routed = self.routed(LATENT_SPREAD, true)?;
        self.beside(routed, shared);
        self.add(Op::Logits, 1.0, self.shard.logits, GemmQuant::Float16)?;
        if self.rules.backend == Backend::Vllm {
            self.all_reduce(Op::AllReduce, 2.0 * layers)?;
        }
        Ok(())
    }

    /// Routed and shared experts: one after the other in a prefill, beside each other in a decode step.
    fn beside(&mut self, routed: Vec<Item<'e>>, shared: Vec<Item<'e>>) {
        if self.context() {
            self.items.extend(shared);
            self.items.extend(routed);
        } else {
            self.push(Op::Overlap, 1.0, Work::Longer(routed, shared));
        }
    }

    /// Latent attention and experts of many ranks, reached by an all-to-all.
    pub(super) fn latent_many(&mut self) -> Result<(), CostError> {
        let (arch, plan, source) = (self.arch, self.plan, self.source);
        let (h, quant, moe) = (arch.hidden, plan.quant, plan.moe);
        let formats = self.projections();
        let [down, query, kv, out] = self.latent_shapes();
        let layers = self.layers() * if self.context() { 1.0 } else { OVERLAP };
        let whole = LATENT_HEADS / plan.parallel.tp;
        let ep = plan.parallel.moe_ep;

        self.embedding(arch.vocab);
        let norm = |m: &mut Self, op| {
            let item = m.element(op, layers, 4 * h);
            m.items.push(item);
        };
        norm(self, Op::AttentionNorm);
        self.add(Op::Downscale, layers, down, formats.down)?;
        let query_norm = self.element(Op::QueryNorm, layers, 2 * LATENT_QUERY);
        self.items.push(query_norm);
        self.add(Op::QueryUp, layers, query, formats.query)?;
        if self.context() {
            self.add(Op::KvUp, layers, kv, formats.kv)?;
            let table = source.latent_context(whole, quant.kvcache, quant.fmha, None);
            self.push(Op::ContextAttention, layers, Work::attention(table, 0.0));
        } else {
            let absorb = |which| {
                source
                    .absorb(which, self.shard.heads, formats.absorb)
                    .map(Work::Absorb)
            };
            let (before, after) = (absorb(0)?, absorb(1)?);
            let rotary = self.element(Op::AbsorbIn, layers, 1152);
            let before = self.item(Op::AbsorbIn, layers, before);
            self.push(Op::Overlap, 1.0, Work::Longer(vec![before], vec![rotary]));
            let table = source.latent_decode(whole, quant.kvcache, None);
            self.push(Op::DecodeAttention, layers, Work::attention(table, 0.0));
            self.push(Op::AbsorbOut, layers, after);
        }
        self.add(Op::Proj, layers, out, formats.out)?;
        norm(self, Op::FfnNorm);

        let experts = self.experts_of();
        let weights =
            f64::from(h) * f64::from(arch.ffn) * f64::from(experts.count) * moe.bytes() * 3.0;
        self.weights += (weights / f64::from(ep)).floor() * layers;
        let router = self.product(Op::Router, layers, (experts.count, h), GemmQuant::Float16)?;
        let phase = if self.context() {
            "context"
        } else {
            "generation"
        };
        let [there, back] = wires(moe, self.context());
        let kernel = kernel(self.context());
        let exchange = |phase, wire| -> Result<Work<'e>, CostError> {
            Ok(Work::Traffic(vec![Traffic {
                group: source.exchange(arch, ep, [kernel, phase, wire])?,
                gpus: ep,
                per_token: 1.0,
                bytes: 2.0 * f64::from(h),
            }]))
        };
        let curve = source.experts_of_many(arch, ep, moe, LATENT_SPREAD, phase)?;
        let ranks = plan.parallel.dp;
        let routed = vec![
            router,
            self.item(Op::Dispatch, layers, exchange("dispatch", there)?),
            self.item(Op::Experts, layers, Work::Experts { curve, ranks }),
            self.item(Op::Combine, layers, exchange("combine", back)?),
        ];
        // The shared expert is whole on every GPU.
        let shared = self.shared(1, layers)?;
        self.beside(routed, shared);
        let sum = self.element(Op::ReduceAdd, layers, 3 * h);
        self.items.push(sum);
        self.add(Op::Logits, 1.0, self.shard.logits, GemmQuant::Float16)
    }
}

/// Whether experts of so many ranks can be reached in both phases.
pub(super) fn reaches(source: &Source, arch: &Arch, ep: u32, moe: GemmQuant) -> bool {
    let experts = arch.experts.unwrap_or(Experts { count: 1, top_k: 1 });
    let phase = |context: bool| {
        let name = if context { "context" } else { "generation" };
        let [there, back] = wires(moe, context);
        let kernel = kernel(context);
        source
            .exchange(arch, ep, [kernel, "dispatch", there])
            .and_then(|_| source.exchange(arch, ep, [kernel, "combine", back]))
            .and_then(|_| source.experts_of_many(arch, ep, moe, LATENT_SPREAD, name))
            .is_ok()
    };
    experts.count.is_multiple_of(ep) && experts.top_k <= 8 && phase(true) && phase(false)
}

/// The kernel of the all-to-all of a prefill or a decode step.
fn kernel(context: bool) -> &'static str {
    if context {
        "trtllm_deepep_ht"
    } else {
        "trtllm_deepep_ll"
    }
}

/// In which formats tokens go to the experts and back.
fn wires(moe: GemmQuant, context: bool) -> [&'static str; 2] {
    match (context, moe) {
        (true, GemmQuant::Nvfp4) => ["nvfp4", "nvfp4"],
        (true, _) | (false, GemmQuant::Float16) => ["bfloat16", "bfloat16"],
        (false, GemmQuant::Nvfp4) => ["nvfp4", "fp4"],
        (false, _) => ["fp8", "fp8"],
    }
}
