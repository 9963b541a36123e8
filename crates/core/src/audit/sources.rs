//! RECOUNT, STREAM and PUBLISHED: what one source of a measurement says against a more direct one.
//!
//! Knows counts and causes that records show. Refuses to guess a cause that they do not show.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{
    Basis, Evidence, Measure, Metric, Point, Recorded, Stat, Stats, Tally, Withdrawal,
};

pub(super) const RECOUNT: Row = Row {
    title: "Recounted",
    tests: "A tool’s summary agrees with its own records.",
    needs: "a summary and the per-request records of the same load",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "summary and records disagree",
    by_point: true,
    run: recount,
};

pub(super) const STREAM: Row = Row {
    title: "Not streamed",
    tests: "The answers were streamed, so that a first token and the time between tokens were measured.",
    needs: "records that keep the pieces of an answer, or a summary with TTFT and the request time",
    bears_on: &[Question::Sla, Question::Projection],
    weakest: "answers were not streamed",
    by_point: false,
    run: stream,
};

pub(super) const PUBLISHED: Row = Row {
    title: "Published figures",
    tests: "A report’s figures are those of the files it was written from.",
    needs: "a report whose table repeats figures of result files on the table",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "published figures are off",
    by_point: false,
    run: published,
};

/// Metrics that a recount can change, in the order in which they are told.
const COUNTED: [Metric; 3] = [
    Metric::RequestThroughput,
    Metric::OutputThroughput,
    Metric::Osl,
];

/// What the summary says and what the records say, whichever is in use.
struct Pair {
    name: &'static str,
    summary: f64,
    recorded: f64,
    words: fn(f64) -> String,
}

impl Pair {
    fn off(&self, limit: f64) -> bool {
        (self.summary - self.recorded).abs() > limit * self.recorded.abs()
    }
}

/// One metric of one kind of source, used or not.
fn stated(m: &Measure, is: impl Fn(Evidence) -> bool) -> Option<&Stats> {
    if is(m.evidence) {
        return Some(&m.stats);
    }
    m.superseded
        .iter()
        .find(|s| is(s.evidence))
        .map(|s| &s.stats)
}

fn requests(p: &Point) -> Option<Pair> {
    let trace = p.traces.get(&Tally::Requests)?;
    let now = (trace.evidence, p.requests? as f64);
    let all = || std::iter::once(now).chain(trace.superseded.iter().map(|(e, v, _)| (*e, *v)));
    Some(Pair {
        name: "requests",
        summary: all().find(|(e, _)| *e == Evidence::Summary)?.1,
        recorded: all().find(|(e, _)| e.is_recorded())?.1,
        words: |v| fmt::number(v, 0),
    })
}

fn pairs(p: &Point) -> Vec<Pair> {
    let mut out: Vec<Pair> = requests(p).into_iter().collect();
    for metric in COUNTED {
        let Some(m) = p.metrics.get(&metric) else {
            continue;
        };
        let value = |s: Option<&Stats>| s.and_then(|s| s.central()).map(|(_, v)| v);
        if let (Some(summary), Some(recorded)) = (
            value(stated(m, |e| e == Evidence::Summary)),
            value(stated(m, Evidence::is_recorded)),
        ) {
            out.push(Pair {
                name: metric.info().short,
                summary,
                recorded,
                words: |v| fmt::sig(v, 4),
            });
        }
    }
    out
}

/// Why the records say that a summary counted otherwise; the first that its counts prove.
fn cause(r: &Recorded, pairs: &[Pair]) -> Option<&'static str> {
    let some = |n: Option<u64>| n.is_some_and(|n| n > 0);
    let counted = pairs
        .iter()
        .find(|p| p.name == "requests")
        .map(|p| p.summary.round() as u64);
    let other = counted.is_some_and(|n| n != r.completed());
    let hidden = some(r.reasoning_only);
    if other && hidden && counted == r.with_content {
        return Some(
            "the summary counts only answers with visible content; the others hold reasoning and no content",
        );
    }
    if other && some(r.tool_call_only) && counted == r.with_content {
        return Some(
            "the summary counts only answers with visible content; the others are tool calls",
        );
    }
    if let (Some(n), Some(outside)) = (counted, r.outside_window)
        && outside > 0
        && n == r.completed().saturating_sub(outside)
    {
        return Some("the summary leaves out requests that ended outside its window");
    }
    if other && counted == Some(r.requests) {
        return Some("the summary counts failed or cancelled requests in");
    }
    if !other && hidden {
        return Some(
            "some answers hold reasoning and no content, whose tokens the summary may not count",
        );
    }
    if !other && r.tokens_by_usage.is_some() {
        return Some("the tool’s tokenizer counts otherwise than the server’s own usage");
    }
    None
}

