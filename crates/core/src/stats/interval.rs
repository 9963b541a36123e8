//! Intervals: of repeats, of shares, and of ratios; and why there is none.
//!
//! Sources: Wilson, Probable inference, the law of succession, and statistical inference
//! (1927), for shares; Student's t for repeats; the delta method on logarithms with Welch's
//! degrees of freedom (Welch 1947) for ratios.

use super::dependence::{SeriesMean, series_mean};
use super::math::exp;
use super::special::{normal_quantile, t_quantile};
use super::summary::{mean, std_sample};

/// The level of every interval that is shown.
pub const LEVEL: f64 = 0.95;

/// A two-sided interval, low ≤ high, in the unit of what it is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies within, the bounds included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Why no interval is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoInterval {
    /// Fewer values than three waves hold, or none.
    TooShort {
        /// Values there are.
        n: usize,
        /// Values that three waves would take, and the start of the run where it doesn't count.
        needed: usize,
    },
    /// The waves move together so much that fewer than two independent ones are left.
    TooDependent {
        /// Effective number of waves.
        effective: f64,
    },
    /// The figure itself does not exist: a mean that is not positive has no logarithm.
    NotPositive,
}

impl std::fmt::Display for NoInterval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort { n, needed } => write!(
                f,
                "No interval: {n} requests are too few, as it takes at least {needed} at this concurrency."
            ),
            Self::TooDependent { .. } => f.write_str(
                "No interval: the requests drift together, so that the run counts as a single observation.",
            ),
            Self::NotPositive => {
                f.write_str("No interval: a figure that is not positive has no ratio.")
            }
        }
    }
}

/// Interval of the mean over repeated runs, mean ± t·s/√n; `None` below three repeats.
pub fn repeats_interval(values: &[f64], level: f64) -> Option<Interval> {
    if values.len() < 3 {
        return None;
    }
    let n = values.len() as f64;
    let half = t_quantile(0.5 + 0.5 * level, n - 1.0) * std_sample(values)? / n.sqrt();
    let m = mean(values)?;
    Some(Interval {
        low: m - half,
        high: m + half,
    })
}

/// Wilson's score interval of a share 0..=1 seen in n trials; n may be an effective number.
/// `None` when n or the share makes no sense.
pub fn wilson_interval(share: f64, n: f64, level: f64) -> Option<Interval> {
    if !(0.0..=1.0).contains(&share) || n.is_nan() || n <= 0.0 {
        return None;
    }
    Some(score(share, n, normal_quantile(0.5 + 0.5 * level)))
}

/// Wilson's bounds with any quantile in place of the normal one.
pub(super) fn score(share: f64, n: f64, z: f64) -> Interval {
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Interval {
        low: if share == 0.0 {
            0.0
        } else {
            (centre - half).max(0.0)
        },
        high: if share == 1.0 {
            1.0
        } else {
            (centre + half).min(1.0)
        },
    }
}

/// Wilson interval of the share of `true` among dependent requests in order of completion, on
/// the effective number of requests; t in place of the normal quantile, as that number is
/// itself an estimate. When all are alike, nothing shows the dependence, and each wave counts
/// as one request.
///
/// # Errors
/// As [`series_mean`].
pub fn goodput_interval(good: &[bool], wave: usize, level: f64) -> Result<Interval, NoInterval> {
    let series: Vec<f64> = good.iter().map(|&g| f64::from(u8::from(g))).collect();
    let m = series_mean(&series, wave)?;
    let n = good.len() as f64;
    let q = 0.5 + 0.5 * level;
    if m.mean <= 0.0 || m.mean >= 1.0 {
        let waves = n / wave.max(1) as f64;
        return Ok(score(m.mean, waves, normal_quantile(q)));
    }
    let independent = m.mean * (1.0 - m.mean) / n;
    Ok(if m.se * m.se <= independent * spread_allowance(m.dof) {
        score(m.mean, n, normal_quantile(q))
    } else {
        let effective = m.mean * (1.0 - m.mean) / (m.se * m.se);
        score(m.mean, effective, t_quantile(q, m.dof))
    })
}

/// How far a variance with `dof` degrees of freedom may exceed that of independent values by
/// chance: one standard deviation of χ²/dof. Below it a share counts as one of independent
/// values; paying for every excess made intervals cover 98 % where 95 % was asked.
pub(super) fn spread_allowance(dof: f64) -> f64 {
    1.0 + (2.0 / dof).sqrt()
}

/// A ratio with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// First mean ÷ second mean.
    pub ratio: f64,
    /// Its interval, from the logarithms.
    pub interval: Interval,
}

/// Ratio of two means (or rates) of independent series: in logarithms, with relative standard
/// errors added in squares and Welch's degrees of freedom.
///
/// # Errors
/// [`NoInterval::NotPositive`] unless both means are positive.
pub fn ratio(a: &SeriesMean, b: &SeriesMean, level: f64) -> Result<Ratio, NoInterval> {
    if a.mean.is_nan() || a.mean <= 0.0 || b.mean.is_nan() || b.mean <= 0.0 {
        return Err(NoInterval::NotPositive);
    }
    let (se, dof) = welch((a.se / a.mean, a.dof), (b.se / b.mean, b.dof));
    let half = t_quantile(0.5 + 0.5 * level, dof) * se;
    let ratio = a.mean / b.mean;
    Ok(Ratio {
        ratio,
        interval: Interval {
            low: ratio * exp(-half),
            high: ratio * exp(half),
        },
    })
}

/// Standard error of a difference and its degrees of freedom after Welch and Satterthwaite.
pub(super) fn welch(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (va, vb) = (a.0 * a.0, b.0 * b.0);
    let dof = (va + vb) * (va + vb) / (va * va / a.1 + vb * vb / b.1);
    let dof = if dof.is_finite() { dof } else { a.1 + b.1 };
    ((va + vb).sqrt(), dof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_repeats_are_too_few() {
        assert_eq!(repeats_interval(&[1.0, 2.0], LEVEL), None);
    }

    #[test]
    fn all_good_is_still_not_certain() {
        let i = goodput_interval(&[true; 100], 10, LEVEL).unwrap();
        assert_eq!(i.high, 1.0);
        assert!(i.low > 0.5 && i.low < 0.8, "{i:?}");
    }

    #[test]
    fn a_ratio_and_its_inverse_have_inverse_bounds() {
        let of = |mean, se| SeriesMean {
            mean,
            se,
            dof: 9.0,
            effective_n: 10.0,
            n: 10,
        };
        let (a, b) = (of(3.0, 0.2), of(2.0, 0.1));
        let (ab, ba) = (ratio(&a, &b, LEVEL).unwrap(), ratio(&b, &a, LEVEL).unwrap());
        assert!((ab.interval.low * ba.interval.high - 1.0).abs() < 1e-12);
        assert!(ab.interval.contains(1.5));
        assert_eq!(
            ratio(&of(0.0, 1.0), &b, LEVEL),
            Err(NoInterval::NotPositive)
        );
    }
}
