//! The thresholds of the audit as typed values, each with its default.

use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::icon;
use leptos::prelude::*;
use servelens_core::audit::{KNOBS, Knob, Thresholds};

/// The panel, folded until someone opens it or a link turns a threshold.
pub fn panel(app: App) -> AnyView {
    let turned = Memo::new(move |_| {
        app.view.with(|v| {
            KNOBS
                .iter()
                .filter(|k| k.typed(&v.thresholds) != k.typed(&Thresholds::default()))
                .count()
        })
    });
    let open = turned.get_untracked() > 0;
    let fields: Vec<AnyView> = KNOBS.iter().map(|k| field(app, k)).collect();
    view! {
        <details class="thresholds" data-testid="thresholds" open=open>
            <summary>
                {icon("chev")} "Thresholds"
                <span>
                    {move || match turned.get() {
                        0 => "all at their defaults".to_owned(),
                        1 => "1 changed".to_owned(),
                        n => format!("{n} changed"),
                    }}
                </span>
            </summary>
            <p>"What a check counts as too much. They act at once, travel with the link, and stand in the report’s JSON."</p>
            <div class="knobs">{fields}</div>
            <button
                class="btn"
                disabled=move || turned.get() == 0
                on:click=move |_| app.look(|v| v.thresholds = Thresholds::default())
            >
                "Reset all"
            </button>
        </details>
    }
    .into_any()
}

fn field(app: App, knob: &'static Knob) -> AnyView {
    let wrong = RwSignal::new(None::<String>);
    let id = format!("threshold-{}", knob.key);
    let value = move || app.view.with(|v| knob.typed(&v.thresholds).to_string());
    let default = knob.typed(&Thresholds::default());
    let changed = move || app.view.with(|v| knob.typed(&v.thresholds) != default);
    let set = move |e: leptos::ev::Event| {
        let mut thresholds = app.view.with_untracked(|v| v.thresholds);
        match knob.set(&mut thresholds, &page::value_of(&e)) {
            Ok(()) => {
                wrong.set(None);
                app.look(|v| v.thresholds = thresholds);
            }
            Err(why) => wrong.set(Some(why)),
        }
    };
    let about = format!("{id}-about");
    view! {
        <label class="field" class:err=move || wrong.get().is_some()>
            <span>{knob.label}</span>
            <span class="inp" class:bad=move || wrong.get().is_some()>
                <input
                    id=id
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || wrong.get().is_some().to_string()
                    aria-describedby=about.clone()
                    prop:value=value
                    on:change=set
                />
                <span>{knob.unit.word()}</span>
            </span>
            <small id=about>
                {move || match wrong.get() {
                    Some(why) => why,
                    None if changed() => format!("default {default} {}", knob.unit.word()),
                    None => "default".to_owned(),
                }}
            </small>
        </label>
    }
    .into_any()
}
