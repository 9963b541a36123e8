//! Whether the projection held.

use super::judged::judged;
use super::{Accuracy, Badge, VerdictLine, bearing, checks, no_data};
use crate::audit::{Case, Check, Finding, Grade, Question, counterparts, projected};
use crate::fmt;
use crate::model::{Metric, Point, Stat};
use serde::{Deserialize, Serialize};

const ASKED: Question = Question::Projection;

/// What must match before an error figure may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// The model.
    Model,
    /// GPUs and their type.
    System,
    /// Input tokens a request.
    Isl,
    /// Output tokens a request.
    Osl,
    /// Requests in flight.
    Concurrency,
    /// Per GPU or the whole system, and what a rate counts.
    Unit,
}

impl Matter {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::System => "GPUs and system",
            Self::Isl => "Input length",
            Self::Osl => "Output length",
            Self::Concurrency => "Concurrency",
            Self::Unit => "Unit and definition",
        }
    }
    /// Whether no error figure means anything while it is not known to match.
    fn needed(self) -> bool {
        matches!(self, Self::Isl | Self::Osl | Self::Concurrency | Self::Unit)
    }
}

/// One condition that must hold before an error figure may be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What must match.
    pub matter: Matter,
    /// On the projection's side.
    pub projection: String,
    /// On the measurement's side.
    pub measurement: String,
    /// How they differ, in words.
    pub difference: String,
    /// Whether it holds; `None` where one side does not say.
    pub holds: Option<bool>,
}

/// The measured run that a projection is held against: the candidate, else the baseline.
pub(super) fn measured(case: &Case<'_>) -> Option<usize> {
    case.candidate.or(case.baseline)
}

/// The six conditions; empty without a projection or a measured run.
pub fn conditions(case: &Case<'_>, findings: &[Finding]) -> Vec<Condition> {
    let (Some((at, pr, p)), Some(run)) = (projected(case), measured(case)) else {
        return Vec::new();
    };
    let Some(m) = case.run(run) else {
        return Vec::new();
    };
    let same = |a: &Option<String>, b: &Option<String>, fallback: &Option<String>| {
        let a = a.as_ref().or(fallback.as_ref());
        let b = b.as_ref().or(fallback.as_ref());
        (a.cloned(), b.cloned(), a.zip(b).map(|(a, b)| alike(a, b)))
    };
    let say = |v: &Option<String>| v.clone().unwrap_or_else(|| "not stated".to_owned());
    let context = &case.ws.context;
    let mut out = Vec::new();
    let (a, b, holds) = same(&pr.deployment.model, &m.deployment.model, &context.model);
    out.push(Condition {
        matter: Matter::Model,
        projection: say(&a),
        measurement: say(&b),
        difference: words(holds),
        holds,
    });
    let (a, b, system) = same(&pr.deployment.system, &m.deployment.system, &context.system);
    let (ga, gb) = (p.gpus.or(pr.gpus()), m.gpus());
    let gpu_words = |s: &Option<String>, g: Option<u32>| {
        format!(
            "{} × {}",
            g.map_or_else(|| "GPU count not stated".to_owned(), |g| g.to_string()),
            s.clone().unwrap_or_else(|| "system not stated".to_owned())
        )
    };
    let gpus = ga.zip(gb).map(|(a, b)| a == b);
    let holds = match (gpus, system) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), _) => Some(true),
        _ => None,
    };
    out.push(Condition {
        matter: Matter::System,
        projection: gpu_words(&a, ga),
        measurement: gpu_words(&b, gb),
        difference: words(holds),
        holds,
    });
    out.push(length(case, Matter::Isl, p, run, Metric::Isl));
    out.push(length(case, Matter::Osl, p, run, Metric::Osl));
    let loads = case
        .curve(run)
        .map(|c| c.concurrencies())
        .unwrap_or_default();
    let there = counterparts(case, at, pr, p, run);
    let holds = p
        .load
        .concurrency
        .map(|c| loads.contains(&c) || !there.is_empty());
    out.push(Condition {
        matter: Matter::Concurrency,
        projection: p
            .load
            .concurrency
            .map_or_else(|| "not stated".to_owned(), |c| c.to_string()),
        measurement: if loads.is_empty() {
            "not stated".to_owned()
        } else {
            fmt::loads(&loads)
        },
        difference: match (holds, p.load.concurrency) {
            (Some(true), _) if there.own.is_none() => match (there.rows.last(), there.ceiling) {
                (Some((c, _)), _) => format!("its sweep has {c} too"),
                (None, Some(c)) => format!("the engines are full from {c} on"),
                (None, None) => "same".to_owned(),
            },
            (Some(true), _) => "same".to_owned(),
            (Some(false), Some(c)) => format!("{c} was never run"),
            _ => "not stated".to_owned(),
        },
        holds,
    });
    let unit = findings
        .iter()
        // What a report divides is about the report alone, unless it is the runs' only source.
        .find(|f| f.check == Check::Unit && (f.quotes.is_empty() || f.grade == Grade::Block));
    let holds = unit.and_then(|f| match f.grade {
        Grade::Block => Some(false),
        Grade::Pass | Grade::Warn => Some(true),
        _ => None,
    });
    out.push(Condition {
        matter: Matter::Unit,
        projection: match (
            p.metrics.contains_key(&Metric::OutputThroughputPerGpu),
            p.setup.as_ref().is_some_and(|s| s.disagg),
        ) {
            (true, false) => "per GPU, req/s × (OSL − 1)",
            (true, true) => "per GPU, req/s × OSL",
            _ => "tokens/s, whole system",
        }
        .to_owned(),
        measurement: "whole system, output tokens ÷ wall time".to_owned(),
        difference: unit.map_or_else(|| "not known".to_owned(), |f| f.title.clone()),
        holds,
    });
    out
}

