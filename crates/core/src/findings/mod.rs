//! The three answers, and what to run next.
//!
//! Knows how findings and the comparison turn into one sentence, one reason and one badge for
//! each question. Refuses to compute any figure of its own that the comparison, the SLA table or
//! the audit does not hold.

mod accuracy;
mod figures;
mod judged;
mod next;
mod projection;
mod sla;
mod who;

pub use accuracy::{Accuracy, Calibration, Step, accuracy, factor_name};
pub use figures::{about, both_ways, error_interval, fitted, load_name, parts, shown, unit};
pub use next::{NextRun, next_runs, test_of};
pub use projection::{Condition, Matter, conditions};

use crate::audit::{Case, Check, Finding, Grade, Question};
use serde::{Deserialize, Serialize};

/// How far a verdict can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Badge {
    /// Nothing blocks and no warning could change the sentence.
    Sound,
    /// A warning could change the sentence.
    Caution,
    /// The two sides do not mean the same thing.
    NotComparable,
    /// There is nothing to judge.
    NoData,
}

impl Badge {
    /// The word on the badge.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "Sound",
            Self::Caution => "Caution",
            Self::NotComparable => "Not comparable",
            Self::NoData => "No data",
        }
    }
    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Caution => "caution",
            Self::NotComparable => "not-comparable",
            Self::NoData => "no-data",
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictLine {
    /// What is asked.
    pub question: Question,
    /// The answer.
    pub sentence: String,
    /// Why, one or two sentences.
    pub reason: String,
    /// How far it can be trusted.
    pub badge: Badge,
    /// Words of the link to the evidence; empty where there is none.
    pub evidence: String,
    /// Checks behind the link.
    pub checks: Vec<Check>,
}

/// The three answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In the order of [`Question::ALL`].
    pub lines: Vec<VerdictLine>,
}

impl Verdict {
    /// The answer to a question.
    pub fn line(&self, question: Question) -> Option<&VerdictLine> {
        self.lines.iter().find(|l| l.question == question)
    }
    /// The most that any line can be trusted less: [`Badge::NotComparable`] when one blocks.
    pub fn blocks(&self) -> bool {
        self.lines.iter().any(|l| l.badge == Badge::NotComparable)
    }
}

/// The three answers to a case, from its findings and from what Accuracy found.
pub fn verdict(
    case: &Case<'_>,
    findings: &[Finding],
    conditions: &[Condition],
    accuracy: Option<&Accuracy>,
) -> Verdict {
    Verdict {
        lines: vec![
            who::line(case, findings),
            sla::line(case, findings),
            projection::line(case, findings, conditions, accuracy),
        ],
    }
}

/// Findings of a grade that bear on a question.
fn bearing(
    findings: &[Finding],
    question: Question,
    grade: Grade,
) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(move |f| f.grade == grade && f.bears_on.contains(&question))
}

/// Warnings that could change the sentence.
fn shaking(findings: &[Finding], question: Question) -> impl Iterator<Item = &Finding> {
    bearing(findings, question, Grade::Warn).filter(move |f| f.shakes.contains(&question))
}

fn checks<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Check> {
    let mut out: Vec<Check> = findings.map(|f| f.check).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The weakest fact in a few words, for the link beside a badge.
fn weakest(check: Check) -> &'static str {
    check.row().weakest
}

/// A line that says what is missing.
fn no_data(question: Question, sentence: &str, reason: impl Into<String>) -> VerdictLine {
    VerdictLine {
        question,
        sentence: sentence.to_owned(),
        reason: reason.into(),
        badge: Badge::NoData,
        evidence: String::new(),
        checks: Vec::new(),
    }
}
