//! What was read, as plain JSON for programs: the shape behind `servelens inspect --json`.
//!
//! Knows runs and their figures; refuses to compare or judge. What is absent is an absent key.

use crate::ingest::{best_projection, is_chosen};
use crate::model::{
    Engine, EngineFacts, Evidence, FileOutcome, Metric, Point, Role, Run, Stats, Workspace,
};
use serde_json::{Map, Value, json};

/// Everything on the table: `runs`, `projection` (the best projected point, or null), `notes`
/// and `files`. Times are milliseconds and say so in their keys; rates are those of the whole
/// system unless the key says otherwise. A statistic that the source does not name is `stated`.
pub fn inspect(workspace: &Workspace) -> Value {
    let notes: Vec<String> = workspace
        .runs
        .iter()
        .flat_map(|r| r.notes.iter().map(move |n| format!("{}: {n}", r.label)))
        .collect();
    json!({
        "runs": workspace.runs.iter().map(run).collect::<Vec<_>>(),
        "projection": projection(workspace),
        "notes": notes,
        "files": workspace.files.iter().map(file).collect::<Vec<_>>(),
    })
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn run(run: &Run) -> Value {
    let mut out = Map::new();
    put(&mut out, "label", Some(run.label.as_str()));
    put(&mut out, "tool", Some(run.tool.info().key));
    put(&mut out, "tool_version", run.tool_version.as_deref());
    put(&mut out, "model", run.deployment.model.as_deref());
    put(&mut out, "gpus", run.gpus());
    put(
        &mut out,
        "deployment",
        run.deployment.engine.as_ref().map(engine),
    );
    put(&mut out, "role", Some(run.role.key()));
    put(
        &mut out,
        "points",
        Some(run.points.iter().map(point).collect::<Vec<_>>()),
    );
    Value::Object(out)
}

/// What the deployment files say.
fn engine(e: &EngineFacts) -> Value {
    let mut out = Map::new();
    put(&mut out, "engine", e.engine.map(Engine::key));
    put(&mut out, "dynamo", e.dynamo.then_some(true));
    put(&mut out, "version", e.version.as_deref());
    put(&mut out, "model", e.model.as_deref());
    for (key, count) in [
        ("tp", e.tp),
        ("pp", e.pp),
        ("ep", e.ep),
        ("workers", e.workers),
        ("prefill_workers", e.prefill_workers),
        ("gpus", e.gpus),
        ("max_batch", e.max_batch),
        ("max_num_tokens", e.max_num_tokens),
        ("in_flight_cap", e.in_flight_cap()),
    ] {
        put(&mut out, key, count);
    }
    for (key, format) in [
        ("weights", e.weights),
        ("kv_cache", e.kv_cache),
        ("attention", e.attention),
    ] {
        put(&mut out, key, format.map(|f| f.precision.word()));
    }
    put(&mut out, "chunked_prefill", e.chunked_prefill);
    put(&mut out, "block_reuse", e.block_reuse);
    Value::Object(out)
}

fn point(p: &Point) -> Value {
    let mut out = Map::new();
    put(&mut out, "source", p.evidence().map(Evidence::key));
    put(&mut out, "streamed", p.streamed);
    put(&mut out, "distrusted", p.distrusted.then_some(true));
    put(&mut out, "concurrency", p.load.concurrency);
    put(&mut out, "request_rate", p.load.request_rate);
    for (key, metric) in [
        ("request_throughput", Metric::RequestThroughput),
        ("output_token_throughput", Metric::OutputThroughput),
        ("total_token_throughput", Metric::TotalThroughput),
        ("tokens_s_gpu", Metric::OutputThroughputPerGpu),
    ] {
        put(&mut out, key, p.reported(metric));
    }
    put(&mut out, "requests", p.requests);
    put(&mut out, "errors", p.errors);
    put(&mut out, "duration_s", p.duration.map(|d| d.0));
    for (key, metric) in [
        ("ttft_ms", Metric::Ttft),
        ("tpot_ms", Metric::Tpot),
        ("request_latency_ms", Metric::RequestLatency),
        ("isl", Metric::Isl),
        ("osl", Metric::Osl),
    ] {
        put(
            &mut out,
            key,
            p.metrics.get(&metric).map(|m| stats(metric, &m.stats)),
        );
    }
    if let Some(setup) = &p.setup {
        put(
            &mut out,
            "tokens_s_user",
            p.reported(Metric::OutputThroughputPerUser),
        );
        put(&mut out, "tp", setup.tp);
        put(&mut out, "gpus", p.gpus);
    }
    Value::Object(out)
}

fn stats(metric: Metric, stats: &Stats) -> Value {
    let shown = stats.map(|v| metric.unit().shown(v));
    Value::Object(
        shown
            .iter()
            .map(|(s, v)| (s.key().to_owned(), Value::from(v)))
            .collect(),
    )
}

fn projection(workspace: &Workspace) -> Value {
    let projected = workspace.runs.iter().filter(|r| r.role == Role::Projection);
    let best = projected
        .filter_map(|r| Some((r, best_projection(r, &workspace.context)?)))
        .fold(None, |top: Option<(&Run, &Point, f64)>, (r, p)| {
            let rate = r
                .value(p, Metric::OutputThroughputPerGpu)
                .map_or(0.0, |v| v.0);
            let known = |p: &Point| is_chosen(p, &workspace.context);
            match top {
                Some(t) if known(t.1) || (t.2 >= rate && !known(p)) => Some(t),
                _ => Some((r, p, rate)),
            }
        });
    let Some((run, point, _)) = best else {
        return Value::Null;
    };
    let ms = |m| point.reported(m).map(|v| m.unit().shown(v));
    let setup = point.setup.as_ref();
    let mut sla = Map::new();
    put(&mut sla, "ttft_ms", workspace.context.ttft.map(|s| s.ms()));
    put(&mut sla, "tpot_ms", workspace.context.tpot.map(|s| s.ms()));
    let mut out = Map::new();
    put(&mut out, "source", Some(point.source.file.as_str()));
    put(
        &mut out,
        "tokens_s_gpu",
        run.value(point, Metric::OutputThroughputPerGpu)
            .map(|v| v.0),
    );
    put(
        &mut out,
        "tokens_s_user",
        point.reported(Metric::OutputThroughputPerUser),
    );
    put(&mut out, "ttft_ms", ms(Metric::Ttft));
    put(&mut out, "tpot_ms", ms(Metric::Tpot));
    put(&mut out, "concurrency", point.load.concurrency);
    put(&mut out, "gpus", point.gpus.or(run.gpus()));
    put(&mut out, "tp", setup.and_then(|s| s.tp));
    put(&mut out, "isl", point.workload.isl);
    put(&mut out, "osl", point.workload.osl);
    put(&mut out, "sla", Some(sla));
    put(
        &mut out,
        "mode",
        setup.map(|s| if s.disagg { "disagg" } else { "agg" }),
    );
    Value::Object(out)
}

fn file(file: &FileOutcome) -> Value {
    let mut out = Map::new();
    put(&mut out, "path", Some(file.path.as_str()));
    put(&mut out, "format", file.format.as_deref());
    put(&mut out, "used", Some(file.used));
    put(&mut out, "reason", file.reason.as_deref());
    Value::Object(out)
}
