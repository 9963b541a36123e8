//! What the records of the experiment correct, and that nothing is corrected where sources agree.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::Question;
use servelens_core::corrections::{Traced, sources};
use servelens_core::findings::Badge;
use servelens_core::fmt::plain;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Basis, Metric, Stat, Workspace};
use servelens_core::report::{Format, build, render};
use servelens_core::sla::Mark;
use support::cases;

fn experiment() -> Workspace {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/samples/experiment.zip"
    );
    let mut ingest = Ingest::new();
    ingest.add("experiment.zip", &std::fs::read(path).unwrap());
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    ws
}

fn answer(a: &Analysis, question: Question) -> (Badge, String) {
    let line = a.verdict.line(question).unwrap();
    (
        line.badge,
        plain(&format!("{} {}", line.sentence, line.reason)),
    )
}

fn near(a: f64, b: f64) {
    assert!((a / b - 1.0).abs() < 0.005, "{a} against {b}");
}

#[test]
fn the_summaries_left_out_576_of_700_requests_and_two_answers_change() {
    let ws = experiment();
    let found = sources(&ws);
    assert_eq!(found.left_out(), Some((576, 700)));
    assert_eq!(found.complete(), Some((12, 14)));
    let (low, high) = found.off(Metric::OutputThroughput).unwrap();
    near(low, 5.55);
    near(high, 77.9);
    let a = analyse(&ws, &Options::default());
    let line = a.correction.as_ref().unwrap();
    let words = plain(&line.sentence);
    assert!(
        words.starts_with("The summaries left out 576 of 700 requests."),
        "{words}"
    );
    assert!(
        words.contains("who wins") || words.contains("all three"),
        "{words}"
    );
    let pair = &line.pairs[0];
    assert_eq!(pair.before, "none can be named");
    assert!(pair.after.contains("1, 2, 5 and 10") && pair.after.contains("50 and 100"));
    assert!(!pair.after.contains("250"), "{}", pair.after);
}

#[test]
fn the_winner_is_named_where_there_are_records_and_the_sla_is_judged_by_bounds() {
    let mut ws = experiment();
    ws.sla.stat = Stat::Avg;
    let a = analyse(&ws, &Options::default());
    let (badge, who) = answer(&a, Question::WhoWins);
    assert_eq!(badge, Badge::Caution);
    assert!(!who.contains("250"), "{who}");
    let (badge, sla) = answer(&a, Question::Sla);
    assert_eq!(badge, Badge::Caution);
    assert!(
        sla.starts_with("TTFT was not measured; ") && sla.contains("at most 6.86 ms"),
        "{sla}"
    );
    for (side, kept) in [(a.candidate, vec![1, 2, 5, 10]), (a.baseline, vec![])] {
        let system = a.sla.systems.iter().find(|s| Some(s.run) == side).unwrap();
        let proven: Vec<u32> = system
            .rows
            .iter()
            .filter(|r| r.marks[&Metric::Tpot].mark == Mark::Proven)
            .map(|r| r.concurrency)
            .collect();
        assert_eq!(proven, kept);
        assert!(system.rows.iter().all(|r| r.within != Some(true)));
        assert!(
            system
                .rows
                .iter()
                .all(|r| r.marks[&Metric::Ttft].figure.is_none())
        );
    }
}

#[test]
fn the_report_has_the_corrections_and_each_figure_keeps_its_way() {
    let ws = experiment();
    let md = plain(&render(
        &build(&ws, &analyse(&ws, &Options::default())),
        Format::Markdown,
        None,
    ));
    assert!(md.contains("## Corrections"));
    let at_10 = md
        .lines()
        .find(|l| l.starts_with("| aic-agg | 10 | 3 | 20 | ~~46.55~~"))
        .unwrap();
    assert!(at_10.ends_with("| 1457 | 31.3 |"), "{at_10}");
}

