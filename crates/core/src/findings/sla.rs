//! Whether the limits are kept, and up to where.

use super::{Badge, VerdictLine, bearing, checks, no_data, shaking, weakest};
use crate::audit::{Case, Check, Finding, Grade, Question};
use crate::fmt;
use crate::model::{Metric, Provenance, Stat};
use crate::sla::{Mark, SlaRow, SystemSla};
use crate::units::Seconds;

const ASKED: Question = Question::Sla;

pub(super) fn line(case: &Case<'_>, findings: &[Finding]) -> VerdictLine {
    let table = case.sla;
    if case.measured().is_empty() {
        return no_data(
            ASKED,
            "No measured run is on the table.",
            "The SLA is judged on measurements, not on projections.",
        );
    }
    if table.limits.is_empty() {
        return no_data(
            ASKED,
            "No limit is set.",
            "Set a limit for TTFT or TPOT to see which loads keep it.",
        );
    }
    let sides = case.sla_sides();
    if sides
        .iter()
        .flat_map(|s| &s.rows)
        .any(|r| r.proven.is_some())
        && sides.iter().all(|s| s.highest.is_none())
    {
        return bounded(case, findings, &sides);
    }
    let judged: usize = sides.iter().map(|s| s.judged()).sum();
    if judged == 0 {
        return cannot(case, &sides);
    }
    let met = sides.iter().any(|s| s.highest.is_some());
    let (sentence, reason) = if met {
        (meets(case, &sides), edge_reason(case, &sides))
    } else {
        none(case, &sides)
    };
    let (badge, evidence, behind) = trust(findings);
    VerdictLine {
        question: ASKED,
        sentence,
        reason,
        badge,
        evidence,
        checks: behind,
    }
}

/// What can be said where the answers were not streamed: TPOT by its bound, TTFT not at all.
fn bounded(case: &Case<'_>, findings: &[Finding], sides: &[&SystemSla]) -> VerdictLine {
    let label = |s: &SystemSla| case.label(s.run).to_owned();
    let at = |s: &SystemSla, wanted: fn(&SlaRow) -> bool| -> Vec<u32> {
        let rows = s.rows.iter().filter(|r| wanted(r));
        rows.map(|r| r.concurrency).collect()
    };
    let kept = |r: &SlaRow| {
        r.marks
            .get(&Metric::Tpot)
            .is_some_and(|j| j.mark == Mark::Proven)
    };
    let limited = |metric| case.sla.limits.iter().find(|(m, _)| *m == metric);
    let unmeasured: Vec<&str> = [Metric::Ttft, Metric::Tpot]
        .into_iter()
        .filter(|m| limited(*m).is_some())
        .map(|m| m.info().short)
        .collect();
    let mut parts = Vec::new();
    let mut reasons = vec!["The answers were not streamed".to_owned()];
    if let Some((_, limit)) = limited(Metric::Tpot) {
        for s in sides {
            let loads = at(s, kept);
            if loads.is_empty() {
                continue;
            }
            parts.push(format!(
                "{}’s TPOT is within {} at {}",
                label(s),
                fmt::ms(*limit),
                fmt::loads(&loads)
            ));
            let last = s.rows.iter().rev().find(|r| kept(r));
            if let Some((r, p)) = last.and_then(|r| Some((r, r.proven?))) {
                reasons.push(format!(
                    "at {} {}TPOT is at most {} (R ÷ (OSL − 1); on average {} ÷ {})",
                    r.concurrency,
                    stat_words(case.sla.stat),
                    fmt::ms(Seconds(p.tpot_at_most)),
                    fmt::ms(Seconds(p.latency)),
                    fmt::number(p.osl - 1.0, 0)
                ));
            }
        }
    }
    let broken: Vec<String> = sides
        .iter()
        .map(|s| (label(s), at(s, |r| r.proven.is_some_and(|p| p.one_broken))))
        .filter(|(_, loads)| !loads.is_empty())
        .map(|(who, loads)| format!("{who} at {}", fmt::loads(&loads)))
        .collect();
    let first = match (parts.is_empty(), limited(Metric::Ttft).is_some()) {
        (false, true) => "TTFT was not measured".to_owned(),
        (false, false) => String::new(),
        (true, _) => format!(
            "{} {} not measured",
            fmt::list(&unmeasured),
            match unmeasured.len() {
                1 => "was",
                _ => "were",
            }
        ),
    };
    if !first.is_empty() {
        parts.insert(0, first);
    }
    let mut reason = format!("{}.", reasons.join("; "));
    if !broken.is_empty() {
        reason.push_str(&format!(
            " However the request time is divided, TTFT or TPOT is past its limit on {}.",
            fmt::list(&broken)
        ));
    }
    let (_, _, mut behind) = trust(findings);
    behind.push(Check::Stream);
    behind.sort_unstable();
    behind.dedup();
    VerdictLine {
        question: ASKED,
        sentence: format!("{}.", parts.join("; ")),
        reason,
        badge: Badge::Caution,
        evidence: "Judged by bounds".to_owned(),
        checks: behind,
    }
}

