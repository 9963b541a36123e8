//! Who wins, and where.

use super::{Badge, VerdictLine, bearing, checks, no_data, shaking, weakest};
use crate::audit::{Case, Check, Finding, Grade, Question};
use crate::certainty::{Basis, Reading};
use crate::compare::{Change, Outcome};
use crate::fmt;
use crate::model::Metric;
use std::collections::BTreeSet;

const ASKED: Question = Question::WhoWins;
/// So many ranges of loads are told one by one; more are counted.
const TOLD: usize = 6;

/// One common load and what the two rates say there.
struct Load {
    c: u32,
    tokens: Option<Change>,
    requests: Option<Change>,
}

/// What a load says about the winner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    One(Outcome),
    /// The two rates name opposite winners.
    Split,
}

impl Load {
    fn says(&self, tokens_count: bool) -> Option<Says> {
        let tokens = self.tokens.filter(|_| tokens_count).and_then(|c| c.outcome);
        let requests = self.requests.and_then(|c| c.outcome);
        match (tokens, requests) {
            (Some(Outcome::Candidate), Some(Outcome::Baseline))
            | (Some(Outcome::Baseline), Some(Outcome::Candidate)) => Some(Says::Split),
            (Some(t), _) => Some(Says::One(t)),
            (None, Some(r)) => Some(Says::One(r)),
            (None, None) => None,
        }
    }
    fn both(&self, side: Outcome) -> bool {
        [self.tokens, self.requests]
            .iter()
            .all(|c| c.and_then(|c| c.outcome) == Some(side))
    }
}

pub(super) fn line(case: &Case<'_>, findings: &[Finding]) -> VerdictLine {
    let comparison = case.comparison;
    if let Some(missing) = &comparison.missing {
        return match (case.candidate, case.baseline) {
            (Some(_), Some(_)) => no_data(
                ASKED,
                "The two systems have no load in common.",
                missing.clone(),
            ),
            (None, None) => no_data(
                ASKED,
                if case.ws.runs.is_empty() {
                    "There is nothing to compare yet."
                } else {
                    "No measured run is on the table."
                },
                "Add the benchmark results of two systems.",
            ),
            _ => no_data(
                ASKED,
                "There is nothing to compare with.",
                format!("{missing} Add the results of a second system."),
            ),
        };
    }
    let loads: Vec<Load> = comparison
        .rows
        .iter()
        .filter(|r| r.matched && !distrusted(case, r.concurrency))
        .map(|r| {
            let change = |m| r.cells.get(&m).and_then(|c| c.change);
            Load {
                c: r.concurrency,
                tokens: change(Metric::OutputThroughput),
                requests: change(Metric::RequestThroughput),
            }
        })
        .filter(|l| l.tokens.is_some() || l.requests.is_some())
        .collect();
    if loads.is_empty() {
        return no_data(
            ASKED,
            "The two systems have no measured load in common.",
            "Inside the common range the other side is interpolated and shown hollow; a winner is named only where both were measured.",
        );
    }
    let blocked = blocked_loads(case, findings);
    let tokens_blocked =
        bearing(findings, ASKED, Grade::Block).any(|f| f.check == Check::OslTarget);
    let open: Vec<&Load> = loads.iter().filter(|l| !blocked.contains(&l.c)).collect();
    if open.is_empty() {
        return withheld(case, findings, &loads);
    }
    named(case, findings, &loads, &open, !tokens_blocked)
}

/// Whether a side's figures at a load stand in summaries only, which the records of its other loads contradict.
fn distrusted(case: &Case<'_>, concurrency: u32) -> bool {
    let sides = [case.candidate, case.baseline].into_iter().flatten();
    sides
        .filter_map(|i| case.run(i))
        .flat_map(|r| &r.points)
        .any(|p| p.distrusted && p.load.concurrency == Some(concurrency))
}

/// Loads at which a block forbids naming a winner. OSL-TARGET alone blocks tokens only.
fn blocked_loads(case: &Case<'_>, findings: &[Finding]) -> BTreeSet<u32> {
    let mut out = BTreeSet::new();
    for f in bearing(findings, ASKED, Grade::Block).filter(|f| f.check != Check::OslTarget) {
        for at in &f.points {
            let side = Some(at.run) == case.candidate || Some(at.run) == case.baseline;
            let c = case
                .run(at.run)
                .and_then(|r| r.points.get(at.point))
                .and_then(|p| p.load.concurrency);
            if let (true, Some(c)) = (side, c) {
                out.insert(c);
            }
        }
    }
    out
}

