//! Projections against measurements: an error where both sides mean the same, and no figure at
//! all where they do not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod common;
mod support;

use servelens_core::accuracy::{Quantity, SignedError};
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{CostProjector, Projector, Question};
use servelens_core::calibrate::Advice;
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::Subset;
use servelens_core::findings::{Accuracy, Badge, Matter, parts};
use servelens_core::fmt::plain;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Gpus, Metric, Role, RunKind, Stats, Workspace};
use servelens_core::report::{Format, build, render};
use servelens_core::units::Seconds;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use support::{cases, seed};

fn projector(rules: RuleSet) -> Arc<dyn Projector> {
    static MODELS: [OnceLock<Arc<CostProjector>>; 2] = [OnceLock::new(), OnceLock::new()];
    let slot = usize::from(rules == RuleSet::Aic012);
    MODELS[slot]
        .get_or_init(|| {
            let engine = common::engine(rules, Subset::Qwen3_32B);
            Arc::new(CostProjector::new(Arc::new(engine)))
        })
        .clone()
}

fn with_model(ws: &Workspace, rules: RuleSet) -> Analysis {
    let options = Options {
        projector: Some(projector(rules)),
        ..Options::default()
    };
    analyse(ws, &options)
}

fn with_gpus(mut ws: Workspace, count: u32) -> Workspace {
    for r in &mut ws.runs {
        if r.kind == RunKind::Measured {
            r.deployment.gpus = Some(Gpus {
                count,
                guess: false,
            });
        }
    }
    ws
}

/// The sweeps that the page ships, on four GPUs as it takes them.
fn sweeps() -> Workspace {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/samples/simulated-sweeps.zip");
    let mut ingest = Ingest::new();
    ingest.add("simulated-sweeps.zip", &std::fs::read(path).unwrap());
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    with_gpus(ws, 4)
}

fn two_workloads() -> Workspace {
    with_gpus(
        cases(&[
            "aiperf/0.13.0/two-workloads",
            "aiconfigurator/0.12.0/default",
        ]),
        4,
    )
}

fn found(a: &Analysis) -> &Accuracy {
    a.accuracy.as_ref().unwrap()
}

#[track_caller]
fn near(got: f64, want: f64, half: f64) {
    assert!((got - want).abs() <= half, "{got} against {want}");
}

#[test]
fn the_report_gets_no_error_figure_but_its_work_projected_again() {
    let a = with_model(&seed(), RuleSet::Aic02);
    let x = found(&a);
    assert_eq!(x.errors, None);
    assert!(x.by_load.is_empty() && x.overall.is_empty());
    let failing: Vec<&str> = a
        .conditions
        .iter()
        .filter(|c| c.holds == Some(false))
        .map(|c| c.matter.name())
        .collect();
    assert_eq!(
        failing,
        ["Output length", "Concurrency", "Unit and definition"]
    );
    let r = x.reprojection.as_ref().unwrap();
    assert_eq!((r.isl, r.osl, r.setup.as_str()), (4000.0, 16.0, "TP8"));
    let golden = [
        (1, 5.90, 7.0),
        (10, 13.48, 22.0),
        (50, 14.69, 21.0),
        (100, 14.69, 38.0),
        (250, 14.69, 66.0),
    ];
    assert_eq!(r.loads.len(), golden.len());
    for (l, (c, requests, share)) in r.loads.iter().zip(golden) {
        assert_eq!(l.expected.concurrency, c);
        near(l.requests_s, requests, 0.005);
        near(l.share() * 100.0, share, 0.5);
    }
    let steps: Vec<(String, Option<&str>)> = x
        .steps
        .iter()
        .map(|s| (plain(&s.figure), s.fails.map(Matter::name)))
        .collect();
    assert_eq!(
        steps,
        [
            ("53 %".to_owned(), Some("Unit and definition")),
            ("6.7 %".to_owned(), Some("Output length")),
            ("7-66 %".to_owned(), None),
        ]
    );
    assert_eq!(
        plain(&x.steps[1].words),
        "still compares 11 output tokens a request with 500."
    );
    assert_eq!(
        plain(x.calibration.as_ref().unwrap_err()),
        "A factor takes at least three measured loads whose output length lies within 5 % of the asked one. AIC-Configured has none."
    );
}

