//! The report that the product grew from, read as it is.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Provenance, Role, RunKind, Stat, Workspace};

#[test]
fn the_seed_report_gives_its_three_runs() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/cases/table/seed/typical/aic-benchmark-analysis.md"
    );
    let bytes = std::fs::read(path).expect("the seed case is there");
    let mut ingest = Ingest::new();
    ingest.add("aic-benchmark-analysis.md", &bytes);
    let mut workspace = Workspace::default();
    workspace.absorb(ingest.finish());
    let labels: Vec<&str> = workspace.runs.iter().map(|r| r.label.as_str()).collect();
    assert_eq!(labels, ["AIC-Configured", "Baseline", "AIC projection"]);
    let [aic, baseline, plan] = workspace.runs.as_slice() else {
        panic!("three runs")
    };

    assert_eq!((aic.role, aic.role_is_guess), (Role::Candidate, true));
    assert_eq!(
        (baseline.role, baseline.role_is_guess),
        (Role::Baseline, true)
    );
    assert_eq!(
        (plan.role, plan.role_is_guess, plan.kind),
        (Role::Projection, false, RunKind::Projected)
    );
    for (run, tokens, requests, ttft) in [
        (
            aic,
            [8.78, 46.55, 19.33, 91.04, 104.80],
            [0.40, 2.93, 3.02, 5.52, 9.64],
            [2.761, 24.373],
        ),
        (
            baseline,
            [9.00, 19.55, 56.77, 74.34, 138.41],
            [1.00, 0.96, 4.01, 6.74, 10.90],
            [9.997, 21.472],
        ),
    ] {
        let c: Vec<Option<u32>> = run.points.iter().map(|p| p.load.concurrency).collect();
        assert_eq!(c, [1, 10, 50, 100, 250].map(Some));
        let figures = |m| -> Vec<f64> {
            run.points
                .iter()
                .filter_map(|p| p.metrics.get(&m)?.stats.get(Stat::Avg))
                .collect()
        };
        assert_eq!(figures(Metric::OutputThroughput), tokens);
        assert_eq!(figures(Metric::RequestThroughput), requests);
        let stated: Vec<f64> = run
            .points
            .iter()
            .filter_map(|p| p.metrics.get(&Metric::Ttft)?.stats.get(Stat::Stated))
            .collect();
        assert_eq!(stated, ttft);
        assert!(
            run.points
                .first()
                .is_some_and(|p| p.metrics.contains_key(&Metric::Ttft))
        );
        assert!(
            run.points
                .iter()
                .all(|p| p.workload.isl == Some(4000.0) && p.workload.osl == Some(500.0))
        );
    }
    assert_eq!(
        aic.deployment.gpus.map(|g| (g.count, g.guess)),
        Some((8, false))
    );
    assert_eq!(
        baseline.deployment.gpus.map(|g| (g.count, g.guess)),
        Some((8, true))
    );
    assert_eq!((aic.deployment.tp, baseline.deployment.tp), (Some(8), None));
    assert_eq!(aic.deployment.quantization.comm.as_deref(), Some("FP8"));

    let [p] = plan.points.as_slice() else {
        panic!("one projected point")
    };
    assert_eq!(p.load.concurrency, Some(12));
    assert_eq!(
        plan.value(p, Metric::OutputThroughputPerGpu),
        Some((196.783, Provenance::Projected))
    );
    assert_eq!(plan.gpus(), Some(8));
    assert_eq!(
        p.setup.as_ref().map(|s| (s.tp, s.pp, s.disagg)),
        Some((Some(8), Some(1), false))
    );
    assert_eq!(plan.deployment.quantization.gemm.as_deref(), Some("FP8"));

    let c = &workspace.context;
    assert_eq!(
        c.title.as_deref(),
        Some("AI Configurator Benchmark Analysis: QWEN3-32B TRT-LLM")
    );
    assert_eq!(c.model.as_deref(), Some("QWEN3-32B"));
    assert_eq!(
        (c.backend.as_deref(), c.backend_version.as_deref()),
        (Some("TensorRT-LLM"), Some("0.20.0"))
    );
    assert_eq!(c.system.as_deref(), Some("H200 SXM"));
    assert_eq!((c.isl, c.osl), (Some(4000.0), Some(500.0)));
    assert_eq!(
        (c.ttft.map(|s| s.0), c.tpot.map(|s| s.0)),
        (Some(0.3), Some(0.010))
    );
    assert_eq!(c.measured_with.as_deref(), Some("genai-perf"));
    assert_eq!(workspace.sla.ttft.map(|s| s.0), Some(0.3));
    assert_eq!(workspace.texts.len(), 1);
    assert!(workspace.files.iter().all(|f| f.used));
}
