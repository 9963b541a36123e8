//! Real AIPerf and GenAI-Perf sweeps of one simulated server pair, with AIConfigurator's own
//! projection beside them.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{Check, Grade, Question};
use servelens_core::compare::Outcome;
use servelens_core::findings::Badge;
use servelens_core::fmt::plain;
use servelens_core::model::{Gpus, Metric, Role, RunKind, Workspace};
use servelens_core::report::{Format, build, render};
use support::cases;

fn with_gpus(mut ws: Workspace, count: u32) -> Workspace {
    for run in ws.runs.iter_mut().filter(|r| r.kind == RunKind::Measured) {
        run.deployment.gpus = Some(Gpus {
            count,
            guess: false,
        });
    }
    ws
}

fn line(a: &Analysis, question: Question) -> (Badge, String, String, String) {
    let l = a.verdict.line(question).unwrap();
    (
        l.badge,
        plain(&l.sentence),
        plain(&l.reason),
        plain(&l.evidence),
    )
}

fn grade(a: &Analysis, check: Check) -> Grade {
    let mut all = a.findings.iter().filter(|f| f.check == check);
    all.next().unwrap().grade
}

#[test]
fn aiperf_the_candidate_leads_at_every_load_and_lengths_match() {
    let ws = cases(&["aiperf/0.13.0/sweep"]);
    let a = analyse(&ws, &Options::default());
    assert_eq!(a.comparison.matched_loads(), [1, 10, 50]);
    for c in [1, 10, 50] {
        for metric in [
            Metric::OutputThroughput,
            Metric::RequestThroughput,
            Metric::Ttft,
            Metric::Tpot,
        ] {
            assert_eq!(
                a.comparison.outcome(metric, c),
                Some(Outcome::Candidate),
                "{metric:?} at {c}"
            );
        }
    }
    for row in &a.comparison.rows {
        let i = row.identity.unwrap();
        assert!((i.length - 1.0).abs() < 0.01, "{i:?}");
        assert!(i.residual.abs() < 1e-6, "{i:?}");
    }
    assert_eq!(grade(&a, Check::OslParity), Grade::Pass);
    assert_eq!(grade(&a, Check::Tokens), Grade::Pass);
    assert_eq!(
        line(&a, Question::WhoWins),
        (
            Badge::Caution,
            "aic leads at every load, from 1 to 50.".to_owned(),
            "Tokens/s +27 % (+24 to +30 %), +33 % and +129 % at 1, 10 and 50; in brackets 95 % intervals within these runs. There is no interval at 10 and 50: one run a side can’t tell drift from difference. Output lengths match.".to_owned(),
            "Runs are short".to_owned()
        )
    );
    let (badge, sentence, _, evidence) = line(&a, Question::Sla);
    assert_eq!(
        (badge, sentence.as_str(), evidence.as_str()),
        (
            Badge::Caution,
            "aic meets the SLA up to 10, baseline up to 1.",
            "n 8 at the edge"
        )
    );
    assert_eq!(line(&a, Question::Projection).0, Badge::NoData);
    // TTFT 287.5 ms at 10 and 1162.5 at 50: 10 × 5^(ln(300 ÷ 287.5) ÷ ln(1162.5 ÷ 287.5)).
    let aic = &a.sla.systems[0];
    let ttft = aic.crossings.iter().find(|x| x.metric == Metric::Ttft);
    let at = ttft.unwrap().concurrency;
    assert!((at - 10.502).abs() < 0.001, "{at}");
}

#[test]
fn genai_perf_the_candidate_leads_too() {
    let a = analyse(&cases(&["genai-perf/0.0.16/sweep"]), &Options::default());
    for c in [1, 10, 50] {
        assert_eq!(
            a.comparison.outcome(Metric::OutputThroughput, c),
            Some(Outcome::Candidate)
        );
    }
    // Summaries only: no interval.
    assert_eq!(line(&a, Question::WhoWins).0, Badge::Caution);
    // Without a word on failures the check has nothing to go by.
    assert_eq!(grade(&a, Check::Errors), Grade::NoData);
}

#[test]
fn the_projection_is_judged_at_its_own_lengths_and_load() {
    let folders = [
        "aiperf/0.13.0/sweep",
        "aiperf/0.13.0/two-workloads",
        "aiconfigurator/0.12.0/default",
    ];
    let a = analyse(&with_gpus(cases(&folders), 4), &Options::default());
    let (badge, sentence, reason, evidence) = line(&a, Question::Projection);
    // 414.272 against 3.1293 × (501.4375 − 1) ÷ 4 = 391.5; 287.115 against 682.3 ms; 9.04 ms.
    assert_eq!(
        sentence,
        "The projected output per GPU is within 6 % of the run, because two errors offset."
    );
    assert_eq!(
        reason,
        "At concurrency 16 it expects the first token 395 ms sooner and 610 ms more decoding than the run took, together a request 214 ms (4.7 %) longer. One run."
    );
    // 32 requests at 16 in flight, 14.3 of them on average: a warning could change it.
    assert_eq!(badge, Badge::Caution);
    assert_eq!(evidence, "Load was not held");
    assert!(a.conditions.iter().all(|c| c.holds == Some(true)));
    assert_eq!(a.conditions.len(), 6);
    // Trouble at the other lengths bears on the comparison only.
    for f in &a.findings {
        if f.check == Check::Short && f.shakes.contains(&Question::Projection) {
            assert!(
                plain(&f.title).ends_with("at 4000 in and 500 out"),
                "{}",
                f.title
            );
        }
    }
}

#[test]
fn without_a_gpu_count_the_projection_is_not_judged() {
    let a = analyse(
        &cases(&[
            "aiperf/0.13.0/two-workloads",
            "aiconfigurator/0.12.0/default",
        ]),
        &Options::default(),
    );
    let (badge, _, reason, _) = line(&a, Question::Projection);
    assert_eq!(badge, Badge::NotComparable);
    assert!(reason.contains("does not say how many GPUs"), "{reason}");
}

#[test]
fn any_part_alone_says_what_is_missing() {
    for (folders, candidate) in [
        (vec!["aiperf/0.13.0/csv-only"], true),
        (vec!["aiconfigurator/0.2.0/default"], false),
        (vec!["aiconfigurator/0.12.0/default"], false),
        (vec![], false),
    ] {
        let ws = cases(&folders);
        let a = analyse(&ws, &Options::default());
        assert_eq!(a.candidate.is_some(), candidate, "{folders:?}");
        assert_eq!(a.verdict.lines.len(), 3);
        let who = a.verdict.line(Question::WhoWins).unwrap();
        assert_eq!(who.badge, Badge::NoData);
        assert!(
            who.sentence.ends_with('.') && who.reason.ends_with('.'),
            "{who:?}"
        );
        assert!(a.comparison.missing.is_some());
        let report = build(&ws, &a);
        for f in [Format::Markdown, Format::Html, Format::Json, Format::Csv] {
            assert!(!render(&report, f, None).is_empty());
        }
    }
    let mut ws = cases(&["aiperf/0.13.0/sweep"]);
    ws.runs[0].role = Role::Baseline;
    ws.runs[1].role = Role::Ignore;
    let a = analyse(&ws, &Options::default());
    let who = a.verdict.line(Question::WhoWins).unwrap();
    assert!(who.reason.contains("no run has the role of the candidate"));
    assert_eq!(line(&a, Question::Sla).1, "aic meets the SLA up to 10.");
}
