//! Why the two rates disagree: token ratio = request ratio × output-length ratio, a row a load.

use crate::analysis::Analysis;
use crate::chart::ratio_steps::{RatioRow, RatioSteps};
use crate::fmt;
use crate::model::Workspace;

/// Builds the chart; `None` where no load has both rates on both sides.
pub fn steps(ws: &Workspace, analysis: &Analysis) -> Option<RatioSteps> {
    let label = |i: Option<usize>| ws.runs.get(i?).map(|r| r.label.clone());
    let candidate = label(analysis.candidate)?;
    let baseline = label(analysis.baseline)?;
    let rows: Vec<RatioRow> = analysis
        .comparison
        .rows
        .iter()
        .filter_map(|r| {
            let i = r.identity?;
            Some(RatioRow {
                label: r.concurrency.to_string(),
                requests: i.requests,
                length: i.length,
                token: i.tokens,
            })
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let parts: Vec<String> = rows
        .iter()
        .map(|r| {
            format!(
                "at {} {} = {} × {}",
                r.label,
                fmt::ratio(r.token),
                fmt::ratio(r.requests),
                fmt::ratio(r.length)
            )
        })
        .collect();
    Some(RatioSteps {
        id: "ratio-steps".into(),
        title: "Candidate over baseline, log₂".into(),
        subtitle: "A win that comes from the second step only is an output-length artefact".into(),
        summary: format!(
            "Token ratio = request ratio × output-length ratio: {}.",
            parts.join("; ")
        ),
        load_title: "Concurrency".into(),
        load_title_short: "C".into(),
        less: format!("← {baseline} more"),
        more: format!("{candidate} more →"),
        heads: [
            "Token ratio".into(),
            "Requests".into(),
            "Output length".into(),
        ],
        rows,
        focus: None,
    })
}
