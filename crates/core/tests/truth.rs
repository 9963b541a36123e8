//! The experiment behind the published report: what its files say, source by source.
//!
//! The files are public and large, and are kept outside of the repository: without them these tests pass unseen.

use servelens_core::ingest::Ingest;
use servelens_core::model::{
    Basis, Evidence, Metric, Point, Run, RunKind, Stat, Tally, Tool, Withdrawal, Workspace,
};
use std::sync::OnceLock;

fn zip() -> Option<&'static Workspace> {
    static WS: OnceLock<Option<Workspace>> = OnceLock::new();
    WS.get_or_init(|| {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/fixtures/seed-experiment/seed-experiment.zip"
        );
        let bytes = std::fs::read(path).ok()?;
        let mut ingest = Ingest::new();
        ingest.add("seed-experiment.zip", &bytes);
        let mut ws = Workspace::default();
        ws.absorb(ingest.finish());
        Some(ws)
    })
    .as_ref()
}

fn measured(ws: &Workspace) -> Vec<&Run> {
    ws.runs
        .iter()
        .filter(|r| r.kind == RunKind::Measured && r.tool != Tool::Table)
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
    let Some(ws) = zip() else { return };
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
    let Some(ws) = zip() else { return };
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
    let Some(ws) = zip() else { return };
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
    let Some(ws) = zip() else { return };
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
