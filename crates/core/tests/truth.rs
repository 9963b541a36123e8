//! The experiment behind the published report: what its files say, source by source.
//!
//! The files are public and large, and are kept outside of the repository; the sample is made from them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "a failed step is the test's own message"
)]

use servelens_core::ingest::Ingest;
use servelens_core::model::{
    Basis, Evidence, LimitSource, Matched, Metric, Point, Run, RunKind, Stat, Tally, Withdrawal,
    Workspace,
};
use std::sync::OnceLock;

fn read(path: &str) -> Option<Workspace> {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../").to_owned() + path);
    let mut ingest = Ingest::new();
    ingest.add("experiment.zip", &bytes.ok()?);
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    Some(ws)
}

/// The sample, and the archive that it was made from where that is there.
fn both() -> impl Iterator<Item = &'static Workspace> {
    static WS: OnceLock<[Option<Workspace>; 2]> = OnceLock::new();
    let all = WS.get_or_init(|| {
        [
            Some(read("data/samples/experiment.zip").expect("the sample")),
            read("../shared/fixtures/seed-experiment/seed-experiment.zip"),
        ]
    });
    all.iter().flatten()
}

fn measured(ws: &Workspace) -> Vec<&Run> {
    ws.runs
        .iter()
        .filter(|r| r.kind == RunKind::Measured)
        .collect()
}

fn at<'a>(ws: &'a Workspace, label: &str, c: u32) -> &'a Point {
    let run = measured(ws)
        .into_iter()
        .find(|r| r.label.contains(label))
        .expect("the run");
    run.points
        .iter()
        .find(|p| p.load.concurrency == Some(c))
        .expect("the load")
}

fn near(got: Option<f64>, want: f64, what: &str) {
    let got = got.unwrap_or_else(|| panic!("{what} is absent"));
    assert!(
        (got / want - 1.0).abs() < 0.005,
        "{what}: {got} against {want}"
    );
}

/// System, concurrency, requests, with content, wall s, req/s, output tok/s, R ms, in flight, distinct prompts.
#[rustfmt::skip]
const TABLE: [(&str, u32, u64, u64, f64, f64, f64, f64, f64, usize); 12] = [
    ("baseline", 1, 10, 1, 99.79, 0.1002, 50.0, 9978.9, 1.00, 10),
    ("baseline", 2, 10, 2, 49.80, 0.2008, 100.2, 9953.9, 2.00, 10),
    ("baseline", 5, 10, 2, 19.97, 0.5008, 249.9, 9894.6, 4.96, 10),
    ("baseline", 10, 20, 4, 21.33, 0.9375, 467.8, 10103.0, 9.47, 20),
    ("baseline", 50, 100, 17, 25.47, 3.9261, 1959.1, 12160.5, 47.74, 100),
    ("baseline", 100, 200, 30, 30.05, 6.6564, 3321.5, 14244.4, 94.82, 100),
    ("aic", 1, 10, 3, 27.57, 0.3627, 181.0, 2757.2, 1.00, 10),
    ("aic", 2, 10, 4, 14.11, 0.7089, 353.7, 2820.7, 2.00, 10),
    ("aic", 5, 10, 3, 5.88, 1.7016, 849.1, 2936.1, 5.00, 10),
    ("aic", 10, 20, 3, 6.85, 2.9207, 1457.4, 3416.7, 9.98, 20),
    ("aic", 50, 100, 14, 33.15, 3.0170, 1505.5, 16497.3, 49.77, 100),
    ("aic", 100, 200, 41, 36.21, 5.5237, 2756.3, 17796.2, 98.30, 100),
];

#[test]
fn every_load_is_recounted_from_its_requests() {
    both().for_each(check_every_load_is_recounted_from_its_requests);
}

