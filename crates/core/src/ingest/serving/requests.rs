//! The columns of each request in a serving client's result: into records, or into the statistics that a summary lacks.
//!
//! Knows those columns; refuses to know the summary beside them.

use super::{Document, Item};
use crate::ingest::columns::{Row, columns};
use crate::ingest::reconcile::{RECOMPUTED, complete_untimed};
use crate::model::{Point, Recorded, Requests};
use std::sync::Arc;

/// The figures of each request, when the file has them.
pub(super) fn read(document: &Document, path: &str, point: &mut Point, notes: &mut Vec<String>) {
    let Some((rows, failed)) = rows(document) else {
        return;
    };
    let requests = columns(&rows, failed);
    if document.start.len() == document.ttft.len() {
        point.recorded = Some(recorded(document, path, &rows, failed));
        point.records = Some(Arc::new(Requests {
            file: path.to_owned(),
            ..requests
        }));
    } else {
        notes.push(format!(
            "“{path}” holds the figures of each request but not when it started; they fill in statistics and can’t be drawn over time."
        ));
        if complete_untimed(point, &requests) {
            notes.push(RECOMPUTED.to_owned());
        }
    }
}

/// What the columns of the requests show beside their figures.
fn recorded(document: &Document, path: &str, rows: &[Row], failed: u64) -> Recorded {
    let count = |what: &dyn Fn(&&Row) -> bool| rows.iter().filter(what).count() as u64;
    let of = |column: &[Item], r: &Row| column.get(r.number as usize).map_or(0.0, |v| v.0);
    let texts = document.text.len() == document.ttft.len();
    Recorded {
        file: path.to_owned(),
        requests: rows.len() as u64 + failed,
        failed,
        with_content: texts.then(|| count(&|r| of(&document.text, r) > 0.0)),
        single_chunk: Some(count(&|r| whole(document, r))),
        tokens_by_tool: rows.iter().map(|r| r.osl).sum(),
        ..Recorded::default()
    }
}

/// Whether an answer of several tokens came without any gap: in one piece.
fn whole(document: &Document, row: &Row) -> bool {
    let gaps = document.gaps.get(row.number as usize);
    row.osl.is_some_and(|n| n > 1.0) && gaps.is_some_and(|g| g.0 == 0.0)
}

/// Completed requests in file order, and how many failed; without start times all start at once.
fn rows(document: &Document) -> Option<(Vec<Row>, u64)> {
    let d = document;
    let n = d.ttft.len();
    let full = n > 0 && [&d.input, &d.output, &d.gaps].iter().all(|c| c.len() == n);
    if !full {
        return None;
    }
    let at = |column: &[Item], i: usize| column.get(i).map(|v| v.0).filter(|v| v.is_finite());
    let mut failed = 0;
    let mut rows = Vec::with_capacity(n);
    for i in 0..n {
        let row = || {
            // A failed request leaves a text in `errors` and zeros elsewhere.
            if at(&d.errors, i).is_some_and(|length| length > 0.0) {
                return None;
            }
            let osl = at(&d.output, i).filter(|v| *v > 0.0)?;
            let ttft_s = at(&d.ttft, i).filter(|v| *v > 0.0)?;
            let latency_s = at(&d.latency, i)
                .filter(|v| *v > 0.0)
                .or_else(|| Some(ttft_s + at(&d.gaps, i)?))?;
            Some(Row {
                number: u32::try_from(i).unwrap_or(u32::MAX),
                start_ns: (at(&d.start, i).unwrap_or(0.0) * 1e9).round() as u64,
                latency_s,
                ttft_s: Some(ttft_s),
                isl: at(&d.input, i),
                osl: Some(osl),
            })
        };
        match row() {
            Some(row) => rows.push(row),
            None => failed += 1,
        }
    }
    // Nothing was streamed: the time to the “first” token is the whole time.
    if rows.iter().all(|r| whole(d, r)) {
        for row in &mut rows {
            row.ttft_s = None;
        }
    }
    (!rows.is_empty()).then_some((rows, failed))
}
