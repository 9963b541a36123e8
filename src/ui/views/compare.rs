//! Compare: candidate against baseline at matched loads, and why the two rates disagree.

use super::compare_full;
use super::compare_points::{points, points_sentence};
use super::panels;
use super::requests::requests;
use super::steps;
use crate::state::App;
use crate::ui::atoms::{Choice, badge, segmented, switch, table};
use leptos::prelude::*;
use servelens_core::align::WorkloadKey;
use servelens_core::analysis::Analysis;
use servelens_core::audit::Question;
use servelens_core::figures::LineChart;
use servelens_core::fmt;
use servelens_core::model::{Metric, Provenance, Stat, Workspace};
use servelens_core::url::Scope;

/// What can be drawn over concurrency, with the short names of the control.
const METRICS: [(Metric, &str); 6] = [
    (Metric::OutputThroughput, "Output tokens/s"),
    (Metric::RequestThroughput, "Requests/s"),
    (Metric::OutputThroughputPerUser, "Per user"),
    (Metric::Ttft, "TTFT"),
    (Metric::Tpot, "TPOT"),
    (Metric::RequestLatency, "End to end"),
];

const STATS: [Stat; 5] = [Stat::Avg, Stat::P50, Stat::P90, Stat::P95, Stat::P99];

/// The view: by load, or the requests at one load.
pub fn compare(app: App) -> AnyView {
    let one = Memo::new(move |_| app.view.with(|v| v.requests));
    (move || {
        let tabs = tabs(app, one.get());
        if one.get() {
            requests(app, tabs)
        } else {
            by_load(app, tabs)
        }
    })
    .into_any()
}

fn tabs(app: App, one: bool) -> AnyView {
    let tab = |label: &'static str, requests: bool| {
        view! {
            <a
                href=if requests { "#compare?show=requests" } else { "#compare" }
                aria-current=(one == requests).then_some("page")
                on:click=move |e| {
                    e.prevent_default();
                    app.look(|v| v.requests = requests);
                }
            >
                {label}
            </a>
        }
    };
    view! {
        <nav class="subtabs" aria-label="Compare">
            {tab("By load", false)} {tab("Requests at one load", true)}
        </nav>
    }
    .into_any()
}

fn by_load(app: App, tabs: AnyView) -> AnyView {
    let who = move || {
        app.analysis.with(|a| {
            a.verdict.line(Question::WhoWins).map(|l| {
                view! {
                    <div class="head">
                        <div>
                            <h1>{l.sentence.clone()}</h1>
                            <p>{l.reason.clone()}</p>
                        </div>
                        {badge(l.badge)}
                    </div>
                }
            })
        })
    };
    let full = Memo::new(move |_| {
        app.view.with(|v| v.full)
            && app
                .analysis
                .with(|a| !a.comparison.matched_loads().is_empty())
    });
    view! {
        <section class="view" aria-label="Compare">
            {who} {tabs} {move || tools(app)} {move || charts(app)}
            {move || if full.get() { compare_full::lead(app) } else { ().into_any() }}
            {steps::panel(app)}
            <section class="sect">
                <h2>"All points"</h2>
                <p>{move || app.analysis.with(|a| points_sentence(a))}</p>
                {move || table(&points(&app.limited.get(), &app.analysis.get()))}
            </section>
            {move || if full.get() { compare_full::points(app) } else { ().into_any() }}
        </section>
    }
    .into_any()
}

/// Metrics that either side reports at some load; a derived latency does not count as reported.
fn reported(a: &Analysis) -> Vec<Metric> {
    METRICS
        .into_iter()
        .map(|(m, _)| m)
        .filter(|m| {
            let rate = servelens_core::align::is_rate(*m);
            a.comparison.rows.iter().any(|r| {
                r.cells.get(m).is_some_and(|c| {
                    [&c.candidate, &c.baseline]
                        .into_iter()
                        .flatten()
                        .any(|f| rate || f.provenance == Provenance::Measured)
                })
            })
        })
        .collect()
}