fn limit_words(metric: Metric, limit: Seconds) -> String {
    format!("{} ≤ {}", metric.info().short, fmt::ms(limit))
}

fn stat_words(stat: Option<Stat>) -> String {
    match stat {
        Some(Stat::Stated) | None => String::new(),
        Some(Stat::Avg) => "average ".to_owned(),
        Some(Stat::P50) => "median ".to_owned(),
        Some(s) => format!("{} ", s.key()),
    }
}

fn cannot(case: &Case<'_>, sides: &[&SystemSla]) -> VerdictLine {
    let reported = |m: Metric| {
        sides
            .iter()
            .flat_map(|s| &s.rows)
            .any(|r| r.marks.get(&m).is_some_and(|j| j.figure.is_some()))
    };
    let missing: Vec<String> = case
        .sla
        .limits
        .iter()
        .filter(|(m, _)| !reported(*m))
        .map(|(m, _)| m.info().short.to_owned())
        .collect();
    let reason = if missing.is_empty() {
        "Every figure that is reported contradicts its own load.".to_owned()
    } else {
        format!(
            "No load reports {} at {}.",
            fmt::list(&missing),
            case.sla.stat.map_or("any statistic", fmt::stat)
        )
    };
    no_data(ASKED, "The SLA cannot be judged.", reason)
}

/// `A meets the SLA up to 10, B up to 1.`
fn meets(case: &Case<'_>, sides: &[&SystemSla]) -> String {
    let part = |s: &SystemSla| {
        let passing: Vec<u32> = s
            .rows
            .iter()
            .filter(|r| r.within == Some(true))
            .map(|r| r.concurrency)
            .collect();
        let Some(high) = s.highest else {
            return "at no load".to_owned();
        };
        let all = s.rows.iter().all(|r| r.within == Some(true));
        if all && s.rows.len() > 1 {
            format!("at every load, up to {}", fmt::number(f64::from(high), 0))
        } else if s.first_failure.is_some_and(|f| f < high) || s.rows.len() == 1 {
            format!("at concurrency {}", fmt::loads(&passing))
        } else {
            format!("up to {}", fmt::number(f64::from(high), 0))
        }
    };
    let parts: Vec<(&str, String)> = sides.iter().map(|s| (case.label(s.run), part(s))).collect();
    match parts.as_slice() {
        [(a, x), (b, y)] if x == y => format!("{a} and {b} both meet the SLA {x}."),
        [(a, x), (b, y)] => format!("{a} meets the SLA {x}, {b} {y}."),
        [(a, x)] => format!("{a} meets the SLA {x}."),
        _ => String::new(),
    }
}

