//! What-if on the published report and on AIC's own files: the same figures, sentences that are true, exports that
//! are read back.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed unwrap is the test's own message"
)]

mod common;
mod support;

use proptest::prelude::*;
use servelens_core::analysis::{Options, analyse};
use servelens_core::chart::MarkKind;
use servelens_core::cost::pack::Subset;
use servelens_core::cost::{Engine, RuleSet, SweepInput};
use servelens_core::figures::{Fronts, what_if_fronts, what_if_memory, what_if_time};
use servelens_core::fmt::plain;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Role, Sla, Workspace};
use servelens_core::units::Seconds;
use servelens_core::whatif::{
    Asked, Cell, FORMATS, Inputs, Shown, agreement, benchmark, exp_yaml, headline, other_work,
    outcome, overlay, row, run_of, tables,
};
use std::sync::LazyLock;
use support::{cases, seed};

static OLD: LazyLock<Engine> = LazyLock::new(|| common::engine(RuleSet::Aic02, Subset::Qwen3_32B));
static NEW: LazyLock<Engine> = LazyLock::new(|| common::engine(RuleSet::Aic012, Subset::Qwen3_32B));

fn start(ws: &Workspace, engine: &Engine) -> Inputs {
    let at = analyse(ws, &Options::default()).projected.unwrap();
    let run = &ws.runs[at.run];
    Inputs::start(ws, Some((run, &run.points[at.point])), Some(engine))
}

fn limits() -> Sla {
    seed().sla
}

#[test]
fn the_inputs_start_from_the_projection_on_the_table() {
    let ws = seed();
    let i = start(&ws, &OLD);
    assert_eq!(i, Inputs::default());
    let o = outcome(&OLD, &i, &ws.sla).unwrap();
    assert_eq!(format!("{:.3}", o.estimate.tokens_s_gpu), "196.783");
    assert_eq!((o.ttft_holds, o.tpot_holds), (Some(true), Some(true)));
    assert_eq!(o.replicas, 1);
    // $3 an hour over 196.783 × 3600 tokens.
    assert!((o.cost.unwrap() - 4.2347).abs() < 1e-3);
    let new = i.with(&Asked {
        rules: Some(RuleSet::Aic012),
        ..Asked::default()
    });
    let o = outcome(&NEW, &new, &ws.sla).unwrap();
    assert_eq!(format!("{:.3}", o.estimate.tokens_s_gpu), "234.557");
}

#[test]
fn a_sweep_of_aic_opens_at_its_best_aggregated_configuration() {
    let ws = cases(&["aiconfigurator/0.12.0/default"]);
    let analysis = analyse(&ws, &Options::default());
    let chosen = analysis.projected.unwrap();
    assert!(
        ws.runs[chosen.run].points[chosen.point]
            .setup
            .as_ref()
            .unwrap()
            .disagg
    );
    let i = Inputs::open(&ws, &analysis, Some(&NEW));
    assert_eq!((i.rules, i.gpus), (RuleSet::Aic012, 8));
    let o = outcome(&NEW, &i, &ws.sla).unwrap();
    assert_eq!(format!("{:.3}", o.estimate.tokens_s_gpu), "414.272");
    // Other rules projected it.
    for run in 0..ws.runs.len() {
        assert!(agreement(&ws, run, &i, &OLD).is_none());
    }
}

#[test]
fn without_a_projection_it_opens_at_the_work_that_was_measured() {
    let ws = cases(&["aiperf/0.13.0/sweep"]);
    let analysis = analyse(&ws, &Options::default());
    assert!(analysis.projected.is_none());
    let asked = [analysis.facts.isl.asked, analysis.facts.osl.asked];
    let c = Inputs::open(&ws, &analysis, None).config;
    assert_eq!([Some(f64::from(c.isl)), Some(f64::from(c.osl))], asked);
    assert_eq!(c.ctx_tokens, 2 * c.isl);
}

#[test]
fn the_headline_compares_both_ways_and_both_versions() {
    let i = Inputs::default();
    let (here, there) = (
        OLD.sweep(&i.sweep(&limits())).unwrap(),
        NEW.sweep(&i.sweep(&limits())),
    );
    let (title, reason) = headline(&i, &limits(), &here, Some((RuleSet::Aic012, &there)));
    assert_eq!(
        plain(&title),
        "Disaggregated serving is projected at 2.1 times the aggregated output per GPU"
    );
    assert_eq!(
        plain(&reason),
        "Best within TTFT 300 ms and TPOT 10 ms on eight GPUs, AIC 0.2 rules: 812.5 disaggregated against 379.0 aggregated tokens/s per GPU. Under AIC 0.12 rules the lead shrinks to 1.15 times."
    );
    // Limits that nothing keeps.
    let tight = Sla {
        tpot: Some(Seconds::from_ms(0.5)),
        ..limits()
    };
    let none = OLD.sweep(&i.sweep(&tight)).unwrap();
    let (title, _) = headline(&i, &tight, &none, None);
    assert_eq!(
        plain(&title),
        "No configuration is projected to keep the limits on eight GPUs"
    );
}

