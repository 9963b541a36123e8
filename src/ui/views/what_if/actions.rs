//! What can be done with the inputs: pinned, benchmarked, handed to AIC, put on the table.

use super::desk::Desk;
use crate::platform::page;
use crate::ui::atoms::icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::whatif::{Inputs, benchmark, exp_yaml, run_of};

/// What can be done with the inputs.
pub fn actions(desk: Desk) -> AnyView {
    let shown = RwSignal::new(false);
    let app = desk.app;
    let fits = move || matches!(desk.outcome.get(), Some(Ok(_)));
    let pin = move |_| {
        let asked = desk.inputs.with_untracked(Inputs::all_asked);
        app.look(|v| {
            if !v.pins.contains(&asked) {
                v.pins.push(asked);
            }
        });
    };
    let save = move |_| {
        let text = desk
            .inputs
            .with_untracked(|i| exp_yaml(i, &desk.sla.get_untracked()));
        page::save("exp.yaml", "application/yaml", text.as_bytes());
    };
    let add = move |_| {
        if let Some(Ok(o)) = desk.outcome.get_untracked() {
            app.add_projection(desk.inputs.with_untracked(|i| run_of(i, &o)));
            app.said.set("Added to the tray as a projection.".into());
        }
    };
    let copy = move |_| {
        let command = desk.inputs.with_untracked(|i| benchmark(i).aiperf);
        spawn_local(async move {
            app.said.set(if page::copy(&command).await {
                "Command copied.".into()
            } else {
                "The browser doesn’t allow copying.".into()
            });
        });
    };
    view! {
        <div class="actions">
            <button class="btn" disabled=move || !fits() on:click=pin>{icon("pin")} "Pin current"</button>
            <button
                class="btn"
                aria-expanded=move || shown.get().to_string()
                on:click=move |_| shown.update(|s| *s = !*s)
            >
                {icon("code")} "Benchmark command"
            </button>
            <button class="btn" on:click=save>{icon("down")} "AIC exp YAML"</button>
            <button class="btn btn-quiet" disabled=move || !fits() on:click=add>
                "Add to tray as projection"
            </button>
        </div>
        {move || shown.get().then(|| view! {
            <div class="wi-cmd" data-testid="command">
                <p class="hint">
                    "Tests the inputs at their own operating point, on one replica: same lengths, same concurrency."
                </p>
                <pre><code>{move || desk.inputs.with(|i| benchmark(i).aiperf)}</code></pre>
                <button class="btn" on:click=copy>{icon("copy")} "Copy"</button>
            </div>
        })}
    }
    .into_any()
}
