//! Which configuration fits the measurements: the real experiment behind the published report, whose deployment is known,
//! and runs that the cost model itself made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod common;

use servelens_core::cost::pack::Subset;
use servelens_core::cost::resolve::{Stated, estimate_at};
use servelens_core::cost::{Config, Engine, FmhaQuant, GemmQuant, KvQuant, Quant, RuleSet};
use servelens_core::explain::{Explanation, Load, MOST, Question, explain, words};
use servelens_core::fmt::plain;
use servelens_core::ingest::Ingest;
use servelens_core::model::Workspace;
use std::sync::OnceLock;

fn engines() -> &'static [Engine] {
    static ENGINES: OnceLock<Vec<Engine>> = OnceLock::new();
    ENGINES.get_or_init(|| {
        [RuleSet::Aic02, RuleSet::Aic012]
            .map(|rules| common::engine(rules, Subset::Dense))
            .into()
    })
}

fn ranked(question: Question) -> Explanation {
    let all: Vec<&Engine> = engines().iter().collect();
    explain(0, question, &all).unwrap()
}

fn question(loads: &[(u32, f64)]) -> Question {
    Question {
        models: vec!["QWEN3_32B".to_owned()],
        model_is_known: true,
        system: "h200_sxm".to_owned(),
        gpus: Some(8),
        isl: 4011,
        osl: 500,
        loads: loads
            .iter()
            .map(|(concurrency, ms)| Load {
                concurrency: *concurrency,
                request_s: ms / 1e3,
                tpot_s: None,
                noise: Some(0.01),
            })
            .collect(),
        ..Question::default()
    }
}

const AIC: [(u32, f64); 4] = [(1, 2757.2), (2, 2820.7), (5, 2936.1), (10, 3416.7)];
const BASELINE: [(u32, f64); 6] = [
    (1, 9978.9),
    (2, 9953.9),
    (5, 9894.6),
    (10, 10103.0),
    (50, 12160.5),
    (100, 14244.4),
];
const ALL_16: Quant = Quant {
    gemm: GemmQuant::Float16,
    kvcache: KvQuant::Float16,
    fmha: FmhaQuant::Float16,
};

#[test]
fn the_real_experiment_ran_in_16_bits_on_one_worker_of_eight_gpus() {
    let e = ranked(Question {
        max_batch: Some(12),
        max_num_tokens: Some(5512),
        workers: Some(1),
        deployed: Stated {
            tp: Some(8),
            gemm: Some(GemmQuant::Float16),
            ..Stated::default()
        },
        ..question(&AIC)
    });
    let best = &e.candidates[0];
    assert_eq!((best.config.tp, best.config.pp, best.workers), (8, 1, 1));
    assert_eq!((best.config.quant, best.rules), (ALL_16, RuleSet::Aic02));
    assert!(best.deployed);
    for (at, known) in best.loads.iter().zip([1.024, 1.024, 1.001, 0.971]) {
        assert!((at.ratio / known - 1.0).abs() < 5e-4, "{at:?}");
    }
    let worst = |q: Quant, tp: u32, rules: RuleSet| {
        let found = e
            .candidates
            .iter()
            .find(|c| c.config.quant == q && c.config.tp == tp && c.rules == rules);
        found.unwrap().worst
    };
    assert!((worst(ALL_16, 8, RuleSet::Aic012) - 0.034).abs() < 1e-3);
    let fp8_kv = Quant {
        kvcache: KvQuant::Fp8,
        ..ALL_16
    };
    assert!((0.079..0.089).contains(&worst(fp8_kv, 8, RuleSet::Aic02)));
    assert!(worst(Quant::default(), 8, RuleSet::Aic02) > 0.12);
    // The first with 8-bit weights comes after all that hold everything in 16.
    let first_8 = e
        .candidates
        .iter()
        .position(|c| c.config.quant.gemm != GemmQuant::Float16);
    let found = e.found();
    assert!(found.len() < first_8.unwrap() && found.iter().all(|c| c.config.quant == ALL_16));
    let said = words(&e, "AIC");
    assert_eq!(
        plain(&said.title),
        "16-bit weights, TP8 explain four loads of AIC within 4 %"
    );
    assert!(said.reason.contains("fp8_block"), "{}", said.reason);
}

#[test]
fn without_the_deployment_files_the_answer_is_the_same() {
    let e = ranked(question(&AIC));
    assert!(!e.found().is_empty());
    assert!(
        e.found()
            .iter()
            .all(|c| c.config.tp == 8 && c.config.quant == ALL_16)
    );
    assert!(e.candidates.iter().all(|c| !c.deployed));
}

