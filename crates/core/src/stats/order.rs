//! Intervals of percentiles from order statistics.
//!
//! For independent values the number below the true percentile is binomial, which gives exact
//! ranks (Conover, Practical Nonparametric Statistics, section 3.2; Hahn and Meeker,
//! Statistical Intervals). For dependent values the share below the estimated percentile gets a
//! Clopper–Pearson interval on its effective number, and the share's bounds are read off the
//! sample: Woodruff (Confidence intervals for medians and other position measures, 1952) with
//! the effective number of Korn and Graubard (1998), whose factor (z/t)² pays for estimating
//! the dependence. Ranks are real numbers and read linearly, as in Beran and Hall (1993).

use super::dependence::series_mean;
use super::interval::{Interval, NoInterval, spread_allowance};
use super::special::{beta_cdf, binomial_quantile, normal_quantile, t_quantile};
use super::summary::{at_position, percentile, sorted};

/// What a sample says about where a percentile lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PercentileInterval {
    /// Both bounds lie in the sample.
    Both(Interval),
    /// The upper rank leaves the sample: a one-sided lower bound at the same level.
    AtLeast(f64),
    /// The lower rank leaves the sample: a one-sided upper bound at the same level.
    AtMost(f64),
    /// Both ranks leave the sample: n is too small.
    TooSmall,
}

/// Interval of the p-th quantile of **independent** values, 0 < p < 1, from an ascending
/// sample, by exact binomial ranks: covers at least `level`.
pub fn order_statistic_interval(ascending: &[f64], p: f64, level: f64) -> PercentileInterval {
    let n = ascending.len() as u64;
    let tail = 0.5 * (1.0 - level);
    // Ranks count from 1. P(B < l) ≤ tail and P(B ≥ u) ≤ tail for B binomial (n, p).
    let value = |rank: u64| {
        let index = usize::try_from(rank.checked_sub(1)?).ok()?;
        ascending.get(index).copied()
    };
    let lower = |tail| value(binomial_quantile(tail, n, p));
    let upper = |tail| value(binomial_quantile(1.0 - tail, n, p) + 1);
    match (lower(tail), upper(tail)) {
        (Some(low), Some(high)) => PercentileInterval::Both(Interval { low, high }),
        (Some(_), None) | (None, Some(_)) | (None, None) => {
            match (lower(2.0 * tail), upper(2.0 * tail)) {
                (Some(low), None) => PercentileInterval::AtLeast(low),
                (None, Some(high)) => PercentileInterval::AtMost(high),
                (Some(low), Some(_)) if p >= 0.5 => PercentileInterval::AtLeast(low),
                (Some(_), Some(high)) => PercentileInterval::AtMost(high),
                (None, None) => PercentileInterval::TooSmall,
            }
        }
    }
}

/// A percentile of dependent values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PercentileEstimate {
    /// The sample's own percentile, see [`percentile`].
    pub value: f64,
    /// Where the true one lies.
    pub interval: PercentileInterval,
    /// Number of independent values that the interval rests on.
    pub effective_n: f64,
}

/// The real rank r at which P(Beta(r, m − r + 1) ≤ p) = q, by the Illinois variant of false
/// position: the probability falls from 1 at r = 0 to 0 at r = m + 1.
fn rank(m: f64, p: f64, q: f64) -> f64 {
    let (mut low, mut high) = (0.0, m + 1.0);
    let (mut at_low, mut at_high) = (1.0 - q, -q);
    // Where the normal approximation sees it, to start with.
    let near = m * p + 0.5 - normal_quantile(q) * (m * p * (1.0 - p)).sqrt();
    let mut r = near.clamp(0.01 * high, 0.99 * high);
    for step in 0..100 {
        let v = beta_cdf(r, m - r + 1.0, p) - q;
        if v.abs() < 1e-13 || high - low < 1e-11 * high {
            break;
        }
        if v > 0.0 {
            (low, at_low) = (r, v);
            at_high *= 0.5;
        } else {
            (high, at_high) = (r, v);
            at_low *= 0.5;
        }
        r = if step % 5 == 4 {
            0.5 * (low + high)
        } else {
            low + (high - low) * at_low / (at_low - at_high)
        };
    }
    r
}

