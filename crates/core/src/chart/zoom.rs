//! Zooming and panning one axis.
//!
//! Knows ranges on a scale; refuses to know wheels and fingers. A view is `None` when all data is shown.

use super::axis::{backward, forward, mend};
use super::spec::Scale;

/// The closest zoom, as a part of the full range on the axis' own measure.
const CLOSEST: f64 = 1e-4;

/// The view after zooming: `factor` below 1 comes closer, above 1 goes away; `around` keeps its place.
///
/// The answer never leaves the full range, and is `None` when it would hold all of it.
pub fn zoom(
    scale: Scale,
    full: (f64, f64),
    view: Option<(f64, f64)>,
    factor: f64,
    around: f64,
) -> Option<(f64, f64)> {
    let (a, b) = ends(scale, full)?;
    let (lo, hi) = view.and_then(|v| ends(scale, v)).unwrap_or((a, b));
    let at = forward(scale, around)
        .unwrap_or((lo + hi) / 2.0)
        .clamp(lo, hi);
    let factor = if factor.is_finite() {
        factor.max(0.0)
    } else {
        1.0
    };
    let span = ((hi - lo) * factor).max((b - a) * CLOSEST);
    if span >= (b - a) * (1.0 - 1e-9) {
        return None;
    }
    let part = (at - lo) / (hi - lo);
    fitted(scale, (a, b), at - part * span, span)
}

/// The view moved by a part of its own span, such as 0.1 to the right; stops at the ends of the full range.
pub fn pan(
    scale: Scale,
    full: (f64, f64),
    view: Option<(f64, f64)>,
    part: f64,
) -> Option<(f64, f64)> {
    let (a, b) = ends(scale, full)?;
    let (lo, hi) = ends(scale, view?)?;
    let part = if part.is_finite() { part } else { 0.0 };
    fitted(scale, (a, b), lo + part * (hi - lo), hi - lo)
}

/// The view between two dragged values; `None` if they are too close to mean a range.
pub fn between(scale: Scale, full: (f64, f64), one: f64, other: f64) -> Option<(f64, f64)> {
    let (a, b) = ends(scale, full)?;
    let (one, other) = (forward(scale, one)?, forward(scale, other)?);
    let lo = one.min(other).clamp(a, b);
    let hi = one.max(other).clamp(a, b);
    if hi - lo < (b - a) * CLOSEST || hi - lo >= (b - a) * (1.0 - 1e-9) {
        return None;
    }
    fitted(scale, (a, b), lo, hi - lo)
}

fn ends(scale: Scale, range: (f64, f64)) -> Option<(f64, f64)> {
    let (lo, hi) = mend(scale, range.0, range.1);
    Some((forward(scale, lo)?, forward(scale, hi)?))
}

fn fitted(scale: Scale, (a, b): (f64, f64), lo: f64, span: f64) -> Option<(f64, f64)> {
    let lo = lo.clamp(a, (b - span).max(a));
    Some((backward(scale, lo), backward(scale, lo + span)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: Scale = Scale::Log2;

    #[test]
    fn zooming_out_of_the_full_range_shows_all() {
        assert_eq!(zoom(LOG, (1.0, 256.0), None, 2.0, 16.0), None);
        assert_eq!(zoom(LOG, (1.0, 256.0), Some((4.0, 64.0)), 4.0, 16.0), None);
    }

    #[test]
    fn zooming_keeps_the_pointed_value_in_place() {
        let view = zoom(LOG, (1.0, 256.0), None, 0.5, 16.0).unwrap();
        assert!(
            (view.0 - 4.0).abs() < 1e-9 && (view.1 - 64.0).abs() < 1e-9,
            "{view:?}"
        );
    }

    #[test]
    fn panning_stops_at_the_end() {
        let view = pan(LOG, (1.0, 256.0), Some((4.0, 64.0)), 10.0).unwrap();
        assert!(
            (view.0 - 16.0).abs() < 1e-9 && (view.1 - 256.0).abs() < 1e-6,
            "{view:?}"
        );
        assert_eq!(pan(LOG, (1.0, 256.0), None, 0.5), None);
    }

    #[test]
    fn a_dragged_range_may_run_backwards() {
        assert_eq!(
            between(Scale::Linear { zero: true }, (0.0, 100.0), 60.0, 20.0),
            Some((20.0, 60.0))
        );
        assert_eq!(between(LOG, (1.0, 256.0), 16.0, 16.0), None);
    }

    proptest! {
        #[test]
        fn views_stay_inside(factors in proptest::collection::vec((0.3f64..3.0, 1.0f64..256.0, -1.0f64..1.0), 1..20)) {
            for scale in [LOG, Scale::Log10, Scale::Linear { zero: true }] {
                let full = (1.0, 256.0);
                let mut view = None;
                for (factor, around, part) in &factors {
                    view = zoom(scale, full, view, *factor, *around);
                    view = pan(scale, full, view, *part).or(view);
                    if let Some((lo, hi)) = view {
                        prop_assert!(lo < hi);
                        prop_assert!(lo >= 1.0 - 1e-6 && hi <= 256.0 * (1.0 + 1e-9));
                    }
                }
            }
        }
    }
}
