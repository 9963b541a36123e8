//! The report and the audit as JSON: plain numbers, plain spaces and minus in sentences.

use super::{Block, Report};
use crate::analysis::Analysis;
use crate::audit::Finding;
use crate::compare::Comparison;
use crate::findings::Verdict;
use crate::fmt::plain;
use crate::model::Workspace;
use crate::sla::SlaTable;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Document<'a> {
    title: String,
    subtitle: String,
    verdict: Value,
    checks: Vec<Value>,
    comparison: &'a Comparison,
    sla: &'a SlaTable,
    sections: Value,
}

/// Renders the report with the figures behind it (SI units).
///
/// # Errors
/// When the figures cannot be written as JSON.
pub fn json(
    report: &Report,
    ws: &Workspace,
    analysis: &Analysis,
) -> Result<String, serde_json::Error> {
    let sections: Vec<_> = report
        .sections
        .iter()
        .filter(|s| !s.blocks.iter().any(|b| matches!(b, Block::Evidence(_))))
        .collect();
    let document = Document {
        title: plain(&report.title),
        subtitle: plain(&report.subtitle),
        verdict: verdict(&analysis.verdict),
        checks: checks(ws, &analysis.findings),
        comparison: &analysis.comparison,
        sla: &analysis.sla,
        sections: plain_value(serde_json::to_value(sections)?),
    };
    serde_json::to_string_pretty(&document)
}

/// Renders the audit alone: `checks` and `verdict`.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn audit_json(ws: &Workspace, analysis: &Analysis) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&json!({
        "checks": checks(ws, &analysis.findings),
        "verdict": verdict(&analysis.verdict),
    }))
}

fn checks(ws: &Workspace, findings: &[Finding]) -> Vec<Value> {
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
            json!({
                "id": f.check.id(),
                "severity": f.grade.key(),
                "title": plain(&f.title),
                "consequence": plain(&f.consequence),
                "arithmetic": f.arithmetic.iter().map(|l| plain(l)).collect::<Vec<_>>(),
                "points": points,
                "advice": f.advice.as_deref().map(plain),
                "quotes": quotes,
                "bears_on": f.bears_on,
                "could_change": f.shakes,
            })
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
