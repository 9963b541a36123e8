//! Tables with one axis: collectives, experts, and the products of latent attention.

use std::borrow::Cow;

use super::arch::{Arch, Experts};
use super::csv;
use super::error::CostError;
use super::hardware::Hardware;
use super::interp::{bracket, line};
use super::quant::GemmQuant;
use super::roofline::{self, Roof, Share};
use super::rules::Interpolation;
use super::source::Source;
use super::tables::{Kind, Tables};

/// One measured curve: latencies, ms, over an axis.
#[derive(Debug, Clone, Default)]
pub(crate) struct Curve {
    xs: Vec<u32>,
    ms: Vec<f64>,
}

impl Curve {
    pub fn read(tables: &Tables, kind: Kind, key: &[u32]) -> Option<Self> {
        let table = tables.of(kind);
        let range = table.range(key);
        let mut out = Self::default();
        for ([x], ms) in table.tail::<1>(range) {
            out.xs.push(x);
            out.ms.push(ms);
        }
        (!out.xs.is_empty()).then_some(out)
    }

    /// Exact or linear; past an end the end's utilisation holds. `roof` is only compared with itself, so anything
    /// proportional to the roofline will do.
    pub fn at(&self, x: f64, roof: impl Fn(f64) -> f64) -> Option<f64> {
        let i = self.xs.partition_point(|k| f64::from(*k) < x);
        let node = |i: usize| Some((f64::from(*self.xs.get(i)?), *self.ms.get(i)?));
        let before = i.checked_sub(1).and_then(node);
        let held = |(at, ms): (f64, f64)| roof(x) / (roof(at) / ms);
        match (before, node(i)) {
            (_, Some((b, vb))) if b == x => Some(vb),
            (Some((a, va)), Some((b, vb))) => Some(va + (vb - va) * ((x - a) / (b - a))),
            (None, Some(end)) | (Some(end), None) => Some(held(end)),
            (None, None) => None,
        }
    }

    /// On the line through the two figures around `x`, or the two at the end that it lies past.
    fn straight(&self, x: f64) -> Option<f64> {
        let (l, r) = bracket(&self.xs, x as u64)?;
        let node = |i: usize| Some((f64::from(*self.xs.get(i)?), *self.ms.get(i)?));
        let ((x0, v0), (x1, v1)) = (node(l)?, node(r)?);
        Some(line(x0, x1, v0, v1, x))
    }

    /// Whether it is a single figure above `x`.
    fn starts_alone_above(&self, x: f64) -> bool {
        matches!(self.xs.as_slice(), [only] if f64::from(*only) > x)
    }
}

/// A collective of so many GPUs: a curve over elements, scaled where the group was not measured.
#[derive(Debug, Clone)]
pub(crate) struct Collective<'e> {
    curve: Cow<'e, Curve>,
    scale: f64,
    /// Whether the line through the last two figures goes on past an end (0.2), instead of growing with the size.
    straight: bool,
}

impl Collective<'_> {
    /// Time for so many 16-bit elements, ms.
    pub fn ms(&self, elements: f64) -> Result<f64, CostError> {
        let value = if self.straight {
            self.curve.straight(elements)
        } else {
            self.curve.at(elements, |e| e)
        };
        value.map(|v| v * self.scale).ok_or(CostError::BrokenCell {
            table: "communication",
        })
    }
}

/// Experts of one GPU over tokens.
#[derive(Debug, Clone)]
pub(crate) struct ExpertCurve<'e> {
    hw: &'e Hardware,
    q: GemmQuant,
    share: Share,
    /// Figures of many ranks, whose roofline has peak rates of its own.
    many: bool,
    curve: Curve,
    few: Option<Curve>,
}

/// Most tokens for which the kernel for few tokens is asked.
const FEW: u64 = 128;

impl ExpertCurve<'_> {
    /// Time for so many tokens of all attention ranks together, ms.
    pub fn ms(&self, tokens: u64) -> Result<f64, CostError> {
        let curve = match &self.few {
            Some(few) if tokens <= FEW => few,
            _ => &self.curve,
        };
        let x = tokens as f64;
        if curve.starts_alone_above(x) {
            return Err(CostError::BrokenCell { table: "experts" });
        }
        curve
            .at(x, |t| self.roof(t as u64).ms())
            .ok_or(CostError::BrokenCell { table: "experts" })
    }

    pub fn roof(&self, tokens: u64) -> Roof {
        roofline::experts(self.hw, self.q, self.share, tokens, self.many)
    }
}

