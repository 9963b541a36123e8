//! Any percentile of the requests at each load, against the limits.

use super::goodput;
use super::requests::readout::interval;
use crate::platform::page;
use crate::state::{App, Shared};
use crate::ui::atoms::{Cell, Column, Table, icon, table};
use leptos::prelude::*;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Workspace};
use servelens_core::requests::{self, Figures, Recomputed};
use servelens_core::sla::limits;
use servelens_core::units::Seconds;

/// What is shown unless the person asks for another.
const USUAL: f64 = 99.9;
const METRICS: [(Metric, &str); 3] = [
    (Metric::Ttft, "TTFT"),
    (Metric::Tpot, "TPOT"),
    (Metric::RequestLatency, "End to end"),
];

/// The section; nothing where no file holds single requests.
pub fn section(app: App, r: goodput::Recomputed) -> AnyView {
    let any = Memo::new(move |_| r.loads.with(|l| !l.is_empty()));
    (move || any.get().then(|| full(app, r))).into_any()
}

fn full(app: App, r: goodput::Recomputed) -> AnyView {
    let asked = Memo::new(move |_| app.view.with(|v| v.percentile).unwrap_or(USUAL));
    let found =
        Memo::new(move |_| Shared::new(requests::quantiles(&r.loads.get(), asked.get() / 100.0)));
    view! {
        <section class="sect" data-testid="percentile">
            <div class="sect-row">
                <div>
                    <h2>{move || format!("The requests at p{}", asked.get())}</h2>
                    <p>{move || app.limited.with(|ws| about(!limits(&ws.sla).is_empty()))}</p>
                </div>
                {field(app, asked)}
            </div>
            {move || {
                let ws = app.limited.get();
                found.with(|f| table(&rows(&ws, f)))
            }}
        </section>
    }
    .into_any()
}

fn about(limited: bool) -> &'static str {
    if limited {
        "Recomputed, with 95 % intervals where there are requests enough, against the limits above."
    } else {
        "Recomputed, with 95 % intervals where there are requests enough."
    }
}

fn field(app: App, asked: Memo<f64>) -> AnyView {
    let wrong = RwSignal::new(None::<String>);
    let set = move |e: leptos::ev::Event| {
        let text = page::value_of(&e);
        match parse(&text) {
            Ok(p) => {
                wrong.set(None);
                app.look(|v| v.percentile = p.filter(|p| *p != USUAL));
            }
            Err(why) => wrong.set(Some(why)),
        }
    };
    view! {
        <label class="field" class:err=move || wrong.get().is_some()>
            "Percentile"
            <span class="inp" class:bad=move || wrong.get().is_some()>
                <input
                    id="percentile"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || wrong.get().is_some().to_string()
                    aria-describedby="percentile-error"
                    prop:value=move || asked.get().to_string()
                    on:change=set
                />
                <span>"%"</span>
            </span>
            {move || wrong.get().map(|why| view! { <span class="errmsg" id="percentile-error">{icon("bad")} <span>{why}</span></span> })}
        </label>
    }
    .into_any()
}

/// A percentile as typed; nothing is the usual one.
fn parse(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim().trim_start_matches(['p', 'P']);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        // As the address keeps it; more figures than these no percentile has.
        Ok(p) if p > 0.0 && p < 100.0 => Ok(Some((p * 1e6).round() / 1e6)),
        _ => Err(format!(
            "A percentile must be a number above 0 and below 100; “{text}” isn’t one."
        )),
    }
}

fn rows(ws: &Workspace, found: &Figures) -> Table {
    let limits = limits(&ws.sla);
    let mut last = None;
    let mut lines: Vec<(usize, u32)> = found.keys().map(|(run, c, _)| (*run, *c)).collect();
    lines.dedup();
    let rows = lines
        .into_iter()
        .map(|(at, c)| {
            let first = last.replace(at) != Some(at);
            let run = ws.runs.get(at).filter(|_| first);
            let mut row = vec![
                Cell {
                    key: run.map(|_| figures::slot(&ws.runs, at)),
                    ..Cell::new(run.map_or("", |r| r.label.as_str()))
                },
                Cell::new(c.to_string()),
            ];
            row.extend(METRICS.map(|(metric, _)| {
                let Some(r) = found.get(&(at, c, metric)) else {
                    return Cell::missing();
                };
                let limit = limits.iter().find(|(m, _)| *m == metric).map(|(_, l)| l.0);
                Cell {
                    flag: limit.map(|l| flag(r, l)),
                    detail: r.interval.map(interval).unwrap_or_default(),
                    ..Cell::new(fmt::ms(Seconds(r.value)))
                }
            }));
            row
        })
        .collect();
    let head = |head: &str, text| Column {
        head: head.into(),
        text,
        ..Column::default()
    };
    let mut columns = vec![head("System", true), head("Load", false)];
    columns.extend(METRICS.map(|(_, name)| head(name, true)));
    Table {
        caption: "A percentile of the requests by load".into(),
        columns,
        rows,
    }
}

fn flag(r: &Recomputed, limit_s: f64) -> (&'static str, &'static str) {
    if r.value > limit_s {
        ("k-bad", "bad")
    } else if r.reaches_past(limit_s) {
        ("k-warn", "warn")
    } else {
        ("k-ok", "ok")
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_percentile_is_a_share_of_all() {
        assert_eq!(parse(" p99.95 "), Ok(Some(99.95)));
        assert_eq!(parse(""), Ok(None));
        for wrong in ["0", "100", "-1", "NaN", "half"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
