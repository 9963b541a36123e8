//! The rows of the list: a head to sort by, a request a row, and all of them as CSV.

use super::listing::{List, listed};
use super::readout::head;
use crate::ui::atoms::{flag, run_key};
use leptos::prelude::*;
use servelens_core::chart::timeline::At;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::Metric;
use servelens_core::requests::{Listed, Side, Sort, over, within_words};

/// Columns after the request's number: start, then metrics.
const COLUMNS: [Option<Metric>; 5] = [
    None,
    Some(Metric::Ttft),
    Some(Metric::Tpot),
    Some(Metric::RequestLatency),
    Some(Metric::Osl),
];

/// The table.
pub fn body(l: List) -> AnyView {
    let heads: Vec<AnyView> = COLUMNS
        .into_iter()
        .map(|by| {
            let (name, unit) = match by {
                None => ("Start", "s"),
                Some(Metric::Osl) => ("Output", "tokens"),
                Some(m) => (head(m), "ms"),
            };
            let state = move || {
                let now = l.sort.get();
                match (now.by == by, now.down) {
                    (false, _) => "none",
                    (true, true) => "descending",
                    (true, false) => "ascending",
                }
            };
            let arrow = move || match state() {
                "descending" => " ↓",
                "ascending" => " ↑",
                _ => "",
            };
            let turn = move |_| {
                l.sort.update(|now| {
                    *now = Sort {
                        by,
                        down: now.by != by || !now.down,
                    };
                });
            };
            view! {
                <th scope="col" aria-sort=state>
                    <button class="sort" on:click=turn>{name} {arrow}</button>
                    <small>{unit}</small>
                </th>
            }
            .into_any()
        })
        .collect();
    let rows = move || {
        let pinned = l.s.pinned.get();
        let first = pinned.and_then(|at| {
            Some(Listed {
                side: l.s.side_of(at.panel)?,
                row: at.point,
            })
        });
        let page = listed(l, l.page.get() * l.size.get(), l.size.get());
        first
            .into_iter()
            .map(|r| row(l, r, true))
            .chain(
                page.into_iter()
                    .filter(|r| Some(*r) != first)
                    .map(|r| row(l, r, false)),
            )
            .collect::<Vec<_>>()
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Requests">
            <table class="tbl" data-testid="requests-table">
                <caption class="vh">"Requests"</caption>
                <thead><tr><th scope="col" class="l">"Request"</th>{heads}<th scope="col" class="l">"Limits"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(l: List, r: Listed, pinned: bool) -> Option<AnyView> {
    let s = l.s;
    let limits = s.limits.get();
    let (number, slot, cells, late) = s.sides.with(|sides| {
        let side = sides.get(r.side)?.as_ref()?;
        let slot = s.app.limited.with(|ws| figures::slot(&ws.runs, side.run));
        let cells = COLUMNS.map(|c| cell(side, c, r.row));
        Some((side.number(r.row), slot, cells, over(side, r.row, limits)))
    })?;
    let pin = move |_| {
        let at = At {
            panel: s.panel_of(r.side),
            point: r.row,
        };
        s.pinned
            .update(|p| *p = if *p == Some(at) { None } else { Some(at) });
    };
    let left_out = s.pair.with(|pair| {
        let shown = pair.sides.get(r.side)?.as_ref()?;
        Some((*shown.side.rank.get(r.row)? as usize) < shown.dropped)
    });
    let left_out =
        (left_out == Some(true)).then(|| view! { <small class="ci">"not counted"</small> });
    let verdict = if within_words(limits).is_empty() {
        view! { <span class="mut">"no limit set"</span> }.into_any()
    } else if late.is_empty() {
        flag("k-ok", "ok", "Within")
    } else {
        flag("k-bad", "bad", late)
    };
    let figures: Vec<AnyView> = cells
        .into_iter()
        .map(|c| view! { <td>{c}</td> }.into_any())
        .collect();
    Some(
        view! {
            <tr class:sel=pinned>
                <th scope="row" class="l">
                    <button
                        class="row-pin"
                        aria-pressed=pinned.to_string()
                        title="Pin it in the chart"
                        on:click=pin
                    >
                        <span class="keyed">{run_key(slot)} {number.to_string()}</span>
                    </button>
                </th>
                {figures} <td class="l">{verdict} {left_out}</td>
            </tr>
        }
        .into_any(),
    )
}

fn cell(side: &Side, column: Option<Metric>, row: usize) -> String {
    match column {
        None => {
            let start = side.start_s.get(row).copied().unwrap_or_default();
            fmt::number(start, 3)
        }
        Some(Metric::Osl) => side
            .value(Metric::Osl, row)
            .map_or_else(String::new, |v| fmt::number(v, 0)),
        Some(m) => side.value(m, row).map_or_else(
            || "one token".to_owned(),
            |v| fmt::number(v * 1e3, if m == Metric::Tpot { 2 } else { 1 }),
        ),
    }
}

/// Every listed request, in the list's order.
pub fn csv(l: List) -> String {
    let mut out = String::from(
        "run,request,start_s,ttft_ms,tpot_ms,request_time_ms,output_tokens,input_tokens,counted,limits\n",
    );
    let limits = l.s.limits.get_untracked();
    let labels = [l.s.label(0), l.s.label(1)].map(|t| t.replace('"', "\"\""));
    let rows = untrack(|| listed(l, 0, usize::MAX));
    l.s.pair.with_untracked(|pair| {
        for r in rows {
            let Some(shown) = pair.sides.get(r.side).and_then(Option::as_ref) else {
                continue;
            };
            let side = &shown.side;
            let ms = |m| {
                side.value(m, r.row)
                    .map_or_else(String::new, |v| format!("{}", round(v * 1e3)))
            };
            let tokens = |m| {
                side.value(m, r.row)
                    .map_or_else(String::new, |v| v.to_string())
            };
            let rank = side.rank.get(r.row).copied().unwrap_or_default() as usize;
            let start = side.start_s.get(r.row).copied().unwrap_or_default();
            let label = labels.get(r.side).map_or("", String::as_str);
            out.push_str(&format!(
                "\"{label}\",{},{},{},{},{},{},{},{},\"{}\"\n",
                side.number(r.row),
                round(start),
                ms(Metric::Ttft),
                ms(Metric::Tpot),
                ms(Metric::RequestLatency),
                tokens(Metric::Osl),
                tokens(Metric::Isl),
                if rank >= shown.dropped { "yes" } else { "no" },
                fmt::plain(&over(side, r.row, limits)),
            ));
        }
    });
    out
}

/// Six decimals.
fn round(v: f64) -> f64 {
    (v * 1e6).round() / 1e6
}
