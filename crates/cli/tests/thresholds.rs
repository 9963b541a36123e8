//! Thresholds on the command line, and the exact shape of the audit as JSON.

// In a test a failed step is the test's own message.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{path, servelens};
use serde_json::Value;

fn keys(v: &Value) -> Vec<&str> {
    let mut all: Vec<&str> = v.as_object().unwrap().keys().map(String::as_str).collect();
    all.sort_unstable();
    all
}

#[test]
fn the_audit_as_json_has_exactly_this_shape() {
    for case in ["table/seed/typical", "aiperf/0.13.0/sweep"] {
        let (code, out, _) = servelens(&["audit", &path(&format!("cases/{case}")), "--json"]);
        let v: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(keys(&v), ["accuracy", "checks", "explain", "verdict"]);
        let checks = v["checks"].as_array().unwrap();
        assert!(checks.len() >= 18, "{case}");
        for c in checks {
            assert_eq!(
                keys(c),
                ["advice", "arithmetic", "id", "points", "severity", "title"]
            );
            assert!(c["arithmetic"].is_array() && c["points"].is_array());
        }
        assert_eq!(keys(&v["verdict"]), ["projection", "sla", "who_wins"]);
        let blocks = checks.iter().any(|c| c["severity"] == "block");
        assert_eq!(code, i32::from(blocks), "{case}");
    }
}

#[test]
fn a_threshold_decides_whether_the_audit_blocks() {
    // Outputs of these runs are a tenth of a per cent from their target.
    let sweep = path("cases/aiperf/0.13.0/sweep");
    assert_eq!(servelens(&["audit", &sweep]).0, 0);
    let (code, out, err) = servelens(&["audit", &sweep, "--threshold", "parity=0.01"]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("OSL-PARITY blocks"), "{out}");
    let (code, out, _) = servelens(&["audit", &sweep, "--threshold", "equal=200"]);
    assert_eq!(code, 0);
    assert!(out.contains("no practical difference"), "{out}");
}

#[test]
fn a_wrong_threshold_is_one_sentence_with_the_names() {
    let sweep = path("cases/aiperf/0.13.0/sweep");
    let (code, _, err) = servelens(&["audit", &sweep, "--threshold", "osl=5"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("osl-block (20 %)") && err.contains("equal (5 %)"),
        "{err}"
    );
    let (code, _, err) = servelens(&["report", &sweep, "--threshold", "equal=lots"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("--threshold equal: A number from 0 to 1000 is needed."),
        "{err}"
    );
}
