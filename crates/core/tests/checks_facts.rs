//! Checks of facts, projections and pasted words on the smallest runs that trip them, and on the
//! nearest that do not. Their neighbours are in `checks.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod support;

use servelens_core::accuracy::Expected;
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{Ask, Check, Choice, Finding, Grade, Projector, Question};
use servelens_core::fmt::plain;
use servelens_core::model::{
    Deployment, Gpus, Metric, PastedText, Provenance, Role, RunKind, Setup, Stat, Stats, Workspace,
};
use servelens_core::units::Seconds;
use std::sync::Arc;
use support::{pair, run_of};

fn of(ws: &Workspace, check: Check) -> Vec<Finding> {
    let a = analyse(ws, &Options::default());
    a.findings
        .into_iter()
        .filter(|f| f.check == check)
        .collect()
}

/// Two systems that say everything about themselves.
fn described() -> Workspace {
    let mut ws = pair(
        run_of("a", &[(1, 130.0, 1.3), (10, 1000.0, 10.0)]),
        run_of("b", &[(1, 100.0, 1.0), (10, 750.0, 7.5)]),
    );
    for run in &mut ws.runs {
        run.tool_version = Some("0.13.0".to_owned());
        run.deployment = Deployment {
            model: Some("m-FP8".to_owned()),
            backend: Some("vllm".to_owned()),
            gpus: Some(Gpus {
                count: 4,
                guess: false,
            }),
            ..Deployment::default()
        };
        for p in &mut run.points {
            p.requests = Some(1000);
            p.errors = Some(0);
            p.duration = Some(Seconds(1000.0));
            p.workload.osl = Some(100.0);
            p.workload.isl = Some(1000.0);
        }
    }
    ws
}

#[test]
fn every_check_of_the_design_exists_and_says_what_it_needs() {
    // Without runs and with a text only, each check still answers.
    let ws = Workspace {
        texts: vec![PastedText {
            file: "t.md".to_owned(),
            text: "Nothing to see.".to_owned(),
        }],
        ..Workspace::default()
    };
    let a = analyse(&ws, &Options::default());
    for id in [
        "LITTLE",
        "TOKENS",
        "OSL-TARGET",
        "OSL-PARITY",
        "SIGN",
        "UNIT",
        "POINT",
        "MONO",
        "ROOF",
        "TPOT-DEF",
        "SHORT",
        "RANGE",
        "META",
        "ERRORS",
        "SELECT",
        "TEXT",
        "NOISE",
        "REPROJECT",
        "RECOUNT",
        "STREAM",
        "REPEAT",
        "CAP",
        "DEPLOYED",
        "SLA-SOURCE",
        "UNDERCOUNT",
        "PUBLISHED",
    ] {
        let check = Check::ALL.iter().copied().find(|c| c.id() == id).unwrap();
        let f = a.findings.iter().find(|f| f.check == check).unwrap();
        assert_eq!(f.grade, Grade::NoData, "{id}: {f:?}");
        assert_eq!(
            f.consequence,
            format!("The check needs {}.", check.row().needs)
        );
    }
    assert_eq!(Check::ALL.len(), 26);
}

#[test]
fn lengths_5_percent_apart_are_equal_and_past_it_block() {
    for (tokens, want) in [(130.0 * 1.049, Grade::Pass), (130.0 * 1.051, Grade::Block)] {
        let mut ws = described();
        ws.runs[0].points[0].measured(Metric::OutputThroughput, Stats::avg(tokens));
        let f = &of(&ws, Check::OslParity)[0];
        assert_eq!(f.grade, want, "{tokens}");
        if want == Grade::Block {
            assert!(
                f.advice.as_ref().unwrap().contains("ignore_eos") && f.points.len() == 2,
                "{f:?}"
            );
        }
    }
}

#[test]
fn meta_tells_what_is_missing_and_what_changed_together() {
    let ws = described();
    assert_eq!(
        of(&ws, Check::Meta)[0].grade,
        Grade::Pass,
        "{:?}",
        of(&ws, Check::Meta)
    );
    // A version is good to know; requests, failures and GPUs are weighty.
    let mut unversioned = ws.clone();
    unversioned.runs[0].tool_version = None;
    let f = &of(&unversioned, Check::Meta)[0];
    assert_eq!(f.grade, Grade::Info);
    assert!(
        f.arithmetic[0].contains("version of the load generator"),
        "{f:?}"
    );
    let mut bare = ws.clone();
    for p in &mut bare.runs[1].points {
        p.requests = None;
    }
    let f = &of(&bare, Check::Meta)[0];
    assert_eq!((f.grade, f.shakes.is_empty()), (Grade::Warn, false));
    assert!(f.arithmetic[0].contains("number of requests"));
    // One factor changed is a comparison; two are confounded.
    let mut one = ws.clone();
    one.runs[0].deployment.tp = Some(4);
    one.runs[1].deployment.tp = Some(2);
    assert_eq!(of(&one, Check::Meta)[0].grade, Grade::Pass);
    one.runs[1].deployment.backend = Some("trtllm".to_owned());
    let f = &of(&one, Check::Meta)[0];
    assert_eq!(f.grade, Grade::Warn);
    assert!(f.title.contains("runtime and TP"), "{}", f.title);
    // An unnamed statistic is said.
    let mut unnamed = ws;
    unnamed.runs[0].points[0].measured(Metric::Ttft, Stats::stated(0.1));
    assert!(
        of(&unnamed, Check::Meta)[0].arithmetic[0].contains("which statistic the latencies are")
    );
}

