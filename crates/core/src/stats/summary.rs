//! Mean, standard deviations and percentiles of a sample.
//!
//! Percentiles are Hyndman and Fan's type 7 (Sample quantiles in statistical packages, 1996),
//! NumPy's default: linear between order statistics at position (n − 1)·p. The standard
//! deviation that AIPerf and GenAI-Perf report divides by n ([`std_population`]).

/// Ascending copy of a sample. NaN is not expected; it would sort last.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    out.sort_unstable_by(f64::total_cmp);
    out
}

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sum of squared deviations from the mean.
pub(super) fn squares(values: &[f64]) -> Option<f64> {
    let m = mean(values)?;
    Some(values.iter().map(|v| (v - m) * (v - m)).sum())
}

/// Standard deviation dividing by n, as NumPy's `std`; `None` of nothing.
pub fn std_population(values: &[f64]) -> Option<f64> {
    Some((squares(values)? / values.len() as f64).sqrt())
}

/// Standard deviation dividing by n − 1; `None` below two values.
pub fn std_sample(values: &[f64]) -> Option<f64> {
    (values.len() > 1)
        .then(|| squares(values).map(|s| (s / (values.len() - 1) as f64).sqrt()))
        .flatten()
}

/// The value at a position counted from 0 in an ascending sample, linear between neighbours;
/// clamped to the sample.
pub(super) fn at_position(ascending: &[f64], position: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let position = position.clamp(0.0, last as f64);
    let below = position.floor() as usize;
    let low = *ascending.get(below)?;
    let high = ascending.get(below + 1).copied().unwrap_or(low);
    let t = position - below as f64;
    // As NumPy's lerp: from the nearer end, so that t = 1 gives exactly `high`.
    Some(if t >= 0.5 {
        high - (high - low) * (1.0 - t)
    } else {
        low + (high - low) * t
    })
}

/// The p-th quantile, 0 ≤ p ≤ 1, of an **ascending** sample; `None` of nothing or outside.
pub fn percentile(ascending: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = ascending.len().checked_sub(1)?;
    at_position(ascending, last as f64 * p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_rise_and_stay_inside(
            values in prop::collection::vec(-1e6..1e6f64, 1..60), p in 0.0..1.0f64, q in 0.0..1.0f64,
        ) {
            let s = sorted(&values);
            let (low, high) = (p.min(q), p.max(q));
            let (a, b) = (percentile(&s, low).unwrap(), percentile(&s, high).unwrap());
            prop_assert!(a <= b && s[0] <= a && b <= s[s.len() - 1]);
        }

        #[test]
        fn figures_follow_shift_and_scale(
            values in prop::collection::vec(-100.0..100.0f64, 2..60),
            scale in 0.1..10.0f64, shift in -50.0..50.0f64, p in 0.0..1.0f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|v| v * scale + shift).collect();
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            prop_assert!(near(mean(&moved).unwrap(), mean(&values).unwrap() * scale + shift));
            prop_assert!(near(std_sample(&moved).unwrap(), std_sample(&values).unwrap() * scale));
            prop_assert!(near(
                percentile(&sorted(&moved), p).unwrap(),
                percentile(&sorted(&values), p).unwrap() * scale + shift
            ));
        }
    }

    #[test]
    fn nothing_has_no_figures() {
        assert_eq!(mean(&[]), None);
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(std_sample(&[1.0]), None);
        assert_eq!(percentile(&[1.0, 2.0], 1.5), None);
    }
}
