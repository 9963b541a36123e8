//! What the view works with: inputs, the estimate at once, the sweeps when the inputs have settled.

use crate::platform::page;
use crate::state::{App, Shared};
use crate::ui::figures as measured;
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::cost::pack::Subset;
use servelens_core::cost::{CostError, Engine, RuleSet, Sweep, SweepInput};
use servelens_core::model::Sla;
use servelens_core::whatif::{
    Asked, FORMATS, Inputs, Outcome, Row, agreement, headline, outcome, row, short_rules,
};
use std::sync::Arc;

/// Both versions' sweeps of one set of inputs.
pub struct Swept {
    /// The inputs.
    pub inputs: Inputs,
    /// The limits.
    pub sla: Sla,
    /// Under the rules of the inputs.
    pub here: Result<Sweep, CostError>,
    /// Under the other rules, once their figures are there.
    pub other: Option<(RuleSet, Result<Sweep, CostError>)>,
}

/// The signals of the view.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The page.
    pub app: App,
    /// The inputs.
    pub inputs: Memo<Inputs>,
    /// The limits.
    pub sla: Memo<Sla>,
    /// The inputs' own configuration; none while figures are on their way.
    pub outcome: Memo<Option<Result<Outcome, String>>>,
    /// The sweeps, a little later.
    pub swept: RwSignal<Option<Shared<Swept>>>,
    /// The matrix, later still, row by row.
    pub matrix: RwSignal<Vec<Row>>,
    /// Title and reason of the view.
    pub headline: Memo<Option<(String, String)>>,
    /// Whether the projection on the table is what the cost model computes.
    pub agreement: Memo<Option<String>>,
    /// Figures that could not be fetched.
    pub failed: Memo<Option<(RuleSet, Option<Subset>)>>,
}

/// The rules that the inputs don't follow.
pub fn other(rules: RuleSet) -> RuleSet {
    match rules {
        RuleSet::Aic02 => RuleSet::Aic012,
        RuleSet::Aic012 => RuleSet::Aic02,
    }
}

/// The engine that can project a model under some rules. A model that no figures cover is left to any engine, which
/// says so.
pub fn engine(app: App, rules: RuleSet, model: &str) -> Option<Arc<Engine>> {
    let subset = Subset::for_model(model, rules);
    app.figures_of(rules).with(|f| {
        f.ready
            .as_ref()
            .filter(|m| subset.is_none_or(|s| m.subset.covers(s)))
            .map(|m| m.engine.clone())
    })
}

