//! The table of SLA: pass or fail of each limit at each load.

use crate::ui::atoms::{Cell, Column, Table};
use servelens_core::fmt;
use servelens_core::model::{Provenance, Workspace};
use servelens_core::requests::{Figures, Recomputed};
use servelens_core::sla::{Mark, SlaTable};
use servelens_core::units::Seconds;
use std::collections::BTreeSet;

/// The highest load within all limits, for each system.
pub fn highest(ws: &Workspace, t: &SlaTable) -> String {
    if t.limits.is_empty() {
        return "No limit is set: type one above.".into();
    }
    let parts: Vec<String> = t
        .systems
        .iter()
        .filter_map(|s| {
            let label = &ws.runs.get(s.run)?.label;
            Some(match s.highest {
                Some(c) => format!("{label} concurrency {c}"),
                None => format!("{label} none that was measured"),
            })
        })
        .collect();
    format!(
        "The highest load that still meets the SLA: {}.",
        parts.join("; ")
    )
}

/// The table; recomputed figures stand in the place of reported ones.
pub fn judgements(ws: &Workspace, t: &SlaTable, figures: &Figures) -> Table {
    let loads: BTreeSet<u32> = t
        .systems
        .iter()
        .flat_map(|s| &s.rows)
        .map(|r| r.concurrency)
        .collect();
    let text = |head: &str| Column {
        head: head.into(),
        text: true,
        ..Column::default()
    };
    let limit = t.stat.map_or_else(
        || "Limit".to_owned(),
        |s| format!("Limit, {}", fmt::stat(s)),
    );
    let mut columns = vec![text("System"), text(&limit)];
    columns.extend(loads.iter().map(|c| text(&c.to_string())));
    columns.push(text("Highest load within"));
    let mut rows = Vec::new();
    for s in &t.systems {
        let Some(run) = ws.runs.get(s.run) else {
            continue;
        };
        for (i, (metric, limit)) in t.limits.iter().enumerate() {
            let mut cells = vec![
                Cell::new(if i == 0 { run.label.as_str() } else { "" }),
                Cell::new(format!("{} ≤ {}", metric.info().short, fmt::ms(*limit))),
            ];
            for c in &loads {
                let judged = s
                    .rows
                    .iter()
                    .find(|r| r.concurrency == *c)
                    .and_then(|r| r.marks.get(metric));
                let recomputed = figures.get(&(s.run, *c, *metric));
                cells.push(match judged {
                    Some(j) => match recomputed.filter(|_| j.mark != Mark::Blocked) {
                        Some(r) => recomputed_cell(r, *limit),
                        None => judged_cell(j),
                    },
                    None => Cell {
                        muted: true,
                        ..Cell::new("not run")
                    },
                });
            }
            let crossing = s.crossings.iter().find(|x| x.metric == *metric);
            cells.push(match (i, s.highest) {
                (0, Some(c)) => Cell {
                    detail: crossing
                        .map(|x| format!("line crosses at {}", fmt::sig(x.concurrency, 2)))
                        .unwrap_or_default(),
                    ..Cell::new(c.to_string())
                },
                (0, None) => Cell::new("none measured"),
                _ => Cell {
                    detail: crossing
                        .map(|x| format!("line crosses at {}", fmt::sig(x.concurrency, 2)))
                        .unwrap_or_default(),
                    ..Cell::default()
                },
            });
            rows.push(cells);
        }
    }
    Table {
        caption: "Pass or fail by load".into(),
        columns,
        rows,
    }
}

fn judged_cell(j: &servelens_core::sla::Judgement) -> Cell {
    let Some(f) = &j.figure else {
        return Cell::missing();
    };
    let mut text = fmt::ms(Seconds(f.value));
    if f.provenance == Provenance::Derived {
        text.push_str(", implied");
    }
    let flag = match j.mark {
        Mark::Pass => ("k-ok", "ok"),
        Mark::Fail => ("k-bad", "bad"),
        Mark::Blocked => ("k-nc", "nc"),
        Mark::NotReported => return Cell::missing(),
    };
    Cell {
        flag: Some(flag),
        ..Cell::new(text)
    }
}

fn recomputed_cell(r: &Recomputed, limit: Seconds) -> Cell {
    let flag = if r.value > limit.0 {
        ("k-bad", "bad")
    } else if r.reaches_past(limit.0) {
        ("k-warn", "warn")
    } else {
        ("k-ok", "ok")
    };
    Cell {
        flag: Some(flag),
        detail: format!("recomputed, n {}", fmt::number(r.n as f64, 0)),
        ..Cell::new(fmt::ms(Seconds(r.value)))
    }
}
