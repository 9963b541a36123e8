//! `report` and `audit` as a person uses them.

// In a test a failed step is the test's own message.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{path, servelens};
use serde_json::Value;

#[test]
fn the_seed_report_blocks() {
    let (code, out, _) = servelens(&["audit", &path("cases/table/seed/typical"), "--json"]);
    assert_eq!(code, 1);
    let v: Value = serde_json::from_str(&out).unwrap();
    let blocks: Vec<&str> = v["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["severity"] == "block")
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        blocks,
        ["OSL-TARGET", "OSL-PARITY", "UNIT", "POINT", "LITTLE"]
    );
    for c in v["checks"].as_array().unwrap() {
        for key in ["id", "severity", "title", "arithmetic", "points", "advice"] {
            assert!(c.get(key).is_some(), "{key} is missing in {c}");
        }
    }
    // The figures are built in: the sweep's best configurations are known.
    let select = v["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == "SELECT")
        .unwrap();
    assert!(select["arithmetic"].to_string().contains("812.5 tok/s/GPU"));
    assert_eq!(v["verdict"]["who_wins"]["badge"], "not-comparable");
    assert!(!out.contains('\u{202f}') && !out.contains('\u{2212}'));
}

#[test]
fn a_clean_pair_blocks_nothing() {
    let (code, out, _) = servelens(&["audit", &path("cases/aiperf/0.13.0/sweep"), "--gpus", "4"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains("aic leads at every load, from 1 to 50."),
        "{out}"
    );
}

#[test]
fn the_report_comes_in_four_formats() {
    let sweep = path("cases/aiperf/0.13.0/sweep");
    let report = |format: &str| {
        let (code, out, err) = servelens(&[
            "report", &sweep, "--ttft", "300", "--tpot", "10", "--format", format,
        ]);
        assert_eq!(code, 0, "{err}");
        out
    };
    let md = report("md");
    assert!(
        md.starts_with("# ") && md.contains("meets the SLA up to 10"),
        "{md}"
    );
    assert!(report("html").starts_with("<!doctype html>"));
    let v: Value = serde_json::from_str(&report("json")).unwrap();
    assert_eq!(v["comparison"]["rows"].as_array().unwrap().len(), 3);
    let csv = report("csv");
    // Rates once, latencies at five statistics: avg, p50, p90, p95, p99.
    assert!(csv.contains(",ttft,ms,p99,") && csv.contains(",request_throughput,req/s,avg,"));
}

#[test]
fn roles_are_named_by_label() {
    let sweep = path("cases/aiperf/0.13.0/sweep");
    let (code, out, _) = servelens(&["audit", &sweep, "--candidate", "BASE", "--baseline", "aic"]);
    assert_eq!(code, 0);
    assert!(out.contains("aic leads at every load"), "{out}");
    assert!(out.contains("Tokens/s -21 %"), "{out}");
    let (code, out, err) = servelens(&["report", &sweep, "--candidate", "vllm"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        err.trim(),
        "servelens: No run is called “vllm”; there are “aic”, “baseline”."
    );
}

#[test]
fn wrong_usage_is_one_sentence_and_code_2() {
    let sweep = path("cases/aiperf/0.13.0/sweep");
    for (arguments, want) in [
        (vec!["audit"], "A file or folder is missing"),
        (
            vec!["report", &sweep, "--format", "pdf"],
            "md, html, json or csv",
        ),
        (vec!["report", &sweep, "--ttft", "5oo"], "“5oo” is not"),
        (vec!["report", &sweep, "--tpot", "-1"], "above 0"),
        (vec!["audit", &sweep, "--stat", "p42"], "p95"),
        (vec!["audit", &sweep, "--gpus", "0"], "from 1"),
        (vec!["audit", &sweep, "--nonsense"], "no option --nonsense"),
    ] {
        let (code, _, err) = servelens(&arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(err.contains(want), "{arguments:?}: {err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
    let (code, out, err) = servelens(&["audit", &path("cases/near-miss/other-tools")]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(!err.is_empty());
}
