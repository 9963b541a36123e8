//! The requests of the sample at concurrency 10: real files of a simulated server.

use servelens_core::figures::requests::Pair;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Treatment, Workspace};
use servelens_core::records::Limits;
use servelens_core::requests::Side;
use std::sync::Arc;

pub const LIMITS: Limits = Limits {
    ttft_s: Some(0.3),
    tpot_s: Some(0.01),
    latency_s: None,
};

/// The sample's workspace with both sides' requests.
pub fn sample(metric: Metric, treatment: Treatment) -> (Workspace, Pair) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/samples/simulated-sweeps.zip"
    );
    let mut ingest = Ingest::new();
    ingest.add("sample.zip", &std::fs::read(path).unwrap());
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    let sides = [0, 1].map(|run| {
        let points = &ws.runs[run].points;
        let at = |p: &servelens_core::model::Point| {
            p.load.concurrency == Some(10) && p.records.is_some()
        };
        Side::new(&ws, run, points.iter().position(at).unwrap()).map(Arc::new)
    });
    let pair = Pair::new([sides[0].as_ref(), sides[1].as_ref()], metric, treatment);
    (ws, pair)
}
