//! The interval of a rate: completions or tokens a second.
//!
//! The rate is what was done over the time it took. Its spread is that of a ratio estimator
//! (Cochran, Sampling Techniques, chapter 6): of the series "amount − rate × gap" over the gaps
//! between completions, through [`series_mean`](super::series_mean), and its interval is taken
//! in logarithms, so that a bound is never negative. A wave of C completions is the block, as
//! whole waves of a lock-stepped loop take the same time. A percentile bootstrap over the same
//! blocks (circular: Politis and Romano 1992) was tried first and covers too rarely where the
//! server's speed drifts: with 3 to 40 blocks it lacks the t quantile and misses what
//! neighbouring blocks share. The coverage test holds it beside this scheme.

use super::dependence::{SeriesMean, series_mean};
use super::interval::{Interval, NoInterval};
use super::special::t_quantile;

/// A rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Amount a second.
    pub rate: f64,
    /// Its interval, or why there is none.
    pub interval: Result<Interval, NoInterval>,
    /// The rate as a mean for [`ratio`](super::ratio); its `se` is in amounts a second.
    pub mean: Option<SeriesMean>,
}

/// Rate of what was completed at `ends_s` (ascending, seconds) since `from_s`: `amounts` holds
/// 1 a request, or its tokens. `wave` is the concurrency; `ramp` is how many of the first gaps
/// belong to the start of the run, which happens once and is no spread: C when `from_s` is the
/// start of the run, else 0. `None` when no time passed, nothing was done, or the lengths differ.
pub fn throughput(
    ends_s: &[f64],
    amounts: &[f64],
    from_s: f64,
    wave: usize,
    ramp: usize,
    level: f64,
) -> Option<Throughput> {
    let time = ends_s.last()? - from_s;
    let rate = amounts.iter().sum::<f64>() / time;
    if !(rate.is_finite() && rate > 0.0) || amounts.len() != ends_s.len() {
        return None;
    }
    let rest: Vec<f64> = std::iter::once(&from_s)
        .chain(ends_s)
        .zip(ends_s)
        .zip(amounts)
        .skip(ramp)
        .map(|((before, end), amount)| amount - rate * (end - before))
        .collect();
    let n = ends_s.len();
    let mean = match series_mean(&rest, wave) {
        Ok(m) => Ok(SeriesMean {
            mean: rate,
            se: m.se * n as f64 / time,
            n,
            ..m
        }),
        Err(NoInterval::TooShort { needed, .. }) => Err(NoInterval::TooShort {
            n,
            needed: needed + n.min(ramp),
        }),
        Err(other) => Err(other),
    };
    let interval = mean.map(|m| {
        let half = t_quantile(0.5 + 0.5 * level, m.dof) * m.se / m.mean;
        Interval {
            low: rate * (-half).exp(),
            high: rate * half.exp(),
        }
    });
    Some(Throughput {
        rate,
        interval,
        mean: mean.ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_stepped_waves_have_no_spread() {
        // Ten requests end together every second.
        let ends: Vec<f64> = (0..100).map(|i| f64::from(i / 10 + 1)).collect();
        let t = throughput(&ends, &[1.0; 100], 0.0, 10, 10, 0.95).unwrap();
        assert_eq!(t.rate, 10.0);
        let i = t.interval.unwrap();
        assert!((i.high - i.low).abs() < 1e-9);
    }

    #[test]
    fn two_waves_have_a_rate_but_no_interval() {
        let ends: Vec<f64> = (1..=100).map(f64::from).collect();
        let t = throughput(&ends, &[1.0; 100], 0.0, 50, 0, 0.95).unwrap();
        assert_eq!(t.rate, 1.0);
        assert_eq!(
            t.interval,
            Err(NoInterval::TooShort {
                n: 100,
                needed: 150
            })
        );
    }

    #[test]
    fn tokens_scale_the_rate_and_its_bounds() {
        let ends: Vec<f64> = (1..=90u32).map(|i| f64::from(i * i % 7 + 10 * i)).collect();
        let one = throughput(&ends, &[1.0; 90], 0.0, 5, 5, 0.95).unwrap();
        let many = throughput(&ends, &[100.0; 90], 0.0, 5, 5, 0.95).unwrap();
        assert!((many.rate - 100.0 * one.rate).abs() < 1e-9);
        let (a, b) = (one.interval.unwrap(), many.interval.unwrap());
        assert!((b.low - 100.0 * a.low).abs() < 1e-9 && (b.high - 100.0 * a.high).abs() < 1e-9);
        assert!(a.low < one.rate && one.rate < a.high);
    }

    #[test]
    fn no_time_is_no_rate() {
        assert_eq!(throughput(&[3.0], &[1.0], 3.0, 1, 0, 0.95), None);
        assert_eq!(throughput(&[], &[], 0.0, 1, 0, 0.95), None);
    }
}
