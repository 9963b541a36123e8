//! Do 95 % intervals cover? Simulated runs with a fixed seed, 2,000 a scenario: independent
//! values, autoregressions, and a closed loop of C users on a server with a prefill queue,
//! batched decoding and, where said, a speed that drifts. The true value is the known one, or
//! the average over all simulated runs of the same scenario. `docs/STATISTICS.md` cites the
//! table that this test prints (`cargo test --release --test stats_coverage -- --nocapture`).

use servelens_core::stats::{
    LEVEL, NoInterval, PercentileInterval, compare_samples, goodput_interval, mann_whitney, mean,
    normal_cdf, normal_quantile, percentile, percentile_estimate, ratio, repeats_interval,
    series_mean, sorted, throughput,
};
use std::collections::VecDeque;

const RUNS: usize = 2_000;

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers everywhere.
struct Rng(u64);

impl Rng {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
    fn autoregression(&mut self, rho: f64, n: usize) -> Vec<f64> {
        let mut x = self.normal();
        let fresh = (1.0 - rho * rho).sqrt();
        (0..n)
            .map(|_| {
                x = rho * x + fresh * self.normal();
                x
            })
            .collect()
    }
}

/// A closed loop: `users` requests always in flight until `n` were sent.
#[derive(Clone, Copy)]
struct Server {
    n: usize,
    users: usize,
    /// Prefill time as a share of an average decode, for all users together.
    prefill: f64,
    /// Sigma of ln(decode work).
    scatter: f64,
    /// Sigma of ln(speed), which forgets itself after about one decode.
    drift: f64,
}

/// Completed requests in order of completion.
struct Records {
    end: Vec<f64>,
    latency: Vec<f64>,
    ttft: Vec<f64>,
}

impl Server {
    fn run(self, rng: &mut Rng) -> Records {
        const STEP: f64 = 0.2;
        let forget = (-STEP).exp();
        let (mut now, mut work_done, mut weather, mut next_weather) =
            (0.0, 0.0, rng.normal(), STEP);
        let mut waiting: VecDeque<f64> = (0..self.users).map(|_| 0.0).collect();
        let mut sent = self.users;
        let mut in_prefill: Option<(f64, f64)> = None;
        let mut decoding: Vec<(f64, f64, f64)> = Vec::new();
        let mut out = Records {
            end: vec![],
            latency: vec![],
            ttft: vec![],
        };
        while out.end.len() < self.n {
            if in_prefill.is_none()
                && let Some(start) = waiting.pop_front()
            {
                let share = self.prefill / self.users as f64;
                in_prefill = Some((now + share * (0.8 + 0.4 * rng.uniform()), start));
            }
            let load = decoding.len() as f64 / self.users as f64;
            let speed = (self.drift * weather).exp() / (0.3 + 0.7 * load);
            let (first, until) = decoding
                .iter()
                .enumerate()
                .min_by(|a, b| a.1.0.total_cmp(&b.1.0))
                .map_or((0, f64::INFINITY), |(i, d)| {
                    (i, now + (d.0 - work_done) / speed)
                });
            let prefilled = in_prefill.map_or(f64::INFINITY, |p| p.0);
            let changes = if self.drift > 0.0 {
                next_weather
            } else {
                f64::INFINITY
            };
            let next = until.min(prefilled).min(changes);
            if !decoding.is_empty() {
                work_done += (next - now) * speed;
            }
            now = next;
            if now == until {
                let (work, start, ttft) = decoding.swap_remove(first);
                work_done = work;
                out.end.push(now);
                out.latency.push(now - start);
                out.ttft.push(ttft);
                if sent < self.n {
                    waiting.push_back(now);
                    sent += 1;
                }
            } else if now == prefilled {
                if let Some((_, start)) = in_prefill.take() {
                    let work = (self.scatter * rng.normal() - 0.5 * self.scatter.powi(2)).exp();
                    decoding.push((work_done + work, start, now - start));
                }
            } else {
                next_weather += STEP;
                weather = forget * weather + (1.0 - forget * forget).sqrt() * rng.normal();
            }
        }
        out
    }
}

