//! Guessing what a run is for from its name.
//!
//! Knows the words people use; refuses to overrule a choice.

use crate::model::{Role, Run, RunKind};
use std::collections::BTreeSet;

/// Guesses the roles of all runs whose role was not chosen: at most one measured candidate and
/// one measured baseline; names first, then the order in which the runs came. A warm-up gets a
/// role only where there is nothing else, and two runs that say different models are paired by
/// name only.
pub fn guess(runs: &mut [Run]) {
    let sides = [Role::Candidate, Role::Baseline];
    let mut taken: Vec<(Role, Option<String>)> = runs
        .iter()
        .filter(|r| r.kind == RunKind::Measured && !r.role_is_guess)
        .map(|r| (r.role, r.deployment.model.clone()))
        .collect();
    let only_warm_ups = runs
        .iter()
        .filter(|r| r.role_is_guess)
        .all(|r| is_warm_up(&r.label));
    let mut open: Vec<&mut Run> = Vec::new();
    for run in runs.iter_mut().filter(|r| r.role_is_guess) {
        run.role = Role::Ignore;
        if only_warm_ups || !is_warm_up(&run.label) {
            open.push(run);
        }
    }
    for run in &mut open {
        if let Some(role) = by_name(&run.label)
            && taken.iter().all(|(t, _)| *t != role)
        {
            run.role = role;
            taken.push((role, run.deployment.model.clone()));
        }
    }
    for run in &mut open {
        if run.role != Role::Ignore {
            continue;
        }
        let model = run.deployment.model.as_deref();
        let other = |m: &Option<String>| matches!((m, model), (Some(a), Some(b)) if differ(a, b));
        let paired = taken.iter().filter(|(t, _)| sides.contains(t));
        if let Some(role) = sides
            .into_iter()
            .find(|r| taken.iter().all(|(t, _)| t != r))
            && !paired.map(|(_, m)| m).any(other)
        {
            run.role = role;
            taken.push((role, run.deployment.model.clone()));
        }
    }
}

/// Whether a name says that the run only warmed the server up.
fn is_warm_up(label: &str) -> bool {
    let letters: String = label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    letters.contains("warmup")
}

/// Whether two names are surely of different models: each states a size, and each has a word that the other lacks.
fn differ(a: &str, b: &str) -> bool {
    let words = |name: &str| -> BTreeSet<String> {
        let last = name.rsplit('/').next().unwrap_or(name);
        last.to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let sized = |words: &BTreeSet<String>| {
        words.iter().any(|w| {
            let size = w.strip_suffix('b').unwrap_or_default();
            !size.is_empty() && size.bytes().all(|c| c.is_ascii_digit())
        })
    };
    let (a, b) = (words(a), words(b));
    sized(&a) && sized(&b) && !a.is_subset(&b) && !b.is_subset(&a)
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
    use crate::testing::run_of;

    #[test]
    fn names_are_words_and_not_letters() {
        assert_eq!(by_name("AIC-Configured"), Some(Role::Candidate));
        assert_eq!(by_name("aic"), Some(Role::Candidate));
        assert_eq!(by_name("Mosaic"), None);
        assert_eq!(by_name("run_before"), Some(Role::Baseline));
        assert_eq!(by_name("trt-default"), Some(Role::Baseline));
        assert_eq!(by_name("threshold"), None);
    }

    fn guessed(runs: &[(&str, Option<&str>)]) -> Vec<Role> {
        let mut runs: Vec<Run> = runs
            .iter()
            .map(|(label, model)| {
                let mut run = run_of(label, &[(1, 100.0, 1.0)]);
                run.role_is_guess = true;
                run.deployment.model = model.map(str::to_owned);
                run
            })
            .collect();
        guess(&mut runs);
        runs.iter().map(|r| r.role).collect()
    }

    #[test]
    fn a_warm_up_is_compared_only_where_there_is_nothing_else() {
        use Role::{Baseline, Candidate, Ignore};
        assert_eq!(
            guessed(&[("baseline_warm-up", None), ("run", None), ("stock", None)]),
            [Ignore, Candidate, Baseline]
        );
        assert_eq!(
            guessed(&[("warmup", None), ("one", None)]),
            [Ignore, Candidate]
        );
        assert_eq!(guessed(&[("warmup", None)]), [Candidate]);
    }

    #[test]
    fn different_models_are_paired_by_name_only() {
        use Role::{Baseline, Candidate, Ignore};
        let (small, large) = (
            Some("meta-llama/Llama-3.1-8B"),
            Some("Llama-3.1-70B-Instruct"),
        );
        assert_eq!(
            guessed(&[("one", small), ("two", large)]),
            [Candidate, Ignore]
        );
        assert_eq!(
            guessed(&[
                ("one", small),
                ("two", large),
                ("three", Some("llama-3.1-8b-instruct"))
            ]),
            [Candidate, Ignore, Baseline]
        );
        assert_eq!(
            guessed(&[("tuned", small), ("baseline", large)]),
            [Candidate, Baseline]
        );
        // An alias or a path says nothing of the model, and a suffix may only say the precision.
        for other in [None, Some("/models/served"), Some("Llama-3.1-8B-FP8")] {
            assert_eq!(
                guessed(&[("one", small), ("two", other)]),
                [Candidate, Baseline]
            );
        }
    }
}