fn check_every_load_is_recounted_from_its_requests(ws: &Workspace) {
    assert_eq!(measured(ws).len(), 2);
    assert!(measured(ws).iter().all(|r| r.points.len() == 7));
    for (label, c, n, content, wall, rate, tokens, latency, flight, prompts) in TABLE {
        let (p, what) = (at(ws, label, c), format!("{label} at {c}"));
        near(
            p.reported(Metric::RequestThroughput),
            rate,
            &format!("{what}: req/s"),
        );
        near(
            p.reported(Metric::OutputThroughput),
            tokens,
            &format!("{what}: tok/s"),
        );
        near(
            p.reported(Metric::RequestLatency),
            latency * 1e-3,
            &format!("{what}: R"),
        );
        near(p.reported(Metric::Osl), 499.0, &format!("{what}: OSL"));
        near(p.duration.map(|d| d.0), wall, &format!("{what}: wall"));
        near(
            p.reported(Metric::RequestThroughput)
                .zip(p.reported(Metric::RequestLatency))
                .map(|(x, r)| x * r),
            flight,
            &format!("{what}: in flight"),
        );
        assert_eq!(p.requests, Some(n), "{what}");
        let r = p.recorded.as_ref().expect("records");
        assert_eq!((r.requests, r.completed()), (n, n), "{what}");
        assert_eq!(r.with_content, Some(content), "{what}");
        assert_eq!(r.prompts.len(), prompts, "{what}");
        assert_eq!(r.single_chunk, Some(n), "{what}");
        let asked = r.asked.expect("payloads");
        assert_eq!(asked.stream, Some(false), "{what}");
        assert_eq!(
            (asked.max_tokens, asked.min_tokens, asked.ignore_eos),
            (Some(500), Some(500), Some(true))
        );
        // What the summary counted, and that the server itself counted otherwise.
        let osl = &p.metrics[&Metric::Osl];
        assert_eq!(osl.evidence, Evidence::Usage, "{what}");
        assert_eq!(osl.superseded[0].evidence, Evidence::Summary, "{what}");
        let counted = &p.traces[&Tally::Requests];
        assert_eq!(counted.superseded[0].1, content as f64, "{what}");
    }
}

#[test]
fn what_was_not_streamed_has_no_first_token() {
    both().for_each(check_what_was_not_streamed_has_no_first_token);
}

fn check_what_was_not_streamed_has_no_first_token(ws: &Workspace) {
    for p in measured(ws).iter().flat_map(|r| &r.points) {
        assert_eq!(p.streamed, Some(false));
        for metric in [Metric::Ttft, Metric::Tpot] {
            assert!(!p.metrics.contains_key(&metric));
            assert_eq!(p.value(metric, Some(8)), None);
        }
        let w = &p.withdrawn[&Metric::Ttft];
        assert_eq!(w.why, Withdrawal::NotStreamed);
        assert_eq!(w.figures.evidence, Evidence::Summary);
        if let Some(r) = &p.records {
            assert!(r.ttft_s.is_empty());
        }
    }
}

#[test]
fn the_load_without_records_keeps_its_rate_and_loses_its_tokens() {
    both().for_each(check_the_load_without_records_keeps_its_rate_and_loses_its_tokens);
}

fn check_the_load_without_records_keeps_its_rate_and_loses_its_tokens(ws: &Workspace) {
    for (label, rate) in [("aic", 9.64), ("baseline", 10.90)] {
        let p = at(ws, label, 250);
        assert_eq!(p.evidence(), Some(Evidence::Summary));
        assert!(p.distrusted && p.records.is_none());
        near(p.reported(Metric::RequestThroughput), rate, "req/s");
        assert_eq!(p.value(Metric::OutputThroughput, Some(8)), None);
        assert_eq!(p.value(Metric::Osl, Some(8)), None);
        assert_eq!(p.withdrawn[&Metric::Osl].why, Withdrawal::Miscounted);
    }
}

#[test]
fn both_worlds_can_be_seen_and_neither_is_lost() {
    both().for_each(check_both_worlds_can_be_seen_and_neither_is_lost);
}

fn check_both_worlds_can_be_seen_and_neither_is_lost(ws: &Workspace) {
    let mut other = ws.clone();
    other.show_by(Basis::Summarised);
    let p = at(&other, "aic", 10);
    near(p.reported(Metric::OutputThroughput), 46.55, "tok/s");
    near(
        p.reported(Metric::Ttft),
        3.416,
        "TTFT, as the summary has it",
    );
    assert_eq!(p.requests, Some(3));
    assert_eq!(p.metrics[&Metric::Osl].evidence, Evidence::Summary);
    near(
        at(&other, "aic", 250).reported(Metric::OutputThroughput),
        104.8,
        "tok/s",
    );
    assert_eq!(
        p.metrics[&Metric::RequestLatency].superseded[0].evidence,
        Evidence::Records
    );
    assert!(p.reported_at(Metric::RequestLatency, Stat::P95).is_some());
    other.show_by(Basis::Recorded);
    assert!(other == *ws, "something was lost on the way");
}

