//! What the first screen shows, as words and charts that are ready to be drawn.
//!
//! Small enough to be packed while the page is built, so that it stands before the code that reads and analyses files is
//! there. Knows which figures stand where; refuses to compute any that the analysis does not hold.

use crate::analysis::{Analysis, Facts, Lengths};
use crate::chart::{ChartSpec, Slot};
use crate::corrections::{self, Correction, TracedRun};
use crate::figures::{self, LineChart};
use crate::findings::{NextRun, VerdictLine};
use crate::fmt;
use crate::model::{
    Basis, FileOutcome, Gpus, Metric, Role, Run, RunKind, Severity, Sla, Stat, Workspace,
};
use crate::sla::{SlaTable, limits};
use crate::sort;
use serde::{Deserialize, Serialize};

/// The tray: what is on the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tray {
    /// How many runs and points; empty without a run.
    pub summary: String,
    /// A row for each run.
    pub runs: Vec<TrayRun>,
    /// Files that are not used.
    pub unused: Vec<Unused>,
    /// Which sources are shown, where runs have records and summaries that differ.
    pub basis: Option<Basis>,
    /// How far the records go; empty without such runs.
    pub recorded: String,
    /// Files that only prove something about runs: their names, and what they say.
    pub evidence: Vec<(String, String)>,
}

/// A run in the tray.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrayRun {
    /// Its name.
    pub label: String,
    /// Its colour and mark.
    pub slot: Slot,
    /// Tool, points and load.
    pub about: String,
    /// Its files, one a line.
    pub files: String,
    /// Its role.
    pub role: Role,
    /// Whether the role was guessed and not chosen.
    pub role_is_guess: bool,
    /// Its GPUs.
    pub gpus: Option<Gpus>,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
    /// From how many requests its figures were recounted; empty where they were not.
    pub recount: String,
}

/// Files that are left out for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unused {
    /// How weighty the reason is.
    pub severity: Severity,
    /// The file, and how many more.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The verdict, and what stands beside the other views' names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// How many findings block.
    pub blocks: usize,
    /// What stands above the answers where the records change one.
    pub correction: Option<Correction>,
    /// The three answers.
    pub answers: Vec<VerdictLine>,
    /// The cheapest run that would lift the weightiest block.
    pub next: Option<NextRun>,
    /// Output tokens by load.
    pub throughput: ChartSpec,
    /// Speed for one user against output.
    pub front: ChartSpec,
    /// The set-up.
    pub facts: Vec<Fact>,
}

/// One fact of the set-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// The fact.
    pub text: String,
    /// What stands beside it, smaller; may be empty.
    pub small: String,
}

/// The tray of a workspace.
pub fn tray(ws: &Workspace) -> Tray {
    let runs = &ws.runs;
    let points = runs.iter().map(|r| r.points.len()).sum();
    let sources = corrections::sources(ws);
    Tray {
        summary: if runs.is_empty() {
            String::new()
        } else {
            format!(
                "{} · {}",
                fmt::plural(runs.len(), "run"),
                fmt::plural(points, "point")
            )
        },
        runs: runs
            .iter()
            .enumerate()
            .map(|(i, r)| TrayRun {
                label: r.label.clone(),
                slot: figures::slot(runs, i),
                about: about(r),
                files: r.files.join("\n"),
                role: r.role,
                role_is_guess: r.role_is_guess,
                gpus: r.deployment.gpus,
                notes: r.notes.clone(),
                recount: sources.of(i).and_then(TracedRun::recounted).map_or_else(
                    String::new,
                    |(summary, records)| {
                        format!(
                            "recounted from {}; the summaries have {}",
                            fmt::plural(records as usize, "request"),
                            fmt::number(summary as f64, 0)
                        )
                    },
                ),
            })
            .collect(),
        unused: unused(&ws.files),
        basis: sources.corrects().then_some(ws.basis),
        recorded: sources.complete().map_or_else(String::new, |(n, of)| {
            format!(
                "Records are complete for {n} of {}.",
                fmt::plural(of, "point")
            )
        }),
        evidence: evidence(ws),
    }
}

/// The first screen of an analysis.
pub fn screen(ws: &Workspace, analysis: &Analysis) -> Screen {
    let throughput = LineChart {
        metric: Metric::OutputThroughput,
        projected: true,
        interpolated: false,
    };
    Screen {
        blocks: figures::blocks(analysis),
        correction: analysis.correction.clone(),
        answers: analysis.verdict.lines.clone(),
        next: analysis.next.first().cloned(),
        throughput: figures::lines(ws, analysis, throughput),
        front: figures::front(ws, analysis, false),
        facts: facts(&analysis.facts, &analysis.sla),
    }
}

fn about(run: &Run) -> String {
    let mut tool = run.tool.to_string();
    if let Some(v) = &run.tool_version {
        tool.push_str(&format!(" {v}"));
    }
    let mut out = format!("{tool} · {}", fmt::plural(run.points.len(), "point"));
    if let (RunKind::Projected, [p]) = (run.kind, run.points.as_slice())
        && let Some(c) = p.load.concurrency
    {
        out.push_str(&format!(", concurrency {c}"));
    }
    out
}

/// Reports whose figures equal those of runs, and deployments that were matched to one.
fn evidence(ws: &Workspace) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for p in &ws.published {
        if !out.iter().any(|(name, _)| *name == p.file) {
            let n = ws.published.iter().filter(|x| x.file == p.file).count();
            out.push((
                p.file.clone(),
                format!(
                    "{} of these runs’ summaries, as published",
                    fmt::plural(n, "figure")
                ),
            ));
        }
    }
    for run in &ws.runs {
        let Some(engine) = &run.deployment.engine else {
            continue;
        };
        out.push((
            fmt::plural(engine.files.len(), "deployment file"),
            format!("{}: {}", run.label, engine.words()),
        ));
    }
    out
}

