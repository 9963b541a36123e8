//! Fetching the cost model's measured figures: after the first screen, or when a view first needs them.

use crate::platform::{files, page};
use crate::state::{App, Model};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::audit::figures_for;
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::{self, Subset};

/// After the first analysis the browser draws it, and has this long for more urgent things, ms.
const CALM: u32 = 150;

/// Fetches what every visitor is likely to need once the first analysis stands, and what a projection on the table needs.
pub fn keep_ready(app: App) {
    let something = Memo::new(move |_| app.workspace.with(|ws| !ws.runs.is_empty()));
    Effect::new(move |_| {
        if something.get() {
            spawn_local(async move {
                page::wait(CALM).await;
                need(app, RuleSet::Aic02, Subset::Qwen3_32B);
                need(app, RuleSet::Aic012, Subset::Qwen3_32B);
            });
        }
    });
    Effect::new(move |_| {
        if let Some((rules, Some(subset))) = app.limited.with(|ws| figures_for(ws)) {
            spawn_local(async move {
                page::wait(CALM).await;
                need(app, rules, subset);
            });
        }
    });
}

/// Sees to it that figures come, unless they are there, on their way, or have failed: see [`again`].
pub fn need(app: App, rules: RuleSet, subset: Subset) {
    let idle = app
        .figures_of(rules)
        .with_untracked(|f| !f.has_or_awaits(subset) && f.failed.is_none());
    if idle {
        again(app, rules, subset);
    }
}

/// Fetches figures, whatever happened before.
pub fn again(app: App, rules: RuleSet, subset: Subset) {
    let figures = app.figures_of(rules);
    figures.update(|f| f.awaits(subset));
    spawn_local(async move {
        let outcome = fetch(rules, subset).await;
        if let Err(why) = &outcome {
            app.said.set(why.clone());
        }
        figures.update(|f| f.settle(subset, outcome));
    });
}

async fn fetch(rules: RuleSet, subset: Subset) -> Result<Model, String> {
    let stem = format!("figures/{rules}-{subset}-");
    let names = page::meta("servelens-figures");
    let name = names
        .split(' ')
        .find(|name| name.starts_with(&stem))
        .ok_or_else(|| {
            format!(
                "This copy of the page was built without the figures of {rules} for {subset}; `cargo xtask build` packs them."
            )
        })?;
    let bytes = files::own_asset(name)
        .await
        .map_err(|why| format!("The measured figures of {rules} can’t be fetched: {why}"))?;
    page::breathe().await;
    let tables = pack::decode(&bytes).map_err(|e| e.to_string())?;
    Model::new(rules, subset, tables).map_err(|e| e.to_string())
}
