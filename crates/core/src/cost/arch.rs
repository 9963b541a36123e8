//! Model architectures: what a model is made of and what one GPU of a worker computes of it.

use super::error::{CostError, list};
pub use super::models::ARCHES;
use super::models::NOT_MODELLED;
use super::rules::{RuleSet, Rules};

/// Which operations a model's layers are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Grouped-query attention and one feed-forward layer.
    Dense,
    /// Grouped-query attention and experts (AIC's family MOE).
    Moe,
    /// Latent attention, experts and a shared expert (AIC's DEEPSEEK and KIMIK25).
    Mla,
}

/// The experts of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Experts {
    /// Experts in a layer.
    pub count: u32,
    /// Experts that a token takes.
    pub top_k: u32,
}

/// Dimensions of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arch {
    /// Canonical name, AIC 0.2's spelling where it has one.
    pub name: &'static str,
    /// Name on Hugging Face, as 0.12 prints it.
    pub hub_name: &'static str,
    /// Which operations its layers are made of.
    pub family: Family,
    /// Transformer layers.
    pub layers: u32,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Elements per head; of latent attention the hidden size over the heads, which only the activations use.
    pub head_dim: u32,
    /// Hidden size.
    pub hidden: u32,
    /// Size of the feed-forward layer, or of one expert.
    pub ffn: u32,
    /// Vocabulary.
    pub vocab: u32,
    /// Whether queries and keys are normalised per head (Qwen3).
    pub qk_norm: bool,
    /// Half of the layers look back over so many tokens only (GPT-OSS).
    pub window: Option<u32>,
    /// Experts; none in a dense model.
    pub experts: Option<Experts>,
    /// Attention projections that the checkpoint leaves in 16 bit: any of `q`, `k` and `o`.
    pub plain_attention: &'static str,
    /// Whether the checkpoint leaves the shared expert in 16 bit.
    pub plain_shared: bool,
    /// Name of the pack of figures that the model needs; empty where only the old rules know it.
    pub pack: &'static str,
    /// Rule sets that were checked on this model.
    pub rules: &'static [RuleSet],
}

/// Ends of a name that leave the architecture alone.
const VARIANTS: [&str; 7] = ["instruct", "base", "fp8", "dynamic", "kv", "bf16", "awq"];

/// A name without organisation or folder, case, `-`, `_` and spaces, Meta's own prefix and the variant.
fn plain(name: &str) -> String {
    let path = name.trim().trim_end_matches('/');
    let tail: String = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let rest = tail.strip_prefix("meta").unwrap_or(&tail);
    without(rest, &VARIANTS).to_owned()
}

/// A plain name without these ends.
fn without<'a>(name: &'a str, ends: &[&str]) -> &'a str {
    let mut rest = name;
    while let Some(shorter) = ends.iter().find_map(|v| rest.strip_suffix(v)) {
        rest = shorter;
    }
    rest
}

impl Arch {
    /// Looks a model up by any of its names, for a rule set.
    ///
    /// # Errors
    /// [`CostError::UnknownModel`], [`CostError::FamilyNotModelled`] for families with operations that the cost model
    /// lacks, or [`CostError::ModelNotCovered`] when only the other rule set was checked on it.
    pub fn find(name: &str, rules: RuleSet) -> Result<&'static Self, CostError> {
        let wanted = plain(name);
        let covered = || -> Vec<&'static str> {
            ARCHES
                .iter()
                .filter(|a| a.rules.contains(&rules))
                .map(|a| a.name)
                .collect()
        };
        let find = |name: &str| ARCHES.iter().find(|a| plain(a.name) == name);
        // A checkpoint in nvfp4 has a row of its own where it differs in more than the format.
        let hit = find(&wanted).or_else(|| find(without(&wanted, &["nvfp4", "instruct"])));
        let unmodelled = NOT_MODELLED.iter().find(|(n, _)| wanted.starts_with(n));
        match hit {
            Some(a) if a.rules.contains(&rules) => Ok(a),
            Some(a) => Err(CostError::ModelNotCovered {
                model: a.name.to_owned(),
                rules: rules.to_string(),
                covered: list(&covered()),
            }),
            None => Err(match unmodelled {
                Some((_, why)) => CostError::FamilyNotModelled {
                    name: name.to_owned(),
                    why,
                },
                None => CostError::UnknownModel {
                    name: name.to_owned(),
                    known: list(&covered()),
                },
            }),
        }
    }

    /// What one GPU of a tensor-parallel group computes.
    pub(crate) fn shard(&'static self, tp: u32, rules: &Rules) -> Result<Shard, CostError> {
        if tp == 0 {
            return Err(CostError::Zero {
                what: "tensor parallelism",
            });
        }
        if !self.heads.is_multiple_of(tp) {
            return Err(CostError::TpDoesNotDivide {
                tp,
                heads: self.heads,
                model: self.name,
            });
        }
        let heads = self.heads / tp;
        if heads < rules.min_heads_per_gpu {
            return Err(CostError::TooFewHeads {
                tp,
                left: heads,
                least: rules.min_heads_per_gpu,
            });
        }
        let kv_heads = self.kv_heads.div_ceil(tp);
        let attn = self.heads * self.head_dim / tp;
        Ok(Shard {
            heads,
            kv_heads,
            qkv: (attn + 2 * self.head_dim * kv_heads, self.hidden),
            proj: (self.hidden, attn),
            gate_up: (2 * self.ffn / tp, self.hidden),
            down: (self.hidden, self.ffn / tp),
            logits: (self.vocab / tp, self.hidden),
        })
    }

    /// Whether all of its figures are among those of dense models.
    pub fn is_dense(&self) -> bool {
        self.family == Family::Dense
    }
}

