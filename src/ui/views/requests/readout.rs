//! The read-out of both runs: all requests beside those without the warm-up.

use super::state::State;
use crate::state::Shared;
use crate::ui::atoms::{Cell, Column, Table, table};
use leptos::prelude::*;
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Treatment};
use servelens_core::requests::{self, ReadOut};
use servelens_core::stats::PercentileInterval;
use servelens_core::units::Seconds;

/// Each side over all requests and without its warm-up.
pub type Outs = [Option<(ReadOut, ReadOut)>; 2];

/// Reads both sides. “As the file says” shows the first wave's part beside it, so that both
/// results are always seen.
pub fn outs(s: State) -> Outs {
    let (metric, limits, treatment) = (s.metric.get(), s.limits.get(), s.treatment.get());
    let cut = match treatment {
        Treatment::File => Treatment::FirstWave,
        other => other,
    };
    s.sides.with(|sides| {
        sides.each_ref().map(|side| {
            let side = side.as_ref()?;
            let of = |dropped| requests::read_out(side, metric, limits, dropped);
            Some((of(0), of(side.dropped(cut))))
        })
    })
}

/// The table.
pub fn panel(s: State, outs: Memo<Shared<Outs>>) -> AnyView {
    (move || {
        let t = read_out_table(s, &outs.get());
        let why = note(s, &outs.get());
        view! {
            <div class="read" data-testid="read-out">{table(&t)} {why.map(|w| view! { <p class="more">{w}</p> })}</div>
        }
    })
    .into_any()
}

fn group(outs: &Outs, of: impl Fn(&(ReadOut, ReadOut)) -> usize) -> Option<usize> {
    let mut all = outs.iter().flatten().map(of);
    let first = all.next()?;
    all.all(|n| n == first).then_some(first)
}

fn read_out_table(s: State, outs: &Outs) -> Table {
    let metric = s.metric.get();
    let short = metric.info().short;
    let limited = outs.iter().flatten().any(|(all, _)| all.goodput.is_some());
    let number = |n: usize| fmt::number(n as f64, 0);
    let all = match group(outs, |o| o.0.n) {
        Some(n) => format!("All {} requests", number(n)),
        None => "All requests".into(),
    };
    let rest = match (group(outs, |o| o.1.dropped), s.treatment.get()) {
        (Some(0), _) => "Nothing to leave out".into(),
        (Some(n), Treatment::Mser5) => format!("Without the first {}, by MSER-5", number(n)),
        (Some(n), _) => format!("Without the first {} completions", number(n)),
        (None, Treatment::Mser5) => "Without what MSER-5 cuts".into(),
        (None, _) => "Without the first wave".into(),
    };
    let load = s.at.get().and_then(|c| c.load.concurrency);
    let mut columns = vec![Column {
        head: load.map_or_else(
            || "Run".into(),
            |c| format!("Concurrency {}", fmt::number(f64::from(c), 0)),
        ),
        text: true,
        ..Column::default()
    }];
    let mut heads = |group: &str, first: bool| {
        let mut add = |head: String, unit: &str, rule: bool| {
            columns.push(Column {
                group: Some(group.to_owned()),
                head,
                unit: unit.into(),
                rule,
                ..Column::default()
            });
        };
        if limited {
            add("Within the limits".into(), "", true);
            add("95\u{a0}% CI".into(), "%", false);
            if first {
                add("Goodput".into(), "req/s", false);
            }
        } else {
            add("Requests".into(), "", true);
            add("Completed".into(), "req/s", false);
        }
        add(format!("p50 {short}"), "ms", false);
        add(format!("p95 {short}"), "ms", false);
    };
    heads(&all, true);
    heads(&rest, false);
    let rows = outs
        .iter()
        .enumerate()
        .filter_map(|(i, o)| {
            let (all, steady) = o.as_ref()?;
            let mut row = vec![Cell {
                key: s.app.limited.with(|ws| {
                    s.sides
                        .with(|x| Some(figures::slot(&ws.runs, x.get(i)?.as_ref()?.run)))
                }),
                ..Cell::new(s.label(i))
            }];
            cells(&mut row, all, limited, true);
            cells(&mut row, steady, limited, false);
            Some(row)
        })
        .collect();
    Table {
        caption: format!(
            "{} read out of the requests",
            figures::requests::name(metric)
        ),
        columns,
        rows,
    }
}

