//! LITTLE and TOKENS: figures of one point that must fit each other.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::align::impossible_ttft;
use crate::fmt;
use crate::model::{Metric, Provenance, Stat};
use std::collections::BTreeSet;

pub(super) const LITTLE: Row = Row {
    title: "Little’s law",
    tests: "Requests/s × request time gives the requests in flight.",
    needs: "requests/s with TTFT or the request time, at a stated concurrency",
    bears_on: &[Question::WhoWins, Question::Sla, Question::Projection],
    weakest: "load was not held",
    by_point: true,
    run: little,
};

/// LITTLE: X·R = C. A TTFT longer than C ÷ X blocks; X·R far from C warns.
fn little(case: &Case<'_>) -> Vec<Finding> {
    let mut impossible = Impossible::default();
    let mut far: Vec<(PointRef, String, u32)> = Vec::new();
    let mut fits: Vec<(PointRef, String, u32)> = Vec::new();
    let mut ttft_sums: Vec<(PointRef, String, u32)> = Vec::new();
    let t = case.thresholds;
    for run in case.measured() {
        let digits = case.digits(run, Metric::RequestThroughput);
        for (at, r, p) in case.points(run) {
            let (Some(c), Some(x)) = (p.load.concurrency, p.reported(Metric::RequestThroughput))
            else {
                continue;
            };
            let x_words = fmt::number(x, digits);
            let c_words = fmt::number(f64::from(c), 0);
            if let Some((bound, ttft)) = impossible_ttft(p, t.little_rounding) {
                impossible.points.push(at);
                impossible.loads.insert(c);
                impossible.lines.push(format!(
                    "{}: R = C ÷ X = {c_words} ÷ {x_words} = {} s < TTFT {} s",
                    r.label,
                    fmt::number(bound, 2),
                    fmt::number(ttft, 3),
                ));
                let flight = x * ttft;
                if flight > 1.5 * f64::from(c) {
                    impossible.mislabelled.push(format!(
                        "{}: {x_words} × {} = {} requests in flight",
                        r.label,
                        fmt::number(ttft, 3),
                        fmt::number(flight, 1)
                    ));
                    impossible.suspects.push((r.label.clone(), flight));
                }
                continue;
            }
            let latency = p.metrics.get(&Metric::RequestLatency).and_then(|m| {
                (m.provenance == Provenance::Measured)
                    .then(|| m.stats.get(Stat::Avg).or_else(|| m.stats.get(Stat::Stated)))
                    .flatten()
            });
            if let Some(latency) = latency {
                let flight = x * latency;
                let line = format!(
                    "{}: X × R = {x_words} × {} s = {} of {c_words} in flight",
                    r.label,
                    fmt::sig(latency, 4),
                    fmt::sig(flight, 3)
                );
                if (flight / f64::from(c) - 1.0).abs() > t.little_warn {
                    far.push((at, line, c));
                } else {
                    fits.push((at, line, c));
                }
            } else if let Some(ttft) = p
                .metrics
                .get(&Metric::Ttft)
                .and_then(|m| m.stats.get(Stat::Avg).or_else(|| m.stats.get(Stat::Stated)))
            {
                ttft_sums.push((
                    at,
                    format!(
                        "{}: X × TTFT = {x_words} × {} s = {}, no more than the {c_words} in flight",
                        r.label,
                        fmt::number(ttft, 3),
                        fmt::number(x * ttft, 1)
                    ),
                    c,
                ));
            }
        }
    }
    let doubtful: BTreeSet<u32> = impossible
        .loads
        .iter()
        .copied()
        .chain(far.iter().map(|(_, _, c)| *c))
        .collect();
    let mut out = Vec::new();
    if !impossible.points.is_empty() {
        out.push(impossible.finding());
    }
    if !far.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = far.into_iter().map(|(p, l, _)| (p, l)).unzip();
        let harmless = full_load_keeps_winner(case);
        let mut f = Finding::new(
            Check::Little,
            Grade::Warn,
            "The requests in flight are not the ones asked for",
        )
        .so(if harmless {
            "Ramp-up and drain, or a client that could not keep up. At full load, C ÷ R, the same side leads at every load, so the winner stands."
        } else {
            "Ramp-up and drain, or a client that could not keep up: the rates are lower than a full load would give."
        })
        .lines(lines)
        .at(points)
        .bears(&[Question::WhoWins, Question::Projection])
        .advise("Run longer, so that ramp-up and drain weigh less, and check that the load generator keeps up.");
        if harmless {
            f = f.harmless_for(Question::WhoWins);
        }
        out.push(f);
    }
    fits.extend(ttft_sums);
    if fits.is_empty() {
        if out.is_empty() {
            out.push(Finding::no_data(
                Check::Little,
                "No point allows the check by Little’s law",
            ));
        }
    } else {
        let all: BTreeSet<u32> = fits.iter().map(|(_, _, c)| *c).collect();
        // Where one side fits and the other doesn’t.
        let (half, loads): (Vec<u32>, Vec<u32>) =
            all.into_iter().partition(|c| doubtful.contains(c));
        let mut title = match loads.as_slice() {
            [] => "Other points are consistent with Little’s law".to_owned(),
            [c] => format!("Concurrency {c} is consistent with Little’s law"),
            many => format!(
                "Concurrency {} are consistent with Little’s law",
                fmt::loads(many)
            ),
        };
        if !loads.is_empty() && !half.is_empty() {
            title.push_str(&format!(", and one side at {}", fmt::loads(&half)));
        }
        out.push(
            Finding::new(Check::Little, Grade::Pass, title)
                .at(fits.iter().map(|(p, _, _)| *p).collect())
                .lines(fits.into_iter().map(|(_, l, _)| l).collect()),
        );
    }
    out
}

