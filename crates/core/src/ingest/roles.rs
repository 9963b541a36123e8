//! Guessing what a run is for from its name.
//!
//! Knows the words people use; refuses to overrule a choice.

use crate::model::{Role, Run, RunKind};

/// Guesses the roles of all runs whose role was not chosen: at most one measured candidate and
/// one measured baseline; names first, then the order in which the runs came.
pub fn guess(runs: &mut [Run]) {
    let mut taken: Vec<Role> = runs
        .iter()
        .filter(|r| r.kind == RunKind::Measured && !r.role_is_guess)
        .map(|r| r.role)
        .collect();
    let mut open: Vec<&mut Run> = runs.iter_mut().filter(|r| r.role_is_guess).collect();
    for run in &mut open {
        run.role = Role::Ignore;
        if let Some(role) = by_name(&run.label)
            && !taken.contains(&role)
        {
            run.role = role;
            taken.push(role);
        }
    }
    for run in &mut open {
        if run.role != Role::Ignore {
            continue;
        }
        if let Some(role) = [Role::Candidate, Role::Baseline]
            .into_iter()
            .find(|r| !taken.contains(r))
        {
            run.role = role;
            taken.push(role);
        }
    }
}

fn by_name(label: &str) -> Option<Role> {
    let label = label.to_lowercase();
    let word = |w: &str| {
        label
            .split(|c: char| !c.is_alphanumeric())
            .any(|part| part == w)
    };
    let part = |w: &str| label.contains(w);
    if part("baseline") || part("default") || part("control") || word("before") || word("base") {
        Some(Role::Baseline)
    } else if word("aic")
        || part("candidate")
        || part("configured")
        || part("configurator")
        || part("optimi")
        || part("tuned")
        || word("after")
    {
        Some(Role::Candidate)
    } else {
        None
    }
}
