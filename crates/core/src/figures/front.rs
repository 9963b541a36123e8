//! Speed for one user against output per GPU: up and right is better.

use super::{judged, slot};
use crate::analysis::Analysis;
use crate::chart::{AxisSpec, Beside, ChartSpec, Line, Mark, MarkKind, Note, Scale, Series};
use crate::fmt;
use crate::model::{RunKind, Workspace};
use crate::sort;

/// More loads than this on one front don't all get their number.
const NAMED: usize = 40;

/// Builds the chart. Projections are drawn when `projected` is on, and only those that mean the
/// same by a user's speed as the measured runs.
pub fn front(ws: &Workspace, analysis: &Analysis, projected: bool) -> ChartSpec {
    let measured_from_tpot = analysis
        .frontier
        .iter()
        .filter(|f| is_measured(ws, f.run))
        .all(|f| f.from_tpot);
    let per_gpu = analysis.frontier.iter().all(|f| f.per_gpu);
    let mut series = Vec::new();
    let mut notes = Vec::new();
    for f in &analysis.frontier {
        let Some(run) = ws.runs.get(f.run) else {
            continue;
        };
        let measured = is_measured(ws, f.run);
        let sides = [analysis.candidate, analysis.baseline];
        if measured && !sides.contains(&Some(f.run)) {
            continue;
        }
        if !measured && (!projected || f.from_tpot != measured_from_tpot) {
            continue;
        }
        let best = judged(analysis, f.run);
        let mut on: Vec<_> = f.points.iter().filter(|p| p.on_front).collect();
        sort::by(&mut on, |a, b| a.per_user.total_cmp(&b.per_user));
        let off = f.points.iter().filter(|p| !p.on_front);
        let slot = slot(&ws.runs, f.run);
        let mark = |p: &crate::frontier::FrontPoint, labelled: bool| {
            let kind = if measured {
                MarkKind::Measured
            } else {
                MarkKind::Projected
            };
            let mut m = Mark::of(kind, p.per_user, p.output);
            if labelled && let Some(c) = p.concurrency {
                m = m.labelled(c.to_string());
            }
            m.ringed = best == Some(p.point);
            m
        };
        // Where there are too many loads to read, the ends are named.
        let few = f.points.len() <= NAMED;
        let end = on.len().saturating_sub(1);
        if measured && let Some(top) = on.first() {
            notes.push(Note {
                x: top.per_user,
                y: top.output,
                text: run.label.clone(),
                beside: Beside::Any,
                slot: Some(slot),
                strong: true,
                ..Note::default()
            });
        }
        let line = if measured { Line::Solid } else { Line::Dashed };
        series.push(Series {
            id: run.id.clone(),
            label: run.label.clone(),
            slot,
            line,
            marks: on
                .iter()
                .enumerate()
                .map(|(i, p)| mark(p, measured && (few || i == 0 || i == end)))
                .collect(),
            ..Series::default()
        });
        let rest: Vec<Mark> = off.map(|p| mark(p, measured && few)).collect();
        if !rest.is_empty() {
            series.push(Series {
                id: run.id.clone(),
                behind: true,
                label: run.label.clone(),
                slot,
                line: Line::None,
                marks: rest,
                ..Series::default()
            });
        }
    }
    let xs = || series.iter().flat_map(|s| &s.marks).map(|m| m.x);
    let log = xs().fold(0.0, f64::max) > 12.0 * xs().fold(f64::INFINITY, f64::min);
    let how = if measured_from_tpot {
        "1 ÷ TPOT"
    } else {
        "tokens/s ÷ concurrency"
    };
    ChartSpec {
        id: "front".into(),
        title: if per_gpu {
            "Speed for one user against output per GPU".into()
        } else {
            "Speed for one user against output".into()
        },
        subtitle: subtitle(ws, analysis, per_gpu),
        summary: summary(ws, analysis),
        x: AxisSpec {
            title: format!(
                "Output tokens/s per user ({how}){}",
                if log { ", log₂" } else { "" }
            ),
            scale: if log {
                Scale::Log2
            } else {
                Scale::Linear { zero: true }
            },
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: if per_gpu {
                "Output tokens/s per GPU".into()
            } else {
                "Output tokens/s, whole system".into()
            },
            ..AxisSpec::default()
        },
        empty: series.is_empty().then(|| {
            (
                "Nothing to draw yet.".into(),
                "Output tokens/s with TPOT or a concurrency would be drawn here.".into(),
            )
        }),
        series,
        notes,
        ..ChartSpec::default()
    }
}

fn is_measured(ws: &Workspace, run: usize) -> bool {
    ws.runs
        .get(run)
        .is_some_and(|r| r.kind == RunKind::Measured)
}

fn subtitle(ws: &Workspace, analysis: &Analysis, per_gpu: bool) -> String {
    let mut text = String::from("Up and right is better. At the marks: concurrency");
    if !per_gpu {
        text.push_str(". A GPU count is missing, so output is the whole system’s");
        return text;
    }
    let guesses: Vec<String> = analysis
        .facts
        .gpus
        .iter()
        .filter(|(_, _, guess)| *guess)
        .filter_map(|(run, n, _)| Some(format!("{} assumes {n} GPUs", ws.runs.get(*run)?.label)))
        .collect();
    if !guesses.is_empty() {
        text.push_str(". ");
        text.push_str(&fmt::list(&guesses));
    }
    text
}

fn summary(ws: &Workspace, analysis: &Analysis) -> String {
    let parts: Vec<String> = analysis
        .frontier
        .iter()
        .filter_map(|f| {
            let run = ws.runs.get(f.run)?;
            let on = f.points.iter().filter(|p| p.on_front).count();
            Some(format!(
                "{} has {} of {} points on its front",
                run.label,
                on,
                f.points.len()
            ))
        })
        .collect();
    if parts.is_empty() {
        "There is nothing to draw.".into()
    } else {
        format!("{}.", parts.join("; "))
    }
}
