//! Do 95 % intervals cover? Simulated runs with a fixed seed, 2,000 a scenario: independent
//! values, autoregressions, and a closed loop of C users on a server with a prefill queue,
//! batched decoding and, where said, a speed that drifts. The true value is the known one, or
//! the average over all simulated runs of the same scenario. `docs/STATISTICS.md` cites the
//! table that this test prints:
//! `cargo test --release -p servelens-core --test stats_coverage -- --nocapture --test-threads 1`.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod closed_loop;

use closed_loop::{Records, Rng, STEADY, Server};
use servelens_core::stats::{
    Interval, LEVEL, NoInterval, PercentileInterval, SeriesMean, Served, Shift, Throughput,
    compare_samples, effective_n, goodput_interval, mann_whitney, mean, normal_cdf,
    normal_quantile, percentile, percentile_estimate, ratio, repeats_interval, series_mean, sorted,
    std_sample, t_quantile, throughput,
};

const RUNS: usize = 2_000;

/// What the share of covering intervals must be, in per cent.
type Band = std::ops::RangeInclusive<f64>;
/// What was asked for, 93 to 97 %, give or take the error of 2,000 runs (half a per cent).
const ASKED: Band = 92.5..=97.5;
/// Where a closed loop steadies itself: a long request takes the place of others, so that
/// waves even each other out. Effective numbers above n are not granted, hence wider.
const STEADIED: Band = 92.5..=100.0;

type Outcome<T> = Result<T, NoInterval>;

fn average(values: impl Iterator<Item = f64>) -> f64 {
    mean(&values.collect::<Vec<_>>()).unwrap()
}

/// Counts how often the interval of a run holds the truth, of those that have one, and prints
/// a row. Per cent: of those that have one, and how many have one.
fn count(what: &str, truth: f64, intervals: impl Iterator<Item = Outcome<Interval>>) -> (f64, f64) {
    let (mut runs, mut given, mut hit) = (0.0, 0.0, 0.0);
    for interval in intervals {
        runs += 1.0;
        if let Ok(i) = interval {
            given += 1.0;
            hit += f64::from(u8::from(i.contains(truth)));
        }
    }
    let (share, given) = (100.0 * hit / given, 100.0 * given / runs);
    println!("| {what} | {share:.1} | {given:.0} |");
    (share, given)
}

/// Holds the share of covering intervals to the band.
#[track_caller]
fn covers(what: &str, band: &Band, truth: f64, intervals: impl Iterator<Item = Outcome<Interval>>) {
    let (share, given) = count(what, truth, intervals);
    assert!(
        band.contains(&share),
        "{what}: {share:.1} % not in {band:?}"
    );
    assert!(
        given >= 85.0,
        "{what}: only {given:.0} % of runs have an interval"
    );
}

fn of_percentile(values: &[f64], p: f64, wave: usize) -> Outcome<Interval> {
    let (low, high) = match percentile_estimate(values, p, wave, LEVEL)?.interval {
        PercentileInterval::Both(i) => (i.low, i.high),
        PercentileInterval::AtLeast(low) => (low, f64::INFINITY),
        PercentileInterval::AtMost(high) => (f64::NEG_INFINITY, high),
        PercentileInterval::TooSmall => (f64::NEG_INFINITY, f64::INFINITY),
    };
    Ok(Interval { low, high })
}

fn of_mean(values: &[f64], wave: usize) -> Outcome<Interval> {
    Ok(series_mean(values, wave)?.interval(LEVEL))
}

fn of_positive_mean(values: &[f64], wave: usize) -> Outcome<Interval> {
    Ok(series_mean(values, wave)?.positive_interval(LEVEL).unwrap())
}

fn of_goodput(values: &[f64], limit: f64, wave: usize) -> Outcome<Interval> {
    let good: Vec<bool> = values.iter().map(|v| *v <= limit).collect();
    goodput_interval(&good, wave, LEVEL)
}

