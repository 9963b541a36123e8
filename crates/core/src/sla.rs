//! Which loads keep the limits of the service, and up to where.
//!
//! Knows limits, the statistic that must keep them, and the drawn line on which a limit is
//! crossed. Refuses to judge a figure that contradicts Little's law, and never fills in a load
//! that was not measured.

mod proof;

pub use proof::{Proven, proven};

use crate::align::{Curve, Figure, WorkloadKey, Workloads, impossible_ttft};
use crate::compare::crossing;
use crate::model::{Metric, Sla, Stat, Workspace};
use crate::stats::ln;
use crate::units::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a limit says of one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Within the limit.
    Pass,
    /// Past the limit.
    Fail,
    /// The source does not report the metric at this load.
    NotReported,
    /// The figure contradicts the load itself and is not judged.
    Blocked,
    /// Not measured, and within the limit however the request time is divided.
    Proven,
}

/// One limit at one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub mark: Mark,
    /// The figure, where there is one; its provenance says whether it is implied.
    pub figure: Option<Figure>,
    /// Why it is blocked, one sentence.
    pub reason: Option<String>,
}

/// One load of one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlaRow {
    /// Requests in flight.
    pub concurrency: u32,
    /// By limited metric.
    pub marks: BTreeMap<Metric, Judgement>,
    /// Figures of the metrics that no limit judges, at the statistic of the SLA.
    #[serde(default)]
    pub unlimited: BTreeMap<Metric, Figure>,
    /// Whether every limit is kept; `None` when that cannot be said.
    pub within: Option<bool>,
    /// What the request time proves where the answers were not streamed.
    #[serde(default)]
    pub proven: Option<Proven>,
}

impl SlaRow {
    /// A metric's figure at the statistic of the SLA, judged or not.
    pub fn figure(&self, metric: Metric) -> Option<&Figure> {
        match self.marks.get(&metric) {
            Some(judged) => judged.figure.as_ref(),
            None => self.unlimited.get(&metric),
        }
    }
}

/// Where the line of one metric crosses its limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LimitCrossing {
    /// The metric.
    pub metric: Metric,
    /// Concurrency, interpolated between two measured loads.
    pub concurrency: f64,
}

/// One system against the limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemSla {
    /// Index into the workspace's runs.
    pub run: usize,
    /// Measured loads, ascending.
    pub rows: Vec<SlaRow>,
    /// Highest measured load that keeps every limit.
    pub highest: Option<u32>,
    /// Lowest measured load that breaks a limit.
    pub first_failure: Option<u32>,
    /// Where each limit is first crossed upwards inside the measured range.
    pub crossings: Vec<LimitCrossing>,
}

impl SystemSla {
    /// Loads at which every limit could be judged or one is broken.
    pub fn judged(&self) -> usize {
        self.rows.iter().filter(|r| r.within.is_some()).count()
    }
}

/// Every system against the limits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SlaTable {
    /// The statistic that must keep the limits.
    pub stat: Option<Stat>,
    /// The limits that are set, in the order TTFT, TPOT, end to end.
    pub limits: Vec<(Metric, Seconds)>,
    /// The candidate first, then the baseline, then the other measured runs.
    pub systems: Vec<SystemSla>,
}

/// What can be limited.
const TIMES: [Metric; 3] = [Metric::Ttft, Metric::Tpot, Metric::RequestLatency];

/// The limits that are set.
pub fn limits(sla: &Sla) -> Vec<(Metric, Seconds)> {
    [
        (Metric::Ttft, sla.ttft),
        (Metric::Tpot, sla.tpot),
        (Metric::RequestLatency, sla.latency),
    ]
    .into_iter()
    .filter_map(|(m, l)| Some((m, l?)))
    .collect()
}

