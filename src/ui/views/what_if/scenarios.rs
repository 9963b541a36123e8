//! Scenarios side by side: the inputs, the best of the sweep, what the person pinned; and what leaves the view.

use super::actions::actions;
use super::desk::{Desk, engine};
use crate::platform::page;
use crate::ui::atoms::{flag, icon_small};
use leptos::prelude::*;
use servelens_core::figures::disagg_setup;
use servelens_core::fmt;
use servelens_core::model::Sla;
use servelens_core::whatif::{
    Asked, Inputs, Outcome, cost_per_million, outcome, setup, short_rules,
};

/// A line of the table.
pub struct Line {
    /// Letter of a pinned scenario; empty for the others.
    pub letter: String,
    name: String,
    /// How it is set up.
    pub about: String,
    gpus: u32,
    ttft: Option<f64>,
    tpot: Option<f64>,
    /// Speed for one user.
    pub user: Option<f64>,
    /// Output per GPU.
    pub per_gpu: f64,
    seq_s: f64,
    memory: f64,
    cost: Option<f64>,
    within: Option<bool>,
    /// What takes it over.
    take: Option<Asked>,
    pin: Option<usize>,
}

/// The letter of the nth pinned scenario.
fn letter(n: usize) -> String {
    let c = u8::try_from(n % 26).map_or('Z', |n| char::from(b'A' + n));
    match n / 26 {
        0 => c.to_string(),
        round => format!("{c}{round}"),
    }
}

fn of_outcome(name: &str, i: &Inputs, o: &Outcome, sla: &Sla) -> Line {
    let e = &o.estimate;
    let limited = sla.ttft.is_some() || sla.tpot.is_some() || e.oom;
    Line {
        letter: String::new(),
        name: name.to_owned(),
        about: setup(i),
        gpus: e.gpus,
        ttft: e.ttft_ms,
        tpot: e.tpot_ms,
        user: e.tokens_s_user,
        per_gpu: e.tokens_s_gpu,
        seq_s: e.seq_s,
        memory: e.memory.total_gib,
        cost: o.cost,
        within: limited.then(|| o.within()),
        take: None,
        pin: None,
    }
}

/// A pinned scenario: its place, and what it comes to or why it can't be projected.
type Pin = (usize, Result<(Inputs, Outcome), String>);

/// The pinned scenarios that can be projected, and those that can't, with the reason.
pub fn pinned(desk: Desk) -> Vec<Pin> {
    let sla = desk.sla.get();
    let pins = desk.app.view.with(|v| v.pins.clone());
    pins.iter()
        .enumerate()
        .filter_map(|(n, asked)| {
            let i = Inputs::default().with(asked);
            let engine = engine(desk.app, i.rules, &i.config.model)?;
            let o = outcome(&engine, &i, &sla).map_err(|e| e.to_string());
            Some((n, o.map(|o| (i, o))))
        })
        .collect()
}

/// The letter, speed for one user, output per GPU and set-up of each pin, for the chart.
pub fn marks(desk: Desk) -> Vec<(String, f64, f64, String)> {
    pinned(desk)
        .into_iter()
        .filter_map(|(n, r)| {
            let (i, o) = r.ok()?;
            Some((
                letter(n),
                o.estimate.tokens_s_user?,
                o.estimate.tokens_s_gpu,
                format!("{} rules, {}", short_rules(i.rules), setup(&i)),
            ))
        })
        .collect()
}

fn lines(desk: Desk) -> Vec<Line> {
    let (inputs, sla) = (desk.inputs.get(), desk.sla.get());
    let mut out = Vec::new();
    if let Some(Ok(o)) = desk.outcome.get() {
        out.push(of_outcome("The inputs", &inputs, &o, &sla));
    }
    let limited = sla.ttft.is_some() || sla.tpot.is_some();
    if let Some(swept) = desk.swept.get()
        && let Ok(sweep) = &swept.here
    {
        if let Some(r) = &sweep.agg.best {
            out.push(Line {
                letter: String::new(),
                name: "Aggregated best".to_owned(),
                about: format!("TP{}, concurrency {}", r.tp, r.concurrency),
                gpus: r.num_total_gpus,
                ttft: Some(r.ttft),
                tpot: Some(r.tpot),
                user: Some(r.tokens_s_user),
                per_gpu: r.tokens_s_gpu,
                seq_s: r.seq_s,
                memory: r.memory,
                cost: cost_per_million(inputs.price, r.tokens_s_gpu),
                within: limited.then_some(true),
                take: Some(Asked {
                    tp: Some(r.tp),
                    pp: Some(1),
                    batch: Some(r.bs),
                    ctx_tokens: Some(r.ctx_tokens),
                    ..Asked::default()
                }),
                pin: None,
            });
        }
        if let Some(r) = &sweep.disagg.best {
            out.push(Line {
                letter: String::new(),
                name: "Disaggregated best".to_owned(),
                about: disagg_setup(r),
                gpus: r.num_total_gpus,
                ttft: Some(r.ttft),
                tpot: Some(r.tpot),
                user: Some(r.tokens_s_user),
                per_gpu: r.tokens_s_gpu,
                seq_s: r.seq_s,
                memory: r.p_memory.max(r.d_memory),
                cost: cost_per_million(inputs.price, r.tokens_s_gpu),
                within: limited.then_some(true),
                take: None,
                pin: None,
            });
        }
    }
    for (n, result) in pinned(desk) {
        if let Ok((i, o)) = result {
            out.push(Line {
                letter: letter(n),
                pin: Some(n),
                take: Some(i.all_asked()),
                ..of_outcome(&format!("{} rules", short_rules(i.rules)), &i, &o, &sla)
            });
        }
    }
    out
}

