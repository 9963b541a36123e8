//! The audit: every check with its arithmetic, what it means and what to do about it.
//!
//! Knows the thresholds and the checks, one group a file. Refuses to name a winner: what its
//! findings mean for the three questions is decided in `findings`.

mod bounds;
mod case;
mod definitions;
mod identities;
mod length;
mod limits;
mod load;
mod model;
mod noise;
mod projection;
mod projector;
mod reproject;
mod select;
mod text;

pub use crate::thresholds::{KNOBS, Knob, Thresholds};
pub use case::Case;
pub use model::{CostProjector, figures_for, rules_of};
pub use projection::{Claimed, claimed, projected};
pub use projector::{Ask, Choice, Projector};
pub use reproject::{Pairs, Reprojected, Reprojection, expected, pairs, reprojection};

use serde::{Deserialize, Serialize};

/// A check of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Check {
    /// Observed output length against the one asked for.
    OslTarget,
    /// Output length of the two sides.
    OslParity,
    /// Per-GPU figures beside whole-system figures.
    Unit,
    /// The projection's own load among the measured ones.
    Point,
    /// Requests/s × request time = requests in flight.
    Little,
    /// TPOT definitions of the two sides.
    TpotDef,
    /// Failed requests.
    Errors,
    /// Figures against the hardware's bounds.
    Roof,
    /// Loads asked for outside the measured range.
    Range,
    /// Whether both rates name the same winner.
    Sign,
    /// Requests/s as the load grows.
    Mono,
    /// Requests and duration of each run.
    Short,
    /// Differences against their intervals.
    Noise,
    /// Tokens/s = requests/s × tokens a request.
    Tokens,
    /// The projected configuration against the sweep's best.
    Select,
    /// A pasted report against its own tables.
    Text,
    /// What the sources leave unsaid, and factors changed together.
    Meta,
    /// The projection redone for the work that was done.
    Reproject,
}

impl Check {
    /// All checks, in the order of the audit.
    pub const ALL: [Self; 18] = [
        Self::OslTarget,
        Self::OslParity,
        Self::Unit,
        Self::Point,
        Self::Little,
        Self::TpotDef,
        Self::Errors,
        Self::Roof,
        Self::Range,
        Self::Sign,
        Self::Mono,
        Self::Short,
        Self::Noise,
        Self::Tokens,
        Self::Select,
        Self::Text,
        Self::Meta,
        Self::Reproject,
    ];

