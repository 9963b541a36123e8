//! The answer where projection and run are comparable: how far apart they are, and whether errors hide each other.

use super::accuracy::nearest;
use super::{Badge, Condition, VerdictLine, checks, no_data, shaking, weakest};
use crate::accuracy::{LoadErrors, Parts, Quantity, SignedError, overall};
use crate::audit::{Check, Finding, Question};
use crate::fmt;
use crate::model::Point;
use crate::units::Seconds;

const ASKED: Question = Question::Projection;

/// `within 6 % of the run`, `58 % low`, and whether the run's own spread allows for it.
fn words_of(e: &SignedError) -> String {
    let words = short_words_of(e);
    if e.error().abs() <= 0.10 {
        format!("{words} of the run")
    } else {
        words
    }
}

/// The same where the run was named before.
fn short_words_of(e: &SignedError) -> String {
    let error = e.error();
    if error.abs() <= 0.10 {
        return format!(
            "within {}",
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

/// The quantities of an answer, the weightiest first; the request time stands for the two before it where nothing was streamed.
const TOLD: [Quantity; 4] = [
    Quantity::PerGpu,
    Quantity::Ttft,
    Quantity::Tpot,
    Quantity::RequestTime,
];

/// Whether a quantity is told beside the others of its load.
fn told(at: &LoadErrors, quantity: Quantity) -> bool {
    let streamed = at.of(Quantity::Ttft).is_some() || at.of(Quantity::Tpot).is_some();
    quantity != Quantity::RequestTime || !streamed
}

pub(super) fn judged(
    findings: &[Finding],
    p: &Point,
    all: &[LoadErrors],
    conditions: &[Condition],
) -> VerdictLine {
    let there = nearest(all, p);
    let errors: Vec<&SignedError> = there
        .iter()
        .flat_map(|l| {
            TOLD.iter()
                .filter(|q| told(l, **q))
                .filter_map(|q| l.of(*q))
        })
        .collect();
    // Full engines, where the load that is told is another.
    let full = all
        .iter()
        .find(|l| l.ceiling.is_some() && there.is_some_and(|t| t.ceiling.is_none()))
        .and_then(|l| Some((l, l.of(Quantity::PerGpu)?)));
    let elsewhere = there.filter(|l| Some(l.expected.concurrency) != p.load.concurrency);
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
    if let Some(l) = elsewhere {
        sentence.push_str(&match l.ceiling {
            Some(cap) => format!(" with {cap} in the engines"),
            None => format!(" at {}", l.expected.concurrency),
        });
    }
    if let Some((l, e)) = full {
        sentence.push_str(&format!(
            " and {} with {} in the engines",
            short_words_of(e),
            l.ceiling.unwrap_or_default()
        ));
    }
    if parts.is_some() {
        sentence.push_str(", because two errors offset");
    } else if let Some(e) = errors.get(1) {
        let words = match e.quantity {
            Quantity::RequestTime => short_words_of(e),
            _ => words_of(e),
        };
        sentence.push_str(&format!("; its {} is {words}", e.quantity.in_sentence()));
    }
    let shaky: Vec<&Finding> = shaking(findings, ASKED).collect();
    let open = conditions.iter().filter(|c| c.holds.is_none()).count();
    let met = conditions.len() - open;
    let evidence = format!("{met} of {} conditions", conditions.len());
    let (badge, evidence) = if open > 0 {
        (Badge::Caution, evidence)
    } else if let Some(f) = shaky
        .iter()
        .find(|f| f.check == Check::Deployed)
        .or(shaky.first())
    {
        (Badge::Caution, fmt::capital(weakest(f.check)))
    } else {
        (Badge::Sound, evidence)
    };
    VerdictLine {
        question: ASKED,
        sentence: format!("{sentence}."),
        reason: reason(there, &errors, parts, all),
        badge,
        evidence,
        checks: checks(shaky.into_iter()),
    }
}

fn reason(
    there: Option<&LoadErrors>,
    errors: &[&SignedError],
    parts: Option<Parts>,
    all: &[LoadErrors],
) -> String {
    let at = there.map_or_else(String::new, |l| {
        format!(" at concurrency {}", l.expected.concurrency)
    });
    let full_words = all
        .iter()
        .find(|l| l.ceiling.is_some() && there != Some(l))
        .and_then(|l| Some((l, l.of(Quantity::PerGpu)?)))
        .map_or_else(String::new, |(l, e)| {
            format!(
                " At {} the engines are full: {}.",
                l.expected.concurrency,
                fmt::change(e.error())
            )
        });
    let lead = match parts {
        Some(parts) => fmt::capital(&format!("{}.", offsetting(at.trim_start(), &parts))),
        None => {
            let all: Vec<String> = errors
                .iter()
                .map(|e| format!("{} {}", e.quantity.in_sentence(), fmt::change(e.error())))
                .collect();
            format!(
                "Projected over measured{at}: {}.{}",
                fmt::list(&all),
                full_words
            )
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