/// RECOUNT: requests, rates and lengths of the summary against those of the records.
fn recount(case: &Case<'_>) -> Vec<Finding> {
    let limit = case.thresholds.recount;
    let (mut seen, mut points, mut lines) = (0_usize, Vec::new(), Vec::new());
    let mut causes: Vec<&'static str> = Vec::new();
    let (mut counted, mut all) = (0.0, 0.0);
    let mut alone: Vec<(PointRef, String)> = Vec::new();
    for run in case.measured() {
        for (at, r, p) in case.points(run) {
            if p.distrusted {
                alone.push((
                    at,
                    format!("{} at {}: summary only", r.label, case.load_words(p)),
                ));
            }
            let pairs = pairs(p);
            seen += usize::from(!pairs.is_empty());
            let off: Vec<&Pair> = pairs.iter().filter(|x| x.off(limit)).collect();
            if off.is_empty() {
                continue;
            }
            points.push(at);
            let told: Vec<String> = off
                .iter()
                .map(|x| {
                    format!(
                        "{} {} → {}",
                        x.name,
                        (x.words)(x.summary),
                        (x.words)(x.recorded)
                    )
                })
                .collect();
            lines.push(format!(
                "{} at {}: {}",
                r.label,
                case.load_words(p),
                told.join(", ")
            ));
            if let Some(x) = off.iter().find(|x| x.name == "requests") {
                counted += x.summary;
                all += x.recorded;
            }
            let why = p.recorded.as_ref().and_then(|r| cause(r, &pairs));
            causes.extend(why.filter(|w| !causes.contains(w)));
        }
    }
    if seen == 0 && alone.is_empty() {
        return vec![Finding::no_data(
            Check::Recount,
            "No load has both a summary and its records",
        )];
    }
    if points.is_empty() && alone.is_empty() {
        return vec![
            Finding::new(
                Check::Recount,
                Grade::Pass,
                "The summaries agree with their records",
            )
            .line(format!(
                "{} recounted; limit {}",
                fmt::counted(seen, "load", "loads"),
                fmt::limit(limit)
            )),
        ];
    }
    let mut out = Vec::new();
    if !points.is_empty() {
        let summarised = case.ws.basis == Basis::Summarised;
        let title = if all > counted {
            format!(
                "The summaries left out {} of {} requests",
                fmt::number(all - counted, 0),
                fmt::number(all, 0)
            )
        } else {
            "The summaries disagree with their own records".to_owned()
        };
        let why = if causes.is_empty() {
            "The records show no cause.".to_owned()
        } else {
            fmt::capital(&format!("{}.", causes.join("; ")))
        };
        let used = if summarised {
            "The summaries’ figures are shown, as was chosen, and name no winner."
        } else {
            "The recounted figures are used."
        };
        let f = Finding::new(
            Check::Recount,
            if summarised {
                Grade::Block
            } else {
                Grade::Warn
            },
            title,
        )
        .so(format!("{why} {used}"))
        .lines(lines)
        .at(points)
        .advise("Quote the recounted figures, and say which program summarised the others.");
        out.push(if summarised { f } else { f.harmless() });
    }
    if !alone.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = alone.into_iter().unzip();
        let mut loads: Vec<u32> = points
            .iter()
            .filter_map(|at| case.run(at.run)?.points.get(at.point)?.load.concurrency)
            .collect();
        loads.sort_unstable();
        loads.dedup();
        out.push(
            Finding::new(
                Check::Recount,
                Grade::Block,
                format!(
                    "Concurrency {} stands in summaries only, and this run’s other summaries are wrong",
                    fmt::loads(&loads)
                ),
            )
            .so("Its figures are marked and name no winner; its token counts are not used.")
            .lines(lines)
            .at(points)
            .bears(&[Question::WhoWins])
            .advise("Add the raw export of this load."),
        );
    }
    out
}