/// For each system the measured mark nearest to its limit at the highest passing load, and what fails at the next one.
fn edge_reason(case: &Case<'_>, sides: &[&SystemSla]) -> String {
    let told: Vec<String> = sides.iter().filter_map(|s| edge_of(case, s)).collect();
    told.join(" ")
}

fn edge_of(case: &Case<'_>, s: &SystemSla) -> Option<String> {
    s.highest?;
    let label = case.label(s.run);
    let mut out = Vec::new();
    if let Some((c, metric, stat, value, limit)) = tightest(case, s) {
        out.push(format!(
            "{label}’s {}{} at {c} is {}{}, {} under its limit",
            stat_words(Some(stat)),
            metric.info().short,
            fmt::ms(Seconds(value)),
            interval_words(case, s.run, c, metric, stat),
            fmt::ms(Seconds(limit - value)),
        ));
    }
    let next = s
        .rows
        .iter()
        .find(|r| Some(r.concurrency) > s.highest && r.within == Some(false));
    if let Some(row) = next
        && let Some((metric, j)) = row.marks.iter().find(|(_, j)| j.mark == Mark::Fail)
        && let (Some(f), Some((_, limit))) =
            (&j.figure, case.sla.limits.iter().find(|(m, _)| m == metric))
    {
        out.push(format!(
            "at {} its {} is {} against {}",
            row.concurrency,
            metric.info().short,
            fmt::time(Seconds(f.value)),
            fmt::time(*limit)
        ));
    }
    (!out.is_empty()).then(|| format!("{}.", out.join("; ")))
}

/// ` (95 % interval 170–240 ms)`, where the requests give one.
fn interval_words(case: &Case<'_>, run: usize, c: u32, metric: Metric, stat: Stat) -> String {
    let known = case
        .curve(run)
        .and_then(|curve| crate::certainty::at(&curve, c, metric, stat));
    let Some(b) = known.and_then(|k| k.bounds) else {
        return String::new();
    };
    let interval = fmt::bounds(b.low, b.high, |v| fmt::ms(Seconds(v)));
    format!(" (95{}% interval {interval})", fmt::NBSP)
}

fn tightest(case: &Case<'_>, s: &SystemSla) -> Option<(u32, Metric, Stat, f64, f64)> {
    let row = s.rows.iter().find(|r| Some(r.concurrency) == s.highest)?;
    case.sla
        .limits
        .iter()
        .filter_map(|(m, l)| {
            let f = row.marks.get(m)?.figure.as_ref()?;
            Some((row.concurrency, *m, f.stat, f.value, l.0))
        })
        .max_by(|a, b| (a.3 / a.4).total_cmp(&(b.3 / b.4)))
}

/// No load keeps the limits.
fn none(case: &Case<'_>, sides: &[&SystemSla]) -> (String, String) {
    // Limits that fail wherever they are judged, measured figures before implied ones.
    let fails = |metric: Metric, implied: bool| {
        let marks: Vec<_> = sides
            .iter()
            .flat_map(|s| &s.rows)
            .filter_map(|r| r.marks.get(&metric))
            .filter(|j| matches!(j.mark, Mark::Pass | Mark::Fail))
            .filter(|j| {
                implied
                    == j.figure
                        .as_ref()
                        .is_some_and(|f| f.provenance == Provenance::Derived)
            })
            .collect();
        !marks.is_empty() && marks.iter().all(|j| j.mark == Mark::Fail)
    };
    let of = |implied| -> Vec<(Metric, Seconds)> {
        case.sla
            .limits
            .iter()
            .filter(|(m, _)| fails(*m, implied))
            .copied()
            .collect()
    };
    let measured = of(false);
    let chosen = if measured.is_empty() {
        of(true)
    } else {
        measured
    };
    let words: Vec<String> = chosen.iter().map(|(m, l)| limit_words(*m, *l)).collect();
    let what = if words.is_empty() {
        "the SLA".to_owned()
    } else {
        words.join(" or ")
    };
    let on = match sides {
        [_, _] => ", on either system".to_owned(),
        [s] => format!(" on {}", case.label(s.run)),
        _ => String::new(),
    };
    let sentence = format!("No reported load meets {what}{on}.");
    let mut reason = Vec::new();
    if let Some((metric, limit)) = chosen.first() {
        reason.extend(at_one_load(case, sides, *metric, *limit));
    }
    for (metric, _) in &case.sla.limits {
        reason.extend(unreported(sides, *metric));
    }
    (sentence, reason.join(" "))
}