/// The scenarios of the closed loop, without the extreme drift.
fn servers() -> Vec<(&'static str, Server)> {
    let server = |n, users, prefill, scatter, drift| Server {
        n,
        users,
        prefill,
        scatter,
        drift,
    };
    vec![
        ("decode only, n 100, C 10", server(100, 10, 0.0, 0.5, 0.0)),
        ("decode only, n 300, C 20", server(300, 20, 0.0, 0.5, 0.0)),
        (
            "with prefill queue, n 200, C 10",
            server(200, 10, 0.5, 0.4, 0.0),
        ),
        ("prefill-bound, n 400, C 10", server(400, 10, 1.5, 0.4, 0.0)),
        (
            "speed drifts by 10 %, n 400, C 10",
            server(400, 10, 0.2, 0.4, 0.1),
        ),
        (
            "speed drifts by 30 %, n 600, C 10",
            server(600, 10, 0.2, 0.4, 0.3),
        ),
    ]
}

/// Shares of runs, in per cent.
struct Outcome {
    cover: f64,
    given: f64,
}

/// Counts how often the interval of each run holds the truth, of those that have one.
fn coverage(
    name: &str,
    truth: f64,
    intervals: impl Iterator<Item = Option<(f64, f64)>>,
) -> Outcome {
    let (mut runs, mut given, mut hit) = (0.0, 0.0, 0.0);
    for interval in intervals {
        runs += 1.0;
        if let Some((low, high)) = interval {
            given += 1.0;
            hit += f64::from(u8::from(low <= truth && truth <= high));
        }
    }
    let o = Outcome {
        cover: 100.0 * hit / given,
        given: 100.0 * given / runs,
    };
    println!("| {name} | {:.1} | {:.0} |", o.cover, o.given);
    o
}

fn average(values: impl Iterator<Item = f64>) -> f64 {
    mean(&values.collect::<Vec<_>>()).unwrap()
}

fn two_sided(i: PercentileInterval) -> Option<(f64, f64)> {
    match i {
        PercentileInterval::Both(i) => Some((i.low, i.high)),
        PercentileInterval::AtLeast(low) => Some((low, f64::INFINITY)),
        PercentileInterval::AtMost(high) => Some((f64::NEG_INFINITY, high)),
        PercentileInterval::TooSmall => None,
    }
}

fn of_mean(values: &[f64], wave: usize) -> Option<(f64, f64)> {
    let i = series_mean(values, wave).ok()?.interval(LEVEL);
    Some((i.low, i.high))
}

fn of_percentile(values: &[f64], p: f64, wave: usize) -> Option<(f64, f64)> {
    two_sided(percentile_estimate(values, p, wave, LEVEL).ok()?.interval)
}

#[test]
fn known_series() {
    let mut rng = Rng(20_250_101);
    for (name, rho, n, wave) in [
        ("independent lognormal, n 100, C 1", 0.0, 100, 1),
        ("independent lognormal, n 200, C 10", 0.0, 200, 10),
        ("autoregression 0.5, n 200, C 10", 0.5, 200, 10),
        ("autoregression 0.8, n 400, C 1", 0.8, 400, 1),
        ("autoregression 0.8, n 400, C 20", 0.8, 400, 20),
        ("autoregression 0.9, n 1000, C 10", 0.9, 1000, 10),
    ] {
        let runs: Vec<Vec<f64>> = (0..RUNS)
            .map(|_| {
                let x = rng.autoregression(rho, n);
                if rho == 0.0 {
                    x.iter().map(|v| (0.5 * v).exp()).collect()
                } else {
                    x
                }
            })
            .collect();
        let truth = if rho == 0.0 { 0.125f64.exp() } else { 0.0 };
        coverage(
            &format!("mean: {name}"),
            truth,
            runs.iter().map(|r| of_mean(r, wave)),
        );
        for p in [0.5, 0.9] {
            let z = normal_quantile(p);
            let truth = if rho == 0.0 { (0.5 * z).exp() } else { z };
            coverage(
                &format!("p{}: {name}", p * 100.0),
                truth,
                runs.iter().map(|r| of_percentile(r, p, wave)),
            );
        }
        let limit = 0.9;
        let truth = if rho == 0.0 {
            normal_cdf(f64::ln(limit) / 0.5)
        } else {
            normal_cdf(limit)
        };
        coverage(
            &format!("goodput: {name}"),
            truth,
            runs.iter().map(|r| {
                let good: Vec<bool> = r.iter().map(|v| *v <= limit).collect();
                let i = goodput_interval(&good, wave, LEVEL).ok()?;
                Some((i.low, i.high))
            }),
        );
    }
}