    /// The id shown beside its findings.
    pub fn id(self) -> &'static str {
        match self {
            Self::OslTarget => "OSL-TARGET",
            Self::OslParity => "OSL-PARITY",
            Self::Unit => "UNIT",
            Self::Point => "POINT",
            Self::Little => "LITTLE",
            Self::TpotDef => "TPOT-DEF",
            Self::Errors => "ERRORS",
            Self::Roof => "ROOF",
            Self::Range => "RANGE",
            Self::Sign => "SIGN",
            Self::Mono => "MONO",
            Self::Short => "SHORT",
            Self::Noise => "NOISE",
            Self::Tokens => "TOKENS",
            Self::Select => "SELECT",
            Self::Text => "TEXT",
            Self::Meta => "META",
            Self::Reproject => "REPROJECT",
        }
    }

    /// What it tests, one sentence.
    pub fn tests(self) -> &'static str {
        match self {
            Self::OslTarget => {
                "The output tokens of a request lie near the number that was asked for."
            }
            Self::OslParity => "Both systems wrote the same number of tokens a request.",
            Self::Unit => {
                "Figures set beside each other are all per GPU or all for the whole system."
            }
            Self::Point => "The load that the projection assumes was measured.",
            Self::Little => "Requests/s × request time gives the requests in flight.",
            Self::TpotDef => "Both sides mean the same by time per output token.",
            Self::Errors => "No request failed.",
            Self::Roof => "No figure beats the memory bandwidth or the arithmetic of the GPUs.",
            Self::Range => "No figure is asked for outside the loads that were measured.",
            Self::Sign => "Tokens/s and requests/s name the same winner.",
            Self::Mono => "Requests/s does not fall or stall while the load grows.",
            Self::Short => "Each run has enough requests and lasts long enough.",
            Self::Noise => "What a verdict rests on is larger than its 95 % interval.",
            Self::Tokens => "Tokens/s equals requests/s × output tokens a request.",
            Self::Select => "The projected configuration is the best of its sweep within the SLA.",
            Self::Text => {
                "The percentages and claims of a pasted report follow from its own tables."
            }
            Self::Meta => "The sources say what was deployed and how it was measured.",
            Self::Reproject => {
                "Measured requests/s against the cost model at the lengths and loads that were run."
            }
        }
    }

    /// What it needs in order to say something.
    pub fn needs(self) -> &'static str {
        match self {
            Self::OslTarget => {
                "the asked output length, and tokens/s with requests/s or the observed length"
            }
            Self::OslParity | Self::Sign => "both systems at a common load",
            Self::Unit => "a projection or a report with per-GPU figures, and the GPU count",
            Self::Point | Self::Range => {
                "a projection with a stated concurrency and a measured run"
            }
            Self::Little => "requests/s with TTFT or the request time, at a stated concurrency",
            Self::TpotDef => "TPOT on two sides",
            Self::Errors => "a count of failed requests",
            Self::Roof => "a known model, GPU type and GPU count",
            Self::Mono => "requests/s at two or more loads of one run",
            Self::Short => "the number of requests, or the duration with the request time",
            Self::Noise => {
                "per-request records of both systems at a common load, or three repeats of it"
            }
            Self::Tokens => "tokens/s, requests/s and a reported output length",
            Self::Select => "a projection and the cost tables, or the projection’s own sweep",
            Self::Text => "a pasted report with tables or claims",
            Self::Meta => "a run",
            Self::Reproject => "a measured run with observed lengths and the cost tables",
        }
    }
}

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
    pub(crate) fn new(check: Check, grade: Grade, title: impl Into<String>) -> Self {
        Self {
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
        }
    }
    pub(crate) fn no_data(check: Check, why: impl Into<String>) -> Self {
        let mut f = Self::new(check, Grade::NoData, why);
        f.consequence = format!("The check needs {}.", check.needs());
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
        if matches!(self.grade, Grade::Block | Grade::Warn) {
            self.shakes = questions.to_vec();
        }
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

/// Where the projection's load was run, only what touches that very point speaks against the
/// projection; trouble at other loads does not.
fn keep_to_projected_point(case: &Case<'_>, findings: &mut [Finding]) {
    let there = case.for_projection();
    let load = projected(&there).and_then(|(_, _, p)| p.load.concurrency);
    let run = case.candidate.or(case.baseline);
    let tested: Vec<PointRef> = run
        .into_iter()
        .flat_map(|r| there.points(r))
        .filter(|(_, _, p)| load.is_some() && p.load.concurrency == load)
        .map(|(at, _, _)| at)
        .collect();
    if tested.is_empty() {
        return;
    }
    for f in findings {
        let by_point = matches!(
            f.check,
            Check::Little
                | Check::Short
                | Check::OslTarget
                | Check::Errors
                | Check::Mono
                | Check::Tokens
        );
        if by_point && !f.points.iter().any(|p| tested.contains(p)) {
            f.bears_on.retain(|q| *q != Question::Projection);
            f.shakes.retain(|q| *q != Question::Projection);
        }
    }
}

/// What speaks against the points at the projection's own lengths, where these are not the ones
/// that are compared: they bear on the projection alone.
fn at_projected_work(case: &Case<'_>) -> Vec<Finding> {
    let there = case.for_projection();
    let Some(key) = there.key.filter(|_| there.key != case.key) else {
        return Vec::new();
    };
    let words =
        |v: Option<u64>| v.map_or_else(|| "?".to_owned(), |v| crate::fmt::number(v as f64, 0));
    let mut all = length::osl_target(&there);
    all.extend(identities::little(&there));
    all.extend(load::short(&there));
    all.extend(load::errors(&there));
    all.retain(|f| matches!(f.grade, Grade::Block | Grade::Warn));
    for f in &mut all {
        f.title = format!(
            "{}, at {} in and {} out",
            f.title,
            words(key.isl),
            words(key.osl)
        );
        f.bears_on = vec![Question::Projection];
        f.shakes = vec![Question::Projection];
    }
    all
}

/// Runs every check; the weightiest findings first, then in the order of [`Check::ALL`].
pub fn audit(case: &Case<'_>) -> Vec<Finding> {
    if case.ws.runs.is_empty() && case.ws.texts.is_empty() {
        return Vec::new();
    }
    let checks: [fn(&Case<'_>) -> Vec<Finding>; 18] = [
        length::osl_target,
        length::osl_parity,
        projection::unit,
        projection::point,
        identities::little,
        definitions::tpot_def,
        load::errors,
        bounds::roof,
        projection::range,
        length::sign,
        load::mono,
        load::short,
        noise::noise,
        identities::tokens,
        select::select,
        text::text,
        definitions::meta,
        reproject::reproject,
    ];
    let mut all: Vec<Finding> = checks.iter().flat_map(|check| check(case)).collect();
    all.extend(limits::limits(case));
    keep_to_projected_point(case, &mut all);
    all.extend(at_projected_work(case));
    all.sort_by_key(|f| (f.grade, f.check));
    all
}
