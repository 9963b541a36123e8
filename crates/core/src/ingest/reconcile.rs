//! The sources of one measurement: the records of its requests against what a summary states.
//!
//! Knows that the most direct source wins and that a summary which the records confirm keeps its own digits; refuses
//! to know any format, and to say in words what it found.

use crate::model::{
    Basis, Evidence, Measure, Metric, Point, Provenance, Recorded, Requests, Run, RunKind, Stat,
    Stats, Superseded, Tally, Tool, Trace, Withdrawal, Withdrawn,
};
use crate::records::Records;
use crate::units::Seconds;
use std::collections::BTreeMap;

/// How far a summary's figure may lie from the records and still count as confirmed, as a share.
pub const AGREE: f64 = 0.02;
/// Of how many of a summary's requests records must know to be called complete, as a share.
const COMPLETE: f64 = 0.98;
/// A time to first token this close to the whole request time was not measured, as a share.
const WHOLE: f64 = 1e-3;

/// What a run says of statistics that were filled in.
pub const RECOMPUTED: &str = "Statistics that the summary lacks are recomputed from its requests.";

/// The statistics of each request's figures.
const PER_REQUEST: [Metric; 5] = [
    Metric::Ttft,
    Metric::Tpot,
    Metric::RequestLatency,
    Metric::Isl,
    Metric::Osl,
];
/// What only streamed answers have.
const STREAMED: [Metric; 4] = [
    Metric::Ttft,
    Metric::Tpot,
    Metric::ChunkGap,
    Metric::OutputThroughputPerUser,
];
/// What rests on counted output tokens.
const TOKENS: [Metric; 4] = [
    Metric::OutputThroughput,
    Metric::OutputThroughputPerGpu,
    Metric::TotalThroughput,
    Metric::Osl,
];

/// Whether two figures differ by more than [`AGREE`].
pub fn contradicts(a: f64, b: f64) -> bool {
    (a - b).abs() > AGREE * a.abs().max(b.abs())
}

/// Whether the output tokens of the records were counted by the server or the tool, and are not just pieces.
fn counted(recorded: Option<&Recorded>, columns: &Requests) -> bool {
    !columns.osl.is_empty()
        && recorded.is_none_or(|r| r.tokens_by_usage.is_some() || r.tokens_by_tool.is_some())
}

/// What the records say of each metric.
fn recount(records: &Records) -> BTreeMap<Metric, Stats> {
    let all = records.all();
    let wall = all.wall_s();
    let mut out = BTreeMap::new();
    for metric in PER_REQUEST {
        out.insert(metric, all.recomputed(metric));
    }
    let rate = |total: f64| Stats::avg(total / wall);
    let sum = |column: &[f64]| (!column.is_empty()).then(|| column.iter().sum::<f64>());
    if wall > 0.0 {
        out.insert(Metric::RequestThroughput, rate(all.n() as f64));
        let (input, output) = (sum(records.isl()), sum(records.osl()));
        if let Some(output) = output {
            out.insert(Metric::OutputThroughput, rate(output));
            if let Some(input) = input {
                out.insert(Metric::TotalThroughput, rate(input + output));
            }
        }
    }
    out.retain(|_, stats| !stats.is_empty());
    out
}

/// Puts a point's records beside what its summary states, or alone where there is none: a figure that the records
/// confirm keeps the summary's digits, and where they contradict it, all that they hold replaces the summary. Says
/// whether statistics were filled in that the summary lacks.
pub fn reconcile(point: &mut Point) -> bool {
    restore(point);
    let Some(columns) = point.records.clone() else {
        unstreamed_summary(point);
        return false;
    };
    let Some(records) = Records::new(&columns, point.load.concurrency) else {
        return false;
    };
    if point.streamed.is_none() || columns.ttft_s.is_empty() {
        point.streamed = Some(!columns.ttft_s.is_empty());
    }
    let n = records.len() as u64;
    let summary = point.metrics.clone();
    let partial = point
        .requests
        .is_some_and(|s| (n as f64) < COMPLETE * s as f64);
    if partial && !summary.is_empty() {
        let filled = complete(point, &records);
        withdraw_unstreamed(point);
        return filled;
    }
    let recorded = point.recorded.clone();
    let tokens = counted(recorded.as_ref(), &columns);
    let pieces = records.osl().iter().sum::<f64>();
    let mut fresh = recount(&records);
    let stated = |m: Metric| summary.get(&m)?.stats.get(Stat::Avg);
    // Pieces are tokens or more, never fewer: they can prove a summary low, and nothing else.
    let proof = tokens
        || summary.is_empty()
        || stated(Metric::Osl).is_some_and(|osl| pieces > (1.0 + AGREE) * osl * n as f64);
    if !proof {
        for metric in TOKENS {
            fresh.remove(&metric);
        }
    }
    let differs = |m: &Metric| {
        let (a, b) = (fresh.get(m)?.get(Stat::Avg)?, stated(*m)?);
        (*m != Metric::Isl && *m != Metric::TotalThroughput).then(|| contradicts(a, b))
    };
    let recounts = point
        .requests
        .is_some_and(|s| contradicts(s as f64, n as f64));
    let wrong = recounts || fresh.keys().any(|m| differs(m) == Some(true));
    let usage = recorded.as_ref().and_then(|r| r.tokens_by_usage).is_some();
    let evidence = |m: Metric| match m {
        Metric::OutputThroughput | Metric::Osl if usage => Evidence::Usage,
        _ => Evidence::Records,
    };
    let file = point.source.file.clone();
    let mut filled = false;
    if wrong || summary.is_empty() {
        for (metric, stats) in fresh {
            let old = point.metrics.remove(&metric);
            point.metrics.insert(
                metric,
                Measure {
                    stats,
                    provenance: Provenance::Measured,
                    evidence: evidence(metric),
                    superseded: old.map(|m| superseded(m, &file)).into_iter().collect(),
                },
            );
        }
        if recounts && !proof {
            withdraw(point, &TOKENS, Withdrawal::Miscounted);
        }
        let derived = [Metric::TotalThroughput, Metric::OutputThroughputPerUser];
        if wrong && proof {
            withdraw(point, &derived, Withdrawal::Miscounted);
        }
    } else {
        for metric in fresh.keys() {
            if let Some(m) = point.metrics.get_mut(metric) {
                m.evidence = evidence(*metric);
            }
        }
        filled = complete(point, &records);
    }
    tally(point, &columns, wrong || summary.is_empty(), &file);
    withdraw_unstreamed(point);
    filled
}