#[test]
fn where_both_sides_agree_every_figure_has_a_signed_error() {
    let a = analyse(&two_workloads(), &Options::default());
    let at = found(&a).errors.as_ref().unwrap();
    assert!(!at.recomputed);
    near(at.in_flight.unwrap(), 14.34, 0.01);
    // Projected, measured and error in percent: AIC's row for TP4 at 16, and AIPerf's summary.
    let golden = [
        (Quantity::PerGpu, 414.272, 391.51, 5.8),
        (Quantity::PerGpuFull, 414.272, 436.68, -5.1),
        (Quantity::RequestTime, 4.7981, 4.5837, 4.7),
        (Quantity::Ttft, 0.287_115, 0.682_3, -57.9),
        (Quantity::Tpot, 0.009_04, 0.007_796, 16.0),
    ];
    assert_eq!(at.errors.len(), golden.len());
    for (q, projected, measured, error) in golden {
        let e = at.of(q).unwrap();
        near(e.projected / projected, 1.0, 5e-4);
        near(e.measured / measured, 1.0, 5e-4);
        near(e.error() * 100.0, error, 0.06);
        assert!(e.interval.as_ref().unwrap_err().ends_with('.'));
    }
    let p = at.parts().unwrap();
    near(p.first_s + p.decode_s, p.total_s, 1e-12);
    near(p.first_s * 1e3, -395.2, 0.1);
    assert!(p.offset());
    assert_eq!(
        plain(&parts(at).unwrap()),
        "287 - 682 = -395 ms to the first token · 4511 - 3902 = +610 ms over 500 tokens · together +214 ms of 4584 ms"
    );
    // Nothing to say about other loads without another load or a cost model.
    assert_eq!(found(&a).by_load.len(), 1);
    assert!(found(&a).overall.is_empty());
}

#[test]
fn the_shipped_sweeps_have_errors_at_three_loads_with_intervals_and_factors() {
    let a = with_model(&sweeps(), RuleSet::Aic012);
    let x = found(&a);
    let at = x.errors.as_ref().unwrap();
    assert_eq!(at.expected.concurrency, 16);
    for e in &at.errors {
        let (low, high) = *e.interval.as_ref().unwrap();
        assert!(low < e.measured && e.measured < high, "{e:?}");
        let (r_low, r_high) = e.ratio_interval().unwrap();
        assert!(r_low < e.ratio() && e.ratio() < r_high);
    }
    // AIC's own sweep holds 8 and 16 for TP4; 4 is recomputed.
    let loads: Vec<(u32, bool)> = x
        .by_load
        .iter()
        .map(|l| (l.expected.concurrency, l.recomputed))
        .collect();
    assert_eq!(loads, [(4, true), (8, false), (16, false)]);
    let ttft = x
        .overall
        .iter()
        .find(|o| o.quantity == Quantity::Ttft)
        .unwrap();
    assert_eq!(ttft.loads, 3);
    // All three are too low: the bias is the mean error with its sign turned.
    near(ttft.bias, -ttft.mape, 1e-12);
    let c = x.calibration.as_ref().unwrap();
    assert_eq!(c.fits.len(), 3);
    for f in &c.fits {
        assert_eq!(f.loads.len(), 8, "{:?}", f.quantity);
        assert!(f.after.is_finite() && f.left_out.is_finite());
        assert_eq!(f.advice == Advice::Keep, f.left_out <= 0.8 * f.before);
    }
    // The lengths are those that were observed at each load.
    let lengths: Vec<f64> = c.fits[0].loads.iter().map(|l| l.pair.osl.round()).collect();
    assert_eq!(lengths.iter().filter(|o| **o > 450.0).count(), 3);
}

#[test]
fn the_cost_model_reproduces_what_the_sweep_reports() {
    // What is recomputed at 4 stands for what AIC would have reported: at 8 and 16 it is the same.
    let mut ws = sweeps();
    let reported = with_model(&ws, RuleSet::Aic012);
    for r in &mut ws.runs {
        if r.kind == RunKind::Projected {
            r.points.retain(|p| p.load.concurrency == Some(16));
        }
    }
    let recomputed = with_model(&ws, RuleSet::Aic012);
    let (a, b) = (&found(&reported).by_load[1], &found(&recomputed).by_load[1]);
    assert!(!a.recomputed && b.recomputed);
    for e in &a.errors {
        let other: &SignedError = b.of(e.quantity).unwrap();
        near(other.projected / e.projected, 1.0, 2e-3);
    }
}

/// Spoils one side of the comparable data.
fn spoilt(how: &str) -> Workspace {
    let mut ws = two_workloads();
    for r in ws.runs.iter_mut().filter(|r| r.role == Role::Candidate) {
        for p in &mut r.points {
            match how {
                "Concurrency" => p.load.concurrency = Some(17),
                "Input length" => p.measured(Metric::Isl, Stats::avg(3000.0)),
                "Output length" => p.measured(Metric::Osl, Stats::avg(430.0)),
                _ => {}
            }
        }
        match how {
            "Model" => r.deployment.model = Some("Llama-3-70B".to_owned()),
            "GPUs and system" => {
                r.deployment.gpus = Some(Gpus {
                    count: 5,
                    guess: false,
                })
            }
            "Unit and definition" => r.deployment.gpus = None,
            _ => {}
        }
    }
    ws
}

