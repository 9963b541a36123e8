//! The inputs: typed values with sliders, choices as buttons and lists.

use super::desk::Desk;
use crate::platform::page;
use crate::ui::atoms::{Choice, icon, segmented};
use leptos::prelude::*;
use servelens_core::cost::{ARCHES, FmhaQuant, GemmQuant, KvQuant, RuleSet};
use servelens_core::fmt;
use servelens_core::units::Seconds;
use servelens_core::url::ViewState;
use servelens_core::whatif::{Inputs, STOPS, Slider, TPS, versions};

/// A number that the person types or slides.
#[derive(Clone, Copy)]
struct Number {
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    slider: Slider,
    get: fn(&Inputs) -> f64,
    set: fn(&mut ViewState, f64),
}

/// Numbers of the deployment.
const DEPLOYMENT: [Number; 2] = [
    Number {
        id: "wi-batch",
        label: "Concurrency of a replica",
        unit: "",
        slider: Slider::whole(1, 512),
        get: |i| f64::from(i.concurrency()),
        // A stage of a pipeline holds its share; AIC's concurrency is batch × PP.
        set: |v, x| v.what_if.batch = Some((x as u32).div_ceil(v.what_if.pp.unwrap_or(1).max(1))),
    },
    Number {
        id: "wi-ctx",
        label: "Context tokens a step",
        unit: "tok",
        slider: Slider::whole(512, 65_536),
        get: |i| f64::from(i.config.ctx_tokens),
        set: |v, x| v.what_if.ctx_tokens = Some(x as u32),
    },
];

/// Numbers of the work and the hardware.
const WORK: [Number; 4] = [
    Number {
        id: "wi-isl",
        label: "Input",
        unit: "tok",
        slider: Slider::whole(16, 131_072),
        get: |i| f64::from(i.config.isl),
        set: |v, x| v.what_if.isl = Some(x as u32),
    },
    Number {
        id: "wi-osl",
        label: "Output",
        unit: "tok",
        slider: Slider::whole(2, 16_384),
        get: |i| f64::from(i.config.osl),
        set: |v, x| v.what_if.osl = Some(x as u32),
    },
    Number {
        id: "wi-gpus",
        label: "GPUs",
        unit: "",
        slider: Slider::whole(1, 128),
        get: |i| f64::from(i.gpus),
        set: |v, x| v.what_if.gpus = Some(x as u32),
    },
    Number {
        id: "wi-price",
        label: "Your price",
        unit: "$/GPU-h",
        slider: Slider {
            least: 0.1,
            most: 50.0,
            whole: false,
        },
        get: |i| i.price,
        set: |v, x| v.what_if.price = Some(x),
    },
];

/// The form; on narrow screens it is shown while `open`.
pub fn form(desk: Desk, open: RwSignal<bool>) -> AnyView {
    let numbers =
        |all: &[Number]| -> Vec<AnyView> { all.iter().map(|n| number(desk, *n)).collect() };
    view! {
        <form class="inputs" class:open=move || open.get() aria-label="Inputs" on:submit=|e| e.prevent_default()>
            <div class="fieldset" role="group" aria-label="Rules and figures">
                <h3>"Rules and figures"</h3>
                {move || version(desk)} {move || model(desk)} {move || system(desk)}
            </div>
            <div class="fieldset" role="group" aria-label="Deployment">
                <h3>"Deployment"</h3>
                <div class="field">"Tensor parallel" {move || parallel(desk, true)}</div>
                <div class="field">"Pipeline parallel" {move || parallel(desk, false)}</div>
                {move || formats(desk)}
                <p class="hint">"Communication runs in 16 bit; AIC ignores its setting."</p>
                {numbers(&DEPLOYMENT)}
            </div>
            <div class="fieldset" role="group" aria-label="Workload and limits">
                <h3>"Workload and limits"</h3>
                {numbers(&WORK)} {limit(desk, "wi-ttft", "TTFT at most", 5_000.0)}
                {limit(desk, "wi-tpot", "TPOT at most", 200.0)}
            </div>
        </form>
    }
    .into_any()
}

/// A list of choices; `choose` gets the key of the one taken.
fn list(
    label: &'static str,
    id: &'static str,
    chosen: &str,
    options: Vec<(String, String)>,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(key, text)| {
            let selected = key == chosen;
            view! { <option value=key selected=selected>{text}</option> }.into_any()
        })
        .collect();
    view! {
        <label class="field">
            {label}
            <span class="inp">
                <select id=id on:change=move |e| choose(page::value_of(&e))>{options}</select>
                <svg class="icon icon-chev" aria-hidden="true"><use href="#i-chev"></use></svg>
            </span>
        </label>
    }
    .into_any()
}