#[test]
fn known_series() {
    let mut rng = Rng(20_250_101);
    for (name, rho, n, wave) in [
        ("independent, n 100, C 1", 0.0, 100, 1),
        ("independent, n 200, C 10", 0.0, 200, 10),
        ("autoregression 0.5, n 200, C 10", 0.5, 200, 10),
        ("autoregression 0.8, n 400, C 1", 0.8, 400, 1),
        ("autoregression 0.8, n 400, C 20", 0.8, 400, 20),
        ("autoregression 0.9, n 1000, C 10", 0.9, 1000, 10),
    ] {
        // Lognormal, as latencies are.
        let runs: Vec<Vec<f64>> = (0..RUNS)
            .map(|_| {
                rng.autoregression(rho, n)
                    .iter()
                    .map(|x| (0.5 * x).exp())
                    .collect()
            })
            .collect();
        let truth = 0.125f64.exp();
        covers(
            &format!("mean: {name}"),
            &ASKED,
            truth,
            runs.iter().map(|r| of_mean(r, wave)),
        );
        for p in [0.5, 0.9] {
            let truth = (0.5 * normal_quantile(p)).exp();
            let what = format!("p{}: {name}", p * 100.0);
            covers(
                &what,
                &ASKED,
                truth,
                runs.iter().map(|r| of_percentile(r, p, wave)),
            );
        }
        let limit = 1.2f64;
        let truth = normal_cdf(limit.ln() / 0.5);
        let what = format!("goodput: {name}");
        covers(
            &what,
            &ASKED,
            truth,
            runs.iter().map(|r| of_goodput(r, limit, wave)),
        );
    }
}

/// Every interval of one closed loop.
fn closed_loop(name: &str, server: Server, seed: u64, band: &Band, size: Band, naive: Band) {
    let c = server.users;
    let mut rng = Rng(seed);
    let runs: Vec<Records> = (0..RUNS).map(|_| server.run(&mut rng)).collect();
    let latency = |r: &Records| r.latency[c..].to_vec();
    let ttft = |r: &Records| r.ttft[c..].to_vec();
    per_request(
        &format!("latency: {name}"),
        band,
        c,
        runs.iter().map(latency),
    );
    if server.prefill > 0.0 {
        per_request(&format!("TTFT: {name}"), band, c, runs.iter().map(ttft));
    }
    let of = |r: &Records, drop: usize| {
        let starts: Vec<f64> = r.end.iter().zip(&r.latency).map(|(e, l)| e - l).collect();
        let served = Served {
            starts_s: &starts[drop..],
            ends_s: &r.end[drop..],
            amounts: &vec![1.0; r.end.len() - drop],
        };
        let from = if drop == 0 { 0.0 } else { r.end[drop - 1] };
        throughput(served, from, c, c - drop, LEVEL).unwrap()
    };
    let all = |r: &Records| of(r, 0);
    let late = |r: &Records| of(r, c);
    rate(
        &format!("throughput, all: {name}"),
        runs.iter().map(all).collect(),
    );
    rate(
        &format!("throughput, without the first C: {name}"),
        runs.iter().map(late).collect(),
    );
    pairs(name, &runs, c, size, naive);
}

fn per_request(what: &str, band: &Band, c: usize, runs: impl Iterator<Item = Vec<f64>>) {
    let runs: Vec<Vec<f64>> = runs.collect();
    let truth = average(runs.iter().map(|r| mean(r).unwrap()));
    covers(
        &format!("mean {what}"),
        band,
        truth,
        runs.iter().map(|r| of_positive_mean(r, c)),
    );
    let at = |p: f64| average(runs.iter().map(|r| percentile(&sorted(r), p).unwrap()));
    for p in [0.5, 0.9, 0.95] {
        let what = format!("p{} {what}", p * 100.0);
        covers(
            &what,
            band,
            at(p),
            runs.iter().map(|r| of_percentile(r, p, c)),
        );
    }
    let limit = at(0.7);
    let share = |r: &Vec<f64>| average(r.iter().map(|v| f64::from(u8::from(*v <= limit))));
    let truth = average(runs.iter().map(share));
    covers(
        &format!("goodput {what}"),
        band,
        truth,
        runs.iter().map(|r| of_goodput(r, limit, c)),
    );
}

fn rate(what: &str, runs: Vec<Throughput>) {
    let truth = average(runs.iter().map(|t| t.rate.ln())).exp();
    covers(what, &STEADIED, truth, runs.into_iter().map(|t| t.interval));
}

