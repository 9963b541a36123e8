//! What every check gets to see, and the small questions they share.

use super::{PointRef, Projector, Thresholds};
use crate::align::{Curve, WorkloadKey, Workloads};
use crate::certainty::Difference;
use crate::compare::Comparison;
use crate::fmt;
use crate::model::{Metric, Point, Role, Run, RunKind, Workspace};
use crate::sla::{SlaTable, SystemSla};

/// Everything a check may look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The workspace.
    pub ws: &'a Workspace,
    /// Index of the candidate.
    pub candidate: Option<usize>,
    /// Index of the baseline.
    pub baseline: Option<usize>,
    /// Indices of the projections.
    pub projections: &'a [usize],
    /// The workloads on the table.
    pub workloads: &'a Workloads,
    /// The workload that is compared.
    pub key: Option<WorkloadKey>,
    /// The comparison.
    pub comparison: &'a Comparison,
    /// The SLA table.
    pub sla: &'a SlaTable,
    /// The thresholds.
    pub thresholds: &'a Thresholds,
    /// The rates at each load that both sides measured, with their intervals.
    pub rates: &'a [Difference],
    /// The cost model, when there is one.
    pub projector: Option<&'a dyn Projector>,
}

impl<'a> Case<'a> {
    /// A run by index.
    pub fn run(&self, index: usize) -> Option<&'a Run> {
        self.ws.runs.get(index)
    }
    /// The same case at the workload that the projection assumes, where a measured run has
    /// points of it; else unchanged.
    #[must_use]
    pub fn for_projection(&self) -> Self {
        let mut out = *self;
        let run = self.candidate.or(self.baseline);
        let has = |key: WorkloadKey| {
            run.and_then(|i| self.run(i)).is_none_or(|r| {
                r.points
                    .iter()
                    .any(|p| self.workloads.resolve(p) == Some(key))
            })
        };
        let assumed: Vec<WorkloadKey> = self
            .projections
            .iter()
            .filter_map(|i| self.run(*i))
            .flat_map(|r| &r.points)
            .filter_map(|p| self.workloads.resolve(p))
            .collect();
        if !self.key.is_some_and(|k| assumed.contains(&k))
            && let Some(key) = assumed.into_iter().find(|k| has(*k))
        {
            out.key = Some(key);
        }
        out
    }
    /// Measured runs that are not ignored: candidate and baseline first.
    pub fn measured(&self) -> Vec<usize> {
        let mut out: Vec<usize> = [self.candidate, self.baseline]
            .into_iter()
            .flatten()
            .collect();
        for (i, r) in self.ws.runs.iter().enumerate() {
            if r.kind == RunKind::Measured && r.role != Role::Ignore && !out.contains(&i) {
                out.push(i);
            }
        }
        out
    }
    /// Points of the compared workload of a measured run, ascending by load.
    pub fn points(&self, run: usize) -> Vec<(PointRef, &'a Run, &'a Point)> {
        let (Some(r), Some(key)) = (self.run(run), self.key) else {
            return Vec::new();
        };
        let mut out: Vec<(PointRef, &Run, &Point)> = r
            .points
            .iter()
            .enumerate()
            .filter(|(_, p)| self.workloads.resolve(p) == Some(key))
            .map(|(point, p)| (PointRef { run, point }, r, p))
            .collect();
        out.sort_by_key(|(at, _, p)| (p.load.concurrency, at.point));
        out
    }
    /// The systems that the SLA is judged on: candidate and baseline, else the first.
    pub fn sla_sides(&self) -> Vec<&'a SystemSla> {
        let systems = &self.sla.systems;
        let sides: Vec<&SystemSla> = systems
            .iter()
            .filter(|s| Some(s.run) == self.candidate || Some(s.run) == self.baseline)
            .collect();
        if sides.is_empty() {
            systems.iter().take(1).collect()
        } else {
            sides
        }
    }
    /// The loads of a run at the compared workload.
    pub fn curve(&self, run: usize) -> Option<Curve<'a>> {
        Some(Curve::of(self.run(run)?, self.key?, self.workloads))
    }
    /// The name of a run.
    pub fn label(&self, run: usize) -> &'a str {
        self.run(run).map_or("", |r| r.label.as_str())
    }
    /// The points of both sides in the given rows of the comparison.
    pub fn row_points(&self, loads: &[u32], metric: Metric) -> Vec<PointRef> {
        let mut out = Vec::new();
        for row in &self.comparison.rows {
            if !loads.contains(&row.concurrency) {
                continue;
            }
            let Some(cell) = row.cells.get(&metric) else {
                continue;
            };
            for (run, figure) in [
                (self.candidate, &cell.candidate),
                (self.baseline, &cell.baseline),
            ] {
                if let (Some(run), Some(f)) = (run, figure) {
                    out.extend(f.points.iter().map(|point| PointRef { run, point: *point }));
                }
            }
        }
        out
    }
    /// A run's figures of a metric written with the decimals of their column.
    pub fn digits(&self, run: usize, metric: Metric) -> usize {
        fmt::column_decimals(
            self.points(run)
                .iter()
                .filter_map(|(_, _, p)| p.reported(metric))
                .map(|v| metric.unit().shown(v)),
        )
    }
    /// The concurrency of a point in words.
    pub fn load_words(&self, point: &Point) -> String {
        match (point.load.concurrency, point.load.request_rate) {
            (Some(c), _) => format!("concurrency {}", fmt::number(f64::from(c), 0)),
            (None, Some(r)) => format!("{} requests/s asked", fmt::measured(r)),
            (None, None) => "an unstated load".to_owned(),
        }
    }
}