/// The section.
pub fn section(desk: Desk) -> AnyView {
    let body = move || -> Vec<AnyView> { lines(desk).iter().map(|l| line(desk, l)).collect() };
    let refused = move || -> Vec<AnyView> {
        pinned(desk)
            .into_iter()
            .filter_map(|(n, r)| {
                let text = format!("Scenario {} can’t be projected. {}", letter(n), r.err()?);
                Some(view! { <p class="hint">{text}</p> }.into_any())
            })
            .collect()
    };
    let heads: Vec<AnyView> = [
        ("GPUs", ""),
        ("TTFT", "ms"),
        ("TPOT", "ms"),
        ("Per user", "tok/s"),
        ("Per GPU", "tok/s"),
        ("Requests", "req/s"),
        ("Memory", "GiB/GPU"),
        ("Cost", "$/M tok"),
    ]
    .into_iter()
    .map(|(head, unit)| view! { <th scope="col">{head} <small>{unit}</small></th> }.into_any())
    .collect();
    view! {
        <section class="sect">
            <h2>"Scenarios"</h2>
            <p>"Each line is one replica. Pinned scenarios keep their own rules and work, and stay in the link to this page."</p>
            <div class="scroll pins" tabindex="0" role="region" aria-label="Scenarios">
                <table class="tbl" data-testid="scenarios">
                    <thead>
                        <tr>
                            <th class="l" scope="col">"Scenario"</th>
                            {heads}
                            <th class="l" scope="col">"SLA"</th>
                            <th scope="col"><span class="vh">"Change"</span></th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
            {refused} {actions(desk)}
        </section>
    }
    .into_any()
}

fn line(desk: Desk, l: &Line) -> AnyView {
    let cell = |v: Option<f64>, digits: i32| {
        view! { <td>{v.map_or_else(|| "–".to_owned(), |v| fmt::sig(v, digits))}</td> }
    };
    let id =
        (!l.letter.is_empty()).then(|| view! { <span class="pinid">{l.letter.clone()}</span> });
    let sla = match l.within {
        Some(true) => flag("k-ok", "ok", "Within"),
        Some(false) => flag("k-bad", "bad", "Over"),
        None => "no limit".into_any(),
    };
    let take = l.take.clone().map(|asked| {
        let name = format!("Take over {} {}", l.letter, l.name);
        view! {
            <button
                class="btn btn-quiet btn-s"
                aria-label=name
                on:click=move |_| {
                    desk.ask(|a| merge(a, &asked));
                    page::scroll_up();
                }
            >
                "Take over"
            </button>
        }
    });
    let unpin = l.pin.map(|n| {
        view! {
            <button
                class="x"
                aria-label=format!("Unpin {}", l.letter)
                on:click=move |_| {
                    desk.app.look(|v| {
                        if n < v.pins.len() {
                            v.pins.remove(n);
                        }
                    });
                }
            >
                {icon_small("x")}
            </button>
        }
    });
    view! {
        <tr>
            <th scope="row" class="l pin">
                {id} <span>{l.name.clone()}<small>{l.about.clone()}</small></span>
            </th>
            <td>{l.gpus}</td>
            {cell(l.ttft, 3)}
            {cell(l.tpot, 3)}
            {cell(l.user, 4)}
            {cell(Some(l.per_gpu), 4)}
            {cell(Some(l.seq_s), 3)}
            {cell(Some(l.memory), 3)}
            {cell(l.cost, 3)}
            <td class="l">{sla}</td>
            <td><span class="acts">{take} {unpin}</span></td>
        </tr>
    }
    .into_any()
}

/// What is set in `from` goes over what was set before.
fn merge(to: &mut Asked, from: &Asked) {
    for (key, value) in from.pairs() {
        to.take(key, &value);
    }
}
