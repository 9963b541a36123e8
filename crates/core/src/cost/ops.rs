//! Operations of a forward pass: how long each takes for a load, and what bounds it.

use super::attention::Attention;
use super::curve::{Absorb, Collective, ExpertCurve};
use super::error::CostError;
use super::quant::GemmQuant;
use super::roofline::{self, Roof};
use super::source::{Gemm, Source};

/// An operation of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Embedding,
    EmbeddingAllReduce,
    AttentionNorm,
    Qkv,
    Downscale,
    QueryNorm,
    QueryUp,
    KvUp,
    AbsorbIn,
    AbsorbOut,
    LatentBlock,
    ContextAttention,
    DecodeAttention,
    KvGather,
    Proj,
    FfnNorm,
    GateUp,
    Activation,
    Down,
    SharedGateUp,
    SharedActivation,
    SharedDown,
    Router,
    Dispatch,
    Experts,
    Combine,
    ReduceAdd,
    Overlap,
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
            Self::Downscale => "downscale_gemm",
            Self::QueryNorm => "query_norm",
            Self::QueryUp => "query_up_gemm",
            Self::KvUp => "kv_up_gemm",
            Self::AbsorbIn => "absorb_in",
            Self::AbsorbOut => "absorb_out",
            Self::LatentBlock => "latent_attention_block",
            Self::ContextAttention => "context_attention",
            Self::DecodeAttention => "decode_attention",
            Self::KvGather => "kv_gather",
            Self::Proj => "proj_gemm",
            Self::FfnNorm => "ffn_norm",
            Self::GateUp => "gate_up_gemm",
            Self::Activation => "activation",
            Self::Down => "down_gemm",
            Self::SharedGateUp => "shared_gate_up_gemm",
            Self::SharedActivation => "shared_activation",
            Self::SharedDown => "shared_down_gemm",
            Self::Router => "router_gemm",
            Self::Dispatch => "expert_dispatch",
            Self::Experts => "experts",
            Self::Combine => "expert_combine",
            Self::ReduceAdd => "expert_sum",
            Self::Overlap => "overlap",
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

/// What a pass works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    /// Tokens of one attention rank.
    pub tokens: u64,
    /// Requests whose attention is computed.
    pub batch: u64,
    /// Their length.
    pub length: u64,
    /// Rows of logits.
    pub rows: u64,
}

/// A collective with what it moves for every token of a rank.
pub(crate) struct Traffic<'e> {
    pub group: Collective<'e>,
    pub gpus: u32,
    /// Steps on the axis of its figures.
    pub per_token: f64,
    /// Bytes.
    pub bytes: f64,
}

