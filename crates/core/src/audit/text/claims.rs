//! Claims of a report in words: ranges of load, accuracy, over-estimation, limits.

use super::figures::{Rate, Sides, key};
use super::read::{Line, Loads, after, loads, numbers, percentages};
use super::{AccuracyClaim, Report};
use crate::audit::{Case, Check, Finding, Grade, PointRef, Question};
use crate::fmt;
use crate::model::{Metric, Provenance};
use crate::units::Seconds;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Best,
    Better,
    Recommended,
}

fn kind(lower: &str) -> Option<Kind> {
    let any = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if any(&["performs best", "best at", "works best", "optimal at"]) {
        Some(Kind::Best)
    } else if ["use ", "deploy ", "prefer ", "recommend", "consider "]
        .iter()
        .any(|w| lower.starts_with(w))
        || lower.contains("recommended")
    {
        Some(Kind::Recommended)
    } else if any(&[
        "improvement",
        "outperform",
        "better at",
        "is faster",
        "wins at",
    ]) && !any(&["often", "mostly", "mixed"])
    {
        Some(Kind::Better)
    } else {
        None
    }
}

/// Claims that one side is best, better or recommended over a range of load.
pub(super) fn ranges(case: &Case<'_>, report: &Report<'_>) -> Vec<Finding> {
    let Some(first) = report.sides.first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut beyond: Vec<(&Line, Loads)> = Vec::new();
    let highest = highest_load(report);
    for line in &report.lines {
        let (Some(kind), Some(range)) = (kind(&line.lower), loads(&line.text)) else {
            continue;
        };
        let (a, b) = (key(&first.a), key(&first.b));
        let (pa, pb) = (line.lower.find(&a), line.lower.find(&b));
        // The subject comes first; a claim without one is about the first side.
        let second = match (pa, pb) {
            (Some(x), Some(y)) => y < x,
            (None, Some(_)) => true,
            _ => false,
        };
        if range.high.is_infinite() && range.low >= highest {
            beyond.push((line, range));
        }
        if let Some(f) = range_claim(case, report, line, kind, range, second) {
            out.push(f);
        }
    }
    out.extend(beyond_measured(report, &beyond, highest));
    out
}

fn highest_load(report: &Report<'_>) -> f64 {
    report
        .sides
        .iter()
        .flat_map(|s| &s.rows)
        .map(|r| r.load)
        .fold(0.0, f64::max)
}

/// How a side does against the other in one table, inside a range.
struct Tally {
    rate: Rate,
    wins_inside: usize,
    inside: usize,
    wins: usize,
    all: usize,
    /// Losses inside: load and change of the side, percent.
    losses: Vec<(f64, f64)>,
    /// Highest figure of the side: load, value, decimals.
    peak: Option<(f64, f64, usize)>,
}

fn tally(sides: &Sides, range: Loads, second: bool, equivalence: f64) -> Tally {
    let mut t = Tally {
        rate: sides.rate,
        wins_inside: 0,
        inside: 0,
        wins: 0,
        all: sides.rows.len(),
        losses: Vec::new(),
        peak: None,
    };
    for row in &sides.rows {
        let (own, other) = if second {
            (row.b, row.a)
        } else {
            (row.a, row.b)
        };
        let wins = own.value > other.value;
        t.wins += usize::from(wins);
        if range.contains(row.load) {
            t.inside += 1;
            t.wins_inside += usize::from(wins);
            if own.value * (1.0 + equivalence) < other.value {
                t.losses
                    .push((row.load, (own.value / other.value - 1.0) * 100.0));
            }
        }
        if t.peak.is_none_or(|(_, v, _)| own.value > v) {
            t.peak = Some((row.load, own.value, own.decimals));
        }
    }
    t
}

