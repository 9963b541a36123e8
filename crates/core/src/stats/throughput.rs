//! The interval of a completion rate.
//!
//! The rate is n over the time it took; its spread comes from the gaps between completions,
//! through [`series_mean`](super::series_mean), in logarithms so that a bound is never
//! negative. A wave of C completions is the block, as whole waves of a lock-stepped loop take
//! the same time. A percentile bootstrap over the same blocks (Politis and Romano 1992) was
//! tried first and covered 70 to 90 % where the server's speed drifts: with 3 to 20 blocks it
//! lacks the t quantile and misses what consecutive blocks share. The coverage test holds it
//! beside this scheme.

use super::dependence::{SeriesMean, batched_mean};
use super::interval::{Interval, NoInterval};
use super::special::t_quantile;

/// A completion rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Completions a second.
    pub rate: f64,
    /// Its interval, or why there is none.
    pub interval: Result<Interval, NoInterval>,
    /// The rate as a mean for [`ratio`](super::ratio); its `se` is in completions a second.
    pub mean: Option<SeriesMean>,
}

/// Rate of the completions at `ends_s` (ascending, seconds) since `from_s`. `wave` is the
/// concurrency; `ramp` is how many of the first gaps belong to the start of the run, which
/// happens once and is no spread: C when `from_s` is the start of the run, else 0. `None`
/// when no time passed.
pub fn throughput(
    ends_s: &[f64],
    from_s: f64,
    wave: usize,
    ramp: usize,
    level: f64,
) -> Option<Throughput> {
    let last = *ends_s.last()?;
    let rate = ends_s.len() as f64 / (last - from_s);
    if !(rate.is_finite() && rate > 0.0) {
        return None;
    }
    let gaps: Vec<f64> = std::iter::once(&from_s)
        .chain(ends_s)
        .zip(ends_s)
        .map(|(before, end)| end - before)
        .collect();
    let steady = gaps.get(ramp..).unwrap_or_default();
    let mean = batched_mean(&gaps, steady, wave).map(|gap| SeriesMean {
        mean: rate,
        se: rate * gap.se / gap.mean,
        ..gap
    });
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
        let t = throughput(&ends, 0.0, 10, 10, 0.95).unwrap();
        assert_eq!(t.rate, 10.0);
        let i = t.interval.unwrap();
        assert!((i.high - i.low).abs() < 1e-9);
    }

    #[test]
    fn two_waves_have_a_rate_but_no_interval() {
        let ends: Vec<f64> = (1..=100).map(f64::from).collect();
        let t = throughput(&ends, 0.0, 50, 0, 0.95).unwrap();
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
    fn no_time_is_no_rate() {
        assert_eq!(throughput(&[3.0], 3.0, 1, 0, 0.95), None);
        assert_eq!(throughput(&[], 0.0, 1, 0, 0.95), None);
    }
}