#[test]
fn the_matrix_holds_the_best_of_each_and_says_what_is_out_of_reach() {
    let i = Inputs::default();
    let rows: Vec<_> = FORMATS
        .iter()
        .map(|q| row(&OLD, &i, &limits(), *q))
        .collect();
    let rate = |r: usize, c: usize| match &rows[r].cells[c] {
        Cell::Best(b) => format!("{:.1}", Shown::PerGpu.of(b, 3.0).unwrap()),
        other => panic!("{other:?}"),
    };
    assert_eq!((rate(3, 2), rate(3, 3)), ("379.0".into(), "346.4".into()));
    assert!(matches!(&rows[3].cells[1], Cell::Over("TPOT", v, 10.0) if *v > 10.0));
    assert!(matches!(&rows[0].cells[0], Cell::Over("TTFT", v, 300.0) if *v > 300.0));
    // What is said to be over is one request alone.
    let mut alone = i.clone();
    (alone.config.tp, alone.config.batch, alone.config.ctx_tokens) = (2, 1, 4000);
    let tpot = outcome(&OLD, &alone, &limits()).unwrap().estimate.tpot_ms;
    assert!(matches!(&rows[3].cells[1], Cell::Over(_, v, _) if Some(*v) == tpot));
    // Fewer GPUs than the parallelism takes.
    let small = Inputs { gpus: 2, ..i };
    let row = row(&OLD, &small, &limits(), FORMATS[3]);
    assert_eq!(row.cells[2..], [Cell::Gpus, Cell::Gpus]);
}

#[test]
fn the_aggregated_sweep_alone_is_the_same_as_in_both() {
    for engine in [&*OLD, &*NEW] {
        for tpot_ms in [5.0, 10.0, 40.0] {
            let input = SweepInput {
                tpot_ms,
                ..SweepInput::default()
            };
            assert_eq!(
                engine.aggregated(&input).unwrap(),
                engine.sweep(&input).unwrap().agg
            );
        }
    }
}

#[test]
fn aics_own_files_are_computed_again_to_the_last_digit() {
    for (folder, engine, compared) in [
        ("aiconfigurator/0.2.0/default", &*OLD, 58),
        ("aiconfigurator/0.12.0/default", &*NEW, 31),
    ] {
        let ws = cases(&[folder]);
        let from = start(&ws, engine);
        let all: Vec<_> = (0..ws.runs.len())
            .filter_map(|r| agreement(&ws, r, &from, engine))
            .collect();
        assert!(!all.is_empty());
        let n: usize = all.iter().map(|a| a.compared).sum();
        assert!(n + 4 >= compared, "{folder}: {n} compared");
        for a in &all {
            assert_eq!(a.agree, a.compared, "{folder}: {}", a.sentence);
            assert!(a.sentence.contains("agree"), "{}", a.sentence);
        }
    }
    let ws = seed();
    let a = agreement(&ws, 2, &start(&ws, &OLD), &OLD).unwrap();
    assert!(
        plain(&a.sentence)
            .contains("196.783 tokens/s per GPU; computed again under AIC 0.2 rules it is 196.783"),
        "{}",
        a.sentence
    );
    assert!(agreement(&ws, 0, &start(&ws, &OLD), &OLD).is_none());
}

#[test]
fn a_projection_that_was_changed_is_told_apart() {
    let mut ws = cases(&["aiconfigurator/0.2.0/default"]);
    let from = start(&ws, &OLD);
    let run = ws
        .runs
        .iter()
        .position(|r| r.label.contains("aggregated"))
        .unwrap();
    let point = &mut ws.runs[run].points[3];
    let stats = &mut point.metrics.get_mut(&Metric::Ttft).unwrap().stats;
    *stats = servelens_core::model::Stats::stated(0.5);
    let a = agreement(&ws, run, &from, &OLD).unwrap();
    assert_eq!(a.agree + 1, a.compared);
    assert!(
        a.sentence.contains("the largest deviation is"),
        "{}",
        a.sentence
    );
}

