//! Differences between systems whose requests are known, simulated in a closed loop.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod closed_loop;
mod known;
mod support;

use closed_loop::{Rng, STEADY, Server};
use known::{at_ten, both, point, requests, requests_of, run};
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{Check, Grade, Question};
use servelens_core::certainty::{Basis, METRICS, Reading, certainty};
use servelens_core::findings::Badge;
use servelens_core::fmt::plain;
use servelens_core::model::{Metric, Point, Stat, Stats};
use servelens_core::units::Seconds;
use support::pair;

fn noise(a: &Analysis) -> Vec<(Grade, bool)> {
    a.findings
        .iter()
        .filter(|f| f.check == Check::Noise)
        .map(|f| (f.grade, f.shakes.contains(&Question::WhoWins)))
        .collect()
}

#[test]
fn a_clear_difference_carries_its_interval_into_the_sentence() {
    let ws = at_ten(400, 0.6);
    let (a, c) = both(&ws);
    assert_eq!(c.rows.len(), METRICS.len());
    for d in &c.rows {
        assert_eq!(d.basis, Basis::WithinRun);
        let i = d.interval.unwrap();
        assert!(i.contains(d.ratio), "{d:?}");
        assert_eq!(d.reading(0.05), Some(Reading::Clear), "{d:?}");
        assert_eq!(
            d.pairs.is_some(),
            !matches!(
                d.metric,
                Metric::OutputThroughput | Metric::RequestThroughput
            )
        );
        let settled = d.settled.unwrap();
        assert!((settled / d.ratio - 1.0).abs() < 0.2, "{d:?}");
        for side in [&d.candidate, &d.baseline] {
            assert!(side.bounds.unwrap().contains(side.value));
            assert!(side.effective_n.unwrap() <= 400.0);
        }
    }
    let pairs = c.of(Metric::RequestLatency).next().unwrap().pairs.unwrap();
    assert!(
        pairs.shift < 0.0 && pairs.delta < -0.9 && pairs.p < 0.001,
        "{pairs:?}"
    );
    assert_eq!((pairs.size, pairs.p_holm), ("large", pairs.p));
    let who = a.verdict.line(Question::WhoWins).unwrap();
    assert_eq!(
        plain(&who.sentence),
        "A leads at concurrency 10, the only load in common."
    );
    let reason = plain(&who.reason);
    assert!(
        reason.starts_with("Tokens/s +")
            && reason.contains(" to +")
            && reason.contains("95 % intervals within these runs"),
        "{reason}"
    );
    assert_eq!(noise(&a), [(Grade::Pass, false)]);
    assert_eq!(who.badge, Badge::Sound);
}

#[test]
fn a_difference_within_noise_is_called_so_and_shakes_the_badge() {
    // Few waves of a drifting server: far apart by chance.
    let drifting = |seed| {
        let server = Server {
            n: 120,
            users: 10,
            prefill: 0.3,
            scatter: 0.6,
            drift: 0.3,
            ..STEADY
        };
        point(requests_of(server, &mut Rng(seed), 1.0), 10)
    };
    let found = (0..200).find_map(|seed| {
        let ws = pair(
            run("A", vec![drifting(2 * seed)]),
            run("B", vec![drifting(2 * seed + 1)]),
        );
        let (a, c) = both(&ws);
        let d = c.of(Metric::OutputThroughput).next().unwrap().clone();
        (d.reading(0.05) == Some(Reading::Noise) && !(1.0 / 1.05..=1.05).contains(&d.ratio))
            .then_some((a, d))
    });
    let (a, d) = found.unwrap();
    assert!(d.interval.unwrap().contains(1.0));
    let who = a.verdict.line(Question::WhoWins).unwrap();
    assert!(
        plain(&who.reason).contains("The difference at 10 is within noise within these runs."),
        "{}",
        who.reason
    );
    assert_eq!(who.badge, Badge::Caution);
    assert!(noise(&a).contains(&(Grade::Warn, true)));
}

#[test]
fn no_practical_difference_must_be_known_to_be_small() {
    // The same requests on both sides: no difference, yet their interval is wider than the band.
    let p = point(requests(7, 120, 10, 1.0), 10);
    let ws = pair(run("A", vec![p.clone()]), run("B", vec![p]));
    let (a, c) = both(&ws);
    for d in &c.rows {
        assert_eq!(d.ratio, 1.0);
        assert!(d.interval.unwrap().contains(1.0));
        if let Some(t) = d.pairs {
            assert_eq!(
                (t.shift, t.delta, t.p, t.size),
                (0.0, 0.0, 1.0, "negligible")
            );
        }
    }
    let who = a.verdict.line(Question::WhoWins).unwrap();
    assert!(
        who.sentence.contains("no practical difference"),
        "{}",
        who.sentence
    );
    let open = c.of(Metric::OutputThroughput).next().unwrap().reading(0.05) == Some(Reading::Noise);
    assert_eq!(open, noise(&a).contains(&(Grade::Warn, true)));
}

