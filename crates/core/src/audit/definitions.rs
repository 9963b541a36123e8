//! TPOT-DEF and META: what figures mean and what the sources leave unsaid.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{Deployment, Metric, Run, Stat, TpotDefinition};

fn definition_words(d: TpotDefinition) -> &'static str {
    match d {
        TpotDefinition::AfterFirst => "(R − TTFT) ÷ (OSL − 1)",
        TpotDefinition::AfterFirstOverAll => "(R − TTFT) ÷ OSL",
        TpotDefinition::WithFirst => "R ÷ OSL, the wait for the first token counted in",
    }
}

pub(super) const TPOT_DEF: Row = Row {
    title: "TPOT definition",
    tests: "Both sides mean the same by time per output token.",
    needs: "TPOT on two sides",
    bears_on: &[Question::Sla, Question::Projection],
    weakest: "TPOT means two things",
    by_point: false,
    run: tpot_def,
};

/// TPOT-DEF: whether the sides mean the same by time per output token.
fn tpot_def(case: &Case<'_>) -> Vec<Finding> {
    let mut seen: Vec<(usize, TpotDefinition)> = Vec::new();
    let mut points: Vec<PointRef> = Vec::new();
    for run in case
        .measured()
        .into_iter()
        .chain(case.projections.iter().copied())
    {
        for (at, _, p) in case.points(run) {
            if p.metrics.contains_key(&Metric::Tpot) {
                points.push(at);
                if !seen.contains(&(run, p.tpot_definition)) {
                    seen.push((run, p.tpot_definition));
                }
            }
        }
    }
    let runs = {
        let mut r: Vec<usize> = seen.iter().map(|(r, _)| *r).collect();
        r.dedup();
        r.len()
    };
    if runs < 2 {
        return vec![Finding::no_data(
            Check::TpotDef,
            if runs == 0 {
                "No source reports TPOT"
            } else {
                "Only one source reports TPOT"
            },
        )];
    }
    let lines: Vec<String> = seen
        .iter()
        .map(|(r, d)| format!("{}: TPOT = {}", case.label(*r), definition_words(*d)))
        .collect();
    let first = seen.first().map(|(_, d)| *d);
    if seen.iter().all(|(_, d)| Some(*d) == first) {
        return vec![
            Finding::new(
                Check::TpotDef,
                Grade::Pass,
                "All sides mean the same by time per output token",
            )
            .lines(lines),
        ];
    }
    vec![
        Finding::new(
            Check::TpotDef,
            Grade::Block,
            "The sides mean different things by time per output token",
        )
        .so("TPOT and tokens/s per user are not set against each other.")
        .lines(lines)
        .at(points)
        .advise("Compute TPOT from per-request records by one formula: (R − TTFT) ÷ (OSL − 1)."),
    ]
}

pub(super) const META: Row = Row {
    title: "Facts missing",
    tests: "The sources say what was deployed and how it was measured.",
    needs: "a run",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "facts are missing",
    by_point: false,
    run: meta,
};

/// META: what the sources leave unsaid, factors that changed together, and settings that the
/// projection's tool ignores.
fn meta(case: &Case<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let measured = case.measured();
    if measured.is_empty() && case.projections.is_empty() {
        return vec![Finding::no_data(Check::Meta, "There is no run to describe")];
    }
    out.extend(confounded(case));
    out.extend(unstated(case, &measured));
    out.extend(ignored_comm(case));
    if out.is_empty() {
        out.push(Finding::new(
            Check::Meta,
            Grade::Pass,
            "The sources say what was deployed and how it was measured",
        ));
    }
    out
}

fn unstated(case: &Case<'_>, measured: &[usize]) -> Option<Finding> {
    let mut lines = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut points = Vec::new();
    let mut weighty = false;
    for run in measured {
        let Some(r) = case.run(*run) else { continue };
        let missing = missing_facts(case, *run, r);
        if missing.is_empty() {
            continue;
        }
        points.extend(case.points(*run).iter().map(|(at, _, _)| *at));
        // Facts that no comparison of rates rests on do not shake it.
        weighty |= missing.iter().any(|fact| fact.weighty());
        let words: Vec<&str> = missing.iter().map(|fact| fact.words()).collect();
        lines.push(format!("{}: {}", r.label, words.join(", ")));
        names.push(r.label.as_str());
    }
    if lines.is_empty() {
        return None;
    }
    let mut f = Finding::new(
        Check::Meta,
        if weighty { Grade::Warn } else { Grade::Info },
        format!("{} {} not fully described", fmt::list(&names), if names.len() == 1 { "is" } else { "are" }),
    )
    .so("Not stated, and therefore not checked; the comparison holds only if they are the same on both sides.")
    .lines(lines)
    .at(points)
    .advise("Add the tool’s own result files: they carry most of this. Set the GPU count in the tray.");
    if !bare_figures(case) {
        f = f.harmless();
    }
    Some(f)
}

/// Whether a side gives bare figures, as a pasted table does: with neither a number of requests
/// nor of failures anywhere, nothing says how well they are known.
fn bare_figures(case: &Case<'_>) -> bool {
    [case.candidate, case.baseline]
        .into_iter()
        .flatten()
        .any(|i| case.points(i).iter().all(|(_, _, p)| p.requests.is_none()))
}

/// A fact that a source may leave unsaid.
#[derive(Clone, Copy)]
enum Fact {
    Gpus,
    GpusGuessed,
    Precision,
    Requests,
    Duration,
    Failures,
    Statistic,
    ToolVersion,
}