#[test]
fn aics_input_files_are_read_back() {
    for rules in [RuleSet::Aic02, RuleSet::Aic012] {
        let i = Inputs {
            rules,
            gpus: 16,
            ..Inputs::default()
        };
        let text = exp_yaml(&i, &limits());
        let mut ingest = Ingest::new();
        ingest.add("exp.yaml", text.as_bytes());
        let mut ws = Workspace::default();
        let read = ingest.finish();
        assert!(read.files[0].used, "{rules}: {:?}\n{text}", read.files[0]);
        ws.absorb(read);
        let c = &ws.context;
        assert_eq!((c.isl, c.osl), (Some(4000.0), Some(500.0)), "{rules}");
        assert_eq!(c.ttft, Some(Seconds::from_ms(300.0)));
        assert_eq!(c.tpot, Some(Seconds::from_ms(10.0)));
        assert_eq!(c.system.as_deref(), Some("h200_sxm"));
        assert_eq!(c.backend.as_deref(), Some("trtllm"));
        let version = c.backend_version.as_deref();
        match rules {
            RuleSet::Aic02 => {
                assert_eq!(version, Some("0.20.0"));
                assert!(text.starts_with(
                    "# aiconfigurator cli --model QWEN3_32B --system h200_sxm --total_gpus 16"
                ));
            }
            RuleSet::Aic012 => {
                assert_eq!(version, Some("1.3.0rc20"));
                assert_eq!(c.total_gpus, Some(16));
                assert_eq!(c.model.as_deref(), Some("Qwen/Qwen3-32B"));
            }
        }
    }
}

#[test]
fn the_benchmark_runs_at_the_point_of_the_inputs() {
    let i = Inputs::default();
    let run = benchmark(&i);
    for part in [
        "-m Qwen/Qwen3-32B ",
        "--concurrency 12 ",
        "--isl 4000 ",
        "--osl 500 ",
        "ignore_eos:true",
    ] {
        assert!(run.aiperf.contains(part), "{part}: {}", run.aiperf);
    }
}

#[test]
fn a_projection_of_the_inputs_can_be_judged_like_any_other() {
    let mut ws = seed();
    ws.runs.retain(|r| r.role != Role::Projection);
    let i = Inputs::default();
    ws.runs
        .push(run_of(&i, &outcome(&OLD, &i, &ws.sla).unwrap()));
    let a = analyse(&ws, &Options::default());
    assert_eq!(a.projections, [2]);
    assert_eq!(a.projected.map(|p| p.run), Some(2));
    // And it leads back to the same inputs.
    assert_eq!(start(&ws, &OLD), i);
}

#[test]
fn the_tables_are_those_that_aic_prints() {
    let i = Inputs::default();
    let [disagg, agg] = tables(&i, &limits(), &OLD.sweep(&i.sweep(&limits())).unwrap());
    // Printed by AIC 0.2.0 for the same request.
    assert_eq!(
        disagg.2[0],
        [
            "1",
            "812.48",
            "113.59",
            "64",
            "8 (8=1x8)",
            "1",
            "8 (=4x1+1x4)",
            "4",
            "1 (=1x1)",
            "tp1pp1",
            "1",
            "1",
            "4 (=4x1)",
            "tp4pp1",
            "64"
        ]
    );
    assert_eq!(disagg.1.len(), disagg.2[0].len());
    assert_eq!(agg.2[0][1], "379.00");
    assert!(agg.2.len() <= 5);
    let j = Inputs {
        rules: RuleSet::Aic012,
        ..i
    };
    let [disagg, agg] = tables(&j, &limits(), &NEW.sweep(&j.sweep(&limits())).unwrap());
    // Printed by AIC 0.12.0 for the exported file.
    let printed =
        "1|trtllm|414.27|110.61|6.64|287.12|4798.25|32 (=16x2)|8 (8=2x4)|2|4|4 (=4x1)|tp4pp1|16";
    assert_eq!(agg.2[0].join("|"), printed);
    let printed =
        "2|trtllm|337.51|100.70|5.41|259.13|5214.39|28 (=28x1)|8 (8=1x8)|1|8|8 (=8x1)|tp8pp1|28";
    assert_eq!(agg.2[1].join("|"), printed);
    let printed = "1|trtllm|478.35|103.53|7.65|211.66|5031.50|64 (=64x1)|8 (8=1x8)|1|8 (=1x4+1x4)|1|4 (=4x1)|tp4pp1|1|1|4 (=4x1)|tp4pp1|64";
    assert_eq!(disagg.2[0].join("|"), printed);
    assert_eq!(agg.1.len(), agg.2[0].len());
    assert_eq!(disagg.1.len(), disagg.2[0].len());
}

