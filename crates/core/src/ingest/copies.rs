//! One measurement in the files of two tools: a report converted from another's result, or the raw result beside what
//! was made of it. Only one counts; what it does not say of the deployment is taken from the other.
//!
//! Knows that means of many measured times never agree to nine digits by chance; refuses to know any tool.

use super::assemble::ReadFile;
use super::parsed::{Fidelity, Series};
use super::paths::place;
use crate::model::{Deployment, FileOutcome, Load, Metric, Point, RunKind, Severity, Stat};

/// How far two figures of one measurement may be apart, relatively.
const SAME: f64 = 1e-9;
/// How far a figure printed with two decimals of a millisecond may be from the measured one, seconds.
const PRINTED: f64 = 0.6e-5;

/// Leaves out the poorer of two series of one folder that hold the same measurement.
pub fn leave_out(files: &mut [ReadFile], outcomes: &mut [FileOutcome]) {
    let places: Vec<_> = files.iter().map(|f| place(&f.path)).collect();
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by(|a, b| key(&places, *a).cmp(key(&places, *b)));
    for group in order.chunk_by(|a, b| key(&places, *a) == key(&places, *b)) {
        let tools = || {
            group
                .iter()
                .filter_map(|i| files.get(*i))
                .flat_map(|f| &f.series)
                .map(|s| s.tool)
        };
        let first = tools().next();
        if tools().all(|tool| Some(tool) == first) {
            continue;
        }
        for poorer in group {
            for better in group {
                if poorer != better {
                    pair(files, outcomes, *poorer, *better);
                }
            }
        }
    }
}

fn key(places: &[super::paths::Place], at: usize) -> &str {
    places.get(at).map_or("", |p| p.folder.as_str())
}

/// Takes out of one file what the other holds, too, and better.
fn pair(files: &mut [ReadFile], outcomes: &mut [FileOutcome], poorer: usize, better: usize) {
    let Ok([one, other]) = files.get_disjoint_mut([poorer, better]) else {
        return;
    };
    let mut left_out = false;
    one.series.retain(|s| {
        let copy = other.series.iter_mut().find(|o| {
            worth(o) > worth(s) && o.tool != s.tool && o.kind == RunKind::Measured && same(s, o)
        });
        let Some(kept) = copy else { return true };
        fill(&mut kept.deployment, &s.deployment);
        left_out = true;
        false
    });
    if left_out
        && one.series.is_empty()
        && one.records.is_none()
        && let Some(o) = outcomes.get_mut(one.outcome)
    {
        o.used = false;
        o.severity = Severity::Info;
        o.reason = Some(format!(
            "The same measurement as “{}”, as its figures show; left out so that nothing counts twice. What it says of the deployment is kept.",
            other.path
        ));
    }
}

/// How much a series tells: how full its source is, whether it knows its loads, then its counts and wall time, then how many figures.
fn worth(series: &Series) -> (Fidelity, bool, usize, usize, &'static str) {
    let loads = series.points.iter().all(|p| p.load != Load::default());
    let counts = series
        .points
        .iter()
        .map(|p| {
            usize::from(p.requests.is_some())
                + usize::from(p.errors.is_some())
                + usize::from(p.duration.is_some())
        })
        .sum();
    let figures = series.points.iter().map(|p| p.metrics.len()).sum();
    // Of equals any will do, but always the same.
    (
        series.fidelity,
        loads,
        counts,
        figures,
        series.tool.info().key,
    )
}

/// Whether every load of the one is a load of the other with the same mean times.
fn same(one: &Series, other: &Series) -> bool {
    !one.points.is_empty()
        && one.points.iter().all(|p| {
            other
                .points
                .iter()
                .any(|q| same_point(p, q, one.fidelity != Fidelity::Full))
        })
}

fn same_point(a: &Point, b: &Point, printed: bool) -> bool {
    let mean = |p: &Point, m| p.metrics.get(&m)?.stats.get(Stat::Avg);
    let mut compared = 0;
    for metric in [Metric::Ttft, Metric::RequestLatency] {
        if let (Some(x), Some(y)) = (mean(a, metric), mean(b, metric)) {
            let apart = (x - y).abs();
            if apart > SAME * y.abs() && !(printed && apart <= PRINTED) {
                return false;
            }
            compared += 1;
        }
    }
    // One figure that agrees to nine digits is enough, one that agrees to its printed digits is not.
    compared >= if printed { 2 } else { 1 }
}

fn fill(to: &mut Deployment, from: &Deployment) {
    to.model = to.model.take().or_else(|| from.model.clone());
    to.system = to.system.take().or_else(|| from.system.clone());
    to.backend = to.backend.take().or_else(|| from.backend.clone());
    to.backend_version = to
        .backend_version
        .take()
        .or_else(|| from.backend_version.clone());
    to.gpus = to.gpus.or(from.gpus);
    to.tp = to.tp.or(from.tp);
    to.pp = to.pp.or(from.pp);
    let (q, other) = (&mut to.quantization, &from.quantization);
    q.gemm = q.gemm.take().or_else(|| other.gemm.clone());
    q.kvcache = q.kvcache.take().or_else(|| other.kvcache.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gpus, Stats, Tool};

    fn file(path: &str, tool: Tool, ttft: f64, outcome: usize) -> ReadFile {
        let mut series = Series::new(tool, RunKind::Measured);
        let mut point = Point::default();
        point.measured(Metric::Ttft, Stats::avg(ttft));
        series.points.push(point);
        ReadFile {
            path: path.to_owned(),
            outcome,
            series: vec![series],
            records: None,
            beside: None,
        }
    }

    fn left(mut files: Vec<ReadFile>) -> Vec<usize> {
        let mut outcomes: Vec<FileOutcome> = files
            .iter()
            .map(|f| FileOutcome {
                path: f.path.clone(),
                format: None,
                used: true,
                severity: Severity::Info,
                reason: None,
            })
            .collect();
        leave_out(&mut files, &mut outcomes);
        files.iter().map(|f| f.series.len()).collect()
    }

    #[test]
    fn a_copy_counts_once_and_gives_its_deployment() {
        let mut raw = file("a/raw.json", Tool::Vllm, 0.1439726714, 0);
        raw.series[0].points[0].requests = Some(40);
        let mut made = file("a/agg.json", Tool::InferenceX, 0.1439726714, 1);
        made.series[0].deployment.gpus = Some(Gpus {
            count: 4,
            guess: false,
        });
        let mut files = vec![raw, made];
        let mut outcomes = vec![];
        leave_out(&mut files, &mut outcomes);
        assert_eq!((files[0].series.len(), files[1].series.len()), (1, 0));
        assert_eq!(files[0].series[0].deployment.gpus.map(|g| g.count), Some(4));
    }

    #[test]
    fn other_figures_tools_of_their_own_and_other_folders_stay() {
        let of = |path: &str, tool, ttft| file(path, tool, ttft, 0);
        for (path, tool, ttft) in [
            ("a/b.json", Tool::InferenceX, 0.14397268),
            ("a/b.json", Tool::Vllm, 0.1439726714),
            ("b/b.json", Tool::InferenceX, 0.1439726714),
        ] {
            let files = vec![
                of("a/a.json", Tool::Vllm, 0.1439726714),
                of(path, tool, ttft),
            ];
            assert_eq!(left(files), [1, 1], "{path} {tool}");
        }
    }
}