fn range_claim(
    case: &Case<'_>,
    report: &Report<'_>,
    line: &Line,
    kind: Kind,
    range: Loads,
    second: bool,
) -> Option<Finding> {
    let tallies: Vec<Tally> = report
        .sides
        .iter()
        .map(|s| tally(s, range, second, case.thresholds.equivalence))
        .filter(|t| t.inside > 0)
        .collect();
    let first = report.sides.first()?;
    let name = if second { &first.b } else { &first.a };
    let lost: Vec<&Tally> = tallies.iter().filter(|t| !t.losses.is_empty()).collect();
    let outside_peak = kind == Kind::Best
        && tallies
            .iter()
            .any(|t| t.peak.is_some_and(|(c, ..)| !range.contains(c)));
    if lost.is_empty() && !outside_peak {
        return None;
    }
    let words = range_words(range);
    let title = match kind {
        Kind::Best => {
            format!("The report says {name} is best {words}; its own table contradicts it")
        }
        Kind::Better => {
            format!("The report says {name} is better {words}; its own table contradicts it")
        }
        Kind::Recommended => {
            format!("The report recommends {name} {words}; its own table does not support it")
        }
    };
    let mut f = Finding::new(Check::Text, Grade::Warn, title)
        .quote(report.quote(line))
        .bears(&[Question::WhoWins])
        .harmless()
        .at(points(case, range))
        .advise("Say for each rate at which loads it leads.");
    let shares: Vec<String> = tallies
        .iter()
        .map(|t| format!("{} at {} of {} loads", t.rate.words(), t.wins, t.all))
        .collect();
    f = f.so(format!("It leads in {}.", fmt::list(&shares)));
    for t in &tallies {
        f = f.line(format!(
            "{}: leads at {} of {} loads in the range, {} of {} in all",
            t.rate.words(),
            t.wins_inside,
            t.inside,
            t.wins,
            t.all
        ));
    }
    for t in &lost {
        let items: Vec<String> = t
            .losses
            .iter()
            .map(|(c, p)| format!("{} at {}", fmt::change_table(p / 100.0), fmt::number(*c, 0)))
            .collect();
        f = f.line(format!("{}: behind, {}", t.rate.words(), items.join(", ")));
    }
    if kind == Kind::Best {
        for t in &tallies {
            if let Some((c, v, d)) = t.peak.filter(|(c, ..)| !range.contains(*c)) {
                f = f.line(format!(
                    "highest {}: {} at {}",
                    t.rate.words(),
                    fmt::number(v, d),
                    fmt::number(c, 0)
                ));
            }
        }
    }
    Some(f)
}

fn range_words(range: Loads) -> String {
    let n = |v: f64| fmt::number(v, 0);
    if range.high.is_infinite() {
        format!(
            "{} concurrency {}",
            if range.above { "above" } else { "from" },
            n(range.low)
        )
    } else if range.low <= 0.0 {
        format!("for concurrency up to {}", n(range.high))
    } else if range.low == range.high {
        format!("at concurrency {}", n(range.low))
    } else {
        format!(
            "at concurrency {}",
            fmt::range(&n(range.low), &n(range.high))
        )
    }
}

fn points(case: &Case<'_>, range: Loads) -> Vec<PointRef> {
    [case.candidate, case.baseline]
        .into_iter()
        .flatten()
        .flat_map(|i| case.points(i))
        .filter(|(_, _, p)| {
            p.load
                .concurrency
                .is_some_and(|c| range.contains(f64::from(c)))
        })
        .map(|(at, _, _)| at)
        .collect()
}

fn beyond_measured(
    report: &Report<'_>,
    beyond: &[(&Line, Loads)],
    highest: f64,
) -> Option<Finding> {
    let (first, _) = beyond.first()?;
    let mut f = Finding::new(
        Check::Range,
        Grade::Info,
        format!(
            "The report speaks of loads above {}, the highest that was run",
            fmt::number(highest, 0)
        ),
    )
    .so("Nothing is said here about loads outside the measured range.")
    .line(format!(
        "line {}: “{}”; highest load in the tables {}",
        first.no,
        first.text,
        fmt::number(highest, 0)
    ))
    .bears(&[Question::WhoWins])
    .harmless()
    .advise("Run the loads that the claim is about.");
    for (line, _) in beyond {
        f = f.quote(report.quote(line));
    }
    Some(f)
}