#[test]
fn seen_by_its_summaries_nothing_is_corrected_and_the_switch_goes_back() {
    let ws = experiment();
    let mut other = ws.clone();
    other.show_by(Basis::Summarised);
    let a = analyse(&other, &Options::default());
    assert_eq!(a.correction, None);
    assert_eq!(
        a.verdict.line(Question::WhoWins).unwrap().badge,
        Badge::NotComparable
    );
    other.show_by(Basis::Recorded);
    assert_eq!(other, ws);
}

#[test]
fn sources_that_agree_correct_nothing() {
    for folders in [
        "aiperf/0.13.0/sweep",
        "genai-perf/0.0.16/sweep",
        "vllm/0.33.0/detailed",
        "table/seed/typical",
    ] {
        let ws = cases(&[folders]);
        let found = sources(&ws);
        assert!(!found.corrects(), "{folders}");
        assert_eq!(found.left_out(), None, "{folders}");
        for metric in Traced::ALL.into_iter().flat_map(Traced::metrics) {
            assert_eq!(found.off(metric), None, "{folders} {metric:?}");
        }
        let a = analyse(&ws, &Options::default());
        assert_eq!(a.correction, None, "{folders}");
        let md = render(&build(&ws, &a), Format::Markdown, None);
        assert!(!md.contains("## Corrections"), "{folders}");
    }
}

#[test]
fn the_projection_held_within_6_percent_at_10_and_with_full_engines() {
    let ws = experiment();
    let a = analyse(&ws, &Options::default());
    let at = a.projected.unwrap();
    let chosen = &ws.runs[at.run].points[at.point];
    assert_eq!(chosen.load.concurrency, Some(12));
    let (badge, said) = answer(&a, Question::Projection);
    assert_eq!(badge, Badge::Caution);
    assert!(
        said.starts_with(
            "The projected output per GPU is within 6 % of the run at 10 and within 5 % with 12 in the engines; its request time is within 2 %."
        ),
        "{said}"
    );
    let v: serde_json::Value =
        serde_json::from_str(&servelens_core::report::audit_json(&ws, &a, &[])).unwrap();
    let find = |c: u32, metric: &str| {
        let all = v["accuracy"].as_array().unwrap();
        let one = all
            .iter()
            .find(|e| e["concurrency"] == c && e["metric"] == metric)
            .unwrap();
        let n = |key: &str| one[key].as_f64().unwrap();
        (n("projected"), n("measured"), n("error_pct"))
    };
    let (projected, measured, error) = find(10, "output_per_gpu_full_load");
    near(projected, 171.426);
    near(measured, 182.2);
    near(error, -5.91);
    let (projected, measured, _) = find(10, "request_time");
    near(projected, 3381.0);
    near(measured, 3417.0);
    let (projected, measured, _) = find(50, "output_per_gpu");
    near(projected, 196.783);
    near(measured, 188.2);
}

#[test]
fn without_a_row_of_its_deployment_or_full_engines_the_projection_is_not_said_to_have_held() {
    let not_said = |ws: &Workspace| {
        let a = analyse(ws, &Options::default());
        let (badge, said) = answer(&a, Question::Projection);
        assert_eq!(badge, Badge::NotComparable, "{said}");
        assert!(!said.contains("within"), "{said}");
    };
    // Another load for AIC's other rows of that deployment, and no word of how many the engines take.
    let mut ws = experiment();
    for run in &mut ws.runs {
        run.deployment.engine = None;
        for p in &mut run.points {
            let tp8 = p.setup.as_ref().is_some_and(|s| s.tp == Some(8));
            if tp8 && p.load.concurrency == Some(10) {
                p.load.concurrency = Some(11);
            }
        }
    }
    not_said(&ws);
    // Engines of another TP than projected.
    let mut ws = experiment();
    let engines = ws.runs.iter_mut();
    for engine in engines.filter_map(|r| r.deployment.engine.as_mut()) {
        engine.tp = Some(4);
    }
    not_said(&ws);
    // Outputs of another length than projected.
    let mut ws = experiment();
    for p in ws.runs.iter_mut().flat_map(|r| &mut r.points) {
        if p.setup.is_some() {
            p.workload.osl = Some(1000.0);
        }
    }
    not_said(&ws);
}