#[test]
fn few_waves_make_caution_where_wider_intervals_would_change_the_sentence() {
    // A run of few waves that still has an interval.
    let (clear, a) = (60..95)
        .find_map(|n| {
            let ws = at_ten(n, 0.3);
            let (a, c) = both(&ws);
            (c.rows[0].interval.is_some() && c.rows[1].interval.is_some()).then_some((ws, a))
        })
        .unwrap();
    assert!(both(&clear).1.rows.iter().all(|d| d.few_waves()));
    assert_eq!(noise(&a), [(Grade::Warn, false)]);
    // With a wider allowance the same run no longer carries its lead.
    let mut options = Options::default();
    options.thresholds.noise_widen = 1000.0;
    let a = analyse(&clear, &options);
    assert_eq!(noise(&a), [(Grade::Warn, true)]);
    assert_eq!(
        a.verdict.line(Question::WhoWins).unwrap().badge,
        Badge::Caution
    );
    // A long run rests on many.
    assert!(!both(&at_ten(400, 0.3)).1.rows[0].few_waves());
}

/// Less than ten waves are short, but an interval that bears the lead out covers the two ends of a run.
#[test]
fn a_short_run_shakes_no_lead_that_its_interval_bears_out() {
    let short = |n: usize, slow| {
        let (a, _) = both(&at_ten(n, slow));
        let f = a.findings.iter().find(|f| f.check == Check::Short).unwrap();
        assert_eq!(f.grade, Grade::Warn);
        f.shakes.contains(&Question::WhoWins)
    };
    assert!((60..95).any(|n| !short(n, 0.3)));
    assert!((60..95).all(|n| short(n, 0.97)));
}

#[test]
fn too_few_requests_say_so_instead_of_an_interval() {
    let (a, c) = both(&at_ten(25, 0.5));
    let d = &c.rows[0];
    assert_eq!((d.interval, d.reading(0.05)), (None, None));
    assert!(
        d.candidate
            .reason
            .as_ref()
            .unwrap()
            .starts_with("No interval: 25 requests are too few")
    );
    let latency = c.of(Metric::RequestLatency).next().unwrap();
    assert!(
        latency.pairs.is_none()
            && latency
                .no_test
                .as_ref()
                .unwrap()
                .starts_with("No interval: 25")
    );
    assert_eq!(noise(&a)[0].0, Grade::Warn);
    assert!(
        c.reasons()
            .iter()
            .any(|r| r.contains("25 requests are too few")),
        "{:?}",
        c.reasons()
    );
}

#[test]
fn three_repeats_speak_of_runs_and_two_do_not() {
    let repeats = |seed: u64, n: usize, slow: f64| -> Vec<Point> {
        (0..n)
            .map(|i| {
                point(
                    requests(seed + i as u64, 200, 10, slow * (1.0 + 0.02 * i as f64)),
                    10,
                )
            })
            .collect()
    };
    let (a, c) = both(&pair(
        run("A", repeats(10, 3, 0.6)),
        run("B", repeats(20, 3, 1.0)),
    ));
    for d in &c.rows {
        assert_eq!((d.basis, d.candidate.n), (Basis::Repeats, Some(3)), "{d:?}");
        assert!(d.interval.unwrap().contains(d.ratio));
    }
    assert!(c.claim().contains("from run to run"));
    assert!(
        plain(&a.verdict.line(Question::WhoWins).unwrap().reason)
            .contains("intervals from run to run")
    );
    let cell = &a.comparison.rows[0].cells[&Metric::OutputThroughput];
    assert_eq!(cell.candidate.as_ref().unwrap().repeats, 3);
    // Student's t by hand: mean ± 4.3027 s ÷ √3.
    let d = &c.rows[0];
    let values: Vec<f64> = pair(run("A", repeats(10, 3, 0.6)), run("B", vec![])).runs[0]
        .points
        .iter()
        .map(|p| p.reported(Metric::OutputThroughput).unwrap())
        .collect();
    let m = values.iter().sum::<f64>() / 3.0;
    let s = (values.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / 2.0).sqrt();
    let b = d.candidate.bounds.unwrap();
    assert!((b.high.unwrap() - (m + 4.302_652_73 * s / 3f64.sqrt())).abs() < 1e-6 * m);

    let (_, c) = both(&pair(
        run("A", repeats(10, 2, 0.6)),
        run("B", repeats(20, 2, 1.0)),
    ));
    assert!(
        c.rows
            .iter()
            .all(|d| d.basis == Basis::WithinRun && d.interval.is_some()),
        "{c:?}"
    );
    assert_eq!(c.rows[0].candidate.n, Some(400));
    assert!(c.claim().contains("within-run"));
}

