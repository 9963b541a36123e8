//! From the series of single files to runs: twins out, folders together, records to their points.
//!
//! Knows folders and what belongs together; refuses to know any format.

use super::chosen::{asked_in_path, best, choose};
use super::labels::{distinct, slug};
use super::parsed::{Beside, Fidelity, Series};
use super::paths::{Place, place};
use super::reconcile::{RECOMPUTED, distrust, reconcile};
use super::roles;
use super::twins::without_twins;
use crate::model::{Context, FileOutcome, Point, Requests, Role, Run, RunKind, Source, Tool};
use std::cmp::Ordering;
use std::sync::Arc;

/// A file that was read.
#[derive(Debug)]
pub struct ReadFile {
    /// Path as dropped.
    pub path: String,
    /// Where its outcome stands in the list of outcomes.
    pub outcome: usize,
    /// Its series.
    pub series: Vec<Series>,
    /// Its per-request records.
    pub records: Option<(Tool, Requests)>,
    /// What the records show beside their columns.
    pub beside: Option<Box<Beside>>,
}

/// A series with its place.
pub struct Placed {
    /// What the path says.
    pub place: Place,
    /// Path as dropped.
    pub path: String,
    /// Where the file's outcome stands.
    pub outcome: usize,
    /// The series.
    pub series: Series,
}

