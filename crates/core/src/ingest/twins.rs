//! Files that hold the same measurement: only the fullest counts.
//!
//! Knows copies by the tool's own key and by folder and name; refuses to compare figures.

use super::assemble::Placed;
use super::parsed::Fidelity;
use crate::model::{FileOutcome, Severity, Tool};

/// Keeps the fullest of files that hold the same measurement.
pub fn without_twins(mut placed: Vec<Placed>, outcomes: &mut [FileOutcome]) -> Vec<Placed> {
    let mut kept: Vec<Placed> = Vec::new();
    // Fullest first, then the file nearest to the top; the sort keeps the order otherwise.
    placed.sort_by(|a, b| {
        b.series
            .fidelity
            .cmp(&a.series.fidelity)
            .then(a.place.depth.cmp(&b.place.depth))
    });
    for p in placed {
        let twin = kept.iter().find(|k| {
            k.path != p.path
                && k.series.tool == p.series.tool
                && p.series.label.is_none()
                && p.series.tool != Tool::Aic
                && (same_identity(k, &p) || same_place(k, &p))
        });
        match twin {
            Some(k) => {
                if let Some(o) = outcomes.get_mut(p.outcome) {
                    o.used = false;
                    o.severity = Severity::Info;
                    o.reason = Some(format!(
                        "The same measurement as “{}”, which is used; left out so that nothing counts twice.",
                        k.path
                    ));
                }
            }
            None => kept.push(p),
        }
    }
    kept.sort_by_key(|p| p.outcome);
    kept
}

fn same_identity(a: &Placed, b: &Placed) -> bool {
    let load = |p: &Placed| p.series.points.first().map(|q| (q.load, q.workload));
    a.series.identity.is_some() && a.series.identity == b.series.identity && load(a) == load(b)
}

fn same_place(a: &Placed, b: &Placed) -> bool {
    let different_kind = a.series.fidelity != b.series.fidelity || a.place.depth != b.place.depth;
    different_kind
        && a.place.folder == b.place.folder
        && (a.place.stem == b.place.stem || b.series.fidelity == Fidelity::Console)
}
