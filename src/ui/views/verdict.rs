//! Verdict: three answers with their trust, what to run next, two charts, the set-up.

use super::panels;
use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{badge, icon};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::analysis::{Facts, Lengths};
use servelens_core::audit::Question;
use servelens_core::figures::LineChart;
use servelens_core::findings::{NextRun, VerdictLine};
use servelens_core::fmt;
use servelens_core::model::{Metric, Sla, Stat};
use servelens_core::sla::SlaTable;
use servelens_core::url::View;

/// The view.
pub fn verdict(app: App) -> AnyView {
    let lines = move || {
        app.analysis.with(|a| {
            a.verdict
                .lines
                .iter()
                .map(|l| line(app, l))
                .collect::<Vec<_>>()
        })
    };
    let throughput = Signal::stored(LineChart {
        metric: Metric::OutputThroughput,
        projected: true,
        interpolated: false,
    });
    view! {
        <section class="view" aria-label="Verdict">
            <h1 class="vh">"Verdict"</h1>
            <ul class="verdicts">{lines}</ul>
            {move || app.analysis.with(|a| a.next.first().map(|n| next(app, n)))}
            <div class="cols-2 charts">
                {panels::lines(app, throughput, 200.0)} {panels::front(app, 200.0)}
            </div>
            {move || app.analysis.with(|a| strip(app, &a.facts, &a.sla))}
        </section>
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
                <p class="a">{l.sentence.clone()}</p>
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

fn strip(app: App, f: &Facts, judged: &SlaTable) -> AnyView {
    let (sla, sla_small) = sla_name(&f.sla, judged);
    let fact = |name: &str, text: String, small: String| {
        let small = (!small.is_empty()).then(|| view! { " " <small>{small}</small> });
        view! { <div><dt>{name.to_owned()}</dt><dd>{text} {small}</dd></div> }.into_any()
    };
    let unstated = || "not stated".to_owned();
    let (isl, isl_small) = lengths(&f.isl);
    let (osl, osl_small) = lengths(&f.osl);
    let gpus = system(f);
    let backend = f.backend.clone().map_or_else(
        || fact("Tools", fmt::list(&f.tools), String::new()),
        |b| fact("Backend", b, String::new()),
    );
    view! {
        <dl class="strip">
            {fact("Model", f.model.clone().unwrap_or_else(unstated), String::new())}
            {fact("System", gpus, String::new())}
            {backend}
            {fact("Input length", isl, isl_small)}
            {fact("Output length", osl, osl_small)}
            {fact(&sla, sla_words(&f.sla), sla_small)}
            <div class="edit">
                <button class="btn btn-quiet" on:click=move |_| app.look(|s| s.view = View::Sla)>"Edit"</button>
            </div>
        </dl>
    }
    .into_any()
}

fn system(f: &Facts) -> String {
    let mut counts: Vec<u32> = f.gpus.iter().map(|(_, n, _)| *n).collect();
    counts.dedup();
    let words: Vec<String> = counts.iter().map(u32::to_string).collect();
    match (&f.system, words.as_slice()) {
        (Some(s), []) => s.clone(),
        (Some(s), w) => format!("{s} × {}", w.join(" and ")),
        (None, []) => "not stated".into(),
        (None, w) => format!("{} GPUs", w.join(" and ")),
    }
}

fn lengths(l: &Lengths) -> (String, String) {
    let observed = l
        .observed
        .map(|(a, b)| fmt::range(&fmt::number(a, 0), &fmt::number(b, 0)));
    match (l.asked, observed) {
        (Some(asked), Some(seen)) if seen == fmt::number(asked, 0) => (seen, "tokens".into()),
        (Some(asked), Some(seen)) => (fmt::number(asked, 0), format!("asked, {seen} observed")),
        (Some(asked), None) => (fmt::number(asked, 0), "tokens".into()),
        (None, Some(seen)) => (seen, "tokens observed".into()),
        (None, None) => ("not stated".into(), String::new()),
    }
}

/// The name of the fact about the limits, and what is said beside it: a source that names no
/// statistic is not said to have named one.
fn sla_name(sla: &Sla, judged: &SlaTable) -> (String, String) {
    let figures = || {
        let rows = judged.systems.iter().flat_map(|s| &s.rows);
        rows.flat_map(|r| r.marks.values())
            .filter_map(|j| j.figure.as_ref())
    };
    let unnamed = figures().any(|f| f.stat == Stat::Stated);
    if sla.stat == Stat::Stated {
        ("SLA".into(), "statistic not named".into())
    } else if unnamed && !figures().any(|f| f.stat == sla.stat) {
        (
            "SLA".into(),
            format!("statistic not named, taken as {}", sla.stat.key()),
        )
    } else {
        (format!("SLA at {}", sla.stat.key()), String::new())
    }
}

fn sla_words(sla: &Sla) -> String {
    let parts: Vec<String> = servelens_core::sla::limits(sla)
        .into_iter()
        .map(|(m, s)| format!("{} ≤ {}", m.info().short, fmt::ms(s)))
        .collect();
    if parts.is_empty() {
        "no limit set".into()
    } else {
        parts.join(" · ")
    }
}
