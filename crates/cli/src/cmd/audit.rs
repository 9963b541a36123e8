//! `servelens audit`: every check with its arithmetic, and whether any of them blocks.

use super::{Done, print};
use crate::request::Request;
use servelens_core::analysis::Analysis;
use servelens_core::audit::Grade;
use servelens_core::fmt::plain;
use servelens_core::report::audit_json;

/// Reads the paths and prints the checks.
///
/// # Errors
/// One sentence when the usage is wrong.
pub fn run(mut parser: lexopt::Parser) -> Result<Done, String> {
    let mut request = Request::default();
    let mut as_json = false;
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        if argument == lexopt::Arg::Long("json") {
            as_json = true;
            continue;
        }
        let argument = super::owned(argument)?;
        request.take(argument, &mut parser)?;
    }
    let Some((ws, analysis)) = request.analyse()? else {
        return Ok(Done::NothingRead);
    };
    if as_json {
        print(&audit_json(&ws, &analysis, &super::explain::explained(&ws)));
    } else {
        print(text(&analysis).trim_end());
    }
    let blocks = analysis.findings.iter().any(|f| f.grade == Grade::Block);
    Ok(if blocks { Done::Blocks } else { Done::Read })
}

/// For people: the three answers, then each check.
fn text(analysis: &Analysis) -> String {
    let mut out = String::new();
    for l in &analysis.verdict.lines {
        out += &format!(
            "{} [{}]\n  {}\n  {}\n",
            l.question.label(),
            l.badge.word(),
            plain(&l.sentence),
            plain(&l.reason)
        );
    }
    for f in &analysis.findings {
        out += &format!(
            "\n{} {}: {}\n",
            f.check.id(),
            f.grade.word().to_lowercase(),
            plain(&f.title)
        );
        if !f.consequence.is_empty() {
            out += &format!("  {}\n", plain(&f.consequence));
        }
        for line in &f.arithmetic {
            out += &format!("    {}\n", plain(line));
        }
        for q in &f.quotes {
            out += &format!("    {}, line {}: {}\n", q.file, q.line, q.text);
        }
        if let Some(advice) = &f.advice {
            out += &format!("  {}\n", plain(advice));
        }
    }
    out
}