/// Builds the runs; says in `outcomes` which files are not used and why.
pub fn assemble(
    files: Vec<ReadFile>,
    outcomes: &mut [FileOutcome],
    context: &mut Context,
) -> Vec<Run> {
    let mut records = Vec::new();
    let mut placed = Vec::new();
    for file in files {
        let at = place(&file.path);
        if let Some((tool, columns)) = file.records {
            let beside = file.beside.map(|b| *b).unwrap_or_default();
            records.push((file.path.clone(), file.outcome, tool, columns, beside));
        }
        for series in file.series {
            placed.push(Placed {
                place: at.clone(),
                path: file.path.clone(),
                outcome: file.outcome,
                series,
            });
        }
    }
    for p in &placed {
        if p.series.tool == Tool::Aic {
            asked_in_path(&p.path, context);
        }
    }
    let mut placed = without_twins(placed, outcomes);
    for (path, outcome, tool, columns, beside) in records {
        attach(&mut placed, path, outcome, (tool, columns, beside));
    }
    let mut groups: Vec<(Key, Run, Vec<String>)> = Vec::new();
    for p in placed {
        add(&mut groups, p);
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut telling: Vec<Vec<String>> = Vec::new();
    for (_, run, parts) in groups {
        // The same deployment at another workload or load, from another folder.
        let same = runs
            .iter_mut()
            .find(|r| r.id == run.id && r.kind == RunKind::Measured && disjoint(r, &run));
        match same {
            Some(known) => join(known, run),
            None => {
                runs.push(run);
                telling.push(parts);
            }
        }
    }
    for run in &mut runs {
        finish(run, context);
    }
    distinct(&mut runs, &telling);
    for run in &mut runs {
        settle(run);
    }
    choose(&runs, context);
    roles::guess(&mut runs);
    runs
}

/// Gives records to the point of the same folder and name; without one they are a point of their own.
fn attach(
    placed: &mut Vec<Placed>,
    path: String,
    outcome: usize,
    (tool, mut columns, beside): (Tool, Requests, Beside),
) {
    let at = place(&path);
    columns.file.clone_from(&path);
    let mut recorded = beside.recorded;
    recorded.file.clone_from(&path);
    let twin = placed
        .iter_mut()
        .filter(|p| p.series.tool == tool && p.place.folder == at.folder && p.place.stem == at.stem)
        .find_map(|p| p.series.points.iter_mut().find(|p| p.records.is_none()));
    if let Some(point) = twin {
        point.records = Some(Arc::new(columns));
        point.recorded = Some(recorded);
        return;
    }
    let mut series = Series::new(tool, RunKind::Measured);
    series.deployment.model = beside.model;
    let mut point = Point {
        load: beside.load,
        records: Some(Arc::new(columns)),
        source: Source {
            file: path.clone(),
            place: String::new(),
        },
        ..Point::default()
    };
    point.workload.osl = recorded
        .asked
        .and_then(|a| a.max_tokens)
        .map(|tokens| tokens as f64);
    point.recorded = Some(recorded);
    series.points.push(point);
    placed.push(Placed {
        place: at,
        path,
        outcome,
        series,
    });
}

/// Puts each point's sources together, and notes the files of its records.
pub fn settle(run: &mut Run) {
    let mut filled = false;
    for point in &mut run.points {
        if point.records.is_some() || run.kind == RunKind::Measured && run.tool != Tool::Table {
            filled |= reconcile(point);
        }
        if let Some(r) = &point.records
            && !run.files.contains(&r.file)
        {
            run.files.push(r.file.clone());
        }
    }
    if filled && !run.notes.iter().any(|n| n == RECOMPUTED) {
        run.notes.push(RECOMPUTED.to_owned());
    }
    distrust(run);
}

/// What makes series one run.
#[derive(PartialEq, Eq)]
struct Key {
    tool: Tool,
    model: Option<String>,
    group: String,
}

fn key(p: &Placed) -> Key {
    let group = match &p.series.label {
        Some(label) => format!("{}\n{label}", p.path),
        None if p.series.tool == Tool::Aic => aic_root(p),
        None => match &p.series.part {
            Some(part) => format!("{}\n{part}", p.place.group),
            None => p.place.group.clone(),
        },
    };
    Key {
        tool: p.series.tool,
        model: p.series.deployment.model.clone(),
        group,
    }
}

fn disagg(series: &Series) -> bool {
    series
        .points
        .iter()
        .filter_map(|p| p.setup.as_ref())
        .any(|s| s.disagg)
}

/// The output folder of AIC with the serving mode, whatever the version's layout.
fn aic_root(p: &Placed) -> String {
    let folder = p.place.folder.as_str();
    let root = folder
        .strip_suffix("disagg")
        .or_else(|| folder.strip_suffix("agg"))
        .unwrap_or(folder)
        .trim_end_matches('/');
    format!(
        "{root}\n{}",
        if disagg(&p.series) { "disagg" } else { "agg" }
    )
}

fn add(groups: &mut Vec<(Key, Run, Vec<String>)>, p: Placed) {
    let key = key(&p);
    let Placed {
        place,
        path,
        mut series,
        ..
    } = p;
    for point in &mut series.points {
        if point.load.concurrency.is_none() && point.load.request_rate.is_none() {
            point.load.concurrency = place.concurrency;
            point.load.request_rate = place.request_rate;
            if point.load.concurrency.is_none() && point.load.request_rate.is_none() {
                series.notes.push(format!(
                    "“{path}” does not say at which concurrency it was measured; drop it in a folder named such as “concurrency_10”."
                ));
            }
        }
    }
    if series.deployment.model.is_none() {
        series.deployment.model.clone_from(&place.model);
    }
    match groups.iter_mut().find(|(k, ..)| *k == key) {
        Some((_, run, _)) => {
            match series.tool {
                Tool::Aic => join_ranked(run, &series),
                _ => run.points.append(&mut series.points),
            }
            if !run.files.contains(&path) {
                run.files.push(path);
            }
            for note in series.notes {
                if !run.notes.contains(&note) {
                    run.notes.push(note);
                }
            }
            run.tool_version = run.tool_version.take().or(series.tool_version);
            run.deployment.gpus = run.deployment.gpus.or(series.deployment.gpus);
        }
        None => groups.push((key, new_run(series, &place, path), place.telling)),
    }
}

/// AIC lists its best rows again in a file of their own: they go first, in its order, and count
/// once.
fn join_ranked(run: &mut Run, series: &Series) {
    let same =
        |a: &Point, b: &Point| a.load == b.load && a.metrics == b.metrics && a.setup == b.setup;
    let (mut first, second) = match series.fidelity {
        Fidelity::Full => (std::mem::take(&mut run.points), series.points.as_slice()),
        _ => (series.points.clone(), run.points.as_slice()),
    };
    let best = first.len();
    for point in second {
        let known = first
            .get(..best)
            .unwrap_or_default()
            .iter()
            .any(|p| same(p, point));
        if !known {
            first.push(point.clone());
        }
    }
    run.points = first;
    run.notes.push(match best {
        1 => "The first point is AIC's own choice.".to_owned(),
        n => format!(
            "The first {n} points are AIC's own best, in its order; the rest is its whole front."
        ),
    });
}

fn new_run(series: Series, place: &Place, path: String) -> Run {
    let label = match series.label.as_deref() {
        Some("") => nonempty(&place.stem).unwrap_or_else(|| "Pasted table".to_owned()),
        Some(label) => label.to_owned(),
        None if series.tool == Tool::Aic => if disagg(&series) {
            "AIC disaggregated"
        } else {
            "AIC aggregated"
        }
        .to_owned(),
        None => series
            .part
            .clone()
            .or_else(|| place.label.clone())
            .or_else(|| {
                series
                    .deployment
                    .model
                    .as_deref()
                    .and_then(|m| m.rsplit('/').next())
                    .and_then(nonempty)
            })
            .unwrap_or_else(|| series.tool.to_string()),
    };
    let model = series.deployment.model.as_deref().unwrap_or("");
    let id = match series.tool {
        Tool::Aic => {
            let d = &series.deployment;
            let parts = [
                model,
                d.system.as_deref().unwrap_or(""),
                d.backend_version.as_deref().unwrap_or(""),
            ];
            slug(&format!("{label} {}", parts.join(" ")))
        }
        Tool::Table => slug(&format!("table {label}")),
        tool => slug(&format!("{tool} {model} {label}")),
    };
    Run {
        id,
        label,
        tool: series.tool,
        tool_version: series.tool_version,
        kind: series.kind,
        role: series.role.unwrap_or(if series.kind == RunKind::Projected {
            Role::Projection
        } else {
            Role::Ignore
        }),
        role_is_guess: series.role.is_none() && series.kind == RunKind::Measured,
        deployment: series.deployment,
        points: series.points,
        files: vec![path],
        notes: series.notes,
    }
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether no load of the one is a load of the other at the same workload.
pub fn disjoint(a: &Run, b: &Run) -> bool {
    a.points.iter().all(|p| {
        b.points
            .iter()
            .all(|q| p.load != q.load || p.workload != q.workload)
    })
}

/// Takes the points, files and notes of another run of the same deployment.
pub fn join(known: &mut Run, new: Run) {
    known.points.extend(new.points);
    for file in new.files {
        if !known.files.contains(&file) {
            known.files.push(file);
        }
    }
    for note in new.notes {
        if !known.notes.contains(&note) {
            known.notes.push(note);
        }
    }
    sort(known);
}

/// Measured points ascend by workload and load; AIC's keep their order.
pub fn sort(run: &mut Run) {
    if run.kind == RunKind::Measured {
        // Few points, mostly in order already: a sort of its own would weigh more than it saves.
        for i in 1..run.points.len() {
            let mut at = i;
            while at > 0
                && let (Some(a), Some(b)) = (run.points.get(at - 1), run.points.get(at))
                && order(a, b) == Ordering::Greater
            {
                run.points.swap(at - 1, at);
                at -= 1;
            }
        }
    }
}

fn order(a: &Point, b: &Point) -> Ordering {
    let number = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    number(a.workload.isl, b.workload.isl)
        .then(number(a.workload.osl, b.workload.osl))
        .then(a.load.concurrency.cmp(&b.load.concurrency))
        .then(number(a.load.request_rate, b.load.request_rate))
}

/// Sorts a run's points; gives an AIC run the deployment of its best row.
fn finish(run: &mut Run, context: &Context) {
    sort(run);
    if run.tool != Tool::Aic {
        return;
    }
    if let Some(best) = best(run, context) {
        let (gpus, tp, pp) = (
            best.gpus,
            best.setup.as_ref().and_then(|s| s.tp),
            best.setup.as_ref().and_then(|s| s.pp),
        );
        run.deployment.gpus = gpus.map(|count| crate::model::Gpus {
            count,
            guess: false,
        });
        run.deployment.tp = tp;
        run.deployment.pp = pp;
    }
}
