//! The measured figures of the cost model, as far as they have come.

use super::Shared;
use servelens_core::audit::{CostProjector, Projector};
use servelens_core::cost::pack::Subset;
use servelens_core::cost::{CostError, Engine, RuleSet, Tables};
use std::sync::Arc;

/// A cost model that is ready to answer.
#[derive(Debug)]
pub struct Model {
    /// What it can project.
    pub subset: Subset,
    /// The engine over the figures.
    pub engine: Arc<Engine>,
    /// The same, as the audit asks it.
    pub projector: Arc<dyn Projector>,
}

/// The figures of one rule set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// What has come; a smaller subset stays in use while a larger one is on its way.
    pub ready: Option<Shared<Model>>,
    /// What is on its way.
    pub loading: Option<Subset>,
    /// Why the last attempt failed, a whole sentence.
    pub failed: Option<String>,
}

impl Figures {
    /// Whether a subset has come or is on its way.
    pub fn has_or_awaits(&self, subset: Subset) -> bool {
        self.covers(subset) || self.loading.is_some_and(|l| l.covers(subset))
    }
    /// Whether a subset has come.
    pub fn covers(&self, subset: Subset) -> bool {
        self.ready.as_ref().is_some_and(|m| m.subset.covers(subset))
    }
    /// Starts waiting for a subset.
    pub fn awaits(&mut self, subset: Subset) {
        self.loading = Some(subset);
        self.failed = None;
    }
    /// Takes what an attempt at a subset gave. A smaller subset that comes after a larger one changes nothing.
    pub fn settle(&mut self, subset: Subset, outcome: Result<Model, String>) {
        if self.loading == Some(subset) {
            self.loading = None;
        }
        match outcome {
            Ok(_) if self.covers(subset) => {}
            Ok(model) => self.ready = Some(Shared::new(model)),
            Err(why) => self.failed = Some(why),
        }
    }
}

impl Model {
    /// A model over figures that were read.
    ///
    /// # Errors
    /// When the figures are those of the other rule set.
    pub fn new(rules: RuleSet, subset: Subset, tables: Tables) -> Result<Self, CostError> {
        let engine = Arc::new(Engine::new(rules, tables)?);
        Ok(Self {
            subset,
            projector: Arc::new(CostProjector::new(engine.clone())),
            engine,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_awaited_is_asked_for_once_and_a_failure_ends_the_waiting() {
        let mut f = Figures::default();
        assert!(!f.has_or_awaits(Subset::Qwen3_32B));
        f.awaits(Subset::Dense);
        assert!(f.has_or_awaits(Subset::Qwen3_32B) && f.has_or_awaits(Subset::Dense));
        assert!(!f.covers(Subset::Qwen3_32B));
        f.settle(Subset::Dense, Err("The pack is damaged.".into()));
        assert!(!f.has_or_awaits(Subset::Dense));
        assert_eq!(f.failed.as_deref(), Some("The pack is damaged."));
        f.awaits(Subset::Qwen3_32B);
        assert_eq!(f.failed, None);
        assert!(!f.has_or_awaits(Subset::Dense));
    }
}
