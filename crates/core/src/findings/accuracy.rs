//! What Accuracy shows beside the answer: errors where both sides mean the same, what remains
//! where they do not, and calibration.

use super::projection::{Standing, measured, standing};
use super::{Condition, Matter};
use crate::accuracy::{Expected, LoadErrors, Overall, at_ceiling, at_load, overall};
use crate::align::Curve;
use crate::audit::{
    self, Case, Finding, PointRef, Reprojection, claimed, counterparts, pairs, projected,
    reprojection,
};
use crate::calibrate::{Advice, FEWEST, Fit, fit};
use crate::explain::Candidate;
use crate::fmt;
use crate::model::{Metric, Point, Run, Stat};

/// A figure that somebody may have in mind, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub name: String,
    /// The figure.
    pub figure: String,
    /// The condition that it fails, for which it is struck; `None` for a figure that stands with
    /// caution.
    pub fails: Option<Matter>,
    /// The division behind it; empty where the words say it.
    pub division: String,
    /// What is wrong with it, or what it compares: a sentence, which begins with the division.
    pub words: String,
}

/// Factors for a cost model.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The rules and figures whose projections are scaled.
    pub by: String,
    /// One for each quantity that enough loads have.
    pub fits: Vec<Fit>,
    /// What to do, as a heading.
    pub title: String,
    /// Why, one or two sentences.
    pub reason: String,
}

/// The view's contents apart from the answer and the conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Index of the measured run.
    pub run: usize,
    /// How many requests the measured run holds at the projection's load.
    pub requests: Option<u64>,
    /// Errors at the projection's own load; `None` where the two are not comparable.
    pub errors: Option<LoadErrors>,
    /// Errors at every load of the same work, ascending; empty where not comparable.
    pub by_load: Vec<LoadErrors>,
    /// Mean errors over these loads; empty with one load.
    pub overall: Vec<Overall>,
    /// Figures that do not hold, where not comparable.
    pub steps: Vec<Step>,
    /// The work that was done, projected again; or why it is not, one sentence.
    pub reprojection: Result<Reprojection, String>,
    /// Candidate and baseline as they were deployed, projected again: the run's index with each of its loads. Those whose deployment no
    /// file describes are absent.
    pub deployed: Vec<(usize, Candidate)>,
    /// Factors; or why there are none, one or two sentences.
    pub calibration: Result<Calibration, String>,
}

/// Builds it; `None` without a projection or a measured run.
pub fn accuracy(
    case: &Case<'_>,
    findings: &[Finding],
    conditions: &[Condition],
) -> Option<Accuracy> {
    let case_there = case.for_projection();
    let (at, pr, p) = projected(&case_there)?;
    let run = measured(&case_there)?;
    let by_load = match standing(findings, conditions) {
        Standing::Comparable => loads(&case_there, at, pr, p, run),
        _ => Vec::new(),
    };
    let errors = nearest(&by_load, p).cloned();
    let reprojection = reprojection(case).map_err(|why| format!("{why}."));
    let requests = case_there
        .points(run)
        .into_iter()
        .find(|(_, _, m)| m.load.concurrency == p.load.concurrency)
        .and_then(|(_, _, m)| m.requests);
    Some(Accuracy {
        run,
        requests,
        steps: if errors.is_none() {
            steps(&case_there, p, run, conditions, reprojection.as_ref().ok())
        } else {
            Vec::new()
        },
        errors,
        deployed: deployed(&case_there),
        overall: overall(&by_load),
        by_load,
        calibration: calibration(case, reprojection.as_ref().err()),
        reprojection,
    })
}

/// Both sides as they were deployed, the candidate first.
fn deployed(case: &Case<'_>) -> Vec<(usize, Candidate)> {
    let sides = [case.candidate, case.baseline].into_iter().flatten();
    sides
        .filter_map(|run| Some((run, case.projector?.as_deployed(case.ws, run)?)))
        .collect()
}

