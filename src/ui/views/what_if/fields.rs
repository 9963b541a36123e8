//! A typed value with its slider.

use super::desk::Desk;
use crate::platform::page;
use crate::ui::atoms::{icon, typed_number};
use leptos::prelude::*;
use servelens_core::fmt;
use servelens_core::units::Seconds;
use servelens_core::url::ViewState;
use servelens_core::whatif::{Inputs, STOPS, Slider};

/// A number that the person types or slides.
#[derive(Clone, Copy)]
pub struct Number {
    /// Id of the field.
    pub id: &'static str,
    /// Name.
    pub label: &'static str,
    /// Unit, after the value.
    pub unit: &'static str,
    /// Its slider.
    pub slider: Slider,
    /// Its value.
    pub get: fn(&Inputs) -> f64,
    /// Sets it.
    pub set: fn(&mut ViewState, f64),
}

/// A number as typed.
fn parse(text: &str, whole: bool) -> Result<f64, String> {
    match typed_number(text) {
        Ok(x) if whole && x.fract() != 0.0 => {
            Err(format!("It must be a whole number; “{text}” isn’t one."))
        }
        Ok(x) if x <= f64::from(u32::MAX) => Ok(x),
        Ok(_) => Err(format!("“{text}” is out of range.")),
        Err(why) => Err(format!("It must be a number that isn’t negative; {why}.")),
    }
}

/// The field of a number.
pub fn number(desk: Desk, n: Number) -> AnyView {
    let value = Signal::derive(move || Some(desk.inputs.with(|i| (n.get)(i))));
    let set = move |x: Option<f64>| {
        if let Some(x) = x {
            // Batch is stored for the stages that are set, so the stages must be known.
            let pp = desk.inputs.with_untracked(|i| i.config.pp);
            desk.app.look(|v| {
                if n.id == "wi-batch" && pp != 1 {
                    v.what_if.pp = Some(pp);
                }
                (n.set)(v, x);
            });
        }
    };
    field(
        n.id,
        n.label,
        n.unit,
        n.slider,
        value,
        true,
        Callback::new(set),
    )
}

/// A limit in milliseconds, shared with the other views; empty is no limit.
pub fn limit(desk: Desk, id: &'static str, label: &'static str, most: f64) -> AnyView {
    let ttft = id == "wi-ttft";
    let value = Signal::derive(move || {
        let s = desk.sla.get();
        (if ttft { s.ttft } else { s.tpot }).map(Seconds::ms)
    });
    let set = move |x: Option<f64>| {
        desk.app.look(|v| {
            let limit = Some(x.filter(|x| *x > 0.0).map(Seconds::from_ms));
            *(if ttft { &mut v.ttft } else { &mut v.tpot }) = limit;
        });
    };
    let slider = Slider {
        least: 1.0,
        most,
        whole: false,
    };
    // The whole analysis hangs on the limits, so the slider sets them when it is let go.
    field(id, label, "ms", slider, value, false, Callback::new(set))
}

fn field(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    slider: Slider,
    value: Signal<Option<f64>>,
    live: bool,
    set: Callback<Option<f64>>,
) -> AnyView {
    let wrong = RwSignal::new(None::<String>);
    let typed = move |e: leptos::ev::Event| {
        let text = page::value_of(&e);
        if text.trim().is_empty() && !live {
            wrong.set(None);
            set.run(None);
            return;
        }
        match parse(&text, slider.whole) {
            Ok(x) => {
                wrong.set(None);
                set.run(Some(x));
            }
            Err(why) => wrong.set(Some(why)),
        }
    };
    let slid = move |e: leptos::ev::Event| {
        if let Ok(stop) = page::value_of(&e).parse() {
            wrong.set(None);
            set.run(Some(slider.value(stop)));
        }
    };
    let shown = move || {
        value
            .get()
            .map(|x| fmt::plain(&((x * 1e3).round() / 1e3).to_string()))
            .unwrap_or_default()
    };
    view! {
        <div class="field slide" class:err=move || wrong.get().is_some()>
            <label for=id>{label}</label>
            <span class="inp" class:bad=move || wrong.get().is_some()>
                <input
                    id=id
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || wrong.get().is_some().to_string()
                    prop:value=shown
                    on:change=typed
                />
                {(!unit.is_empty()).then(|| view! { <span>{unit}</span> })}
            </span>
            <input
                type="range"
                min="0"
                max=STOPS.to_string()
                aria-label=format!("{label}, slider")
                aria-valuetext=shown
                prop:value=move || slider.stop(value.get().unwrap_or(slider.most)).to_string()
                on:input=move |e| if live { slid(e) }
                on:change=move |e| if !live { slid(e) }
            />
            {move || wrong.get().map(|why| view! { <span class="errmsg">{icon("bad")} <span>{why}</span></span> })}
        </div>
    }
    .into_any()
}