#[test]
fn one_failing_condition_withholds_every_error_figure() {
    for how in [
        "Model",
        "GPUs and system",
        "Input length",
        "Output length",
        "Concurrency",
        "Unit and definition",
    ] {
        let ws = spoilt(how);
        let a = with_model(&ws, RuleSet::Aic012);
        let held = a
            .conditions
            .iter()
            .find(|c| c.matter.name() == how)
            .unwrap();
        assert_ne!(held.holds, Some(true), "{how}");
        let x = found(&a);
        assert!(x.errors.is_none() && x.by_load.is_empty(), "{how}");
        let line = a.verdict.line(Question::Projection).unwrap();
        assert_eq!(line.badge, Badge::NotComparable, "{how}: {}", line.sentence);
        let json = render(&build(&ws, &a), Format::Json, None);
        let v: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(v["accuracy"]["comparable"], false, "{how}");
        assert_eq!(v["accuracy"]["loads"], serde_json::json!([]), "{how}");
    }
}

#[test]
fn a_length_that_nobody_states_is_no_match() {
    let mut ws = two_workloads();
    ws.context.isl = None;
    for r in &mut ws.runs {
        for p in &mut r.points {
            p.workload.isl = None;
            p.metrics.remove(&Metric::Isl);
        }
    }
    let a = analyse(&ws, &Options::default());
    assert_eq!(found(&a).errors, None);
    let line = a.verdict.line(Question::Projection).unwrap();
    assert_eq!(line.badge, Badge::NotComparable);
}

#[test]
fn an_impossible_ttft_has_no_error() {
    let mut ws = two_workloads();
    for r in ws.runs.iter_mut().filter(|r| r.role == Role::Candidate) {
        for p in &mut r.points {
            p.measured(Metric::Ttft, Stats::avg(99.0));
        }
    }
    let a = analyse(&ws, &Options::default());
    let line = a.verdict.line(Question::Projection).unwrap();
    assert_eq!(line.badge, Badge::NotComparable, "{}", line.sentence);
    assert_eq!(found(&a).errors, None);
}

#[test]
fn three_repeats_give_an_interval_without_records() {
    let mut ws = two_workloads();
    for r in ws.runs.iter_mut().filter(|r| r.role == Role::Candidate) {
        let at: Vec<_> = r
            .points
            .iter()
            .filter(|p| p.load.concurrency == Some(16))
            .cloned()
            .collect();
        for (p, factor) in at.iter().flat_map(|p| [(p, 0.99), (p, 1.01)]) {
            let mut p = p.clone();
            for m in p.metrics.values_mut() {
                m.stats = m.stats.map(|v| v * factor);
            }
            r.points.push(p);
        }
    }
    let a = analyse(&ws, &Options::default());
    let e = found(&a)
        .errors
        .as_ref()
        .unwrap()
        .of(Quantity::RequestTime)
        .unwrap();
    let (low, high) = *e.interval.as_ref().unwrap();
    // ±1 % thrice: s = 1 %, t = 4.303 on two degrees of freedom, over √3.
    near(high / e.measured - 1.0, 0.01 * 4.303 / 3_f64.sqrt(), 1e-4);
    near(low / e.measured - 1.0, -0.01 * 4.303 / 3_f64.sqrt(), 1e-4);
}

#[test]
fn the_report_holds_errors_and_factors_in_words_tables_and_json() {
    let mut ws = sweeps();
    ws.sla.ttft = Some(Seconds::from_ms(300.0));
    let a = with_model(&ws, RuleSet::Aic012);
    let report = build(&ws, &a);
    let text = plain(&render(&report, Format::Markdown, None));
    for wanted in [
        "| Output per GPU, by wall time, tok/s/GPU | 414.3 |",
        "mean absolute error",
        "Calibration of AIC 0.12 rules with TRT-LLM 1.3.0rc20 figures.",
        "prefill factor",
    ] {
        assert!(text.contains(wanted), "“{wanted}” is missing in:\n{text}");
    }
    let v: serde_json::Value = serde_json::from_str(&render(&report, Format::Json, None)).unwrap();
    // What the page recomputes from requests is there, too: five statistics of three latencies at each load.
    let loads = v["goodput"].as_array().unwrap();
    assert!(loads.len() >= 3 && v["percentiles"].as_array().unwrap().len() == 15 * loads.len());
    for load in loads {
        let within = load["within"].as_f64().unwrap();
        near(
            load["share"].as_f64().unwrap(),
            within / load["n"].as_f64().unwrap(),
            1e-12,
        );
        assert!(
            load["low"]
                .as_f64()
                .is_none_or(|low| low <= load["share"].as_f64().unwrap())
        );
    }
    assert_eq!(v["frontier"].as_array().unwrap().len(), a.frontier.len());
    let x = &v["accuracy"];
    assert_eq!(x["comparable"], true);
    assert_eq!(x["loads"].as_array().unwrap().len(), 3);
    let first = &x["loads"][2]["errors"][0];
    assert_eq!(first["figure"], "output_per_gpu");
    near(first["projected"].as_f64().unwrap(), 414.272, 1e-9);
    assert_eq!(x["calibration"]["factors"].as_array().unwrap().len(), 3);
}
