//! Reading never panics, never trusts a name, and lets one bad file stop nothing.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
// Each test binary uses its own part of the shared helpers.
#[allow(dead_code)]
mod cases_support;

use cases_support::{CaseFile, account, cases, check_invariants, files_under, ingest, root};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proptest::prelude::*;
use servelens_core::model::{Evidence, Metric, Role, Severity, Workspace};
use std::io::Write;
use std::path::Path;

fn absorbed(files: &[(&str, &[u8])]) -> Workspace {
    let mut w = Workspace::default();
    w.absorb(ingest(files.iter().copied()));
    w
}

fn case(name: &str) -> Vec<CaseFile> {
    files_under(&root().join(name))
}

/// A zip by APPNOTE.TXT: stored where `method` is 0, deflated where it is 8.
fn zip(files: &[(&str, &[u8])], method: u16) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let packed = if method == 8 {
            let mut e = DeflateEncoder::new(Vec::new(), Compression::default());
            e.write_all(content).unwrap();
            e.finish().unwrap()
        } else {
            content.to_vec()
        };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut shared = Vec::new();
        for v in [20_u16, 0, method, 0, 0] {
            shared.extend(v.to_le_bytes());
        }
        for v in [crc.sum(), packed.len() as u32, content.len() as u32] {
            shared.extend(v.to_le_bytes());
        }
        shared.extend((name.len() as u16).to_le_bytes());
        shared.extend(0_u16.to_le_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.as_bytes());
        out.extend(packed);
    }
    let (start, n) = (out.len() as u32, files.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(n.to_le_bytes());
    out.extend(n.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn an_archive_reads_as_its_files_do() {
    let files = case("genai-perf/0.0.16/sweep");
    let plain: Vec<(&str, &[u8])> = files
        .iter()
        .map(|f| (f.path.as_str(), f.bytes.as_slice()))
        .collect();
    let want = absorbed(&plain);
    for method in [0, 8] {
        let archive = zip(&plain, method);
        let got = absorbed(&[("results.zip", &archive)]);
        assert_eq!(account(&got).replace("results.zip/", ""), account(&want));
    }
    let mut packed = zip(&plain, 8);
    let at = 30 + plain[0].0.len() + 40;
    packed[at] ^= 0x55;
    let got = absorbed(&[("results.zip", &packed)]);
    assert!(
        got.files.iter().any(|f| f.severity == Severity::Error),
        "damage goes unnoticed"
    );
    assert!(
        got.files.iter().any(|f| f.used),
        "one damaged file stops the others"
    );
}

#[test]
fn gz_opens_and_a_bomb_does_not() {
    let file = case("genai-perf/0.0.16/nan").remove(0);
    let gz = |content: &[u8]| {
        let mut e = GzEncoder::new(Vec::new(), Compression::best());
        e.write_all(content).unwrap();
        e.finish().unwrap()
    };
    let w = absorbed(&[("one.json.gz", &gz(&file.bytes))]);
    assert_eq!((w.runs.len(), w.files[0].path.as_str()), (1, "one.json"));
    // 600 MiB of zeros in a few hundred kB, twice packed.
    let mut e = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..600 {
        e.write_all(&block).unwrap();
    }
    let bomb = gz(&e.finish().unwrap());
    let w = absorbed(&[("bomb.gz.gz", &bomb), ("one.json", &file.bytes)]);
    let reason = w.files[0].reason.clone().unwrap();
    assert!(
        reason
            .starts_with("Unpacking stops here: the archives dropped together hold over 512 MiB."),
        "{reason}"
    );
    assert_eq!(w.runs.len(), 1);
}

#[test]
fn encodings_and_line_ends_make_no_difference() {
    for name in [
        "table/seed/typical",
        "aiconfigurator/0.12.0/aggregated-only",
        "genai-perf/0.0.16/nan",
        "genai-perf/0.0.16/csv-only",
    ] {
        let file = case(name).remove(0);
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let want = account(&absorbed(&[(&file.path, &file.bytes)]));
        let utf16 = |f: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(f).collect::<Vec<u8>>();
        for bytes in [
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE".to_vec(), utf16(u16::to_le_bytes)].concat(),
            [b"\xFE\xFF".to_vec(), utf16(u16::to_be_bytes)].concat(),
            text.replace('\n', "\r\n").into_bytes(),
        ] {
            assert_eq!(account(&absorbed(&[(&file.path, &bytes)])), want, "{name}");
        }
    }
}

#[test]
fn adding_never_replaces_and_never_counts_twice() {
    let sweep = case("genai-perf/0.0.16/sweep");
    let all: Vec<(&str, &[u8])> = sweep
        .iter()
        .map(|f| (f.path.as_str(), f.bytes.as_slice()))
        .collect();
    let whole = absorbed(&all);
    // One file after another gives the same runs as all at once.
    let mut step = Workspace::default();
    for file in &all {
        step.absorb(ingest([*file]));
    }
    let figures = |w: &Workspace| {
        account(w)
            .lines()
            .filter(|l| !l.starts_with("file"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(figures(&step), figures(&whole));
    // Everything a second time changes nothing.
    let before = figures(&step);
    step.absorb(ingest(all.iter().copied()));
    assert_eq!(figures(&step), before);
    assert_eq!(step.files.len(), 2 * all.len());
    assert!(
        step.files[all.len()..]
            .iter()
            .all(|f| !f.used && f.severity == Severity::Info)
    );
    check_invariants("twice", &step);
    // A chosen role stays.
    step.runs[1].role = Role::Ignore;
    step.runs[1].role_is_guess = false;
    step.absorb(ingest([(
        "other/a.md",
        &b"| Concurrency | req/s |\n|---|---|\n| 1 | 2.0 |\n| 2 | 3.0 |\n"[..],
    )]));
    assert_eq!(
        (step.runs[1].role, step.runs[2].role),
        (Role::Ignore, Role::Baseline)
    );
}

#[test]
fn limits_are_taken_over_once() {
    let seed = case("table/seed/typical").remove(0);
    let mut w = Workspace::default();
    w.sla.ttft = Some(servelens_core::units::Seconds(1.5));
    w.absorb(ingest([("a.md", seed.bytes.as_slice())]));
    assert_eq!((w.sla.ttft.map(|s| s.0), w.sla.tpot), (Some(1.5), None));
    assert_eq!(w.context.ttft.map(|s| s.0), Some(0.3));
}

#[test]
fn records_that_come_later_find_their_point() {
    let files = case("aiperf/0.5.0/slices");
    let get = |name: &str| files.iter().find(|f| f.path == name).expect("in the case");
    let (summary, records) = (
        get("profile_export_aiperf.json"),
        get("profile_export.jsonl"),
    );
    // Either may come first; records alone are a run of their own, and its points gain the summary.
    let late = [
        ("x/profile_export_aiperf.json", summary.bytes.as_slice()),
        ("x/profile_export.jsonl", records.bytes.as_slice()),
    ];
    let mut both = late;
    both.reverse();
    for order in [late, both] {
        let mut w = Workspace::default();
        for (i, file) in order.into_iter().enumerate() {
            w.absorb(ingest([file]));
            assert_eq!((w.runs.len(), w.files.len()), (1, i + 1));
        }
        let p = &w.runs[0].points[0];
        assert_eq!(p.records.as_ref().map(|r| r.len()), Some(30));
        assert_eq!(p.source.file, "x/profile_export_aiperf.json");
        assert!(w.files.iter().all(|f| f.used));
        // What is stated and what is counted agree: the tool's digits stay, and nothing is superseded.
        assert_eq!(p.evidence(), Some(Evidence::Records));
        assert!(p.metrics.values().all(|m| m.superseded.is_empty()));
    }
}

#[test]
fn a_raw_export_agrees_with_its_summary() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/genai-perf/aic/artifacts/Qwen_Qwen3-32B-FP8-openai-chat-concurrency10");
    let Ok(raw) = std::fs::read(shared.join("profile_export.json")) else {
        return; // 1.2 MB, kept outside of the repository.
    };
    let summary = std::fs::read(shared.join("profile_export_genai_perf.json")).unwrap();
    let w = absorbed(&[
        ("c10/profile_export.json", &raw),
        ("c10/profile_export_genai_perf.json", &summary),
    ]);
    check_invariants("raw", &w);
    let p = &w.runs[0].points[0];
    let r = p.records.as_ref().expect("attached");
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let close = |a: f64, b: f64, tolerance: f64| {
        assert!((a / b - 1.0).abs() < tolerance, "{a} against {b}")
    };
    close(mean(&r.ttft_s), p.reported(Metric::Ttft).unwrap(), 1e-9);
    let latency: Vec<f64> = r.end_s.iter().zip(&r.start_s).map(|(e, s)| e - s).collect();
    close(
        mean(&latency),
        p.reported(Metric::RequestLatency).unwrap(),
        1e-9,
    );
    // GenAI-Perf counts tokens of the joined text, one or two more than the chunks.
    close(mean(&r.osl), p.reported(Metric::Osl).unwrap(), 0.02);
}

#[test]
fn a_small_raw_export_drops_what_carries_no_tokens() {
    let raw = br#"{"experiments":[{"experiment":{"mode":"concurrency","value":2},"requests":[
      {"timestamp":1000000000,"request_inputs":{"payload":"x"},"response_timestamps":[1050000000,1100000000,1150000000,1160000000,1170000000],
       "response_outputs":[{"response":"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}"},{"response":"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}"},
        {"response":"data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}"},{"response":"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}"},{"response":"data: [DONE]"}]},
      {"timestamp":1010000000,"request_inputs":{"payload":"x"},"response_timestamps":[],"response_outputs":[]}],"window_boundaries":[1,2]}],"version":"2.60.0"}"#;
    let summary = br#"{"request_throughput":{"unit":"requests/sec","avg":1.0},"input_config":{"perf_analyzer":{"stimulus":{"concurrency":2}}}}"#;
    let w = absorbed(&[
        ("a/x.json", raw.as_slice()),
        ("a/x_genai_perf.json", summary.as_slice()),
    ]);
    let r = w.runs[0].points[0].records.clone().expect("attached");
    assert_eq!((r.len(), r.errors, r.isl[0], r.osl[0]), (1, 1, 12.0, 3.0));
    assert!(
        (r.ttft_s[0] - 0.1).abs() < 1e-12 && (r.end_s[0] - 0.15).abs() < 1e-12,
        "{r:?}"
    );
}

