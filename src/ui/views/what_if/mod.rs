//! What-if: a configuration that the person turns, and what the cost model says about it at once.

mod actions;
mod desk;
mod fields;
mod figures;
mod inputs;
mod matrix;
mod results;
mod scenarios;

use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::icon;
use crate::ui::figures as measured;
use desk::Desk;
use leptos::prelude::*;
use servelens_core::cost::pack::Subset;
use servelens_core::fmt;
use servelens_core::whatif::{setup, versions};

/// The view.
pub fn what_if(app: App) -> AnyView {
    let desk = Desk::new(app);
    let open = RwSignal::new(false);
    view! {
        <section class="view" aria-label="What-if">
            {move || head(desk)} {agreement(desk)}
            <div class="wi-sum">
                <p>
                    <b>{move || desk.inputs.with(setup)}</b>
                    <br />
                    {move || desk.inputs.with(|i| {
                        format!(
                            "{} in, {} out · {} GPUs · {}",
                            fmt::number(f64::from(i.config.isl), 0),
                            fmt::number(f64::from(i.config.osl), 0),
                            i.gpus,
                            versions(i.rules),
                        )
                    })}
                </p>
                <button
                    class="btn"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|o| *o = !*o)
                >
                    {move || if open.get() { "Done" } else { "Change" }}
                </button>
            </div>
            <div class="whatif">
                {inputs::form(desk, open)} <div class="wi-out">{results::results(desk)}</div>
            </div>
        </section>
    }
    .into_any()
}

/// The finding of the sweep; until it is there, what is being waited for.
fn head(desk: Desk) -> AnyView {
    let (title, reason) = match desk.headline.get() {
        Some(both) => both,
        None => (
            "What another configuration would give".to_owned(),
            desk.waiting()
                .unwrap_or_else(|| "The sweep over all configurations is running.".to_owned()),
        ),
    };
    let failed = desk.failed.get();
    view! {
        <div class="head">
            <div>
                <h1 data-testid="what-if-head">{title}</h1>
                <p>{reason}</p>
            </div>
            {failed.map(|(rules, subset)| view! {
                <button
                    class="btn"
                    on:click=move |_| measured::again(desk.app, rules, subset.unwrap_or(Subset::Qwen3_32B))
                >
                    "Try again"
                </button>
            })}
        </div>
    }
    .into_any()
}

/// Whether the projection on the table is what the cost model computes, and the way back to it.
fn agreement(desk: Desk) -> AnyView {
    let app = desk.app;
    (move || {
        let sentence = desk.agreement.get()?;
        let changed = app.view.with(|v| v.what_if != Default::default());
        Some(view! {
            <div class="callout callout-acc wi-agree" data-testid="agreement">
                {icon("info")} <p>{sentence}</p>
                {changed.then(|| view! {
                    <button
                        class="btn"
                        on:click=move |_| {
                            app.look(|v| v.what_if = Default::default());
                            page::scroll_up();
                        }
                    >
                        "Re-open this projection here"
                    </button>
                })}
            </div>
        })
    })
    .into_any()
}
