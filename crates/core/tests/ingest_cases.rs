//! Every case under `tests/cases`: a golden account, detection, published figures, invariants.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod cases_support;

use cases_support::{account, cases, check_invariants, ingest, root, workspace};
use servelens_core::ingest::probe::{Confidence, Probe, utf8};
use servelens_core::ingest::registry::{FORMATS, recognise};
use servelens_core::model::{Metric, Point, Stat, Workspace};
use std::collections::BTreeMap;

#[test]
fn every_case_reads_as_written_down() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let w = workspace(&case);
        check_invariants(&case.name, &w);
        let got = account(&w);
        let path = case.dir.join("expected.txt");
        if update {
            std::fs::write(&path, &got).expect("writable");
            continue;
        }
        let want = std::fs::read_to_string(&path).unwrap_or_default();
        if want != got {
            let at = want.lines().zip(got.lines()).position(|(a, b)| a != b);
            let at = at.unwrap_or_else(|| want.lines().count().min(got.lines().count()));
            wrong.push(format!(
                "{} differs at line {}:\n  expected {}\n  read     {}",
                case.name,
                at + 1,
                want.lines().nth(at).unwrap_or("(nothing)"),
                got.lines().nth(at).unwrap_or("(nothing)")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE=1 writes the accounts anew.",
        wrong.join("\n")
    );
}

#[test]
fn every_file_has_exactly_one_owner_by_content_alone() {
    let mut owned: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        for file in &case.files {
            let bytes = utf8(&file.bytes);
            let named = Probe::new(&file.path, &bytes);
            let mut claims: Vec<(&str, Confidence)> = FORMATS
                .iter()
                .map(|f| (f.id, (f.detect)(&named)))
                .filter(|(_, c)| *c > Confidence::NO)
                .collect();
            claims.sort_by_key(|(_, c)| std::cmp::Reverse(*c));
            if let [(a, first), (b, second), ..] = claims.as_slice() {
                assert!(
                    first > second,
                    "{}/{}: {a} and {b} are equally sure",
                    case.name,
                    file.path
                );
            }
            let unnamed = recognise(&Probe::new("unknown", &bytes)).map(|(f, _)| f.id);
            assert_eq!(
                unnamed,
                claims.first().map(|c| c.0),
                "{}/{}: the name changes the owner",
                case.name,
                file.path
            );
            if let Some(id) = unnamed {
                *owned.entry(id).or_default() += 1;
            }
        }
    }
    for format in FORMATS {
        assert!(
            owned.contains_key(format.id) || format.id == "genai-perf-raw",
            "no case for {}",
            format.id
        );
    }
}

#[test]
fn ids_and_labels_of_formats_are_their_own() {
    let mut ids: Vec<&str> = FORMATS.iter().map(|f| f.id).collect();
    ids.sort_unstable();
    let n = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), n);
}

fn points<'a>(w: &'a Workspace, file: &str) -> Vec<&'a Point> {
    w.runs
        .iter()
        .flat_map(|r| &r.points)
        .filter(|p| p.source.file == file)
        .collect()
}

fn close(name: &str, got: Option<f64>, want: Option<f64>) {
    match (got, want) {
        (Some(g), Some(w)) => assert!(
            (g - w).abs() <= 1e-9 * w.abs().max(1e-9),
            "{name}: {g} against {w}"
        ),
        (g, w) => assert_eq!(g, w, "{name}"),
    }
}

