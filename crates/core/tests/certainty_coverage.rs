//! How often the interval of a ratio of percentiles holds the true ratio; `--nocapture` prints it.
//! Those of means and rates are in `stats_coverage.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed step is the test's own message, and the figures are for the docs"
)]

mod closed_loop;
mod support;

use closed_loop::{Rng, Server};
use servelens_core::analysis::{Options, analyse};
use servelens_core::certainty::certainty;
use servelens_core::model::{Metric, Point, Requests, Stat, Workspace};
use servelens_core::records::Records;
use std::sync::Arc;
use support::{pair, run_of};

fn side(label: &str, server: Server, rng: &mut Rng) -> servelens_core::model::Run {
    let r = server.run(rng);
    let n = r.end.len();
    let requests = Requests {
        start_s: r.end.iter().zip(&r.latency).map(|(e, l)| e - l).collect(),
        end_s: r.end,
        ttft_s: r.ttft,
        isl: vec![1.0; n],
        osl: vec![2.0; n],
        ..Requests::default()
    };
    let c = u32::try_from(server.users).unwrap();
    let mut p = Point::default();
    p.load.concurrency = Some(c);
    let records = Records::new(&requests, Some(c)).unwrap();
    for m in [Metric::Ttft, Metric::RequestLatency] {
        p.measured(m, records.all().recomputed(m));
    }
    p.records = Some(Arc::new(requests));
    let mut run = run_of(label, &[]);
    run.points.push(p);
    run
}

#[test]
fn ratios_of_percentiles_cover() {
    const PAIRS: u64 = 100;
    let loops = [
        ("prefill queue, n 200, C 10", 200, 10, 0.3, 0.2, 0.0),
        ("speed drifts by 10 %, n 400, C 10", 400, 10, 0.3, 0.2, 0.1),
    ];
    for (name, n, users, prefill, scatter, drift) in loops {
        let server = Server {
            n,
            users,
            prefill,
            scatter,
            drift,
        };
        let mut rng = Rng(20_261_124);
        for stat in [Stat::P50, Stat::P90] {
            let (mut held, mut given) = (0.0, 0.0);
            for _ in 0..PAIRS {
                let ws: Workspace = pair(side("a", server, &mut rng), side("b", server, &mut rng));
                let a = analyse(
                    &ws,
                    &Options {
                        stat,
                        ..Options::default()
                    },
                );
                let c = certainty(&ws, a.candidate, a.baseline, &a.comparison);
                let d = c.of(Metric::RequestLatency).next().unwrap();
                if let Some(i) = d.interval {
                    given += 1.0;
                    held += f64::from(u8::from(i.contains(1.0)));
                }
            }
            let share = 100.0 * held / given;
            println!("{name}, {}: {share:.1} % of {given} intervals", stat.key());
            assert!(given > 0.9 * PAIRS as f64, "{name}");
            assert!(
                (90.0..=100.0).contains(&share),
                "{name}, {}: {share}",
                stat.key()
            );
        }
    }
}
