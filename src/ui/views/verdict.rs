//! Verdict: three answers with their trust, what to run next, two charts, the set-up.

use super::panels;
use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{badge, icon};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::audit::Question;
use servelens_core::corrections::Correction;
use servelens_core::findings::{NextRun, VerdictLine};
use servelens_core::screen::Fact;
use servelens_core::url::View;

/// The view.
pub fn verdict(app: App) -> AnyView {
    let lines = move || {
        app.screen
            .with(|s| s.answers.iter().map(|l| line(app, l)).collect::<Vec<_>>())
    };
    view! {
        <section class="view" aria-label="Verdict">
            <h1 class="vh">"Verdict"</h1>
            {move || app.screen.with(|s| s.correction.as_ref().map(|c| corrected(app, c)))}
            <ul class="verdicts">{lines}</ul>
            {move || app.screen.with(|s| s.next.as_ref().map(|n| next(app, n)))}
            <div class="cols-2 charts">
                {panels::throughput(app, 200.0)} {panels::front(app, 200.0)}
            </div>
            {move || app.screen.with(|s| strip(app, &s.facts))}
        </section>
    }
    .into_any()
}

/// What the records correct, above the answers.
fn corrected(app: App, c: &Correction) -> AnyView {
    let pairs: Vec<AnyView> = c
        .pairs
        .iter()
        .map(|p| {
            view! {
                <div>
                    <dt>{p.name.clone()}</dt>
                    <dd><s class="struck">{p.before.clone()}</s> " → " <b>{p.after.clone()}</b></dd>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="corr" data-testid="correction">
            <span class="q">{icon("recount")} "Corrected"</span>
            <div class="body">
                <p class="a">{c.sentence.clone()}</p>
                <dl>{pairs}</dl>
            </div>
            <a
                href="#audit?show=sources"
                on:click=move |e| {
                    e.prevent_default();
                    app.look(|s| {
                        s.view = View::Audit;
                        s.sources = true;
                        s.check = None;
                    });
                }
            >
                "See the sources"
            </a>
        </div>
    }
    .into_any()
}

fn line(app: App, l: &VerdictLine) -> AnyView {
    let (test, view) = match l.question {
        Question::WhoWins => ("verdict-who", View::Compare),
        Question::Sla => ("verdict-sla", View::Sla),
        Question::Projection => ("verdict-projection", View::Accuracy),
    };
    // Accuracy has the conditions beside the checks.
    let target = l.checks.first().copied().filter(|_| view != View::Accuracy);
    let link = (!l.evidence.is_empty()).then(|| {
        let href = format!("#{}", target.map_or(view, |_| View::Audit).key());
        view! {
            <a
                href=href
                on:click=move |e| {
                    e.prevent_default();
                    app.look(|s| match target {
                        Some(check) => {
                            s.view = View::Audit;
                            s.check = Some(check.id().to_owned());
                        }
                        None => s.view = view,
                    });
                }
            >
                {l.evidence.clone()}
            </a>
        }
    });
    view! {
        <li class="verdict" data-testid=test>
            <span class="q">{l.question.label()}</span>
            <div class="body">
                <h2 class="a">{l.sentence.clone()}</h2>
                <p class="why">{l.reason.clone()}</p>
            </div>
            <div class="trust">{badge(l.badge)} {link}</div>
        </li>
    }
    .into_any()
}

/// The cheapest run that would lift the weightiest block, with its command for both tools.
pub fn next(app: App, n: &NextRun) -> AnyView {
    let copy = move |label: &'static str, title: &'static str, command: String| {
        view! {
            <button
                class="btn"
                title=title
                on:click=move |_| {
                    let command = command.clone();
                    spawn_local(async move {
                        app.said.set(if page::copy(&command).await {
                            "Command copied.".into()
                        } else {
                            "The browser doesn’t allow copying.".into()
                        });
                    });
                }
            >
                {icon("copy")} {label}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="next" data-testid="next">
            <span class="q">"Run next"</span>
            <p>{format!("{}:", n.why)}</p>
            <code title=n.aiperf.clone()>{n.aiperf.clone()}</code>
            {copy("AIPerf", "Copy the AIPerf command", n.aiperf.clone())}
            {copy("GenAI-Perf", "Copy the GenAI-Perf command", n.genai_perf.clone())}
        </div>
    }
    .into_any()
}

fn strip(app: App, facts: &[Fact]) -> AnyView {
    let facts: Vec<AnyView> = facts
        .iter()
        .map(|f| {
            let small =
                (!f.small.is_empty()).then(|| view! { " " <small>{f.small.clone()}</small> });
            view! { <div><dt>{f.name.clone()}</dt><dd>{f.text.clone()} {small}</dd></div> }
                .into_any()
        })
        .collect();
    view! {
        <dl class="strip">
            {facts}
            <div class="edit">
                <dt class="vh">"Limits"</dt>
                <dd><button class="btn btn-quiet" aria-label="Edit the limits" on:click=move |_| app.look(|s| s.view = View::Sla)>"Edit"</button></dd>
            </div>
        </dl>
    }
    .into_any()
}