/// Pairs of runs of the same system: nothing differs, and then the first is made 30 % slower.
fn pairs(name: &str, runs: &[Records], c: usize, size: Band, naive: Band) {
    let both: Vec<(Vec<f64>, Vec<f64>)> = runs
        .chunks_exact(2)
        .map(|p| (p[0].latency[c..].to_vec(), p[1].latency[c..].to_vec()))
        .collect();
    let of = |r: &[f64]| -> Outcome<SeriesMean> { series_mean(r, c) };
    let ratios = both
        .iter()
        .map(|(x, y)| Ok(ratio(&of(x)?, &of(y)?, LEVEL)?.interval));
    covers(&format!("latency ratio: {name}"), &STEADIED, 1.0, ratios);
    let compare = |by: f64| -> Vec<Outcome<Shift>> {
        let slower = |x: &[f64]| x.iter().map(|v| by * v).collect::<Vec<_>>();
        both.iter()
            .map(|(x, y)| compare_samples(&slower(x), c, y, c, LEVEL))
            .collect()
    };
    let same = compare(1.0);
    let delta = |s: &Outcome<Shift>| s.map(|s| s.delta_interval);
    let shift = |s: &Outcome<Shift>| {
        let nothing = Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        s.map(|s| s.shift_interval.unwrap_or(nothing))
    };
    covers(
        &format!("delta: {name}"),
        &STEADIED,
        0.0,
        same.iter().map(delta),
    );
    covers(
        &format!("shift: {name}"),
        &STEADIED,
        0.0,
        same.iter().map(shift),
    );
    let slower = compare(1.3);
    let truth = average(slower.iter().flatten().map(|s| s.delta));
    covers(
        &format!("delta, 30 % slower: {name}"),
        &STEADIED,
        truth,
        slower.iter().map(delta),
    );

    let given = same.iter().flatten().count() as f64;
    let wrong = same.iter().flatten().filter(|s| s.p < 0.05).count() as f64;
    let wrong = 100.0 * wrong / given;
    let plain = both
        .iter()
        .filter(|(x, y)| mann_whitney(x, y).unwrap().p < 0.05)
        .count();
    let plain = 100.0 * plain as f64 / both.len() as f64;
    println!(
        "| p < 0.05 though nothing differs: {name} | {wrong:.1}; plain Mann–Whitney {plain:.1} | |"
    );
    assert!(size.contains(&wrong), "{name}: {wrong} % false alarms");
    assert!(
        naive.contains(&plain),
        "{name}: {plain} % false alarms of the plain test"
    );
}

const fn server(n: usize, users: usize, prefill: f64, scatter: f64, drift: f64) -> Server {
    Server {
        n,
        users,
        prefill,
        scatter,
        drift,
        ..STEADY
    }
}

#[test]
fn decode_only() {
    let s = server(240, 20, 0.0, 0.5, 0.0);
    closed_loop(
        "decode only, n 240, C 20",
        s,
        11,
        &ASKED,
        0.0..=6.5,
        3.0..=7.0,
    );
}

#[test]
fn with_a_prefill_queue() {
    let s = server(200, 10, 0.5, 0.4, 0.0);
    closed_loop(
        "prefill queue, n 200, C 10",
        s,
        12,
        &ASKED,
        0.0..=6.5,
        3.0..=8.0,
    );
}

/// Here prefill sets the pace: latencies even each other out almost completely.
#[test]
fn bound_by_prefill() {
    let s = server(400, 10, 1.5, 0.4, 0.0);
    closed_loop(
        "prefill-bound, n 400, C 10",
        s,
        13,
        &STEADIED,
        0.0..=6.5,
        0.0..=7.0,
    );
}

#[test]
fn a_drifting_server() {
    let s = server(400, 10, 0.2, 0.4, 0.1);
    closed_loop(
        "speed drifts by 10 %, n 400, C 10",
        s,
        14,
        &ASKED,
        0.0..=6.5,
        10.0..=100.0,
    );
}

/// The hardest case: a mean TTFT that rests on rare slow spells covers a little less.
#[test]
fn a_wildly_drifting_server() {
    let s = server(600, 10, 0.2, 0.4, 0.3);
    closed_loop(
        "speed drifts by 30 %, n 600, C 10",
        s,
        15,
        &(91.0..=97.5),
        0.0..=6.5,
        30.0..=100.0,
    );
}

