//! Each check on the smallest runs that trip it, and on the nearest that do not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{Check, Finding, Grade, Question};
use servelens_core::fmt::plain;
use servelens_core::model::{
    Gpus, Metric, PastedText, Role, RunKind, Stat, Stats, TpotDefinition, Workspace,
};
use servelens_core::units::Seconds;
use support::{pair, run_of};

fn of(ws: &Workspace) -> Analysis {
    analyse(ws, &Options::default())
}

fn found(a: &Analysis, check: Check) -> Vec<&Finding> {
    a.findings.iter().filter(|f| f.check == check).collect()
}

#[track_caller]
fn grade(ws: &Workspace, check: Check) -> Grade {
    let a = of(ws);
    found(&a, check)[0].grade
}

/// Two systems whose outputs are all 100 tokens, the candidate faster.
fn fair() -> Workspace {
    let mut ws = pair(
        run_of(
            "a",
            &[(1, 130.0, 1.3), (10, 1000.0, 10.0), (50, 3000.0, 30.0)],
        ),
        run_of(
            "b",
            &[(1, 100.0, 1.0), (10, 750.0, 7.5), (50, 1300.0, 13.0)],
        ),
    );
    for run in &mut ws.runs {
        run.deployment.gpus = Some(Gpus {
            count: 4,
            guess: false,
        });
        for p in &mut run.points {
            let c = f64::from(p.load.concurrency.unwrap());
            let x = p.reported(Metric::RequestThroughput).unwrap();
            p.workload.isl = Some(1000.0);
            p.workload.osl = Some(100.0);
            p.requests = Some((c * 20.0) as u64);
            p.errors = Some(0);
            p.duration = Some(Seconds(c * 20.0 / x));
            p.measured(Metric::Osl, Stats::avg(100.0));
            let mut r = Stats::avg(c / x);
            r.set(Stat::Std, 0.1 * c / x);
            p.measured(Metric::RequestLatency, r);
            p.measured(Metric::Ttft, Stats::avg(0.1 * c / x));
            p.measured(Metric::Tpot, Stats::avg(0.9 * c / x / 99.0));
        }
    }
    ws
}

fn projection(ws: &mut Workspace, concurrency: u32) {
    let mut plan = run_of("plan", &[(concurrency, 0.0, 0.0)]);
    plan.kind = RunKind::Projected;
    plan.role = Role::Projection;
    plan.deployment.gpus = Some(Gpus {
        count: 4,
        guess: false,
    });
    let p = &mut plan.points[0];
    p.metrics.clear();
    p.workload.isl = Some(1000.0);
    p.workload.osl = Some(100.0);
    p.put(
        Metric::OutputThroughputPerGpu,
        Stats::avg(260.0),
        servelens_core::model::Provenance::Projected,
    );
    ws.runs.push(plan);
}

#[test]
fn a_fair_pair_passes_everything_that_can_be_checked() {
    let a = of(&fair());
    for f in &a.findings {
        assert!(
            // Summaries give no interval, which NOISE warns of.
            matches!(f.grade, Grade::Pass | Grade::NoData | Grade::Info)
                || matches!(f.check, Check::Meta | Check::Noise),
            "{f:?}"
        );
    }
    for check in Check::ALL.iter().copied() {
        assert!(!found(&a, check).is_empty(), "{check:?} is silent");
        assert!(check.row().tests.ends_with('.') && !check.row().needs.is_empty());
    }
}

#[test]
fn every_finding_says_what_it_needs_or_found() {
    let mut ws = fair();
    projection(&mut ws, 12);
    for f in of(&ws).findings {
        assert!(!f.title.ends_with('.'), "{}", f.title);
        assert!(
            f.consequence.is_empty() || f.consequence.ends_with('.'),
            "{}",
            f.consequence
        );
        if f.grade == Grade::NoData {
            assert!(f.consequence.starts_with("The check needs"), "{f:?}");
        }
        if matches!(f.grade, Grade::Block | Grade::Warn) {
            assert!(!f.arithmetic.is_empty(), "{f:?}");
            assert!(!f.bears_on.is_empty(), "{f:?}");
            assert!(f.advice.as_ref().is_none_or(|a| a.ends_with('.')), "{f:?}");
        }
        if f.grade == Grade::Block {
            assert_eq!(f.bears_on, f.shakes);
        }
    }
}