fn projection(ws: &mut Workspace, rows: &[(u32, f64, u32)]) {
    let mut plan = run_of("plan", &[]);
    plan.kind = RunKind::Projected;
    plan.role = Role::Projection;
    plan.deployment.gpus = Some(Gpus {
        count: 4,
        guess: false,
    });
    for (c, per_gpu, tp) in rows {
        let mut p = run_of("p", &[(*c, 1.0, 1.0)]).points.remove(0);
        p.metrics.clear();
        p.workload.isl = Some(1000.0);
        p.workload.osl = Some(100.0);
        for (m, v) in [
            (Metric::OutputThroughputPerGpu, *per_gpu),
            (Metric::Ttft, 0.1),
            (Metric::Tpot, 0.008),
        ] {
            p.put(m, Stats::avg(v), Provenance::Projected);
        }
        p.setup = Some(Setup {
            tp: Some(*tp),
            ..Setup::default()
        });
        plan.points.push(p);
    }
    ws.runs.push(plan);
}

#[test]
fn a_projection_that_is_not_the_best_of_its_sweep_warns() {
    // Measured at 10: the point of the sweep at that load is the one that is judged.
    for (other, want) in [(262.0, Grade::Pass), (290.0, Grade::Warn)] {
        let mut ws = described();
        projection(&mut ws, &[(10, 250.0, 4), (16, other, 2)]);
        let judged = analyse(&ws, &Options::default()).projected.unwrap();
        let own = ws.runs[2].points[judged.point]
            .reported(Metric::OutputThroughputPerGpu)
            .unwrap();
        let f = &of(&ws, Check::Select)[0];
        if own == 250.0 {
            assert_eq!(f.grade, want, "{f:?}");
        } else {
            assert_eq!(f.grade, Grade::Pass, "{f:?}");
        }
    }
    // Past the SLA it is no choice.
    let mut ws = described();
    projection(&mut ws, &[(10, 250.0, 4)]);
    let twin = ws.runs[2].points[0].clone();
    ws.runs[2].points.push(twin);
    ws.runs[2].points[1].put(
        Metric::OutputThroughputPerGpu,
        Stats::avg(400.0),
        Provenance::Projected,
    );
    ws.runs[2].points[1].load.concurrency = Some(64);
    ws.runs[2].points[1].put(Metric::Tpot, Stats::avg(0.5), Provenance::Projected);
    ws.sla.tpot = Some(Seconds(0.01));
    assert_eq!(
        of(&ws, Check::Select)[0].grade,
        Grade::Pass,
        "{:?}",
        of(&ws, Check::Select)
    );
}

/// A cost model that knows one figure.
#[derive(Debug)]
struct Known(Option<f64>);

impl Projector for Known {
    fn name(&self) -> String {
        "a known model".to_owned()
    }
    fn choices(&self, _: &Ask) -> Option<Vec<Choice>> {
        Some(vec![Choice {
            setup: Setup {
                tp: Some(2),
                ..Setup::default()
            },
            concurrency: 32,
            per_gpu: self.0?,
            ttft: Seconds(0.1),
            tpot: Seconds(0.008),
        }])
    }
    fn expected_at(&self, ask: &Ask, concurrency: u32) -> Option<Expected> {
        Some(Expected {
            concurrency,
            isl: ask.isl,
            osl: ask.osl,
            requests_s: Some(self.0? * f64::from(concurrency) / 100.0),
            ..Expected::default()
        })
    }
}

fn with_model(ws: &Workspace, figure: Option<f64>) -> Analysis {
    let options = Options {
        projector: Some(Arc::new(Known(figure))),
        ..Options::default()
    };
    analyse(ws, &options)
}