/// Per-GPU shapes: head counts and `(n, k)` of the matrix products C[m,n] = A[m,k]·W[k,n].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub heads: u32,
    pub kv_heads: u32,
    pub qkv: (u32, u32),
    pub proj: (u32, u32),
    pub gate_up: (u32, u32),
    pub down: (u32, u32),
    pub logits: (u32, u32),
}

impl Shard {
    pub fn layer_gemms(&self) -> [(u32, u32); 4] {
        [self.qkv, self.proj, self.gate_up, self.down]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_use_lead_to_one_model() {
        for (name, model) in [
            ("QWEN3_32B", "QWEN3_32B"),
            ("Qwen/Qwen3-32B", "QWEN3_32B"),
            ("qwen/qwen3-32b-fp8", "QWEN3_32B"),
            ("RedHatAI/Qwen3-32B-FP8-dynamic", "QWEN3_32B"),
            ("qwen3 32b", "QWEN3_32B"),
            ("/models/Qwen3-32B/", "QWEN3_32B"),
            ("LLAMA3.1_8B", "LLAMA3.1_8B"),
            ("meta-llama/Llama-3.1-8B", "LLAMA3.1_8B"),
            ("Meta-Llama-3.1-8B-Instruct-FP8", "LLAMA3.1_8B"),
            ("llama3.1-70b-instruct", "LLAMA3.1_70B"),
            ("nvidia/Llama-3.1-70B-Instruct-FP8", "LLAMA3.1_70B"),
        ] {
            for rules in [RuleSet::Aic02, RuleSet::Aic012] {
                assert_eq!(Arch::find(name, rules).unwrap().name, model, "{name}");
            }
        }
        for name in [
            "Qwen3-17B",
            "Qwen3-32B-Thinking",
            "Llama-3-8B",
            "Instruct",
            "",
        ] {
            assert!(matches!(
                Arch::find(name, RuleSet::Aic012),
                Err(CostError::UnknownModel { .. })
            ));
        }
        assert!(matches!(
            Arch::find("Qwen3-8B", RuleSet::Aic02),
            Err(CostError::ModelNotCovered { .. })
        ));
    }

    #[test]
    fn hub_names_lead_to_their_own_model() {
        for a in ARCHES {
            for rules in a.rules {
                assert_eq!(Arch::find(a.hub_name, *rules).unwrap().name, a.name);
                assert_eq!(Arch::find(a.name, *rules).unwrap().name, a.name);
            }
        }
    }

    #[test]
    fn shapes_of_qwen3_32b() {
        let a = Arch::find("QWEN3_32B", RuleSet::Aic02).unwrap();
        let s = a.shard(8, RuleSet::Aic02.rules()).unwrap();
        assert_eq!(
            s.layer_gemms(),
            [(1280, 5120), (5120, 1024), (6400, 5120), (5120, 3200)]
        );
        assert_eq!(s.logits, (18992, 5120));
        assert!(matches!(
            a.shard(3, RuleSet::Aic02.rules()),
            Err(CostError::TpDoesNotDivide { .. })
        ));
        assert!(matches!(
            a.shard(32, RuleSet::Aic02.rules()),
            Err(CostError::TooFewHeads { .. })
        ));
    }
}
