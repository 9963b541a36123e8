//! The report and the audit as JSON: plain numbers, plain spaces and minus in sentences.

use super::{Block, Report, per_request};
use crate::analysis::Analysis;
use crate::audit::Finding;
use crate::certainty::certainty;
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

/// Renders the audit alone: `checks` and `verdict`, each check with its id, severity, title,
/// arithmetic, points and advice.
pub fn audit_json(ws: &Workspace, analysis: &Analysis) -> String {
    let out = json!({
        "checks": checks(ws, &analysis.findings, false),
        "verdict": verdict(&analysis.verdict),
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
