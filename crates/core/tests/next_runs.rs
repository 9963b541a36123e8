//! What to run next: which command for which block, and flags that both tools have.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod support;

use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::Check;
use servelens_core::findings::NextRun;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Stats, Workspace};
use support::{pair, run_of, seed};

fn next(ws: &Workspace) -> Vec<NextRun> {
    analyse(ws, &Options::default()).next
}

/// Flags that the commands may use, each read off the tool's own parser: AIPerf 0.13.0
/// (`config/flags/cli_config.py`) and GenAI-Perf 0.0.16 (`parser.py`).
const AIPERF: [&str; 13] = [
    "-m",
    "-u",
    "--endpoint-type",
    "--streaming",
    "--concurrency",
    "--request-count",
    "--warmup-request-count",
    "--num-profile-runs",
    "--isl",
    "--isl-stddev",
    "--osl",
    "--osl-stddev",
    "--extra-inputs",
];
const GENAI_PERF: [&str; 13] = [
    "-m",
    "-u",
    "--endpoint-type",
    "--streaming",
    "--concurrency",
    "--request-count",
    "--warmup-request-count",
    "--artifact-dir",
    "--synthetic-input-tokens-mean",
    "--synthetic-input-tokens-stddev",
    "--output-tokens-mean",
    "--output-tokens-stddev",
    "--extra-inputs",
];

fn known(command: &str, flags: &[&str]) {
    for word in command.split_whitespace().filter(|w| w.starts_with('-')) {
        assert!(flags.contains(&word), "{word} in {command}");
    }
}

/// Loads that differ in length, stall, fall short, or stand alone: every plan there is.
fn situations() -> Vec<Workspace> {
    let fair = |a: f64, b: f64| {
        let mut ws = pair(
            run_of("a", &[(4, a * 100.0, a), (16, a * 300.0, a * 3.0)]),
            run_of("b", &[(4, b * 100.0, b), (16, b * 300.0, b * 3.0)]),
        );
        ws.context.osl = Some(100.0);
        ws.context.isl = Some(1000.0);
        ws
    };
    let mut apart = fair(2.0, 1.0);
    apart.runs[0].points[0].measured(Metric::OutputThroughput, Stats::avg(260.0));
    let mut alone = fair(2.0, 1.0);
    alone.runs.truncate(1);
    let mut no_common = fair(2.0, 1.0);
    for p in &mut no_common.runs[1].points {
        p.load.concurrency = p.load.concurrency.map(|c| c * 10);
    }
    let mut short = fair(2.0, 1.0);
    for p in short.runs.iter_mut().flat_map(|r| &mut r.points) {
        p.requests = Some(12);
    }
    vec![seed(), fair(2.0, 1.0), apart, alone, no_common, short]
}

#[test]
fn both_tools_know_every_flag() {
    let mut seen = 0;
    for ws in situations() {
        for n in next(&ws) {
            seen += 1;
            known(&n.aiperf, &AIPERF);
            known(&n.genai_perf, &GENAI_PERF);
            assert!(n.aiperf.contains("aiperf profile -m "), "{}", n.aiperf);
            assert!(
                n.genai_perf.contains("genai-perf profile -m "),
                "{}",
                n.genai_perf
            );
            for command in [&n.aiperf, &n.genai_perf] {
                assert_eq!(
                    command.matches("for ").count(),
                    command.matches("; done").count(),
                    "{command}"
                );
                assert!(!command.contains("  "), "{command}");
            }
        }
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn unequal_outputs_are_run_again_with_a_fixed_length() {
    let n = &next(&situations()[2])[0];
    assert!(n.lifts.contains(&Check::OslParity), "{n:?}");
    assert!(
        n.aiperf.starts_with("for c in 4 16; do aiperf profile"),
        "{}",
        n.aiperf
    );
    for command in [&n.aiperf, &n.genai_perf] {
        assert!(
            command.contains("--extra-inputs ignore_eos:true --extra-inputs min_tokens:100"),
            "{command}"
        );
    }
    assert!(n.aiperf.contains("--osl 100 --osl-stddev 0"));
    assert!(
        n.genai_perf
            .contains("--output-tokens-mean 100 --output-tokens-stddev 0")
    );
}

#[test]
fn loads_that_only_one_side_ran_are_run_on_the_other() {
    let n = &next(&situations()[4])[0];
    assert_eq!(n.why, "Run b at the loads that a ran");
    assert!(n.aiperf.starts_with("for c in 4 16; do"), "{}", n.aiperf);
}

#[test]
fn repeats_of_both_tools_are_read_back_as_repeats() {
    let n = next(&situations()[1]).remove(0);
    assert!(n.aiperf.contains("--num-profile-runs 3"), "{}", n.aiperf);
    assert!(
        n.genai_perf
            .starts_with("for r in 1 2 3; do for c in 4 16; do genai-perf profile"),
        "{}",
        n.genai_perf
    );
    assert!(n.genai_perf.contains("--artifact-dir artifacts/run_$r"));
    // The folders that either command leaves behind.
    let one = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(
        "../../tests/cases/aiperf/0.13.0/sweep/aic/concurrency_10/profile_export_aiperf.json",
    ))
    .unwrap();
    for folder in [
        "aic/m-openai-chat-concurrency10/profile_runs/run_000{}",
        "aic/m-openai-chat-concurrency10/profile_runs/trial_000{}",
        "aic/profile_runs/trial_000{}/concurrency_10",
        "aic/run_{}/m-openai-chat-concurrency10",
    ] {
        let mut ingest = Ingest::new();
        for i in 1..=3 {
            // Each run has an id of its own.
            let id = format!("\"benchmark_id\": \"run-{i}\"");
            let text = replaced(&one, &id);
            let path = format!(
                "{}/profile_export_aiperf.json",
                folder.replace("{}", &i.to_string())
            );
            ingest.add(&path, text.as_bytes());
        }
        let mut ws = Workspace::default();
        ws.absorb(ingest.finish());
        assert_eq!(ws.runs.len(), 1, "{folder}: {:?}", ws.files);
        assert_eq!(ws.runs[0].points.len(), 3, "{folder}: {:?}", ws.files);
        let a = analyse(&ws, &Options::default());
        let cell = &a.comparison.rows[0].cells[&Metric::RequestThroughput];
        let figure = cell.candidate.as_ref().or(cell.baseline.as_ref()).unwrap();
        assert_eq!(figure.repeats, 3, "{folder}");
    }
}

/// The summary under another id.
fn replaced(text: &str, id: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"benchmark_id\":") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        out.push_str(id);
        let end = tail.find([',', '\n', '}']).unwrap();
        rest = &tail[end..];
    }
    out + rest
}