#[derive(Default)]
struct Impossible {
    points: Vec<PointRef>,
    loads: BTreeSet<u32>,
    lines: Vec<String>,
    mislabelled: Vec<String>,
    suspects: Vec<(String, f64)>,
}

impl Impossible {
    fn finding(self) -> Finding {
        let loads: Vec<u32> = self.loads.into_iter().collect();
        let consequence = if self.suspects.is_empty() {
            "These TTFTs are not judged against the SLA.".to_owned()
        } else {
            format!(
                "These TTFTs are not judged against the SLA; {}, and looks mislabelled.",
                self.suspects
                    .iter()
                    .map(|(name, flight)| format!(
                        "{name}’s would take {} requests in flight",
                        fmt::number(*flight, 0)
                    ))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        };
        Finding::new(
            Check::Little,
            Grade::Block,
            format!(
                "The TTFTs at concurrency {} are longer than the whole request",
                fmt::loads(&loads)
            ),
        )
        .so(consequence)
        .lines(self.lines)
        .lines(self.mislabelled)
        .at(self.points)
        .bears(&[Question::Sla])
        .advise(
            "Read the TTFTs again from the tool’s own files, and check which load each belongs to.",
        )
    }
}

/// Whether, with C requests really in flight, C ÷ R names the same winner as the measured
/// requests/s at every load at which both sides report R.
fn full_load_keeps_winner(case: &Case<'_>) -> bool {
    let (Some(a), Some(b)) = (
        case.candidate.and_then(|i| case.curve(i)),
        case.baseline.and_then(|i| case.curve(i)),
    ) else {
        return false;
    };
    let mut any = false;
    for (row, _, change) in case.comparison.changes(Metric::RequestThroughput) {
        let latency = |c: &crate::align::Curve<'_>| {
            c.at(row.concurrency, Metric::RequestLatency, Stat::Avg)
                .filter(|f| f.provenance == Provenance::Measured)
        };
        if !row.matched {
            continue;
        }
        let (Some(x), Some(y)) = (latency(&a), latency(&b)) else {
            return false;
        };
        let full = crate::compare::change(
            Metric::RequestLatency,
            x.value,
            y.value,
            case.thresholds.equivalence,
        );
        if full.outcome != change.outcome {
            return false;
        }
        any = true;
    }
    any
}

pub(super) const TOKENS: Row = Row {
    title: "Token count",
    tests: "Tokens/s equals requests/s × output tokens a request.",
    needs: "tokens/s, requests/s and a reported output length",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "rates and length disagree",
    by_point: true,
    run: tokens,
};

/// TOKENS: tokens/s = X × OSL, where the length is reported.
fn tokens(case: &Case<'_>) -> Vec<Finding> {
    let t = case.thresholds;
    let mut off: Vec<(PointRef, String)> = Vec::new();
    let mut per_gpu: Vec<(PointRef, String)> = Vec::new();
    let mut seen = 0_usize;
    let mut worst = 0.0_f64;
    for run in case.measured() {
        for (at, r, p) in case.points(run) {
            let (Some(tokens), Some(x), Some(osl)) = (
                p.reported(Metric::OutputThroughput),
                p.reported(Metric::RequestThroughput),
                p.reported(Metric::Osl),
            ) else {
                continue;
            };
            let ratio = tokens / (x * osl);
            if !ratio.is_finite() {
                continue;
            }
            seen += 1;
            let line = format!(
                "{} at {}: {} req/s × {} tokens = {} tokens/s, reported {}",
                r.label,
                case.load_words(p),
                fmt::sig(x, 4),
                fmt::sig(osl, 4),
                fmt::sig(x * osl, 4),
                fmt::sig(tokens, 4),
            );
            let gpus = r.gpus().filter(|g| *g > 1).map(f64::from);
            if gpus.is_some_and(|g| (ratio * g - 1.0).abs() <= t.unit_near) {
                per_gpu.push((at, line));
            } else if (ratio - 1.0).abs() > t.tokens_warn {
                off.push((at, line));
            } else {
                worst = worst.max((ratio - 1.0).abs());
            }
        }
    }
    let mut out = Vec::new();
    if !per_gpu.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = per_gpu.into_iter().unzip();
        out.push(
            Finding::new(
                Check::Unit,
                Grade::Block,
                "A token rate given for the whole system looks like one for each GPU",
            )
            .so("It is smaller than requests/s × output tokens by the number of GPUs.")
            .lines(lines)
            .at(points)
            .advise("Multiply it by the GPU count, or say that it is per GPU."),
        );
    }
    if !off.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = off.into_iter().unzip();
        out.push(
            Finding::new(
                Check::Tokens,
                Grade::Warn,
                "Tokens/s does not equal requests/s × output tokens",
            )
            .so("The two rates may cover different spans of time, or count different tokens.")
            .lines(lines)
            .at(points)
            .advise("Check whether the tool counts reasoning tokens, and whether warm-up is left out of both rates."),
        );
    }
    if seen == 0 {
        out.push(Finding::no_data(
            Check::Tokens,
            "No point reports all three of tokens/s, requests/s and output length",
        ));
    } else if out.is_empty() {
        out.push(
            Finding::new(
                Check::Tokens,
                Grade::Pass,
                "Tokens/s equals requests/s × output tokens at every load",
            )
            .line(format!(
                "{}, at most {} apart; limit {}",
                fmt::counted(seen, "point", "points"),
                fmt::percent(worst, 2),
                fmt::percent(t.tokens_warn, 0)
            )),
        );
    }
    out
}
