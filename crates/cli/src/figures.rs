//! The measured figures of the cost model, built into the program.

use servelens_core::audit::{CostProjector, Projector, figures_for};
use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{CostError, Engine, RuleSet};
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

/// The cost model whose rules and figures fit what the sources say; `None` where none does or
/// there is no projection to hold against it.
pub fn projector(workspace: &Workspace) -> Option<Arc<dyn Projector>> {
    let (rules, _) = figures_for(workspace)?;
    Some(Arc::new(CostProjector::new(Arc::new(engine(rules).ok()?))))
}
