//! The sections in the order of a hand-made report.

use super::{Block, Evidence, Reference, Section, Sentence, summary, tables};
use crate::analysis::Analysis;
use crate::audit::{Check, Finding, Grade, Question};

use crate::fmt;
use crate::model::{Metric, Workspace};

pub(super) fn all(ws: &Workspace, a: &Analysis) -> Vec<Section> {
    let section = |id: &str, title: &str, blocks: Vec<Block>| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        appendix: false,
        blocks,
    };
    let appendix = |id, title, blocks| Section {
        appendix: true,
        ..section(id, title, blocks)
    };
    let sections = [
        section("summary", "Summary", summary::blocks(ws, a)),
        section("corrections", "Corrections", super::corrections::blocks(ws)),
        section("configuration", "Configuration", configuration(ws, a)),
        section("projection", "Projection", projection(ws, a)),
        section("comparison", "Comparison", comparison(ws, a)),
        section("key-findings", "Further findings", further_findings(a)),
        section("accuracy", "Accuracy", accuracy(ws, a)),
        section("sla", "SLA", sla(ws, a)),
        section("limitations", "Limitations", limitations(a)),
        section("recommendations", "Recommendations", recommendations(a)),
        appendix("commands", "Commands", commands(a)),
        appendix("technical-notes", "Technical notes", notes(a)),
        appendix("evidence", "Evidence", evidence(a)),
    ];
    sections
        .into_iter()
        .filter(|s| !s.blocks.is_empty())
        .collect()
}

fn configuration(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let f = &a.facts;
    let mut out: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: Option<String>| {
        out.push((
            name.to_owned(),
            value.unwrap_or_else(|| "not stated".to_owned()),
        ));
    };
    put("Model", f.model.clone());
    put("Backend", f.backend.clone());
    put("System", f.system.clone());
    for i in [a.candidate, a.baseline]
        .into_iter()
        .flatten()
        .chain(a.projections.iter().copied())
    {
        if let Some(r) = ws.runs.get(i) {
            let d = &r.deployment;
            let mut parts = Vec::new();
            parts.push(match d.gpus {
                Some(g) => format!(
                    "{} {}{}",
                    g.count,
                    if g.count == 1 { "GPU" } else { "GPUs" },
                    if g.guess { ", a guess" } else { "" }
                ),
                None => "GPU count not stated".to_owned(),
            });
            parts.extend(d.tp.map(|tp| format!("TP{tp}")));
            parts.extend(d.quantization.gemm.clone());
            let role = r.role.word();
            let name = if r.label.eq_ignore_ascii_case(role) {
                r.label.clone()
            } else {
                format!("{} ({})", r.label, role.to_lowercase())
            };
            put(&name, Some(parts.join(", ")));
        }
    }
    let tokens = |v: f64| fmt::number(v, 0);
    let mut workload = Vec::new();
    if let Some(isl) = f.isl.asked {
        workload.push(format!("{} in", tokens(isl)));
    }
    if let Some(osl) = f.osl.asked {
        workload.push(format!("{} out asked", tokens(osl)));
    }
    if let Some((low, high)) = f.osl.observed {
        workload.push(format!(
            "{} out observed",
            fmt::range(&tokens(low), &tokens(high))
        ));
    }
    put(
        "Workload",
        (!workload.is_empty()).then(|| workload.join(", ")),
    );
    let limits: Vec<String> = a
        .sla
        .limits
        .iter()
        .map(|(m, l)| format!("{} ≤ {}", m.info().short, fmt::ms(*l)))
        .collect();
    put(
        "SLA",
        Some(if limits.is_empty() {
            "no limit set".to_owned()
        } else {
            format!("{} at {}", limits.join(", "), fmt::stat(f.sla.stat))
        }),
    );
    put("Tools", (!f.tools.is_empty()).then(|| f.tools.join(", ")));
    vec![Block::Facts(out)]
}

pub(super) fn finding_sentence(f: &Finding) -> Sentence {
    let text = if f.consequence.is_empty() {
        format!("{}.", f.title)
    } else {
        format!("{}. {}", f.title, f.consequence)
    };
    Sentence::new(text).on([Reference::Check(f.check)])
}

fn with<'f>(a: &'f Analysis, check: Check, grades: &[Grade]) -> Vec<&'f Finding> {
    a.findings
        .iter()
        .filter(|f| f.check == check && grades.contains(&f.grade))
        .collect()
}

