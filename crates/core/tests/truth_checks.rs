//! The checks of sources and deployments, on the experiment behind the published report and on the smallest runs that
//! trip them or nearly do. The experiment's files are kept outside of the repository.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod support;

use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::{Check, Finding, Grade};
use servelens_core::fmt::plain;
use servelens_core::ingest::Ingest;
use servelens_core::model::{
    EngineFacts, Evidence, Metric, Recorded, Stats, Superseded, Tally, Trace, Workspace,
};
use support::{pair, run_of};

fn of(ws: &Workspace, check: Check) -> Vec<Finding> {
    let a = analyse(ws, &Options::default());
    a.findings
        .into_iter()
        .filter(|f| f.check == check)
        .collect()
}

fn two() -> Workspace {
    pair(
        run_of("a", &[(1, 100.0, 1.0), (20, 1000.0, 10.0)]),
        run_of("b", &[(1, 100.0, 1.0), (20, 1000.0, 10.0)]),
    )
}

#[test]
fn the_experiment_is_told_with_its_causes() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/fixtures/seed-experiment/seed-experiment.zip"
    );
    let Ok(bytes) = std::fs::read(path) else {
        return;
    };
    let mut ingest = Ingest::new();
    ingest.add("seed-experiment.zip", &bytes);
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    let a = analyse(&ws, &Options::default());
    let text = |check: Check| {
        let all = a.findings.iter().filter(|f| {
            f.check == check && matches!(f.grade, Grade::Block | Grade::Warn | Grade::Info)
        });
        all.map(|f| {
            plain(&format!(
                "{}. {} {}",
                f.title,
                f.consequence,
                f.arithmetic.join("; ")
            ))
        })
        .collect::<Vec<_>>()
        .join(" ")
    };
    for (check, words) in [
        (Check::Recount, "left out 576 of 700 requests"),
        (Check::Recount, "reasoning and no content"),
        (Check::Stream, "20 of 20 answers came in one piece"),
        (Check::Repeat, "100 distinct prompts in 200 requests"),
        (Check::Cap, "5.52 req/s > 12 ÷ 2.76 s"),
        (
            Check::Deployed,
            "weights: projected with fp8_block, deployed with 16-bit",
        ),
        (Check::SlaSource, "TTFT ≤ 500 ms, TPOT ≤ 7 ms"),
        (
            Check::Published,
            "46.55 tok/s published → 1457 tok/s recorded, × 31.3",
        ),
    ] {
        assert!(text(check).contains(words), "{check:?}: {}", text(check));
    }
    for check in [Check::OslTarget, Check::OslParity] {
        assert_eq!(text(check), "", "{check:?}");
    }
    let sla = &a.verdict.lines[1].sentence;
    assert!(
        sla.contains("TTFT was not measured") && sla.contains("1, 2, 5 and 10"),
        "{sla}"
    );
}

#[test]
fn a_summary_two_percent_off_its_records_is_recounted() {
    for (summary, want) in [(98.5, Grade::Pass), (97.0, Grade::Warn)] {
        let mut ws = two();
        let p = &mut ws.runs[0].points[1];
        p.requests = Some(100);
        p.traces.insert(
            Tally::Requests,
            Trace {
                evidence: Evidence::Records,
                superseded: vec![(Evidence::Summary, summary, "s.json".to_owned())],
            },
        );
        let f = &of(&ws, Check::Recount)[0];
        assert_eq!(f.grade, want, "{f:?}");
        // Nothing shows a cause, so none is named.
        assert!(
            want == Grade::Pass || f.consequence.contains("show no cause"),
            "{f:?}"
        );
    }
}

#[test]
fn published_figures_are_held_against_the_records() {
    use servelens_core::model::Published;
    for (recorded, want) in [(1010.0, Grade::Pass), (2000.0, Grade::Warn)] {
        let mut ws = two();
        let m = ws.runs[0].points[1]
            .metrics
            .get_mut(&Metric::OutputThroughput)
            .unwrap();
        m.evidence = Evidence::Records;
        m.stats = Stats::avg(recorded);
        m.superseded.push(Superseded {
            evidence: Evidence::Summary,
            stats: Stats::avg(1000.0),
            file: "s.json".to_owned(),
        });
        ws.published.push(Published {
            run: "a".to_owned(),
            concurrency: Some(20),
            metric: Metric::OutputThroughput,
            stats: Stats::avg(1000.0),
            file: "r.md".to_owned(),
            line: None,
        });
        assert_eq!(of(&ws, Check::Published)[0].grade, want);
    }
}

#[test]
fn distinct_prompts_raise_nothing_and_repeated_ones_do() {
    for (distinct, want) in [(4_u64, Grade::Pass), (3, Grade::Warn)] {
        let mut ws = two();
        ws.runs[0].points[1].recorded = Some(Recorded {
            requests: 4,
            with_prompt: Some(4),
            prompts: (0..distinct).collect(),
            ..Recorded::default()
        });
        assert_eq!(of(&ws, Check::Repeat)[0].grade, want, "{distinct}");
    }
}

#[test]
fn a_stream_is_no_fault_and_one_piece_is() {
    for (streamed, want) in [
        (None, Grade::NoData),
        (Some(true), Grade::Pass),
        (Some(false), Grade::Warn),
    ] {
        let mut ws = two();
        ws.runs[0].points[1].streamed = streamed;
        assert_eq!(of(&ws, Check::Stream)[0].grade, want);
    }
}

#[test]
fn loads_past_the_engine_queue_and_rates_past_it_are_doubted() {
    // One request alone takes 1 s: ten at once give at most 10 req/s.
    for (workers, rate, want) in [
        (2, 10.0, vec![Grade::Pass]),
        (1, 10.0, vec![Grade::Info]),
        (1, 10.5, vec![Grade::Warn, Grade::Info]),
    ] {
        let mut ws = two();
        let run = &mut ws.runs[0];
        run.deployment.engine = Some(EngineFacts {
            workers: Some(workers),
            max_batch: Some(10),
            ..EngineFacts::default()
        });
        run.points[0].measured(Metric::RequestLatency, Stats::avg(1.0));
        run.points[1].measured(Metric::RequestThroughput, Stats::avg(rate));
        let grades: Vec<Grade> = of(&ws, Check::Cap).iter().map(|f| f.grade).collect();
        assert_eq!(grades, want, "{workers} {rate}");
    }
}

#[test]
fn equal_limits_of_two_sources_pass() {
    use servelens_core::model::{LimitSource, StatedLimits};
    use servelens_core::units::Seconds;
    for (ttft, want) in [(0.3, Grade::Pass), (0.5, Grade::Warn)] {
        let mut ws = two();
        for (source, ttft) in [(LimitSource::FolderName, ttft), (LimitSource::Report, 0.3)] {
            ws.limits.push(StatedLimits {
                source,
                file: "f".to_owned(),
                ttft: Some(Seconds(ttft)),
                tpot: None,
            });
        }
        assert_eq!(of(&ws, Check::SlaSource)[0].grade, want, "{ttft}");
    }
}
