//! One axis: a range of values on a stretch of pixels, never degenerate.
//!
//! Knows the mapping both ways and its exactness on log axes; refuses to know ticks and labels.

use super::spec::Scale;

const HUGE: f64 = 1e300;
const TINY: f64 = 1e-300;

/// A mapping of values to pixels. `lo < hi` always, and on log scales `0 < lo`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    scale: Scale,
    lo: f64,
    hi: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis from `lo` at pixel `from` to `hi` at pixel `to`; a range that is empty, reversed or not
    /// finite is mended first (see [`mend`]).
    pub fn new(scale: Scale, lo: f64, hi: f64, from: f64, to: f64) -> Self {
        let (lo, hi) = mend(scale, lo, hi);
        Self {
            scale,
            lo,
            hi,
            from,
            to,
        }
    }
    /// The scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }
    /// The lowest value.
    pub fn lo(&self) -> f64 {
        self.lo
    }
    /// The highest value.
    pub fn hi(&self) -> f64 {
        self.hi
    }
    /// Where a value lies; `None` if it is not finite, or not positive on a log scale.
    pub fn px(&self, value: f64) -> Option<f64> {
        let t = forward(self.scale, value)?;
        let a = forward(self.scale, self.lo)?;
        let b = forward(self.scale, self.hi)?;
        // Halved terms keep the difference of two huge values finite.
        let part = (t / 2.0 - a / 2.0) / (b / 2.0 - a / 2.0);
        let px = self.from + part * (self.to - self.from);
        px.is_finite().then_some(px)
    }
    /// The value at a pixel, also outside the axis.
    pub fn value(&self, px: f64) -> f64 {
        let (Some(a), Some(b)) = (forward(self.scale, self.lo), forward(self.scale, self.hi))
        else {
            return self.lo;
        };
        let span = self.to - self.from;
        let part = if span == 0.0 {
            0.0
        } else {
            (px - self.from) / span
        };
        backward(self.scale, a * (1.0 - part) + b * part)
    }
}

/// A value on the axis' own measure: itself, or its logarithm.
pub fn forward(scale: Scale, value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    match scale {
        Scale::Linear { .. } => Some(value),
        _ if value <= 0.0 => None,
        Scale::Log2 => Some(value.log2()),
        Scale::Log10 => Some(value.log10()),
    }
}

/// The inverse of [`forward`].
pub fn backward(scale: Scale, t: f64) -> f64 {
    match scale {
        Scale::Linear { .. } => t,
        Scale::Log2 => power(2.0, t),
        Scale::Log10 => power(10.0, t),
    }
}

/// A power, exact where the exponent is whole. The standard library's own brings four kilobytes of tables along.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    let whole = exponent.floor().clamp(-1100.0, 1100.0);
    base.powi(whole as i32) * ((exponent - whole) * base.ln()).exp()
}

/// A usable range: ordered, finite (within ±10³⁰⁰), positive on log scales, and wide enough that
/// neighbouring pixels differ.
pub fn mend(scale: Scale, lo: f64, hi: f64) -> (f64, f64) {
    let log = scale.is_log();
    let default = if log { (1.0, 2.0) } else { (0.0, 1.0) };
    let tame = |v: f64| {
        if !v.is_finite() || (log && v <= 0.0) {
            None
        } else if log {
            Some(v.clamp(TINY, HUGE))
        } else {
            // Adding zero turns −0 into 0.
            Some(v.clamp(-HUGE, HUGE) + 0.0)
        }
    };
    let (lo, hi) = match (tame(lo), tame(hi)) {
        (Some(lo), Some(hi)) => (lo.min(hi), lo.max(hi)),
        (Some(v), None) | (None, Some(v)) => (v, v),
        (None, None) => return default,
    };
    if log {
        if hi / lo < 1.0 + 1e-9 {
            return ((lo / 2.0).max(TINY / 2.0), hi * 2.0);
        }
        return (lo, hi);
    }
    let size = lo.abs().max(hi.abs());
    if hi - lo > size * 1e-9 && hi - lo > TINY {
        return (lo, hi);
    }
    if size < TINY {
        return default;
    }
    // A single value: zero-based axes keep their foot.
    match scale {
        Scale::Linear { zero: true } if lo >= 0.0 => (0.0, hi * 1.25),
        Scale::Linear { zero: true } => (lo * 1.25, 0.0),
        _ => (lo - size / 2.0, hi + size / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCALES: [Scale; 4] = [
        Scale::Linear { zero: true },
        Scale::Linear { zero: false },
        Scale::Log2,
        Scale::Log10,
    ];

    #[test]
    fn log2_positions_are_exact() {
        let axis = Axis::new(Scale::Log2, 1.0, 256.0, 40.0, 440.0);
        for (i, load) in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
            .iter()
            .enumerate()
        {
            assert_eq!(axis.px(*load), Some(40.0 + 50.0 * i as f64));
        }
        let ten = axis.px(10.0).unwrap();
        assert!((ten - (40.0 + 50.0 * 10f64.log2())).abs() < 1e-9);
    }

    #[test]
    fn a_single_value_gets_room() {
        assert_eq!(
            mend(Scale::Linear { zero: true }, 100.0, 100.0),
            (0.0, 125.0)
        );
        assert_eq!(mend(Scale::Log2, 16.0, 16.0), (8.0, 32.0));
        assert_eq!(mend(Scale::Linear { zero: true }, -0.0, 0.0), (0.0, 1.0));
    }

    #[test]
    fn nothing_usable_gives_a_default() {
        assert_eq!(mend(Scale::Log10, -1.0, 0.0), (1.0, 2.0));
        assert_eq!(
            mend(Scale::Linear { zero: false }, f64::NAN, f64::INFINITY),
            (0.0, 1.0)
        );
    }

    proptest! {
        #[test]
        fn never_degenerate(a in proptest::num::f64::ANY, b in proptest::num::f64::ANY, same in any::<bool>()) {
            for scale in SCALES {
                let axis = Axis::new(scale, a, if same { a } else { b }, 34.0, 448.0);
                prop_assert!(axis.lo().is_finite() && axis.hi().is_finite());
                prop_assert!(axis.lo() < axis.hi());
                prop_assert!(!scale.is_log() || axis.lo() > 0.0);
                let (left, right) = (axis.px(axis.lo()), axis.px(axis.hi()));
                prop_assert!((left.unwrap() - 34.0).abs() < 1e-6);
                prop_assert!((right.unwrap() - 448.0).abs() < 1e-6);
            }
        }

        #[test]
        fn value_undoes_px(a in 1e-3f64..1e6, ratio in 1.01f64..1e4, part in 0.0f64..1.0) {
            for scale in SCALES {
                let axis = Axis::new(scale, a, a * ratio, 34.0, 448.0);
                let px = 34.0 + part * 414.0;
                let back = axis.px(axis.value(px)).unwrap();
                prop_assert!((back - px).abs() < 1e-6, "{back} {px}");
            }
        }
    }
}