/// The counts and the wall time by the records.
fn tally(point: &mut Point, columns: &Requests, replace: bool, file: &str) {
    let wall = columns.end_s.iter().copied().fold(0.0, f64::max)
        - columns
            .start_s
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
    let mut note = |tally: Tally, old: Option<f64>, new: f64| {
        let fresh = replace || old.is_none();
        let trace = Trace {
            evidence: Evidence::Records,
            superseded: old
                .filter(|o| fresh && *o != new)
                .map(|o| (Evidence::Summary, o, file.to_owned()))
                .into_iter()
                .collect(),
        };
        point.traces.insert(tally, trace);
        fresh
    };
    let n = columns.len() as u64;
    if note(Tally::Requests, point.requests.map(|v| v as f64), n as f64) {
        point.requests = Some(n);
    }
    let failed = columns.errors;
    if note(Tally::Errors, point.errors.map(|v| v as f64), failed as f64) {
        point.errors = Some(failed);
    }
    if wall > 0.0 && note(Tally::Duration, point.duration.map(|d| d.0), wall) {
        point.duration = Some(Seconds(wall));
    }
}

fn superseded(measure: Measure, file: &str) -> Superseded {
    Superseded {
        evidence: measure.evidence,
        stats: measure.stats,
        file: file.to_owned(),
    }
}

/// Takes figures out of use that only a summary or a report states.
fn withdraw(point: &mut Point, metrics: &[Metric], why: Withdrawal) {
    for metric in metrics {
        let stated = point.metrics.get(metric);
        if stated.is_some_and(|m| !m.evidence.is_recorded())
            && let Some(m) = point.metrics.remove(metric)
        {
            let figures = superseded(m, &point.source.file);
            point.withdrawn.insert(*metric, Withdrawn { figures, why });
        }
    }
}

fn withdraw_unstreamed(point: &mut Point) {
    if point.streamed == Some(false) {
        withdraw(point, &STREAMED, Withdrawal::NotStreamed);
    }
}

/// A summary alone shows that nothing was streamed where it says so, or where every answer’s first token came with
/// its last.
fn unstreamed_summary(point: &mut Point) {
    let stats = |m: Metric| point.metrics.get(&m).map(|m| &m.stats);
    if point.streamed.is_none()
        && let (Some(ttft), Some(whole)) = (stats(Metric::Ttft), stats(Metric::RequestLatency))
    {
        let both: Vec<(f64, f64)> = Stat::ALL
            .into_iter()
            .filter(|s| *s != Stat::Std)
            .filter_map(|s| Some((ttft.get(s)?, whole.get(s)?)))
            .collect();
        let one_token = stats(Metric::Osl)
            .and_then(|s| s.get(Stat::Avg))
            .is_some_and(|osl| osl < 1.5);
        let same = |(t, r): &(f64, f64)| (t - r).abs() <= WHOLE * r.abs();
        if both.len() > 1 && !one_token && both.iter().all(same) {
            point.streamed = Some(false);
        }
    }
    withdraw_unstreamed(point);
}

/// Loads that only a summary describes, in a run whose other summaries the records prove wrong: what rests on counted
/// tokens is not used, and the load is marked.
pub fn distrust(run: &mut Run) {
    if run.kind != RunKind::Measured || run.tool == Tool::Table {
        return;
    }
    let with: Vec<&Point> = run.points.iter().filter(|p| p.records.is_some()).collect();
    let wrong = with.iter().filter(|p| miscounted(p)).count();
    let unstreamed = !with.is_empty() && with.iter().all(|p| p.streamed == Some(false));
    let wrong = 2 * wrong > with.len();
    for point in run.points.iter_mut().filter(|p| p.records.is_none()) {
        if unstreamed && point.streamed.is_none() {
            point.streamed = Some(false);
            withdraw_unstreamed(point);
        }
        if wrong {
            point.distrusted = true;
            withdraw(point, &TOKENS, Withdrawal::Miscounted);
        }
    }
}

