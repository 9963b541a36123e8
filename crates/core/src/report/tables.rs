//! The tables of the report.

use super::{CellText, Head, Table};
use crate::align::Figure;
use crate::analysis::Analysis;
use crate::findings::Condition;
use crate::fmt;
use crate::model::{Metric, Provenance, Workspace};
use crate::sla::Mark;
use crate::units::Seconds;
use std::collections::BTreeSet;

pub(super) fn head(label: &str, unit: &str, figures: bool) -> Head {
    Head {
        label: label.to_owned(),
        unit: unit.to_owned(),
        figures,
    }
}

pub(super) fn cell(text: impl Into<String>) -> CellText {
    CellText {
        text: text.into(),
        struck: false,
    }
}

/// The rates, the output length and the token ratio at each load.
pub(super) fn rates(ws: &Workspace, a: &Analysis) -> Table {
    let mut out = start(a);
    for metric in [
        Metric::OutputThroughput,
        Metric::RequestThroughput,
        Metric::Osl,
    ] {
        columns(&mut out, ws, a, metric);
    }
    let rows = &a.comparison.rows;
    if rows.iter().any(|r| r.identity.is_some()) {
        let struck = a.withheld(ws, Metric::OutputThroughput);
        out.head
            .push(head("Token ratio", "requests × length", true));
        for (r, line) in rows.iter().zip(&mut out.rows) {
            line.push(r.identity.map_or_else(CellText::default, |i| CellText {
                text: format!(
                    "{} = {} × {}",
                    fmt::ratio(i.tokens),
                    fmt::ratio(i.requests),
                    fmt::ratio(i.length)
                ),
                struck: struck.contains(&r.concurrency),
            }));
        }
    }
    out
}

/// The latencies that a source reports; `None` where none is.
pub(super) fn latencies(ws: &Workspace, a: &Analysis) -> Option<Table> {
    let reported = |m: &Metric| {
        a.comparison.rows.iter().any(|r| {
            r.cells.get(m).is_some_and(|c| {
                [&c.candidate, &c.baseline]
                    .into_iter()
                    .flatten()
                    .any(|f| f.provenance == Provenance::Measured)
            })
        })
    };
    let metrics: Vec<Metric> = [Metric::Ttft, Metric::Tpot, Metric::RequestLatency]
        .into_iter()
        .filter(reported)
        .collect();
    if metrics.is_empty() {
        return None;
    }
    let mut out = start(a);
    for metric in metrics {
        columns(&mut out, ws, a, metric);
    }
    Some(out)
}

fn start(a: &Analysis) -> Table {
    Table {
        head: vec![head("Concurrency", "", true)],
        rows: a
            .comparison
            .rows
            .iter()
            .map(|r| vec![cell(fmt::number(f64::from(r.concurrency), 0))])
            .collect(),
    }
}

/// Both sides and the change of one metric.
fn columns(out: &mut Table, ws: &Workspace, a: &Analysis, metric: Metric) {
    let label = |i: Option<usize>| i.and_then(|i| ws.runs.get(i)).map_or("", |r| &r.label);
    let rows = &a.comparison.rows;
    let info = metric.info();
    let unit = match metric {
        Metric::Osl => "tokens a request".to_owned(),
        m if m.unit().label() == info.short => info.short.to_owned(),
        _ => format!("{}, {}", info.short, info.unit.label()),
    };
    out.head.push(head(label(a.candidate), &unit, true));
    out.head.push(head(label(a.baseline), &unit, true));
    out.head.push(head("Change", "%", true));
    let own: Vec<f64> = rows
        .iter()
        .filter_map(|r| r.cells.get(&metric))
        .flat_map(|c| [&c.candidate, &c.baseline])
        .flatten()
        .filter(|f| f.provenance == Provenance::Measured)
        .map(|f| tidy(info.unit.shown(f.value)))
        .collect();
    // Implied figures carry no digits of a source: enough to tell them apart.
    let decimals = match own.as_slice() {
        [] if metric == Metric::Osl => 2,
        [] => 0,
        own => fmt::column_decimals(own.iter().copied()),
    };
    let struck = a.withheld(ws, metric);
    for (r, line) in rows.iter().zip(&mut out.rows) {
        let c = r.cells.get(&metric);
        line.push(figure(
            c.and_then(|c| c.candidate.as_ref()),
            metric,
            decimals,
        ));
        line.push(figure(
            c.and_then(|c| c.baseline.as_ref()),
            metric,
            decimals,
        ));
        line.push(change(c, struck.contains(&r.concurrency)));
    }
}

