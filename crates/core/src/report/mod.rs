//! The whole analysis as a document.
//!
//! Knows the order of the sections and turns findings into sentences that carry the ids they
//! rest on. Refuses to compute: every figure comes from the analysis. Renderers beside it turn
//! one [`Report`] into Markdown, HTML, JSON and CSV.

mod accuracy;
mod charts;
mod corrections;
mod csv;
mod html;
mod json;
mod markdown;
mod per_request;
mod sections;
mod summary;
mod tables;

pub use accuracy::{deployed, factors_json};
pub use json::{audit_json, explain_json};

use crate::analysis::Analysis;
use crate::audit::{Check, Grade, Question};
use crate::chart::ChartSpec;
use crate::chart::forest::Forest;
use crate::findings::Badge;
use crate::fmt;
use crate::model::Workspace;
use serde::{Deserialize, Serialize};

/// What a sentence rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The finding of a check.
    Check(Check),
    /// The table behind an answer.
    Table(Question),
}

impl Reference {
    /// The word of the link.
    pub fn label(self) -> &'static str {
        match self {
            Self::Check(check) => check.id(),
            Self::Table(Question::WhoWins) => "COMPARE",
            Self::Table(Question::Sla) => "SLA",
            Self::Table(Question::Projection) => "PROJECTION",
        }
    }
}

/// A sentence or two and what they rest on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// What it rests on.
    pub refs: Vec<Reference>,
}

impl Sentence {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            refs: Vec::new(),
        }
    }
    fn on(mut self, refs: impl IntoIterator<Item = Reference>) -> Self {
        for r in refs {
            if !self.refs.contains(&r) {
                self.refs.push(r);
            }
        }
        self
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Name.
    pub label: String,
    /// Unit; empty where there is none.
    pub unit: String,
    /// Whether the column holds figures, set right.
    pub figures: bool,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CellText {
    /// As written.
    pub text: String,
    /// Whether it is withheld from every verdict, and struck.
    pub struck: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Columns.
    pub head: Vec<Head>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<CellText>>,
}

/// One finding with its arithmetic, for the appendix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The check.
    pub check: Check,
    /// How weighty.
    pub grade: Grade,
    /// The claim.
    pub title: String,
    /// The arithmetic.
    pub lines: Vec<String>,
    /// Quoted words of a pasted report, with file and line.
    pub quotes: Vec<String>,
}

/// One of the answers that open the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What is asked.
    pub question: &'static str,
    /// How far it can be trusted.
    pub badge: Badge,
    /// What limits that; may be empty.
    pub limit: String,
    /// The answer, with the ids that it rests on.
    pub sentence: Sentence,
    /// Why, one or two sentences; may be empty.
    pub reason: String,
}

/// What a chart draws.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawing {
    /// Marks and lines over two axes.
    Lines(Box<ChartSpec>),
    /// Ratios around “equal”, a row each.
    Forest(Box<Forest>),
}

/// A chart. Whoever renders the document draws it; where nobody does, the summary stands for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// The panel's title.
    pub title: String,
    /// What it shows, one sentence.
    pub summary: String,
    /// What is drawn.
    #[serde(skip)]
    pub drawing: Drawing,
}

impl Chart {
    /// What stands for it where it isn't drawn.
    pub fn alt(&self) -> String {
        format!("{}. {}", self.title, self.summary)
    }
}

/// Draws a chart as an SVG element: light, or dark where the flag says so.
pub type Draw<'d> = &'d dyn Fn(&Drawing, bool) -> String;

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The answers.
    Answers(Vec<Answer>),
    /// Charts, side by side where there is room.
    Charts(Vec<Chart>),
    /// Running text.
    Paragraph(Vec<Sentence>),
    /// A list of sentences.
    List {
        /// Whether it is numbered.
        ordered: bool,
        /// The items.
        items: Vec<Sentence>,
    },
    /// A table.
    Table(Table),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// A command to copy.
    Code(String),
    /// Findings with their arithmetic.
    Evidence(Vec<Evidence>),
}

/// A section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Anchor.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Whether it is for looking up: folded where the format can fold.
    pub appendix: bool,
    /// Its parts.
    pub blocks: Vec<Block>,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// GitHub Markdown.
    Markdown,
    /// One self-contained HTML file.
    Html,
    /// The document with the figures behind it, SI units.
    Json,
    /// The comparison table alone, one line for each load, metric and statistic.
    Csv,
}

impl Format {
    /// The ending of a file name, which is also the key on the command line.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
    /// The inverse of [`Format::ending`].
    pub fn from_ending(ending: &str) -> Option<Self> {
        [Self::Markdown, Self::Html, Self::Json, Self::Csv]
            .into_iter()
            .find(|f| f.ending() == ending)
    }
}

/// The document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Title.
    pub title: String,
    /// What it was made from, one line.
    pub subtitle: String,
    /// Sections in the order of a hand-made report.
    pub sections: Vec<Section>,
    /// The figures behind it, for JSON.
    #[serde(skip)]
    data: serde_json::Value,
    /// The comparison as CSV.
    #[serde(skip)]
    csv: String,
}

/// Writes a report; `draw` draws the charts of HTML, which has their summaries without it.
pub fn render(report: &Report, format: Format, draw: Option<Draw<'_>>) -> String {
    match format {
        Format::Markdown => markdown::markdown(report),
        Format::Html => html::html(report, draw),
        Format::Json => json::json(report),
        Format::Csv => report.csv.clone(),
    }
}

/// Builds the document.
pub fn build(ws: &Workspace, analysis: &Analysis) -> Report {
    let label = |i: Option<usize>| i.and_then(|i| ws.runs.get(i)).map(|r| r.label.as_str());
    let facts = &analysis.facts;
    let what = match (&facts.model, &facts.backend) {
        (Some(m), Some(b)) => format!("{m} on {b}"),
        (Some(m), None) => m.clone(),
        (None, Some(b)) => b.clone(),
        (None, None) => "Benchmark results".to_owned(),
    };
    let title = match (label(analysis.candidate), label(analysis.baseline)) {
        (Some(a), Some(b)) => format!("{what}: {a} against {b}"),
        (Some(a), None) | (None, Some(a)) => format!("{what}: {a}"),
        (None, None) => what,
    };
    let used: Vec<&str> = ws
        .files
        .iter()
        .filter(|f| f.used)
        .map(|f| f.path.as_str())
        .collect();
    let points: usize = ws.runs.iter().map(|r| r.points.len()).sum();
    let blocks = analysis
        .findings
        .iter()
        .filter(|f| f.grade == Grade::Block)
        .count();
    let from = match used.as_slice() {
        [] => String::new(),
        [one] => format!("From {one} · "),
        many => format!("From {} files · ", fmt::number(many.len() as f64, 0)),
    };
    let subtitle = format!(
        "{from}{} · {} · {}",
        plural(ws.runs.len(), "run", "runs"),
        plural(points, "point", "points"),
        match blocks {
            0 => "no finding blocks a comparison".to_owned(),
            1 => "1 finding blocks a comparison".to_owned(),
            n => format!("{n} findings block a comparison"),
        }
    );
    Report {
        title,
        subtitle,
        sections: sections::all(ws, analysis),
        data: json::data(ws, analysis),
        csv: csv::csv(ws, analysis),
    }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        fmt::number(n as f64, 0),
        if n == 1 { one } else { many }
    )
}
