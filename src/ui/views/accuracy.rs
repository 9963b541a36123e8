//! Accuracy: the projection against the run, or what remains where the two are not comparable.

use super::accuracy_calibration::{panel, section_calibration};
use super::accuracy_tables as tables;
use crate::state::App;
use crate::ui::atoms::{Drawn, Figure, badge, drawn, figure, table};
use crate::ui::figures as measured;
use leptos::prelude::*;
use servelens_core::analysis::Analysis;
use servelens_core::audit::{Check, Question, figures_for};
use servelens_core::figures::accuracy as charts;
use servelens_core::findings::{self, Accuracy, Badge, Step};
use servelens_core::fmt;
use servelens_core::report;
use std::sync::Arc;

/// The view.
pub fn accuracy(app: App) -> AnyView {
    // What is drawn and not what it shows: a chart keeps its state while its figures change.
    let parts = Memo::new(move |_| {
        app.analysis.with(|a| {
            a.accuracy.as_ref().map(|x| {
                (
                    x.errors.is_some(),
                    x.by_load.len() > 1,
                    x.errors.is_none() && x.reprojection.is_ok(),
                    x.calibration.is_ok(),
                )
            })
        })
    });
    let body = move || {
        let (errors, by_load, again, fitted) = parts.get()?;
        Some(view! {
            {move || steps(&with(app, |x| x.steps.clone()).unwrap_or_default())}
            {errors.then(|| drawn(app, errors_chart(app)))}
            {by_load.then(|| section_by_load(app))} {section_conditions(app)}
            {(!errors).then(|| section_again(app, again))} {section_calibration(app, fitted)}
        })
    };
    view! {
        <section class="view" aria-label="Accuracy">
            {move || app.analysis.with(|a| head(a))} {body} {move || deployed(app)} {super::explain::section(app)}
        </section>
    }
    .into_any()
}

fn with<T>(app: App, f: impl FnOnce(&Accuracy) -> T) -> Option<T> {
    app.analysis.with(|a| a.accuracy.as_ref().map(f))
}

fn head(a: &Analysis) -> Option<AnyView> {
    let line = a.verdict.line(Question::Projection)?;
    let failing = a
        .conditions
        .iter()
        .filter(|c| c.holds == Some(false))
        .count();
    let open = a.conditions.iter().filter(|c| c.holds.is_none()).count();
    let all = a.conditions.len();
    let why = match (line.badge, failing, open) {
        (Badge::NotComparable, 0, 0) => line.reason.clone(),
        (Badge::NotComparable, failing, open) => {
            let (n, verb) = if failing > 0 {
                (failing, if failing == 1 { "fails" } else { "fail" })
            } else {
                (
                    open,
                    if open == 1 {
                        "isn’t known"
                    } else {
                        "aren’t known"
                    },
                )
            };
            format!(
                "An error figure appears only when both sides mean the same thing. {} of {} conditions {verb}, so none is given.",
                fmt::capital(&fmt::count(n)),
                fmt::count(all)
            )
        }
        _ => line.reason.clone(),
    };
    Some(
        view! {
            <div class="head">
                <div>
                    <h1>{line.sentence.clone()}</h1>
                    <p>{why}</p>
                </div>
                {badge(line.badge)}
            </div>
        }
        .into_any(),
    )
}

fn steps(all: &[Step]) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let items: Vec<AnyView> = all
        .iter()
        .map(|s| {
            let figure = match &s.fails {
                Some(condition) => view! {
                    <s class="struck">{s.figure.clone()}</s>
                    <span class="badge b-nc">{icon_of("nc")} {condition.name()}</span>
                }
                .into_any(),
                None => view! { {s.figure.clone()} {badge(Badge::Caution)} }.into_any(),
            };
            let division =
                (!s.division.is_empty()).then(|| view! { <code>{s.division.clone()}</code> " " });
            view! {
                <div>
                    <dt>{s.name.clone()}</dt>
                    <dd>
                        <div class="fg">{figure}</div>
                        {division}
                        {s.words.clone()}
                    </dd>
                </div>
            }
            .into_any()
        })
        .collect();
    Some(view! { <dl class="steps" data-testid="steps">{items}</dl> }.into_any())
}

fn icon_of(name: &str) -> AnyView {
    view! { <svg aria-hidden="true"><use href=format!("#i-{name}")></use></svg> }.into_any()
}

