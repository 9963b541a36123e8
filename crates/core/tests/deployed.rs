//! What was deployed, projected again: the experiment behind the published report, and what must not be said of other set-ups.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod common;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::CostProjector;
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::Subset;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Known, NumberFormat, Precision, Workspace};
use servelens_core::report::{Format, build, render};
use std::sync::Arc;

fn experiment() -> Workspace {
    let path = common::root().join("data/samples/experiment.zip");
    let mut ingest = Ingest::new();
    ingest.add("experiment.zip", &std::fs::read(path).unwrap());
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    ws
}

fn analysed(ws: &Workspace) -> Analysis {
    let engine = common::engine(RuleSet::Aic02, Subset::Dense);
    let options = Options {
        projector: Some(Arc::new(CostProjector::new(Arc::new(engine)))),
        ..Options::default()
    };
    analyse(ws, &options)
}

/// Label, deployment, and measured ÷ projected of each load.
type Side = (String, String, Vec<(u32, f64)>);

/// The sides that were projected again.
fn sides(ws: &Workspace) -> Vec<Side> {
    let found = analysed(ws).accuracy.unwrap();
    let each = found.deployed.iter().map(|(run, c)| {
        (
            ws.runs.get(*run).unwrap().label.clone(),
            servelens_core::explain::of(c),
            c.loads.iter().map(|l| (l.concurrency, l.ratio)).collect(),
        )
    });
    each.collect()
}

#[test]
fn both_sides_of_the_experiment_run_as_deployed_within_5_percent() {
    let ws = experiment();
    let sides = sides(&ws);
    let [aic, baseline] = sides.as_slice() else {
        panic!("{sides:?}")
    };
    assert_eq!(aic.1, "16-bit weights, TP8");
    assert_eq!(baseline.1, "16-bit weights, 8 × TP1");
    // Worked out by hand from the raw files; at 50 the AIC side's engine is full, and nothing is projected.
    let near = |side: &[(u32, f64)], expected: &[(u32, f64)]| {
        assert_eq!(side.len(), expected.len(), "{side:?}");
        for ((c, got), (load, want)) in side.iter().zip(expected) {
            assert_eq!(c, load);
            assert!((got / want - 1.0).abs() < 0.005, "{c}: {got} for {want}");
        }
    };
    near(&aic.2, &[(1, 1.024), (2, 1.024), (5, 1.001), (10, 0.971)]);
    let named = |all: &[(u32, f64)], loads: &[u32]| -> Vec<(u32, f64)> {
        let named = all.iter().filter(|(c, _)| loads.contains(c));
        named.copied().collect()
    };
    near(
        &named(&baseline.2, &[1, 5, 50]),
        &[(1, 1.040), (5, 1.032), (50, 1.001)],
    );
    // The figure by hand does not say how many context tokens a step it took.
    let full = named(&baseline.2, &[100]);
    assert!(
        full.iter().all(|(_, r)| (r - 0.956).abs() < 0.01),
        "{full:?}"
    );
    assert_eq!(baseline.2.len(), 6);
    assert_eq!(baseline.2.last().map(|(c, _)| *c), Some(100));
    let a = analysed(&ws);
    let md = render(&build(&ws, &a), Format::Markdown, None);
    assert!(md.contains("What was deployed, as its files describe it"));
    assert!(md.contains("8 × TP1"));
}

#[test]
fn a_deployment_that_no_file_describes_is_not_projected() {
    let without = |change: fn(&mut servelens_core::model::EngineFacts)| {
        let mut ws = experiment();
        for facts in ws
            .runs
            .iter_mut()
            .filter_map(|r| r.deployment.engine.as_mut())
        {
            change(facts);
        }
        let a = analysed(&ws);
        assert_eq!(a.accuracy.as_ref().unwrap().deployed, Vec::new());
        let md = render(&build(&ws, &a), Format::Markdown, None);
        assert!(!md.contains("What was deployed, as its files describe it"));
    };
    without(|f| f.tp = None);
    without(|f| f.workers = None);
    without(|f| f.weights = None);
    // A format without figures.
    without(|f| {
        f.weights = Some(NumberFormat {
            precision: Precision::Nvfp4,
            known: Known::Stated,
        });
    });
    // 8-bit weights say nothing of the KV cache, and it is not guessed.
    without(|f| {
        f.weights = Some(NumberFormat {
            precision: Precision::Fp8,
            known: Known::Stated,
        });
        f.kv_cache = None;
    });
    // More workers than the GPUs hold.
    without(|f| f.workers = Some(3));
}