/// Whether two names mean the same thing: letters and digits only, one may say more.
fn alike(a: &str, b: &str) -> bool {
    let plain = |s: &str| {
        s.rsplit('/')
            .next()
            .unwrap_or(s)
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let (a, b) = (plain(a), plain(b));
    a == b || a.starts_with(&b) || b.starts_with(&a)
}

fn words(holds: Option<bool>) -> String {
    match holds {
        Some(true) => "same",
        Some(false) => "different",
        None => "not stated on both sides",
    }
    .to_owned()
}

fn length(case: &Case<'_>, matter: Matter, p: &Point, run: usize, metric: Metric) -> Condition {
    let asked = match metric {
        Metric::Isl => p
            .workload
            .isl
            .or(case.key.and_then(|k| k.isl.map(|v| v as f64))),
        _ => p
            .workload
            .osl
            .or(case.key.and_then(|k| k.osl.map(|v| v as f64))),
    };
    let curve = case.curve(run);
    let at = p.load.concurrency;
    let observed: Vec<f64> = curve
        .as_ref()
        .map(|c| {
            let here = at.filter(|a| c.loads.contains_key(a));
            c.loads
                .keys()
                .filter(|l| here.is_none_or(|h| h == **l))
                .filter_map(|l| Some(c.at(*l, metric, Stat::Avg)?.value))
                .collect()
        })
        .unwrap_or_default();
    let asked_there = curve.as_ref().and(case.key).and_then(|k| match metric {
        Metric::Isl => k.isl,
        _ => k.osl,
    });
    let limit = case.thresholds.target_warn;
    let (low, high) = observed
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
    let token_words = |low: f64, high: f64| {
        format!(
            "{} tokens observed",
            fmt::range(
                &fmt::sig(low, if low < 100.0 { 3 } else { 4 }),
                &fmt::sig(high, if high < 100.0 { 3 } else { 4 })
            )
        )
    };
    let (measurement, holds, difference) = match (asked, observed.is_empty()) {
        (Some(a), false) => {
            let off = (low / a - 1.0).abs().max((high / a - 1.0).abs());
            (
                token_words(low, high),
                Some(off <= limit),
                if off < 0.0005 {
                    "same".to_owned()
                } else if off <= limit {
                    format!("at most {} off", fmt::percent(off, 1))
                } else {
                    format!("{} of it", fmt::percent_range(low / a, high / a, 1))
                },
            )
        }
        (Some(a), true) => match asked_there {
            Some(m) => (
                format!("{} asked, none observed", fmt::number(m as f64, 0)),
                Some((m as f64 - a).abs() <= limit * a),
                words(Some((m as f64 - a).abs() <= limit * a)),
            ),
            None => ("not stated".to_owned(), None, words(None)),
        },
        (None, false) => (token_words(low, high), None, words(None)),
        (None, true) => ("not stated".to_owned(), None, words(None)),
    };
    Condition {
        matter,
        projection: asked.map_or_else(
            || "not stated".to_owned(),
            |a| format!("{} tokens", fmt::number(a, 0)),
        ),
        measurement,
        difference,
        holds,
    }
}

pub(super) fn line(
    case: &Case<'_>,
    findings: &[Finding],
    conditions: &[Condition],
    accuracy: Option<&Accuracy>,
) -> VerdictLine {
    let case = &case.for_projection();
    let Some((_, _, p)) = projected(case) else {
        return no_data(
            ASKED,
            "There is no projection to check.",
            "Add an AIConfigurator result to set it beside the measured runs.",
        );
    };
    let Some(run) = measured(case) else {
        return no_data(
            ASKED,
            "The projection has not been tested.",
            format!(
                "It is for {}. Add a run at that point.",
                operating_point(case, p)
            ),
        );
    };
    match standing(findings, conditions) {
        Standing::Fails(failing) => refused(case, findings, p, run, &failing),
        Standing::Blocked(f) => VerdictLine {
            question: ASKED,
            sentence: "The projection cannot be checked with this run.".to_owned(),
            reason: format!("{}. {}", f.title, f.consequence).trim().to_owned(),
            badge: Badge::NotComparable,
            evidence: "The measurement is in doubt".to_owned(),
            checks: vec![f.check],
        },
        Standing::Comparable => {
            let all = accuracy.map_or(&[][..], |a| &a.by_load);
            judged(findings, p, all, conditions)
        }
    }
}

/// Whether an error figure may be given.
pub(super) enum Standing<'a> {
    /// Both sides mean the same thing, as far as the sources say.
    Comparable,
    /// These conditions do not hold, or cannot be known.
    Fails(Vec<&'a Condition>),
    /// The measured figures at this very point are in doubt.
    Blocked(&'a Finding),
}

/// Decides by the conditions and by what blocks at the projection's own point.
pub(super) fn standing<'a>(findings: &'a [Finding], conditions: &'a [Condition]) -> Standing<'a> {
    let failing: Vec<&Condition> = conditions
        .iter()
        .filter(|c| c.holds == Some(false) || (c.holds.is_none() && c.matter.needed()))
        .collect();
    if !failing.is_empty() {
        return Standing::Fails(failing);
    }
    let mut doubts = bearing(findings, ASKED, Grade::Block)
        .filter(|f| matches!(f.check, Check::Errors | Check::Little | Check::Roof));
    doubts
        .next()
        .map_or(Standing::Comparable, Standing::Blocked)
}

/// `500 output tokens at concurrency 12`.
fn operating_point(case: &Case<'_>, p: &Point) -> String {
    let osl = p
        .workload
        .osl
        .or(case.key.and_then(|k| k.osl.map(|v| v as f64)));
    let mut parts = Vec::new();
    if let Some(osl) = osl {
        parts.push(format!("{} output tokens", fmt::number(osl, 0)));
    }
    if let Some(c) = p.load.concurrency {
        parts.push(format!("concurrency {c}"));
    }
    if parts.is_empty() {
        "an unstated load".to_owned()
    } else {
        parts.join(" at ")
    }
}

fn refused(
    case: &Case<'_>,
    findings: &[Finding],
    p: &Point,
    run: usize,
    failing: &[&Condition],
) -> VerdictLine {
    let has = |matter: Matter| failing.iter().any(|c| c.matter == matter);
    let mut did = Vec::new();
    if has(Matter::Osl) {
        let values: Vec<f64> = case
            .points(run)
            .iter()
            .filter_map(|(_, r, p)| Some(r.value(p, Metric::Osl)?.0))
            .collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        if values.is_empty() {
            let asked = case.key.and_then(|k| k.osl);
            did.extend(
                asked.map(|o| format!("asked for {} tokens a request", fmt::number(o as f64, 0))),
            );
        } else {
            did.push(format!(
                "counted {} tokens a request",
                fmt::range(&fmt::number(low, 0), &fmt::number(high, 0))
            ));
        }
    }
    if has(Matter::Concurrency)
        && let Some(c) = p.load.concurrency
    {
        did.push(format!("never ran {c}"));
    }
    let reason = if did.is_empty() {
        let rest: Vec<String> = failing
            .iter()
            .map(|c| format!("{}: {}", c.matter.name().to_lowercase(), c.difference))
            .collect();
        format!("{}.", fmt::capital(&rest.join("; ")))
    } else {
        format!(
            "It assumes {}. The run {}.",
            operating_point(case, p),
            did.join(" and ")
        )
    };
    let fails = failing.iter().filter(|c| c.holds == Some(false)).count();
    let evidence = match (fails, failing.len()) {
        (0, 1) => "1 condition is not known".to_owned(),
        (0, n) => format!("{n} conditions are not known"),
        (1, _) => "1 condition fails".to_owned(),
        (n, _) => format!("{n} conditions fail"),
    };
    VerdictLine {
        question: ASKED,
        sentence: "The projection cannot be checked with this run.".to_owned(),
        reason,
        badge: Badge::NotComparable,
        evidence,
        checks: checks(bearing(findings, ASKED, Grade::Block)),
    }
}
