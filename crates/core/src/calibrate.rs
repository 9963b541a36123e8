//! Calibration: one factor that brings a cost model's figure to the person's own loads, and
//! whether it helps at a load that it has not seen.
//!
//! Knows pairs of a projected and a measured figure. Refuses to know where they come from, and
//! to call a factor good by the loads it was fitted to.
//!
//! The factor is the geometric mean of measured ÷ projected: the least squares of their
//! logarithms. For each load it is fitted once more without that load (leave-one-out).

use crate::accuracy::Quantity;

/// Fewest loads: below three, a left-out load is judged by a single other one.
pub const FEWEST: usize = 3;
/// A factor must take at least this share off the error at unseen loads; less is within what a
/// handful of loads gives by chance.
const WORTH: f64 = 0.2;

/// A load at which a figure was both projected and measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Requests in flight.
    pub concurrency: u32,
    /// Input tokens a request, as observed.
    pub isl: f64,
    /// Output tokens a request, as observed.
    pub osl: f64,
    /// Projected figure.
    pub projected: f64,
    /// Measured figure, in the same unit.
    pub measured: f64,
}

/// One load with the figure as projected and as calibrated, each over the measured one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The load.
    pub pair: Pair,
    /// Projected ÷ measured.
    pub before: f64,
    /// With the factor fitted to all loads.
    pub after: f64,
    /// With the factor fitted to all other loads.
    pub left_out: f64,
}

/// What to do with a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// It helps at loads that it has not seen.
    Keep,
    /// The projection needs no factor.
    NotNeeded,
    /// It does not help there.
    DontUse,
}

impl Advice {
    /// The words on the flag.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::NotNeeded => "Not needed",
            Self::DontUse => "Don’t use",
        }
    }
    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::NotNeeded => "not-needed",
            Self::DontUse => "dont-use",
        }
    }
}

/// A fitted factor. Errors are mean absolute ones, as shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// What it scales.
    pub quantity: Quantity,
    /// Measured over projected.
    pub factor: f64,
    /// As projected.
    pub before: f64,
    /// With the factor fitted to all loads.
    pub after: f64,
    /// At each load with the factor fitted to the others.
    pub left_out: f64,
    /// Every load.
    pub loads: Vec<Judged>,
    /// What to do with it.
    pub advice: Advice,
}

