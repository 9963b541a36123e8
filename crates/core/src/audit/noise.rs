//! NOISE: whether what the verdict says is larger than its interval.

use super::{Case, Check, Finding, Grade, Question, Row};
use crate::certainty::{Basis, Bounds, Difference, Reading};
use crate::compare::{Outcome, change};
use crate::fmt;
use crate::model::Metric;
use crate::stats::{exp, ln};

/// What the verdict says of a rate against what its interval allows.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Says {
    /// The interval bears it out.
    Held,
    /// It names a side, and the interval holds “equal”.
    Noise,
    /// It names nobody, and the interval reaches beyond the band.
    Open,
    /// There is no interval.
    Unknown,
}

fn says(d: &Difference, equivalence: f64) -> Says {
    let named = change(d.metric, d.candidate.value, d.baseline.value, equivalence).outcome;
    match (d.reading(equivalence), named) {
        (None, _) => Says::Unknown,
        (Some(Reading::Equivalent), _) => Says::Held,
        (Some(Reading::Clear), Some(Outcome::NoDifference))
            if d.interval.is_some_and(|i| beyond(i, equivalence)) =>
        {
            Says::Open
        }
        (Some(Reading::Clear), _) => Says::Held,
        (Some(Reading::Noise), Some(Outcome::NoDifference)) => Says::Open,
        (Some(Reading::Noise), _) => Says::Noise,
    }
}

/// Whether an interval would cover chance, and not rounding alone.
fn by_chance(d: &Difference) -> bool {
    matches!(d.basis, Basis::Repeats | Basis::WithinRun)
}

/// Whether the intervals bear out what is said of every rate, twice as wide where they rest on few
/// waves.
pub(super) fn borne_out(case: &Case<'_>) -> bool {
    let t = case.thresholds;
    let held = |d: &Difference| {
        let by = if d.few_waves() { t.noise_widen } else { 1.0 };
        says(&widened(d, by), t.equivalence) == Says::Held
    };
    !case.rates.is_empty() && case.rates.iter().all(held)
}

/// Whether an interval reaches beyond the band of practical equivalence.
fn beyond(i: Bounds, equivalence: f64) -> bool {
    i.low.is_none_or(|l| l < 1.0 / (1.0 + equivalence))
        || i.high.is_none_or(|h| h > 1.0 + equivalence)
}

/// The same with an interval that is wider by a factor in logarithms.
fn widened(d: &Difference, by: f64) -> Difference {
    let wide = |bound: f64| d.ratio * exp(by * ln(bound / d.ratio));
    Difference {
        interval: d.interval.map(|i| Bounds {
            low: i.low.map(wide),
            high: i.high.map(wide),
        }),
        ..d.clone()
    }
}

fn line(d: &Difference) -> String {
    let name = d.metric.info().label;
    let ratio = fmt::ratio(d.ratio);
    match d.interval.filter(|_| by_chance(d)) {
        Some(i) => format!(
            "{name} at {}: ratio {ratio}, 95{}% {}",
            d.concurrency,
            fmt::NBSP,
            fmt::bounds(i.low, i.high, fmt::ratio)
        ),
        None => format!(
            "{name} at {}: ratio {ratio}. {}",
            d.concurrency,
            [&d.candidate, &d.baseline]
                .iter()
                .find_map(|k| k.reason.clone())
                .unwrap_or_else(|| "No interval.".to_owned())
        ),
    }
}

fn loads(rows: &[&Difference]) -> (Vec<u32>, Vec<String>) {
    let mut all: Vec<u32> = rows.iter().map(|d| d.concurrency).collect();
    all.sort_unstable();
    all.dedup();
    (all, rows.iter().map(|d| line(d)).collect())
}

const MORE: &str = "Send more requests at these loads, or run each of them three times.";

pub(super) const NOISE: Row = Row {
    title: "Noise",
    tests: "What a verdict rests on is larger than its 95 % interval.",
    needs: "per-request records of both systems at a common load, or three repeats of it",
    bears_on: &[Question::WhoWins],
    weakest: "a difference may be noise",
    by_point: false,
    run: noise,
};

