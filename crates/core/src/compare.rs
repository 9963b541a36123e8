//! Candidate against baseline at the same work and load.
//!
//! Knows differences, ratios, the identity token ratio = request ratio × length ratio, and between
//! which measured loads the lead changes. Refuses to say whether a lead can be trusted:
//! that is the audit's.

use crate::align::{Curve, Figure, Unmatched, WorkloadKey, Workloads};
use crate::model::{Direction, Metric, Stat, Workspace};
use crate::stats::{exp, ln};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Metrics that a comparison holds, in the order of its columns.
pub const COMPARED: [Metric; 9] = [
    Metric::OutputThroughput,
    Metric::RequestThroughput,
    Metric::OutputThroughputPerGpu,
    Metric::OutputThroughputPerUser,
    Metric::Osl,
    Metric::Isl,
    Metric::Ttft,
    Metric::Tpot,
    Metric::RequestLatency,
];

/// The two rates that name a winner.
pub const RATES: [Metric; 2] = [Metric::OutputThroughput, Metric::RequestThroughput];

/// Which side is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The candidate is.
    Candidate,
    /// The baseline is.
    Baseline,
    /// They differ by no more than the band of practical equivalence.
    NoDifference,
}

/// The candidate's figure against the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Candidate − baseline, in the metric's SI unit.
    pub absolute: f64,
    /// Candidate ÷ baseline − 1; absent where the baseline is zero.
    pub relative: Option<f64>,
    /// Candidate ÷ baseline; absent where the baseline is zero.
    pub ratio: Option<f64>,
    /// Who is better; absent for lengths, where neither way is.
    pub outcome: Option<Outcome>,
}

/// One metric at one load.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cell {
    /// The candidate's figure.
    pub candidate: Option<Figure>,
    /// The baseline's figure.
    pub baseline: Option<Figure>,
    /// Their difference, where both have the same statistic and meaning.
    pub change: Option<Change>,
    /// Why two figures are not set against each other, one sentence.
    pub reason: Option<String>,
}

/// Token ratio = request ratio × length ratio, candidate over baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Of output tokens/s.
    pub tokens: f64,
    /// Of requests/s.
    pub requests: f64,
    /// Of output tokens a request, reported or implied.
    pub length: f64,
    /// Tokens ÷ (requests × length) − 1: what reported lengths leave open; 0 for implied ones.
    pub residual: f64,
}

/// One load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Requests in flight.
    pub concurrency: u32,
    /// By metric; a metric that neither side has is absent.
    pub cells: BTreeMap<Metric, Cell>,
    /// The identity, where both sides have both rates.
    pub identity: Option<Identity>,
    /// Whether both sides measured this load.
    pub matched: bool,
}

/// Where the two lines cross, between two loads that both sides measured and that name different
/// leaders.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Crossover {
    /// Concurrency at which both drawn lines have the same value, for the first time if more than
    /// once.
    pub concurrency: f64,
    /// The two loads.
    pub between: (u32, u32),
}

/// The comparison of the candidate with the baseline at one workload and one statistic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Comparison {
    /// The workload compared; absent when there is no point at all.
    pub workload: Option<WorkloadKey>,
    /// Statistic of the latencies.
    pub stat: Option<Stat>,
    /// Loads, ascending: all that either side measured.
    pub rows: Vec<Row>,
    /// By metric, ascending; only metrics whose lines cross.
    pub crossovers: BTreeMap<Metric, Vec<Crossover>>,
    /// Points that stand in no row.
    pub unmatched: Vec<Unmatched>,
    /// Why nothing is compared, one sentence; absent when something is.
    pub missing: Option<String>,
}

impl Comparison {
    /// Rows in which both sides have a figure of the metric, with the change.
    pub fn changes(&self, metric: Metric) -> impl Iterator<Item = (&Row, &Cell, Change)> {
        self.rows.iter().filter_map(move |r| {
            let cell = r.cells.get(&metric)?;
            Some((r, cell, cell.change?))
        })
    }
    /// Who leads in a metric at a load.
    pub fn outcome(&self, metric: Metric, concurrency: u32) -> Option<Outcome> {
        let row = self.rows.iter().find(|r| r.concurrency == concurrency)?;
        row.cells.get(&metric)?.change?.outcome
    }
    /// Whether each side's rates at a load stand for one run of it.
    pub fn single_runs(&self, concurrency: u32) -> bool {
        self.rows
            .iter()
            .filter(|r| r.concurrency == concurrency)
            .flat_map(|r| RATES.iter().filter_map(|m| r.cells.get(m)))
            .flat_map(|c| [&c.candidate, &c.baseline])
            .flatten()
            .all(|f| f.repeats <= 1)
    }
    /// Loads that both sides measured, ascending.
    pub fn matched_loads(&self) -> Vec<u32> {
        self.rows
            .iter()
            .filter(|r| r.matched)
            .map(|r| r.concurrency)
            .collect()
    }
}

