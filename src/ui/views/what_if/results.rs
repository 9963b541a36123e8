//! What the inputs come to: key figures, fronts, scenarios, the matrix, time and memory, AIC's own tables.

use super::desk::Desk;
use super::figures::{fronts, stacked};
use super::{matrix, scenarios};
use crate::ui::atoms::{Cell, Column, Table, icon, table};
use leptos::prelude::*;
use servelens_core::figures::{what_if_memory, what_if_time};
use servelens_core::fmt;
use servelens_core::whatif::{Inputs, Outcome, tables};

/// Everything beside the inputs.
pub fn results(desk: Desk) -> AnyView {
    let ready = Memo::new(move |_| {
        desk.swept
            .with(|s| s.as_ref().is_some_and(|s| s.here.is_ok()))
    });
    let fits = Memo::new(move |_| matches!(desk.outcome.get(), Some(Ok(_))));
    view! {
        {move || answer(desk)} {move || ready.get().then(|| fronts(desk))}
        {move || ready.get().then(|| scenarios::section(desk))}
        {move || ready.get().then(|| matrix::section(desk))}
        {move || fits.get().then(|| view! {
            <div class="stack sect">
                {stacked(desk, what_if_time)} {stacked(desk, what_if_memory)}
            </div>
        })}
        {move || ready.get().then(|| top(desk))}
    }
    .into_any()
}

/// The key figures at once, or the one sentence why there are none.
fn answer(desk: Desk) -> AnyView {
    match desk.outcome.get() {
        None => ().into_any(),
        Some(Err(why)) => view! {
            <div class="callout" role="alert" data-testid="refused">
                {icon("bad")} <p><b>"This configuration can’t be projected. "</b> {why}</p>
            </div>
        }
        .into_any(),
        Some(Ok(o)) => desk.inputs.with(|i| key_figures(i, &o)),
    }
}

fn key_figures(i: &Inputs, o: &Outcome) -> AnyView {
    let e = &o.estimate;
    let figure = |name: &str, holds: Option<bool>, value: String, unit: &str| {
        let flag = holds.map(|h| {
            let (class, glyph, word) = if h {
                ("k-ok", "#i-ok", "within its limit")
            } else {
                ("k-bad", "#i-bad", "over its limit")
            };
            view! { <svg class=class role="img" aria-label=word><use href=glyph></use></svg> }
        });
        view! {
            <div>
                <dt>{flag} {name.to_owned()}</dt>
                <dd>{value} " " <small>{unit.to_owned()}</small></dd>
            </div>
        }
        .into_any()
    };
    let three = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| fmt::sig(v, 4));
    let cost = o
        .cost
        .map_or_else(|| "–".to_owned(), |c| format!("${}", fmt::number(c, 2)));
    view! {
        <dl class="keyfigs" data-testid="key-figures">
            {figure("TTFT", o.ttft_holds, three(e.ttft_ms), "ms")}
            {figure("TPOT", o.tpot_holds, three(e.tpot_ms), "ms")}
            {figure("Output per GPU", None, fmt::number(e.tokens_s_gpu, 3), "tok/s")}
            {figure("Per user", None, three(e.tokens_s_user), "tok/s")}
            {figure("Requests", None, fmt::sig(e.seq_s, 3), "req/s")}
            {figure("Cost", None, cost, "/M tok")}
        </dl>
        {e.warning.clone().map(|w| view! {
            <div class="callout" role="alert" data-testid="memory-warning">{icon("warn")} <p>{w}</p></div>
        })}
        <p class="wi-scope">{scope(i, o)}</p>
    }
    .into_any()
}

/// Which part of the hardware the key figures are of.
fn scope(i: &Inputs, o: &Outcome) -> String {
    let e = &o.estimate;
    let one = fmt::counted(e.gpus as usize, "GPU", "GPUs");
    let all = fmt::counted(i.gpus as usize, "GPU", "GPUs");
    match o.replicas {
        0 => format!("One replica of {one}, more than the {all} at hand."),
        1 if e.gpus == i.gpus => format!("One replica on {one}."),
        n => {
            let used = n * e.gpus;
            let idle = i.gpus - used;
            let spare = if idle > 0 {
                format!(", {} idle", fmt::counted(idle as usize, "GPU", "GPUs"))
            } else {
                String::new()
            };
            format!(
                "One replica on {one}. {} on {all}: {} requests/s and {} tokens/s in all{spare}.",
                fmt::capital(&fmt::counted(n as usize, "replica", "replicas")),
                fmt::sig(e.seq_s * f64::from(n), 3),
                fmt::sig(e.tokens_s * f64::from(n), 4),
            )
        }
    }
}

/// The tables of top configurations, as AIC prints them.
fn top(desk: Desk) -> AnyView {
    (move || {
        let swept = desk.swept.get()?;
        let sweep = swept.here.as_ref().ok()?;
        let views: Vec<AnyView> = tables(&swept.inputs, &swept.sla, sweep)
            .into_iter()
            .filter(|(_, _, rows)| !rows.is_empty())
            .map(|(title, heads, rows)| {
                let t = Table {
                    caption: format!("{title} top configurations"),
                    columns: heads
                        .into_iter()
                        .map(|head| Column {
                            head: head.to_owned(),
                            ..Column::default()
                        })
                        .collect(),
                    rows: rows
                        .into_iter()
                        .map(|r| r.into_iter().map(Cell::new).collect())
                        .collect(),
                };
                view! { <h3>{title}</h3> {table(&t)} }.into_any()
            })
            .collect();
        (!views.is_empty()).then(|| view! {
            <section class="sect wi-top">
                <h2>"Top configurations"</h2>
                <p>
                    "As this version of AIC prints them: sorted by tokens/s per GPU of the whole cluster, within the TPOT limit."
                </p>
                {views}
            </section>
        })
    })
    .into_any()
}