#[test]
fn percentiles_have_order_statistics_and_open_ends() {
    let ws = at_ten(200, 0.6);
    let at = |stat| {
        let a = analyse(
            &ws,
            &Options {
                stat,
                ..Options::default()
            },
        );
        let c = certainty(&ws, a.candidate, a.baseline, &a.comparison);
        c.of(Metric::Ttft).next().unwrap().clone()
    };
    let median = at(Stat::P50);
    assert_eq!(median.stat, Stat::P50);
    let i = median.interval.unwrap();
    assert!(i.low.unwrap() < median.ratio && median.ratio < i.high.unwrap());
    // The 99th percentile of 200 requests has no upper bound, and so the ratio has none either.
    let p99 = at(Stat::P99);
    assert_eq!(p99.candidate.bounds.unwrap().high, None);
    assert!(p99.candidate.bounds.unwrap().low.is_some());
    assert_eq!(p99.interval.unwrap().low, None);
    assert_eq!(p99.interval.unwrap().high, None);
    assert_eq!(p99.reading(0.05), Some(Reading::Noise));
}

#[test]
fn summaries_have_rounding_intervals_and_no_p_value() {
    let ws = support::seed();
    let (a, c) = both(&ws);
    assert!(
        c.rows
            .iter()
            .all(|d| matches!(d.basis, Basis::Rounding | Basis::Bare) && d.pairs.is_none())
    );
    assert!(c.claim().contains("rounding alone") && c.claim().contains("no p value"));
    // 0.40 ÷ 1.00 req/s, each to two decimals: 0.395 ÷ 1.005 to 0.405 ÷ 0.995.
    let d = c.of(Metric::RequestThroughput).next().unwrap();
    let i = d.interval.unwrap();
    assert!((i.low.unwrap() - 0.395 / 1.005).abs() < 1e-12, "{d:?}");
    assert!((i.high.unwrap() - 0.405 / 0.995).abs() < 1e-12);
    assert_eq!(d.reading(0.05), None);
    assert_eq!(
        a.findings
            .iter()
            .find(|f| f.check == Check::Noise)
            .unwrap()
            .grade,
        Grade::Warn
    );
}

#[test]
fn records_that_contradict_their_summary_give_no_interval() {
    let mut ws = at_ten(200, 0.6);
    let p = &mut ws.runs[0].points[0];
    let x = p.reported(Metric::RequestThroughput).unwrap();
    p.measured(Metric::RequestThroughput, Stats::avg(1.04 * x));
    let (_, c) = both(&ws);
    assert!(
        c.of(Metric::RequestThroughput)
            .next()
            .unwrap()
            .interval
            .is_some()
    );
    ws.runs[0].points[0].measured(Metric::RequestThroughput, Stats::avg(1.06 * x));
    let (_, c) = both(&ws);
    let d = c.of(Metric::RequestThroughput).next().unwrap();
    assert!(
        d.interval.is_none() && d.candidate.reason.as_ref().unwrap().contains("the summary"),
        "{d:?}"
    );
}

#[test]
fn holm_corrects_over_the_loads_of_a_metric() {
    let side = |label: &str, seed, slow| {
        run(
            label,
            [4_u32, 10, 20]
                .iter()
                .map(|c| point(requests(seed + u64::from(*c), 400, *c as usize, slow), *c))
                .collect(),
        )
    };
    let (_, c) = both(&pair(side("A", 1, 0.97), side("B", 100, 1.0)));
    let pairs: Vec<_> = c
        .of(Metric::RequestLatency)
        .map(|d| d.pairs.unwrap())
        .collect();
    assert_eq!(pairs.len(), 3);
    let raw: Vec<f64> = pairs.iter().map(|t| t.p).collect();
    let holm = servelens_core::stats::holm(&raw);
    for (t, h) in pairs.iter().zip(&holm) {
        assert_eq!(t.p_holm, *h);
        assert!(t.p_holm >= t.p);
    }
    assert!(pairs.iter().any(|t| t.p_holm > t.p));
}

#[test]
fn the_edge_of_the_sla_is_judged_by_its_interval() {
    let mut ws = at_ten(200, 1.0);
    ws.sla.stat = Stat::P90;
    let value = ws.runs[0].points[0].metrics[&Metric::RequestLatency]
        .stats
        .get(Stat::P90)
        .unwrap();
    let other = ws.runs[1].points[0].metrics[&Metric::RequestLatency]
        .stats
        .get(Stat::P90)
        .unwrap();
    let line = |limit: f64| {
        let mut ws = ws.clone();
        ws.sla.latency = Some(Seconds(limit));
        analyse(&ws, &Options::default())
            .verdict
            .line(Question::Sla)
            .unwrap()
            .clone()
    };
    let near = line(value.max(other) * 1.001);
    assert_eq!(
        (near.badge, near.evidence.as_str()),
        (Badge::Caution, "n 200 at the edge"),
        "{near:?}"
    );
    assert!(
        plain(&near.reason).contains("(95 % interval "),
        "{}",
        near.reason
    );
    assert_eq!(line(value.max(other) * 2.0).badge, Badge::Sound);
}
