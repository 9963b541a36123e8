//! Tensor parallelism × number formats: the best of each, as a number on a shade.

use super::desk::Desk;
use crate::platform::page;
use crate::ui::atoms::chevron;
use leptos::prelude::*;
use servelens_core::cost::AggRow;
use servelens_core::fmt;
use servelens_core::whatif::{Cell, Inputs, Row, Shown, TPS, formats, limits};

/// The section.
pub fn section(desk: Desk) -> AnyView {
    let app = desk.app;
    let shown = Memo::new(move |_| app.view.with(|v| v.cell));
    let options = move || {
        Shown::ALL
            .into_iter()
            .map(|s| {
                view! { <option value=s.key() selected=s == shown.get()>{s.label()}</option> }
            })
            .collect::<Vec<_>>()
    };
    let about = move || {
        let scope = desk
            .sla
            .with(limits)
            .map_or_else(|| "without limits".to_owned(), |l| format!("within {l}"));
        format!(
            "The aggregated configuration with most output per GPU {scope}. Dashed: no configuration keeps the limits. A click takes the configuration over."
        )
    };
    view! {
        <section class="sect">
            <div class="sect-row">
                <div>
                    <h2>"Tensor parallel × quantization"</h2>
                    <p>{about}</p>
                </div>
                <label class="field">
                    <span class="vh">"Shown in the cells"</span>
                    <span class="inp">
                        <select
                            id="wi-shown"
                            on:change=move |e| {
                                let s = Shown::from_key(&page::value_of(&e)).unwrap_or_default();
                                app.look(|v| v.cell = s);
                            }
                        >
                            {options}
                        </select>
                        {chevron()}
                    </span>
                </label>
            </div>
            {move || matrix(desk, shown.get())}
        </section>
    }
    .into_any()
}

fn matrix(desk: Desk, shown: Shown) -> AnyView {
    let rows = desk.matrix.get();
    if rows.is_empty() {
        return view! { <p class="hint">"Being computed…"</p> }.into_any();
    }
    let inputs = desk.inputs.get();
    let values: Vec<f64> = rows
        .iter()
        .flat_map(|r| &r.cells)
        .filter_map(|c| match c {
            Cell::Best(r) => shown.of(r, inputs.price),
            _ => None,
        })
        .collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let body: Vec<AnyView> = rows
        .iter()
        .map(|r| line(desk, &inputs, r, shown, (low, high)))
        .collect();
    let heads: Vec<AnyView> = TPS
        .iter()
        .map(|tp| view! { <th scope="col">{format!("TP{tp}")}</th> }.into_any())
        .collect();
    view! {
        <div class="matrix-box" tabindex="0" role="region" aria-label="Tensor parallel × quantization">
            <table class="matrix" data-testid="matrix">
                <thead><tr><th scope="col">"GEMM"</th> {heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(desk: Desk, inputs: &Inputs, row: &Row, shown: Shown, range: (f64, f64)) -> AnyView {
    let cells: Vec<AnyView> = row
        .cells
        .iter()
        .zip(TPS)
        .map(|(cell, tp)| match cell {
            Cell::Best(best) => taken(desk, inputs, row, best, shown, range),
            Cell::Over(name, value, limit) => failed(
                format!("{name} {} ms", fmt::sig(*value, 3)),
                format!("one request alone; limit {} ms", fmt::sig(*limit, 3)),
            ),
            Cell::Gpus => failed(format!("{tp} GPUs"), "more than there are".to_owned()),
            Cell::Refused(why) => failed("Not projected".to_owned(), why.clone()),
        })
        .collect();
    view! {
        <tr>
            <th scope="row">
                <b>{row.quant.gemm.label(inputs.rules)}</b>
                {formats(&row.quant, inputs.rules)}
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn failed(bold: String, small: String) -> AnyView {
    view! {
        <td class="fail">
            <b><svg aria-hidden="true"><use href="#i-bad"></use></svg>{bold}</b>
            <small>{small}</small>
        </td>
    }
    .into_any()
}

fn taken(
    desk: Desk,
    inputs: &Inputs,
    row: &Row,
    best: &AggRow,
    shown: Shown,
    (low, high): (f64, f64),
) -> AnyView {
    let value = shown.of(best, inputs.price);
    let share = value.map_or(0.0, |v| {
        if high > low {
            (v - low) / (high - low)
        } else {
            1.0
        }
    });
    // The strongest shade is the best cell, whichever way better lies.
    let share = if shown.more_is_better() {
        share
    } else {
        1.0 - share
    };
    let mut class = match share {
        s if s > 0.75 => "q4",
        s if s > 0.5 => "q3",
        s if s > 0.25 => "q2",
        _ => "q1",
    }
    .to_owned();
    let c = &inputs.config;
    if c.tp == best.tp && c.pp == 1 && c.quant == row.quant && c.batch == best.bs {
        class.push_str(" sel");
    }
    let text = value.map_or_else(
        || "–".to_owned(),
        |v| match shown {
            Shown::Cost => format!("${}", fmt::number(v, 2)),
            _ => fmt::sig(v, 4),
        },
    );
    let (tp, bs, ctx, quant) = (best.tp, best.bs, best.ctx_tokens, row.quant);
    let take = move |_| {
        desk.ask(|a| {
            a.tp = Some(tp);
            a.pp = Some(1);
            a.batch = Some(bs);
            a.ctx_tokens = Some(ctx);
            a.gemm = Some(quant.gemm);
            a.kvcache = Some(quant.kvcache);
            a.fmha = Some(quant.fmha);
        });
    };
    view! {
        <td class=class>
            <button type="button" title="Take this configuration over" on:click=take>
                <b>{text}</b>
                <small>{format!("concurrency {}, {} ms", best.concurrency, fmt::sig(best.tpot, 3))}</small>
            </button>
        </td>
    }
    .into_any()
}