fn withheld(case: &Case<'_>, findings: &[Finding], loads: &[Load]) -> VerdictLine {
    let blocks: Vec<&Finding> = bearing(findings, ASKED, Grade::Block).collect();
    let name = |i: Option<usize>| i.map_or("", |i| case.label(i));
    let both = |side| -> Vec<u32> { loads.iter().filter(|l| l.both(side)).map(|l| l.c).collect() };
    let mut parts = Vec::new();
    let sides = [
        (name(case.candidate), both(Outcome::Candidate)),
        (name(case.baseline), both(Outcome::Baseline)),
    ];
    let leads: Vec<String> = sides
        .iter()
        .filter(|(_, at)| !at.is_empty())
        .map(|(who, at)| {
            if at.len() == loads.len() && loads.len() > 1 {
                format!("{who} at every load")
            } else {
                format!("{who} at {}", fmt::loads(at))
            }
        })
        .collect();
    match leads.as_slice() {
        [] => {}
        [one] => parts.push(format!("on both rates only {one} leads")),
        both => parts.push(format!("{} lead on both rates", fmt::list(both))),
    }
    if blocks.iter().any(|f| f.check == Check::OslParity) {
        let apart: Vec<f64> = case
            .comparison
            .changes(Metric::Osl)
            .filter(|(r, _, _)| r.matched)
            .filter_map(|(_, _, ch)| ch.relative.map(f64::abs))
            .filter(|r| *r > case.thresholds.parity_block)
            .collect();
        let low = apart.iter().copied().fold(f64::INFINITY, f64::min);
        let high = apart.iter().copied().fold(0.0, f64::max);
        if high > 0.0 {
            parts.push(format!(
                "outputs differ in length by {}{}",
                fmt::percent_range(low, high, 0),
                if apart.len() == loads.len() && apart.len() > 1 {
                    " throughout"
                } else {
                    ""
                }
            ));
        }
    } else if let Some(f) = blocks.first() {
        parts.push(lower_first(&f.title));
    }
    let joined = parts.join(", and ");
    // Warnings that say why the rates disagree stand behind the same link.
    let behind = blocks
        .iter()
        .copied()
        .chain(shaking(findings, ASKED).filter(|f| matches!(f.check, Check::Sign | Check::Mono)));
    let checks = checks(behind);
    VerdictLine {
        question: ASKED,
        sentence: "No winner can be named.".to_owned(),
        reason: format!("{}.", fmt::capital(&joined)),
        badge: Badge::NotComparable,
        evidence: findings_link(checks.len()),
        checks,
    }
}

