//! OSL-TARGET, OSL-PARITY and SIGN: what the output length does to a comparison of rates.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::compare::Outcome;
use crate::fmt;
use crate::model::{Metric, Provenance, Stat};

/// What settles every question of length.
const FIX: &str = "Fix the output length on both sides: ignore_eos, with min_tokens and max_tokens at the length asked for.";

/// A run's observed or implied output length at one load.
struct Observed {
    at: PointRef,
    run: usize,
    concurrency: Option<u32>,
    osl: f64,
    asked: f64,
    line: String,
}

pub(super) const OSL_TARGET: Row = Row {
    title: "Output length",
    tests: "The output tokens of a request lie near the number that was asked for.",
    needs: "the asked output length, and tokens/s with requests/s or the observed length",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "output length is off",
    by_point: true,
    run: osl_target,
};

/// OSL-TARGET: observed output length against the one asked for.
fn osl_target(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let mut all: Vec<Observed> = Vec::new();
    let mut any_osl = false;
    for run in case.measured() {
        let (dt, dx) = (
            case.digits(run, Metric::OutputThroughput),
            case.digits(run, Metric::RequestThroughput),
        );
        for (at, r, p) in case.points(run) {
            let Some((osl, how)) = r.value(p, Metric::Osl) else {
                continue;
            };
            any_osl = true;
            let asked = p
                .workload
                .osl
                .or_else(|| case.key.and_then(|k| k.osl).map(|v| v as f64));
            let Some(asked) = asked.filter(|a| *a > 0.0) else {
                continue;
            };
            let line = match (
                how,
                p.reported(Metric::OutputThroughput),
                p.reported(Metric::RequestThroughput),
            ) {
                (Provenance::Derived, Some(tokens), Some(x)) => format!(
                    "{} ÷ {} = {}",
                    fmt::number(tokens, dt),
                    fmt::number(x, dx),
                    fmt::number(osl, 2)
                ),
                _ => fmt::sig(osl, 4),
            };
            all.push(Observed {
                at,
                run,
                concurrency: p.load.concurrency,
                osl,
                asked,
                line,
            });
        }
    }
    if all.is_empty() {
        return vec![Finding::no_data(
            Check::OslTarget,
            if any_osl {
                "No source says how many output tokens were asked for"
            } else {
                "No output length is reported or implied"
            },
        )];
    }
    let miss = |o: &Observed| (o.osl / o.asked - 1.0).abs();
    let blocked: Vec<&Observed> = all.iter().filter(|o| miss(o) > t.target_block).collect();
    let warned: Vec<&Observed> = all
        .iter()
        .filter(|o| miss(o) > t.target_warn && miss(o) <= t.target_block)
        .collect();
    let mut out = Vec::new();
    if !blocked.is_empty() {
        let (low, high) = span(blocked.iter().map(|o| o.osl));
        let short = blocked.iter().all(|o| o.osl < o.asked);
        let (s_low, s_high) = span(blocked.iter().map(|o| o.osl / o.asked));
        let asked = fmt::number(blocked.first().map_or(0.0, |o| o.asked), 0);
        let lengths = fmt::range(&whole(low), &whole(high));
        let title = if short && s_high < 0.2 {
            format!("{lengths} output tokens a request are counted, against about {asked} asked")
        } else {
            format!(
                "The outputs are not as long as asked: {lengths} tokens a request, against {asked}"
            )
        };
        out.push(
            Finding::new(Check::OslTarget, Grade::Block, title)
                .so(if short && s_high < 0.2 {
"Either mostly prefill was measured, or not all tokens were counted. No verdict on tokens is given."
} else {
"No verdict on tokens is given."
})
                .lines(lines(case, &blocked))
                .lines(dips(case))
                .line(format!(
                    "{} of {asked}; more than {} off blocks",
                    fmt::percent_range(s_low, s_high, 1),
                    fmt::limit(t.target_block)
                ))
                .at(blocked.iter().map(|o| o.at).collect())
                .advise(FIX),
        );
    }
    if !warned.is_empty() {
        let (low, high) = span(warned.iter().map(|o| o.osl / o.asked - 1.0));
        out.push(
            Finding::new(
                Check::OslTarget,
                Grade::Warn,
                format!(
                    "Outputs are {} from the length asked for",
                    fmt::range(&fmt::change(low), &fmt::change(high))
                ),
            )
            .so("Token rates carry this difference; a projection at the asked length is off by about as much.")
            .lines(lines(case, &warned))
            .at(warned.iter().map(|o| o.at).collect())
            .bears(&[Question::Projection])
            .advise("Fix the output length with ignore_eos."),
        );
    }
    if out.is_empty() {
        let (low, high) = span(all.iter().map(|o| o.osl / o.asked - 1.0));
        out.push(
            Finding::new(
                Check::OslTarget,
                Grade::Pass,
                "The outputs are as long as asked",
            )
            .line(format!(
                "observed ÷ asked − 1 = {} to {}; limit {}",
                fmt::change_table(low),
                fmt::change_table(high),
                fmt::limit(t.target_warn)
            ))
            .at(all.iter().map(|o| o.at).collect()),
        );
    }
    out
}

