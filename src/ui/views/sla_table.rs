//! The table of SLA: pass or fail of each limit at each load.

use crate::ui::atoms::{Cell, Column, Table};
use servelens_core::fmt;
use servelens_core::model::{Metric, Provenance, Stat, Workspace};
use servelens_core::requests::{Figures, Recomputed};
use servelens_core::sla::{Judgement, Mark, Proven, SlaTable, SystemSla};
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

/// The figures of a chart of SLA: a metric at the statistic that is judged, a column a system.
pub fn by_load(ws: &Workspace, t: &SlaTable, metric: Metric) -> Table {
    let loads: BTreeSet<u32> = t
        .systems
        .iter()
        .flat_map(|s| &s.rows)
        .map(|r| r.concurrency)
        .collect();
    let stat = fmt::stat(t.stat.unwrap_or(Stat::Avg));
    let mut columns = vec![Column {
        head: "Concurrency".into(),
        ..Column::default()
    }];
    columns.extend(t.systems.iter().map(|s| {
        Column {
            head: ws
                .runs
                .get(s.run)
                .map_or_else(String::new, |r| r.label.clone()),
            unit: format!("ms, {stat}"),
            ..Column::default()
        }
    }));
    let rows = loads
        .iter()
        .map(|c| {
            let figure = |s: &SystemSla| {
                let row = s.rows.iter().find(|r| r.concurrency == *c);
                let Some(f) = row.and_then(|r| r.figure(metric)) else {
                    return Cell::missing();
                };
                let text = fmt::ms(Seconds(f.value));
                let detail = match f.provenance {
                    Provenance::Measured => "",
                    how => how.word(),
                };
                Cell {
                    detail: detail.to_owned(),
                    ..Cell::new(text.trim_end_matches("ms").trim_end())
                }
            };
            let mut cells = vec![Cell::new(c.to_string())];
            cells.extend(t.systems.iter().map(figure));
            cells
        })
        .collect();
    Table {
        caption: format!("{} by concurrency, {stat}", metric.info().label),
        columns,
        rows,
    }
}

/// The table; what the requests say stands under each judged figure.
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
                let row = s.rows.iter().find(|r| r.concurrency == *c);
                let judged = row.and_then(|r| r.marks.get(metric));
                let proven = row.and_then(|r| r.proven);
                let recomputed = figures.get(&(s.run, *c, *metric));
                cells.push(match judged {
                    Some(j) => with_requests(judged_cell(*metric, j, proven), recomputed, *limit),
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

fn judged_cell(metric: Metric, j: &Judgement, proven: Option<Proven>) -> Cell {
    let Some(f) = &j.figure else {
        return match proven {
            Some(p) if j.mark == Mark::Proven => Cell {
                flag: Some(("k-ok", "ok")),
                detail: "by the request time".into(),
                ..Cell::new(format!(
                    "≤{}{}",
                    fmt::NBSP,
                    fmt::ms(Seconds(p.tpot_at_most))
                ))
            },
            Some(p) if p.one_broken && metric != Metric::RequestLatency => Cell {
                flag: Some(("k-bad", "bad")),
                ..Cell::new("TTFT or TPOT fails")
            },
            Some(_) => Cell {
                muted: true,
                ..Cell::new("not measured")
            },
            None => Cell::missing(),
        };
    };
    let mut text = fmt::ms(Seconds(f.value));
    if f.provenance == Provenance::Derived {
        text.push_str(", implied");
    }
    let flag = match j.mark {
        Mark::Pass => ("k-ok", "ok"),
        Mark::Fail => ("k-bad", "bad"),
        Mark::Blocked => ("k-nc", "nc"),
        Mark::NotReported | Mark::Proven => return Cell::missing(),
    };
    Cell {
        flag: Some(flag),
        ..Cell::new(text)
    }
}

/// The requests’ own figure in the detail, unless it reads the same; a pass that its interval does not support is flagged.
fn with_requests(cell: Cell, r: Option<&Recomputed>, limit: Seconds) -> Cell {
    let Some(r) = r else {
        return cell;
    };
    let own = fmt::ms(Seconds(r.value));
    let n = fmt::number(r.n as f64, 0);
    let unsure = cell.flag == Some(("k-ok", "ok")) && r.reaches_past(limit.0);
    Cell {
        flag: if unsure {
            Some(("k-warn", "warn"))
        } else {
            cell.flag
        },
        detail: if own == cell.text {
            format!("recomputed, n {n}")
        } else {
            format!("{own} recomputed, n {n}")
        },
        ..cell
    }
}

#[cfg(test)]
mod tests {
    use super::by_load;
    use servelens_core::analysis::{Options, analyse};
    use servelens_core::ingest::Ingest;
    use servelens_core::model::{Metric, Stat, Workspace};

    #[test]
    fn the_twin_of_a_chart_holds_the_statistic_that_is_judged() {
        let mut ingest = Ingest::new();
        let sample = std::fs::read("data/samples/simulated-sweeps.zip").expect("the sample");
        ingest.add("sweeps.zip", &sample);
        let mut ws = Workspace::default();
        ws.absorb(ingest.finish());
        let mut twins = [Stat::Avg, Stat::P95].map(|stat| {
            ws.sla.stat = stat;
            let table = by_load(&ws, &analyse(&ws, &Options::default()).sla, Metric::Ttft);
            assert!(
                table
                    .columns
                    .iter()
                    .skip(1)
                    .all(|c| c.unit.starts_with("ms, "))
            );
            table.csv()
        });
        assert_ne!(twins[0], twins[1]);
        twins[1].retain(|c| c != '\n');
        assert!(twins[1].contains("p95"), "{}", twins[1]);
    }
}
