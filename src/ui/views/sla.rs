//! SLA: limits as typed values and draggable lines, pass and fail by load.

use super::goodput::{self, Recomputed};
use super::percentile;
use super::sla_table::{by_load, highest, judgements};
use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{Figure, badge, figure, icon, table, typed_number};
use leptos::prelude::*;
use servelens_core::audit::Question;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Sla, Stat};
use servelens_core::units::Seconds;
use servelens_core::url::{LimitChoice, ViewState};
use std::sync::Arc;

/// The view.
pub fn sla(app: App) -> AnyView {
    let head = move || {
        app.analysis.with(|a| {
            a.verdict.line(Question::Sla).map(|l| {
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
    let r = Recomputed::new(app);
    view! {
        <section class="view" aria-label="SLA">
            {head} {limits(app)} {charts(app, r)}
            <section class="sect">
                <h2>"Pass or fail by load"</h2>
                <p>{move || highest(&app.limited.get(), &app.analysis.get().sla)}</p>
                {move || {
                    let ws = app.limited.get();
                    app.analysis.with(|a| r.figures.with(|f| table(&judgements(&ws, &a.sla, f))))
                }}
                {move || goodput::legend(app, r)}
            </section>
            {goodput::section(app, r)} {percentile::section(app, r)}
        </section>
    }
    .into_any()
}

type Pick = fn(&mut ViewState) -> &mut LimitChoice;

fn pick(metric: Metric) -> Pick {
    match metric {
        Metric::Ttft => |v| &mut v.ttft,
        Metric::Tpot => |v| &mut v.tpot,
        _ => |v| &mut v.latency,
    }
}

fn stated(sla: &Sla, metric: Metric) -> Option<Seconds> {
    match metric {
        Metric::Ttft => sla.ttft,
        Metric::Tpot => sla.tpot,
        _ => sla.latency,
    }
}

fn limits(app: App) -> AnyView {
    let fields: Vec<AnyView> = [
        (Metric::Ttft, "TTFT at most"),
        (Metric::Tpot, "TPOT at most"),
        (Metric::RequestLatency, "End to end at most"),
    ]
    .into_iter()
    .map(|(metric, label)| field(app, metric, label))
    .collect();
    view! { <div class="head-tools slabar">{fields} {statistic(app)}</div> }.into_any()
}

fn field(app: App, metric: Metric, label: &'static str) -> AnyView {
    let wrong = RwSignal::new(None::<String>);
    let id = format!("limit-{}", metric.id());
    let value = move || {
        app.limited
            .with(|w| stated(&w.sla, metric))
            .map(|s| short(s.ms()))
            .unwrap_or_default()
    };
    let set = move |e: leptos::ev::Event| {
        let text = page::value_of(&e);
        match parse(&text) {
            Ok(limit) => {
                wrong.set(None);
                app.look(|v| *pick(metric)(v) = Some(limit));
            }
            Err(why) => wrong.set(Some(why)),
        }
    };
    let error = format!("{id}-error");
    let error2 = error.clone();
    view! {
        <label class="field" class:err=move || wrong.get().is_some()>
            {label}
            <span class="inp" class:bad=move || wrong.get().is_some()>
                <input
                    id=id
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || wrong.get().is_some().to_string()
                    aria-describedby=error
                    prop:value=value
                    on:change=set
                />
                <span>"ms"</span>
            </span>
            {move || wrong.get().map(|why| view! { <span class="errmsg" id=error2.clone()>{icon("bad")} <span>{why}</span></span> })}
        </label>
    }
    .into_any()
}

/// Milliseconds as a person would type them.
fn short(ms: f64) -> String {
    ((ms * 1e3).round() / 1e3).to_string()
}

/// Milliseconds as typed; nothing is no limit.
fn parse(text: &str) -> Result<Option<Seconds>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wanted = "A limit must be a number of milliseconds above 0, or empty for no limit";
    match typed_number(text) {
        Ok(ms) if ms > 0.0 && ms <= 1e9 => Ok(Some(Seconds::from_ms(ms))),
        Ok(_) => Err(format!("{wanted}; “{text}” is out of range.")),
        Err(why) => Err(format!("{wanted}; {why}.")),
    }
}

const STATS: [Stat; 6] = [
    Stat::Avg,
    Stat::P50,
    Stat::P75,
    Stat::P90,
    Stat::P95,
    Stat::P99,
];

fn statistic(app: App) -> AnyView {
    let options = move || {
        let now = app.limited.with(|w| w.sla.stat);
        STATS
            .into_iter()
            .map(|s| view! { <option value=s.key() selected=s == now>{fmt::stat(s)}</option> })
            .collect::<Vec<_>>()
    };
    view! {
        <label class="field">
            "Statistic"
            <span class="inp">
                <select on:change=move |e| {
                    let stat = Stat::from_key(&page::value_of(&e));
                    app.look(|v| v.sla_stat = stat);
                }>{options}</select>
                <svg class="icon icon-chev" aria-hidden="true"><use href="#i-chev"></use></svg>
            </span>
        </label>
    }
    .into_any()
}

fn charts(app: App, r: Recomputed) -> AnyView {
    let plan = Memo::new(move |_| {
        let mut plan = vec![Metric::Ttft, Metric::Tpot];
        if app.limited.with(|w| w.sla.latency.is_some()) {
            plan.push(Metric::RequestLatency);
        }
        plan
    });
    (move || {
        let plan = plan.get();
        let class = if plan.len() > 2 { "cols-3" } else { "cols-2" };
        let panels: Vec<AnyView> = plan.into_iter().map(|m| chart(app, r, m)).collect();
        view! { <div class=class>{panels}</div> }.into_any()
    })
    .into_any()
}

fn chart(app: App, r: Recomputed, metric: Metric) -> AnyView {
    let spec = Memo::new(move |_| {
        let ws = app.limited.get();
        let mut spec = figures::limits(&ws, &app.analysis.get(), metric);
        r.figures
            .with(|f| figures::whiskers(&mut spec, &ws, f, metric));
        spec
    });
    let table = Memo::new(move |_| {
        let ws = app.limited.get();
        Arc::new(app.analysis.with(|a| by_load(&ws, &a.sla, metric)))
    });
    let drag = Callback::new(move |(_, ms): (String, f64)| {
        // Three significant digits: a line is dragged by eye.
        let step = 10f64.powf(ms.max(1e-6).log10().floor() - 2.0);
        let ms = (ms / step).round() * step;
        if ms > 0.0 {
            app.look(|v| *pick(metric)(v) = Some(Some(Seconds::from_ms(ms))));
        }
    });
    figure(
        app,
        Figure {
            spec,
            table,
            height: 290.0,
            on_limit: Some(drag),
            caption: None,
        },
    )
}