/// STREAM: loads whose answers came in one piece.
fn stream(case: &Case<'_>) -> Vec<Finding> {
    let (mut known, mut points, mut lines) = (0_usize, Vec::new(), Vec::new());
    for run in case.measured() {
        for (at, r, p) in case.points(run) {
            known += usize::from(p.streamed.is_some());
            if p.streamed != Some(false) {
                continue;
            }
            points.push(at);
            let mut why: Vec<String> = Vec::new();
            if let Some(x) = &p.recorded {
                if let Some(single) = x.single_chunk {
                    why.push(format!(
                        "{} of {} answers came in one piece",
                        fmt::number(single as f64, 0),
                        fmt::number(x.completed() as f64, 0)
                    ));
                }
                if x.asked.and_then(|a| a.stream) == Some(false) {
                    why.push("the payload does not ask for a stream".to_owned());
                }
            }
            let first = p.withdrawn.get(&Metric::Ttft).map(|w| &w.figures.stats);
            let whole = p
                .metrics
                .get(&Metric::RequestLatency)
                .and_then(|m| stated(m, |e| e == Evidence::Summary));
            if let (Some(t), Some(r)) = (
                first.and_then(|s| s.get(Stat::Avg)),
                whole.and_then(|s| s.get(Stat::Avg)),
            ) {
                why.push(format!(
                    "the summary’s TTFT {} s ÷ its request time {} s = {}",
                    fmt::sig(t, 4),
                    fmt::sig(r, 4),
                    fmt::sig(t / r, 4)
                ));
            }
            if why.is_empty() {
                why.push("as at this run’s other loads".to_owned());
            }
            lines.push(format!(
                "{} at {}: {}",
                r.label,
                case.load_words(p),
                why.join("; ")
            ));
        }
    }
    if known == 0 {
        return vec![Finding::no_data(
            Check::Stream,
            "No source says or shows whether the answers were streamed",
        )];
    }
    if points.is_empty() {
        return vec![
            Finding::new(Check::Stream, Grade::Pass, "The answers were streamed")
                .line(format!("{} known", fmt::counted(known, "load", "loads"))),
        ];
    }
    vec![
        Finding::new(
            Check::Stream,
            Grade::Warn,
            "The answers were not streamed: TTFT and TPOT were not measured",
        )
        .so("They are absent, not 0. The SLA is judged only as far as the request time proves something: TPOT ≤ R ÷ (OSL − 1).")
        .lines(lines)
        .at(points)
        .harmless()
        .advise("Measure again with streaming: --streaming with GenAI-Perf and AIPerf."),
    ]
}

/// PUBLISHED: a report's figures against the files.
fn published(case: &Case<'_>) -> Vec<Finding> {
    if case.ws.published.is_empty() {
        return vec![Finding::no_data(
            Check::Published,
            "No report repeats figures of the files on the table",
        )];
    }
    let limit = case.thresholds.recount;
    let (mut lines, mut points, mut seen) = (Vec::new(), Vec::new(), 0_usize);
    let mut worst = 1.0_f64;
    for x in &case.ws.published {
        let Some(run) = case.ws.runs.iter().position(|r| r.id == x.run) else {
            continue;
        };
        let found = case
            .run(run)
            .into_iter()
            .flat_map(|r| r.points.iter().enumerate().map(move |(i, p)| (i, r, p)))
            .find(|(_, _, p)| p.load.concurrency.is_some() && p.load.concurrency == x.concurrency);
        let (Some((point, r, p)), Some((_, old))) = (found, x.stats.central()) else {
            continue;
        };
        seen += 1;
        let info = x.metric.info();
        let place = format!("{} at {}, {}", r.label, case.load_words(p), info.short);
        let shown = |v: f64| fmt::value(x.metric, v);
        if let Some(w) = p.withdrawn.get(&x.metric) {
            points.push(PointRef { run, point });
            let why = match w.why {
                Withdrawal::NotStreamed => "not measured",
                Withdrawal::Miscounted => "of a summary that counted wrongly, no records",
            };
            lines.push(format!("{place}: {} published, {why}", shown(old)));
            continue;
        }
        let recorded = p
            .metrics
            .get(&x.metric)
            .and_then(|m| stated(m, Evidence::is_recorded))
            .and_then(Stats::central);
        let Some((_, new)) = recorded.filter(|(_, new)| (new - old).abs() > limit * new.abs())
        else {
            continue;
        };
        points.push(PointRef { run, point });
        let factor = new / old;
        if factor > 0.0 {
            worst = worst.max(factor.max(1.0 / factor));
        }
        lines.push(format!(
            "{place}: {} published → {} recorded, × {}",
            shown(old),
            shown(new),
            fmt::sig(factor, 3)
        ));
    }
    if lines.is_empty() {
        return vec![
            Finding::new(
                Check::Published,
                Grade::Pass,
                "The report’s figures are those of the files",
            )
            .line(format!(
                "{} compared",
                fmt::counted(seen, "figure", "figures")
            )),
        ];
    }
    vec![
        Finding::new(
            Check::Published,
            Grade::Warn,
            format!(
                "{} of {seen} published figures {} off the records, or nothing supports them",
                lines.len(),
                if lines.len() == 1 { "is" } else { "are" }
            ),
        )
        .so(if worst > 1.0 {
            format!(
                "By a factor of up to {}. What follows from them does not hold.",
                fmt::sig(worst, 3)
            )
        } else {
            "What follows from them does not hold.".to_owned()
        })
        .lines(lines)
        .at(points)
        .harmless()
        .advise("Correct the report with the recorded figures."),
    ]
}