fn projection(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let mut sentences = Vec::new();
    for i in &a.projections {
        let Some(r) = ws.runs.get(*i) else { continue };
        let best = r
            .points
            .iter()
            .filter_map(|p| Some((p, r.value(p, Metric::OutputThroughputPerGpu)?.0)))
            .max_by(|x, y| x.1.total_cmp(&y.1));
        let Some((p, value)) = best else { continue };
        let setup = p.setup.as_ref();
        let how = match setup {
            Some(s) if s.disagg => "disaggregated serving".to_owned(),
            _ => match setup.and_then(|s| s.tp).or(r.deployment.tp) {
                Some(tp) => format!("TP{tp}"),
                None => "an unstated configuration".to_owned(),
            },
        };
        let at = p
            .load
            .concurrency
            .map_or_else(String::new, |c| format!(" at concurrency {c}"));
        let lead = if r.points.len() > 1 {
            format!("The best of {} points of {}", r.points.len(), r.label)
        } else {
            r.label.clone()
        };
        sentences.push(
            Sentence::new(format!(
                "{lead} is {} tok/s/GPU for {how}{at}.",
                fmt::measured(value)
            ))
            .on([Reference::Table(Question::Projection)]),
        );
    }
    if sentences.is_empty() {
        sentences.push(Sentence::new("No projection was given."));
    }
    for f in with(a, Check::Select, &[Grade::Warn, Grade::Pass]) {
        sentences.push(finding_sentence(f));
    }
    vec![Block::Paragraph(sentences)]
}

fn comparison(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    if let Some(missing) = &a.comparison.missing {
        return vec![Block::Paragraph(vec![Sentence::new(missing.clone())])];
    }
    let struck = a.withheld(ws, Metric::OutputThroughput);
    let mut out = vec![Block::Table(tables::rates(ws, a))];
    out.extend(tables::latencies(ws, a).map(Block::Table));
    let mut after = Vec::new();
    if !struck.is_empty() {
        after.push(
            Sentence::new("A struck change is used in no verdict of this report.").on(blocking(a)),
        );
    }
    let hollow = a
        .comparison
        .rows
        .iter()
        .any(|r| !r.matched && r.cells.values().any(|c| c.change.is_some()));
    if hollow {
        after.push(Sentence::new(
            "A figure in brackets is interpolated between the two nearest measured loads, log figure over log concurrency.",
        ));
    }
    for metric in crate::compare::RATES {
        for x in a.comparison.crossovers.get(&metric).into_iter().flatten() {
            if struck.contains(&x.between.0) || struck.contains(&x.between.1) {
                continue;
            }
            after.push(
                Sentence::new(format!(
                    "In {} the lead changes between concurrency {} and {}; the interpolated lines cross near {}.",
                    metric.info().label.to_lowercase(),
                    x.between.0,
                    x.between.1,
                    fmt::sig(x.concurrency, 3)
                ))
                .on([Reference::Table(Question::WhoWins)]),
            );
        }
    }
    for u in &a.comparison.unmatched {
        after.push(Sentence::new(u.reason.clone()));
    }
    if !after.is_empty() {
        out.push(Block::Paragraph(after));
    }
    out
}

fn blocking(a: &Analysis) -> Vec<Reference> {
    let mut out: Vec<Reference> = Vec::new();
    for f in &a.findings {
        let on = Reference::Check(f.check);
        if f.grade == Grade::Block && f.bears_on.contains(&Question::WhoWins) && !out.contains(&on)
        {
            out.push(on);
        }
    }
    out
}

fn further_findings(a: &Analysis) -> Vec<Block> {
    let mut items: Vec<Sentence> = summary::weighty(a)
        .skip(summary::FIRST)
        .map(finding_sentence)
        .collect();
    let claims = with(a, Check::Text, &[Grade::Block, Grade::Warn]).len();
    if claims > 0 {
        items.push(
            Sentence::new(format!(
                "The pasted report makes {} that its own figures do not support.",
                fmt::counted(claims, "claim", "claims")
            ))
            .on([Reference::Check(Check::Text)]),
        );
    }
    if items.is_empty() {
        return Vec::new();
    }
    vec![Block::List {
        ordered: true,
        items,
    }]
}

fn accuracy(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let mut out = Vec::new();
    if !a.conditions.is_empty() {
        out.push(Block::Table(tables::conditions(&a.conditions)));
    }
    out.extend(super::accuracy::blocks(ws, a));
    out
}

fn sla(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let mut sentences: Vec<Sentence> = Vec::new();
    for s in &a.sla.systems {
        let label = ws.runs.get(s.run).map_or("", |r| r.label.as_str());
        for x in &s.crossings {
            sentences.push(
                Sentence::new(format!(
                    "{label} crosses its {} limit near concurrency {} (interpolated).",
                    x.metric.info().short,
                    fmt::sig(x.concurrency, 3)
                ))
                .on([Reference::Table(Question::Sla)]),
            );
        }
    }
    let mut out = Vec::new();
    if !a.sla.limits.is_empty() && !a.sla.systems.is_empty() {
        out.push(Block::Table(tables::sla(ws, a)));
    }
    if !sentences.is_empty() {
        out.push(Block::Paragraph(sentences));
    }
    out
}

pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(c) => c.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn limitations(a: &Analysis) -> Vec<Block> {
    let mut items: Vec<Sentence> = Vec::new();
    for f in with(a, Check::Meta, &[Grade::Warn, Grade::Info]) {
        let mut s = finding_sentence(f);
        if !f.arithmetic.is_empty() {
            s.text = format!("{} {}.", s.text, f.arithmetic.join("; "));
        }
        items.push(s);
    }
    let undone: Vec<&Finding> = a
        .findings
        .iter()
        // That no report was pasted limits nothing.
        .filter(|f| f.grade == Grade::NoData && f.check != Check::Text)
        .collect();
    if !undone.is_empty() {
        let reasons: Vec<String> = undone.iter().map(|f| lower(&f.title)).collect();
        items.push(
            Sentence::new(format!(
                "{} could not be done: {}.",
                fmt::capital(&fmt::counted(undone.len(), "check", "checks")),
                reasons.join("; ")
            ))
            .on(undone.iter().map(|f| Reference::Check(f.check))),
        );
    }
    if a.comparison.missing.is_none() {
        items.push(Sentence::new(
            "One run at each load supports statements within these runs only; run-to-run spread takes at least three repeats.",
        ));
    }
    if items.is_empty() {
        return Vec::new();
    }
    vec![Block::List {
        ordered: false,
        items,
    }]
}

fn recommendations(a: &Analysis) -> Vec<Block> {
    let mut items: Vec<Sentence> = Vec::new();
    for f in &a.findings {
        if let (Grade::Block | Grade::Warn, Some(advice)) = (f.grade, &f.advice) {
            let on = Reference::Check(f.check);
            match items.iter_mut().find(|s| s.text == *advice) {
                Some(s) => {
                    if !s.refs.contains(&on) {
                        s.refs.push(on);
                    }
                }
                None => items.push(Sentence::new(advice.clone()).on([on])),
            }
        }
    }
    for n in &a.next {
        items.push(
            Sentence::new(format!("{}; the command stands in the appendix.", n.why)).on(n
                .lifts
                .iter()
                .copied()
                .map(Reference::Check)),
        );
    }
    if items.is_empty() {
        return Vec::new();
    }
    vec![Block::List {
        ordered: true,
        items,
    }]
}

/// Each run that is recommended, with both load generators.
fn commands(a: &Analysis) -> Vec<Block> {
    let mut out = Vec::new();
    for n in &a.next {
        for (tool, command) in [("AIPerf", &n.aiperf), ("GenAI-Perf", &n.genai_perf)] {
            let text = format!("{}, with {tool}:", n.why);
            out.push(Block::Paragraph(vec![Sentence::new(text)]));
            out.push(Block::Code(command.clone()));
        }
    }
    out
}

fn notes(a: &Analysis) -> Vec<Block> {
    let mut items = vec![
        "Output tokens a request = tokens/s ÷ requests/s where the length is not reported. Request time R = concurrency ÷ requests/s where it is not reported.".to_owned(),
        "Token ratio = request ratio × output-length ratio, candidate over baseline.".to_owned(),
        format!(
            "Differences within {} are called no practical difference.",
            fmt::limit(a.thresholds.equivalence)
        ),
        "Between two measured loads, figures lie on the straight line of log figure over log concurrency; nothing is extrapolated.".to_owned(),
    ];
    if let Some(stat) = a.sla.stat.filter(|_| !a.sla.limits.is_empty()) {
        items.push(format!(
            "Limits are judged at {}; where a source gives one figure without naming its statistic, that figure.",
            fmt::stat(stat)
        ));
    }
    for (m, _) in &a.sla.limits {
        items.push(format!("{}.", m.info().formula));
    }
    vec![Block::List {
        ordered: false,
        items: items.into_iter().map(Sentence::new).collect(),
    }]
}

fn evidence(a: &Analysis) -> Vec<Block> {
    let all: Vec<Evidence> = a
        .findings
        .iter()
        .map(|f| Evidence {
            check: f.check,
            grade: f.grade,
            title: f.title.clone(),
            lines: match f.grade {
                Grade::NoData => vec![f.consequence.clone()],
                _ => f.arithmetic.clone(),
            },
            quotes: f
                .quotes
                .iter()
                .map(|q| format!("{}, line {}: {}", q.file, q.line, q.text))
                .collect(),
        })
        .collect();
    if all.is_empty() {
        return Vec::new();
    }
    vec![Block::Evidence(all)]
}