/// Fits a factor. `equivalence` is the error, as a share, below which none is needed. `None` with
/// fewer than [`FEWEST`] loads whose figures are positive.
pub fn fit(quantity: Quantity, pairs: &[Pair], equivalence: f64) -> Option<Fit> {
    let usable: Vec<(Pair, f64)> = pairs
        .iter()
        .map(|p| (*p, (p.measured / p.projected).ln()))
        .filter(|(p, log)| p.projected > 0.0 && p.measured > 0.0 && log.is_finite())
        .collect();
    let n = usable.len();
    if n < FEWEST {
        return None;
    }
    let sum: f64 = usable.iter().map(|(_, log)| log).sum();
    let factor = (sum / n as f64).exp();
    let loads: Vec<Judged> = usable
        .iter()
        .map(|(pair, log)| {
            let before = (-log).exp();
            let others = ((sum - log) / (n - 1) as f64).exp();
            Judged {
                pair: *pair,
                before,
                after: before * factor,
                left_out: before * others,
            }
        })
        .collect();
    let mean =
        |of: fn(&Judged) -> f64| loads.iter().map(|l| (of(l) - 1.0).abs()).sum::<f64>() / n as f64;
    let (before, after, left_out) = (mean(|l| l.before), mean(|l| l.after), mean(|l| l.left_out));
    let advice = if before <= equivalence {
        Advice::NotNeeded
    } else if left_out <= before * (1.0 - WORTH) {
        Advice::Keep
    } else {
        Advice::DontUse
    };
    Some(Fit {
        quantity,
        factor,
        before,
        after,
        left_out,
        loads,
        advice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(concurrency: u32, projected: f64, measured: f64) -> Pair {
        Pair {
            concurrency,
            isl: 4000.0,
            osl: 500.0,
            projected,
            measured,
        }
    }

    fn figures() -> impl Strategy<Value = Vec<Pair>> {
        proptest::collection::vec((1u32..512, 1e-3..1e3, 1e-3..1e3), FEWEST..9).prop_map(|all| {
            all.into_iter()
                .map(|(c, projected, measured)| pair(c, projected, measured))
                .collect()
        })
    }

    #[test]
    fn a_common_factor_is_found_and_kept() {
        let f = fit(
            Quantity::Ttft,
            &[pair(1, 1.0, 2.0), pair(2, 3.0, 6.0), pair(4, 5.0, 10.0)],
            0.05,
        )
        .unwrap();
        assert!((f.factor - 2.0).abs() < 1e-12);
        assert!((f.before - 0.5).abs() < 1e-12);
        assert!(f.after < 1e-12 && f.left_out < 1e-12);
        assert_eq!(f.advice, Advice::Keep);
    }

    #[test]
    fn errors_that_point_both_ways_have_no_common_factor() {
        let pairs = [
            pair(1, 1.0, 0.5),
            pair(2, 1.0, 2.0),
            pair(4, 1.0, 0.5),
            pair(8, 1.0, 2.0),
        ];
        let f = fit(Quantity::Tpot, &pairs, 0.05).unwrap();
        assert!((f.factor - 1.0).abs() < 1e-12);
        assert!(f.left_out > f.before);
        assert_eq!(f.advice, Advice::DontUse);
    }

    #[test]
    fn two_loads_are_too_few_and_impossible_figures_do_not_count() {
        let two = [pair(1, 1.0, 2.0), pair(2, 1.0, 2.0)];
        assert_eq!(fit(Quantity::Ttft, &two, 0.05), None);
        let third = [two[0], two[1], pair(4, 0.0, 1.0)];
        assert_eq!(fit(Quantity::Ttft, &third, 0.05), None);
        let nan = [two[0], two[1], pair(4, f64::NAN, 1.0)];
        assert_eq!(fit(Quantity::Ttft, &nan, 0.05), None);
    }

    proptest! {
        #[test]
        fn data_that_match_need_no_factor(mut pairs in figures()) {
            for p in &mut pairs {
                p.measured = p.projected;
            }
            let f = fit(Quantity::Ttft, &pairs, 0.05).unwrap();
            prop_assert!((f.factor - 1.0).abs() < 1e-12);
            prop_assert!(f.before < 1e-12 && f.after < 1e-12 && f.left_out < 1e-12);
            prop_assert_eq!(f.advice, Advice::NotNeeded);
        }

        #[test]
        fn measurements_times_k_give_the_factor_times_k(pairs in figures(), k in 0.01f64..100.0) {
            let one = fit(Quantity::Tpot, &pairs, 0.05).unwrap();
            let scaled: Vec<Pair> = pairs
                .iter()
                .map(|p| Pair { measured: p.measured * k, ..*p })
                .collect();
            let many = fit(Quantity::Tpot, &scaled, 0.05).unwrap();
            prop_assert!((many.factor / one.factor / k - 1.0).abs() < 1e-9);
            // What the factor leaves over does not depend on the unit.
            prop_assert!((many.left_out / one.left_out.max(1e-300) - 1.0).abs() < 1e-6 || one.left_out < 1e-9);
        }

        #[test]
        fn a_left_out_load_has_no_part_in_its_own_factor(pairs in figures(), k in 0.01f64..100.0) {
            let one = fit(Quantity::RequestTime, &pairs, 0.05).unwrap();
            let mut changed = pairs.clone();
            changed[0].measured *= k;
            let two = fit(Quantity::RequestTime, &changed, 0.05).unwrap();
            let own = |f: &Fit| f.loads[0].left_out / f.loads[0].before;
            prop_assert!((own(&one) / own(&two) - 1.0).abs() < 1e-9);
            // The others do change with it.
            let other = |f: &Fit| f.loads[1].left_out / f.loads[1].before;
            prop_assert!((other(&two) / other(&one) / k.powf(1.0 / (pairs.len() - 1) as f64) - 1.0).abs() < 1e-9);
        }

        #[test]
        fn no_constant_factor_beats_the_fit_in_logs(pairs in figures(), other in 0.1..10.0) {
            let f = fit(Quantity::Ttft, &pairs, 0.05).unwrap();
            let squares = |factor: f64| -> f64 {
                f.loads.iter().map(|l| (l.before * factor).ln().powi(2)).sum()
            };
            prop_assert!(squares(f.factor) <= squares(f.factor * other) + 1e-9);
        }
    }
}
