//! REPROJECT: what a cost model expects of the work that was done, at its observed lengths and
//! loads; and the pairs of figures that a calibration is fitted to.

use super::projection::projected;
use super::select::{ask, served_by};
use super::{Ask, Case, Check, Finding, Grade, Question, Row, length::span};
use crate::accuracy::{Expected, Quantity, at_load, contradicted};
use crate::align::{Curve, WorkloadKey};
use crate::calibrate::Pair;
use crate::fmt;
use crate::model::{Metric, Run, Stat};

/// One load, measured and projected again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reprojected {
    /// What the cost model expects there.
    pub expected: Expected,
    /// Requests a second that it expects.
    pub requests_s: f64,
    /// Requests a second that were measured.
    pub measured_s: f64,
}

impl Reprojected {
    /// Measured ÷ re-projected.
    pub fn share(&self) -> f64 {
        self.measured_s / self.requests_s
    }
}

/// The work that a run did, projected again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reprojection {
    /// Index of the measured run.
    pub run: usize,
    /// The rules and figures that were followed.
    pub by: String,
    /// How the deployment is set up, such as `TP8`.
    pub setup: String,
    /// Input tokens a request: the middle of the observed ones, else the ones asked for.
    pub isl: f64,
    /// Output tokens a request: the middle of the observed ones.
    pub osl: f64,
    /// Smallest and largest observed output length.
    pub observed: (f64, f64),
    /// Loads at which the reported TTFT contradicts the load itself.
    pub doubted: Vec<u32>,
    /// Each load, ascending.
    pub loads: Vec<Reprojected>,
}

impl Reprojection {
    /// Smallest and largest share that was measured of what is expected.
    pub fn shares(&self) -> (f64, f64) {
        span(self.loads.iter().map(Reprojected::share))
    }
}

/// The middle of some lengths in whole tokens.
fn middle(mut lengths: Vec<f64>) -> Option<f64> {
    lengths.sort_by(f64::total_cmp);
    lengths.get(lengths.len() / 2).map(|v| v.round())
}

/// Projects the candidate's work again.
///
/// # Errors
/// Why that cannot be done, without a full stop.
pub fn reprojection(case: &Case<'_>) -> Result<Reprojection, &'static str> {
    let case = &case.for_projection();
    let run = case.candidate.ok_or("No candidate was measured")?;
    let model = case
        .projector
        .ok_or("The work that was done has not been projected again")?;
    projected(case).ok_or("There is no projection whose deployment would be projected again")?;
    if disaggregated(case) {
        return Err(
            "The projection is of disaggregated serving; only aggregated serving is projected again",
        );
    }
    let observed = |m: Metric| -> Vec<f64> {
        case.points(run)
            .iter()
            .filter_map(|(_, r, p)| Some(r.value(p, m)?.0))
            .collect()
    };
    let lengths = observed(Metric::Osl);
    let range = span(lengths.iter().copied());
    let osl = middle(lengths)
        .map(|v| v.max(2.0))
        .ok_or("The output length of the candidate is not known")?;
    let undescribed = "The deployment of the projection is not described";
    let gpus = served_by(case, run).ok_or(undescribed)?;
    let ask = ask(case, middle(observed(Metric::Isl)), osl, gpus).ok_or(undescribed)?;
    let curve = case.curve(run).ok_or(undescribed)?;
    // What the engines don't take waits before them: no batch of that size is projected.
    let cap = case.run(run).and_then(Run::in_flight_cap);
    let loads: Vec<Reprojected> = curve
        .concurrencies()
        .into_iter()
        .filter(|c| cap.is_none_or(|cap| *c <= cap))
        .filter_map(|c| {
            let measured = curve.at(c, Metric::RequestThroughput, Stat::Avg)?;
            let expected = model.expected_at(&ask, c)?;
            Some(Reprojected {
                requests_s: expected.requests_s?,
                measured_s: measured.value,
                expected,
            })
        })
        .collect();
    if loads.is_empty() {
        return Err("The cost tables do not cover this model, system or precision");
    }
    Ok(Reprojection {
        run,
        by: model.name(),
        setup: setup(&ask),
        isl: ask.isl,
        osl,
        observed: range,
        doubted: curve
            .concurrencies()
            .into_iter()
            .filter(|c| contradicted(&curve, *c, case.thresholds.little_rounding))
            .collect(),
        loads,
    })
}

/// `TP8`, `TP4 PP2`.
fn setup(ask: &Ask) -> String {
    let d = &ask.deployment;
    let mut parts: Vec<String> = d.tp.iter().map(|tp| format!("TP{tp}")).collect();
    parts.extend(d.pp.filter(|pp| *pp > 1).map(|pp| format!("PP{pp}")));
    parts.join(" ")
}

pub(super) const REPROJECT: Row = Row {
    title: "Re-projection",
    tests: "Measured requests/s against the cost model at the lengths and loads that were run.",
    needs: "a measured run with observed lengths and the cost tables",
    bears_on: &[Question::Projection],
    weakest: "the re-projection differs",
    by_point: false,
    run: reproject,
};

/// The check.
fn reproject(case: &Case<'_>) -> Vec<Finding> {
    let again = match reprojection(case) {
        Ok(again) => again,
        Err(why) => return vec![Finding::no_data(Check::Reproject, why)],
    };
    let digits = case
        .for_projection()
        .digits(again.run, Metric::RequestThroughput);
    let lines = again
        .loads
        .iter()
        .map(|l| {
            format!(
                "concurrency {}: {} ÷ {} req/s = {}",
                l.expected.concurrency,
                fmt::number(l.measured_s, digits),
                fmt::number(l.requests_s, 2),
                fmt::percent(l.share(), 0)
            )
        })
        .collect();
    let (low, high) = again.shares();
    vec![
        Finding::new(
            Check::Reproject,
            Grade::Info,
            format!(
                "For the work that was done, measured requests/s are {} of a projection",
                fmt::percent_range(low, high, 0)
            ),
        )
        .so(format!(
            "Projected at {} in and {} out, by {}; {} tokens were observed.",
            fmt::number(again.isl, 0),
            fmt::number(again.osl, 0),
            again.by,
            fmt::range(
                &fmt::sig(again.observed.0, 3),
                &fmt::sig(again.observed.1, 3)
            )
        ))
        .lines(lines)
        .harmless(),
    ]
}

/// Quantities that a factor can be fitted to.
const SCALED: [Quantity; 3] = [Quantity::Ttft, Quantity::Tpot, Quantity::RequestTime];

/// What a calibration can be fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// Projected and measured figures of each quantity.
    pub of: Vec<(Quantity, Vec<Pair>)>,
    /// Loads at which the outputs were as long as asked.
    pub fitting: usize,
    /// Loads in all.
    pub loads: usize,
}