/// Candidate against baseline. `equivalence` is the half-width of the band of practical
/// equivalence as a share (0.05 = ±5 %). Either run may be absent: then its figures are.
pub fn compare(
    ws: &Workspace,
    candidate: Option<usize>,
    baseline: Option<usize>,
    workloads: &Workloads,
    key: Option<WorkloadKey>,
    stat: Stat,
    equivalence: f64,
) -> Comparison {
    let run = |i: Option<usize>| i.and_then(|i| ws.runs.get(i));
    let mut out = Comparison {
        workload: key,
        stat: Some(stat),
        missing: missing(ws, candidate, baseline),
        ..Comparison::default()
    };
    for i in [candidate, baseline].into_iter().flatten() {
        let Some(r) = ws.runs.get(i) else { continue };
        for (j, p) in r.points.iter().enumerate() {
            if let Some(reason) = workloads.unmatched_reason(r, p) {
                out.unmatched.push(Unmatched {
                    run: i,
                    point: j,
                    reason,
                });
            }
        }
    }
    let Some(key) = key else { return out };
    let a = run(candidate).map(|r| Curve::of(r, key, workloads));
    let b = run(baseline).map(|r| Curve::of(r, key, workloads));
    let loads: BTreeSet<u32> = [&a, &b]
        .into_iter()
        .flatten()
        .flat_map(Curve::concurrencies)
        .collect();
    for c in loads {
        out.rows
            .push(row(a.as_ref(), b.as_ref(), c, stat, equivalence));
    }
    if out.missing.is_none() && !out.rows.iter().any(any_change) {
        out.missing = Some(no_common_load(a.as_ref(), b.as_ref()));
    }
    for metric in COMPARED {
        let found = crossovers(&out, metric, equivalence);
        if !found.is_empty() {
            out.crossovers.insert(metric, found);
        }
    }
    out
}

fn any_change(row: &Row) -> bool {
    row.cells.values().any(|c| c.change.is_some())
}

fn missing(ws: &Workspace, candidate: Option<usize>, baseline: Option<usize>) -> Option<String> {
    let label = |i: usize| ws.runs.get(i).map_or("A run", |r| r.label.as_str());
    match (candidate, baseline) {
        (Some(_), Some(_)) => None,
        (Some(i), None) => Some(format!(
            "{} has nothing to be compared with: no run has the role of the baseline.",
            label(i)
        )),
        (None, Some(i)) => Some(format!(
            "{} has nothing to be compared with: no run has the role of the candidate.",
            label(i)
        )),
        (None, None) if ws.runs.is_empty() => Some("No run has been added.".to_owned()),
        (None, None) => Some("No measured run is on the table.".to_owned()),
    }
}

fn no_common_load(a: Option<&Curve<'_>>, b: Option<&Curve<'_>>) -> String {
    let words = |c: Option<&Curve<'_>>| {
        let loads = c.map(Curve::concurrencies).unwrap_or_default();
        if loads.is_empty() {
            "no stated concurrency".to_owned()
        } else {
            format!("concurrency {}", crate::fmt::loads(&loads))
        }
    };
    format!(
        "The two systems have no load in common at this workload: the candidate ran {}, the baseline {}.",
        words(a),
        words(b)
    )
}

fn row(
    a: Option<&Curve<'_>>,
    b: Option<&Curve<'_>>,
    concurrency: u32,
    stat: Stat,
    equivalence: f64,
) -> Row {
    let get = |c: Option<&Curve<'_>>, m| c.and_then(|c| c.interpolated(concurrency, m, stat));
    let mut cells = BTreeMap::new();
    for metric in COMPARED {
        let (x, y) = (get(a, metric), get(b, metric));
        if x.is_none() && y.is_none() {
            continue;
        }
        let reason = mismatch(a, b, metric, x.as_ref(), y.as_ref());
        let change = match (&x, &y, &reason) {
            (Some(x), Some(y), None) => Some(change(metric, x.value, y.value, equivalence)),
            _ => None,
        };
        cells.insert(
            metric,
            Cell {
                candidate: x,
                baseline: y,
                change,
                reason,
            },
        );
    }
    let has = |c: Option<&Curve<'_>>| c.is_some_and(|c| c.loads.contains_key(&concurrency));
    Row {
        concurrency,
        identity: identity(&cells),
        cells,
        matched: has(a) && has(b),
    }
}

