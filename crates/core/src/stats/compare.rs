//! Two samples of dependent values compared, each in the order in which it happened.
//!
//! The estimates are those of [`super::pairs`]; their uncertainty uses effective numbers.
//! Asymptotically U/(nm) is a mean of ranks in either sample (Hájek's projection; van der
//! Vaart, Asymptotic Statistics, chapter 12). Under "no difference" that rank is the value's
//! rank in its own sample, which gives the p value and, by inversion, the interval of the
//! shift; in general it is the rank in the other sample (its placement), which gives the
//! interval of delta, as in Brunner and Munzel (2000), in Wilson's form so that it stays within
//! −1..=1 (Newcombe, Confidence intervals for an effect size measure based on the Mann–Whitney
//! statistic, 2006). Each rank series gets its standard error
//! from [`series_mean`], and Welch's degrees of freedom join the two.

use super::dependence::series_mean;
use super::interval::{Interval, NoInterval, score, welch};
use super::pairs::{cliffs_delta, pair_quantile, placements};
use super::special::{t_quantile, t_sf};
use super::summary::sorted;

/// How a differs from b, both seen in one run each: says nothing about other runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Hodges–Lehmann shift a − b, in the unit of the values.
    pub shift: f64,
    /// Its interval; `None` where the sample is too small for the bounds to lie in it.
    pub shift_interval: Option<Interval>,
    /// Cliff's delta: P(a > b) − P(a < b).
    pub delta: f64,
    /// Its interval, within −1..=1.
    pub delta_interval: Interval,
    /// Two-sided p value of "no difference", on the effective numbers.
    pub p: f64,
    /// Effective number of values of a and b.
    pub effective_n: (f64, f64),
}

/// Compares two independent series of dependent values; waves as in [`series_mean`].
///
/// # Errors
/// As [`series_mean`], of the sample that is too short or too dependent.
pub fn compare_samples(
    a: &[f64],
    wave_a: usize,
    b: &[f64],
    wave_b: usize,
    level: f64,
) -> Result<Shift, NoInterval> {
    let (sorted_a, sorted_b) = (sorted(a), sorted(b));
    let own_a = series_mean(&placements(a, &sorted_a), wave_a)?;
    let own_b = series_mean(&placements(b, &sorted_b), wave_b)?;
    let (se, dof) = welch((own_a.se, own_a.dof), (own_b.se, own_b.dof));
    let q = 0.5 + 0.5 * level;
    let (Some(delta), Some(shift)) = (cliffs_delta(a, b), pair_quantile(&sorted_a, &sorted_b, 0.5))
    else {
        return Err(NoInterval::TooShort { n: 0, needed: 3 });
    };
    let p = if se > 0.0 {
        2.0 * t_sf((0.5 * delta / se).abs(), dof)
    } else if delta == 0.0 {
        1.0
    } else {
        0.0
    };
    let reach = t_quantile(q, dof) * se;
    let bound = |level: f64| {
        (level > 0.0 && level < 1.0)
            .then(|| pair_quantile(&sorted_a, &sorted_b, level))
            .flatten()
    };
    let shift_interval = bound(0.5 - reach)
        .zip(bound(0.5 + reach))
        .map(|(low, high)| Interval { low, high });

    // Number of trials that would know P(a > b) as well; at most what the effective numbers
    // give where nothing differs: 1/12·(1/nₐ + 1/n_b) = ¼/most. Placements that pile up at 0 and
    // 1, as those of samples that hardly overlap, would promise more.
    let (na, nb) = (own_a.effective_n, own_b.effective_n);
    let most = (3.0 * na * nb / (na + nb), dof);
    let won = 0.5 + 0.5 * delta;
    let in_b = series_mean(&placements(a, &sorted_b), wave_a);
    let in_a = series_mean(&placements(b, &sorted_a), wave_b);
    let (trials, trials_dof) = match (in_b, in_a) {
        (Ok(x), Ok(y)) => {
            let (spread, spread_dof) = welch((x.se, x.dof), (y.se, y.dof));
            let trials = won * (1.0 - won) / (spread * spread);
            if trials < most.0 {
                (trials, spread_dof)
            } else {
                most
            }
        }
        _ => most,
    };
    let won = score(won, trials, t_quantile(q, trials_dof));
    Ok(Shift {
        shift,
        shift_interval,
        delta,
        delta_interval: Interval {
            low: 2.0 * won.low - 1.0,
            high: 2.0 * won.high - 1.0,
        },
        p: p.min(1.0),
        effective_n: (na, nb),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repeatable series without a trend.
    fn series(n: u32, shift: f64) -> Vec<f64> {
        (0..n)
            .map(|i| f64::from(i * 7919 % 101) / 100.0 + shift)
            .collect()
    }

    #[test]
    fn swapping_turns_every_sign() {
        let (a, b) = (series(120, 0.1), series(90, 0.0));
        let x = compare_samples(&a, 10, &b, 9, 0.95).unwrap();
        let y = compare_samples(&b, 9, &a, 10, 0.95).unwrap();
        let near = |a: f64, b: f64| assert!((a + b).abs() < 1e-12, "{a} {b}");
        near(x.shift, y.shift);
        near(x.delta, y.delta);
        near(x.delta_interval.low, y.delta_interval.high);
        let (i, j) = (x.shift_interval.unwrap(), y.shift_interval.unwrap());
        near(i.low, j.high);
        assert!((x.p - y.p).abs() < 1e-12);
        assert!(i.contains(x.shift) && x.delta_interval.contains(x.delta));
    }

    #[test]
    fn samples_that_do_not_overlap_are_not_certain() {
        let (a, b) = (series(60, 5.0), series(60, 0.0));
        let s = compare_samples(&a, 10, &b, 10, 0.95).unwrap();
        assert_eq!((s.delta, s.delta_interval.high), (1.0, 1.0));
        assert!(
            s.delta_interval.low < 0.99 && s.delta_interval.low > 0.3,
            "{s:?}"
        );
        assert!(s.p < 0.01);
        let i = s.shift_interval.unwrap();
        assert!(i.low < 5.0 && 5.0 < i.high, "{i:?}");
    }

    #[test]
    fn a_sample_against_itself_shows_nothing() {
        let a = series(80, 0.0);
        let s = compare_samples(&a, 8, &a, 8, 0.95).unwrap();
        assert_eq!((s.shift, s.delta, s.p), (0.0, 0.0, 1.0));
    }
}
