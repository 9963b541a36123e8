//! The sentence over the requests, generated from what they show.
//!
//! Knows the two read-outs of each side; refuses to say more than one run can show.

use super::{ReadOut, Side};
use crate::findings::Badge;
use crate::fmt;
use crate::model::{Load, Metric, Treatment};
use crate::records::Limits;
use crate::units::Seconds;

/// A title with its reason and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The finding.
    pub sentence: String,
    /// What it rests on.
    pub reason: String,
    /// How far it can be trusted.
    pub badge: Badge,
}

/// A side as the sentence needs it.
pub struct Told<'a> {
    /// The run's name.
    pub label: &'a str,
    /// Its requests.
    pub side: &'a Side,
    /// Over all of them.
    pub all: &'a ReadOut,
    /// Without the warm-up.
    pub steady: &'a ReadOut,
}

/// A change smaller than this is no finding.
const LITTLE: f64 = 0.05;
/// A change larger than this makes the figure depend on the treatment.
const MUCH: f64 = 0.10;

/// The headline about a metric at a load. The first side with a finding leads: the candidate,
/// where it has records.
pub fn headline(
    told: &[Told<'_>],
    load: Load,
    metric: Metric,
    limits: Limits,
    treatment: Treatment,
) -> Headline {
    let Some(first) = told.first() else {
        return Headline {
            sentence: "No file here holds single requests".into(),
            reason: String::new(),
            badge: Badge::NoData,
        };
    };
    let name = metric.info().short;
    let cut = treated(first.side, treatment, first.steady.dropped);
    let (Some(before), Some(after)) = (first.all.p95_value(), first.steady.p95_value()) else {
        return Headline {
            sentence: format!("No request of {} has a {name}", first.label),
            reason: "TPOT needs at least two output tokens a request.".into(),
            badge: Badge::NoData,
        };
    };
    let figures = |a: f64, b: f64| (fmt::ms(Seconds(a)), fmt::ms(Seconds(b)));
    let (was, is) = figures(before, after);
    let change = after / before - 1.0;
    let sentence = if first.steady.dropped == 0 {
        format!(
            "{}’s p95 {name} is {was} over {} requests, none of them left out as warm-up",
            first.label,
            fmt::number(first.all.n as f64, 0)
        )
    } else if change < -LITTLE && makes_the_tail(first.side, metric, first.steady.dropped) {
        let who = if starts_together(first.side, first.steady.dropped) {
            "The opening burst makes"
        } else {
            "The first completions make"
        };
        format!(
            "{who} {}’s tail: without {} p95 {name} falls from {was} to {is}",
            first.label,
            if who.ends_with("makes") { "it" } else { "them" },
        )
    } else if change.abs() <= LITTLE {
        let is = if is == was { "the same".into() } else { is };
        format!(
            "The start hardly matters for {}: p95 {name} is {was}, and {is} {cut}",
            first.label
        )
    } else {
        format!(
            "{}’s p95 {name} {} from {was} to {is} {cut}",
            first.label,
            if change < 0.0 { "falls" } else { "rises" },
        )
    };
    Headline {
        sentence,
        reason: reason(told, load, limits, treatment),
        badge: badge(told),
    }
}

/// What a treatment leaves out, as `without the first 50 completions`.
pub fn treated(side: &Side, treatment: Treatment, dropped: usize) -> String {
    let n = fmt::number(dropped as f64, 0);
    let one = dropped == 1;
    match (treatment, dropped) {
        (_, 0) => "with none left out".into(),
        (Treatment::Mser5, _) if side.records.warm_up().mser5.is_some_and(|m| !m.settled) => {
            format!("without the first {n} completions, where MSER-5 finds no settled part")
        }
        (Treatment::Mser5, _) => format!("without the first {n} completions (MSER-5)"),
        _ if one => "without the first completion".into(),
        _ => format!("without the first {n} completions"),
    }
}

/// `TTFT ≤ 300 ms and TPOT ≤ 10 ms`; empty without limits.
pub fn within_words(limits: Limits) -> String {
    let parts: Vec<String> = [
        ("TTFT", limits.ttft_s),
        ("TPOT", limits.tpot_s),
        ("request time", limits.latency_s),
    ]
    .into_iter()
    .filter_map(|(name, l)| Some(format!("{name} ≤ {}", fmt::ms(Seconds(l?)))))
    .collect();
    fmt::list(&parts)
}

/// Whether nearly all of the slowest twentieth completed among the first `dropped`.
fn makes_the_tail(side: &Side, metric: Metric, dropped: usize) -> bool {
    let Some(column) = side.column(metric) else {
        return false;
    };
    let order = super::ascending(column);
    let tail = (order.len() / 20).max(1);
    let early = order
        .iter()
        .rev()
        .take(tail)
        .filter(|at| (**at as usize) < dropped)
        .count();
    5 * early >= 4 * tail
}

/// Whether the first `n` requests to start do so within a twentieth of the run, and all before
/// the first of them completes.
fn starts_together(side: &Side, n: usize) -> bool {
    let last = n.checked_sub(1).and_then(|i| side.start_s.get(i));
    let end = side.records.end_s();
    match (last, end.first(), end.last()) {
        (Some(last), Some(first_end), Some(end)) => last < first_end && *last <= 0.05 * end,
        _ => false,
    }
}

fn reason(told: &[Told<'_>], load: Load, limits: Limits, treatment: Treatment) -> String {
    let mut out: Vec<String> = Vec::new();
    let at = match (load.concurrency, load.request_rate) {
        (Some(c), _) => format!("At concurrency {}", fmt::number(f64::from(c), 0)),
        (None, Some(r)) => format!("At {} requests/s", fmt::measured(r)),
        (None, None) => "At this load".into(),
    };
    let together: Vec<&Told<'_>> = told
        .iter()
        .filter(|t| starts_together(t.side, t.side.records.wave().min(t.side.n())))
        .collect();
    if let Some(t) = together.first().filter(|t| t.side.records.wave() > 1) {
        let n = t.side.records.wave().min(t.side.n());
        out.push(format!(
            "{at} the first {} requests{} start together.",
            fmt::number(n as f64, 0),
            if together.len() == told.len() && told.len() > 1 {
                " of each run".to_owned()
            } else if told.len() > 1 {
                format!(" of {}", t.label)
            } else {
                String::new()
            }
        ));
    } else {
        let n: usize = told.iter().map(|t| t.all.n).sum();
        out.push(format!("{at}, {} requests.", fmt::number(n as f64, 0)));
    }
    let kept: Vec<String> = told
        .iter()
        .filter_map(|t| {
            let g = t.steady.goodput?;
            let how_many = match g.good {
                0 => "none".to_owned(),
                all if all == g.n => "all".to_owned(),
                good => fmt::number(good as f64, 0),
            };
            Some(format!(
                "{how_many} of {}’s {}",
                t.label,
                fmt::number(g.n as f64, 0)
            ))
        })
        .collect();
    if kept.is_empty() {
        out.push("No limit is set; the SLA view sets one.".into());
    } else {
        let dropped = || told.iter().map(|t| t.steady.dropped);
        let first = dropped().next().unwrap_or(0);
        let from = match told.first() {
            _ if dropped().all(|d| d == 0) => "Of all requests".to_owned(),
            Some(t) if dropped().all(|d| d == first) => {
                fmt::capital(&treated(t.side, treatment, first))
            }
            _ if treatment == Treatment::Mser5 => "Without what MSER-5 cuts off".into(),
            _ => "Without the first wave".into(),
        };
        out.push(format!(
            "{from}, {} keep {}.",
            fmt::list(&kept),
            within_words(limits)
        ));
    }
    if told.iter().any(|t| t.steady.few_waves) {
        out.push("The run holds few waves, so a slow drift could hide in it.".into());
    }
    out.join(" ")
}

/// Sound only where neither the treatment nor a missing bound could change the figures.
fn badge(told: &[Told<'_>]) -> Badge {
    let shaky = told.iter().any(|t| {
        let (Some(a), Some(b)) = (t.all.p95_value(), t.steady.p95_value()) else {
            return true;
        };
        (b / a - 1.0).abs() > MUCH || t.steady.few_waves || !t.steady.is_bounded()
    });
    if shaky { Badge::Caution } else { Badge::Sound }
}

#[cfg(test)]
mod tests {
    use super::super::tests::workspace;
    use super::super::{Side, read_out};
    use super::*;

    fn said(metric: Metric, limits: Limits, treatment: Treatment) -> Headline {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        let all = read_out(&side, metric, limits, 0);
        let dropped = side.dropped(match treatment {
            Treatment::File => Treatment::FirstWave,
            t => t,
        });
        let steady = read_out(&side, metric, limits, dropped);
        let told = [Told {
            label: "a",
            side: &side,
            all: &all,
            steady: &steady,
        }];
        let load = Load {
            concurrency: Some(4),
            request_rate: None,
        };
        headline(&told, load, metric, limits, treatment)
    }

    #[test]
    fn a_burst_that_makes_the_tail_is_named() {
        let h = said(Metric::Ttft, Limits::default(), Treatment::File);
        assert!(
            h.sentence.starts_with(
                "The opening burst makes a’s tail: without it p95 TTFT falls from 795"
            ),
            "{}",
            h.sentence
        );
        assert!(
            h.reason.contains("first 4 requests start together"),
            "{}",
            h.reason
        );
        assert_eq!(h.badge, Badge::Caution);
    }

    #[test]
    fn a_tail_that_is_elsewhere_is_not_blamed_on_the_start() {
        let h = said(Metric::Tpot, Limits::default(), Treatment::File);
        assert!(!h.sentence.contains("burst"), "{}", h.sentence);
        assert!(h.sentence.contains("p95 TPOT"), "{}", h.sentence);
    }

    #[test]
    fn limits_are_counted_in_words() {
        let limits = Limits {
            ttft_s: Some(0.3),
            ..Limits::default()
        };
        let h = said(Metric::Ttft, limits, Treatment::FirstWave);
        assert!(
            h.reason.contains("all of a’s 4 keep TTFT ≤ 300\u{a0}ms."),
            "{}",
            h.reason
        );
    }
}
