//! Where the warm-up ends.
//!
//! MSER-5: White, An effective truncation heuristic for bias reduction in simulation output
//! (1997); White, Cobb and Spratt (2000): means of five values, cut where the squared standard
//! error of what is left is smallest, searched over the first half only.

use super::summary::{mean, squares};

/// The cut that MSER-5 proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mser5 {
    /// Values to drop from the front, a multiple of five.
    pub drop: usize,
    /// Whether a cut inside the first half was best. Otherwise the series had not settled and
    /// the cut is not to be trusted.
    pub settled: bool,
}

/// MSER-5 cut of values in the order in which they happened; `None` below ten values. Of equal
/// cuts the earliest.
pub fn mser5(values: &[f64]) -> Option<Mser5> {
    let batches: Vec<f64> = values.chunks_exact(5).filter_map(mean).collect();
    if batches.len() < 2 {
        return None;
    }
    // Around the mean, so that the running sums keep their digits.
    let centre = mean(&batches)?;
    if squares(&batches)? == 0.0 {
        return Some(Mser5 {
            drop: 0,
            settled: true,
        });
    }
    let half = batches.len() / 2;
    let (mut n, mut sum, mut sum_squares) = (0.0, 0.0, 0.0);
    let mut best: Option<(f64, usize)> = None;
    for (cut, value) in batches.iter().enumerate().rev() {
        let v = value - centre;
        n += 1.0;
        sum += v;
        sum_squares += v * v;
        if cut > half {
            continue;
        }
        let statistic = (sum_squares - sum * sum / n).max(0.0) / (n * n);
        if best.is_none_or(|(least, _)| statistic <= least) {
            best = Some((statistic, cut));
        }
    }
    best.map(|(_, cut)| Mser5 {
        drop: 5 * cut,
        settled: cut < half,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_start_is_cut() {
        let noise = [0.3, -0.2, 0.1, -0.4, 0.2, 0.05, -0.05];
        let values: Vec<f64> = (0..100)
            .map(|i| if i < 12 { 30.0 - f64::from(i) } else { 10.0 } + noise[i as usize % 7])
            .collect();
        assert_eq!(
            mser5(&values),
            Some(Mser5 {
                drop: 15,
                settled: true
            })
        );
    }

    #[test]
    fn a_climb_has_not_settled() {
        let values: Vec<f64> = (0..60).map(|i| f64::from(i * i)).rev().collect();
        assert!(!mser5(&values).unwrap().settled);
    }

    #[test]
    fn a_constant_keeps_all_and_nine_are_too_few() {
        assert_eq!(
            mser5(&[2.0; 40]),
            Some(Mser5 {
                drop: 0,
                settled: true
            })
        );
        assert_eq!(mser5(&[1.0; 9]), None);
    }
}
