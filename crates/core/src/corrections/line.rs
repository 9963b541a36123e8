//! The line above the answers: what the summaries got wrong, and which answers change with it.

use super::{Sources, Traced, sources};
use crate::audit::Question;
use crate::compare::{Comparison, Outcome};
use crate::findings::{Badge, Verdict};
use crate::fmt;
use crate::model::{Metric, Workspace};
use serde::{Deserialize, Serialize};

/// One thing before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// What it is.
    pub name: String,
    /// As summarised.
    pub before: String,
    /// As recorded.
    pub after: String,
}

/// The correction line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What was wrong, and which answers change.
    pub sentence: String,
    /// At most three things before and after.
    pub pairs: Vec<Pair>,
}

/// What is said of a workspace, as far as a correction can change it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The runs.
    pub ws: &'a Workspace,
    /// Index of the candidate.
    pub candidate: Option<usize>,
    /// Index of the baseline.
    pub baseline: Option<usize>,
    /// Candidate against baseline.
    pub comparison: &'a Comparison,
    /// The answers.
    pub verdict: &'a Verdict,
}

impl Said<'_> {
    /// Whether a side's figures at a load can't be trusted.
    fn distrusts(&self, concurrency: u32) -> bool {
        let sides = [self.candidate, self.baseline].into_iter().flatten();
        sides
            .filter_map(|i| self.ws.runs.get(i))
            .flat_map(|r| &r.points)
            .any(|p| p.distrusted && p.load.concurrency == Some(concurrency))
    }
}

/// The line; `None` where no answer changes. `near` is the load whose figure is told, or the nearest to it.
pub fn correction(
    recorded: Said<'_>,
    summarised: Said<'_>,
    near: Option<u32>,
) -> Option<Correction> {
    let found = sources(recorded.ws);
    let changed: Vec<&str> = Question::ALL
        .into_iter()
        .filter(|q| {
            let sentence = |s: &Said<'_>| s.verdict.line(*q).map(|l| l.sentence.clone());
            sentence(&recorded) != sentence(&summarised)
        })
        .map(|q| match q {
            Question::WhoWins => "who wins",
            Question::Sla => "the SLA",
            Question::Projection => "the projection",
        })
        .collect();
    if !found.corrects() || changed.is_empty() {
        return None;
    }
    let sentence = format!(
        "{} Recounted, {}.",
        wrong(&found),
        match changed.as_slice() {
            [one] => format!("the answer on {one} changes"),
            [_, _, _] => "all three answers change".to_owned(),
            some => format!("the answers on {} change", fmt::list(some)),
        }
    );
    let mut pairs = Vec::new();
    let (before, after) = (winner(&summarised), winner(&recorded));
    if before != after {
        pairs.push(Pair {
            name: "Who wins".to_owned(),
            before,
            after,
        });
    }
    pairs.extend(tokens(&found, &recorded, near));
    Some(Correction { sentence, pairs })
}

fn wrong(found: &Sources) -> String {
    if let Some((out, all)) = found.left_out() {
        return format!(
            "The summaries left out {} of {} requests.",
            fmt::number(out as f64, 0),
            fmt::number(all as f64, 0)
        );
    }
    let metrics = Traced::ALL.into_iter().flat_map(Traced::metrics);
    let off: Vec<String> = metrics
        .filter(|m| found.off(*m).is_some())
        .map(|m| m.info().short.to_owned())
        .collect();
    format!(
        "The summaries’ {} differ from the records by more than 2 %.",
        fmt::list(&off)
    )
}

/// Who wins where, in a few words.
fn winner(said: &Said<'_>) -> String {
    let line = said.verdict.line(Question::WhoWins);
    match line.map(|l| l.badge) {
        Some(Badge::Sound | Badge::Caution) => {}
        Some(Badge::NotComparable) => return "none can be named".to_owned(),
        Some(Badge::NoData) | None => return "nothing to compare".to_owned(),
    }
    let comparison = said.comparison;
    let at = |side: Outcome| -> Vec<u32> {
        let outcome = |c: &u32| {
            comparison
                .outcome(Metric::OutputThroughput, *c)
                .or_else(|| comparison.outcome(Metric::RequestThroughput, *c))
        };
        let loads = comparison.matched_loads().into_iter();
        loads
            .filter(|c| outcome(c) == Some(side) && !said.distrusts(*c))
            .collect()
    };
    let label = |i: Option<usize>| i.and_then(|i| said.ws.runs.get(i)).map_or("", |r| &r.label);
    let sides = [
        (label(said.candidate), at(Outcome::Candidate)),
        (label(said.baseline), at(Outcome::Baseline)),
    ];
    let told: Vec<String> = sides
        .iter()
        .filter(|(_, loads)| !loads.is_empty())
        .map(|(who, loads)| format!("{who} at {}", fmt::loads(loads)))
        .collect();
    match told.as_slice() {
        [] => "neither".to_owned(),
        some => some.join("; "),
    }
}

/// Output tokens/s of the candidate at one load.
fn tokens(found: &Sources, said: &Said<'_>, near: Option<u32>) -> Option<Pair> {
    let run = said.candidate.or(said.baseline)?;
    let of = found.runs.iter().find(|r| r.run == run)?;
    let off = of.loads.iter().filter_map(|l| {
        let t = l.figures.get(&Metric::OutputThroughput)?;
        t.is_off()
            .then_some((l.concurrency, t.summary?, t.recorded?))
    });
    let far = |c: u32| match near {
        Some(n) => (f64::from(c.max(1)) / f64::from(n.max(1))).ln().abs(),
        None => -f64::from(c),
    };
    let (c, before, after) = off.min_by(|a, b| far(a.0).total_cmp(&far(b.0)))?;
    let word = |v: f64| fmt::sig(Metric::OutputThroughput.unit().shown(v), 4);
    Some(Pair {
        name: format!("{}, output tokens/s at {c}", said.ws.runs.get(run)?.label),
        before: word(before),
        after: word(after),
    })
}