#[test]
fn the_cost_model_is_asked_where_there_is_one() {
    let mut ws = described();
    projection(&mut ws, &[(10, 250.0, 4)]);
    let select = |a: &Analysis| {
        a.findings
            .iter()
            .find(|f| f.check == Check::Select)
            .unwrap()
            .clone()
    };
    assert_eq!(
        select(&analyse(&ws, &Options::default())).grade,
        Grade::NoData
    );
    assert_eq!(select(&with_model(&ws, None)).grade, Grade::NoData);
    // 5 % more does not count, 5.2 % does.
    assert_eq!(select(&with_model(&ws, Some(262.5))).grade, Grade::Pass);
    let f = select(&with_model(&ws, Some(263.0)));
    assert_eq!(f.grade, Grade::Warn);
    assert!(
        f.advice.as_deref() == Some("Test TP2 at concurrency 32."),
        "{f:?}"
    );
    assert!(f.shakes.is_empty() && f.bears_on == [Question::Projection]);
    // 10 req/s measured of 26.3 at concurrency 10.
    let a = with_model(&ws, Some(263.0));
    let r = a
        .findings
        .iter()
        .find(|f| f.check == Check::Reproject)
        .unwrap();
    assert_eq!(r.grade, Grade::Info);
    assert!(
        plain(&r.arithmetic[1]).contains("10.0 ÷ 26.30 req/s = 38 %"),
        "{r:?}"
    );
    let none = with_model(&ws, None);
    let r = none
        .findings
        .iter()
        .find(|f| f.check == Check::Reproject)
        .unwrap();
    assert_eq!(r.grade, Grade::NoData);
}

#[test]
fn thresholds_are_obeyed() {
    let mut ws = described();
    for p in &mut ws.runs[0].points {
        p.workload.osl = Some(110.0);
    }
    for p in &mut ws.runs[1].points {
        p.workload.osl = Some(110.0);
    }
    let grade = |options: &Options, check: Check| {
        analyse(&ws, options)
            .findings
            .iter()
            .find(|f| f.check == check)
            .unwrap()
            .grade
    };
    let mut options = Options::default();
    assert_eq!(grade(&options, Check::OslTarget), Grade::Warn);
    options.thresholds.target_block = 0.08;
    assert_eq!(grade(&options, Check::OslTarget), Grade::Block);
    options.thresholds.target_block = 0.2;
    options.thresholds.target_warn = 0.1;
    assert_eq!(grade(&options, Check::OslTarget), Grade::Pass);
    // A wider band makes a lead of 30 % none.
    let who = |equal: f64| {
        let mut o = Options::default();
        o.thresholds.equivalence = equal;
        o.thresholds.target_warn = 1.0;
        analyse(&ws, &o)
            .verdict
            .line(Question::WhoWins)
            .unwrap()
            .sentence
            .clone()
    };
    assert!(who(0.05).contains("a leads at every load"), "{}", who(0.05));
    assert!(who(0.4).contains("no practical difference"), "{}", who(0.4));
}

#[test]
fn the_answer_about_the_sla_rests_on_findings_alone() {
    let mut ws = described();
    ws.sla.ttft = Some(Seconds(0.3));
    ws.sla.stat = Stat::P95;
    let evidence = |ws: &Workspace| {
        let a = analyse(ws, &Options::default());
        let l = a.verdict.line(Question::Sla).unwrap().clone();
        let shaken: Vec<String> = a
            .findings
            .iter()
            .filter(|f| f.shakes.contains(&Question::Sla))
            .map(|f| f.title.clone())
            .collect();
        (l.badge, l.evidence, shaken)
    };
    for (run, ttft) in [(0, 0.1), (1, 0.2)] {
        for p in &mut ws.runs[run].points {
            let mut s = Stats::of(Stat::P95, ttft);
            s.set(Stat::P99, ttft * 1.1);
            s.set(Stat::Max, ttft * 1.2);
            p.measured(Metric::Ttft, s);
        }
    }
    use servelens_core::findings::Badge;
    let (badge, words, shaken) = evidence(&ws);
    assert_eq!(
        (badge, words.as_str(), shaken.len()),
        (Badge::Sound, "Every load is judged", 0),
        "{shaken:?}"
    );
    // One load less, another statistic, too few requests: each is a finding and its title the evidence.
    let mut less = ws.clone();
    less.runs[1].points[0].metrics.remove(&Metric::Ttft);
    let (badge, words, shaken) = evidence(&less);
    assert_eq!(
        (badge, words.as_str()),
        (Badge::Caution, "1 of 2 loads reports TTFT")
    );
    assert!(shaken.contains(&words));
    let mut other = ws.clone();
    other.runs[0].points[1].measured(Metric::Ttft, Stats::stated(0.1));
    assert_eq!(evidence(&other).1, "The statistic is not the one asked for");
    let mut few = ws;
    for p in &mut few.runs[0].points {
        p.requests = Some(30);
        let mut s = Stats::of(Stat::P95, 0.1);
        s.set(Stat::Max, 0.9);
        p.measured(Metric::Ttft, s);
    }
    let (badge, words, shaken) = evidence(&few);
    assert_eq!(
        (badge, words.as_str()),
        (Badge::Caution, "n 30 at the edge")
    );
    assert!(shaken.contains(&words));
}
