//! What an explanation says, in words.

use super::{Candidate, Explanation, FEWEST, MOST};
use crate::cost::{GemmQuant, KvQuant, Quant, RuleSet};
use crate::fmt;

/// The answer as a heading and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// A heading, without a full stop.
    pub title: String,
    /// Whole sentences.
    pub reason: String,
}

/// Number formats: `16-bit weights`, with KV cache and attention where they differ from them.
pub fn precision(quant: Quant) -> String {
    let weights = match quant.gemm {
        GemmQuant::Float16 => "16-bit weights".to_owned(),
        other => format!("{} weights", other.label(RuleSet::Aic012)),
    };
    match (quant.gemm == GemmQuant::Float16, quant.kvcache) {
        (true, KvQuant::Fp8) => format!("{weights} with an fp8 KV cache"),
        (false, KvQuant::Float16) => format!("{weights} with a 16-bit KV cache"),
        _ => weights,
    }
}

/// `TP8`, `8 × TP1`, `TP4 PP2`.
fn shape(c: &Candidate) -> String {
    let mut out = format!("TP{}", c.config.tp);
    if c.config.pp > 1 {
        out.push_str(&format!(" PP{}", c.config.pp));
    }
    if c.workers > 1 {
        out = format!("{} × {out}", c.workers);
    }
    out
}

/// Number formats and shape of a candidate: `16-bit weights, 8 × TP1`.
pub fn of(c: &Candidate) -> String {
    format!("{}, {}", precision(c.config.quant), shape(c))
}

/// A candidate in a few words, with its model where that is not known: `16-bit weights, 8 × TP1`.
pub fn name(e: &Explanation, c: &Candidate) -> String {
    let what = of(c);
    if e.question.model_is_known {
        what
    } else {
        format!("{}, {what}", c.config.model)
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut out = Vec::new();
    for name in names {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// An error as `3 %`: of the ratio, rounded up.
fn miss(log: f64) -> String {
    fmt::percent((log.exp_m1() * 100.0 - 1e-9).ceil() / 100.0, 0)
}

/// The answer for a run of this label.
pub fn words(e: &Explanation, label: &str) -> Words {
    let n = e.question.loads.len();
    let loads = fmt::counted(n, "load", "loads");
    let Some(best) = e.candidates.first() else {
        return Words {
            title: format!("Nothing is known that would explain {label}"),
            reason: String::new(),
        };
    };
    let mut reason: Vec<String> = Vec::new();
    let found = e.found();
    let title = if best.worst > MOST {
        reason.push(format!(
            "The nearest, {}, misses by up to {}; beyond {} nothing is claimed.",
            name(e, best),
            miss(best.worst),
            fmt::percent(MOST, 0)
        ));
        format!("No configuration of the cost model explains {label}")
    } else if n < FEWEST {
        reason.push("At a single load many configurations take the same time.".to_owned());
        format!("{} load of {label} is too few to tell its configuration", n)
    } else {
        let within = miss(found.iter().map(|c| c.worst).fold(0.0, f64::max));
        let names = distinct(found.iter().map(|c| name(e, c)));
        let formats = distinct(found.iter().map(|c| precision(c.config.quant)));
        match (names.as_slice(), formats.as_slice()) {
            ([one], _) => format!("{one} explain {loads} of {label} within {within}"),
            (_, [format]) if e.question.model_is_known => {
                let shapes = distinct(found.iter().map(shape));
                format!(
                    "{format} explain {loads} of {label} within {within}, {} equally well",
                    fmt::list(&shapes)
                )
            }
            (some, _) if some.len() <= 3 => format!(
                "{} explain {loads} of {label} equally well, within {within}",
                some.join(" or ")
            ),
            (many, _) => format!(
                "{} configurations explain {loads} of {label} equally well, within {within}",
                many.len()
            ),
        }
    };
    if !found.is_empty() {
        reason.extend(others(e, found));
        reason.push(if e.noise_is_assumed {
            format!(
                "Without records of the requests, candidates within {} of the best count as equal.",
                miss(e.noise)
            )
        } else {
            format!(
                "Candidates within {} of the best count as equal: so well are the means known.",
                miss(e.noise)
            )
        });
    }
    if !e.question.saturated.is_empty() {
        reason.push(format!(
            "Left out, as requests queue there: concurrency {}.",
            fmt::loads(&e.question.saturated)
        ));
    }
    Words {
        title,
        reason: reason.join(" "),
    }
}

/// The best of each format of the weights that is not among those found, and the best of another shape.
fn others(e: &Explanation, found: &[Candidate]) -> Vec<String> {
    let mut out = Vec::new();
    let rest = || e.candidates.iter().skip(found.len());
    let mut formats: Vec<GemmQuant> = found.iter().map(|c| c.config.quant.gemm).collect();
    for c in rest() {
        let gemm = c.config.quant.gemm;
        if !formats.contains(&gemm) {
            formats.push(gemm);
            out.push(format!("{} by up to {}", name(e, c), miss(c.worst)));
        }
    }
    let known = |c: &&Candidate| !found.iter().any(|f| shape(f) == shape(c));
    let other = rest().find(known);
    if let Some(c) = other
        && !out.iter().any(|o| o.starts_with(&name(e, c)))
    {
        out.push(format!("{} by up to {}", name(e, c), miss(c.worst)));
    }
    if out.is_empty() {
        return out;
    }
    vec![format!("Others miss: {}.", fmt::list(&out))]
}

/// A candidate in one line: its name, its rules, its largest and mean miss, measured ÷ projected at each load.
pub fn row(e: &Explanation, c: &Candidate) -> String {
    let at: Vec<String> = c
        .loads
        .iter()
        .map(|l| format!("{} at {}", fmt::number(l.ratio, 3), l.concurrency))
        .collect();
    format!(
        "{} ({}{}): worst {}, mean {}; measured ÷ projected {}",
        name(e, c),
        c.rules,
        if c.deployed { ", as deployed" } else { "" },
        fmt::percent(c.worst, 1),
        fmt::percent(c.mean, 1),
        at.join(", ")
    )
}