/// A report's projected and achieved rates.
pub(super) fn accuracy(report: &Report<'_>) -> Option<AccuracyClaim> {
    let rate = |words: &[&str]| {
        report.lines.iter().find_map(|l| {
            if !words.iter().any(|w| l.lower.contains(w)) {
                return None;
            }
            let n = numbers(&l.text).into_iter().find(|n| {
                let unit = after(&l.lower, n);
                unit.starts_with("tok")
            })?;
            let unit = after(&l.lower, &n);
            let per_gpu = unit
                .split([' ', '(', ',', ';'])
                .next()
                .is_some_and(|u| u.contains("gpu"));
            Some((l, n, per_gpu))
        })
    };
    let (pl, p, p_gpu) = rate(&["predicted", "projected", "projection:"])?;
    let (ml, m, m_gpu) = rate(&["actual", "achieved", "measured:"])?;
    let stated = report.lines.iter().find_map(|l| {
        if !l.lower.contains("accuracy") {
            return None;
        }
        Some((l, percentages(&l.text).first()?.value))
    });
    let system_at = report
        .sides
        .iter()
        .filter(|s| s.rate == Rate::Tokens)
        .flat_map(|s| &s.rows)
        .find(|r| r.a.value == m.value || r.b.value == m.value)
        .map(|r| r.load);
    let mut quotes = vec![report.quote(pl), report.quote(ml)];
    quotes.extend(stated.map(|(l, _)| report.quote(l)));
    Some(AccuracyClaim {
        projected: p.value,
        projected_decimals: p.decimals,
        projected_per_gpu: p_gpu,
        measured: m.value,
        measured_decimals: m.decimals,
        system_at,
        measured_per_gpu: m_gpu,
        stated: stated.map(|(_, v)| v),
        quotes,
    })
}

/// A stated over-estimation that is really a shortfall.
pub(super) fn overestimate(case: &Case<'_>, report: &Report<'_>) -> Option<Finding> {
    let claim = accuracy(report)?;
    let (line, stated) = report.lines.iter().find_map(|l| {
        if !l.lower.contains("overestimat") && !l.lower.contains("over-estimat") {
            return None;
        }
        Some((l, percentages(&l.text).first()?.value))
    })?;
    let share = claim.measured / claim.projected;
    let shortfall = (1.0 - share) * 100.0;
    let over = (1.0 / share - 1.0) * 100.0;
    if (stated - over).abs() <= 1.0 {
        return None;
    }
    let is_shortfall = (stated - shortfall).abs() <= 1.0;
    let d = |v: f64| fmt::measured(v);
    let title = if is_shortfall {
        format!(
            "“Overestimation {}{}%” is a shortfall",
            fmt::number(stated, 0),
            fmt::NBSP
        )
    } else {
        format!(
            "“Overestimation {}{}%” does not follow from the report’s figures",
            fmt::number(stated, 0),
            fmt::NBSP
        )
    };
    let mut f = Finding::new(Check::Text, Grade::Warn, title)
        .so(if is_shortfall {
            "It divides what was missing by the projection; an over-estimate is measured against what came out."
        } else {
            "An over-estimate is the projection over the measurement, minus one."
        })
        .line(format!(
            "shortfall 1 − {} ÷ {} = {}",
            fmt::number(claim.measured, claim.measured_decimals),
            d(claim.projected),
            fmt::percent(shortfall / 100.0, 1)
        ))
        .line(format!(
            "over-estimate {} ÷ {} − 1 = {}, in the report’s own units",
            d(claim.projected),
            fmt::number(claim.measured, claim.measured_decimals),
            fmt::percent(over / 100.0, 1)
        ))
        .quote(report.quote(line))
        .bears(&[Question::Projection])
        .harmless();
    if let Some(gpus) = crate::audit::projection::gpus(case).map(f64::from)
        && claim.projected_per_gpu
        && claim.system_at.is_some()
    {
        f = f.line(format!(
            "in one unit {} × {} ÷ {} = {}×",
            d(claim.projected),
            fmt::number(gpus, 0),
            fmt::number(claim.measured, claim.measured_decimals),
            fmt::sig(claim.projected * gpus / claim.measured, 3)
        ));
    }
    Some(f)
}