fn errors_chart(app: App) -> Memo<Arc<Drawn>> {
    Memo::new(move |_| {
        let (ws, a) = (app.limited.get(), app.analysis.get());
        let label = a
            .projected
            .and_then(|p| ws.runs.get(p.run))
            .map_or("", |r| &r.label);
        let x = a.accuracy.as_ref();
        let spec = x.and_then(|x| charts::errors(&ws, x, a.thresholds.equivalence, label));
        let at = x.and_then(|x| x.errors.as_ref());
        panel(
            spec,
            at.map(tables::errors).unwrap_or_default(),
            at.and_then(findings::parts).unwrap_or_default(),
        )
    })
}

fn section_by_load(app: App) -> AnyView {
    view! {
        <section class="sect">
            <h2>"Error by load"</h2>
            <p>
                "Every load that was run with these lengths: projected over measured, percent. Bias is the mean with its sign."
            </p>
            {move || with(app, |x| table(&tables::by_load(x)))}
        </section>
    }
    .into_any()
}

fn section_conditions(app: App) -> AnyView {
    view! {
        <section class="sect wraps" data-testid="conditions">
            <h2>"Conditions"</h2>
            <p>"All must match before an error is computed."</p>
            {move || app.analysis.with(|a| table(&tables::conditions(&a.conditions)))}
            {move || app.analysis.with(|a| next(app, a))}
        </section>
    }
    .into_any()
}

/// The run that would make the two comparable.
fn next(app: App, a: &Analysis) -> Option<AnyView> {
    let next = a.next.iter().find(|n| n.lifts.contains(&Check::Point))?;
    Some(super::verdict::next(app, next))
}

/// The deployments as their files describe them, projected again.
fn deployed(app: App) -> Option<AnyView> {
    let found = app.analysis.with(|a| {
        let found = a.accuracy.as_ref().filter(|x| !x.deployed.is_empty())?;
        Some(app.limited.with(|ws| report::deployed(ws, found)))
    })?;
    Some(
        view! {
            <section class="sect" data-testid="deployed">
                <h2>"Projection of what was deployed"</h2>
                <p>
                    "Each engine as its deployment files describe it, at the batch that its load puts into one worker: mean request time, at loads that the engines take at once."
                </p>
                {table(&super::report::twin(&found, "What was deployed, projected again"))}
            </section>
        }
        .into_any(),
    )
}

fn section_again(app: App, there: bool) -> AnyView {
    let about = move || {
        with(app, |x| match &x.reprojection {
            Ok(r) => findings::about(r),
            Err(why) => why.clone(),
        })
    };
    let spec = Memo::new(move |_| {
        let (ws, a) = (app.limited.get(), app.analysis.get());
        let again = a
            .accuracy
            .as_ref()
            .and_then(|x| x.reprojection.as_ref().ok());
        again
            .map(|r| charts::reprojection(&ws, r))
            .unwrap_or_default()
    });
    let twin = Memo::new(move |_| {
        Arc::new(
            with(app, |x| {
                x.reprojection.as_ref().ok().map(tables::reprojection)
            })
            .flatten()
            .unwrap_or_default(),
        )
    });
    let body = there.then(|| {
        let chart = figure(
            app,
            Figure {
                spec,
                table: twin,
                height: 300.0,
                on_limit: None,
                caption: None,
            },
        );
        view! { <div class="cols-acc">{chart} {move || table(&twin.get())}</div> }
    });
    view! {
        <section class="sect" data-testid="re-projection">
            <h2>"Re-projection at the observed lengths"</h2>
            <p>{about} {move || (!there).then(|| waiting(app))}</p>
            {body}
        </section>
    }
    .into_any()
}

/// What has become of the cost model's figures, where they are not there yet.
fn waiting(app: App) -> Option<AnyView> {
    let (rules, subset) = app.limited.with(|ws| figures_for(ws))?;
    let state = app.figures_of(rules).get();
    if state.loading.is_some() {
        return Some(" The cost model’s figures are on their way.".into_any());
    }
    let (Some(why), Some(subset)) = (state.failed, subset) else {
        return None;
    };
    Some(
        view! {
            " "
            {why}
            " "
            <button class="btn" on:click=move |_| measured::again(app, rules, subset)>"Try again"</button>
        }
        .into_any(),
    )
}