fn lines(case: &Case<'_>, all: &[&Observed]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = None;
    for o in all {
        let load = match o.concurrency {
            Some(c) => format!("at {}: {}", fmt::number(f64::from(c), 0), o.line),
            None => o.line.clone(),
        };
        if last == Some(o.run)
            && let Some(line) = out.last_mut()
        {
            line.push_str(" · ");
            line.push_str(&load);
        } else {
            out.push(format!("{}: {load}", case.label(o.run)));
        }
        last = Some(o.run);
    }
    out
}

/// Loads at which tokens/s falls against the load before while requests/s does not: the outputs
/// got shorter, the system not slower.
fn dips(case: &Case<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for run in case.measured() {
        let Some(curve) = case.curve(run) else {
            continue;
        };
        let at = |c: &u32, m| curve.at(*c, m, Stat::Avg).map(|f| f.value);
        let (dt, dx) = (
            case.digits(run, Metric::OutputThroughput),
            case.digits(run, Metric::RequestThroughput),
        );
        for pair in curve.concurrencies().windows(2) {
            let [c0, c1] = pair else { continue };
            let both = |m| Some((at(c0, m)?, at(c1, m)?));
            let (Some((t0, t1)), Some((x0, x1)), Some((l0, l1))) = (
                both(Metric::OutputThroughput),
                both(Metric::RequestThroughput),
                both(Metric::Osl),
            ) else {
                continue;
            };
            if t1 < t0 * (1.0 - case.thresholds.mono_gain) && x1 >= x0 {
                out.push(format!(
                    "{}, {c0} → {c1}: tokens/s {} → {} while requests/s {} → {}, for outputs fell from {} to {} tokens",
                    case.label(run),
                    fmt::number(t0, dt),
                    fmt::number(t1, dt),
                    fmt::number(x0, dx),
                    fmt::number(x1, dx),
                    fmt::number(l0, 2),
                    fmt::number(l1, 2)
                ));
            }
        }
    }
    out
}

pub(super) fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
        (l.min(v), h.max(v))
    })
}

/// A length to whole tokens from 1 on.
pub(super) fn whole(tokens: f64) -> String {
    fmt::number(tokens, usize::from(tokens < 1.0))
}

pub(super) const OSL_PARITY: Row = Row {
    title: "Output length",
    tests: "Both systems wrote the same number of tokens a request.",
    needs: "both systems at a common load",
    bears_on: &[Question::WhoWins],
    weakest: "output lengths differ",
    by_point: false,
    run: osl_parity,
};

/// OSL-PARITY: output length of the two sides at each common load.
fn osl_parity(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let rows: Vec<(u32, f64)> = case
        .comparison
        .changes(Metric::Osl)
        .filter(|(r, _, _)| r.matched)
        .filter_map(|(r, _, ch)| Some((r.concurrency, ch.ratio?)))
        .collect();
    if rows.is_empty() {
        return vec![Finding::no_data(
            Check::OslParity,
            "The two output lengths are not known at any common load",
        )];
    }
    let apart = |ratio: f64| ratio.max(1.0 / ratio) - 1.0 > t.parity_block;
    let bad: Vec<u32> = rows
        .iter()
        .filter(|(_, r)| apart(*r))
        .map(|(c, _)| *c)
        .collect();
    let ratios: Vec<String> = rows
        .iter()
        .map(|(c, r)| format!("{} at {}", fmt::ratio(*r), fmt::number(f64::from(*c), 0)))
        .collect();
    let line = format!(
        "output tokens a request, candidate ÷ baseline: {}; limit {}",
        ratios.join(" · "),
        fmt::range(
            &fmt::number(1.0 / (1.0 + t.parity_block), 2),
            &fmt::number(1.0 + t.parity_block, 2)
        )
    );
    if bad.is_empty() {
        return vec![
            Finding::new(
                Check::OslParity,
                Grade::Pass,
                "Both systems wrote the same number of tokens a request",
            )
            .line(line),
        ];
    }
    let title = if bad.len() == rows.len() {
        if rows.len() == 1 {
            "The two systems wrote different amounts".to_owned()
        } else {
            "The two systems wrote different amounts at every concurrency".to_owned()
        }
    } else {
        format!(
            "The two systems wrote different amounts at concurrency {}",
            fmt::loads(&bad)
        )
    };
    let identity: Vec<String> = case
        .comparison
        .rows
        .iter()
        .filter(|r| bad.contains(&r.concurrency))
        .filter_map(|r| {
            let i = r.identity?;
            Some(format!(
                "concurrency {}: token ratio {} = request ratio {} × length ratio {}",
                fmt::number(f64::from(r.concurrency), 0),
                fmt::ratio(i.tokens),
                fmt::ratio(i.requests),
                fmt::ratio(i.length)
            ))
        })
        .collect();
    vec![
        Finding::new(Check::OslParity, Grade::Block, title)
            .so("Neither tokens/s nor requests/s alone names a winner there.")
            .line(line)
            .lines(identity)
            .lines(length_only(case, &bad))
            .at(case.row_points(&bad, Metric::Osl))
            .advise(FIX),
    ]
}

