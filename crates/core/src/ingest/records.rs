//! Per-request records find the point of their summary.
//!
//! Knows folders and file stems, and which statistics a summary lacks; refuses to overrule what
//! a tool reports.

use super::paths::place;
use crate::model::{Metric, Point, Requests, Run, Stats, Tool};
use crate::records::Records;
use std::sync::Arc;

/// Records whose summary has not been read (yet).
#[derive(Debug, Clone, PartialEq)]
pub struct LooseRecords {
    /// Path as dropped.
    pub path: String,
    /// Tool that wrote them.
    pub tool: Tool,
    /// The records.
    pub columns: Requests,
}

/// Records that no point can take, with the reason.
pub type Refused = Box<(LooseRecords, String)>;

/// Gives records to the point of the same folder and name.
///
/// # Errors
/// The records with the reason why no point can take them.
pub fn attach(runs: &mut [Run], records: LooseRecords) -> Result<(), Refused> {
    let at = place(&records.path);
    let mut found = None;
    for run in runs.iter_mut().filter(|r| r.tool == records.tool) {
        let position = run.points.iter().position(|p| {
            let other = place(&p.source.file);
            p.records.is_none() && other.folder == at.folder && other.stem == at.stem
        });
        if let Some(i) = position {
            found = Some((run, i));
            break;
        }
    }
    let Some((run, i)) = found else {
        let sentence = format!(
            "Per-request records of {} requests, without the summary that belongs to them; drop the summary of the same folder too.",
            records.columns.len()
        );
        return Err(Box::new((records, sentence)));
    };
    let Some(point) = run.points.get_mut(i) else {
        return Ok(());
    };
    let LooseRecords {
        path,
        tool,
        mut columns,
    } = records;
    if columns.isl.len() != columns.len() {
        let Some(isl) = point.reported(Metric::Isl) else {
            let sentence =
                "These records have no input lengths, and the summary beside them has none either.";
            return Err(Box::new((
                LooseRecords {
                    path,
                    tool,
                    columns,
                },
                sentence.to_owned(),
            )));
        };
        columns.isl = vec![isl; columns.len()];
        let note = "The raw export does not hold the input length of each request; the summary's average stands for it.";
        if !run.notes.iter().any(|n| n == note) {
            run.notes.push(note.to_owned());
        }
    }
    if complete(point, &columns) && !run.notes.iter().any(|n| n == RECOMPUTED) {
        run.notes.push(RECOMPUTED.to_owned());
    }
    columns.file.clone_from(&path);
    point.records = Some(Arc::new(columns));
    if !run.files.contains(&path) {
        run.files.push(path);
    }
    Ok(())
}

/// What a run says of statistics that were filled in.
pub const RECOMPUTED: &str = "Statistics that the summary lacks are recomputed from its requests.";

/// Fills in the statistics of each request's figures that the source does not report, and marks
/// them as recomputed; says whether there were any.
pub fn complete(point: &mut Point, columns: &Requests) -> bool {
    let Some(records) = Records::new(columns, point.load.concurrency) else {
        return false;
    };
    for metric in [
        Metric::Ttft,
        Metric::Tpot,
        Metric::RequestLatency,
        Metric::Isl,
        Metric::Osl,
    ] {
        let mut stats = point
            .metrics
            .get(&metric)
            .map_or_else(Stats::new, |m| m.stats.clone());
        for (stat, value) in records.all().recomputed(metric).iter() {
            if stats.get(stat).is_none() {
                stats.set(stat, value);
                point.recomputed.entry(metric).or_default().insert(stat);
            }
        }
        point.measured(metric, stats);
    }
    !point.recomputed.is_empty()
}
