//! Accuracy, Explain: which configuration of the cost model fits each measured run.

use crate::state::{App, Shared};
use crate::ui::atoms::{Cell, Column, Figure, Table, figure, flag};
use leptos::prelude::*;
use servelens_core::chart::{ChartSpec, Series};
use servelens_core::cost::RuleSet;
use servelens_core::explain::{self, Candidate, Explanation, MOST, name, words};
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Basis, Workspace};
use servelens_core::url::View;
use servelens_core::whatif::Asked;
use std::sync::Arc;

/// So many candidates are listed.
const LISTED: usize = 8;

/// The section; absent where no measured run can be asked about.
pub fn section(app: App) -> AnyView {
    // Some hundred projections a run: done anew when runs or the cost model's figures change, not when a limit moves.
    let found = Memo::new(move |_| {
        let models: Vec<_> = [RuleSet::Aic02, RuleSet::Aic012]
            .into_iter()
            .filter_map(|r| app.figures_of(r).get().ready)
            .collect();
        let engines: Vec<_> = models.iter().map(|m| m.engine.as_ref()).collect();
        let ws = app.workspace.get();
        let all = if engines.is_empty() {
            Vec::new()
        } else {
            explain::all(&ws, &engines)
        };
        Shared::new(all)
    });
    (move || {
        let (ws, all) = (app.workspace.get(), found.get());
        let parts: Vec<AnyView> = all
            .iter()
            .filter_map(|(i, e)| Some(one(app, &ws, *i, e.as_ref().ok()?)))
            .collect();
        (!parts.is_empty()).then(|| {
            view! {
                <section class="sect" data-testid="explain">
                    <h2>"Explain: which configuration fits the measurements?"</h2>
                    <p>
                        "The cost model asked the other way round: every TP, PP, number format and rule set at the batch that each load puts into one worker, ranked by the worst error of the request time. The deployment’s number formats aren’t used."
                    </p>
                    {parts}
                </section>
            }
        })
    })
    .into_any()
}

fn one(app: App, ws: &Workspace, run: usize, e: &Explanation) -> AnyView {
    let label = ws.runs.get(run).map_or("", |r| &r.label);
    let said = words(e, label);
    let recorded = ws.basis == Basis::Recorded;
    let rows: Vec<AnyView> = e
        .candidates
        .iter()
        .take(LISTED)
        .enumerate()
        .map(|(i, c)| row(app, e, i, c))
        .collect();
    let spec = figures::explain(ws, e);
    let twin = Arc::new(twin(&spec));
    let chart = figure(
        app,
        Figure {
            spec: Memo::new(move |_| spec.clone()),
            table: Memo::new(move |_| twin.clone()),
            height: 260.0,
            on_limit: None,
            caption: None,
        },
    );
    view! {
        <div class="explain">
            <h3>{said.title}</h3>
            <p>{said.reason} {(!recorded).then_some(" By the summaries; the records say otherwise.")}</p>
            <div class="scroll" tabindex="0" role="region" aria-label=format!("Configurations by how well they explain {label}")>
                <table class="tbl">
                    <thead>
                        <tr>
                            <th class="l" scope="col">"Configuration"</th>
                            <th class="l" scope="col">"Worst error" <small>{format!("dotted: {}, beyond it nothing is claimed", fmt::percent(MOST.exp_m1(), 0))}</small></th>
                            <th scope="col"><small>"%"</small></th>
                            <th class="l" scope="col">"Measured ÷ projected" <small>{format!("at {}", fmt::loads(&loads(e)))}</small></th>
                            <th class="l" scope="col">"Result"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {chart}
        </div>
    }
    .into_any()
}

/// What the chart draws, as a table.
fn twin(spec: &ChartSpec) -> Table {
    let name = |text: &str, unit: &str| Column {
        head: text.to_owned(),
        unit: unit.to_owned(),
        ..Column::default()
    };
    let mut columns = vec![name("Concurrency", "")];
    columns.extend(spec.series.iter().map(|s| name(&s.label, "ms")));
    let marks = spec.series.first().map_or(&[][..], |s| &s.marks);
    let rows = marks.iter().map(|m| {
        let at = |s: &Series| {
            s.marks
                .iter()
                .find(|o| o.x == m.x)
                .map(|o| fmt::sig(o.y, 4))
        };
        let mut row = vec![Cell::new(fmt::number(m.x, 0))];
        row.extend(spec.series.iter().map(|s| Cell::or_missing(at(s))));
        row
    });
    Table {
        caption: spec.title.clone(),
        rows: rows.collect(),
        columns,
    }
}

fn loads(e: &Explanation) -> Vec<u32> {
    e.question.loads.iter().map(|l| l.concurrency).collect()
}

/// The candidate as What-if takes it.
fn asked(c: &Candidate) -> Asked {
    let config = &c.config;
    Asked {
        rules: Some(c.rules),
        model: Some(config.model.to_string()),
        tp: Some(config.tp),
        pp: Some(config.pp),
        gemm: Some(config.quant.gemm),
        kvcache: Some(config.quant.kvcache),
        fmha: Some(config.quant.fmha),
        batch: Some(config.batch),
        isl: Some(config.isl),
        osl: Some(config.osl),
        ..Asked::default()
    }
}

fn row(app: App, e: &Explanation, i: usize, c: &Candidate) -> AnyView {
    let (class, icon, word) = if i < e.found().len() {
        ("k-ok", "ok", "Explains")
    } else if c.worst > MOST {
        ("k-nc", "nc", "Ruled out")
    } else {
        ("k-info", "none", "Fits worse")
    };
    let width = (c.worst / MOST * 120.0).min(160.0);
    let ratios: Vec<String> = c.loads.iter().map(|l| fmt::number(l.ratio, 3)).collect();
    let detail = if c.deployed {
        format!("{}, as deployed", c.rules)
    } else {
        c.rules.to_string()
    };
    let asked = asked(c);
    view! {
        <tr>
            <th class="l" scope="row">
                <button
                    class="link"
                    title="Open in What-if"
                    on:click=move |_| {
                        let asked = asked.clone();
                        app.look(move |s| {
                            s.what_if = asked;
                            s.view = View::WhatIf;
                        });
                    }
                >
                    {name(e, c)}
                </button>
                <small class="ci">{detail}</small>
            </th>
            <td class="l">
                <svg width="168" height="20" viewBox="0 0 168 20" aria-hidden="true">
                    <rect class="fb" x="0" y="5" width=format!("{width:.1}") height="10"></rect>
                    <line class="dotted" x1="120" x2="120" y1="0" y2="20"></line>
                </svg>
            </td>
            <td>{fmt::number(c.worst.exp_m1() * 100.0, 1)}</td>
            <td class="l mut">{ratios.join(" · ")}</td>
            <td class="l">{flag(class, icon, word)}</td>
        </tr>
    }
    .into_any()
}
