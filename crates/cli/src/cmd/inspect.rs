//! `servelens inspect`: which runs do these files hold, and what became of each file.

use super::print;
use crate::files;
use servelens_core::inspect::inspect;
use servelens_core::model::{Metric, Severity, Stat, Workspace};
use std::ffi::OsString;

/// Reads the paths and prints what they hold.
///
/// # Errors
/// One sentence when the usage is wrong.
pub fn run(mut parser: lexopt::Parser) -> Result<bool, String> {
    let mut paths: Vec<OsString> = Vec::new();
    let mut as_json = false;
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            lexopt::Arg::Long("json") => as_json = true,
            lexopt::Arg::Value(path) => paths.push(path),
            other => return Err(other.unexpected().to_string()),
        }
    }
    if paths.is_empty() {
        return Err("A file or folder is missing: servelens inspect PATH... [--json]".to_owned());
    }
    let workspace = files::read(&paths);
    if as_json {
        let json = serde_json::to_string_pretty(&inspect(&workspace)).map_err(|e| e.to_string())?;
        print(&json);
    } else {
        print(table(&workspace).trim_end());
    }
    Ok(workspace.files.iter().any(|f| f.used))
}

/// A short table for people.
fn table(workspace: &Workspace) -> String {
    let mut out = String::new();
    let cell = |v: Option<f64>, digits: usize| {
        v.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
    };
    for run in &workspace.runs {
        let gpus = run
            .deployment
            .gpus
            .map_or("GPUs not stated".to_owned(), |g| {
                format!(
                    "{} GPU{}{}",
                    g.count,
                    if g.count == 1 { "" } else { "s" },
                    if g.guess { " (a guess)" } else { "" }
                )
            });
        out += &format!(
            "{} [{}] {} · {gpus} · {} points\n",
            run.label,
            run.role.key(),
            run.tool.info().key,
            run.points.len()
        );
        out += &format!(
            "  {:>11} {:>12} {:>10} {:>12} {:>12}\n",
            "concurrency", "output tok/s", "req/s", "TTFT ms", "TPOT ms"
        );
        for p in run.points.iter().take(20) {
            let ms = |m: Metric| {
                p.metrics
                    .get(&m)
                    .and_then(|x| x.stats.central().or(x.stats.at(Stat::P95)))
                    .map(|v| v.1 * 1e3)
            };
            let c = p.load.concurrency.map_or("–".to_owned(), |c| c.to_string());
            out += &format!(
                "  {c:>11} {:>12} {:>10} {:>12} {:>12}\n",
                cell(run.value(p, Metric::OutputThroughput).map(|v| v.0), 2),
                cell(run.value(p, Metric::RequestThroughput).map(|v| v.0), 3),
                cell(ms(Metric::Ttft), 1),
                cell(ms(Metric::Tpot), 2),
            );
        }
        if run.points.len() > 20 {
            out += &format!("  … and {} more\n", run.points.len() - 20);
        }
        for note in &run.notes {
            out += &format!("  note: {note}\n");
        }
    }
    let unused = || workspace.files.iter().filter(|f| !f.used);
    for file in unused().filter(|f| f.severity > Severity::Info) {
        out += &format!(
            "not used: {}: {}\n",
            file.path,
            file.reason.as_deref().unwrap_or("")
        );
    }
    let companions = unused().filter(|f| f.severity == Severity::Info).count();
    if companions > 0 {
        out += &format!("{companions} companion files were left out; --json says why for each.\n");
    }
    if workspace.runs.is_empty() {
        out += "No runs were found.\n";
    }
    out
}