#[test]
fn failed_and_warm_up_records_are_in_no_column() {
    let line = |phase: &str, start: u64, rest: &str| {
        format!(
            r#"{{"metadata":{{"session_num":0,"x_request_id":"a","request_start_ns":{start},"request_end_ns":{},"benchmark_phase":"{phase}"}},{rest}}}"#,
            start + 2_000_000_000
        )
    };
    let ok = r#""metrics":{"time_to_first_token":{"value":100.0,"unit":"ms"},"request_latency":{"value":2.0,"unit":"sec"},"input_sequence_length":{"value":10,"unit":"tokens"},"output_sequence_length":{"value":20,"unit":"tokens"}},"error":null"#;
    let failed = r#""metrics":{"error_isl":{"value":10,"unit":"tokens"}},"error":{"code":500}"#;
    let text = [
        line("warmup", 1, ok),
        line("profiling", 1_795_486_737_000_000_000, ok),
        line("profiling", 1_795_486_736_000_000_000, failed),
        String::new(),
        line("profiling", 1_795_486_737_500_000_000, ok),
    ]
    .join("\r\n");
    let summary = br#"{"request_throughput":{"unit":"requests/sec","avg":1.0},"aiperf_version":"0.13.0","input_config":{"phases":[{"kind":"profiling","concurrency":2}]}}"#;
    let w = absorbed(&[
        ("a/profile_export_aiperf.json", summary.as_slice()),
        ("a/profile_export.jsonl", text.as_bytes()),
    ]);
    let r = w.runs[0].points[0].records.clone().expect("attached");
    assert_eq!(
        (r.start_s.clone(), r.end_s.clone(), r.errors),
        (vec![0.0, 0.5], vec![2.0, 2.5], 1)
    );
    assert_eq!(r.ttft_s, [0.1, 0.1]);
}