impl Fact {
    fn words(self) -> &'static str {
        match self {
            Self::Gpus => "GPU count",
            Self::GpusGuessed => "GPU count (a guess is used)",
            Self::Precision => "precision",
            Self::Requests => "number of requests",
            Self::Duration => "duration",
            Self::Failures => "failed requests",
            Self::Statistic => "which statistic the latencies are",
            Self::ToolVersion => "version of the load generator",
        }
    }
    /// Whether a comparison of rates rests on it.
    fn weighty(self) -> bool {
        matches!(
            self,
            Self::Gpus | Self::GpusGuessed | Self::Requests | Self::Failures
        )
    }
}

fn missing_facts(case: &Case<'_>, run: usize, r: &Run) -> Vec<Fact> {
    let d = &r.deployment;
    let points = case.points(run);
    let mut out = Vec::new();
    match d.gpus {
        None => out.push(Fact::Gpus),
        Some(g) if g.guess => out.push(Fact::GpusGuessed),
        Some(_) => {}
    }
    let q = &d.quantization;
    if q.gemm.is_none() && !names_precision(d.model.as_deref()) {
        out.push(Fact::Precision);
    }
    if points.is_empty() {
        return out;
    }
    if points.iter().all(|(_, _, p)| p.requests.is_none()) {
        out.push(Fact::Requests);
    }
    if points.iter().all(|(_, _, p)| p.duration.is_none()) {
        out.push(Fact::Duration);
    }
    if points.iter().all(|(_, _, p)| p.errors.is_none()) {
        out.push(Fact::Failures);
    }
    let unnamed = points.iter().any(|(_, _, p)| {
        p.metrics
            .iter()
            .any(|(m, v)| !crate::align::is_rate(*m) && v.stats.get(Stat::Stated).is_some())
    });
    if unnamed {
        out.push(Fact::Statistic);
    }
    if r.tool_version.is_none() {
        out.push(Fact::ToolVersion);
    }
    out
}

/// Whether a model name says its precision.
fn names_precision(model: Option<&str>) -> bool {
    model.is_some_and(|m| {
        let m = m.to_ascii_lowercase();
        [
            "fp8", "fp4", "bf16", "fp16", "int8", "int4", "awq", "gptq", "w8a8",
        ]
        .iter()
        .any(|p| m.contains(p))
    })
}

/// Factors in which the two deployments differ or of which only one side is stated.
fn confounded(case: &Case<'_>) -> Option<Finding> {
    let (a, b) = (case.run(case.candidate?)?, case.run(case.baseline?)?);
    let (da, db) = (&a.deployment, &b.deployment);
    let mut differ: Vec<String> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    let mut put = |name: &str, x: Option<String>, y: Option<String>| {
        let say = |v: &Option<String>| v.clone().unwrap_or_else(|| "not stated".to_owned());
        if let (Some(_), _) | (_, Some(_)) = (&x, &y)
            && x != y
        {
            differ.push(name.to_owned());
            lines.push(format!(
                "{name}: {} {}, {} {}",
                a.label,
                say(&x),
                b.label,
                say(&y)
            ));
        }
    };
    let both = |get: fn(&Deployment) -> Option<String>| (get(da), get(db));
    let runtime = super::text::runtimes(case);
    if let Some((x, y)) = runtime {
        put("runtime", Some(x), Some(y));
    } else {
        let (x, y) = both(|d| {
            Some(match (&d.backend, &d.backend_version) {
                (Some(b), Some(v)) => format!("{b} {v}"),
                (Some(b), None) => b.clone(),
                _ => return None,
            })
        });
        put("runtime", x, y);
    }
    let (x, y) = both(|d| d.quantization.gemm.clone());
    put("quantization", x, y);
    let (x, y) = both(|d| d.tp.map(|v| v.to_string()));
    put("TP", x, y);
    let (x, y) = both(|d| d.system.clone());
    put("GPU type", x, y);
    if let (Some(x), Some(y)) = (a.gpus(), b.gpus()) {
        put("GPU count", Some(x.to_string()), Some(y.to_string()));
    }
    let (x, y) = both(|d| d.model.clone());
    put("model", x, y);
    if differ.len() < 2 {
        return None;
    }
    Some(
        Finding::new(
            Check::Meta,
            Grade::Warn,
            format!(
                "{} things may have changed at once: {}",
                fmt::capital(&fmt::count(differ.len())),
                fmt::list(&differ)
            ),
        )
        .so("A difference between the systems cannot be put down to one of them.")
        .lines(lines)
        .bears(&[Question::WhoWins])
        .harmless()
        .advise(
            "Change one factor at a time, or say that the two deployments are compared as wholes.",
        ),
    )
}

/// AIC's sweep ignores the quantization of communication: it is always half.
fn ignored_comm(case: &Case<'_>) -> Option<Finding> {
    let (run, comm) = case.projections.iter().find_map(|i| {
        let r = case.run(*i)?;
        let comm = r.deployment.quantization.comm.as_deref()?;
        (!matches!(
            comm.to_ascii_lowercase().as_str(),
            "half" | "fp16" | "float16"
        ))
        .then_some((r, comm))
    })?;
    Some(
        Finding::new(
            Check::Meta,
            Grade::Info,
            format!("Communication is given as {comm}, which AIConfigurator does not model"),
        )
        .so("Its all-reduce figures are 16-bit (half) whatever the setting, so the projection is for half.")
        .line(format!("{}: comm = {comm}; AIC: comm = half", run.label))
        .bears(&[Question::Projection])
        .harmless(),
    )
}