/// Judges runs by the workspace's limits. `tolerance` as in [`impossible_ttft`].
pub fn judge(
    ws: &Workspace,
    runs: &[usize],
    workloads: &Workloads,
    key: Option<WorkloadKey>,
    tolerance: f64,
) -> SlaTable {
    let limits = limits(&ws.sla);
    let systems = runs
        .iter()
        .filter_map(|i| {
            let curve = Curve::of(ws.runs.get(*i)?, key?, workloads);
            Some(system(*i, &curve, &limits, &ws.sla, tolerance))
        })
        .collect();
    SlaTable {
        stat: Some(ws.sla.stat),
        limits,
        systems,
    }
}

fn system(
    run: usize,
    curve: &Curve<'_>,
    limits: &[(Metric, Seconds)],
    sla: &Sla,
    tolerance: f64,
) -> SystemSla {
    let stat = sla.stat;
    let rows: Vec<SlaRow> = curve
        .loads
        .keys()
        .map(|c| {
            let mut marks: BTreeMap<Metric, Judgement> = limits
                .iter()
                .map(|(m, l)| (*m, judgement(curve, *c, *m, *l, stat, tolerance)))
                .collect();
            let points = curve.loads.get(c).into_iter().flat_map(|r| &r.points);
            let proven = points
                .filter_map(|i| curve.run.points.get(*i))
                .find_map(|p| proven(p, sla));
            if let (Some(bound), Some(limit), Some(tpot)) =
                (proven, sla.tpot, marks.get_mut(&Metric::Tpot))
                && tpot.mark == Mark::NotReported
                && bound.tpot_at_most <= limit.0
            {
                tpot.mark = Mark::Proven;
            }
            let any = |mark| marks.values().any(|j| j.mark == mark);
            let broken = proven.is_some_and(|p| p.one_broken);
            let within = if any(Mark::Fail) || broken {
                Some(false)
            } else if marks.is_empty() || any(Mark::NotReported) || any(Mark::Blocked) {
                None
            } else {
                Some(true)
            };
            let unlimited = TIMES
                .into_iter()
                .filter(|m| !marks.contains_key(m))
                .filter_map(|m| Some((m, curve.at(*c, m, stat)?)))
                .collect();
            SlaRow {
                concurrency: *c,
                marks,
                unlimited,
                within,
                proven,
            }
        })
        .collect();
    let crossings = limits
        .iter()
        .filter_map(|(m, l)| first_crossing(&rows, *m, l.0))
        .collect();
    SystemSla {
        run,
        highest: rows
            .iter()
            .rev()
            .find(|r| r.within == Some(true))
            .map(|r| r.concurrency),
        first_failure: rows
            .iter()
            .find(|r| r.within == Some(false))
            .map(|r| r.concurrency),
        rows,
        crossings,
    }
}

fn judgement(
    curve: &Curve<'_>,
    concurrency: u32,
    metric: Metric,
    limit: Seconds,
    stat: Stat,
    tolerance: f64,
) -> Judgement {
    let figure = curve.at(concurrency, metric, stat);
    let contradiction = curve
        .loads
        .get(&concurrency)
        .into_iter()
        .flat_map(|r| &r.points)
        .filter_map(|i| curve.run.points.get(*i))
        .find_map(|p| impossible_ttft(p, tolerance));
    if let (Some((bound, ttft)), Some(_)) = (contradiction, &figure) {
        return Judgement {
            mark: Mark::Blocked,
            figure,
            reason: Some(format!(
                "TTFT {} is longer than the whole request can take, {} at most.",
                crate::fmt::time(Seconds(ttft)),
                crate::fmt::time(Seconds(bound))
            )),
        };
    }
    Judgement {
        mark: match &figure {
            None => Mark::NotReported,
            Some(f) if f.value <= limit.0 => Mark::Pass,
            Some(_) => Mark::Fail,
        },
        figure,
        reason: None,
    }
}