/// The p-th quantile, 0 < p < 1, of values in the order in which they happened, with an
/// interval on the effective number of values; `wave` as in [`series_mean`].
///
/// # Errors
/// As [`series_mean`]; an empty series is too short.
pub fn percentile_estimate(
    values: &[f64],
    p: f64,
    wave: usize,
    level: f64,
) -> Result<PercentileEstimate, NoInterval> {
    let ascending = sorted(values);
    let Some(value) = percentile(&ascending, p) else {
        return Err(NoInterval::TooShort { n: 0, needed: 3 });
    };
    let below: Vec<f64> = values
        .iter()
        .map(|v| f64::from(u8::from(*v <= value)))
        .collect();
    let share = series_mean(&below, wave)?;
    let n = values.len() as f64;
    let tail = 0.5 * (1.0 - level);
    let independent = p * (1.0 - p) / n;
    let variance = share.se * share.se;
    let effective_n = if variance <= independent * spread_allowance(share.dof) {
        n
    } else {
        let pay = normal_quantile(1.0 - tail) / t_quantile(1.0 - tail, share.dof);
        (n * independent / variance * pay * pay).min(n)
    };
    let m = effective_n;
    // A rank r of m stands at position (r − ½)·n/m − ½ of the sample, counted from 0.
    let read = |r: f64| {
        (r >= 1.0 && r <= m)
            .then(|| at_position(&ascending, (r - 0.5) * n / m - 0.5))
            .flatten()
    };
    let bounds = |tail: f64| (read(rank(m, p, 1.0 - tail)), read(rank(m, p, tail)));
    let interval = match bounds(tail) {
        (Some(low), Some(high)) => PercentileInterval::Both(Interval { low, high }),
        _ => match bounds(2.0 * tail) {
            (Some(low), high) if high.is_none() || p >= 0.5 => PercentileInterval::AtLeast(low),
            (_, Some(high)) => PercentileInterval::AtMost(high),
            _ => PercentileInterval::TooSmall,
        },
    };
    Ok(PercentileEstimate {
        value,
        interval,
        effective_n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    #[test]
    fn a_high_percentile_of_few_values_has_only_a_lower_bound() {
        // 0.99^367 < 0.025 < 0.99^366: the textbook limit for two sides.
        assert!(matches!(
            order_statistic_interval(&ramp(366), 0.99, 0.95),
            PercentileInterval::AtLeast(_)
        ));
        assert!(matches!(
            order_statistic_interval(&ramp(368), 0.99, 0.95),
            PercentileInterval::Both(_)
        ));
    }

    #[test]
    fn the_median_of_hundred_has_the_textbook_ranks() {
        assert_eq!(
            order_statistic_interval(&ramp(100), 0.5, 0.95),
            PercentileInterval::Both(Interval {
                low: 40.0,
                high: 61.0
            })
        );
    }

    #[test]
    fn two_values_say_nothing_about_a_median() {
        assert_eq!(
            order_statistic_interval(&ramp(2), 0.5, 0.95),
            PercentileInterval::TooSmall
        );
    }

    #[test]
    fn real_ranks_agree_with_the_binomial() {
        // P(B ≥ r) = tail holds at the real rank; the whole-number rank is just below it.
        for (m, p, q) in [
            (100.0, 0.5, 0.975),
            (7.3, 0.9, 0.025),
            (1e5, 0.99, 0.95),
            (20.0, 0.01, 0.05),
        ] {
            let r = rank(m, p, q);
            let got = beta_cdf(r, m - r + 1.0, p);
            assert!((got - q).abs() < 1e-9, "{m} {p} {q}: {r} gives {got}");
        }
        let r = rank(100.0, 0.5, 0.975);
        assert!(r > 40.0 && r < 41.0, "{r}");
    }
}