/// Loads at which requests/s differ although a token takes as long on both sides.
fn length_only(case: &Case<'_>, loads: &[u32]) -> Vec<String> {
    let mut out = Vec::new();
    for (row, cell, tokens) in case.comparison.changes(Metric::OutputThroughput) {
        let requests = row
            .cells
            .get(&Metric::RequestThroughput)
            .and_then(|c| c.change);
        let (Some(requests), Some(a), Some(b)) = (requests, &cell.candidate, &cell.baseline) else {
            continue;
        };
        if !loads.contains(&row.concurrency)
            || tokens.outcome != Some(Outcome::NoDifference)
            || requests.outcome == Some(Outcome::NoDifference)
        {
            continue;
        }
        let Some(relative) = requests.relative else {
            continue;
        };
        let c = f64::from(row.concurrency);
        out.push(format!(
            "concurrency {}: requests/s {} is output length, for C ÷ tokens/s = {} against {} ms a token",
            row.concurrency,
            fmt::change_table(relative),
            fmt::number(c / a.value * 1e3, 1),
            fmt::number(c / b.value * 1e3, 1)
        ));
    }
    out
}

pub(super) const SIGN: Row = Row {
    title: "Opposite signs",
    tests: "Tokens/s and requests/s name the same winner.",
    needs: "both systems at a common load",
    bears_on: &[Question::WhoWins],
    weakest: "the two rates disagree",
    by_point: false,
    run: sign,
};

/// SIGN: tokens/s and requests/s name the same winner.
fn sign(case: &Case<'_>) -> Vec<Finding> {
    let mut opposite: Vec<(u32, String)> = Vec::new();
    let mut seen = 0_usize;
    let digits = [Metric::OutputThroughput, Metric::RequestThroughput];
    for (row, _, tokens) in case.comparison.changes(Metric::OutputThroughput) {
        let requests = row
            .cells
            .get(&Metric::RequestThroughput)
            .and_then(|c| c.change);
        let (Some(requests), true) = (requests, row.matched) else {
            continue;
        };
        seen += 1;
        let opposed = matches!(
            (tokens.outcome, requests.outcome),
            (Some(Outcome::Candidate), Some(Outcome::Baseline))
                | (Some(Outcome::Baseline), Some(Outcome::Candidate))
        );
        if opposed && let (Some(a), Some(b)) = (tokens.relative, requests.relative) {
            opposite.push((
                row.concurrency,
                format!(
                    "concurrency {}: tokens/s {} · requests/s {}",
                    fmt::number(f64::from(row.concurrency), 0),
                    fmt::change_table(a),
                    fmt::change_table(b)
                ),
            ));
        }
    }
    if seen == 0 {
        return vec![Finding::no_data(
            Check::Sign,
            "The two rates are not known on both sides at any common load",
        )];
    }
    let loads: Vec<u32> = opposite.iter().map(|(c, _)| *c).collect();
    if loads.is_empty() {
        return vec![
            Finding::new(
                Check::Sign,
                Grade::Pass,
                "Tokens/s and requests/s name the same winner at every load",
            )
            .line(format!("{} compared", fmt::counted(seen, "load", "loads"))),
        ];
    }
    let points = digits
        .iter()
        .flat_map(|m| case.row_points(&loads, *m))
        .collect();
    vec![
        Finding::new(
            Check::Sign,
            Grade::Warn,
            format!(
                "At concurrency {} the two rates name opposite winners",
                fmt::loads(&loads)
            ),
        )
        .so("The difference in tokens/s there is the output length, not the speed.")
        .lines(opposite.into_iter().map(|(_, l)| l).collect())
        .at(points)
        .advise(FIX),
    ]
}
