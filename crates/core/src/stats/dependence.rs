//! How much a series of dependent values knows about its own mean.
//!
//! The effective size n(1 − ρ)/(1 + ρ) with lag-1 autocorrelation ρ is exact for a first-order
//! autoregression (Bayley and Hammersley, The "effective" number of independent observations,
//! 1946). Requests of a closed loop are no such thing: their dependence has the period of a
//! wave (C completions). Taken over *wave means* the first-order model holds well enough to
//! cover, as the coverage test shows; batch means are from Law and Kelton (Simulation Modeling
//! and Analysis, chapter 9). Two corrections matter with few waves: ρ is estimated low by
//! (1 + 4ρ)/k (Kendall, Note on bias in the estimation of autocorrelation, 1954), and the
//! variance of the sample leaves out what all its values share, a factor (kₑ − 1)/kₑ.

use super::interval::{Interval, NoInterval};
use super::math::exp;
use super::special::t_quantile;
use super::summary::{mean, squares};

/// Autocorrelation at a lag of at least 1, with NumPy's and SciPy's usual divisor n; `None`
/// when the series is constant or not longer than the lag.
pub fn autocorrelation(values: &[f64], lag: usize) -> Option<f64> {
    if lag == 0 || values.len() <= lag {
        return None;
    }
    let m = mean(values)?;
    let all = squares(values)?;
    let lagged: f64 = values
        .iter()
        .zip(values.iter().skip(lag))
        .map(|(a, b)| (a - m) * (b - m))
        .sum();
    let r = lagged / all;
    r.is_finite().then_some(r)
}

/// n(1 − ρ)/(1 + ρ) with the lag-1 autocorrelation as it is estimated, within 1..=n; a
/// constant series has n. For display: [`series_mean`] is what intervals use.
pub fn effective_n(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    (n >= 1.0).then(|| match autocorrelation(values, 1) {
        Some(r) => (n * (1.0 - r) / (1.0 + r)).clamp(1.0, n),
        None => n,
    })
}

/// The mean of a dependent series with what is known about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesMean {
    /// Mean of all values.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom of that standard error: effective waves − 1, a real ≥ 1.
    pub dof: f64,
    /// How many independent values would know as much, within 1..=n.
    pub effective_n: f64,
    /// Values.
    pub n: usize,
}

impl SeriesMean {
    /// The interval of the mean of values that are all positive, such as latencies: in
    /// logarithms, so that its lower bound is positive too. `None` unless the mean is.
    pub fn positive_interval(&self, level: f64) -> Option<Interval> {
        let half = t_quantile(0.5 + 0.5 * level, self.dof) * self.se / self.mean;
        (self.mean > 0.0).then(|| Interval {
            low: self.mean * exp(-half),
            high: self.mean * exp(half),
        })
    }

    /// Mean ± t·se at a level such as 0.95.
    pub fn interval(&self, level: f64) -> Interval {
        let half = t_quantile(0.5 + 0.5 * level, self.dof) * self.se;
        Interval {
            low: self.mean - half,
            high: self.mean + half,
        }
    }
}

/// Fewest effective waves that still give an interval.
const FEWEST_EFFECTIVE: f64 = 2.0;

/// Below this many batches an interval cannot see a drift that is slower than a few waves: the
/// coverage test finds 80 to 90 % there. Say so beside it.
pub const FEW_BATCHES: usize = 12;

/// Values in a batch: whole waves, and at least ½√n values, so that dependence that outlives
/// one value is seen even where `wave` is 1.
pub fn batch_length(n: usize, wave: usize) -> usize {
    let wave = wave.max(1);
    wave * ((0.5 * (n as f64).sqrt()).ceil() as usize)
        .max(1)
        .div_ceil(wave)
}

/// Of the mean of a series of batches, in the order in which they happened: its squared standard
/// error and the degrees of freedom. Batches that differ by rounding only are alike and have none.
///
/// # Errors
/// [`NoInterval::TooDependent`] when the batches move together so much that fewer than two
/// independent ones are left.
pub(super) fn mean_of_batches(batches: &[f64]) -> Result<(f64, f64), NoInterval> {
    let k = batches.len() as f64;
    let spread = squares(batches).unwrap_or(0.0) / k;
    let size = batches.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if spread <= (1e-10 * size) * (1e-10 * size) {
        return Ok((0.0, k - 1.0));
    }
    let effective = autocorrelation(batches, 1).map_or(k, |r| {
        let r = (r + (1.0 + 4.0 * r) / k).clamp(-0.999, 0.999);
        (k * (1.0 - r) / (1.0 + r)).clamp(1.0, k)
    });
    if effective < FEWEST_EFFECTIVE {
        return Err(NoInterval::TooDependent { effective });
    }
    Ok((spread / (effective - 1.0), effective - 1.0))
}

/// Mean, standard error and degrees of freedom of a series in the order in which it happened.
/// `wave` is the number of values that may share one fate: the concurrency of a closed loop,
/// 1 when nothing is known.
///
/// # Errors
/// [`NoInterval::TooShort`] with fewer than three waves or batches, or as [`mean_of_batches`].
pub fn series_mean(values: &[f64], wave: usize) -> Result<SeriesMean, NoInterval> {
    let n = values.len();
    let length = batch_length(n, wave);
    // A remainder that fills no batch is left out at the front, where the warm-up is.
    let batches: Vec<f64> = values
        .rchunks_exact(length)
        .rev()
        .filter_map(mean)
        .collect();
    let (Some(mean), true) = (mean(values), batches.len() >= 3) else {
        return Err(NoInterval::TooShort {
            n,
            needed: 3 * length,
        });
    };
    let (variance, dof) = mean_of_batches(&batches)?;
    let of_one = squares(values).unwrap_or(0.0) / (n as f64 - 1.0);
    let effective_n = if variance > 0.0 {
        (of_one / variance).clamp(1.0, n as f64)
    } else {
        n as f64
    };
    Ok(SeriesMean {
        mean,
        se: variance.sqrt(),
        dof,
        effective_n,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_batch_holds_whole_waves() {
        assert_eq!(batch_length(100, 1), 5);
        assert_eq!(batch_length(100, 10), 10);
        assert_eq!(batch_length(10_000, 20), 60);
        assert_eq!(batch_length(0, 0), 1);
    }

    #[test]
    fn two_waves_are_too_short() {
        let values = vec![1.0; 59];
        assert_eq!(
            series_mean(&values, 20),
            Err(NoInterval::TooShort { n: 59, needed: 60 })
        );
    }

    #[test]
    fn a_steady_climb_is_too_dependent() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(matches!(
            series_mean(&values, 10),
            Err(NoInterval::TooDependent { effective }) if effective < 2.0
        ));
    }

    #[test]
    fn a_constant_has_no_error() {
        let m = series_mean(&[4.0; 60], 20).unwrap();
        assert_eq!((m.mean, m.se, m.effective_n), (4.0, 0.0, 60.0));
    }

    proptest! {
        #[test]
        fn the_effective_size_ignores_shift_and_scale(
            values in prop::collection::vec(-10.0..10.0f64, 30..90), scale in 0.5..4.0f64, shift in -9.0..9.0f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|v| v * scale + shift).collect();
            if let (Ok(a), Ok(b)) = (series_mean(&values, 5), series_mean(&moved, 5)) {
                prop_assert!((a.effective_n - b.effective_n).abs() < 1e-6 * a.effective_n);
                prop_assert!((a.se * scale - b.se).abs() < 1e-9 * b.se.max(1e-9));
                prop_assert!((a.mean * scale + shift - b.mean).abs() < 1e-9);
            }
        }
    }
}