/// What an operation does.
pub(crate) enum Work<'e> {
    /// Moves so many bytes for every token.
    Element { per_token: f64 },
    /// A matrix product over the tokens, or over the rows of logits.
    Product {
        gemm: Gemm<'e>,
        shape: (u32, u32),
        q: GemmQuant,
        logits: bool,
    },
    /// Attention, with constant extras in ms.
    Attention {
        table: Box<Attention<'e>>,
        extras: f64,
    },
    /// A product into or out of the latent form, over the requests.
    Absorb(Absorb<'e>),
    /// Collectives one after the other.
    Traffic(Vec<Traffic<'e>>),
    /// Experts over the tokens of all attention ranks.
    Experts { curve: ExpertCurve<'e>, ranks: u32 },
    /// Sends the tokens to the next stage.
    Send { per_token: f64 },
    /// What there are no figures for; only a pass that has it fails.
    Missing(CostError),
    /// A chain that counts as one.
    Chain(Vec<Item<'e>>),
    /// The longer one of two chains.
    Longer(Vec<Item<'e>>, Vec<Item<'e>>),
}

impl<'e> Work<'e> {
    /// Attention, or what is missing for it.
    pub fn attention(table: Result<Attention<'e>, CostError>, extras: f64) -> Self {
        match table {
            Ok(table) => Self::Attention {
                table: Box::new(table),
                extras,
            },
            Err(why) => Self::Missing(why),
        }
    }
}

/// An operation of a list.
pub(crate) struct Item<'e> {
    pub op: Op,
    /// Times per pass.
    pub count: f64,
    /// Context-parallel ranks that share the tokens, or the attention of a prompt.
    pub ranks: u32,
    pub work: Work<'e>,
}

/// The sum of items, ms.
pub(crate) fn total<'i, 'e: 'i>(
    items: impl IntoIterator<Item = &'i Item<'e>>,
    source: &Source,
    price: Price,
    load: Load,
) -> Result<f64, CostError> {
    let mut sum = 0.0;
    for item in items {
        sum += item.ms(source, price, load)?;
    }
    Ok(sum)
}

/// Prefill attention over the first and last of 2·cp chunks of a prompt, as the busiest rank has it: the whole one's
/// share, and the length of a chunk that is read besides.
fn chunks(length: u64, ranks: u32) -> (f64, u64) {
    let first = length.div_ceil(2 * u64::from(ranks));
    let (t, past) = (length as f64, (length - first) as f64);
    ((t * t - past * past) / (t * t), first)
}

impl Item<'_> {
    /// Whether the time depends on the length of the requests.
    pub fn by_length(&self) -> bool {
        match &self.work {
            Work::Attention { .. } | Work::Missing(_) => true,
            Work::Chain(items) => items.iter().any(Item::by_length),
            _ => false,
        }
    }

    /// What the busiest of the ranks has.
    fn own(&self, tokens: u64) -> u64 {
        tokens.div_ceil(u64::from(self.ranks))
    }

    /// Time of all calls in a pass, ms.
    pub fn ms(&self, source: &Source, price: Price, load: Load) -> Result<f64, CostError> {
        let each = match (&self.work, price) {
            (Work::Chain(items), _) => total(items, source, price, load)?,
            (Work::Longer(a, b), _) => {
                total(a, source, price, load)?.max(total(b, source, price, load)?)
            }
            (_, Price::Measured) => self.measured(source, load)?,
            (_, Price::Roofline) => self.roof(source, load).ms(),
        };
        Ok(self.count * each)
    }

    /// The item's parts: of a chain each of its own, of two chains those of the longer one.
    pub fn parts(
        &self,
        source: &Source,
        load: Load,
        count: f64,
        out: &mut Vec<Part>,
    ) -> Result<(), CostError> {
        let count = count * self.count;
        let each = |items: &[Item<'_>], out: &mut Vec<Part>| {
            items
                .iter()
                .try_for_each(|i| i.parts(source, load, count, out))
        };
        match &self.work {
            Work::Chain(items) => each(items, out),
            Work::Longer(a, b) => {
                let time = |items| total(items, source, Price::Measured, load);
                each(if time(a)? >= time(b)? { a } else { b }, out)
            }
            _ => {
                out.push(Part {
                    op: self.op,
                    count,
                    ms: self.measured(source, load)?,
                    roof: self.roof(source, load),
                });
                Ok(())
            }
        }
    }

    fn measured(&self, source: &Source, load: Load) -> Result<f64, CostError> {
        let tokens = load.tokens as f64;
        Ok(match &self.work {
            Work::Element { per_token } => {
                source.hw().mem_ms(per_token * self.own(load.tokens) as f64)
            }
            Work::Product { gemm, logits, .. } => {
                gemm.ms(self.own(if *logits { load.rows } else { load.tokens }))?
            }
            Work::Attention { table, extras } => {
                let (b, t) = (load.batch, load.length);
                let whole = table.ms(b, t)?;
                let shared = if self.ranks > 1 {
                    let (share, first) = chunks(t, self.ranks);
                    table.ms(b, first)? + whole * share
                } else {
                    whole
                };
                shared + extras
            }
            Work::Absorb(absorb) => absorb.ms(load.batch)?,
            Work::Traffic(list) => {
                let mut sum = 0.0;
                for t in list {
                    sum += t.group.ms(tokens * t.per_token)?;
                }
                sum
            }
            Work::Experts { curve, ranks } => {
                curve.ms(load.tokens.saturating_mul(u64::from(*ranks)))?
            }
            Work::Send { per_token } => source.p2p(per_token * tokens),
            Work::Missing(why) => return Err(why.clone()),
            Work::Chain(_) | Work::Longer(..) => 0.0,
        })
    }

    fn roof(&self, source: &Source, load: Load) -> Roof {
        let hw = source.hw();
        let tokens = load.tokens as f64;
        let link = |bytes: f64, bandwidth: f64| Roof {
            link: 1e3 * bytes / bandwidth,
            ..Roof::default()
        };
        match &self.work {
            Work::Element { per_token } => Roof {
                memory: 1e3 * per_token * self.own(load.tokens) as f64 / hw.mem_bandwidth,
                ..Roof::default()
            },
            Work::Product {
                shape: (n, k),
                q,
                logits,
                ..
            } => {
                let m = self.own(if *logits { load.rows } else { load.tokens });
                roofline::gemm(hw, m as f64, f64::from(*n), f64::from(*k), *q)
            }
            Work::Attention { table, .. } => {
                let mut roof = table.roof(load.batch, load.length);
                roof.compute /= f64::from(self.ranks);
                roof.memory /= f64::from(self.ranks);
                roof
            }
            Work::Absorb(absorb) => absorb.roof(load.batch),
            // Every GPU must at least receive the tensor once.
            Work::Traffic(list) => list.iter().fold(Roof::default(), |mut sum, t| {
                sum.link += link(tokens * t.bytes, hw.link(t.gpus)).link;
                sum
            }),
            Work::Experts { curve, ranks } => {
                curve.roof(load.tokens.saturating_mul(u64::from(*ranks)))
            }
            Work::Send { per_token } => link(per_token * tokens, hw.inter_node_bandwidth),
            Work::Missing(_) | Work::Chain(_) | Work::Longer(..) => Roof::default(),
        }
    }
}