/// The limit of the method: five waves cannot show a drift that is as slow as they are. This is
/// what `FEW_BATCHES` stands for; the test fails if the docs' figures no longer hold.
#[test]
fn a_short_run_hides_a_drift() {
    let mut rng = Rng(17);
    for (drift, expected) in [(0.0, ASKED), (0.1, 80.0..=91.0)] {
        let s = server(300, 50, 0.2, 0.4, drift);
        let runs: Vec<Records> = (0..RUNS).map(|_| s.run(&mut rng)).collect();
        let of = |r: &Records| r.latency[50..].to_vec();
        let truth = average(runs.iter().map(|r| mean(&of(r)).unwrap()));
        let intervals = runs.iter().map(|r| of_positive_mean(&of(r), 50));
        let percent = drift * 100.0;
        let what = format!("mean latency: speed drifts by {percent} %, n 300, C 50, five waves");
        let (share, given) = count(&what, truth, intervals);
        assert!(expected.contains(&share), "{what}: {share:.1} %");
        assert!(given > 60.0, "{what}: {given:.0} % have an interval");
    }
}

/// Percentile bootstrap of circular blocks of min(C, n/3) completions: the scheme that was
/// tried first. It stays here as the reason for the other one.
fn block_bootstrap(rng: &mut Rng, r: &Records, wave: usize) -> Interval {
    let gaps: Vec<f64> = r.end[wave - 1..].windows(2).map(|w| w[1] - w[0]).collect();
    let n = gaps.len();
    let block = wave.min(n / 3);
    // Sums of all circular blocks once; a resample then adds whole blocks.
    let at = |i: usize| gaps[i % n];
    let mut sums = vec![(0..block).map(at).sum::<f64>()];
    for i in 1..n {
        sums.push(sums[i - 1] - at(i - 1) + at(i + block - 1));
    }
    let blocks = n / block;
    let rates: Vec<f64> = (0..2_000)
        .map(|_| {
            let time: f64 = (0..blocks)
                .map(|_| sums[(rng.uniform() * n as f64) as usize])
                .sum();
            (blocks * block) as f64 / time
        })
        .collect();
    let rates = sorted(&rates);
    Interval {
        low: percentile(&rates, 0.025).unwrap(),
        high: percentile(&rates, 0.975).unwrap(),
    }
}

#[test]
fn what_was_tried_first_covers_too_rarely() {
    let mut rng = Rng(16);
    let s = server(200, 20, 0.2, 0.4, 0.3);
    let runs: Vec<Records> = (0..500).map(|_| s.run(&mut rng)).collect();
    let rate = |r: &Records| (r.end.len() - 20) as f64 / (r.end[r.end.len() - 1] - r.end[19]);
    let truth = average(runs.iter().map(|r| rate(r).ln())).exp();
    let intervals: Vec<Interval> = runs
        .iter()
        .map(|r| block_bootstrap(&mut rng, r, 20))
        .collect();
    let what = "throughput by block bootstrap: speed drifts by 30 %, n 200, C 20";
    covers(what, &(60.0..=85.0), truth, intervals.into_iter().map(Ok));

    // The effective number of single requests, as the textbook has it.
    let late = |r: &Records| r.latency[20..].to_vec();
    let truth = average(runs.iter().map(|r| mean(&late(r)).unwrap()));
    let textbook = |r: &Records| {
        let x = late(r);
        let n = effective_n(&x).unwrap();
        let half = t_quantile(0.975, (n - 1.0).max(1.0)) * std_sample(&x).unwrap() / n.sqrt();
        let m = mean(&x).unwrap();
        Ok(Interval {
            low: m - half,
            high: m + half,
        })
    };
    let what = "mean latency by single requests: speed drifts by 30 %, n 200, C 20";
    covers(what, &(30.0..=70.0), truth, runs.iter().map(textbook));
}

#[test]
fn three_repeats() {
    let mut rng = Rng(3);
    let intervals = (0..RUNS).map(|_| {
        let runs = [rng.normal(), rng.normal(), rng.normal()];
        Ok(repeats_interval(&runs, LEVEL).unwrap())
    });
    covers("mean of three repeats", &ASKED, 0.0, intervals);
}