fn cells(row: &mut Vec<Cell>, o: &ReadOut, limited: bool, first: bool) {
    let number = |n: usize| fmt::number(n as f64, 0);
    match (&o.goodput, limited) {
        (Some(g), _) => {
            row.push(Cell {
                strong: number(g.good),
                ..Cell::new(format!("of {}", number(g.n)))
            });
            row.push(match &g.interval {
                Ok(i) => Cell::new(share_range(i.low, i.high)),
                Err(_) => Cell {
                    muted: true,
                    ..Cell::new("too short")
                },
            });
            if first {
                row.push(match (g.per_second, o.per_second) {
                    (Some(good), Some(all)) => Cell {
                        strong: fmt::sig(good, 3),
                        ..Cell::new(format!("of {}", fmt::sig(all, 3)))
                    },
                    _ => Cell::missing(),
                });
            }
        }
        (None, _) => {
            row.push(Cell::new(number(o.n)));
            row.push(Cell::or_missing(o.per_second.map(|r| fmt::sig(r, 3))));
        }
    }
    let ms = |v: f64| unitless(v);
    row.push(Cell::or_missing(o.p50.map(ms)));
    row.push(Cell {
        detail: o.p95.map(|p| interval(p.interval)).unwrap_or_default(),
        ..Cell::or_missing(o.p95_value().map(ms))
    });
}

/// Milliseconds without the unit.
pub fn unitless(s: f64) -> String {
    fmt::ms(Seconds(s))
        .trim_end_matches("ms")
        .trim_end()
        .to_owned()
}

/// Where a percentile lies, milliseconds without the unit.
pub fn interval(i: PercentileInterval) -> String {
    match i {
        PercentileInterval::Both(i) => fmt::range(&unitless(i.low), &unitless(i.high)),
        PercentileInterval::AtLeast(low) => format!("at least {}", unitless(low)),
        PercentileInterval::AtMost(high) => format!("at most {}", unitless(high)),
        PercentileInterval::TooSmall => "n too small".into(),
    }
}

/// A range of shares in percent, without the sign.
pub fn share_range(low: f64, high: f64) -> String {
    let digits = usize::from(high < 0.1);
    let percent = |v: f64| fmt::number(v * 100.0, if v == 0.0 { 0 } else { digits });
    fmt::range(&percent(low), &percent(high))
}

/// Why an interval is missing, and what the intervals rest on.
fn note(s: State, outs: &Outs) -> Option<String> {
    let why = outs
        .iter()
        .flatten()
        .flat_map(|(a, b)| [a, b])
        .find_map(|o| o.why.clone());
    let errors: u64 = s
        .sides
        .with(|x| x.iter().flatten().map(|x| x.source.errors).sum());
    let failed = (errors > 0).then(|| {
        format!(
            "{} requests failed and count nowhere here.",
            fmt::number(errors as f64, 0)
        )
    });
    let method = "Recomputed from the requests. Shares by Wilson and percentiles by order statistics, both on the effective number of requests.";
    let parts: Vec<String> = [Some(method.to_owned()), why, failed]
        .into_iter()
        .flatten()
        .collect();
    Some(parts.join(" "))
}

/// The name of a metric's column.
pub fn head(metric: Metric) -> &'static str {
    match metric {
        Metric::Ttft => "TTFT",
        Metric::Tpot => "TPOT",
        Metric::RequestLatency => "Request time",
        _ => "Output",
    }
}