/// Without the dust that a conversion between seconds and milliseconds leaves.
fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

fn figure(f: Option<&Figure>, metric: Metric, decimals: usize) -> CellText {
    let Some(f) = f else {
        return cell("not reported");
    };
    let n = fmt::number(metric.unit().shown(f.value), decimals);
    cell(match f.provenance {
        Provenance::Interpolated => format!("({n})"),
        Provenance::Derived => format!("{n}, implied"),
        Provenance::Measured | Provenance::Projected => n,
    })
}

fn change(c: Option<&crate::compare::Cell>, struck: bool) -> CellText {
    let both = c.is_some_and(|c| c.candidate.is_some() && c.baseline.is_some());
    match c.and_then(|c| c.change).and_then(|c| c.relative) {
        Some(r) => CellText {
            // The head says percent.
            text: fmt::change_table(r)
                .trim_end_matches(['%', fmt::NBSP])
                .to_owned(),
            struck,
        },
        None if both => cell("not comparable"),
        None => cell(""),
    }
}

/// Pass or fail by load.
pub(super) fn sla(ws: &Workspace, a: &Analysis) -> Table {
    let mut loads: BTreeSet<u32> = BTreeSet::new();
    for s in &a.sla.systems {
        loads.extend(s.rows.iter().map(|r| r.concurrency));
    }
    let mut out = Table {
        head: vec![head("System", "", false), head("Limit", "", false)],
        rows: Vec::new(),
    };
    for c in &loads {
        out.head
            .push(head(&fmt::number(f64::from(*c), 0), "concurrency", true));
    }
    out.head.push(head("Highest load within", "", true));
    for s in &a.sla.systems {
        let label = ws.runs.get(s.run).map_or("", |r| r.label.as_str());
        for (i, (metric, limit)) in a.sla.limits.iter().enumerate() {
            let mut line = vec![
                cell(if i == 0 { label } else { "" }),
                cell(format!("{} ≤ {}", metric.info().short, fmt::ms(*limit))),
            ];
            for c in &loads {
                let row = s.rows.iter().find(|r| r.concurrency == *c);
                let j = row.and_then(|r| r.marks.get(metric));
                let unstreamed = row.is_some_and(|r| r.proven.is_some());
                let broken = *metric != Metric::RequestLatency
                    && row.and_then(|r| r.proven).is_some_and(|p| p.one_broken);
                line.push(match j {
                    None => cell("not run"),
                    Some(j) => {
                        let value = j.figure.as_ref().map(|f| {
                            let ms = fmt::ms(Seconds(f.value));
                            if f.provenance == Provenance::Derived {
                                format!("{ms}, implied")
                            } else {
                                ms
                            }
                        });
                        match (j.mark, value) {
                            (Mark::Pass, Some(v)) => cell(format!("passes, {v}")),
                            (Mark::Fail, Some(v)) => cell(format!("fails, {v}")),
                            (Mark::Blocked, Some(v)) => CellText {
                                text: v,
                                struck: true,
                            },
                            (Mark::Proven, _) => cell(match row.and_then(|r| r.proven) {
                                Some(p) => {
                                    format!("passes, at most {}", fmt::ms(Seconds(p.tpot_at_most)))
                                }
                                None => "passes".to_owned(),
                            }),
                            _ if broken => cell("TTFT or TPOT fails"),
                            _ if unstreamed => cell("not measured"),
                            _ => cell("not reported"),
                        }
                    }
                });
            }
            line.push(cell(match (i, s.highest) {
                (0, Some(c)) => fmt::number(f64::from(c), 0),
                (0, None) => "none measured".to_owned(),
                _ => String::new(),
            }));
            out.rows.push(line);
        }
    }
    out
}

/// What must hold before an error figure may be given.
pub(super) fn conditions(all: &[Condition]) -> Table {
    Table {
        head: [
            "Condition",
            "Projection",
            "Measurement",
            "Difference",
            "Result",
        ]
        .iter()
        .map(|h| head(h, "", false))
        .collect(),
        rows: all
            .iter()
            .map(|c| {
                vec![
                    cell(c.matter.name().to_owned()),
                    cell(c.projection.clone()),
                    cell(c.measurement.clone()),
                    cell(c.difference.clone()),
                    cell(match c.holds {
                        Some(true) => "matches",
                        Some(false) => "fails",
                        None => "not known",
                    }),
                ]
            })
            .collect(),
    }
}