#[test]
fn closed_loops() {
    let mut rng = Rng(7);
    for (name, server) in servers() {
        let c = server.users;
        let runs: Vec<Records> = (0..RUNS).map(|_| server.run(&mut rng)).collect();
        for (what, pick) in [("latency", true), ("TTFT", false)] {
            if !pick && server.prefill == 0.0 {
                continue;
            }
            let of = |r: &'_ Records| {
                if pick {
                    r.latency[c..].to_vec()
                } else {
                    r.ttft[c..].to_vec()
                }
            };
            let truth = average(runs.iter().map(|r| mean(&of(r)).unwrap()));
            coverage(
                &format!("mean {what}: {name}"),
                truth,
                runs.iter().map(|r| of_mean(&of(r), c)),
            );
            for p in [0.5, 0.9, 0.95] {
                let truth = average(runs.iter().map(|r| percentile(&sorted(&of(r)), p).unwrap()));
                coverage(
                    &format!("p{} {what}: {name}", p * 100.0),
                    truth,
                    runs.iter().map(|r| of_percentile(&of(r), p, c)),
                );
            }
            let limit = average(
                runs.iter()
                    .map(|r| percentile(&sorted(&of(r)), 0.7).unwrap()),
            );
            let good = |r: &Records| of(r).iter().map(|v| *v <= limit).collect::<Vec<bool>>();
            let truth = average(
                runs.iter()
                    .map(|r| average(good(r).iter().map(|&g| f64::from(u8::from(g))))),
            );
            coverage(
                &format!("goodput {what}: {name}"),
                truth,
                runs.iter().map(|r| {
                    let i = goodput_interval(&good(r), c, LEVEL).ok()?;
                    Some((i.low, i.high))
                }),
            );
        }
        for (what, ramp) in [("all", c), ("without the first C", 0)] {
            let of = |r: &Records| {
                if ramp > 0 {
                    throughput(&r.end, 0.0, c, ramp, LEVEL).unwrap()
                } else {
                    throughput(&r.end[c..], r.end[c - 1], c, 0, LEVEL).unwrap()
                }
            };
            let truth = average(runs.iter().map(|r| of(r).rate.ln())).exp();
            coverage(
                &format!("throughput, {what}: {name}"),
                truth,
                runs.iter().map(|r| {
                    let i = of(r).interval.ok()?;
                    Some((i.low, i.high))
                }),
            );
        }
        let pairs = || runs.chunks_exact(2).map(|p| (&p[0], &p[1]));
        coverage(
            &format!("latency ratio: {name}"),
            1.0,
            pairs().map(|(x, y)| {
                let i = ratio(
                    &series_mean(&x.latency[c..], c).ok()?,
                    &series_mean(&y.latency[c..], c).ok()?,
                    LEVEL,
                )
                .ok()?
                .interval;
                Some((i.low, i.high))
            }),
        );
        let cmp: Vec<_> = pairs()
            .map(|(x, y)| compare_samples(&x.latency[c..], c, &y.latency[c..], c, LEVEL))
            .collect();
        coverage(
            &format!("delta 0: {name}"),
            0.0,
            cmp.iter().map(|s| {
                let i = s.ok()?.delta_interval;
                Some((i.low, i.high))
            }),
        );
        coverage(
            &format!("shift 0: {name}"),
            0.0,
            cmp.iter().map(|s| {
                let i = s.ok()?.shift_interval?;
                Some((i.low, i.high))
            }),
        );
        let n = cmp.iter().flatten().count() as f64;
        println!(
            "| p < 0.05: {name} | {:.1} | |",
            100.0 * cmp.iter().flatten().filter(|s| s.p < 0.05).count() as f64 / n
        );
        println!(
            "| naive p < 0.05: {name} | {:.1} | |",
            100.0
                * pairs()
                    .filter(
                        |(x, y)| mann_whitney(&x.latency[c..], &y.latency[c..]).unwrap().p < 0.05
                    )
                    .count() as f64
                / (RUNS / 2) as f64
        );
        let cmp: Vec<_> = pairs()
            .map(|(x, y)| {
                let x: Vec<f64> = x.latency[c..].iter().map(|v| v * 1.3).collect();
                compare_samples(&x, c, &y.latency[c..], c, LEVEL)
            })
            .collect();
        let truth = average(cmp.iter().flatten().map(|s| s.delta));
        coverage(
            &format!("delta shifted: {name}"),
            truth,
            cmp.iter().map(|s| {
                let i = s.ok()?.delta_interval;
                Some((i.low, i.high))
            }),
        );
    }
}
#[test]
fn repeats() {
    let _ = NoInterval::NotPositive;
    let mut rng = Rng(3);
    coverage(
        "three repeats",
        0.0,
        (0..RUNS).map(|_| {
            let i = repeats_interval(&[rng.normal(), rng.normal(), rng.normal()], LEVEL)?;
            Some((i.low, i.high))
        }),
    );
}