#[test]
fn length_5_and_20_percent_off() {
    for (osl, want) in [
        (104.0, Grade::Pass),
        (94.0, Grade::Warn),
        (79.0, Grade::Block),
        (130.0, Grade::Block),
    ] {
        let mut ws = fair();
        for p in ws.runs.iter_mut().flat_map(|r| &mut r.points) {
            let x = p.reported(Metric::RequestThroughput).unwrap();
            p.measured(Metric::Osl, Stats::avg(osl));
            p.measured(Metric::OutputThroughput, Stats::avg(x * osl));
        }
        assert_eq!(grade(&ws, Check::OslTarget), want, "{osl}");
        // Both sides are equally long: nothing is said against the comparison of requests.
        assert_eq!(grade(&ws, Check::OslParity), Grade::Pass);
    }
}

#[test]
fn little_warns_past_a_tenth_and_blocks_the_impossible() {
    let mut ws = fair();
    ws.runs[0].points[1].measured(Metric::RequestLatency, Stats::avg(0.91));
    assert_eq!(grade(&ws, Check::Little), Grade::Pass);
    ws.runs[0].points[1].measured(Metric::RequestLatency, Stats::avg(0.85));
    let a = of(&ws);
    let f = found(&a, Check::Little)[0];
    assert_eq!(f.grade, Grade::Warn);
    // At full load 10 ÷ 0.85 is still faster than 10 ÷ 1.33: the winner stands.
    assert!(!f.shakes.contains(&Question::WhoWins));
    ws.runs[0].points[1].measured(Metric::Ttft, Stats::avg(1.05));
    assert_eq!(grade(&ws, Check::Little), Grade::Block);
    // A percentile may exceed a mean.
    ws.runs[0].points[1].measured(Metric::Ttft, Stats::of(Stat::P99, 1.05));
    assert_eq!(grade(&ws, Check::Little), Grade::Warn);
}

#[test]
fn a_load_that_was_not_held_shakes_a_lead_that_full_load_would_undo() {
    let mut ws = fair();
    // The baseline had 7 of its 10 requests in flight: at full load it would do 10 ÷ 0.95.
    ws.runs[1].points[1].measured(Metric::RequestLatency, Stats::avg(0.95));
    let a = of(&ws);
    let f = found(&a, Check::Little)[0];
    assert_eq!(f.grade, Grade::Warn);
    assert!(f.shakes.contains(&Question::WhoWins), "{f:?}");
}

#[test]
fn tokens_must_be_requests_times_length() {
    let mut ws = fair();
    ws.runs[0].points[0].measured(Metric::OutputThroughput, Stats::avg(135.0));
    assert_eq!(grade(&ws, Check::Tokens), Grade::Warn);
    // A quarter of it on four GPUs is a figure per GPU.
    ws.runs[0].points[0].measured(Metric::OutputThroughput, Stats::avg(32.5));
    let a = of(&ws);
    assert!(
        found(&a, Check::Unit)
            .iter()
            .any(|f| f.grade == Grade::Block)
    );
}

#[test]
fn opposite_signs_warn_and_equal_ones_do_not() {
    let mut ws = fair();
    ws.runs[0].points[1].measured(Metric::OutputThroughput, Stats::avg(700.0));
    let a = of(&ws);
    let f = found(&a, Check::Sign)[0];
    assert_eq!(f.grade, Grade::Warn);
    assert!(plain(&f.title).contains("concurrency 10"), "{}", f.title);
    // Within the band there is no winner to be opposite.
    ws.runs[0].points[1].measured(Metric::OutputThroughput, Stats::avg(740.0));
    assert_eq!(grade(&ws, Check::Sign), Grade::Pass);
}

#[test]
fn a_plateau_at_the_end_is_saturation_a_stall_before_a_rise_is_not() {
    let rates = |x: [f64; 4]| {
        let rows: Vec<(u32, f64, f64)> = [1, 10, 50, 100]
            .iter()
            .zip(x)
            .map(|(c, x)| (*c, x * 100.0, x))
            .collect();
        grade(&pair(run_of("a", &rows), run_of("b", &rows)), Check::Mono)
    };
    assert_eq!(rates([1.0, 8.0, 20.0, 20.2]), Grade::Pass);
    assert_eq!(rates([1.0, 8.0, 20.0, 19.6]), Grade::Pass);
    assert_eq!(rates([1.0, 8.0, 20.0, 18.0]), Grade::Warn);
    assert_eq!(rates([1.0, 8.0, 8.2, 20.0]), Grade::Warn);
    assert_eq!(rates([1.0, 0.96, 8.0, 20.0]), Grade::Warn);
}

#[test]
fn a_short_run_shakes_a_lead_without_an_interval() {
    let mut ws = fair();
    for p in ws.runs.iter_mut().flat_map(|r| &mut r.points) {
        p.requests = Some(u64::from(p.load.concurrency.unwrap()) * 4);
    }
    let a = of(&ws);
    let f = found(&a, Check::Short)[0];
    assert_eq!(f.grade, Grade::Warn);
    assert!(f.shakes.contains(&Question::WhoWins), "{f:?}");
}

