//! What the answer about the SLA rests on: which loads report the limited metrics, at which
//! statistic, and whether there are requests enough at the edge. Findings of META and NOISE.

use super::{Case, Check, Finding, Grade, PointRef, Question};
use crate::align::Figure;
use crate::certainty;
use crate::fmt;
use crate::model::{Metric, Provenance, Stat};
use crate::sla::SystemSla;
use crate::units::Seconds;

const ASKED: Question = Question::Sla;

/// The findings; none where no limit is set or nothing could be judged.
pub(super) fn limits(case: &Case<'_>) -> Vec<Finding> {
    let sides = case.sla_sides();
    if case.sla.limits.is_empty() || sides.iter().all(|s| s.judged() == 0) {
        return Vec::new();
    }
    [
        unreported(case, &sides),
        unjudged(case, &sides),
        other_statistic(case, &sides),
        edge(case, &sides),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn warn(check: Check, title: String, so: &str, advice: &str) -> Finding {
    Finding::new(check, Grade::Warn, title)
        .so(so)
        .bears(&[ASKED])
        .advise(advice)
}

fn points(case: &Case<'_>, s: &SystemSla, loads: &[u32]) -> Vec<PointRef> {
    case.points(s.run)
        .iter()
        .filter(|(_, _, p)| p.load.concurrency.is_some_and(|c| loads.contains(&c)))
        .map(|(at, _, _)| *at)
        .collect()
}

/// Loads at which the first limited metric is not reported.
fn unreported(case: &Case<'_>, sides: &[&SystemSla]) -> Option<Finding> {
    let (metric, _) = *case.sla.limits.first()?;
    let name = metric.info().short;
    let with = |s: &SystemSla, has: bool| -> Vec<u32> {
        s.rows
            .iter()
            .filter(|r| r.marks.get(&metric).is_some_and(|j| j.figure.is_some()) == has)
            .map(|r| r.concurrency)
            .collect()
    };
    let loads = sides.iter().map(|s| s.rows.len()).max()?;
    let least = sides.iter().map(|s| with(s, true).len()).min()?;
    if least >= loads {
        return None;
    }
    let mut f = warn(
        Check::Meta,
        format!(
            "{least} of {loads} loads {} {name}",
            if least == 1 { "reports" } else { "report" }
        ),
        "A load that does not report it can neither pass nor fail.",
        "Add results that report it at every load.",
    );
    for s in sides {
        let without = with(s, false);
        let count = format!(
            "{}: {} of {} with {name}",
            case.label(s.run),
            with(s, true).len(),
            s.rows.len()
        );
        f = f.line(if without.is_empty() {
            count
        } else {
            format!("{count}, none at {}", fmt::loads(&without))
        });
    }
    let touched = sides.iter().flat_map(|s| points(case, s, &with(s, false)));
    Some(f.at(touched.collect()))
}

/// Points that could not be judged although the first metric is reported.
fn unjudged(case: &Case<'_>, sides: &[&SystemSla]) -> Option<Finding> {
    let open = |s: &SystemSla| -> Vec<u32> {
        s.rows
            .iter()
            .filter(|r| r.within.is_none())
            .map(|r| r.concurrency)
            .collect()
    };
    let all: usize = sides.iter().map(|s| s.rows.len()).sum();
    let n: usize = sides.iter().map(|s| open(s).len()).sum();
    if n == 0 {
        return None;
    }
    let mut f = warn(
        Check::Meta,
        format!("{n} of {all} points cannot be judged"),
        "A limit has no figure there, or one that contradicts the load.",
        "Add results that report every limited metric at every load.",
    );
    for s in sides {
        let loads = open(s);
        if !loads.is_empty() {
            f = f.line(format!("{}: {}", case.label(s.run), fmt::loads(&loads)));
        }
    }
    let touched = sides.iter().flat_map(|s| points(case, s, &open(s)));
    Some(f.at(touched.collect()))
}

/// Figures of another statistic than the one that must keep the limits.
fn other_statistic(case: &Case<'_>, sides: &[&SystemSla]) -> Option<Finding> {
    let asked = case.sla.stat?;
    let mut lines = Vec::new();
    let mut touched = Vec::new();
    for s in sides {
        for (metric, _) in &case.sla.limits {
            let figures: Vec<(&Figure, u32)> = s
                .rows
                .iter()
                .filter_map(|r| Some((r.marks.get(metric)?.figure.as_ref()?, r.concurrency)))
                .filter(|(f, _)| f.stat != asked)
                .collect();
            let Some((first, _)) = figures.first() else {
                continue;
            };
            let loads: Vec<u32> = figures.iter().map(|(_, c)| *c).collect();
            lines.push(format!(
                "{}: {} at {} is the {}{}, {} is asked",
                case.label(s.run),
                metric.info().short,
                fmt::loads(&loads),
                if first.provenance == Provenance::Derived {
                    "implied "
                } else {
                    ""
                },
                fmt::stat(first.stat),
                fmt::stat(asked)
            ));
            touched.extend(points(case, s, &loads));
        }
    }
    if lines.is_empty() {
        return None;
    }
    Some(
        warn(
            Check::Meta,
            "The statistic is not the one asked for".to_owned(),
            "An average or an unnamed figure is taken in its place; a percentile may be far above it.",
            "Add the tool’s own result files, which report percentiles.",
        )
        .lines(lines)
        .at(touched),
    )
}

/// Whether at a system's highest passing load the percentile itself is too loosely known to say
/// that it keeps its limit.
fn edge(case: &Case<'_>, sides: &[&SystemSla]) -> Option<Finding> {
    let stat = case.sla.stat?;
    stat.fraction()?;
    let mut fewest: Option<f64> = None;
    let mut stated = true;
    let (mut lines, mut touched) = (Vec::new(), Vec::new());
    for s in sides {
        let Some(c) = s.highest else { continue };
        let Some(row) = s.rows.iter().find(|r| r.concurrency == c) else {
            continue;
        };
        let found = case.sla.limits.iter().find_map(|(metric, limit)| {
            let f = row.marks.get(metric)?.figure.as_ref()?;
            // Another statistic in its place is a finding of its own.
            let same = f.stat == stat;
            same.then(|| loose(case, s.run, c, (*metric, stat, *limit), f))?
        });
        let Some((n, line)) = found else { continue };
        match n {
            Some(n) => fewest = Some(fewest.map_or(n, |m| m.min(n))),
            None => stated = false,
        }
        lines.push(line);
        touched.extend(points(case, s, &[c]));
    }
    if lines.is_empty() {
        return None;
    }
    let title = match fewest.filter(|_| stated) {
        Some(n) => format!("n {} at the edge", fmt::number(n, 0)),
        None => "The number of requests is not stated".to_owned(),
    };
    Some(
        warn(
            Check::Noise,
            title,
            "The limit is kept in the sample; the percentile itself may lie past it.",
            "Send more requests at this load, or run it three times.",
        )
        .lines(lines)
        .at(touched),
    )
}

/// The number of requests, where it is stated, and the arithmetic where a percentile is too loosely known: its upper bound, from the
/// requests where they are there, else by the binomial order statistic at 97.5 %, is past the
/// limit or outside the sample.
fn loose(
    case: &Case<'_>,
    run: usize,
    c: u32,
    (metric, stat, limit): (Metric, Stat, Seconds),
    f: &Figure,
) -> Option<(Option<f64>, String)> {
    let label = case.label(run);
    let what = format!("{label}, {} {} at {c}", stat.key(), metric.info().short);
    let p = case.run(run)?.points.get(*f.points.first()?)?;
    let n = p.requests.map(|n| n as f64).filter(|n| *n > 0.0);
    let known = case
        .curve(run)
        .and_then(|curve| certainty::at(&curve, c, metric, stat));
    if let Some(k) = known {
        let bounds = k.bounds.filter(|b| b.high.is_none_or(|h| h > limit.0));
        let line = match (bounds, &k.reason) {
            (Some(b), _) => format!(
                "{what}: {}, 95{}% {}, limit {}",
                fmt::time(Seconds(k.value)),
                fmt::NBSP,
                fmt::bounds(b.low, b.high, |v| fmt::time(Seconds(v))),
                fmt::time(limit)
            ),
            (None, Some(reason)) => format!("{what}: {reason}"),
            (None, None) => return None,
        };
        return Some((Some(k.n.map_or(0.0, |n| n as f64)), line));
    }
    let Some(n) = n else {
        return Some((None, format!("{what}: n is not stated")));
    };
    let q = stat.fraction()?;
    let stats = p.metrics.get(&metric).map(|m| &m.stats);
    let worst = stats.and_then(|s| s.get(Stat::Max));
    let bound = q + 1.96 * (q * (1.0 - q) / n).sqrt() + 0.5 / n;
    let covered = stats.is_some_and(|s| {
        s.iter()
            .any(|(st, v)| st.fraction().is_some_and(|x| x >= bound) && v <= limit.0)
    });
    let sure = bound < 1.0 && (covered || worst.is_some_and(|w| w <= limit.0));
    (!sure).then(|| {
        (
            Some(n),
            format!(
                "{what}: with n {} its upper 97.5{}% bound is the sample’s {}",
                fmt::number(n, 0),
                fmt::NBSP,
                if bound < 1.0 {
                    format!(
                        "p{}, which is past the limit or not reported",
                        fmt::number(bound * 100.0, 1)
                    )
                } else {
                    "maximum or beyond it".to_owned()
                }
            ),
        )
    })
}
