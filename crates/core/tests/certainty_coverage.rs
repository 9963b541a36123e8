//! How often the interval of a ratio of percentiles holds the true ratio; `--nocapture` prints it.
//! Those of means and rates are in `stats_coverage.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed step is the test's own message, and the figures are for the docs"
)]

mod closed_loop;
mod known;
mod support;

use closed_loop::{Rng, STEADY, Server};
use known::{point, requests_of, run};
use servelens_core::analysis::{Options, analyse};
use servelens_core::certainty::certainty;
use servelens_core::model::{Metric, Stat};
use support::pair;

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
            ..STEADY
        };
        let mut rng = Rng(20_261_124);
        for stat in [Stat::P50, Stat::P90] {
            let (mut held, mut given) = (0.0, 0.0);
            for _ in 0..PAIRS {
                let mut side = |label| {
                    let requests = requests_of(server, &mut rng, 1.0);
                    run(label, vec![point(requests, u32::try_from(users).unwrap())])
                };
                let ws = pair(side("a"), side("b"));
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