/// An engine in a memo: the same engine is no change.
#[derive(Clone)]
struct Same(Option<Arc<Engine>>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

impl Desk {
    /// The desk of a page, at work as long as the view is shown.
    pub fn new(app: App) -> Self {
        let start = Memo::new(move |_| {
            let analysis = app.analysis.get();
            app.workspace.with(|ws| {
                let plain = Inputs::open(ws, &analysis, None);
                let engine = engine(app, plain.rules, &plain.config.model);
                Inputs::open(ws, &analysis, engine.as_deref())
            })
        });
        let asked = Memo::new(move |_| app.view.with(|v| v.what_if.clone()));
        let inputs = Memo::new(move |_| asked.with(|a| start.get().with(a)));
        let sla = Memo::new(move |_| app.limited.with(|w| w.sla));
        let engine_of = move |rules: RuleSet| inputs.with(|i| engine(app, rules, &i.config.model));
        let outcome = Memo::new(move |_| {
            let i = inputs.get();
            let engine = engine_of(i.rules)?;
            Some(outcome(&engine, &i, &sla.get()).map_err(|e| e.to_string()))
        });
        let desk = Self {
            app,
            inputs,
            sla,
            outcome,
            swept: RwSignal::new(None),
            matrix: RwSignal::new(Vec::new()),
            headline: Memo::new(|_| None),
            agreement: Memo::new(move |_| {
                let start = start.get();
                let engine = engine(app, start.rules, &start.config.model)?;
                let said: Vec<String> = app.limited.with(|ws| {
                    (0..ws.runs.len())
                        .filter_map(|run| agreement(ws, run, &start, &engine))
                        .map(|a| a.sentence)
                        .collect()
                });
                (!said.is_empty()).then(|| said.join(" "))
            }),
            failed: Memo::new(move |_| {
                let (rules, model) = inputs.with(|i| (i.rules, i.config.model.clone()));
                app.figures_of(rules)
                    .with(|f| f.failed.is_some())
                    .then(|| (rules, Subset::for_model(&model, rules)))
            }),
        };
        let desk = Self {
            headline: Memo::new(move |_| desk.words()),
            ..desk
        };
        desk.fetch();
        desk.sweep();
        desk
    }

    /// Sees to the figures of both versions.
    fn fetch(self) {
        let model = Memo::new(move |_| self.inputs.with(|i| i.config.model.clone()));
        Effect::new(move |_| {
            for rules in [RuleSet::Aic02, RuleSet::Aic012] {
                let subset = model.with(|m| Subset::for_model(m, rules));
                measured::need(self.app, rules, subset.unwrap_or(Subset::Qwen3_32B));
            }
        });
    }

    /// Sweeps when the inputs have stood still for a frame. What is under way for older inputs gives up.
    fn sweep(self) {
        let app = self.app;
        let key = Memo::new(move |_| {
            let sla = self.sla.get();
            self.inputs.with(|i| (i.rules, i.sweep(&sla)))
        });
        let model = Memo::new(move |_| self.inputs.with(|i| i.config.model.clone()));
        let engines = [RuleSet::Aic02, RuleSet::Aic012]
            .map(|rules| Memo::new(move |_| Same(model.with(|m| engine(app, rules, m)))));
        let turn = StoredValue::new(0_u32);
        // The matrix varies the formats itself.
        let formatless = move |k: &SweepInput| SweepInput {
            quant: FORMATS[0],
            ..k.clone()
        };
        let drawn = StoredValue::new(None::<(RuleSet, SweepInput)>);
        Effect::new(move |_| {
            let (rules, input) = key.get();
            let [old, new] = engines.map(|e| e.get().0);
            let mine = turn.get_value().wrapping_add(1);
            turn.set_value(mine);
            let (here, there) = match rules {
                RuleSet::Aic02 => (old, new),
                RuleSet::Aic012 => (new, old),
            };
            let Some(here) = here else { return };
            let inputs = self.inputs.get_untracked();
            let sla = self.sla.get_untracked();
            let current = move || turn.try_get_value() == Some(mine);
            spawn_local(async move {
                page::wait(16).await;
                if !current() {
                    return;
                }
                let first = here.sweep(&input);
                let known = self.swept.with_untracked(|s| {
                    let (rules, result) = s.as_ref()?.other.as_ref()?;
                    let same = s.as_ref().is_some_and(|s| s.inputs.sweep(&s.sla) == input);
                    same.then(|| (*rules, result.clone()))
                });
                let publish = |here: Result<Sweep, CostError>, other| {
                    self.swept.try_set(Some(Shared::new(Swept {
                        inputs: inputs.clone(),
                        sla,
                        here,
                        other,
                    })));
                };
                publish(first.clone(), known.filter(|(r, _)| *r == other(rules)));
                if let Some(there) = there {
                    page::breathe().await;
                    if !current() {
                        return;
                    }
                    publish(first, Some((other(rules), there.sweep(&input))));
                }
                let wanted = (rules, formatless(&input));
                if drawn.try_with_value(|d| d.as_ref() == Some(&wanted)) != Some(false) {
                    return;
                }
                let mut rows = Vec::new();
                for quant in FORMATS {
                    page::breathe().await;
                    if !current() {
                        return;
                    }
                    rows.push(row(&here, &inputs, &sla, quant));
                }
                drawn.try_update_value(|d| *d = Some(wanted));
                self.matrix.try_set(rows);
            });
        });
    }

    /// Why there is nothing to show yet.
    pub fn waiting(self) -> Option<String> {
        let (rules, model) = self.inputs.with(|i| (i.rules, i.config.model.clone()));
        if let Some(Err(why)) = self.outcome.get() {
            // What can't be swept can't be estimated either; the reason stands in the results.
            return self
                .swept
                .with(|s| s.as_ref().is_some_and(|s| s.here.is_err()))
                .then_some(why);
        }
        self.app.figures_of(rules).with(|f| {
            if engine(self.app, rules, &model).is_some() {
                return None;
            }
            Some(f.failed.clone().unwrap_or_else(|| {
                format!(
                    "The measured figures of {} are being fetched.",
                    short_rules(rules)
                )
            }))
        })
    }

    fn words(self) -> Option<(String, String)> {
        let swept = self.swept.get()?;
        match &swept.here {
            Ok(sweep) => Some(headline(
                &swept.inputs,
                &swept.sla,
                sweep,
                swept.other.as_ref().map(|(rules, s)| (*rules, s)),
            )),
            Err(e) => Some(("This can’t be projected".to_owned(), e.to_string())),
        }
    }

    /// Changes what the person asked for.
    pub fn ask(self, change: impl FnOnce(&mut Asked)) {
        self.app.look(|v| change(&mut v.what_if));
    }
}