#[test]
fn what_was_deployed_is_read_from_the_deployment_files() {
    both().for_each(check_what_was_deployed_is_read_from_the_deployment_files);
}

fn check_what_was_deployed_is_read_from_the_deployment_files(ws: &Workspace) {
    let json = servelens_core::inspect::inspect(ws);
    let runs = json["runs"].as_array().expect("runs");
    let deployed = |label: &str| {
        let run = runs
            .iter()
            .find(|r| r["label"].as_str().is_some_and(|l| l.contains(label)))
            .expect("the run");
        assert_eq!(run["gpus"], 8, "{label}");
        let d = &run["deployment"];
        (
            d["tp"].as_u64(),
            d["workers"].as_u64(),
            d["max_batch"].as_u64(),
            d["weights"].as_str().map(str::to_owned),
            d["engine"].as_str().map(str::to_owned),
        )
    };
    let words = |tp, workers, batch| {
        (
            Some(tp),
            Some(workers),
            Some(batch),
            Some("16-bit".to_owned()),
            Some("trtllm".to_owned()),
        )
    };
    assert_eq!(deployed("aic-agg"), words(8, 1, 12));
    assert_eq!(deployed("baseline"), words(1, 8, 16));
    for run in measured(ws) {
        let e = run.deployment.engine.as_ref().expect("matched");
        assert_eq!(e.matched, Matched::Service, "{}", run.label);
        assert!(e.dynamo);
        assert_eq!(e.model.as_deref(), Some("Qwen/Qwen3-32B"));
        let cap = if run.label.contains("aic") { 12 } else { 128 };
        assert_eq!(run.in_flight_cap(), Some(cap));
        assert_eq!(run.not_streamed().count(), 7);
    }
}

#[test]
fn the_pasted_table_is_what_was_published_of_these_runs() {
    both().for_each(check_the_pasted_table_is_what_was_published_of_these_runs);
}

fn check_the_pasted_table_is_what_was_published_of_these_runs(ws: &Workspace) {
    for run in measured(ws) {
        let of: Vec<_> = ws.published.iter().filter(|p| p.run == run.id).collect();
        // Five loads of tokens/s and requests/s, and the times to the first token that the text names.
        assert_eq!(of.len(), 12, "{}", run.label);
        assert!(
            of.iter()
                .all(|p| p.file.ends_with(".md") && p.line.is_some())
        );
    }
    let aic = measured(ws)
        .into_iter()
        .find(|r| r.label.contains("aic"))
        .expect("the run");
    let at_ten = ws.published.iter().find(|p| {
        p.run == aic.id && p.concurrency == Some(10) && p.metric == Metric::OutputThroughput
    });
    near(
        at_ten.and_then(|p| p.stats.central()).map(|c| c.1),
        46.55,
        "published",
    );
}

#[test]
fn limits_and_choice_are_aics_own() {
    both().for_each(check_limits_and_choice_are_aics_own);
}

fn check_limits_and_choice_are_aics_own(ws: &Workspace) {
    let of = |source| {
        let l = ws
            .limits
            .iter()
            .find(|l| l.source == source)
            .expect("stated");
        (l.ttft.map(|s| s.ms()), l.tpot.map(|s| s.ms()))
    };
    assert_eq!(of(LimitSource::FolderName), (Some(500.0), Some(7.0)));
    assert_eq!(of(LimitSource::ConfigFile), (Some(300.0), Some(10.0)));
    assert_eq!(of(LimitSource::Report), (Some(300.0), Some(10.0)));
    let best = &servelens_core::inspect::inspect(ws)["projection"];
    assert_eq!(best["concurrency"], 12);
    assert_eq!(best["tokens_s_gpu"], 196.783);
}

