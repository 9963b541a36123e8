//! Swapping candidate and baseline swaps names and signs, and nothing else: in no answer, finding or advice.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is the test's own message"
)]

mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::Question;
use servelens_core::model::{Role, Workspace};
use std::collections::BTreeSet;
use support::cases;

const PAIRS: [&[&str]; 9] = [
    &["aiperf/0.13.0/sweep"],
    &["aiperf/0.13.0/two-workloads"],
    &["genai-perf/0.0.16/sweep"],
    &["vllm/0.11.0/sweep"],
    &["vllm/0.33.0/detailed"],
    &["table/seed/typical"],
    &["table/markdown/system-column"],
    &["table/markdown/systems-in-heads"],
    &["table/markdown/headings"],
];

fn swapped(mut ws: Workspace) -> Workspace {
    for run in &mut ws.runs {
        run.role = match run.role {
            Role::Candidate => Role::Baseline,
            Role::Baseline => Role::Candidate,
            other => other,
        };
    }
    ws
}

/// The words in the order of the alphabet, as the two sides change places in a sentence; without their numbers, which change their signs.
fn words(text: &str, ws: &Workspace) -> String {
    let mut text = servelens_core::fmt::plain(text);
    for run in &ws.runs {
        text = text.replace(&run.label, &run.id.to_uppercase());
    }
    let parts = text.split(|c: char| !c.is_alphabetic() && c != '/');
    let mut parts: Vec<&str> = parts.filter(|s| !s.is_empty()).collect();
    parts.sort_unstable();
    parts.join(" ")
}

fn said(a: &Analysis, ws: &Workspace) -> BTreeSet<String> {
    let answers = a.verdict.lines.iter().map(|l| {
        let said = [&l.sentence, &l.reason, &l.evidence].map(|t| words(t, ws));
        format!("{:?} {:?} {}", l.question, l.badge, said.join(" | "))
    });
    // A projection is set against the candidate alone.
    let of_both = a
        .findings
        .iter()
        .filter(|f| !f.bears_on.contains(&Question::Projection) || f.bears_on.len() > 1);
    let findings = of_both.map(|f| {
        let advice = f.advice.clone().unwrap_or_default();
        let said = [&f.title, &f.consequence, &advice].map(|t| words(t, ws));
        let mut points: Vec<String> = f
            .points
            .iter()
            .map(|p| format!("{}:{}", ws.runs[p.run].id, p.point))
            .collect();
        points.sort();
        format!(
            "{:?} {:?} {} {:?}",
            f.check,
            f.grade,
            said.join(" | "),
            points
        )
    });
    answers.chain(findings).collect()
}

#[test]
fn swapping_the_roles_swaps_names_and_signs_and_nothing_else() {
    let mut offences = Vec::new();
    let mut tried = 0;
    for folders in PAIRS {
        let ws = cases(folders);
        let roles: BTreeSet<Role> = ws.runs.iter().map(|r| r.role).collect();
        if !roles.contains(&Role::Candidate) || !roles.contains(&Role::Baseline) {
            continue;
        }
        tried += 1;
        let other = swapped(ws.clone());
        let one = said(&analyse(&ws, &Options::default()), &ws);
        let two = said(&analyse(&other, &Options::default()), &other);
        for line in one.symmetric_difference(&two) {
            let side = if one.contains(line) {
                "as is"
            } else {
                "swapped"
            };
            offences.push(format!("{folders:?} {side}: {line}"));
        }
    }
    assert!(tried >= 4, "only {tried} pairs were found");
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}
