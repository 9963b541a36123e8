//! MONO, SHORT and ERRORS: whether each load was run well.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{Metric, Stat};

pub(super) const MONO: Row = Row {
    title: "Stalls with load",
    tests: "Requests/s does not fall or stall while the load grows.",
    needs: "requests/s at two or more loads of one run",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "rates stall with load",
    by_point: true,
    run: mono,
};

/// MONO: requests/s of a closed loop as the load grows. A fall counts from rounding on; a stall
/// counts only when a later load still rises, for a plateau at the end is saturation.
fn mono(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let mut lines = Vec::new();
    let mut points: Vec<PointRef> = Vec::new();
    let mut falls = false;
    let mut seen = false;
    for run in case.measured() {
        let Some(curve) = case.curve(run) else {
            continue;
        };
        let digits = case.digits(run, Metric::RequestThroughput);
        let rates: Vec<(u32, f64, Vec<usize>)> = curve
            .loads
            .keys()
            .filter_map(|c| {
                let f = curve.at(*c, Metric::RequestThroughput, Stat::Avg)?;
                Some((*c, f.value, f.points))
            })
            .collect();
        seen |= rates.len() > 1;
        for (i, pair) in rates.windows(2).enumerate() {
            let [(c0, x0, p0), (c1, x1, p1)] = pair else {
                continue;
            };
            let growth = f64::from(*c1) / f64::from(*c0);
            let fall = x1 < x0;
            let rises_later = rates
                .iter()
                .skip(i + 2)
                .any(|(_, x, _)| *x > x1 * (1.0 + t.mono_gain));
            // Past saturation a small loss is queueing and scheduling, not a fault of the run.
            let counts = if fall {
                rises_later || *x1 < x0 * (1.0 - t.mono_gain)
            } else {
                *x1 <= x0 * (1.0 + t.mono_gain) && growth >= t.mono_load && rises_later
            };
            if !counts {
                continue;
            }
            falls |= fall;
            points.extend(
                p0.iter()
                    .chain(p1)
                    .map(|point| PointRef { run, point: *point }),
            );
            lines.push(format!(
                "{}: {} → {} req/s for {} × the load ({} → {})",
                curve.run.label,
                fmt::number(*x0, digits),
                fmt::number(*x1, digits),
                fmt::number(growth, usize::from(growth.fract() != 0.0)),
                c0,
                c1
            ));
        }
    }
    if lines.is_empty() {
        return vec![if seen {
            Finding::new(
                Check::Mono,
                Grade::Pass,
                "Requests/s grows with the load until it saturates",
            )
        } else {
            Finding::no_data(Check::Mono, "No run has requests/s at two loads")
        }];
    }
    vec![
        Finding::new(
            Check::Mono,
            Grade::Warn,
            if falls {
                "Requests/s falls or stalls while the load grows"
            } else {
                "Requests/s stalls while the load grows"
            },
        )
        .so("A cold start, a short run or outputs of different length would do this.")
        .lines(lines)
        .at(points)
        .advise(
            "Repeat these loads after a warm-up, with more requests and a fixed output length.",
        ),
    ]
}

pub(super) const SHORT: Row = Row {
    title: "Short run",
    tests: "Each run has enough requests and lasts long enough.",
    needs: "the number of requests, or the duration with the request time",
    bears_on: &[Question::WhoWins, Question::Sla, Question::Projection],
    weakest: "runs are short",
    by_point: true,
    run: short,
};