/// Why two figures must not be set against each other.
fn mismatch(
    a: Option<&Curve<'_>>,
    b: Option<&Curve<'_>>,
    metric: Metric,
    x: Option<&Figure>,
    y: Option<&Figure>,
) -> Option<String> {
    let (x, y) = (x?, y?);
    if x.stat != y.stat && !crate::align::is_rate(metric) {
        return Some(format!(
            "One side gives the {}, the other the {}.",
            crate::fmt::stat(x.stat),
            crate::fmt::stat(y.stat)
        ));
    }
    let definition = matches!(metric, Metric::Tpot | Metric::OutputThroughputPerUser)
        && a?.tpot_definition != b?.tpot_definition;
    if definition {
        return Some("The two tools define TPOT differently.".to_owned());
    }
    if metric == Metric::OutputThroughputPerUser && from_tpot(a?, x) != from_tpot(b?, y) {
        return Some("One side is 1 ÷ TPOT, the other tokens/s ÷ concurrency.".to_owned());
    }
    None
}

/// Whether a speed for one user leaves the wait for the first token out.
fn from_tpot(curve: &Curve<'_>, figure: &Figure) -> bool {
    figure
        .points
        .iter()
        .filter_map(|i| curve.run.points.get(*i))
        .all(|p| {
            p.metrics.contains_key(&Metric::OutputThroughputPerUser)
                || p.metrics.contains_key(&Metric::Tpot)
        })
}

/// A candidate's figure against a baseline's.
pub fn change(metric: Metric, candidate: f64, baseline: f64, equivalence: f64) -> Change {
    let ratio = (baseline != 0.0)
        .then(|| candidate / baseline)
        .filter(|r| r.is_finite());
    let outcome = if metric.info().direction == Direction::Neither {
        None
    } else if within(candidate, baseline, equivalence) {
        Some(Outcome::NoDifference)
    } else if metric.improves(baseline, candidate) == Some(true) {
        Some(Outcome::Candidate)
    } else {
        Some(Outcome::Baseline)
    };
    Change {
        absolute: candidate - baseline,
        relative: ratio.map(|r| r - 1.0),
        ratio,
        outcome,
    }
}

/// Whether two figures differ by no more than the band. The larger is taken relative to the
/// smaller, so that swapping the sides changes nothing.
fn within(a: f64, b: f64, equivalence: f64) -> bool {
    if a == b {
        return true;
    }
    let (low, high) = (a.min(b), a.max(b));
    low > 0.0 && high / low <= 1.0 + equivalence
}

fn identity(cells: &BTreeMap<Metric, Cell>) -> Option<Identity> {
    let ratio = |m| cells.get(&m)?.change?.ratio;
    let tokens = ratio(Metric::OutputThroughput)?;
    let requests = ratio(Metric::RequestThroughput)?;
    let length = ratio(Metric::Osl)?;
    let product = requests * length;
    (product > 0.0).then(|| Identity {
        tokens,
        requests,
        length,
        residual: tokens / product - 1.0,
    })
}

/// Where the drawn lines cross. What is interpolated places a crossing and never makes one: at the
/// measured loads on both of its sides the difference has opposite signs.
fn crossovers(comparison: &Comparison, metric: Metric, equivalence: f64) -> Vec<Crossover> {
    let points: Vec<(u32, bool, f64, f64)> = comparison
        .changes(metric)
        .filter_map(|(row, cell, _)| {
            let (x, y) = (
                cell.candidate.as_ref()?.value,
                cell.baseline.as_ref()?.value,
            );
            (x > 0.0 && y > 0.0).then_some((row.concurrency, row.matched, x, y))
        })
        .collect();
    let measured: Vec<usize> = points
        .iter()
        .enumerate()
        .filter_map(|(i, (_, matched, ..))| matched.then_some(i))
        .collect();
    measured
        .windows(2)
        .filter_map(|w| {
            let drawn = points.get(*w.first()?..=*w.last()?)?;
            let ((c0, _, x0, y0), (c1, _, x1, y1)) = (*drawn.first()?, *drawn.last()?);
            // Two lines that stay within the band of each other do not cross in practice.
            let apart = !(within(x0, y0, equivalence) && within(x1, y1, equivalence));
            if !apart || (x0 - y0) * (x1 - y1) >= 0.0 {
                return None;
            }
            let at = drawn.windows(2).find_map(|w| {
                let [(c0, _, x0, y0), (c1, _, x1, y1)] = w else {
                    return None;
                };
                if x1 == y1 {
                    return Some(f64::from(*c1));
                }
                crossing(f64::from(*c0), f64::from(*c1), ln(x0 / y0), ln(x1 / y1))
            });
            Some(Crossover {
                concurrency: at?,
                between: (c0, c1),
            })
        })
        .collect()
}

/// The load at which a line over the logarithm of concurrency changes sign between two loads. Of
/// figures on the drawn lines that is the logarithm of their ratio.
pub fn crossing(c0: f64, c1: f64, d0: f64, d1: f64) -> Option<f64> {
    if d0 * d1 >= 0.0 {
        return None;
    }
    let t = d0 / (d0 - d1);
    Some(exp(ln(c0) * (1.0 - t) + ln(c1) * t).clamp(c0.min(c1), c0.max(c1)))
}
