//! The inputs: typed values with sliders, choices as buttons and lists.

use super::desk::Desk;
use super::fields::{Number, limit, number};
use crate::platform::page;
use crate::ui::atoms::{Choice, segmented};
use leptos::prelude::*;
use servelens_core::cost::{ARCHES, FmhaQuant, GemmQuant, KvQuant, RuleSet};
use servelens_core::whatif::{Slider, TPS, versions};

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
                <h2>"Rules and figures"</h2>
                {move || version(desk)} {move || model(desk)} {move || system(desk)}
            </div>
            <div class="fieldset" role="group" aria-label="Deployment">
                <h2>"Deployment"</h2>
                <div class="field">"Tensor parallel" {move || parallel(desk, true)}</div>
                <div class="field">"Pipeline parallel" {move || parallel(desk, false)}</div>
                {move || formats(desk)}
                <p class="hint">"Communication runs in 16 bit; AIC ignores its setting."</p>
                {numbers(&DEPLOYMENT)}
            </div>
            <div class="fieldset" role="group" aria-label="Workload and limits">
                <h2>"Workload and limits"</h2>
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
        .filter(|a| a.rules.contains(&rules) && a.is_dense())
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