/// A product that takes tokens into or out of the latent form.
#[derive(Debug, Clone)]
pub(crate) struct Absorb<'e> {
    hw: &'e Hardware,
    q: GemmQuant,
    heads: u32,
    scale: f64,
    curve: Curve,
}

impl Absorb<'_> {
    pub fn ms(&self, tokens: u64) -> Result<f64, CostError> {
        self.curve
            .at(tokens as f64, |t| self.roof_at(t).ms())
            .map(|v| v * self.scale)
            .ok_or(CostError::BrokenCell {
                table: "absorption",
            })
    }

    pub fn roof(&self, tokens: u64) -> Roof {
        self.roof_at(tokens as f64)
    }

    fn roof_at(&self, tokens: f64) -> Roof {
        roofline::absorb(self.hw, self.q, f64::from(self.heads), tokens)
    }
}

impl Source {
    /// The product before (0) or after (1) latent decode attention. A format without rows is answered by 16 bit, a
    /// number of heads that is no power of two by the next one, scaled.
    pub fn absorb(&self, which: u32, heads: u32, q: GemmQuant) -> Result<Absorb<'_>, CostError> {
        let read = |q: GemmQuant, heads: u32| {
            Curve::read(&self.tables, Kind::Absorb, &[q.code(), which, heads])
        };
        let table = self.tables.of(Kind::Absorb);
        let asked = if table.range(&[q.code(), which]).is_empty() {
            GemmQuant::Float16
        } else {
            q
        };
        let power = heads.next_power_of_two();
        let (curve, heads, scale) = match read(asked, heads) {
            Some(curve) => (Some(curve), heads, 1.0),
            None => (
                read(asked, power),
                power,
                f64::from(heads) / f64::from(power),
            ),
        };
        Ok(Absorb {
            hw: self.hw(),
            q,
            heads,
            scale,
            curve: curve.ok_or_else(|| CostError::MissingTable {
                what: format!("products of latent attention with {heads} heads"),
            })?,
        })
    }

    /// Checks that all-reduce was measured for this size.
    pub fn check_reduce(&self, tp: u32) -> Result<(), CostError> {
        if tp > 1 {
            self.all_reduce(tp).map(|_| ())
        } else {
            Ok(())
        }
    }

    /// What a group of GPUs takes longer than a smaller measured one.
    fn beyond(&self, gpus: u32, measured: u32) -> f64 {
        if gpus == measured {
            return 1.0;
        }
        let (g, p, hw) = (f64::from(gpus), f64::from(measured), self.hw());
        (g - 1.0) / g * p / (p - 1.0) * hw.link(measured) / hw.link(gpus)
    }

    /// All-reduce of 16-bit elements among `gpus`.
    pub fn all_reduce(&self, gpus: u32) -> Result<Collective<'_>, CostError> {
        let most = gpus.min(self.hw().gpus_per_node);
        let mut measured = self
            .reduce
            .iter()
            .filter(|(g, _)| match self.rules.interpolation {
                Interpolation::Filled => *g == most,
                Interpolation::Utilisation => *g <= gpus,
            });
        let (p, curve) = measured.next_back().ok_or_else(|| {
            let known: Vec<String> = self.reduce.iter().map(|(g, _)| g.to_string()).collect();
            CostError::TpNotMeasured {
                tp: gpus,
                known: super::error::list(&known),
            }
        })?;
        Ok(Collective {
            curve: Cow::Borrowed(curve),
            scale: self.beyond(gpus, *p),
            straight: !self.rules.all_reduce_proportional,
        })
    }

    /// A collective of NCCL (a word of [`csv::COLLECTIVES`]) among `gpus`.
    pub fn nccl(&self, operation: &str, gpus: u32) -> Result<Collective<'_>, CostError> {
        let missing = || CostError::MissingTable {
            what: format!("{operation} among {gpus} GPUs"),
        };
        let code = csv::word(csv::COLLECTIVES, operation).ok_or_else(missing)?;
        let table = self.tables.of(Kind::Nccl);
        let most = table
            .tail::<2>(table.range(&[code]))
            .map(|([g, _], _)| g)
            .max()
            .ok_or_else(missing)?;
        let p = gpus.min(most);
        let curve = Curve::read(&self.tables, Kind::Nccl, &[code, p]).ok_or_else(missing)?;
        Ok(Collective {
            curve: Cow::Owned(curve),
            scale: self.beyond(gpus, p),
            straight: false,
        })
    }

    fn share(arch: &Arch, (moe_tp, moe_ep): (u32, u32)) -> Share {
        let experts = arch.experts.unwrap_or(Experts { count: 1, top_k: 1 });
        Share {
            top_k: u64::from(experts.top_k),
            experts: u64::from(experts.count),
            hidden: u64::from(arch.hidden),
            ffn: u64::from(arch.ffn),
            moe_tp: u64::from(moe_tp),
            moe_ep: u64::from(moe_ep),
        }
    }

    /// The experts of a model on one GPU of a worker.
    pub fn experts(
        &self,
        arch: &Arch,
        ranks: (u32, u32),
        q: GemmQuant,
        spread: &str,
    ) -> Result<ExpertCurve<'_>, CostError> {
        let e = arch.experts.unwrap_or(Experts { count: 1, top_k: 1 });
        let shape = [e.top_k, e.count, arch.hidden, arch.ffn, ranks.0, ranks.1];
        let read = |kind: Kind| {
            // A spread that was not measured in this format is answered by the uniform one.
            let table = self.tables.of(kind);
            let code = |s: &str| csv::word(csv::SPREADS, s);
            let spread = code(spread)
                .filter(|s| !table.range(&[q.code(), *s]).is_empty())
                .or_else(|| code("uniform"))?;
            let key = [[q.code(), spread].as_slice(), &shape].concat();
            Curve::read(&self.tables, kind, &key)
        };
        Ok(ExpertCurve {
            hw: self.hw(),
            q,
            share: Self::share(arch, ranks),
            many: false,
            curve: read(Kind::Experts).ok_or_else(|| CostError::MissingTable {
                what: format!(
                    "experts of {} in {} with MoE TP {} and EP {}",
                    arch.name,
                    q.label(self.rules.set),
                    ranks.0,
                    ranks.1
                ),
            })?,
            few: (q == GemmQuant::Nvfp4)
                .then(|| read(Kind::FewTokens))
                .flatten(),
        })
    }

    /// The experts of one of many ranks in a phase; the ordinary figures where there are none of many ranks.
    pub fn experts_of_many(
        &self,
        arch: &Arch,
        ep: u32,
        q: GemmQuant,
        spread: &str,
        phase: &str,
    ) -> Result<ExpertCurve<'_>, CostError> {
        let e = arch.experts.unwrap_or(Experts { count: 1, top_k: 1 });
        let key = csv::word(csv::SPREADS, spread)
            .zip(csv::word(csv::PHASES, phase))
            .map(|(spread, phase)| {
                [
                    q.code(),
                    spread,
                    phase,
                    e.top_k,
                    e.count,
                    e.count,
                    arch.hidden,
                    arch.ffn,
                    ep,
                ]
            });
        match key.and_then(|key| Curve::read(&self.tables, Kind::ManyRanks, &key)) {
            Some(curve) => Ok(ExpertCurve {
                hw: self.hw(),
                q,
                share: Self::share(arch, (1, ep)),
                many: true,
                curve,
                few: None,
            }),
            None => self.experts(arch, (1, ep), q, spread),
        }
    }

    /// The all-to-all of one kernel, phase and wire format among `ep` ranks; beyond a node the figures of a full node
    /// stand in for a scale that was not measured.
    pub fn exchange(
        &self,
        arch: &Arch,
        ep: u32,
        [kernel, phase, wire]: [&str; 3],
    ) -> Result<Collective<'_>, CostError> {
        let node = self.hw().gpus_per_node;
        let e = arch.experts.unwrap_or(Experts { count: 1, top_k: 1 });
        let nodes = ep.div_ceil(node);
        let missing = || CostError::AcrossNodes { ep, node };
        let words = [
            csv::word(csv::EXCHANGES, kernel),
            csv::word(csv::PHASES, phase),
            csv::word(csv::WIRES, wire),
        ];
        let [Some(kernel), Some(phase), Some(wire)] = words else {
            return Err(missing());
        };
        let read = |ep: u32, nodes: u32| {
            let key = [
                kernel,
                phase,
                wire,
                ep,
                nodes,
                arch.hidden,
                e.top_k,
                e.count,
                0,
            ];
            Curve::read(&self.tables, Kind::AllToAll, &key)
        };
        let whole_node = || (nodes > 1).then(|| read(node, 1)).flatten();
        let curve = read(ep, nodes).or_else(whole_node).ok_or_else(missing)?;
        Ok(Collective {
            curve: Cow::Owned(curve),
            scale: 1.0,
            straight: false,
        })
    }

    /// Point-to-point transfer between pipeline stages, ms.
    pub fn p2p(&self, bytes: f64) -> f64 {
        1e3 * (bytes / self.hw().inter_node_bandwidth + self.hw().p2p_latency_s)
    }
}