fn fixtures() -> Vec<CaseFile> {
    cases()
        .into_iter()
        .flat_map(|c| c.files)
        .filter(|f| f.bytes.len() < 60_000)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), name in "[a-z./]{0,20}") {
        let w = absorbed(&[(&name, &bytes)]);
        prop_assert!(w.files.len() <= 1 || bytes.starts_with(b"PK"));
    }

    #[test]
    fn table_like_text_never_panics(text in "([|, \t;0-9.%×≤~a-zA-ZCc:#*/()\u{1b}\\[\\]{}\"\n-]|Concurrency|TTFT|tok/s|req/s|ms|\\| |\n\\|){0,80}") {
        absorbed(&[("t.md", text.as_bytes())]);
    }

    #[test]
    fn mutated_fixtures_never_panic(pick in any::<proptest::sample::Index>(), cut in any::<proptest::sample::Index>(), edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6)) {
        let all = FIXTURES.with(std::rc::Rc::clone);
        let file = pick.get(&all[..]);
        let mut bytes = file.bytes.clone();
        if !bytes.is_empty() {
            bytes.truncate(cut.index(bytes.len()) + 1);
            for (at, byte) in edits {
                let i = at.index(bytes.len());
                bytes[i] = byte;
            }
        }
        let w = absorbed(&[(&file.path, &bytes), ("unknown", &bytes)]);
        for run in &w.runs {
            for p in &run.points {
                prop_assert!(p.metrics.values().flat_map(|m| m.stats.iter()).all(|(_, v)| v.is_finite()));
            }
        }
    }
}

thread_local! {
    static FIXTURES: std::rc::Rc<Vec<CaseFile>> = std::rc::Rc::new(fixtures());
}