/// Whether the records prove a point's summary wrong in its requests or tokens.
fn miscounted(point: &Point) -> bool {
    let requests = point.traces.get(&Tally::Requests).zip(point.requests);
    let count = requests.is_some_and(|(t, n)| {
        t.superseded
            .iter()
            .any(|(_, old, _)| contradicts(*old, n as f64))
    });
    let tokens = point.metrics.get(&Metric::Osl).is_some_and(|m| {
        let new = m.stats.get(Stat::Avg);
        let old = |s: &Superseded| s.stats.get(Stat::Avg);
        m.superseded
            .iter()
            .filter_map(|s| new.zip(old(s)))
            .any(|(new, old)| contradicts(new, old))
    });
    count || tokens
}

/// Back to what the summary states, so that other records or another summary can be put beside it.
fn restore(point: &mut Point) {
    show(point, Basis::Summarised);
    for (metric, w) in std::mem::take(&mut point.withdrawn) {
        let measure = Measure {
            stats: w.figures.stats,
            provenance: Provenance::Measured,
            evidence: w.figures.evidence,
            superseded: Vec::new(),
        };
        point.metrics.entry(metric).or_insert(measure);
    }
    for m in point.metrics.values_mut() {
        m.superseded.retain(|s| !s.evidence.is_recorded());
    }
    point.distrusted = false;
}

/// Shows a point's figures by the most direct source, or by the summary where there is one. Nothing is lost: what is
/// not shown is kept as superseded.
pub fn show(point: &mut Point, basis: Basis) {
    let wanted = |e: Evidence| match basis {
        Basis::Recorded => e as u8,
        Basis::Summarised if e.is_recorded() => 10 + e as u8,
        Basis::Summarised => e as u8,
    };
    for m in point.metrics.values_mut() {
        let best = m
            .superseded
            .iter()
            .enumerate()
            .min_by_key(|(_, s)| wanted(s.evidence))
            .filter(|(_, s)| wanted(s.evidence) < wanted(m.evidence))
            .map(|(i, _)| i);
        if let Some(other) = best.and_then(|i| m.superseded.get_mut(i)) {
            std::mem::swap(&mut other.stats, &mut m.stats);
            std::mem::swap(&mut other.evidence, &mut m.evidence);
        }
    }
    for (metric, w) in &point.withdrawn {
        match basis {
            Basis::Summarised => {
                point.metrics.entry(*metric).or_insert_with(|| Measure {
                    stats: w.figures.stats.clone(),
                    provenance: Provenance::Measured,
                    evidence: w.figures.evidence,
                    superseded: Vec::new(),
                });
            }
            Basis::Recorded => {
                point.metrics.remove(metric);
            }
        }
    }
    let mut swap = |tally: Tally, now: Option<f64>| -> Option<f64> {
        let trace = point.traces.get_mut(&tally)?;
        let evidence = trace.evidence;
        let other = trace
            .superseded
            .iter_mut()
            .find(|s| wanted(s.0) < wanted(evidence))?;
        let shown = other.1;
        other.1 = now?;
        std::mem::swap(&mut other.0, &mut trace.evidence);
        Some(shown)
    };
    if let Some(v) = swap(Tally::Requests, point.requests.map(|v| v as f64)) {
        point.requests = Some(v as u64);
    }
    if let Some(v) = swap(Tally::Errors, point.errors.map(|v| v as f64)) {
        point.errors = Some(v as u64);
    }
    if let Some(v) = swap(Tally::Duration, point.duration.map(|d| d.0)) {
        point.duration = Some(Seconds(v));
    }
}

/// Fills in the statistics of each request's figures that the source does not report, and marks
/// them as recomputed; says whether there were any.
fn complete(point: &mut Point, records: &Records) -> bool {
    for metric in PER_REQUEST {
        let known = point.metrics.get(&metric);
        let mut stats = known.map_or_else(Stats::new, |m| m.stats.clone());
        for (stat, value) in records.all().recomputed(metric).iter() {
            if stats.get(stat).is_none() {
                stats.set(stat, value);
                point.recomputed.entry(metric).or_default().insert(stat);
            }
        }
        match point.metrics.get_mut(&metric) {
            Some(m) => m.stats = stats,
            None => {
                point.measured(metric, stats);
                if let Some(m) = point.metrics.get_mut(&metric) {
                    m.evidence = Evidence::Records;
                }
            }
        }
    }
    !point.recomputed.is_empty()
}

/// The same for records that don't say when each request started.
pub fn complete_untimed(point: &mut Point, columns: &Requests) -> bool {
    Records::new(columns, point.load.concurrency).is_some_and(|r| complete(point, &r))
}