/// The first upward crossing between two neighbouring judged loads.
fn first_crossing(rows: &[SlaRow], metric: Metric, limit: f64) -> Option<LimitCrossing> {
    let judged: Vec<(u32, f64)> = rows
        .iter()
        .filter_map(|r| {
            let j = r.marks.get(&metric)?;
            matches!(j.mark, Mark::Pass | Mark::Fail)
                .then(|| Some((r.concurrency, j.figure.as_ref()?.value)))
                .flatten()
        })
        .collect();
    judged.windows(2).find_map(|w| {
        let [(c0, v0), (c1, v1)] = w else { return None };
        let (c0, c1) = (f64::from(*c0), f64::from(*c1));
        if !(*v0 <= limit && *v1 > limit) {
            return None;
        }
        let at = if *v0 == limit {
            c0
        } else {
            crossing(c0, c1, ln(v0 / limit), ln(v1 / limit))?
        };
        Some(LimitCrossing {
            metric,
            concurrency: at,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Context, Provenance, Stats};
    use crate::testing::{pair, run_of};

    fn table(ws: &Workspace) -> SlaTable {
        let all = Workloads::of(&ws.runs, &Context::default());
        judge(ws, &[0, 1], &all, all.keys.first().copied(), 0.02)
    }

    fn ws() -> Workspace {
        let mut a = run_of(
            "a",
            &[(1, 100.0, 1.0), (16, 800.0, 8.0), (64, 1600.0, 16.0)],
        );
        for (p, ttft) in a.points.iter_mut().zip([0.1, 0.2, 0.8]) {
            p.measured(Metric::Ttft, Stats::of(Stat::P95, ttft));
        }
        let mut ws = pair(a, run_of("b", &[(1, 100.0, 1.0)]));
        ws.sla.ttft = Some(Seconds::from_ms(400.0));
        ws
    }

    #[test]
    fn the_limit_is_crossed_on_the_drawn_line() {
        let t = table(&ws());
        let a = &t.systems[0];
        assert_eq!((a.highest, a.first_failure), (Some(16), Some(64)));
        // 0.2 at 16, 0.8 at 64, in proportion to the load: 0.4 at 32.
        assert!((a.crossings[0].concurrency - 32.0).abs() < 1e-9);
        let b = &t.systems[1];
        assert_eq!((b.highest, b.rows[0].within), (None, None));
        assert_eq!(b.rows[0].marks[&Metric::Ttft].mark, Mark::NotReported);
    }

    #[test]
    fn an_implied_tpot_is_judged_and_says_so() {
        let mut ws = ws();
        for p in &mut ws.runs[0].points {
            p.measured(Metric::Ttft, Stats::stated(0.1));
        }
        ws.sla.tpot = Some(Seconds::from_ms(10.0));
        let t = table(&ws);
        // R = 1 ÷ 1 s, (1 − 0.1) ÷ 99 = 9.09 ms.
        let j = &t.systems[0].rows[0].marks[&Metric::Tpot];
        assert_eq!(j.mark, Mark::Pass);
        assert_eq!(j.figure.as_ref().unwrap().provenance, Provenance::Derived);
    }

    #[test]
    fn a_first_token_after_the_whole_request_is_not_judged() {
        let mut ws = ws();
        ws.runs[0].points[0].measured(Metric::Ttft, Stats::stated(1.5));
        let row = table(&ws).systems[0].rows[0].clone();
        assert_eq!(row.marks[&Metric::Ttft].mark, Mark::Blocked);
        assert_eq!(row.within, None);
    }

    #[test]
    fn without_limits_nothing_is_within_and_the_figures_stay() {
        let mut ws = ws();
        let limited = table(&ws);
        ws.sla.ttft = None;
        let free = table(&ws);
        for (with, without) in limited.systems[0].rows.iter().zip(&free.systems[0].rows) {
            assert!(without.within.is_none() && without.marks.is_empty());
            let figure = without.figure(Metric::Ttft).unwrap();
            assert_eq!(figure.stat, Stat::P95);
            assert_eq!(with.figure(Metric::Ttft), Some(figure));
        }
    }
}
