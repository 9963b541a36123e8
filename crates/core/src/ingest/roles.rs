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
    let label = label.to_ascii_lowercase();
    let word = |w: &str| {
        label
            .split(|c: char| !c.is_alphanumeric())
            .any(|part| part == w)
    };
    let part = |w: &str| label.contains(w);
    let any = |words: &[&str]| words.iter().any(|w| word(w));
    if part("baseline")
        || part("default")
        || part("control")
        || any(&["before", "base", "old", "stock", "vanilla"])
    {
        Some(Role::Baseline)
    } else if part("candidate")
        || part("configured")
        || part("configurator")
        || part("optimi")
        || part("tuned")
        || any(&["aic", "after", "new"])
    {
        Some(Role::Candidate)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_not_letters() {
        assert_eq!(by_name("AIC-Configured"), Some(Role::Candidate));
        assert_eq!(by_name("aic"), Some(Role::Candidate));
        assert_eq!(by_name("Mosaic"), None);
        assert_eq!(by_name("run_before"), Some(Role::Baseline));
        assert_eq!(by_name("trt-default"), Some(Role::Baseline));
        assert_eq!(by_name("threshold"), None);
    }
}
