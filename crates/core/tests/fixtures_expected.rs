//! The figures that were read straight from the fixtures beside the checkout, by tool; those that may be committed are
//! cases, too.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::Value;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Point, Run, Stat, Workspace};
use std::path::{Path, PathBuf};

fn fixtures() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    root.join("EXPECTED.json").is_file().then_some(root)
}

/// What a person gets who drops one file and what belongs to it.
fn read(root: &Path, path: &str) -> Workspace {
    let mut ingest = Ingest::new();
    ingest.add(path, &std::fs::read(root.join(path)).expect("a fixture"));
    let mut w = Workspace::default();
    w.absorb(ingest.finish());
    w
}

/// Compares one figure; says whether there was one to compare.
fn close(name: &str, got: Option<f64>, want: Option<f64>, compared: &mut usize) {
    let Some(want) = want else { return };
    let Some(got) = got else {
        panic!("{name}: not read, and {want} stands in the file")
    };
    assert!(
        (got - want).abs() <= 1e-9 * want.abs().max(1e-9),
        "{name}: {got} against {want}"
    );
    *compared += 1;
}

fn agrees(path: &str, run: &Run, p: &Point, want: &Value, compared: &mut usize) {
    let number = |key: &str| want.get(key).and_then(Value::as_f64);
    if let Some(model) = want.get("model").and_then(Value::as_str) {
        assert_eq!(run.deployment.model.as_deref(), Some(model), "{path}");
        *compared += 1;
    }
    for key in ["precision", "quantization"] {
        if let Some(format) = want.get(key).and_then(Value::as_str) {
            assert_eq!(
                run.deployment.quantization.gemm.as_deref(),
                Some(format),
                "{path}"
            );
            *compared += 1;
        }
    }
    let mut check =
        |key: &str, got: Option<f64>| close(&format!("{path} {key}"), got, number(key), compared);
    check("concurrency", p.load.concurrency.map(f64::from));
    check("requests_ok", p.requests.map(|n| n as f64));
    check("errors", p.errors.map(|n| n as f64));
    check("duration_s", p.duration.map(|d| d.0));
    check("num_gpus", run.gpus().map(f64::from));
    check("request_throughput", p.reported(Metric::RequestThroughput));
    check(
        "output_token_throughput",
        p.reported(Metric::OutputThroughput),
    );
    check(
        "output_tps_per_gpu",
        p.reported(Metric::OutputThroughputPerGpu),
    );
    let total = p.reported(Metric::TotalThroughput);
    check(
        "total_tps_per_gpu",
        total.zip(run.gpus()).map(|(t, n)| t / f64::from(n)),
    );
    check("isl", p.reported(Metric::Isl));
    check("osl", p.reported(Metric::Osl));
    for (metric, key) in [
        (Metric::Ttft, "ttft"),
        (Metric::Tpot, "itl"),
        (Metric::RequestLatency, "e2e"),
    ] {
        for stat in [Stat::Avg, Stat::P50, Stat::P99] {
            let got = p.metrics.get(&metric).and_then(|m| m.stats.get(stat));
            check(&format!("{key}_{}_ms", stat.key()), got.map(|v| v * 1e3));
        }
    }
}

/// Every figure of the files under `prefix`, at least `least` of them.
fn all_of(prefix: &str, least: usize) {
    let Some(root) = fixtures() else { return };
    let text = std::fs::read_to_string(root.join("EXPECTED.json")).expect("figures");
    let all: std::collections::BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
    let mut compared = 0;
    for (path, want) in all.iter().filter(|(p, _)| p.starts_with(prefix)) {
        let w = read(&root, path);
        let mut points: Vec<(&Run, &Point)> = w
            .runs
            .iter()
            .flat_map(|r| r.points.iter().map(move |p| (r, p)))
            .collect();
        points.sort_by_key(|(_, p)| p.load.concurrency);
        let want: Vec<&Value> = match want {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let said: Vec<_> = w.files.iter().filter_map(|f| f.reason.clone()).collect();
        assert_eq!(points.len(), want.len(), "{path}: {said:?}");
        for ((run, point), want) in points.into_iter().zip(want) {
            agrees(path, run, point, want, &mut compared);
        }
    }
    assert!(
        compared >= least,
        "{prefix}: only {compared} figures compared"
    );
}

#[test]
fn sglang() {
    all_of("sglang/", 84);
}

#[test]
fn vllm() {
    all_of("vllm/", 90);
}

#[test]
fn tensorrt_llm() {
    all_of("tensorrt-llm/", 30);
}

#[test]
fn guidellm() {
    all_of("guidellm/", 40);
}

#[test]
fn inference_perf() {
    all_of("inference-perf/", 190);
}

#[test]
fn inferencex() {
    all_of("inferencex/", 150);
}

#[test]
fn llmperf() {
    all_of("llmperf/", 30);
}

#[test]
fn guidellm_s_csv_says_what_its_json_says() {
    let Some(root) = fixtures() else { return };
    let [csv, json] = ["csv", "json"]
        .map(|ending| read(&root, &format!("guidellm/v0.8.1/aic/benchmarks.{ending}")));
    let (a, b) = (&csv.runs[0].points, &json.runs[0].points);
    assert_eq!((a.len(), b.len()), (2, 2));
    for (a, b) in a.iter().zip(b) {
        assert_eq!(
            (a.load, a.requests, a.duration),
            (b.load, b.requests, b.duration)
        );
        for (metric, want) in &b.metrics {
            for (stat, want) in want.stats.iter() {
                let got = a.metrics[metric].stats.get(stat);
                assert_eq!(got, Some(want), "{metric:?} {stat:?}");
            }
        }
    }
}