/// The pairs of projected and measured figures: every load of the candidate, of any workload, at
/// which the outputs were as long as asked, projected at its own observed lengths. Without a cost
/// model there are no pairs, but the loads are counted.
pub fn pairs(case: &Case<'_>) -> Pairs {
    let mut out = Pairs {
        of: SCALED.map(|q| (q, Vec::new())).to_vec(),
        fitting: 0,
        loads: 0,
    };
    let there = case.for_projection();
    let Some(run) = case.candidate else {
        return out;
    };
    for key in &case.workloads.keys {
        let at = Case {
            key: Some(*key),
            ..*case
        };
        let Some(curve) = at.curve(run) else { continue };
        let cap = curve.run.in_flight_cap();
        for c in curve.concurrencies() {
            out.loads += 1;
            if cap.is_some_and(|cap| c > cap) {
                continue;
            }
            let Some((isl, osl)) = lengths(&at, &curve, *key, c) else {
                continue;
            };
            out.fitting += 1;
            let Some(expected) = expected(&there, run, isl, osl, c) else {
                continue;
            };
            for e in at_load(&curve, &expected, true).errors {
                if let Some((_, pairs)) = out.of.iter_mut().find(|(q, _)| *q == e.quantity) {
                    pairs.push(Pair {
                        concurrency: c,
                        isl: expected.isl,
                        osl: expected.osl,
                        projected: e.projected,
                        measured: e.measured,
                    });
                }
            }
        }
    }
    out
}

/// What the cost model expects of the projected deployment on a run's GPUs, at lengths and a load.
pub fn expected(
    case: &Case<'_>,
    run: usize,
    isl: Option<f64>,
    osl: f64,
    concurrency: u32,
) -> Option<Expected> {
    if disaggregated(case) {
        return None;
    }
    let ask = ask(case, isl, osl, served_by(case, run)?)?;
    case.projector?.expected_at(&ask, concurrency)
}

fn disaggregated(case: &Case<'_>) -> bool {
    projected(case).is_some_and(|(_, _, p)| p.setup.as_ref().is_some_and(|s| s.disagg))
}

/// The observed lengths at a load, where the outputs were as long as asked.
fn lengths(
    case: &Case<'_>,
    curve: &Curve<'_>,
    key: WorkloadKey,
    c: u32,
) -> Option<(Option<f64>, f64)> {
    let observed = |m| curve.at(c, m, Stat::Avg).map(|f| f.value);
    let osl = observed(Metric::Osl)?;
    let asked = key.osl.map(|v| v as f64);
    let near = asked.is_none_or(|a| (osl / a - 1.0).abs() <= case.thresholds.target_warn);
    let isl = observed(Metric::Isl).or(key.isl.map(|v| v as f64));
    (near && osl >= 2.0).then_some((isl, osl))
}
