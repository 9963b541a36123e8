//! The command line as a person uses it: exit codes, one sentence on stderr, the JSON's shape.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::{path, servelens};
use serde_json::Value;

fn json(arguments: &[&str]) -> (i32, Value) {
    let (code, out, _) = servelens(arguments);
    (code, serde_json::from_str(&out).expect("JSON on stdout"))
}

#[test]
fn the_seed_report_as_json() {
    let (code, v) = json(&["inspect", &path("cases/table/seed/typical"), "--json"]);
    assert_eq!(code, 0);
    let keys: Vec<&String> = v.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["files", "notes", "projection", "runs"]);
    let aic = &v["runs"][0];
    assert_eq!(
        (&aic["label"], &aic["role"], &aic["gpus"]),
        (&"AIC-Configured".into(), &"candidate".into(), &8.into())
    );
    let c1 = &aic["points"][0];
    assert_eq!(c1["ttft_ms"], serde_json::json!({"stated": 2761.0}));
    assert_eq!(c1["output_token_throughput"], 8.78);
    assert!(
        c1.get("errors").is_none() && c1.get("tpot_ms").is_none(),
        "absent is absent: {c1}"
    );
    let p = &v["projection"];
    assert_eq!(
        (
            &p["tokens_s_gpu"],
            &p["concurrency"],
            &p["gpus"],
            &p["tp"],
            &p["mode"]
        ),
        (
            &196.783.into(),
            &12.into(),
            &8.into(),
            &8.into(),
            &"agg".into()
        )
    );
    assert_eq!(
        p["sla"],
        serde_json::json!({"ttft_ms": 300.0, "tpot_ms": 10.0})
    );
}

#[test]
fn aic_output_gives_the_best_point_within_the_limits() {
    let (_, v) = json(&[
        "inspect",
        "--json",
        &path("cases/aiconfigurator/0.2.0/default"),
    ]);
    let p = &v["projection"];
    // AIC 0.2.0 with these inputs: disaggregated, 812.5 tokens/s/GPU at 64 within 10 ms.
    assert_eq!(
        (&p["mode"], &p["concurrency"], &p["gpus"]),
        (&"disagg".into(), &64.into(), &8.into())
    );
    assert!(
        (p["tokens_s_gpu"].as_f64().unwrap() - 812.5).abs() < 0.1,
        "{p}"
    );
    assert!(p["tpot_ms"].as_f64().unwrap() <= 10.0);
    let roles: Vec<&str> = v["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["projection", "projection"]);
    let row = &v["runs"][0]["points"][0];
    for key in ["tokens_s_gpu", "tokens_s_user", "tp", "gpus"] {
        assert!(row.get(key).is_some(), "{key} is absent: {row}");
    }
}

#[test]
fn measured_points_carry_their_statistics() {
    let (_, v) = json(&["inspect", "--json", &path("cases/aiperf/0.13.0/sweep")]);
    let p = &v["runs"][0]["points"][1];
    assert_eq!(
        (&p["concurrency"], &p["requests"], &p["errors"]),
        (&10.into(), &40.into(), &0.into())
    );
    for (key, stat) in [
        ("ttft_ms", "p99"),
        ("tpot_ms", "avg"),
        ("request_latency_ms", "p95"),
        ("osl", "avg"),
        ("isl", "avg"),
    ] {
        assert!(p[key][stat].is_number(), "{key}.{stat} is absent");
    }
    assert_eq!(v["projection"], Value::Null);
    assert!(
        v["files"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f["used"] == true || f["reason"].is_string())
    );
}

#[test]
fn nothing_read_or_wrong_usage_is_code_2() {
    let broken = path("cases/broken/files/single");
    let (code, v) = json(&["inspect", &broken, "/no/such/file.json", "--json"]);
    assert_eq!((code, v["runs"].as_array().unwrap().len()), (2, 0));
    let files = v["files"].as_array().unwrap();
    assert!(files.iter().any(|f| {
        f["path"] == "/no/such/file.json"
            && f["reason"]
                .as_str()
                .unwrap()
                .starts_with("It cannot be opened")
    }));
    for arguments in [
        &["inspect"][..],
        &[],
        &["inspekt"],
        &["inspect", "--jason", "x"],
    ] {
        let (code, out, said) = servelens(arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(
            said.starts_with("servelens: ")
                && said.trim_end().lines().count() == 1
                && out.is_empty(),
            "{said}"
        );
    }
    let (code, v) = json(&["inspect", &path("cases/broken/files/among-good"), "--json"]);
    assert_eq!((code, v["runs"].as_array().unwrap().len()), (0, 2));
}

#[test]
fn people_get_a_table() {
    let (_, text, _) = servelens(&["inspect", &path("cases/genai-perf/0.0.16/sweep")]);
    assert!(
        text.starts_with("aic [candidate] genai-perf · GPUs not stated · 3 points\n"),
        "{text}"
    );
    assert!(
        text.contains("1190.55") && text.contains("companion files were left out"),
        "{text}"
    );
}