/// `At concurrency 250 TTFT is 24.4 s and 21.5 s, 81 and 72 times the limit.` at the lowest
/// common load that is judged on all sides.
fn at_one_load(
    case: &Case<'_>,
    sides: &[&SystemSla],
    metric: Metric,
    limit: Seconds,
) -> Option<String> {
    let first = sides.first()?;
    let figures = |c: u32| -> Option<Vec<f64>> {
        sides
            .iter()
            .map(|s| {
                let row = s.rows.iter().find(|r| r.concurrency == c)?;
                let j = row.marks.get(&metric)?;
                (j.mark == Mark::Fail).then(|| j.figure.as_ref().map(|f| f.value))?
            })
            .collect()
    };
    let (c, values) = first
        .rows
        .iter()
        .find_map(|r| Some((r.concurrency, figures(r.concurrency)?)))?;
    let times: Vec<String> = values.iter().map(|v| fmt::time(Seconds(*v))).collect();
    let over: Vec<String> = values
        .iter()
        .map(|v| {
            let x = v / limit.0;
            if x < 10.0 {
                fmt::sig(x, 2)
            } else {
                fmt::number(x, 0)
            }
        })
        .collect();
    let stat = stat_words(case.sla.stat.filter(|s| {
        sides.iter().flat_map(|x| &x.rows).any(|r| {
            r.marks
                .get(&metric)
                .and_then(|j| j.figure.as_ref())
                .is_some_and(|f| f.stat == *s)
        })
    }));
    Some(format!(
        "At concurrency {} {stat}{} is {}, {} times the limit.",
        fmt::number(f64::from(c), 0),
        metric.info().short,
        fmt::list(&times),
        fmt::list(&over)
    ))
}

/// `TPOT was not reported; 158 ms and 125 ms are implied.`
fn unreported(sides: &[&SystemSla], metric: Metric) -> Option<String> {
    let figures: Vec<_> = sides
        .iter()
        .flat_map(|s| &s.rows)
        .filter_map(|r| r.marks.get(&metric)?.figure.as_ref())
        .collect();
    if figures.iter().any(|f| f.provenance != Provenance::Derived) {
        return None;
    }
    let name = metric.info().short;
    if figures.is_empty() {
        return Some(format!("{name} was not reported."));
    }
    let values: Vec<String> = figures.iter().map(|f| fmt::ms(Seconds(f.value))).collect();
    Some(format!(
        "{name} was not reported; {} {} implied.",
        fmt::list(&values),
        if values.len() == 1 { "is" } else { "are" }
    ))
}

/// The badge, from the findings alone: the first of those that could change the sentence, facts
/// about the answer itself before others.
fn trust(findings: &[Finding]) -> (Badge, String, Vec<Check>) {
    let behind = checks(bearing(findings, ASKED, Grade::Block).chain(shaking(findings, ASKED)));
    let own = |check: Check| {
        shaking(findings, ASKED).find(move |f| f.bears_on == [ASKED] && f.check == check)
    };
    match own(Check::Meta)
        .or_else(|| own(Check::Noise))
        .or_else(|| shaking(findings, ASKED).next())
    {
        Some(f) if f.bears_on == [ASKED] => (Badge::Caution, f.title.clone(), behind),
        Some(f) => (Badge::Caution, fmt::capital(weakest(f.check)), behind),
        None => (Badge::Sound, "Every load is judged".to_owned(), behind),
    }
}
