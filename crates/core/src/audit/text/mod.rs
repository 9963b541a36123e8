//! TEXT: a pasted report against its own tables.
//!
//! Recomputes stated percentages and holds claims about ranges of load, accuracy and limits
//! against the figures that stand in the same report. Quotes what it contradicts, with its line.

mod claims;
mod figures;
mod read;

use super::{Case, Check, Finding, Grade, Question, Quote, Row};
use crate::fmt;
use crate::model::PastedText;
use figures::{Pair, Rate, Sides};
use read::{Line, Num};

/// A report, read once for all its checks.
struct Report<'a> {
    source: &'a PastedText,
    lines: Vec<Line>,
    sides: Vec<Sides>,
}

impl<'a> Report<'a> {
    fn of(source: &'a PastedText) -> Self {
        let (lines, tables) = read::parse(&source.text);
        Self {
            source,
            lines,
            sides: tables.iter().filter_map(figures::sides).collect(),
        }
    }
    fn quote(&self, line: &Line) -> Quote {
        Quote {
            file: self.source.file.clone(),
            line: line.no,
            text: line.text.clone(),
        }
    }
    /// The row of a rate at a load.
    fn row(&self, rate: Rate, load: f64) -> Option<&Pair> {
        self.sides
            .iter()
            .filter(|s| s.rate == rate)
            .flat_map(|s| &s.rows)
            .find(|p| p.load == load)
    }
}

pub(super) const TEXT: Row = Row {
    title: "Report’s text",
    tests: "The percentages and claims of a pasted report follow from its own tables.",
    needs: "a pasted report with tables or claims",
    bears_on: &[],
    weakest: "the report contradicts itself",
    by_point: false,
    run: text,
};

/// TEXT.
fn text(case: &Case<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for source in &case.ws.texts {
        let report = Report::of(source);
        out.extend(percentages(&report));
        out.extend(claims::ranges(case, &report));
        out.extend(claims::overestimate(case, &report));
        out.extend(claims::limits(case, &report));
    }
    if out.is_empty() {
        out.push(Finding::no_data(
            Check::Text,
            if case.ws.texts.is_empty() {
                "No report was pasted"
            } else {
                "The pasted text states no change and no claim that could be checked"
            },
        ));
    }
    out
}

/// Stated changes, in columns and in sentences, against the table's figures.
fn percentages(report: &Report<'_>) -> Vec<Finding> {
    let mut right: Vec<String> = Vec::new();
    let mut wrong: Vec<(Quote, String)> = Vec::new();
    let mut in_columns = 0_usize;
    for s in &report.sides {
        let mut n = 0_usize;
        for row in &s.rows {
            let Some(stated) = row.stated else { continue };
            in_columns += 1;
            if row.agrees(&stated) {
                n += 1;
            } else {
                wrong.push((
                    Quote {
                        file: report.source.file.clone(),
                        line: row.line,
                        text: format!("{} %", written(&stated)),
                    },
                    recomputed(s.rate, row),
                ));
            }
        }
        if n > 0 {
            right.push(format!("{n} × {}", s.rate.words()));
        }
    }
    let in_columns_right = in_columns - wrong.len();
    let mut in_sentences = 0_usize;
    for line in &report.lines {
        let Some(loads) = read::loads(&line.text).filter(|l| l.low == l.high) else {
            continue;
        };
        for p in read::percentages(&line.text).iter().filter(|p| p.signed) {
            let Some(rate) = Rate::named(read::after(&line.text, p)) else {
                continue;
            };
            let Some(row) = report.row(rate, loads.low) else {
                continue;
            };
            if row.agrees(p) {
                in_sentences += 1;
            } else {
                wrong.push((report.quote(line), recomputed(rate, row)));
            }
        }
    }
    let mut out = Vec::new();
    if !wrong.is_empty() {
        let mut f = Finding::new(
            Check::Text,
            Grade::Warn,
            format!(
                "{} in the report {} not follow from its table",
                fmt::capital(&fmt::counted(wrong.len(), "percentage", "percentages")),
                if wrong.len() == 1 { "does" } else { "do" }
            ),
        )
        .so("The figures of the table are used here, not the stated changes.")
        .bears(&[Question::WhoWins])
        .harmless()
        .advise("Correct them in the report.");
        for (quote, line) in wrong {
            f = f.line(format!("line {}: {line}", quote.line)).quote(quote);
        }
        out.push(f);
    } else if in_columns > 0 {
        let mut f = Finding::new(
            Check::Text,
            Grade::Pass,
            format!(
                "{} recompute",
                if in_columns_right == 1 {
                    "The stated improvement percentage does".replace(" does", "")
                } else {
                    format!(
                        "All {} improvement percentages",
                        fmt::count(in_columns_right)
                    )
                }
            ),
        )
        .line(format!("{}, each within rounding", right.join(", ")));
        if in_sentences > 0 {
            f = f.line(format!(
                "{} repeated in sentences, all as in the table",
                fmt::counted(in_sentences, "percentage", "percentages")
            ));
        }
        out.push(f);
    }
    out
}

fn written(n: &Num) -> String {
    let v = fmt::number(n.value, n.decimals);
    if n.value > 0.0 { format!("+{v}") } else { v }
}

fn recomputed(rate: Rate, row: &Pair) -> String {
    format!(
        "{} at {}: {} ÷ {} − 1 = {}",
        rate.words(),
        fmt::number(row.load, 0),
        fmt::number(row.a.value, row.a.decimals),
        fmt::number(row.b.value, row.b.decimals),
        fmt::change_table(row.percent() / 100.0)
    )
}

/// The runtimes that a report names for candidate and baseline, when they differ in its words:
/// Dynamo on one side, a plain backend on the other.
pub(super) fn runtimes(case: &Case<'_>) -> Option<(String, String)> {
    case.ws.texts.iter().find_map(|t| {
        let (lines, _) = read::parse(&t.text);
        let dynamo = lines
            .iter()
            .any(|l| l.lower.contains("dynamo") && !l.lower.contains("baseline dynamo"));
        let plain = lines.iter().find_map(|l| {
            (l.lower.contains("baseline")
                && l.lower.contains("default")
                && l.lower.contains("trt-llm"))
            .then(|| "plain TRT-LLM, default workers".to_owned())
        });
        dynamo.then_some(())?;
        Some(("Dynamo".to_owned(), plain?))
    })
}

/// A report's own accuracy figure: measured over projected, in the units it writes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AccuracyClaim {
    /// Projected figure as written.
    pub projected: f64,
    /// Decimals of it.
    pub projected_decimals: usize,
    /// Whether its unit is per GPU.
    pub projected_per_gpu: bool,
    /// Measured figure as written.
    pub measured: f64,
    /// Decimals of it.
    pub measured_decimals: usize,
    /// Loads at which the report's own table has this figure for the whole system, with side.
    pub system_at: Option<f64>,
    /// Whether the report writes it as per GPU.
    pub measured_per_gpu: bool,
    /// The stated share, percent.
    pub stated: Option<f64>,
    /// The words.
    pub quotes: Vec<Quote>,
}

/// Finds a report's projected and achieved token rates and the share it states.
pub(super) fn accuracy_claim(case: &Case<'_>) -> Option<AccuracyClaim> {
    case.ws
        .texts
        .iter()
        .find_map(|t| claims::accuracy(&Report::of(t)))
}