#[test]
fn failures_warn_and_from_one_in_a_hundred_block() {
    for (failed, want) in [(0, Grade::Pass), (2, Grade::Warn), (11, Grade::Block)] {
        let mut ws = fair();
        ws.runs[1].points[2].requests = Some(1000);
        ws.runs[1].points[2].errors = Some(failed);
        assert_eq!(grade(&ws, Check::Errors), want, "{failed}");
    }
}

#[test]
fn unlike_definitions_of_tpot_are_not_compared() {
    let mut ws = fair();
    for p in &mut ws.runs[1].points {
        p.tpot_definition = TpotDefinition::WithFirst;
    }
    let a = of(&ws);
    assert_eq!(found(&a, Check::TpotDef)[0].grade, Grade::Block);
    let cell = &a.comparison.rows[0].cells[&Metric::Tpot];
    assert!(cell.change.is_none() && cell.reason.is_some());
    assert!(
        a.comparison.rows[0].cells[&Metric::OutputThroughput]
            .change
            .is_some()
    );
}

#[test]
fn the_projected_load_is_run_inside_or_outside() {
    for (c, point, range) in [
        (10, Grade::Pass, Grade::Pass),
        (12, Grade::Block, Grade::Pass),
        (64, Grade::Block, Grade::Block),
    ] {
        let mut ws = fair();
        projection(&mut ws, c);
        assert_eq!(grade(&ws, Check::Point), point, "{c}");
        assert_eq!(grade(&ws, Check::Range), range, "{c}");
    }
}

#[test]
fn a_per_gpu_projection_needs_the_gpu_count() {
    let mut ws = fair();
    projection(&mut ws, 10);
    assert_eq!(grade(&ws, Check::Unit), Grade::Pass);
    ws.runs[0].deployment.gpus = Some(Gpus {
        count: 4,
        guess: true,
    });
    assert_eq!(grade(&ws, Check::Unit), Grade::Warn);
    ws.runs[0].deployment.gpus = None;
    assert_eq!(grade(&ws, Check::Unit), Grade::Block);
}

#[test]
fn no_figure_may_beat_the_hardware() {
    let mut ws = fair();
    ws.context.model = Some("Qwen/Qwen3-32B-FP8".to_owned());
    ws.context.system = Some("h200_sxm".to_owned());
    assert_eq!(grade(&ws, Check::Roof), Grade::Pass);
    // 4 × 4.8 TB/s ÷ 32.8 GB of weights is 586 steps a second: 1.7 ms a token at best.
    ws.runs[0].points[0].measured(Metric::Tpot, Stats::avg(0.001_65));
    assert_eq!(grade(&ws, Check::Roof), Grade::Block);
    ws.runs[0].points[0].measured(Metric::Tpot, Stats::avg(0.001_75));
    assert_eq!(grade(&ws, Check::Roof), Grade::Pass);
    ws.context.system = Some("mi300x".to_owned());
    assert_eq!(grade(&ws, Check::Roof), Grade::NoData);
}

#[test]
fn a_wrong_percentage_in_a_pasted_table_is_quoted() {
    let mut ws = fair();
    ws.texts.push(PastedText {
        file: "r.md".to_owned(),
        text: "| Concurrency | A | B | Change |\n|---|---|---|---|\n| 1 | 130 tokens/s | 100 tokens/s | +30.0% |\n| 10 | 1,000 tokens/s | 750 tokens/s | +43.3% |\n"
            .to_owned(),
    });
    let a = of(&ws);
    let f = found(&a, Check::Text)[0];
    assert_eq!(f.grade, Grade::Warn);
    assert_eq!((f.quotes[0].line, f.quotes.len()), (4, 1));
    assert!(
        plain(&f.arithmetic[0]).contains("1000 ÷ 750 - 1 = +33.3 %"),
        "{f:?}"
    );
}

#[test]
fn a_true_claim_raises_nothing() {
    let mut ws = fair();
    ws.texts.push(PastedText {
        file: "r.md".to_owned(),
        text: "| Concurrency | A | B | Change |\n|---|---|---|---|\n| 1 | 130 tokens/s | 100 tokens/s | +30.0% |\n| 10 | 1000 tokens/s | 750 tokens/s | +33.3% |\n\n- Use A for concurrency ≤ 10\n- A shows improvements at concurrency 1-10\n"
            .to_owned(),
    });
    let a = of(&ws);
    assert!(
        found(&a, Check::Text)
            .iter()
            .all(|f| f.grade == Grade::Pass),
        "{a:?}"
    );
}