fn version(desk: Desk) -> AnyView {
    let now = desk.inputs.with(|i| i.rules.to_string());
    let options = [RuleSet::Aic02, RuleSet::Aic012]
        .map(|r| {
            (
                r.to_string(),
                versions(r).trim_start_matches("AIC ").to_owned(),
            )
        })
        .to_vec();
    list(
        "AIC version and figures",
        "wi-rules",
        &now,
        options,
        move |key| {
            desk.ask(|a| a.rules = key.parse().ok());
        },
    )
}

fn model(desk: Desk) -> AnyView {
    let (rules, now) = desk.inputs.with(|i| (i.rules, i.config.model.clone()));
    let mut options: Vec<(String, String)> = ARCHES
        .iter()
        .filter(|a| a.rules.contains(&rules))
        .map(|a| {
            let name = a.hub_name.rsplit('/').next().unwrap_or(a.hub_name);
            (a.name.to_owned(), name.to_owned())
        })
        .collect();
    if !options.iter().any(|(key, _)| *key == now) {
        options.insert(0, (now.clone(), now.clone()));
    }
    list("Model", "wi-model", &now, options, move |key| {
        desk.ask(|a| a.model = Some(key));
    })
}

fn system(desk: Desk) -> AnyView {
    let (rules, now) = desk.inputs.with(|i| (i.rules, i.config.system.clone()));
    let mut known: Vec<String> = desk.app.figures_of(rules).with(|f| {
        f.ready.as_ref().map_or_else(Vec::new, |m| {
            m.engine.systems().map(str::to_owned).collect()
        })
    });
    if !known.contains(&now) {
        known.insert(0, now.clone());
    }
    let options = known
        .into_iter()
        .map(|k| {
            let text = k.to_ascii_uppercase().replace('_', " ");
            (k, text)
        })
        .collect();
    list("System", "wi-system", &now, options, move |key| {
        desk.ask(|a| a.system = Some(key));
    })
}

fn parallel(desk: Desk, tensor: bool) -> AnyView {
    let now = desk
        .inputs
        .with(|i| if tensor { i.config.tp } else { i.config.pp });
    let mut sizes = TPS.to_vec();
    if !sizes.contains(&now) {
        sizes.push(now);
    }
    let choices = sizes
        .into_iter()
        .map(|n| Choice::new(n, n.to_string()))
        .collect();
    let name = if tensor {
        "Tensor parallel"
    } else {
        "Pipeline parallel"
    };
    segmented(name, &now, choices, move |n| {
        desk.ask(|a| *(if tensor { &mut a.tp } else { &mut a.pp }) = Some(n));
    })
}

fn formats(desk: Desk) -> AnyView {
    let (rules, q) = desk.inputs.with(|i| (i.rules, i.config.quant));
    let options = |all: &[&'static str]| -> Vec<(String, String)> {
        all.iter()
            .map(|n| ((*n).to_owned(), (*n).to_owned()))
            .collect()
    };
    let sixteen = GemmQuant::Float16.label(rules);
    view! {
        {list(
            "GEMM",
            "wi-gemm",
            q.gemm.label(rules),
            options(&[sixteen, "fp8", "fp8_block"]),
            move |k| desk.ask(|a| a.gemm = GemmQuant::parse(&k).ok()),
        )}
        <div class="pair">
            {list(
                "KV cache",
                "wi-kv",
                q.kvcache.label(rules),
                options(&[sixteen, "fp8"]),
                move |k| desk.ask(|a| a.kvcache = KvQuant::parse(&k).ok()),
            )}
            {list(
                "FMHA",
                "wi-fmha",
                q.fmha.label(rules),
                options(&[sixteen, "fp8"]),
                move |k| desk.ask(|a| a.fmha = FmhaQuant::parse(&k).ok()),
            )}
        </div>
    }
    .into_any()
}

/// A number as typed: spaces and commas are fine.
fn parse(text: &str, whole: bool) -> Result<f64, String> {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    match compact.parse::<f64>() {
        Ok(x) if x.is_finite() && x >= 0.0 && x <= f64::from(u32::MAX) => {
            if whole && x.fract() != 0.0 {
                Err(format!("It must be a whole number; “{text}” isn’t one."))
            } else {
                Ok(x)
            }
        }
        _ => Err(format!(
            "It must be a number that isn’t negative; “{text}” isn’t one."
        )),
    }
}

fn number(desk: Desk, n: Number) -> AnyView {
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
fn limit(desk: Desk, id: &'static str, label: &'static str, most: f64) -> AnyView {
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