/// Errors at every load of the projection's work: its own points of the same deployment, else the
/// cost model at the lengths that it assumes.
fn loads(case: &Case<'_>, at: PointRef, pr: &Run, p: &Point, run: usize) -> Vec<LoadErrors> {
    let (Some(curve), Some(key)) = (case.curve(run), case.key) else {
        return Vec::new();
    };
    let (isl, osl) = (key.isl.map(|v| v as f64), key.osl.map(|v| v as f64));
    let Some(own) = Expected::of(pr, p, isl, osl) else {
        return Vec::new();
    };
    let there = counterparts(case, at, pr, p, run);
    let measured = case.run(run);
    let cap = measured.and_then(Run::in_flight_cap);
    let trusted = |c: u32| {
        measured.is_some_and(|m| {
            let mut points = m.points.iter();
            !points.any(|q| q.distrusted && q.load.concurrency == Some(c))
        })
    };
    let mut out: Vec<LoadErrors> = curve
        .concurrencies()
        .into_iter()
        .filter(|c| as_long(case, &curve, &own, *c) && trusted(*c))
        .filter_map(|c| {
            if there.own == Some(c) {
                return Some(at_load(&curve, &own, false));
            }
            if there.ceiling == Some(c) {
                return Some(at_ceiling(&curve, &own, c));
            }
            // What the engines don't take waits before them: no batch of that size is projected.
            if cap.is_some_and(|cap| c > cap) {
                return None;
            }
            let row = there.rows.iter().find(|(load, _)| *load == c);
            let reported = row.and_then(|(_, at)| {
                let r = case.run(at.run)?;
                Expected::of(r, r.points.get(at.point)?, isl, osl)
            });
            match reported {
                Some(e) => Some(at_load(&curve, &e, false)),
                None => audit::expected(case, run, Some(own.isl), own.osl, c)
                    .map(|e| at_load(&curve, &e, true)),
            }
        })
        .collect();
    out.retain(|l| !l.errors.is_empty());
    out
}

/// The load that is told first: the projection's own, else the nearest below the cap that its sweep has a row for, else that of full
/// engines.
pub(super) fn nearest<'l>(all: &'l [LoadErrors], p: &Point) -> Option<&'l LoadErrors> {
    let own = p.load.concurrency?;
    let far = |l: &LoadErrors| l.expected.concurrency.abs_diff(own);
    all.iter()
        .find(|l| l.expected.concurrency == own)
        .or_else(|| {
            let rows = all.iter().filter(|l| !l.recomputed && l.ceiling.is_none());
            rows.min_by_key(|l| far(l))
        })
        .or_else(|| all.iter().find(|l| l.ceiling.is_some()))
}

/// Whether the requests at a load were as long as the projection assumes.
fn as_long(case: &Case<'_>, curve: &Curve<'_>, own: &Expected, c: u32) -> bool {
    [(Metric::Isl, own.isl), (Metric::Osl, own.osl)]
        .into_iter()
        .all(|(metric, assumed)| {
            curve
                .at(c, metric, Stat::Avg)
                .is_none_or(|f| (f.value / assumed - 1.0).abs() <= case.thresholds.target_warn)
        })
}

/// From the figure that a report states to the one that the work supports.
fn steps(
    case: &Case<'_>,
    p: &Point,
    run: usize,
    conditions: &[Condition],
    again: Option<&Reprojection>,
) -> Vec<Step> {
    let Some(c) = claimed(case) else {
        return Vec::new();
    };
    let load = fmt::number(c.load, 0);
    let own = p
        .load
        .concurrency
        .map_or_else(String::new, |own| format!(" at {own}"));
    let mut out = vec![Step {
        name: "What the report said".to_owned(),
        figure: fmt::percent(c.stated.map_or(c.share(), |s| s / 100.0), 0),
        fails: Some(Matter::Unit),
        division: c.division(),
        words: format!("divides a whole system at concurrency {load} by one GPU{own}."),
    }];
    if let Some(g) = c.gpus {
        let fails = |matter: Matter| {
            conditions
                .iter()
                .any(|c| c.matter == matter && c.holds == Some(false))
        };
        let osl = case
            .points(run)
            .into_iter()
            .find(|(_, _, m)| m.load.concurrency.map(f64::from) == Some(c.load))
            .and_then(|(_, r, m)| r.value(m, Metric::Osl))
            .map(|(v, _)| v);
        let asked = p
            .workload
            .osl
            .or(case.key.and_then(|k| k.osl.map(|v| v as f64)));
        let (failing, words) = match (osl.zip(asked), p.load.concurrency) {
            (Some((osl, asked)), _) if fails(Matter::Osl) => (
                Some(Matter::Osl),
                format!(
                    "still compares {} output tokens a request with {}.",
                    fmt::number(osl, 0),
                    fmt::number(asked, 0)
                ),
            ),
            (_, Some(own)) if fails(Matter::Concurrency) => (
                Some(Matter::Concurrency),
                format!("still compares concurrency {load} with {own}."),
            ),
            _ => (None, "puts both into one unit.".to_owned()),
        };
        out.push(Step {
            name: "In one unit".to_owned(),
            figure: fmt::percent(c.share() / f64::from(g), 1),
            fails: failing,
            division: format!("{} ÷ ({} × {g})", c.measured.1, c.projected.1),
            words,
        });
    }
    if let Some(again) = again {
        let (low, high) = again.shares();
        out.push(Step {
            name: "For the work that was done".to_owned(),
            figure: fmt::percent_range(low, high, 0),
            fails: None,
            division: String::new(),
            words: format!(
                "Measured requests/s against a re-projection at {} in, {} out, at each concurrency.",
                fmt::number(again.isl, 0),
                fmt::number(again.osl, 0)
            ),
        });
    }
    out
}