fn findings_link(n: usize) -> String {
    if n == 1 {
        "1 finding".to_owned()
    } else {
        format!("{n} findings")
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        // An acronym keeps its capitals.
        (Some(a), Some(b)) if a.is_uppercase() && !b.is_uppercase() => {
            a.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn named(
    case: &Case<'_>,
    findings: &[Finding],
    loads: &[Load],
    open: &[&Load],
    tokens_count: bool,
) -> VerdictLine {
    let name = |side: Outcome| match side {
        Outcome::Candidate => case.candidate.map_or("", |i| case.label(i)),
        _ => case.baseline.map_or("", |i| case.label(i)),
    };
    // Neighbouring loads that say the same form one range.
    let mut ranges: Vec<(Says, Vec<u32>)> = Vec::new();
    for l in open {
        let Some(says) = l.says(tokens_count) else {
            continue;
        };
        match ranges.last_mut() {
            Some((s, cs)) if *s == says => cs.push(l.c),
            _ => ranges.push((says, vec![l.c])),
        }
    }
    let everywhere = open.len() == loads.len();
    let sentence = match ranges.as_slice() {
        [(Says::One(Outcome::NoDifference), cs)] => format!(
            "There is no practical difference between {} and {} {}.",
            name(Outcome::Candidate),
            name(Outcome::Baseline),
            extent(cs, everywhere)
        ),
        [(Says::One(side), cs)] => {
            format!("{} leads {}.", name(*side), extent(cs, everywhere))
        }
        [(Says::Split, cs)] => format!(
            "The two rates name opposite winners {}.",
            extent(cs, everywhere)
        ),
        many if many.len() > TOLD => changes(many, name),
        many => {
            let parts: Vec<String> = many
                .iter()
                .map(|(says, cs)| {
                    let at = fmt::range(
                        &cs.first().map_or_else(String::new, u32::to_string),
                        &cs.last().map_or_else(String::new, u32::to_string),
                    );
                    match says {
                        Says::One(Outcome::NoDifference) => format!("neither at {at}"),
                        Says::One(side) => format!("{} at {at}", name(*side)),
                        Says::Split => format!("the two rates disagree at {at}"),
                    }
                })
                .collect();
            match parts.split_first() {
                Some((first, rest))
                    if first.contains(" at ")
                        && !first.starts_with("neither")
                        && !first.starts_with("the two") =>
                {
                    let first = first.replacen(" at ", " leads at concurrency ", 1);
                    format!("{first}, {}.", fmt::list(rest))
                }
                _ => format!("{}.", fmt::capital(&fmt::list(&parts))),
            }
        }
    };
    let metric = if tokens_count && open.iter().any(|l| l.tokens.is_some()) {
        Metric::OutputThroughput
    } else {
        Metric::RequestThroughput
    };
    let mut reason = differences(case, open, metric);
    if !tokens_count {
        reason.push_str(" Outputs are not as long as asked, so tokens decide nothing.");
    } else if findings
        .iter()
        .any(|f| f.check == Check::OslParity && f.grade == Grade::Pass)
    {
        reason.push_str(" Output lengths match.");
    }
    if !everywhere {
        let left: Vec<u32> = loads
            .iter()
            .filter(|l| !open.iter().any(|o| o.c == l.c))
            .map(|l| l.c)
            .collect();
        reason.push_str(&format!(
            " Concurrency {} is left out: {}.",
            fmt::loads(&left),
            bearing(findings, ASKED, Grade::Block)
                .find(|f| f.check != Check::OslTarget)
                .map(|f| lower_first(&f.title))
                .unwrap_or_default()
        ));
    }
    let shaky: Vec<&Finding> = shaking(findings, ASKED).collect();
    let partial = !everywhere || !tokens_count;
    let all: Vec<&Finding> = bearing(findings, ASKED, Grade::Warn).collect();
    let (badge, evidence, behind) = if let Some(f) = shaky.first() {
        (
            Badge::Caution,
            fmt::capital(weakest(f.check)),
            shaky.clone(),
        )
    } else if partial {
        let blocks: Vec<&Finding> = bearing(findings, ASKED, Grade::Block).collect();
        (Badge::Caution, findings_link(blocks.len()), blocks)
    } else {
        let words = match all.len() {
            0 => "No warning".to_owned(),
            1 => "1 warning, same winner".to_owned(),
            n => format!("{n} warnings, same winner"),
        };
        (Badge::Sound, words, all)
    };
    VerdictLine {
        question: ASKED,
        sentence,
        reason,
        badge,
        evidence,
        checks: checks(behind.into_iter()),
    }
}

/// A lead that changes too often to tell every range of it.
fn changes<'a>(ranges: &[(Says, Vec<u32>)], name: impl Fn(Outcome) -> &'a str) -> String {
    let loads_of = |wanted: Says| -> usize {
        let of = ranges.iter().filter(|(says, _)| *says == wanted);
        of.map(|(_, cs)| cs.len()).sum()
    };
    let loads: usize = ranges.iter().map(|(_, cs)| cs.len()).sum();
    let parts: Vec<String> = [
        (name(Outcome::Candidate), Says::One(Outcome::Candidate)),
        (name(Outcome::Baseline), Says::One(Outcome::Baseline)),
        ("neither", Says::One(Outcome::NoDifference)),
        ("the two rates disagree", Says::Split),
    ]
    .into_iter()
    .map(|(who, says)| (who, loads_of(says)))
    .filter(|(_, n)| *n > 0)
    .map(|(who, n)| format!("{who} at {}", fmt::number(n as f64, 0)))
    .collect();
    format!(
        "The lead changes {} times over {}: {}.",
        fmt::number((ranges.len() - 1) as f64, 0),
        fmt::plural(loads, "load"),
        fmt::list(&parts)
    )
}

fn extent(loads: &[u32], everywhere: bool) -> String {
    match loads {
        [c] if everywhere => format!("at concurrency {c}, the only load in common"),
        [low, .., high] if everywhere => format!("at every load, from {low} to {high}"),
        many => format!("at concurrency {}", fmt::loads(many)),
    }
}

/// `+25 to +29 %`: a dash between signs would be hard to read.
fn interval_words(low: Option<String>, high: Option<String>) -> String {
    match (low, high) {
        (Some(l), Some(h)) => format!("{} to {h}", l.trim_end_matches(['%', fmt::NBSP])),
        (Some(l), None) => format!("at least {l}"),
        (None, Some(h)) => format!("at most {h}"),
        (None, None) => String::new(),
    }
}

/// The changes in one rate in words, with their intervals where requests or repeats give some.
fn differences(case: &Case<'_>, loads: &[&Load], metric: Metric) -> String {
    let word = if metric == Metric::OutputThroughput {
        "Tokens/s"
    } else {
        "Requests/s"
    };
    let all: Vec<(u32, f64)> = loads
        .iter()
        .filter_map(|l| {
            let c = if metric == Metric::OutputThroughput {
                l.tokens
            } else {
                l.requests
            };
            Some((l.c, c?.relative?))
        })
        .collect();
    let known = |c: u32| {
        case.rates
            .iter()
            .find(|d| d.metric == metric && d.concurrency == c)
            .filter(|d| d.reading(case.thresholds.equivalence).is_some())
    };
    let noise: Vec<u32> = all
        .iter()
        .filter_map(|(c, _)| known(*c))
        .filter(|d| d.reading(case.thresholds.equivalence) == Some(Reading::Noise))
        .map(|d| d.concurrency)
        .collect();
    let runs = all
        .iter()
        .filter_map(|(c, _)| known(*c))
        .all(|d| d.basis == Basis::Repeats);
    let scope = if runs {
        "from run to run"
    } else {
        "within these runs"
    };
    let any = all.iter().any(|(c, _)| known(*c).is_some());
    let mut out = if all.len() <= 5 {
        let changes: Vec<String> = all
            .iter()
            .map(|(c, r)| {
                let interval = known(*c).and_then(|d| d.interval).map(|i| {
                    let percent = |ratio: f64| fmt::change(ratio - 1.0);
                    format!(
                        " ({})",
                        interval_words(i.low.map(percent), i.high.map(percent))
                    )
                });
                format!("{}{}", fmt::change(*r), interval.unwrap_or_default())
            })
            .collect();
        let at: Vec<u32> = all.iter().map(|(c, _)| *c).collect();
        format!("{word} {} at {}", fmt::list(&changes), fmt::loads(&at))
    } else {
        let low = all.iter().map(|(_, r)| *r).fold(f64::INFINITY, f64::min);
        let high = all
            .iter()
            .map(|(_, r)| *r)
            .fold(f64::NEG_INFINITY, f64::max);
        format!("{word} {} to {}", fmt::change(low), fmt::change(high))
    };
    if any && all.len() <= 5 {
        out.push_str(&format!("; in brackets 95{}% intervals {scope}", fmt::NBSP));
    }
    out.push('.');
    if !noise.is_empty() {
        out.push_str(&format!(
            " The difference at {} is within noise {scope}.",
            fmt::loads(&noise)
        ));
    }
    let bare: Vec<u32> = all
        .iter()
        .map(|(c, _)| *c)
        .filter(|c| known(*c).is_none())
        .collect();
    if !bare.is_empty() {
        let so_few = if bare.iter().all(|c| case.comparison.single_runs(*c)) {
            "one run a side"
        } else {
            "so few runs"
        };
        let at = if bare.len() == all.len() {
            String::new()
        } else {
            format!(" at {}", fmt::loads(&bare))
        };
        out.push_str(&format!(
            " There is no interval{at}: {so_few} can’t tell drift from difference."
        ));
    }
    out
}
