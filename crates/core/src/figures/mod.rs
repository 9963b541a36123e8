//! The charts of each view, built from an analysis.
//!
//! Knows which figures belong on which chart and how they are marked; refuses to know pixels.

pub mod accuracy;
mod by_rate;
mod certainty;
mod explain;
mod front;
mod goodput;
mod limits;
mod lines;
pub mod requests;
mod steps;
mod whatif;

pub use certainty::{forest, interval, shift, size};
pub use explain::explain;
pub use front::front;
pub use goodput::{goodput, whiskers};
pub use limits::limits;
pub use lines::{LineChart, lines};
pub use steps::steps;
pub use whatif::{
    Fronts, Pinned, can_overlay, disagg_setup, what_if_fronts, what_if_memory, what_if_time,
};

use crate::analysis::Analysis;
use crate::audit::{Check, Grade};
use crate::chart::{AxisSpec, Scale, Slot};
use crate::model::{Role, Run, RunKind, Workspace};

/// The colour and mark of a run. A role has its own; further runs of a role go on from the fourth.
pub fn slot(runs: &[Run], run: usize) -> Slot {
    let Some(role) = runs.get(run).map(|r| r.role) else {
        return Slot::default();
    };
    let first_of_role = |r: &Run| {
        runs.iter()
            .position(|o| o.role == r.role)
            .is_some_and(|i| runs.get(i).is_some_and(|o| o.id == r.id))
    };
    if role != Role::Ignore && runs.get(run).is_some_and(first_of_role) {
        return Slot::of(role, 0);
    }
    let further = runs
        .iter()
        .take(run)
        .filter(|r| r.role == Role::Ignore || !first_of_role(r))
        .count();
    Slot::run(4 + u8::try_from(further.min(2)).unwrap_or(2))
}

/// The point of a run that the verdict judges; absent for the other projections.
fn judged(analysis: &Analysis, run: usize) -> Option<usize> {
    analysis
        .projected
        .filter(|at| at.run == run)
        .map(|at| at.point)
}

/// The true log2 axis of requests in flight, labelled at the loads that were run.
pub fn concurrency_axis(loads: &[u32]) -> AxisSpec {
    AxisSpec {
        title: "Concurrency, log₂ scale".into(),
        scale: Scale::Log2,
        labelled: loads.iter().map(|c| f64::from(*c)).collect(),
        ..AxisSpec::default()
    }
}

/// Whether a run's TTFT at a load contradicts the load itself.
fn blocked(analysis: &Analysis, run: usize, point: usize) -> bool {
    analysis.findings.iter().any(|f| {
        f.check == Check::Little
            && f.grade == Grade::Block
            && f.points.iter().any(|p| p.run == run && p.point == point)
    })
}

/// Measured runs that take part: candidate, baseline.
fn sides(analysis: &Analysis) -> [Option<usize>; 2] {
    [analysis.candidate, analysis.baseline]
}

fn projections<'a>(
    ws: &'a Workspace,
    analysis: &'a Analysis,
) -> impl Iterator<Item = (usize, &'a Run)> {
    analysis
        .projections
        .iter()
        .filter_map(|i| Some((*i, ws.runs.get(*i)?)))
        .filter(|(_, r)| r.kind == RunKind::Projected)
}

/// Blocks and warnings on a question that touch a load, the weightiest first.
pub fn touching<'a>(
    ws: &Workspace,
    analysis: &'a Analysis,
    question: crate::audit::Question,
    concurrency: u32,
) -> Vec<&'a crate::audit::Finding> {
    analysis
        .findings
        .iter()
        .filter(|f| matches!(f.grade, Grade::Block | Grade::Warn) && f.bears_on.contains(&question))
        .filter(|f| {
            f.points.iter().any(|p| {
                ws.runs
                    .get(p.run)
                    .and_then(|r| r.points.get(p.point))
                    .is_some_and(|p| p.load.concurrency == Some(concurrency))
            })
        })
        .collect()
}

/// How many findings block.
pub fn blocks(analysis: &Analysis) -> usize {
    analysis
        .findings
        .iter()
        .filter(|f| f.grade == Grade::Block)
        .count()
}

/// Whether a finding withholds the answer to who wins, so that changes are shown struck.
pub fn blocks_comparison(analysis: &Analysis) -> bool {
    analysis
        .findings
        .iter()
        .any(|f| f.grade == Grade::Block && f.bears_on.contains(&crate::audit::Question::WhoWins))
}
