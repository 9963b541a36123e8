//! Two samples of dependent values compared, each in the order in which it happened.
//!
//! The estimates are those of [`super::pairs`]; their uncertainty uses effective numbers.
//! Asymptotically U/(nm) is a mean of ranks in either sample (Hájek's projection; van der
//! Vaart, Asymptotic Statistics, chapter 12). Under "no difference" that rank is the value's
//! rank in its own sample, which gives the p value and, by inversion, the interval of the
//! shift; in general it is the rank in the other sample (its placement), which gives the
//! interval of delta, as in Brunner and Munzel (2000). Each rank series gets its standard error
//! from [`series_mean`], and Welch's degrees of freedom join the two.

use super::dependence::series_mean;
use super::interval::{Interval, NoInterval, welch};
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

    let in_b = series_mean(&placements(a, &sorted_b), wave_a);
    let in_a = series_mean(&placements(b, &sorted_a), wave_b);
    // Placements pile up at 0 and 1 when the samples hardly overlap; then the spread under "no
    // difference", which is larger, stands in.
    let (spread, spread_dof) = match (in_b, in_a) {
        (Ok(x), Ok(y)) if x.se > 0.0 && y.se > 0.0 => welch((x.se, x.dof), (y.se, y.dof)),
        _ => (se, dof),
    };
    let half = 2.0 * t_quantile(q, spread_dof) * spread;
    Ok(Shift {
        shift,
        shift_interval,
        delta,
        delta_interval: Interval {
            low: (delta - half).max(-1.0),
            high: (delta + half).min(1.0),
        },
        p: p.min(1.0),
        effective_n: (own_a.effective_n, own_b.effective_n),
    })
}