#[test]
fn the_baseline_ran_in_16_bits_on_eight_workers_of_one_gpu() {
    let e = ranked(Question {
        max_batch: Some(16),
        workers: Some(8),
        ..question(&BASELINE)
    });
    let best = &e.candidates[0];
    assert_eq!(
        (best.config.tp, best.workers, best.config.quant),
        (1, 8, ALL_16)
    );
    assert_eq!(best.loads[5].batch, 13);
    assert!(best.worst < 0.075);
    let weights = |c: &servelens_core::explain::Candidate| c.config.quant.gemm;
    assert!(e.found().iter().all(|c| weights(c) == GemmQuant::Float16));
}

#[test]
fn what_no_configuration_takes_is_explained_by_none() {
    // Three times as slow as anything on these GPUs, and in no shape of the model: faster as the load grows.
    let e = ranked(question(&[(1, 90_000.0), (8, 4_000.0), (16, 300.0)]));
    assert!(e.candidates[0].worst > MOST);
    assert!(e.found().is_empty());
    let said = words(&e, "Odd");
    assert!(said.title.starts_with("No configuration"), "{}", said.title);
    assert!(!said.title.contains("TP"));
}

#[test]
fn a_single_load_tells_nothing() {
    let e = ranked(question(&AIC[..1]));
    assert!(e.candidates[0].worst <= MOST && e.found().is_empty());
    assert!(words(&e, "One").title.contains("too few"));
}

#[test]
fn more_noise_than_the_difference_makes_candidates_equal() {
    let mut loud = question(&AIC);
    for l in &mut loud.loads {
        l.noise = Some(0.12);
    }
    let (loud, quiet) = (ranked(loud), ranked(question(&AIC)));
    let eight = |e: &Explanation| {
        e.found()
            .iter()
            .any(|c| c.config.quant.gemm != GemmQuant::Float16)
    };
    assert!(eight(&loud) && !eight(&quiet));
    assert!(words(&loud, "Loud").title.contains("equally well"));
    let mut unknown = question(&AIC);
    for l in &mut unknown.loads {
        l.noise = None;
    }
    let unknown = ranked(unknown);
    assert!(unknown.noise_is_assumed && words(&unknown, "U").reason.contains("Without records"));
}

#[test]
fn what_the_model_made_it_finds_again() {
    let engine = &engines()[0];
    for (tp, gemm) in [
        (4, GemmQuant::Fp8Block),
        (2, GemmQuant::Fp8),
        (8, GemmQuant::Float16),
    ] {
        let quant = Quant {
            gemm,
            ..Quant::default()
        };
        let config = Config {
            tp,
            quant,
            isl: 4011,
            osl: 500,
            ..Config::default()
        };
        let mut asked = question(&[]);
        for c in [1_u32, 8, 32] {
            let e = estimate_at(engine, &config, c.div_ceil(8 / tp), None).unwrap();
            let tpot_s = e.tpot_ms.unwrap() / 1e3;
            asked.loads.push(Load {
                concurrency: c,
                request_s: e.ttft_ms.unwrap() / 1e3 + 499.0 * tpot_s,
                tpot_s: Some(tpot_s),
                noise: Some(0.0),
            });
        }
        let best = ranked(asked).candidates.remove(0);
        assert!(best.worst < 1e-9);
        assert_eq!(
            (best.config.tp, best.config.quant, best.rules),
            (tp, quant, RuleSet::Aic02)
        );
    }
}

#[test]
fn an_unknown_size_is_found_within_its_family() {
    let mut asked = question(&AIC);
    asked.models = ["LLAMA3.1_8B", "QWEN3_32B", "LLAMA3.1_70B"]
        .map(str::to_owned)
        .into();
    asked.model_is_known = false;
    let e = ranked(asked);
    assert_eq!(e.candidates[0].config.model, "QWEN3_32B");
    assert!(words(&e, "Q").title.contains("QWEN3_32B"));
    let none = Question {
        models: Vec::new(),
        ..question(&AIC)
    };
    let all: Vec<&Engine> = engines().iter().collect();
    assert!(explain(0, none, &all).is_err());
}

/// The files themselves; kept outside of the repository: without them this test passes unseen.
#[test]
fn the_dropped_files_explain_themselves() {
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
    let engines: Vec<&Engine> = engines().iter().collect();
    let all = servelens_core::explain::all(&ws, &engines);
    assert_eq!(all.len(), 2);
    for (run, e) in all {
        let e = e.unwrap();
        let side = if ws.runs[run].label.contains("baseline") {
            (1, 8, vec![1, 2, 5, 10, 50, 100])
        } else {
            (8, 1, vec![1, 2, 5, 10])
        };
        let best = &e.candidates[0];
        let loads: Vec<u32> = best.loads.iter().map(|l| l.concurrency).collect();
        assert_eq!((best.config.tp, best.workers, loads), side);
        assert!(best.deployed && best.worst < 0.055, "{best:?}");
        assert!(!e.found().is_empty());
        assert!(e.found().iter().all(|c| c.config.quant == ALL_16));
        assert!(e.question.isl.abs_diff(4011) <= 8 && e.question.osl == 500);
    }
}
