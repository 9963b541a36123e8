//! The Pareto front of each run: speed for one user against output per GPU.
//!
//! Knows that both are better when higher. Refuses to mix two definitions of the user's speed on
//! one axis without saying so.

use crate::align::{Curve, WorkloadKey, Workloads};
use crate::model::{Metric, Provenance, RunKind, Stat, Workspace};
use serde::{Deserialize, Serialize};

/// One mark of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FrontPoint {
    /// Index into the run's points; the first of the repeats.
    pub point: usize,
    /// Requests in flight.
    pub concurrency: Option<u32>,
    /// Output tokens per second for one user.
    pub per_user: f64,
    /// Output tokens per second for each GPU; of the whole system where [`Front::per_gpu`] is off.
    pub output: f64,
    /// Whether no other point of the run is at least as good in both and better in one.
    pub on_front: bool,
    /// Measured, implied or projected: the weaker of the two coordinates.
    pub provenance: Provenance,
}

/// The marks of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// Index into the workspace's runs.
    pub run: usize,
    /// Whether the output is per GPU; off where the GPU count is not known.
    pub per_gpu: bool,
    /// Whether the user's speed is 1 ÷ TPOT; off where it is tokens/s ÷ concurrency.
    pub from_tpot: bool,
    /// In the order of the run.
    pub points: Vec<FrontPoint>,
}

/// The front of each run that is not ignored.
pub fn fronts(
    ws: &Workspace,
    runs: &[usize],
    workloads: &Workloads,
    key: Option<WorkloadKey>,
) -> Vec<Front> {
    runs.iter()
        .filter_map(|i| front(ws, *i, workloads, key?))
        .collect()
}

fn front(ws: &Workspace, run: usize, workloads: &Workloads, key: WorkloadKey) -> Option<Front> {
    let r = ws.runs.get(run)?;
    let mut marks: Vec<FrontPoint> = Vec::new();
    let per_gpu = r
        .points
        .iter()
        .any(|p| r.value(p, Metric::OutputThroughputPerGpu).is_some());
    let output = if per_gpu {
        Metric::OutputThroughputPerGpu
    } else {
        Metric::OutputThroughput
    };
    let speed = Metric::OutputThroughputPerUser;
    let mut from_tpot = true;
    let mut put = |point: usize, concurrency, x: f64, y: f64, how: Provenance| {
        if let Some(p) = r.points.get(point) {
            from_tpot &= p.metrics.contains_key(&speed) || p.metrics.contains_key(&Metric::Tpot);
            marks.push(FrontPoint {
                point,
                concurrency,
                per_user: x,
                output: y,
                on_front: false,
                provenance: how,
            });
        }
    };
    if r.kind == RunKind::Projected {
        // A sweep has many points at one load: each is its own configuration.
        for (i, p) in r.points.iter().enumerate() {
            if workloads.resolve(p) == Some(key)
                && let (Some((x, a)), Some((y, b))) = (r.value(p, speed), r.value(p, output))
            {
                put(i, p.load.concurrency, x, y, a.max(b));
            }
        }
    } else {
        let curve = Curve::of(r, key, workloads);
        for c in curve.concurrencies() {
            if let (Some(x), Some(y)) = (
                curve.at(c, speed, Stat::Avg),
                curve.at(c, output, Stat::Avg),
            ) && let Some(first) = x.points.first()
            {
                put(
                    *first,
                    Some(c),
                    x.value,
                    y.value,
                    x.provenance.max(y.provenance),
                );
            }
        }
    }
    mark_front(&mut marks);
    (!marks.is_empty()).then_some(Front {
        run,
        per_gpu,
        from_tpot,
        points: marks,
    })
}

fn mark_front(marks: &mut [FrontPoint]) {
    // From the fastest for one user downwards, a point is on the front when it raises the output.
    let mut order: Vec<usize> = (0..marks.len()).collect();
    let at = |m: &[FrontPoint], i: usize| m.get(i).map_or((0.0, 0.0), |p| (p.per_user, p.output));
    order.sort_by(|a, b| {
        let ((xa, ya), (xb, yb)) = (at(marks, *a), at(marks, *b));
        xb.total_cmp(&xa).then(yb.total_cmp(&ya)).then(a.cmp(b))
    });
    let mut best = f64::NEG_INFINITY;
    for i in order {
        if let Some(p) = marks.get_mut(i)
            && p.output > best
        {
            best = p.output;
            p.on_front = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Context, Gpus};
    use crate::testing::run_of;

    #[test]
    fn a_point_that_is_beaten_in_both_is_not_on_the_front() {
        let mut run = run_of(
            "a",
            &[
                (1, 8.78, 0.4),
                (10, 46.55, 2.93),
                (50, 19.33, 3.02),
                (100, 91.04, 5.52),
            ],
        );
        run.deployment.gpus = Some(Gpus {
            count: 8,
            guess: false,
        });
        let ws = Workspace {
            runs: vec![run],
            ..Workspace::default()
        };
        let all = Workloads::of(&ws.runs, &Context::default());
        let f = fronts(&ws, &[0], &all, all.keys.first().copied());
        assert!(f[0].per_gpu && !f[0].from_tpot);
        let on: Vec<_> = f[0].points.iter().map(|p| p.on_front).collect();
        assert_eq!(on, [true, true, false, true]);
        assert!((f[0].points[1].output - 46.55 / 8.0).abs() < 1e-12);
        assert!((f[0].points[1].per_user - 4.655).abs() < 1e-12);
    }
}
