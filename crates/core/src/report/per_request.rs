//! What the page recomputes from requests and draws as fronts, for the report's JSON: SI units.

use crate::align::Workloads;
use crate::analysis::Analysis;
use crate::model::{Role, Stat, Workspace};
use crate::records::Limits;
use crate::requests::{AtLoad, by_load, figures, kept};
use crate::stats::PercentileInterval;
use serde_json::{Value, json};

const STATS: [Stat; 5] = [Stat::Avg, Stat::P50, Stat::P90, Stat::P95, Stat::P99];

/// The Pareto front of each run.
pub(super) fn fronts(ws: &Workspace, a: &Analysis) -> Vec<Value> {
    let fronts = a.frontier.iter().map(|f| {
        let mut out = json!(f);
        if let (Value::Object(out), Some(run)) = (&mut out, ws.runs.get(f.run)) {
            out.insert("run".to_owned(), json!(run.label));
        }
        out
    });
    fronts.collect()
}

/// Percentiles recomputed from the requests of each load, and goodput at the limits: `percentiles` and `goodput`.
pub(super) fn recomputed(ws: &Workspace, a: &Analysis) -> (Vec<Value>, Vec<Value>) {
    let Some(key) = a.comparison.workload else {
        return Default::default();
    };
    let runs: Vec<usize> = a.sla.systems.iter().map(|s| s.run).collect();
    let active = ws.runs.iter().filter(|r| r.role != Role::Ignore);
    let loads = by_load(ws, &runs, &Workloads::of(active, &ws.context), key);
    (percentiles(ws, &loads), goodput(ws, &loads))
}

fn label(ws: &Workspace, run: usize) -> &str {
    ws.runs.get(run).map_or("", |r| &r.label)
}

fn percentiles(ws: &Workspace, loads: &[AtLoad]) -> Vec<Value> {
    let each = STATS.iter().flat_map(|stat| {
        figures(loads, *stat)
            .into_iter()
            .map(move |((run, concurrency, metric), r)| {
                let (low, high) = match r.interval {
                    Some(PercentileInterval::Both(i)) => (Some(i.low), Some(i.high)),
                    Some(PercentileInterval::AtLeast(low)) => (Some(low), None),
                    Some(PercentileInterval::AtMost(high)) => (None, Some(high)),
                    Some(PercentileInterval::TooSmall) | None => (None, None),
                };
                json!({
                    "run": label(ws, run),
                    "concurrency": concurrency,
                    "metric": metric.id(),
                    "statistic": stat.key(),
                    "value": r.value,
                    "n": r.n,
                    "low": low,
                    "high": high,
                })
            })
    });
    each.collect()
}

fn goodput(ws: &Workspace, loads: &[AtLoad]) -> Vec<Value> {
    let limits = Limits::of(&ws.sla);
    if limits == Limits::default() {
        return Vec::new();
    }
    let each = kept(loads, limits).into_iter().map(|k| {
        let interval = k.goodput.interval.ok();
        json!({
            "run": label(ws, k.run),
            "concurrency": k.concurrency,
            "within": k.goodput.good,
            "n": k.goodput.n,
            "share": k.goodput.share,
            "low": interval.as_ref().map(|i| i.low),
            "high": interval.as_ref().map(|i| i.high),
            "per_second": k.goodput.per_second,
            "requests_per_second": k.per_second,
        })
    });
    each.collect()
}
