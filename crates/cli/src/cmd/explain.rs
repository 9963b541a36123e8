//! `servelens explain`: which configuration of the cost model fits each measured run.

use super::{Done, print};
use crate::figures;
use crate::request::Request;
use servelens_core::explain::{self, Explanation};
use servelens_core::fmt::plain;
use servelens_core::model::Workspace;
use servelens_core::report::explain_json;

/// Reads the paths and prints the candidates, the nearest first.
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
    let Some((ws, _)) = request.analyse()? else {
        return Ok(Done::NothingRead);
    };
    let all = explained(&ws);
    if as_json {
        print(&explain_json(&ws, &all));
    } else {
        print(text(&ws, &all).trim_end());
    }
    Ok(Done::Read)
}

/// Every measured run with its candidates, or why there are none.
pub fn explained(ws: &Workspace) -> Vec<(usize, Result<Explanation, String>)> {
    let engines = figures::engines();
    let engines: Vec<_> = engines.iter().collect();
    explain::all(ws, &engines)
}

fn text(ws: &Workspace, all: &[(usize, Result<Explanation, String>)]) -> String {
    /// Candidates that people are shown.
    const SHOWN: usize = 10;
    let mut out = String::new();
    for (run, explanation) in all {
        let label = ws.runs.get(*run).map_or("", |r| r.label.as_str());
        match explanation {
            Ok(e) => {
                let words = explain::words(e, label);
                out += &format!("{}\n  {}\n", plain(&words.title), plain(&words.reason));
                for c in e.candidates.iter().take(SHOWN) {
                    out += &format!("  {}\n", plain(&explain::row(e, c)));
                }
            }
            Err(why) => out += &format!("{label}: {why}\n"),
        }
        out.push('\n');
    }
    out
}
