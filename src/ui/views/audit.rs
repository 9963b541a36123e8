//! Audit: every check with its arithmetic, what it means, and the points it touches.

use super::audit_thresholds;
use super::sources::sources;
use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{grade, icon};
use leptos::prelude::*;
use servelens_core::audit::{Finding, Grade};
use servelens_core::corrections;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::Workspace;
use std::collections::BTreeSet;

const GROUPS: [(Grade, &str); 5] = [
    (Grade::Block, "verdicts that need these points are withheld"),
    (Grade::Warn, "verdicts stand, with caution"),
    (Grade::Info, "good to know"),
    (Grade::Pass, ""),
    (
        Grade::NoData,
        "checks that could not be done, and what they need",
    ),
];

/// The view.
pub fn audit(app: App) -> AnyView {
    let only = RwSignal::new(None::<Grade>);
    Effect::new(move |_| {
        if let Some(check) = app.view.with(|v| v.check.clone()) {
            only.set(None);
            leptos::task::spawn_local(async move {
                page::breathe().await;
                page::reveal(&format!("check-{check}"));
            });
        }
    });
    let of_sources = Memo::new(move |_| app.view.with(|v| v.sources && v.check.is_none()));
    let body = move || {
        if of_sources.get() {
            return view! {
                <div class="head">
                    <div>
                        <h1>{move || app.limited.with(|ws| corrections::title(&corrections::sources(ws)))}</h1>
                        <p>"Each figure comes from the most direct source that has it. What contradicts it stays here, struck, with its factor."</p>
                    </div>
                </div>
                {tabs(app, true)}
                {sources(app)}
            }
            .into_any();
        }
        view! {
            <div class="head">
                <div>
                    <h1>{move || app.analysis.with(|a| title(figures::blocks(a), &a.findings))}</h1>
                    <p>
                        "The numbers stay visible everywhere; blocked ones are struck from the verdicts. Each check shows its arithmetic and the points it touches."
                    </p>
                </div>
                {move || filters(app, only)}
            </div>
            {tabs(app, false)}
            {audit_thresholds::panel(app)}
            {move || groups(app, only.get())}
        }
        .into_any()
    };
    view! { <section class="view" aria-label="Audit">{body}</section> }.into_any()
}

fn tabs(app: App, sources: bool) -> AnyView {
    let tab = |label: &'static str, of_sources: bool| {
        view! {
            <a
                href=if of_sources { "#audit?show=sources" } else { "#audit" }
                aria-current=(of_sources == sources).then_some("page")
                on:click=move |e| {
                    e.prevent_default();
                    app.look(|v| {
                        v.sources = of_sources;
                        v.check = None;
                    });
                }
            >
                {label}
            </a>
        }
    };
    view! {
        <nav class="subtabs" aria-label="Audit">{tab("Findings", false)} {tab("Sources", true)}</nav>
    }
    .into_any()
}

fn title(blocks: usize, findings: &[Finding]) -> String {
    let warns = findings.iter().filter(|f| f.grade == Grade::Warn).count();
    match (blocks, warns) {
        (0, 0) => "Nothing found blocks or warns".into(),
        (0, n) => fmt::capital(&format!(
            "{} {}, and nothing blocks",
            fmt::counted(n, "finding", "findings"),
            if n == 1 { "warns" } else { "warn" }
        )),
        (1, _) => "One finding blocks a comparison".into(),
        (n, _) => fmt::capital(&format!("{} findings block a comparison", fmt::count(n))),
    }
}

fn filters(app: App, only: RwSignal<Option<Grade>>) -> AnyView {
    let count = move |g: Option<Grade>| {
        app.analysis.with(|a| {
            a.findings
                .iter()
                .filter(|f| g.is_none_or(|g| f.grade == g))
                .count()
        })
    };
    let button = move |g: Option<Grade>, word: &'static str| {
        let n = count(g);
        (g.is_none() || n > 0).then(|| {
            let mark = g.map(|g| {
                let (class, glyph) = grade(g);
                view! { <svg class=class aria-hidden="true"><use href=format!("#i-{glyph}")></use></svg> }
            });
            view! {
                <button
                    class="filter"
                    aria-pressed=move || (only.get() == g).to_string()
                    on:click=move |_| only.set(g)
                >
                    {mark} {word} " " <b>{n}</b>
                </button>
            }
        })
    };
    let grades: Vec<_> = GROUPS
        .into_iter()
        .map(|(g, _)| button(Some(g), g.word()))
        .collect();
    view! { <div class="chips-row">{button(None, "All")} {grades}</div> }.into_any()
}

