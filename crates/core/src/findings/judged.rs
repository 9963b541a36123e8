//! The answer where projection and run are comparable: how far apart they are, and whether errors hide each other.

use super::{Badge, Condition, VerdictLine, checks, no_data, shaking, weakest};
use crate::accuracy::{LoadErrors, Parts, Quantity, SignedError, overall};
use crate::audit::{Finding, Question};
use crate::fmt;
use crate::model::Point;
use crate::units::Seconds;

const ASKED: Question = Question::Projection;

/// `within 6 % of the run`, `58 % low`, and whether the run's own spread allows for it.
fn words_of(e: &SignedError) -> String {
    let error = e.error();
    if error.abs() <= 0.10 {
        return format!(
            "within {} of the run",
            fmt::percent((error.abs() * 100.0).ceil() / 100.0, 0)
        );
    }
    let spread = e
        .ratio_interval()
        .is_some_and(|(low, high)| low <= 1.0 && 1.0 <= high);
    format!(
        "{} {}{}",
        fmt::percent(error.abs(), 0),
        if error < 0.0 { "low" } else { "high" },
        if spread {
            ", within the spread of the run"
        } else {
            ""
        }
    )
}

/// The quantities of an answer, the weightiest first.
const TOLD: [Quantity; 3] = [Quantity::PerGpu, Quantity::Ttft, Quantity::Tpot];

pub(super) fn judged(
    findings: &[Finding],
    p: &Point,
    all: &[LoadErrors],
    conditions: &[Condition],
) -> VerdictLine {
    let there = all
        .iter()
        .find(|l| Some(l.expected.concurrency) == p.load.concurrency);
    let errors: Vec<&SignedError> = there
        .iter()
        .flat_map(|l| TOLD.iter().filter_map(|q| l.of(*q)))
        .collect();
    let Some(first) = errors.first() else {
        return no_data(
            ASKED,
            "The projection and the run share no figure.",
            "Output per GPU, TTFT or TPOT on both sides would be compared.",
        );
    };
    let parts = there.and_then(LoadErrors::parts).filter(|p| {
        first.quantity == Quantity::PerGpu && p.offset() && first.error().abs() <= 0.10
    });
    let mut sentence = format!(
        "The projected {} is {}",
        first.quantity.in_sentence(),
        words_of(first)
    );
    if parts.is_some() {
        sentence.push_str(", because two errors offset");
    } else if let Some(e) = errors.get(1) {
        sentence.push_str(&format!(
            "; its {} is {}",
            e.quantity.in_sentence(),
            words_of(e)
        ));
    }
    let shaky: Vec<&Finding> = shaking(findings, ASKED).collect();
    let open = conditions.iter().filter(|c| c.holds.is_none()).count();
    let met = conditions.len() - open;
    let evidence = format!("{met} of {} conditions", conditions.len());
    let (badge, evidence) = if open > 0 {
        (Badge::Caution, evidence)
    } else if let Some(f) = shaky.first() {
        (Badge::Caution, fmt::capital(weakest(f.check)))
    } else {
        (Badge::Sound, evidence)
    };
    VerdictLine {
        question: ASKED,
        sentence: format!("{sentence}."),
        reason: reason(p, &errors, parts, all),
        badge,
        evidence,
        checks: checks(shaky.into_iter()),
    }
}

fn reason(p: &Point, errors: &[&SignedError], parts: Option<Parts>, all: &[LoadErrors]) -> String {
    let at = p
        .load
        .concurrency
        .map_or_else(String::new, |c| format!(" at concurrency {c}"));
    let lead = match parts {
        Some(parts) => fmt::capital(&format!("{}.", offsetting(at.trim_start(), &parts))),
        None => {
            let all: Vec<String> = errors
                .iter()
                .map(|e| format!("{} {}", e.quantity.in_sentence(), fmt::change(e.error())))
                .collect();
            format!("Projected over measured{at}: {}.", fmt::list(&all))
        }
    };
    let mean: Vec<String> = overall(all)
        .iter()
        .filter(|o| TOLD.contains(&o.quantity) && o.loads == all.len())
        .map(|o| {
            format!(
                "{} in {}",
                fmt::percent(o.mape, 0),
                o.quantity.in_sentence()
            )
        })
        .collect();
    if mean.is_empty() {
        format!("{lead} One run.")
    } else {
        format!(
            "{lead} Over {} the mean absolute error is {}.",
            fmt::counted(all.len(), "load", "loads"),
            fmt::list(&mean)
        )
    }
}

/// `at concurrency 16 it expects the first token 395 ms sooner and 610 ms more decoding than the run
/// took, together a request 214 ms (4.7 %) longer`.
fn offsetting(at: &str, parts: &Parts) -> String {
    let more = |v: f64, more: &'static str, less: &'static str| if v > 0.0 { more } else { less };
    format!(
        "{at} it expects the first token {} {} and {} {} decoding than the run took, together a request {} ({}) {}",
        fmt::time(Seconds(parts.first_s.abs())),
        more(parts.first_s, "later", "sooner"),
        fmt::time(Seconds(parts.decode_s.abs())),
        more(parts.decode_s, "more", "less"),
        fmt::time(Seconds(parts.total_s.abs())),
        fmt::percent(parts.total_s.abs() / parts.measured_s, 1),
        more(parts.total_s, "longer", "shorter"),
    )
    .trim_start()
    .to_owned()
}
