//! What a check reports: its grade, the claim, the arithmetic, the points it touches and the questions it bears on.
//!
//! Knows no check by name.

use super::Check;
use serde::{Deserialize, Serialize};

/// How weighty a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// A verdict that needs these points is withheld.
    Block,
    /// The verdict stands, with caution.
    Warn,
    /// Good to know.
    Info,
    /// The check was done and found nothing.
    Pass,
    /// The check could not be done.
    NoData,
}

impl Grade {
    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Pass => "pass",
            Self::NoData => "no-data",
        }
    }
    /// The word on the flag.
    pub fn word(self) -> &'static str {
        match self {
            Self::Block => "Blocks",
            Self::Warn => "Warns",
            Self::Info => "Notes",
            Self::Pass => "Passes",
            Self::NoData => "No data",
        }
    }
}

/// The questions that a verdict answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Who wins, and where.
    WhoWins,
    /// Is the SLA met.
    Sla,
    /// Did the projection hold.
    Projection,
}

impl Question {
    /// All questions, in the order in which they are answered.
    pub const ALL: [Self; 3] = [Self::WhoWins, Self::Sla, Self::Projection];
    /// The words beside the verdict line.
    pub fn label(self) -> &'static str {
        match self {
            Self::WhoWins => "Who wins",
            Self::Sla => "SLA",
            Self::Projection => "Projection",
        }
    }
}

/// One point of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PointRef {
    /// Index into the workspace's runs.
    pub run: usize,
    /// Index into the run's points.
    pub point: usize,
}

/// Words of a pasted report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Path as dropped.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The words, without Markdown marks.
    pub text: String,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// How weighty it is.
    pub grade: Grade,
    /// The claim, in sentence case without a full stop, as a heading is.
    pub title: String,
    /// What follows from it, one or two sentences; may be empty.
    pub consequence: String,
    /// The arithmetic with its digits, one step a line.
    pub arithmetic: Vec<String>,
    /// Points it touches.
    pub points: Vec<PointRef>,
    /// What would settle it, one sentence.
    pub advice: Option<String>,
    /// Words of the report that it contradicts or confirms.
    pub quotes: Vec<Quote>,
    /// Questions it bears on.
    pub bears_on: Vec<Question>,
    /// Those of them whose sentence it could change: all for a block, none for a pass.
    pub shakes: Vec<Question>,
}

impl Finding {
    /// A finding that bears on the questions of its check's row, unless it passes.
    pub(crate) fn new(check: Check, grade: Grade, title: impl Into<String>) -> Self {
        let plain = Self {
            check,
            grade,
            title: title.into(),
            consequence: String::new(),
            arithmetic: Vec::new(),
            points: Vec::new(),
            advice: None,
            quotes: Vec::new(),
            bears_on: Vec::new(),
            shakes: Vec::new(),
        };
        match grade {
            Grade::Block | Grade::Warn | Grade::Info => plain.bears(check.row().bears_on),
            Grade::Pass | Grade::NoData => plain,
        }
    }
    pub(crate) fn no_data(check: Check, why: impl Into<String>) -> Self {
        let mut f = Self::new(check, Grade::NoData, why);
        f.consequence = format!("The check needs {}.", check.row().needs);
        f
    }
    pub(crate) fn so(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = consequence.into();
        self
    }
    pub(crate) fn line(mut self, arithmetic: impl Into<String>) -> Self {
        self.arithmetic.push(arithmetic.into());
        self
    }
    pub(crate) fn lines(mut self, arithmetic: Vec<String>) -> Self {
        self.arithmetic.extend(arithmetic);
        self
    }
    pub(crate) fn at(mut self, points: Vec<PointRef>) -> Self {
        self.points = points;
        self.points.sort_unstable();
        self.points.dedup();
        self
    }
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
    pub(crate) fn bears(mut self, questions: &[Question]) -> Self {
        self.bears_on = questions.to_vec();
        self.shakes = match self.grade {
            Grade::Block | Grade::Warn => questions.to_vec(),
            _ => Vec::new(),
        };
        self
    }
    pub(crate) fn quote(mut self, quote: Quote) -> Self {
        self.quotes.push(quote);
        self
    }
    /// Could change no sentence.
    pub(crate) fn harmless(mut self) -> Self {
        self.shakes.clear();
        self
    }
    /// Could change no sentence about one question.
    pub(crate) fn harmless_for(mut self, question: Question) -> Self {
        self.shakes.retain(|q| *q != question);
        self
    }
}