fn groups(app: App, only: Option<Grade>) -> AnyView {
    let (ws, a) = (app.limited.get(), app.analysis.get());
    let groups: Vec<AnyView> = GROUPS
        .into_iter()
        .filter(|(g, _)| only.is_none_or(|o| o == *g))
        .filter_map(|(g, about)| {
            let rows: Vec<AnyView> = a
                .findings
                .iter()
                .filter(|f| f.grade == g)
                .map(|f| finding(app, &ws, f))
                .collect();
            if rows.is_empty() {
                return None;
            }
            let (class, glyph) = grade(g);
            Some(
                view! {
                    <h2 class="grouphead">
                        <svg class=format!("sev {class}") aria-hidden="true"><use href=format!("#i-{glyph}")></use></svg>
                        {g.word()} " " <span>{about}</span>
                    </h2>
                    <ul class="findings">{rows}</ul>
                }
                .into_any(),
            )
        })
        .collect();
    if groups.is_empty() {
        return view! {
            <div class="empty"><b>"Nothing to check yet."</b><p>"Add a result, and every check that it allows is done at once."</p></div>
        }
        .into_any();
    }
    groups.into_any()
}

fn finding(app: App, ws: &Workspace, f: &Finding) -> AnyView {
    let (class, glyph) = grade(f.grade);
    let id = f.check.id();
    let pointed = app.view.with(|v| v.check.as_deref() == Some(id));
    let quotes: Vec<AnyView> = f
        .quotes
        .iter()
        .map(|q| view! { <blockquote class="quote">"“" {q.text.clone()} "” " <cite>{format!("{}, line {}", q.file, q.line)}</cite></blockquote> }.into_any())
        .collect();
    let calc: Vec<AnyView> = f
        .arithmetic
        .iter()
        .map(|line| view! { <p class="calc">{line.clone()}</p> }.into_any())
        .collect();
    let said =
        (!f.consequence.is_empty()).then(|| view! { <p class="so2">{f.consequence.clone()}</p> });
    let advice = f
        .advice
        .clone()
        .map(|a| view! { <p class="so2 advice">{icon("arrow")} <span>{a}</span></p> });
    view! {
        <li class="finding" class:pointed=pointed id=format!("check-{id}") data-check=id title=f.check.row().tests>
            <svg class=format!("sev {class}") role="img" aria-label=f.grade.word()>
                <use href=format!("#i-{glyph}")></use>
            </svg>
            <span class="id">{id}</span>
            <div class="txt"><h3>{f.title.clone()}</h3> {said} {calc} {quotes} {advice}</div>
            {points(ws, f)}
        </li>
    }
    .into_any()
}

/// A strip of the loads with a mark for each point touched, a row a run.
fn points(ws: &Workspace, f: &Finding) -> Option<AnyView> {
    let runs: BTreeSet<usize> = f.points.iter().map(|p| p.run).collect();
    let loads: BTreeSet<u32> = runs
        .iter()
        .filter_map(|i| ws.runs.get(*i))
        .flat_map(|r| &r.points)
        .filter_map(|p| p.load.concurrency)
        .collect();
    if loads.is_empty() || loads.len() > 8 {
        return None;
    }
    let heads: Vec<AnyView> = loads
        .iter()
        .map(|c| view! { <th scope="col">{c.to_string()}</th> }.into_any())
        .collect();
    let rows: Vec<AnyView> = runs
        .iter()
        .filter_map(|i| {
            let run = ws.runs.get(*i)?;
            let slot = figures::slot(&ws.runs, *i).number();
            let cells: Vec<AnyView> = loads
                .iter()
                .map(|c| {
                    let touched = f.points.iter().any(|p| {
                        p.run == *i
                            && run
                                .points
                                .get(p.point)
                                .is_some_and(|x| x.load.concurrency == Some(*c))
                    });
                    let class = if touched {
                        format!("pm pm{slot}")
                    } else {
                        "pm0".into()
                    };
                    let word = if touched { "touched" } else { "" };
                    view! { <td><i class=class></i><span class="vh">{word}</span></td> }.into_any()
                })
                .collect();
            Some(
                view! { <tr><th scope="row" class="vh">{run.label.clone()}</th>{cells}</tr> }
                    .into_any(),
            )
        })
        .collect();
    Some(
        view! {
            <table class="points">
                <caption class="vh">"Points touched, by concurrency"</caption>
                <thead><tr><td class="vh"></td>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any(),
    )
}