/// SHORT: too few requests for the load, or too short a run.
fn short(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let mut lines = Vec::new();
    let mut points = Vec::new();
    let mut seen = 0_usize;
    for run in case.measured() {
        for (at, r, p) in case.points(run) {
            let mut why: Vec<String> = Vec::new();
            if let (Some(n), Some(c)) = (p.requests, p.load.concurrency) {
                seen += 1;
                if (n as f64) < t.short_waves * f64::from(c) {
                    why.push(format!(
                        "n {} < {} × {}",
                        fmt::number(n as f64, 0),
                        fmt::number(t.short_waves, 0),
                        c
                    ));
                }
            }
            if let (Some(d), Some((latency, _))) = (p.duration, r.value(p, Metric::RequestLatency))
            {
                seen += 1;
                if d.0 < t.short_times * latency {
                    why.push(format!(
                        "duration {} s < {} × R {} s",
                        fmt::sig(d.0, 3),
                        fmt::number(t.short_times, 0),
                        fmt::sig(latency, 3)
                    ));
                }
            }
            if !why.is_empty() {
                points.push(at);
                lines.push(format!(
                    "{} at {}: {}",
                    r.label,
                    case.load_words(p),
                    why.join("; ")
                ));
            }
        }
    }
    if seen == 0 {
        return vec![Finding::no_data(
            Check::Short,
            "No source says how many requests were sent or how long the runs took",
        )];
    }
    if lines.is_empty() {
        return vec![Finding::new(
            Check::Short,
            Grade::Pass,
            "Every run is long enough for its load",
        )];
    }
    let stands = super::noise::borne_out(case);
    let mut f = Finding::new(
        Check::Short,
        Grade::Warn,
        format!(
            "{} short for the load",
            if lines.len() == 1 {
                "One run is".to_owned()
            } else {
                format!("{} runs are", fmt::capital(&fmt::count(lines.len())))
            }
        ),
    )
    .so(if stands {
        "Ramp-up and drain weigh heavily. The intervals of the rates allow for that, and what is said of them stands."
    } else {
        "Ramp-up, drain and chance weigh heavily in these averages."
    })
    .lines(lines)
    .at(points)
    .advise("Send at least ten requests for each one in flight, and repeat each load three times.");
    // Whether a short run matters at the edge of the SLA is NOISE's to say.
    f = f.harmless_for(Question::Sla);
    if stands {
        f = f.harmless_for(Question::WhoWins);
    }
    vec![f]
}

pub(super) const ERRORS: Row = Row {
    title: "Failed requests",
    tests: "No request failed.",
    needs: "a count of failed requests",
    bears_on: &[Question::WhoWins, Question::Sla, Question::Projection],
    weakest: "requests failed",
    by_point: true,
    run: errors,
};

/// ERRORS: failed requests.
fn errors(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let mut lines = Vec::new();
    let mut points = Vec::new();
    let mut worst = 0.0_f64;
    let (mut seen, mut silent) = (0_usize, 0_usize);
    for run in case.measured() {
        for (at, r, p) in case.points(run) {
            let Some(failed) = p.errors else {
                silent += 1;
                continue;
            };
            seen += 1;
            if failed == 0 {
                continue;
            }
            let total = p.requests.map(|n| n + failed);
            let share = total.map_or(1.0, |n| failed as f64 / n as f64);
            worst = worst.max(share);
            points.push(at);
            lines.push(match total {
                Some(n) => format!(
                    "{} at {}: {failed} of {n} failed, {}",
                    r.label,
                    case.load_words(p),
                    fmt::percent(share, 1)
                ),
                None => format!("{} at {}: {failed} failed", r.label, case.load_words(p)),
            });
        }
    }
    if seen == 0 {
        return vec![Finding::no_data(
            Check::Errors,
            "No source says how many requests failed",
        )];
    }
    if lines.is_empty() {
        let mut f = Finding::new(Check::Errors, Grade::Pass, "No request failed");
        if silent > 0 {
            f = f.line(format!(
                "{} says so, {} do not say",
                fmt::counted(seen, "point", "points"),
                fmt::count(silent)
            ));
        }
        return vec![f];
    }
    let blocks = worst > t.errors_block;
    vec![
        Finding::new(
            Check::Errors,
            if blocks { Grade::Block } else { Grade::Warn },
            if blocks {
                format!("Up to {} of the requests failed", fmt::percent(worst, 1))
            } else {
                "Some requests failed".to_owned()
            },
        )
        .so("A failed request ends early and frees its place, so the rates and times of the others flatter the system.")
        .lines(lines)
        .at(points)
        .advise("Find out why they failed and run these loads again."),
    ]
}
