//! Files that hold the same measurement: only the fullest counts.
//!
//! Knows copies by the tool's own key and by folder and name; refuses to compare figures.

use super::assemble::Placed;
use super::parsed::Fidelity;
use crate::model::{FileOutcome, Severity, Tool};
use std::cmp::Reverse;

/// Keeps the fullest of files that hold the same measurement; of equals the one nearest to the
/// top, then the first.
pub fn without_twins(placed: Vec<Placed>, outcomes: &mut [FileOutcome]) -> Vec<Placed> {
    let worth = |p: &Placed, i: usize| (p.series.fidelity, Reverse(p.place.depth), Reverse(i));
    let better: Vec<Option<String>> = placed
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let twins = placed
                .iter()
                .enumerate()
                .filter(|(j, k)| *j != i && same(k, p) && worth(k, *j) > worth(p, i));
            Some(twins.max_by_key(|(j, k)| worth(k, *j))?.1.path.clone())
        })
        .collect();
    let mut kept = Vec::new();
    for (p, better) in placed.into_iter().zip(better) {
        let Some(better) = better else {
            kept.push(p);
            continue;
        };
        if let Some(o) = outcomes.get_mut(p.outcome) {
            o.used = false;
            o.severity = Severity::Info;
            o.reason = Some(if p.series.mixture {
                format!(
                    "Figures over all loads together; those of each load are used, from “{better}” and the like."
                )
            } else {
                format!(
                    "The same measurement as “{better}”, which is used; left out so that nothing counts twice."
                )
            });
        }
    }
    kept
}

/// Whether two files hold the same measurement. AIC's lists are joined elsewhere, and a table
/// with labels is nobody's twin.
fn same(a: &Placed, b: &Placed) -> bool {
    a.path != b.path
        && a.series.tool == b.series.tool
        && a.series.tool != Tool::Aic
        && a.series.label.is_none()
        && b.series.label.is_none()
        && (same_identity(a, b) || same_place(a, b))
}

fn same_identity(a: &Placed, b: &Placed) -> bool {
    let load = |p: &Placed| p.series.points.first().map(|q| (q.load, q.workload));
    a.series.identity.is_some() && a.series.identity == b.series.identity && load(a) == load(b)
}

fn same_place(a: &Placed, b: &Placed) -> bool {
    let different_kind = a.series.fidelity != b.series.fidelity || a.place.depth != b.place.depth;
    different_kind
        && a.place.folder == b.place.folder
        && (a.place.stem == b.place.stem
            || a.series.fidelity == Fidelity::Console
            || b.series.fidelity == Fidelity::Console)
}
