//! Which parallelisms a sweep tries, in AIC's order.

use super::arch::{Arch, Family};
use super::backend::Backend;
use super::experts::reaches;
use super::parallel::Parallel;
use super::quant::GemmQuant;
use super::rules::RuleSet;
use super::source::Source;

/// What a swept worker is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Aggregated,
    Prefill,
    Decode,
}

/// Sizes of one axis that AIC tries.
const SIZES: [u32; 5] = [1, 2, 4, 8, 16];
/// Sizes of expert parallelism of which figures of many ranks exist somewhere.
const RANKS: [u32; 8] = [2, 4, 8, 16, 32, 64, 128, 256];

/// The parallelisms of a sweep, and which of them take the all-to-all of many ranks.
#[derive(Debug)]
pub(crate) struct Tuples {
    /// Expert parallelisms whose all-to-all is measured in both phases.
    covered: Vec<u32>,
    /// Whether some of them go beyond a node.
    pub wide: bool,
}

impl Tuples {
    pub fn new(source: &Source, arch: &Arch, moe: GemmQuant) -> Self {
        let covered: Vec<u32> = RANKS
            .into_iter()
            .filter(|ep| {
                arch.family == Family::Mla
                    && source.rules.backend == Backend::TrtLlm
                    && reaches(source, arch, *ep, moe)
            })
            .collect();
        let node = source.hw().gpus_per_node;
        let wide = covered.iter().any(|ep| *ep > node);
        Self { covered, wide }
    }

    /// Whether a parallelism takes the all-to-all of many ranks.
    pub fn many(&self, p: &Parallel) -> bool {
        p.moe_tp == 1 && p.moe_ep > 1 && p.dp > 1 && self.covered.contains(&p.moe_ep)
    }

    /// The list for a role on so many GPUs.
    pub fn list(&self, source: &Source, arch: &Arch, role: Role, gpus: u32) -> Vec<Parallel> {
        let (rules, hw) = (source.rules, source.hw());
        let cps: &[u32] = match (rules.backend, role) {
            (Backend::Sglang, Role::Aggregated | Role::Prefill) => &[1, 2, 4, 8],
            _ => &[1],
        };
        let mut out = Vec::new();
        if arch.experts.is_none() {
            // Only systems of small nodes in large racks go beyond eight.
            let most = if hw.gpus_per_rack.is_some() && rules.set == RuleSet::Aic012 {
                16
            } else {
                8
            };
            for tp in SIZES.into_iter().filter(|tp| *tp <= most) {
                for cp in cps {
                    let p = Parallel {
                        cp: *cp,
                        ..Parallel::dense(tp, 1)
                    };
                    let size = p.gpus();
                    if size <= gpus && size <= most && (*cp == 1 || SIZES.contains(&size)) {
                        out.push(p);
                    }
                }
            }
            return out;
        }
        let wide: &[u32] = match role {
            _ if !self.wide => &[],
            Role::Aggregated => &[2, 4, 8, 16, 32, 64],
            Role::Prefill => &[4, 8, 16, 32],
            Role::Decode => &[4, 8, 16, 32, 64],
        };
        let mut many: Vec<u32> = SIZES.iter().chain(wide).copied().collect();
        many.sort_unstable();
        many.dedup();
        for tp in SIZES {
            for dp in &many {
                for moe_tp in SIZES {
                    for moe_ep in &many {
                        for cp in cps {
                            let p = Parallel {
                                tp,
                                pp: 1,
                                dp: *dp,
                                moe_tp,
                                moe_ep: *moe_ep,
                                cp: *cp,
                            };
                            let size = p.gpus();
                            let odd = match rules.backend {
                                Backend::TrtLlm => *dp > 1 && tp > 1,
                                Backend::Vllm => moe_tp > 1 && *moe_ep > 1,
                                Backend::Sglang => false,
                            };
                            if many.contains(&size)
                                && size <= gpus
                                && size == moe_tp * moe_ep
                                && !odd
                            {
                                out.push(p);
                            }
                        }
                    }
                }
            }
        }
        out
    }
}