#[test]
fn no_secret_of_a_deployment_is_kept() {
    both().for_each(check_no_secret_of_a_deployment_is_kept);
}

fn check_no_secret_of_a_deployment_is_kept(ws: &Workspace) {
    let mut ws = ws.clone();
    // The report's own words are kept whole, and hold none of these either.
    let text = servelens_core::session::save(&ws).expect("saves");
    for word in [
        "hannahz",
        "hammahz",
        "svc.cluster",
        "hf-token",
        "HF_TOKEN",
        "dynamo-sa",
    ] {
        assert!(!text.contains(word), "{word} is kept");
    }
    // A match can be chosen and taken away.
    let run = ws
        .runs
        .iter()
        .position(|r| r.label.contains("baseline"))
        .expect("the run");
    let other = ws
        .deployments
        .iter()
        .position(|d| d.tp == Some(8))
        .expect("found");
    ws.choose_deployment(run, Some(other));
    let e = ws.runs[run].deployment.engine.as_ref().expect("chosen");
    assert_eq!(
        (e.matched, ws.runs[run].in_flight_cap()),
        (Matched::Chosen, Some(12))
    );
    ws.choose_deployment(run, None);
    assert_eq!(
        (ws.runs[run].gpus(), ws.runs[run].in_flight_cap()),
        (None, None)
    );
}

#[test]
fn the_sample_has_the_figures_of_the_archive_and_none_of_its_texts() {
    let all: Vec<&Workspace> = both().collect();
    let [sample, archive] = all.as_slice() else {
        return;
    };
    let prompts = |r: &Run| -> Vec<usize> {
        let of = |p: &Point| p.recorded.as_ref().map_or(0, |r| r.prompts.len());
        r.points.iter().map(of).collect()
    };
    let by_label = |ws| {
        let mut runs = measured(ws);
        runs.sort_by_key(|r| r.label.clone());
        runs
    };
    for (a, b) in by_label(sample).into_iter().zip(by_label(archive)) {
        assert_eq!((&a.label, prompts(a)), (&b.label, prompts(b)));
        for (p, q) in a.points.iter().zip(&b.points) {
            assert_eq!((p.load, &p.metrics), (q.load, &q.metrics));
            assert_eq!(
                p.records.as_ref().map(|r| &r.end_s),
                q.records.as_ref().map(|r| &r.end_s)
            );
        }
    }
    // Repeats over all loads stay what they are.
    let distinct = |ws: &Workspace| {
        let all = ws.runs.iter().flat_map(|r| &r.points);
        let prompts = all
            .filter_map(|p| p.recorded.as_ref())
            .flat_map(|r| r.prompts.clone());
        prompts.collect::<std::collections::BTreeSet<u64>>().len()
    };
    assert_eq!(distinct(sample), distinct(archive));
}

/// Every file below a folder, with its path.
fn files(folder: &std::path::Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push((
                path.display().to_string(),
                std::fs::read(&path).expect("a file"),
            ));
        }
    }
}

/// Where a tool's summary says what its records say, nothing is replaced, withdrawn or distrusted.
#[test]
fn clean_files_contradict_nothing() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures");
    for tool in ["genai-perf", "aiperf", "vllm"] {
        let mut all = Vec::new();
        files(&std::path::Path::new(root).join(tool), &mut all);
        all.sort();
        let mut ingest = Ingest::new();
        for (path, bytes) in &all {
            ingest.add(path, bytes);
        }
        let mut ws = Workspace::default();
        ws.absorb(ingest.finish());
        assert_eq!(ws.runs.is_empty(), all.is_empty(), "{tool}");
        for (run, p) in ws
            .runs
            .iter()
            .flat_map(|r| r.points.iter().map(move |p| (r, p)))
        {
            let what = format!("{} at {:?}", run.label, p.load);
            assert!(!p.distrusted && p.withdrawn.is_empty(), "{what}");
            for (metric, m) in &p.metrics {
                assert!(m.superseded.is_empty(), "{what}: {metric:?}: {m:?}");
            }
            assert_ne!(p.streamed, Some(false), "{what}");
            if p.records.is_some() {
                assert!(p.evidence().is_some_and(Evidence::is_recorded), "{what}");
            }
        }
    }
}
