//! The table of Compare: every load, both sides, the change, and what the audit found there.

use super::tables::{side_name, value_cell};
use crate::ui::atoms::{Cell, Column, Table};
use servelens_core::analysis::Analysis;
use servelens_core::audit::{Grade, Question};
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Workspace};

/// What is said above the table.
pub fn points_sentence(a: &Analysis) -> String {
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

/// The table.
pub fn points(ws: &Workspace, a: &Analysis) -> Table {
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
                cells.push(value_cell(
                    ws,
                    a.candidate,
                    *m,
                    cell.and_then(|c| c.candidate.as_ref()),
                ));
                cells.push(value_cell(
                    ws,
                    a.baseline,
                    *m,
                    cell.and_then(|c| c.baseline.as_ref()),
                ));
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
                let w = (f.grade, f.check.row().title);
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
