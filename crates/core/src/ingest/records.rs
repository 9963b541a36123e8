//! Per-request records find the point of their summary.
//!
//! Knows folders and file stems; refuses to compute statistics.

use super::paths::{Place, place};
use crate::model::{FileOutcome, Metric, Requests, Run, Severity, Tool};
use std::sync::Arc;

/// Gives records to the point of the same folder, by name when there are several.
pub fn attach(
    runs: &mut [Run],
    at: &Place,
    path: &str,
    tool: Tool,
    mut columns: Requests,
    outcome: Option<&mut FileOutcome>,
) {
    let mut near: Vec<(&mut Run, usize)> = Vec::new();
    for run in runs.iter_mut().filter(|r| r.tool == tool) {
        let found = run.points.iter().position(|p| {
            let other = place(&p.source.file);
            p.records.is_none() && other.folder == at.folder && other.stem == at.stem
        });
        if let Some(i) = found {
            near.push((run, i));
        }
    }
    let Some((run, i)) = near.into_iter().next() else {
        if let Some(o) = outcome {
            o.used = false;
            o.severity = Severity::Warning;
            o.reason = Some(format!(
                "Per-request records of {} requests, without the summary that belongs to them; drop the whole folder, so that “{}” has its summary beside it.",
                columns.len(),
                path.rsplit('/').next().unwrap_or(path)
            ));
        }
        return;
    };
    if let Some(point) = run.points.get_mut(i) {
        if columns.isl.len() != columns.len() {
            let Some(isl) = point.reported(Metric::Isl) else {
                if let Some(o) = outcome {
                    o.used = false;
                    o.severity = Severity::Warning;
                    o.reason = Some("These records have no input lengths, and the summary beside them has none either.".to_owned());
                }
                return;
            };
            columns.isl = vec![isl; columns.len()];
            let note = "The raw export does not hold the input length of each request; the summary's average stands for it.";
            if !run.notes.iter().any(|n| n == note) {
                run.notes.push(note.to_owned());
            }
        }
        point.records = Some(Arc::new(columns));
    }
    if !run.files.iter().any(|f| f == path) {
        run.files.push(path.to_owned());
    }
}