#[test]
fn the_charts_carry_the_figures() {
    let ws = seed();
    let i = start(&ws, &OLD);
    let o = outcome(&OLD, &i, &ws.sla).unwrap();
    let sweep = OLD.sweep(&i.sweep(&ws.sla)).unwrap();
    let other = NEW.sweep(&i.sweep(&ws.sla)).unwrap();
    let a = analyse(&ws, &Options::default());
    let spec = what_if_fronts(&Fronts {
        inputs: &i,
        sla: &ws.sla,
        sweep: &sweep,
        other: Some((RuleSet::Aic012, &other)),
        now: Some(&o),
        pins: &[("A".into(), 100.0, 300.0, "TP4".into())],
        measured: Some((&ws, &a)),
    });
    let labels: Vec<String> = spec
        .series
        .iter()
        .flat_map(|s| &s.marks)
        .filter_map(|m| m.label.clone())
        .collect();
    for wanted in [
        "Now 196.8",
        "A",
        "Aggregated best 379.0",
        "Disaggregated best 812.5",
    ] {
        assert!(
            labels.iter().any(|l| plain(l) == wanted),
            "{wanted}: {labels:?}"
        );
    }
    assert_eq!(spec.limits[0].value, 100.0);
    let ringed = spec
        .series
        .iter()
        .flat_map(|s| &s.marks)
        .filter(|m| m.ringed)
        .count();
    assert_eq!(ringed, 4);
    let kinds: Vec<MarkKind> = spec
        .series
        .iter()
        .flat_map(|s| &s.marks)
        .map(|m| m.kind)
        .collect();
    assert!(kinds.contains(&MarkKind::Projected) && kinds.contains(&MarkKind::Pinned));

    let (fine, why) = overlay(&i, &a);
    assert!(!fine);
    assert!(
        plain(&why).contains("output tokens, the fronts assume 500"),
        "{why}"
    );

    let time = what_if_time(&i, &o);
    for (bar, phase) in time.bars.iter().zip(&o.breakdown.phases) {
        let sum: f64 = bar.segments.iter().map(|s| s.value).sum();
        assert!(
            (sum / phase.ms - 1.0).abs() < 1e-9,
            "every operation is in a group"
        );
    }
    let memory = what_if_memory(&i, &o);
    let sum: f64 = memory.bars[0].segments.iter().map(|s| s.value).sum();
    assert!((sum - o.estimate.memory.total_gib).abs() < 1e-9);
}

#[test]
fn runs_of_the_projected_work_are_drawn_though_another_work_is_compared() {
    let mut ingest = Ingest::new();
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/samples/simulated-sweeps.zip"
    );
    ingest.add("sweeps.zip", &std::fs::read(sample).unwrap());
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    let a = analyse(&ws, &Options::default());
    let i = Inputs::open(&ws, &a, None);
    assert_eq!((i.config.isl, i.config.osl), (4000, 500));
    let (fine, _) = overlay(&i, &a);
    assert!(!fine, "what is compared wrote other lengths");
    let key = other_work(&i, &a).unwrap();
    let options = Options {
        workload: Some(key),
        ..Options::default()
    };
    let own = analyse(&ws, &options);
    let (fine, why) = overlay(&i, &own);
    assert!(fine, "{why}");
    assert_eq!(other_work(&i, &own), None);
    let elsewhere = i.with(&Asked {
        osl: Some(2000),
        ..Asked::default()
    });
    assert_eq!(other_work(&elsewhere, &a), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Sentences for any work and limits: whole, and without a figure that isn't one.
    #[test]
    fn any_headline_is_a_sentence(isl in 16u32..20_000, osl in 2u32..2000, gpus in 1u32..40, ttft in 20.0f64..3000.0, tpot in 2.0f64..100.0) {
        let mut i = Inputs { gpus, ..Inputs::default() };
        i.config.isl = isl;
        i.config.osl = osl;
        let sla = Sla { ttft: Some(Seconds::from_ms(ttft)), tpot: Some(Seconds::from_ms(tpot)), ..Sla::default() };
        let Ok(here) = OLD.sweep(&i.sweep(&sla)) else { return Ok(()) };
        let there = NEW.sweep(&i.sweep(&sla));
        let (title, reason) = headline(&i, &sla, &here, Some((RuleSet::Aic012, &there)));
        prop_assert!(!title.ends_with('.') && reason.ends_with('.'), "{title} / {reason}");
        for text in [title, reason] {
            prop_assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        }
    }
}