#[test]
fn figures_agree_with_those_read_independently() {
    let text = std::fs::read_to_string(root().join("expected-figures.json")).expect("figures");
    let all: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let mut compared = 0;
    for (path, want) in &all {
        let bytes = std::fs::read(root().join(path)).expect("a case file");
        let number = |key: &str| want.get(key).and_then(serde_json::Value::as_f64);
        if path.ends_with(".jsonl") {
            compared += 1;
            let folder = path.rsplit_once('/').expect("a folder").0;
            let summary = std::fs::read(root().join(folder).join("profile_export_aiperf.json"))
                .expect("its summary");
            let read = ingest([
                ("a/profile_export_aiperf.json", summary.as_slice()),
                ("a/profile_export.jsonl", &bytes),
            ]);
            let records = read.runs[0].points[0].records.clone().expect("records");
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            let n = records.len();
            assert_eq!(Some(n as f64), number("requests_ok"), "{path}");
            assert_eq!(Some(records.errors as f64), number("errors"), "{path}");
            close(
                path,
                Some(mean(&records.ttft_s) * 1e3),
                number("ttft_avg_ms"),
            );
            let r: Vec<f64> = (0..n)
                .map(|i| records.end_s[i] - records.start_s[i])
                .collect();
            let tpot: Vec<f64> = (0..n)
                .map(|i| (r[i] - records.ttft_s[i]) / (records.osl[i] - 1.0))
                .collect();
            close(path, Some(mean(&r) * 1e3), number("e2e_avg_ms"));
            close(path, Some(mean(&tpot) * 1e3), number("itl_avg_ms"));
            continue;
        }
        let read = ingest([(path.as_str(), bytes.as_slice())]);
        let mut w = Workspace::default();
        w.absorb(read);
        let points = points(&w, path);
        if let Some(first) = want.get("first") {
            assert_eq!(
                points.len() as u64,
                want["rows"].as_u64().expect("rows"),
                "{path}"
            );
            let number = |key: &str| first.get(key).and_then(serde_json::Value::as_f64);
            let p = points[0];
            close(
                path,
                p.load.concurrency.map(f64::from),
                number("concurrency"),
            );
            close(
                path,
                p.reported(Metric::Ttft).map(|v| v * 1e3),
                number("ttft"),
            );
            close(
                path,
                p.reported(Metric::Tpot).map(|v| v * 1e3),
                number("tpot"),
            );
            close(
                path,
                p.reported(Metric::OutputThroughput),
                number("tokens/s"),
            );
            close(
                path,
                p.reported(Metric::OutputThroughputPerGpu),
                number("tokens/s/gpu"),
            );
            close(
                path,
                p.reported(Metric::OutputThroughputPerUser),
                number("tokens/s/user"),
            );
            close(path, p.gpus.map(f64::from), number("num_total_gpus"));
            compared += 1;
            continue;
        }
        let [p] = points.as_slice() else {
            panic!("{path}: {} points", points.len())
        };
        close(
            path,
            p.load.concurrency.map(f64::from),
            number("concurrency"),
        );
        close(
            path,
            p.reported(Metric::RequestThroughput),
            number("request_throughput"),
        );
        close(
            path,
            p.reported(Metric::OutputThroughput),
            number("output_token_throughput"),
        );
        close(path, p.reported(Metric::Isl), number("isl"));
        close(path, p.reported(Metric::Osl), number("osl"));
        close(path, p.requests.map(|n| n as f64), number("requests_ok"));
        close(path, p.duration.map(|d| d.0), number("duration_s"));
        assert_eq!(
            w.runs[0].deployment.model.as_deref(),
            want["model"].as_str(),
            "{path}"
        );
        for (metric, key) in [
            (Metric::Ttft, "ttft"),
            (Metric::Tpot, "itl"),
            (Metric::RequestLatency, "e2e"),
        ] {
            for (stat, s) in [(Stat::Avg, "avg"), (Stat::P50, "p50"), (Stat::P99, "p99")] {
                let got = p
                    .metrics
                    .get(&metric)
                    .and_then(|m| m.stats.get(stat))
                    .map(|v| v * 1e3);
                close(
                    &format!("{path} {key} {s}"),
                    got,
                    number(&format!("{key}_{s}_ms")),
                );
            }
        }
        compared += 1;
    }
    assert!(compared > 25, "only {compared} files compared");
}