fn calibration(case: &Case<'_>, why_not: Option<&String>) -> Result<Calibration, String> {
    let found = pairs(case);
    let label = case.candidate.map_or("The candidate", |i| case.label(i));
    if found.fitting < FEWEST {
        return Err(format!(
            "A factor takes at least three measured loads whose output length lies within {} of the asked one. {label} has {}.",
            fmt::percent(case.thresholds.target_warn, 0),
            match found.fitting {
                0 => "none".to_owned(),
                n => fmt::count(n),
            }
        ));
    }
    let fits: Vec<Fit> = found
        .of
        .iter()
        .filter_map(|(q, pairs)| fit(*q, pairs, case.thresholds.equivalence))
        .collect();
    if fits.is_empty() {
        return Err(
            match (why_not, found.of.iter().any(|(_, p)| !p.is_empty())) {
                (Some(why), false) => why.clone(),
                _ => format!(
                    "A factor takes TTFT, TPOT or request time, measured and projected, at three loads at least; {label} has no figure at so many."
                ),
            },
        );
    }
    let (title, reason) = said(&fits);
    Ok(Calibration {
        by: case.projector.map_or_else(String::new, |m| m.name()),
        fits,
        title,
        reason,
    })
}

/// What a factor is called.
pub fn factor_name(fit: &Fit) -> &'static str {
    match fit.quantity {
        crate::accuracy::Quantity::Ttft => "prefill",
        crate::accuracy::Quantity::Tpot => "decode",
        _ => "request-time",
    }
}

/// The heading and the reason.
fn said(fits: &[Fit]) -> (String, String) {
    let named = |advice: Advice| -> Vec<&str> {
        fits.iter()
            .filter(|f| f.advice == advice)
            .map(factor_name)
            .collect()
    };
    let kept = named(Advice::Keep);
    let title = match (kept.as_slice(), kept.len() == fits.len()) {
        ([], _) if named(Advice::DontUse).is_empty() => "No factor is needed".to_owned(),
        ([], _) => "Use no factor".to_owned(),
        (_, true) if fits.len() > 1 => "Keep the factors".to_owned(),
        ([one], true) => format!("Keep the {one} factor"),
        ([one], false) => format!("Keep the {one} factor only"),
        (several, _) => format!("Keep the {} factors only", fmt::list(several)),
    };
    let parts: Vec<String> = fits
        .iter()
        .map(|f| {
            let decimals = usize::from(fmt::percent(f.before, 0) == fmt::percent(f.left_out, 0));
            let (before, after) = (
                fmt::percent(f.before, decimals),
                fmt::percent(f.left_out, decimals),
            );
            let (name, of) = (factor_name(f), f.quantity.in_sentence());
            match f.advice {
                Advice::Keep => format!(
                    "The {name} factor takes the {of} error at loads it has not seen from {before} to {after}."
                ),
                Advice::NotNeeded => {
                    format!("The projected {of} is within {before} as it stands.")
                }
                Advice::DontUse if f.left_out > f.before => format!(
                    "The {name} factor makes unseen loads worse, {before} to {after} in {of}."
                ),
                Advice::DontUse => format!(
                    "The {name} factor does too little at unseen loads, {before} to {after} in {of}."
                ),
            }
        })
        .collect();
    (title, parts.join(" "))
}
