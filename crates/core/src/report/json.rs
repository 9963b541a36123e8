//! The report and the audit as JSON: plain numbers, plain spaces and minus in sentences.

use super::{Block, Report, per_request};
use crate::analysis::Analysis;
use crate::audit::Finding;
use crate::certainty::certainty;
use crate::explain::{self, Explanation};
use crate::findings::Verdict;
use crate::fmt::plain;
use crate::model::Workspace;
use serde_json::{Value, json};

/// The figures and findings behind a report, SI units.
pub(super) fn data(ws: &Workspace, analysis: &Analysis) -> Value {
    let label = |i: Option<usize>| i.and_then(|i| ws.runs.get(i)).map(|r| r.label.as_str());
    let (percentiles, goodput) = per_request::recomputed(ws, analysis);
    json!({
        "candidate": label(analysis.candidate),
        "baseline": label(analysis.baseline),
        "verdict": verdict(&analysis.verdict),
        "checks": checks(ws, &analysis.findings, true),
        "comparison": analysis.comparison,
        "statistics": certainty(ws, analysis.candidate, analysis.baseline, &analysis.comparison),
        "thresholds": analysis.thresholds,
        "sla": analysis.sla,
        "frontier": per_request::fronts(ws, analysis),
        "percentiles": percentiles,
        "goodput": goodput,
        "accuracy": analysis.accuracy.as_ref().map(|a| super::accuracy::json(a, &analysis.conditions)),
    })
}

/// Renders the report with the figures behind it.
pub(super) fn json(report: &Report) -> String {
    let sections: Vec<_> = report
        .sections
        .iter()
        .filter(|s| !s.blocks.iter().any(|b| matches!(b, Block::Evidence(_))))
        .collect();
    let mut out = json!({
        "title": plain(&report.title),
        "subtitle": plain(&report.subtitle),
        "sections": plain_value(json!(sections)),
    });
    if let (Value::Object(out), Value::Object(data)) = (&mut out, &report.data) {
        out.extend(data.clone());
    }
    format!("{out:#}")
}

/// Candidates of a run that the audit lists.
const CANDIDATES: usize = 20;

type Explained = [(usize, Result<Explanation, String>)];

/// Renders what explains each measured run: `runs`, each with its answer, and `explain`, every candidate, for each run
/// the nearest first.
pub fn explain_json(ws: &Workspace, explained: &Explained) -> String {
    let runs: Vec<Value> = explained
        .iter()
        .map(|(run, e)| {
            let label = ws.runs.get(*run).map_or("", |r| r.label.as_str());
            match e {
                Ok(e) => {
                    let words = explain::words(e, label);
                    json!({
                        "run": label,
                        "title": plain(&words.title),
                        "reason": plain(&words.reason),
                        "equal": e.found().len(),
                        "noise_pct": e.noise.exp_m1() * 100.0,
                        "noise_is_assumed": e.noise_is_assumed,
                        "isl": e.question.isl,
                        "osl": e.question.osl,
                        "saturated": e.question.saturated,
                    })
                }
                Err(why) => json!({"run": label, "title": null, "reason": plain(why)}),
            }
        })
        .collect();
    let out = json!({"runs": runs, "explain": candidates(ws, explained, usize::MAX)});
    format!("{out:#}")
}

/// The candidates, errors in percent of |ln(measured ÷ projected)|.
fn candidates(ws: &Workspace, explained: &Explained, most: usize) -> Vec<Value> {
    explained
        .iter()
        .filter_map(|(run, e)| Some((ws.runs.get(*run)?, e.as_ref().ok()?)))
        .flat_map(|(r, e)| {
            e.candidates.iter().take(most).enumerate().map(|(i, c)| {
                let q = &c.config.quant;
                json!({
                    "run": r.label,
                    "rules": c.rules.to_string(),
                    "model": c.config.model,
                    "tp": c.config.tp,
                    "pp": c.config.pp,
                    "gemm": q.gemm.label(c.rules),
                    "kvcache": q.kvcache.label(c.rules),
                    "fmha": q.fmha.label(c.rules),
                    "workers": c.workers,
                    "worst_pct": c.worst * 100.0,
                    "mean_pct": c.mean * 100.0,
                    "equal_to_best": i < e.equal,
                    "deployed": c.deployed,
                    "loads": c.loads.iter().map(|l| json!({
                        "concurrency": l.concurrency,
                        "batch": l.batch,
                        "request_ms": l.request_s * 1e3,
                        "measured_over_projected": l.ratio,
                    })).collect::<Vec<_>>(),
                })
            })
        })
        .collect()
}

/// Renders the audit alone: `checks` and `verdict`, each check with its id, severity, title,
/// arithmetic, points and advice; `accuracy`, every error of the projection by load; and `explain`, the nearest candidates of each run.
pub fn audit_json(ws: &Workspace, analysis: &Analysis, explained: &Explained) -> String {
    let out = json!({
        "explain": candidates(ws, explained, CANDIDATES),
        "checks": checks(ws, &analysis.findings, false),
        "verdict": verdict(&analysis.verdict),
        "accuracy": analysis.accuracy.as_ref().map_or_else(Vec::new, super::accuracy::list),
    });
    format!("{out:#}")
}

fn checks(ws: &Workspace, findings: &[Finding], whole: bool) -> Vec<Value> {
    findings
        .iter()
        .map(|f| {
            let points: Vec<Value> = f
                .points
                .iter()
                .filter_map(|at| {
                    let run = ws.runs.get(at.run)?;
                    let p = run.points.get(at.point)?;
                    Some(json!({
                        "run": run.label,
                        "concurrency": p.load.concurrency,
                        "file": p.source.file,
                        "place": p.source.place,
                    }))
                })
                .collect();
            let quotes: Vec<Value> = f
                .quotes
                .iter()
                .map(|q| json!({"file": q.file, "line": q.line, "text": q.text}))
                .collect();
            let mut out = json!({
                "id": f.check.id(),
                "severity": f.grade.key(),
                "title": plain(&f.title),
                "arithmetic": f.arithmetic.iter().map(|l| plain(l)).collect::<Vec<_>>(),
                "points": points,
                "advice": f.advice.as_deref().map(plain),
            });
            let more = json!({
                "consequence": plain(&f.consequence),
                "quotes": quotes,
                "bears_on": f.bears_on,
                "could_change": f.shakes,
            });
            if let (true, Value::Object(out), Value::Object(more)) = (whole, &mut out, more) {
                out.extend(more);
            }
            out
        })
        .collect()
}

fn verdict(v: &Verdict) -> Value {
    let mut out = serde_json::Map::new();
    for line in &v.lines {
        let key = match line.question {
            crate::audit::Question::WhoWins => "who_wins",
            crate::audit::Question::Sla => "sla",
            crate::audit::Question::Projection => "projection",
        };
        out.insert(
            key.to_owned(),
            json!({
                "sentence": plain(&line.sentence),
                "reason": plain(&line.reason),
                "badge": line.badge.key(),
                "evidence": plain(&line.evidence),
                "checks": line.checks.iter().map(|c| c.id()).collect::<Vec<_>>(),
            }),
        );
    }
    Value::Object(out)
}

fn plain_value(value: Value) -> Value {
    match value {
        Value::String(s) => Value::String(plain(&s)),
        Value::Array(all) => Value::Array(all.into_iter().map(plain_value).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, v)| (k, plain_value(v))).collect())
        }
        other => other,
    }
}
