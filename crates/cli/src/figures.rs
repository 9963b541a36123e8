//! The measured figures of the cost model, built into the program.

use servelens_core::audit::{CostProjector, Projector, figures_for};
use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{Backend, CostError, Engine, RuleSet, pack_for};
use servelens_core::model::Workspace;
use std::sync::Arc;

macro_rules! figures {
    ($folder:literal, $($name:literal),+) => {
        &[$(($name, include_str!(concat!("../../../data/", $folder, "/", $name)))),+]
    };
}

const AIC_02: &[(&str, &str)] = figures!(
    "aic-0.2",
    "system.csv",
    "gemm.csv",
    "ctx_attn.csv",
    "gen_attn.csv",
    "allreduce.csv"
);
const AIC_012: &[(&str, &str)] = figures!(
    "aic-0.12",
    "system.csv",
    "gemm.csv",
    "gemm_site_order.csv",
    "ctx_attn.csv",
    "gen_attn.csv",
    "allreduce.csv"
);

/// The cost model of a rule set over its built-in figures.
///
/// # Errors
/// [`CostError`] when the figures are damaged.
pub fn engine(rules: RuleSet) -> Result<Engine, CostError> {
    let files = match rules {
        RuleSet::Aic02 => AIC_02,
        RuleSet::Aic012 => AIC_012,
    };
    Engine::new(rules, pack::read(rules, Subset::Dense, files)?)
}

/// The cost models of all rule sets; one whose figures are damaged is left out.
pub fn engines() -> Vec<Engine> {
    [RuleSet::Aic02, RuleSet::Aic012]
        .into_iter()
        .filter_map(|rules| engine(rules).ok())
        .collect()
}

/// Name and content of every pack of `data/packs`.
const PACKS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Cost models by the figures that they stand on, each made when it is first asked for.
pub struct Models {
    rules: RuleSet,
    made: Vec<(String, Engine)>,
}

impl Models {
    /// None is made yet.
    pub fn new(rules: RuleSet) -> Self {
        Self {
            rules,
            made: Vec::new(),
        }
    }

    /// The one that answers for a model on a system and backend.
    ///
    /// # Errors
    /// [`CostError`] where there are no figures, or they are damaged.
    pub fn of(
        &mut self,
        model: &str,
        system: &str,
        backend: Backend,
    ) -> Result<&Engine, CostError> {
        // The old rules have the figures of one system only; their engine names what it lacks.
        let name = match self.rules {
            RuleSet::Aic02 => String::new(),
            RuleSet::Aic012 => pack_for(model, system, backend)?.file(),
        };
        if let Some(at) = self.made.iter().position(|(n, _)| *n == name) {
            return self.at(at);
        }
        let pack = PACKS.iter().find(|(n, _)| *n == name);
        let engine = match pack {
            Some((_, bytes)) => Engine::new(self.rules, pack::decode(bytes)?)?,
            None => engine(self.rules)?,
        };
        self.made.push((name, engine));
        self.at(self.made.len() - 1)
    }

    fn at(&self, at: usize) -> Result<&Engine, CostError> {
        let made = self.made.get(at).map(|(_, engine)| engine);
        made.ok_or(CostError::Zero { what: "figures" })
    }
}

/// The cost model whose rules and figures fit what the sources say; `None` where none does or
/// there is no projection to hold against it.
pub fn projector(workspace: &Workspace) -> Option<Arc<dyn Projector>> {
    let (rules, _) = figures_for(workspace)?;
    Some(Arc::new(CostProjector::new(Arc::new(engine(rules).ok()?))))
}
