//! Compare: candidate against baseline at matched loads, and why the two rates disagree.

use super::panels::{self, side_name, value_cell};
use super::steps;
use crate::state::App;
use crate::ui::atoms::{Cell, Choice, Column, Table, badge, segmented, table};
use leptos::prelude::*;
use servelens_core::align::WorkloadKey;
use servelens_core::analysis::Analysis;
use servelens_core::audit::{Check, Grade, Question};
use servelens_core::figures::{self, LineChart};
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

/// The view.
pub fn compare(app: App) -> AnyView {
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
    view! {
        <section class="view" aria-label="Compare">
            {who} {move || tools(app)} {move || charts(app)} {steps::panel(app)}
            <section class="sect">
                <h2>"All points"</h2>
                <p>{move || app.analysis.with(|a| points_sentence(a))}</p>
                {move || table(&points(&app.limited.get(), &app.analysis.get()))}
            </section>
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
    view! {
        <div class="head-tools">
            {workloads}
            {segmented("Metric", &v.metric, metrics, move |m| app.look(|s| s.metric = m))}
            {named.then(|| segmented("Statistic of latencies", &stat, stats, move |s| app.look(|v| v.stat = Some(s))))}
            {segmented("Scope", &v.scope, scopes, move |s| app.look(|v| v.scope = s))}
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
            _ => ("cols-3", 248.0),
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

fn points_sentence(a: &Analysis) -> String {
    if let Some(missing) = &a.comparison.missing {
        return missing.clone();
    }
    if figures::blocks_comparison(a) {
        "A struck change isn’t used in any verdict; its reason stands at the end of the row.".into()
    } else {
        "Change is candidate against baseline.".into()
    }
}

/// The columns of the table, in the order shown.
const COLUMNS: [Metric; 6] = [
    Metric::OutputThroughput,
    Metric::RequestThroughput,
    Metric::Osl,
    Metric::Ttft,
    Metric::Tpot,
    Metric::RequestLatency,
];

fn points(ws: &Workspace, a: &Analysis) -> Table {
    let shown: Vec<Metric> = COLUMNS
        .into_iter()
        .filter(|m| {
            a.comparison.rows.iter().any(|r| {
                r.cells
                    .get(m)
                    .is_some_and(|c| c.candidate.is_some() || c.baseline.is_some())
            })
        })
        .collect();
    let mut columns = vec![Column {
        head: "Concurrency".into(),
        ..Column::default()
    }];
    for m in &shown {
        let group = match m {
            Metric::OutputThroughput | Metric::RequestThroughput => {
                format!("{}, system", m.info().label)
            }
            _ if m.unit().label() == "ms" => format!("{}, ms", m.info().label),
            _ => m.info().label.to_owned(),
        };
        let column = |head: String, rule| Column {
            group: Some(group.clone()),
            head,
            rule,
            ..Column::default()
        };
        columns.push(column(side_name(ws, a.candidate, "Candidate"), true));
        columns.push(column(side_name(ws, a.baseline, "Baseline"), false));
        columns.push(column("Change, %".into(), false));
    }
    columns.push(Column {
        head: "Findings".into(),
        text: true,
        rule: true,
        ..Column::default()
    });
    let rows = a
        .comparison
        .rows
        .iter()
        .map(|r| {
            let findings = figures::touching(ws, a, Question::WhoWins, r.concurrency);
            let blocked = findings.iter().any(|f| f.grade == Grade::Block);
            let mut cells = vec![Cell::new(r.concurrency.to_string())];
            for m in &shown {
                let cell = r.cells.get(m);
                cells.push(value_cell(*m, cell.and_then(|c| c.candidate.as_ref())));
                cells.push(value_cell(*m, cell.and_then(|c| c.baseline.as_ref())));
                let change = cell.and_then(|c| c.change).and_then(|c| c.relative);
                cells.push(match change {
                    Some(c) => Cell {
                        struck: blocked && *m != Metric::Osl,
                        ..Cell::new(fmt::change_table(c))
                    },
                    None => Cell {
                        muted: true,
                        ..Cell::new("not compared")
                    },
                });
            }
            let mut words: Vec<(Grade, &str)> = Vec::new();
            for f in &findings {
                let w = (f.grade, name(f.check));
                if !words.contains(&w) {
                    words.push(w);
                }
            }
            let text: Vec<&str> = words.iter().map(|(_, w)| *w).collect();
            cells.push(match words.first() {
                Some((Grade::Block, _)) => Cell {
                    flag: Some(("k-nc", "nc")),
                    ..Cell::new(text.join(" · "))
                },
                Some(_) => Cell {
                    flag: Some(("k-warn", "warn")),
                    ..Cell::new(text.join(" · "))
                },
                None => Cell {
                    flag: Some(("k-ok", "ok")),
                    ..Cell::new("none")
                },
            });
            cells
        })
        .collect();
    Table {
        caption: "Candidate against baseline, every load".into(),
        columns,
        rows,
    }
}

/// What a finding is about, in a word or two.
fn name(check: Check) -> &'static str {
    match check {
        Check::OslTarget | Check::OslParity => "Output length",
        Check::Little => "Little’s law",
        Check::Sign => "Opposite signs",
        Check::Mono => "Stalls with load",
        Check::Short => "Short run",
        Check::Tokens => "Token count",
        Check::TpotDef => "TPOT definition",
        Check::Errors => "Failed requests",
        Check::Roof => "Hardware bound",
        Check::Unit => "Unit",
        other => other.id(),
    }
}
