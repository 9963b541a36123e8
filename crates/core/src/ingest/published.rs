//! A pasted table about runs on the table: its figures are published figures of those runs, and no runs of their own.
//!
//! Knows how digits are printed; refuses to join a table to a run that it does not equal.

use crate::model::{Metric, Point, Published, Run, RunKind, Stat, Stats, Tool};
use std::collections::BTreeMap;

/// Share of a column's cells that must equal a run's figures.
const EQUAL: f64 = 0.9;
/// Fewer equal cells than this may be chance.
const FEWEST: usize = 3;

/// Takes tables that repeat the figures of other runs out of the runs, and gives their figures back.
pub fn publish(runs: &mut Vec<Run>) -> Vec<Published> {
    let measured = |r: &Run| r.kind == RunKind::Measured;
    let tables: Vec<usize> = (0..runs.len())
        .filter(|i| {
            runs.get(*i)
                .is_some_and(|r| measured(r) && r.tool == Tool::Table)
        })
        .collect();
    let mut out = Vec::new();
    let mut gone = Vec::new();
    let mut taken: Vec<(String, String)> = Vec::new();
    for table in tables {
        let Some(column) = runs.get(table).cloned() else {
            continue;
        };
        let file = column.files.first().cloned().unwrap_or_default();
        let decimals = decimals(&column);
        let best = runs
            .iter()
            .filter(|r| measured(r) && r.tool != Tool::Table)
            .filter(|r| !taken.contains(&(file.clone(), r.id.clone())))
            .filter_map(|r| Some((equal(&column, r, &decimals)?, r)))
            .fold(None, |best: Option<(usize, &Run)>, next| match best {
                Some(b) if b.0 >= next.0 => Some(b),
                _ => Some(next),
            });
        let Some((_, run)) = best else { continue };
        taken.push((file, run.id.clone()));
        out.extend(figures(&column, &run.id));
        gone.push((table, run.id.clone()));
    }
    for (table, of) in gone.into_iter().rev() {
        let column = runs.remove(table);
        if let Some(run) = runs.iter_mut().find(|r| r.id == of) {
            // What the report says of the set-up and no file of the run does.
            let (d, said) = (&mut run.deployment, column.deployment);
            d.system = d.system.take().or(said.system);
            d.backend = d.backend.take().or(said.backend);
            d.backend_version = d.backend_version.take().or(said.backend_version);
        }
    }
    out
}

/// The cells of a column that a run can have: load, metric, statistic, value.
fn cells(column: &Run) -> impl Iterator<Item = (&Point, Metric, Stat, f64)> {
    column.points.iter().flat_map(|p| {
        p.metrics
            .iter()
            .flat_map(move |(m, f)| f.stats.iter().map(move |(s, v)| (p, *m, s, v)))
    })
}

/// Decimals that a column prints of each metric, in the unit shown.
fn decimals(column: &Run) -> BTreeMap<Metric, i32> {
    let mut out = BTreeMap::new();
    for (_, metric, _, value) in cells(column) {
        // What a change of unit adds in the sixteenth digit is no decimal.
        let text = format!("{:.6}", metric.unit().shown(value));
        let text = text.trim_end_matches('0');
        let n = text.split_once('.').map_or(0, |(_, d)| d.len());
        let most = out.entry(metric).or_insert(0);
        *most = (*most).max(i32::try_from(n).unwrap_or(6));
    }
    out
}

/// How many cells of a column equal a run's figures; `None` where they are too few.
fn equal(column: &Run, run: &Run, decimals: &BTreeMap<Metric, i32>) -> Option<usize> {
    let (mut all, mut same) = (0_usize, 0_usize);
    for (p, metric, stat, value) in cells(column) {
        all += 1;
        let digits = decimals.get(&metric).copied().unwrap_or(0);
        let shown = |v: f64| metric.unit().shown(v);
        // A unit of the last digit: people round, and cut off.
        let unit = 10_f64.powi(-digits).min(0.05 * shown(value).abs()) * 1.000_001;
        let close = |v: f64| (shown(v) - shown(value)).abs() <= unit;
        let found = run
            .points
            .iter()
            .filter(|q| q.load == p.load)
            .any(|q| sources(q, metric).any(|s| candidates(s, stat).any(close)));
        same += usize::from(found);
    }
    (same >= FEWEST && same as f64 >= EQUAL * all as f64).then_some(same)
}

/// All figures that any source of a point states of a metric.
fn sources(point: &Point, metric: Metric) -> impl Iterator<Item = &Stats> {
    let used = point.metrics.get(&metric);
    let others = used.into_iter().flat_map(|m| &m.superseded);
    used.map(|m| &m.stats)
        .into_iter()
        .chain(others.map(|s| &s.stats))
        .chain(point.withdrawn.get(&metric).map(|w| &w.figures.stats))
}

/// The statistics that a cell may be: its own, or any where it names none.
fn candidates(stats: &Stats, stat: Stat) -> impl Iterator<Item = f64> {
    stats
        .iter()
        .filter(move |(s, _)| *s == stat || stat == Stat::Stated)
        .map(|(_, v)| v)
}

fn figures(column: &Run, run: &str) -> Vec<Published> {
    let mut out = Vec::new();
    for p in &column.points {
        for (metric, m) in &p.metrics {
            out.push(Published {
                run: run.to_owned(),
                concurrency: p.load.concurrency,
                metric: *metric,
                stats: m.stats.clone(),
                file: p.source.file.clone(),
                line: line(&p.source.place),
            });
        }
    }
    out
}

/// The line in a place such as `line 40`.
fn line(place: &str) -> Option<u32> {
    place.strip_prefix("line ")?.split(',').next()?.parse().ok()
}