/// The check.
fn noise(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let rows: Vec<&Difference> = case.rates.iter().collect();
    if rows.is_empty() {
        return vec![Finding::no_data(
            Check::Noise,
            "No load has a rate on both sides",
        )];
    }
    let which = |wanted: Says| -> Vec<&Difference> {
        rows.iter()
            .copied()
            .filter(|d| says(d, t.equivalence) == wanted)
            .collect()
    };
    let at = |rows: &[&Difference]| {
        rows.iter()
            .flat_map(|d| case.row_points(&[d.concurrency], d.metric))
            .collect()
    };
    let warn = |rows: &[&Difference], title: String, so: &str| {
        let (_, lines) = loads(rows);
        Finding::new(Check::Noise, Grade::Warn, title)
            .so(so)
            .lines(lines)
            .at(at(rows))
            .advise(MORE)
    };
    // Tokens decide where both rates have a say: requests/s that are not known well enough then
    // change nothing.
    let decided = |rows: &[&Difference]| {
        rows.iter().all(|d| {
            d.metric != Metric::OutputThroughput
                && case.rates.iter().any(|o| {
                    o.metric == Metric::OutputThroughput
                        && o.concurrency == d.concurrency
                        && says(o, t.equivalence) == Says::Held
                })
        })
    };
    let judged = |rows: &[&Difference], f: Finding| {
        if decided(rows) { f.harmless() } else { f }
    };
    let words = |rows: &[&Difference]| fmt::loads(&loads(rows).0);
    let mut out = Vec::new();
    let (noise, open, unknown) = (which(Says::Noise), which(Says::Open), which(Says::Unknown));
    if !noise.is_empty() {
        out.push(judged(
            &noise,
            warn(
                &noise,
                format!(
                    "The difference at concurrency {} is within noise",
                    words(&noise)
                ),
                "The interval of the ratio holds 1: chance alone would give such a difference.",
            ),
        ));
    }
    if !open.is_empty() {
        let band = fmt::limit(t.equivalence);
        out.push(judged(
            &open,
            warn(
                &open,
                format!(
                    "“No practical difference” is not settled at concurrency {}",
                    words(&open)
                ),
                &format!("The interval of the ratio reaches beyond the band of ±{band}."),
            ),
        ));
    }
    if !unknown.is_empty() {
        out.push(warn(
            &unknown,
            format!(
                "Drift cannot be told from difference at concurrency {}",
                words(&unknown)
            ),
            if unknown
                .iter()
                .all(|d| case.comparison.single_runs(d.concurrency))
            {
                "Without an interval, one run a side is a single observation, and can’t tell drift from difference."
            } else {
                "Without an interval, so few runs can’t tell drift from difference."
            },
        ));
    }
    out.extend(few_waves(case, &rows, &warn));
    if out.is_empty() {
        let (at_loads, lines) = loads(&rows);
        out.push(
            Finding::new(
                Check::Noise,
                Grade::Pass,
                format!(
                    "What is said of concurrency {} is larger than chance allows",
                    fmt::loads(&at_loads)
                ),
            )
            .lines(lines)
            .at(at(&rows)),
        );
    }
    out
}

/// Intervals that rest on few waves, and whether the sentence would stand at wider ones.
fn few_waves(
    case: &Case<'_>,
    rows: &[&Difference],
    warn: &dyn Fn(&[&Difference], String, &str) -> Finding,
) -> Option<Finding> {
    let t = case.thresholds;
    let few: Vec<&Difference> = rows
        .iter()
        .copied()
        .filter(|d| d.few_waves() && d.basis == Basis::WithinRun && d.interval.is_some())
        .filter(|d| says(d, t.equivalence) == Says::Held)
        .collect();
    let (at, _) = loads(&few);
    at.first()?;
    let title = format!(
        "The intervals at concurrency {} rest on few waves",
        fmt::loads(&at)
    );
    let mut falls: Vec<u32> = few
        .iter()
        .filter(|d| says(&widened(d, t.noise_widen), t.equivalence) != Says::Held)
        .map(|d| d.concurrency)
        .collect();
    falls.dedup();
    let wide = fmt::number(t.noise_widen, usize::from(t.noise_widen.fract() != 0.0));
    Some(if falls.is_empty() {
        warn(
            &few,
            title,
            &format!(
                "A drift as slow as the run would not show in them. What is said stands with intervals {wide} times as wide."
            ),
        )
        .harmless()
    } else {
        falls.sort_unstable();
        falls.dedup();
        warn(
            &few,
            title,
            &format!(
                "A drift as slow as the run would not show in them. With intervals {wide} times as wide, what is said of concurrency {} would not stand.",
                fmt::loads(&falls)
            ),
        )
    })
}
