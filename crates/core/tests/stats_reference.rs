//! Every deterministic statistic against NumPy and SciPy, to 1e-9. The reference is written by
//! `tests/golden/stats/make_reference.py`, never by hand.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;
use servelens_core::stats::*;

fn reference() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/stats/reference.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    let rows: Vec<_> = value.as_array().unwrap().iter().map(floats).collect();
    assert!(!rows.is_empty());
    rows
}

#[track_caller]
fn near(what: &str, got: f64, want: f64) {
    // Relative; absolute at 0; below 1e-300 floats lose their digits.
    let scale = if want == 0.0 { 1.0 } else { want.abs() };
    let error = (got - want).abs() / scale.max(1e-300);
    assert!(
        error < 1e-9,
        "{what}: {got:e} against {want:e}, error {error:e}"
    );
}

/// Checks rows whose last figure is f of the others.
fn table(name: &str, f: impl Fn(&[f64]) -> f64) {
    for row in rows(&reference()[name]) {
        let (want, arguments) = row.split_last().unwrap();
        near(&format!("{name} {arguments:?}"), f(arguments), *want);
    }
}

#[test]
fn distributions() {
    table("normal_cdf", |r| normal_cdf(r[0]));
    table("normal_sf", |r| normal_sf(r[0]));
    table("normal_quantile", |r| normal_quantile(r[0]));
    table("t_sf", |r| t_sf(r[0], r[1]));
    table("t_quantile", |r| t_quantile(r[0], r[1]));
    table("ln_gamma", |r| ln_gamma(r[0]));
    table("beta_cdf", |r| beta_cdf(r[0], r[1], r[2]));
    table("beta_quantile", |r| beta_quantile(r[0], r[1], r[2]));
    table("binomial_cdf", |r| binomial_cdf(r[0], r[1], r[2]));
    table("binomial_quantile", |r| {
        binomial_quantile(r[0], r[1] as u64, r[2]) as f64
    });
}

#[test]
fn one_sample() {
    let r = reference();
    for (name, want) in r["one"].as_object().unwrap() {
        let x = floats(&r["samples"][name]);
        let of = |key: &str| want[key].as_f64().unwrap();
        near(name, mean(&x).unwrap(), of("mean"));
        near(name, std_population(&x).unwrap(), of("std_population"));
        near(name, std_sample(&x).unwrap(), of("std_sample"));
        near(name, autocorrelation(&x, 1).unwrap(), of("autocorrelation"));
        near(name, effective_n(&x).unwrap(), of("effective_n"));
        let s = sorted(&x);
        for row in rows(&want["percentiles"]) {
            near(name, percentile(&s, row[0]).unwrap(), row[1]);
        }
        let (i, w) = (
            repeats_interval(&x, LEVEL).unwrap(),
            floats(&want["repeats"]),
        );
        near(name, i.low, w[0]);
        near(name, i.high, w[1]);
    }
}

#[test]
fn two_samples() {
    let r = reference();
    for want in r["pairs"].as_array().unwrap() {
        let side = |key: &str| floats(&r["samples"][want[key].as_str().unwrap()]);
        let (a, b) = (side("a"), side("b"));
        let what = format!("{} against {}", want["a"], want["b"]);
        let of = |key: &str| want[key].as_f64().unwrap();
        let test = mann_whitney(&a, &b).unwrap();
        near(&what, test.u, of("u"));
        near(&what, test.p, of("p"));
        near(&what, cliffs_delta(&a, &b).unwrap(), of("delta"));
        near(&what, hodges_lehmann(&a, &b).unwrap(), of("shift"));
        for row in rows(&want["quantiles"]) {
            let got = pair_quantile(&sorted(&a), &sorted(&b), row[0]).unwrap();
            near(&what, got, row[1]);
        }
    }
}

#[test]
fn ranks_of_percentiles() {
    for row in rows(&reference()["ranks"]) {
        let (n, p, low, high) = (row[0], row[1], row[2], row[3]);
        let ascending: Vec<f64> = (1..=n as u32).map(f64::from).collect();
        let got = order_statistic_interval(&ascending, p, LEVEL);
        let inside = low >= 1.0 && high <= n;
        match got {
            PercentileInterval::Both(i) => assert_eq!((i.low, i.high), (low, high), "{row:?}"),
            PercentileInterval::AtLeast(_) | PercentileInterval::AtMost(_) => {
                assert!(!inside, "{row:?}: {got:?}");
            }
            PercentileInterval::TooSmall => assert!(!inside, "{row:?}"),
        }
        assert_eq!(
            matches!(got, PercentileInterval::Both(_)),
            inside,
            "{row:?}"
        );
    }
}

#[test]
fn shares() {
    for row in rows(&reference()["wilson"]) {
        let i = wilson_interval(row[0] / row[1], row[1], LEVEL).unwrap();
        assert!(
            (i.low - row[2]).abs() < 1e-12 && (i.high - row[3]).abs() < 1e-12,
            "{row:?}: {i:?}"
        );
    }
}

#[test]
fn corrections() {
    for case in reference()["holm"].as_array().unwrap() {
        for (got, want) in holm(&floats(&case[0])).iter().zip(floats(&case[1])) {
            near("holm", *got, want);
        }
    }
}
