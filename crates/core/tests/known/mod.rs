//! Runs whose requests a simulated closed loop made, as a load generator would report them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::closed_loop::{Rng, STEADY, Server};
use crate::support::{pair, run_of};
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::certainty::{Certainty, certainty};
use servelens_core::model::{Metric, Point, Requests, Run, Stats, Workspace};
use servelens_core::records::Records;
use servelens_core::units::Seconds;
use std::sync::Arc;

/// Output tokens of each request.
pub const OSL: f64 = 100.0;

/// Requests of a steady closed loop; times × `slow` seconds.
pub fn requests(seed: u64, n: usize, users: usize, slow: f64) -> Requests {
    let server = Server {
        n,
        users,
        prefill: 0.3,
        scatter: 0.2,
        drift: 0.0,
        ..STEADY
    };
    requests_of(server, &mut Rng(seed), slow)
}

/// Requests of any closed loop.
pub fn requests_of(server: Server, rng: &mut Rng, slow: f64) -> Requests {
    let r = server.run(rng);
    let all = |v: &[f64]| v.iter().map(|x| x * slow).collect::<Vec<f64>>();
    let (end_s, latency, ttft_s) = (all(&r.end), all(&r.latency), all(&r.ttft));
    let n = end_s.len();
    Requests {
        start_s: end_s.iter().zip(&latency).map(|(e, l)| e - l).collect(),
        end_s,
        ttft_s,
        isl: vec![1000.0; n],
        osl: r
            .length
            .iter()
            .map(|l| (OSL * l).round().max(1.0))
            .collect(),
        ..Requests::default()
    }
}

/// A point that reports what its requests give, as a load generator would.
pub fn point(requests: Requests, concurrency: u32) -> Point {
    let records = Records::new(&requests, Some(concurrency)).unwrap();
    let all = records.all();
    let mut p = Point {
        requests: Some(requests.len() as u64),
        errors: Some(0),
        duration: Some(Seconds(all.wall_s())),
        ..Point::default()
    };
    p.load.concurrency = Some(concurrency);
    p.workload.osl = Some(OSL);
    p.workload.isl = Some(1000.0);
    let x = all.request_throughput().unwrap().rate;
    p.measured(Metric::RequestThroughput, Stats::avg(x));
    p.measured(
        Metric::OutputThroughput,
        Stats::avg(all.output_throughput().unwrap().rate),
    );
    for m in [
        Metric::Ttft,
        Metric::Tpot,
        Metric::RequestLatency,
        Metric::Osl,
    ] {
        p.measured(m, all.recomputed(m));
    }
    p.records = Some(Arc::new(requests));
    p
}

pub fn run(label: &str, points: Vec<Point>) -> Run {
    let mut r = run_of(label, &[]);
    r.points = points;
    r
}

/// One run a side at concurrency 10; the candidate takes `slow` times as long.
pub fn at_ten(n: usize, slow: f64) -> Workspace {
    pair(
        run("A", vec![point(requests(1, n, 10, slow), 10)]),
        run("B", vec![point(requests(2, n, 10, 1.0), 10)]),
    )
}

pub fn both(ws: &Workspace) -> (Analysis, Certainty) {
    let a = analyse(ws, &Options::default());
    let c = certainty(ws, a.candidate, a.baseline, &a.comparison);
    (a, c)
}