fn tools(app: App) -> AnyView {
    let a = app.analysis.get();
    let v = app.view.get();
    let available = reported(&a);
    let mut metrics = vec![Choice::new(None, "Overview")];
    metrics.extend(METRICS.into_iter().map(|(m, label)| {
        let why = (!available.contains(&m)).then_some("Not reported by these files");
        Choice::new(Some(m), label).unless(why)
    }));
    let stats = STATS
        .into_iter()
        .map(|s| {
            let why = (!has_stat(&app.workspace.get(), s)).then_some("No file reports it");
            Choice::new(s, s.key()).unless(why)
        })
        .collect();
    let scopes = vec![
        Choice::new(Scope::System, "System"),
        Choice::new(Scope::PerGpu, "Per GPU"),
    ];
    let workloads = (a.workloads.len() > 1).then(|| {
        let choices = a
            .workloads
            .iter()
            .map(|k| Choice::new(*k, work(*k)))
            .collect();
        let now = a.comparison.workload.unwrap_or_default();
        segmented("Workload", &now, choices, move |k: WorkloadKey| {
            app.look(|s| s.workload = pair(k));
        })
    });
    let named = STATS.into_iter().any(|s| has_stat(&app.workspace.get(), s));
    let stat = a.comparison.stat.unwrap_or(Stat::Avg);
    let nothing = a
        .comparison
        .matched_loads()
        .is_empty()
        .then(|| "No load was measured on both sides".to_owned());
    view! {
        <div class="head-tools">
            {workloads}
            {segmented("Metric", &v.metric, metrics, move |m| app.look(|s| s.metric = m))}
            {named.then(|| segmented("Statistic of latencies", &stat, stats, move |s| app.look(|v| v.stat = Some(s))))}
            {segmented("Scope", &v.scope, scopes, move |s| app.look(|v| v.scope = s))}
            <span class="grow"></span>
            {switch("Full statistics", v.full && nothing.is_none(), nothing, move |on| app.look(|v| v.full = on))}
        </div>
    }
    .into_any()
}

fn has_stat(ws: &Workspace, stat: Stat) -> bool {
    ws.runs.iter().flat_map(|r| &r.points).any(|p| {
        [Metric::Ttft, Metric::Tpot, Metric::RequestLatency]
            .iter()
            .any(|m| {
                p.metrics
                    .get(m)
                    .is_some_and(|x| x.stats.get(stat).is_some())
            })
    })
}

fn work(k: WorkloadKey) -> String {
    let word = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), |n| fmt::number(n as f64, 0));
    format!("{} in, {} out", word(k.isl), word(k.osl))
}

fn pair(k: WorkloadKey) -> Option<(u32, u32)> {
    Some((u32::try_from(k.isl?).ok()?, u32::try_from(k.osl?).ok()?))
}

fn charts(app: App) -> AnyView {
    // Only which charts there are is tracked here; each chart follows the figures by itself.
    let plan = Memo::new(move |_| {
        let (metric, scope) = app.view.with(|v| (v.metric, v.scope));
        let scoped = |m| match (m, scope) {
            (Metric::OutputThroughput, Scope::PerGpu) => Metric::OutputThroughputPerGpu,
            _ => m,
        };
        match metric {
            Some(m) => vec![scoped(m)],
            None => app
                .analysis
                .with(|a| reported(a))
                .into_iter()
                .map(scoped)
                .collect(),
        }
    });
    (move || {
        let plan = plan.get();
        let (class, height) = match plan.len() {
            1 => ("", 396.0),
            2 | 4 => ("cols-2", 290.0),
            _ => ("cols-3", 300.0),
        };
        let panels: Vec<AnyView> = plan
            .into_iter()
            .map(|metric| {
                let what = Signal::stored(LineChart {
                    metric,
                    projected: true,
                    interpolated: true,
                });
                panels::lines(app, what, height)
            })
            .collect();
        view! { <div class=class>{panels}</div> }.into_any()
    })
    .into_any()
}