/// Claims that a limit is kept or broken at loads for which the report has no figure.
pub(super) fn limits(case: &Case<'_>, report: &Report<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let sides: Vec<usize> = [case.candidate, case.baseline]
        .into_iter()
        .flatten()
        .collect();
    let reported = |metric: Metric| {
        sides
            .iter()
            .flat_map(|i| case.points(*i))
            .filter(|(_, _, p)| p.metrics.contains_key(&metric))
            .count()
    };
    let all: usize = sides.iter().map(|i| case.points(*i).len()).sum();
    if all == 0 {
        return out;
    }
    let meets = |l: &&Line| {
        l.lower.contains("tpot") && (l.lower.contains("meet") || l.lower.contains("within"))
    };
    if let Some(line) = report.lines.iter().find(meets)
        && reported(Metric::Tpot) == 0
    {
        let mut f = Finding::new(
            Check::Text,
            Grade::Warn,
            "The report says that TPOT meets its limit, but gives no TPOT",
        )
        .so("Only a TPOT implied by requests/s, TTFT and output length can be judged.")
        .quote(report.quote(line))
        .bears(&[Question::Sla])
        .harmless()
        .line(format!(
            "{} of both sides, of which 0 report TPOT",
            fmt::counted(all, "point", "points")
        ))
        .advise("Report TPOT (inter-token latency) from the tool’s own files.");
        f = f.lines(implied_tpot(case, &sides));
        out.push(f);
    }
    let everywhere = |l: &&Line| {
        (l.lower.contains("sla") || l.lower.contains("ttft"))
            && (l.lower.contains("all tested") || l.lower.contains("all concurrency"))
    };
    let with_ttft = reported(Metric::Ttft);
    if let Some(line) = report.lines.iter().find(everywhere)
        && with_ttft < all
    {
        out.push(
            Finding::new(
                Check::Text,
                Grade::Warn,
                "The report speaks of the SLA at all tested loads, but gives TTFT at few",
            )
            .so("The other loads cannot be judged from it.")
            .line(format!("TTFT is given for {with_ttft} of {all} points"))
            .quote(report.quote(line))
            .bears(&[Question::Sla])
            .harmless()
            .advise("Report TTFT at every load."),
        );
    }
    out
}

/// TPOT implied by (R − TTFT) ÷ (OSL − 1), where all of it is known or implied.
pub(super) fn implied_tpot(case: &Case<'_>, sides: &[usize]) -> Vec<String> {
    let mut out = Vec::new();
    for run in sides {
        for (_, r, p) in case.points(*run) {
            if crate::align::impossible_ttft(p, case.thresholds.little_rounding).is_some() {
                continue;
            }
            let (Some((tpot, Provenance::Derived)), Some((latency, _)), Some((osl, _)), Some(ttft)) = (
                r.value(p, Metric::Tpot),
                r.value(p, Metric::RequestLatency),
                r.value(p, Metric::Osl),
                p.reported(Metric::Ttft),
            ) else {
                continue;
            };
            out.push(format!(
                "{} at {}: (R − TTFT) ÷ (OSL − 1) = ({} − {}) ÷ ({} − 1) = {}, implied",
                r.label,
                case.load_words(p),
                fmt::number(latency, 3),
                fmt::number(ttft, 3),
                fmt::number(osl, 2),
                fmt::ms(Seconds(tpot))
            ));
        }
    }
    out
}