fn unused(files: &[FileOutcome]) -> Vec<Unused> {
    let mut list: Vec<&FileOutcome> = files.iter().filter(|f| !f.used).collect();
    sort::by(&mut list, |a, b| b.severity.cmp(&a.severity));
    // Files that are left out for one reason stand in one line.
    let mut groups: Vec<(&FileOutcome, usize)> = Vec::new();
    for f in list {
        match groups
            .iter_mut()
            .find(|(g, _)| g.severity == f.severity && g.reason == f.reason)
        {
            Some((_, n)) => *n += 1,
            None => groups.push((f, 1)),
        }
    }
    groups
        .into_iter()
        .map(|(f, n)| Unused {
            severity: f.severity,
            name: if n == 1 {
                f.path.clone()
            } else {
                let file = f.path.rsplit('/').next().unwrap_or(&f.path);
                format!("{file} and {} more", n - 1)
            },
            reason: f.reason.clone().unwrap_or_default(),
        })
        .collect()
}

fn facts(f: &Facts, judged: &SlaTable) -> Vec<Fact> {
    let fact = |name: &str, text: String, small: String| Fact {
        name: name.to_owned(),
        text,
        small,
    };
    let (isl, isl_small) = lengths(&f.isl);
    let (osl, osl_small) = lengths(&f.osl);
    let (sla, sla_small) = sla_name(&f.sla, judged);
    let model = f.model.clone().unwrap_or_else(|| "not stated".to_owned());
    vec![
        fact("Model", model, String::new()),
        fact("System", system(f), String::new()),
        match &f.backend {
            Some(b) => fact("Backend", b.clone(), String::new()),
            None => fact("Tools", fmt::list(&f.tools), String::new()),
        },
        fact("Input length", isl, isl_small),
        fact("Output length", osl, osl_small),
        fact(&sla, sla_words(&f.sla), sla_small),
    ]
}

fn system(f: &Facts) -> String {
    let mut counts: Vec<u32> = f.gpus.iter().map(|(_, n, _)| *n).collect();
    counts.dedup();
    let words: Vec<String> = counts.iter().map(u32::to_string).collect();
    match (&f.system, words.as_slice()) {
        (Some(s), []) => s.clone(),
        (Some(s), w) => format!("{s} × {}", w.join(" and ")),
        (None, []) => "not stated".into(),
        (None, w) => format!("{} GPUs", w.join(" and ")),
    }
}

fn lengths(l: &Lengths) -> (String, String) {
    let observed = l
        .observed
        .map(|(a, b)| fmt::range(&fmt::number(a, 0), &fmt::number(b, 0)));
    match (l.asked, observed) {
        (Some(asked), Some(seen)) if seen == fmt::number(asked, 0) => (seen, "tokens".into()),
        (Some(asked), Some(seen)) => (fmt::number(asked, 0), format!("asked, {seen} observed")),
        (Some(asked), None) => (fmt::number(asked, 0), "tokens".into()),
        (None, Some(seen)) => (seen, "tokens observed".into()),
        (None, None) => ("not stated".into(), String::new()),
    }
}

/// The name of the fact about the limits, and what is said beside it: a source that names no
/// statistic is not said to have named one.
fn sla_name(sla: &Sla, judged: &SlaTable) -> (String, String) {
    let figures = || {
        let rows = judged.systems.iter().flat_map(|s| &s.rows);
        rows.flat_map(|r| r.marks.values())
            .filter_map(|j| j.figure.as_ref())
    };
    let unnamed = figures().any(|f| f.stat == Stat::Stated);
    if sla.stat == Stat::Stated {
        ("SLA".into(), "statistic not named".into())
    } else if unnamed && !figures().any(|f| f.stat == sla.stat) {
        (
            "SLA".into(),
            format!("statistic not named, taken as {}", sla.stat.key()),
        )
    } else {
        (format!("SLA at {}", sla.stat.key()), String::new())
    }
}

fn sla_words(sla: &Sla) -> String {
    let parts: Vec<String> = limits(sla)
        .into_iter()
        .map(|(m, s)| format!("{} ≤ {}", m.info().short, fmt::ms(s)))
        .collect();
    if parts.is_empty() {
        "no limit set".into()
    } else {
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, used: bool, severity: Severity, reason: &str) -> FileOutcome {
        FileOutcome {
            path: path.into(),
            format: None,
            used,
            severity,
            reason: (!used).then(|| reason.to_owned()),
        }
    }

    #[test]
    fn files_left_out_for_one_reason_stand_in_one_line_the_weightiest_first() {
        let files = [
            file("a/1.txt", false, Severity::Info, "no figures"),
            file("a/2.json", true, Severity::Info, ""),
            file("a/3.json", false, Severity::Error, "damaged"),
            file("b/4.txt", false, Severity::Info, "no figures"),
        ];
        let lines = unused(&files);
        let names: Vec<&str> = lines.iter().map(|u| u.name.as_str()).collect();
        assert_eq!(names, ["a/3.json", "1.txt and 1 more"]);
    }

    #[test]
    fn an_empty_table_says_so() {
        let ws = Workspace::default();
        assert_eq!(tray(&ws), Tray::default());
        let screen = screen(&ws, &Analysis::default());
        assert!(screen.throughput.empty.is_some() && screen.front.empty.is_some());
        assert_eq!(
            screen.facts.last().map(|f| f.text.as_str()),
            Some("no limit set")
        );
    }
}
