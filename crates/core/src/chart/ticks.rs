//! Round ticks and the range they suggest.
//!
//! Knows which steps read well; refuses to know pixels beyond how many ticks fit.

use super::axis::{forward, mend};
use super::figure::{decimals_of, figure, short_figure};
use super::spec::Scale;

/// A range with the values at which it has ticks, lowest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruler {
    /// Lowest value of the axis.
    pub lo: f64,
    /// Highest value of the axis.
    pub hi: f64,
    /// Tick values, all inside the range.
    pub ticks: Vec<f64>,
    /// Decimals for their labels; absent = each as short as possible.
    pub decimals: Option<usize>,
}

impl Ruler {
    /// A tick's label.
    pub fn label(&self, value: f64) -> String {
        match self.decimals {
            Some(decimals) => figure(value, decimals),
            None => short_figure(value, 9),
        }
    }
}

/// Steps and how much worse than 1, 2 or 5 they read.
const STEPS: [(f64, f64); 10] = [
    (1.0, 0.0),
    (1.2, 0.15),
    (1.5, 0.1),
    (2.0, 0.0),
    (2.5, 0.06),
    (3.0, 0.05),
    (4.0, 0.08),
    (5.0, 0.0),
    (6.0, 0.12),
    (8.0, 0.12),
];

/// The range and ticks for data from `lo` to `hi`: 3–5 ticks, or 6–8 when `tall`. With `view` the range
/// is exactly that.
pub fn rule(scale: Scale, lo: f64, hi: f64, view: Option<(f64, f64)>, tall: bool) -> Ruler {
    if let Some((lo, hi)) = view {
        let (lo, hi) = mend(scale, lo, hi);
        return inside(scale, lo, hi, tall);
    }
    match scale {
        Scale::Linear { zero: true } if lo >= 0.0 => from_zero(mend(scale, 0.0, hi).1, tall),
        Scale::Linear { zero } => {
            let (lo, hi) = if zero {
                (lo.min(0.0), hi.max(0.0))
            } else {
                (lo, hi)
            };
            let (lo, hi) = mend(scale, lo, hi);
            let room = (hi / 2.0 - lo / 2.0) * 0.1;
            let foot = if zero && lo == 0.0 { lo } else { lo - room };
            let head = if zero && hi == 0.0 { hi } else { hi + room };
            inside(scale, foot, head, tall)
        }
        Scale::Log2 | Scale::Log10 => {
            let (lo, hi) = mend(scale, lo, hi);
            inside(scale, lo * 0.6, hi * 1.8, tall)
        }
    }
}

/// Ticks inside a fixed range.
pub fn inside(scale: Scale, lo: f64, hi: f64, tall: bool) -> Ruler {
    let (lo, hi) = mend(scale, lo, hi);
    match scale {
        Scale::Linear { .. } => linear(lo, hi, tall),
        Scale::Log2 => powers(scale, lo, hi, tall, &[&[1.0]]),
        Scale::Log10 => powers(
            scale,
            lo,
            hi,
            tall,
            &[&[1.0], &[1.0, 3.0], &[1.0, 2.0, 5.0]],
        ),
    }
}

fn counts(tall: bool) -> (usize, usize) {
    if tall { (6, 8) } else { (3, 5) }
}

/// A round step, kept as digits and exponent so that its multiples are the nearest floats to what is written.
#[derive(Debug, Clone, Copy)]
struct Step {
    digits: f64,
    exponent: i32,
    cost: f64,
}

impl Step {
    fn times(self, k: f64) -> f64 {
        let digits = k * self.digits;
        if self.exponent < 0 {
            digits / 10f64.powi(-self.exponent)
        } else {
            digits * 10f64.powi(self.exponent)
        }
    }

    /// Steps from a thousandth to about the whole of a span.
    fn for_span(span: f64) -> impl Iterator<Item = (Self, f64)> {
        let top = span.log10().floor().clamp(-305.0, 300.0) as i32;
        (top - 2..=top + 1)
            .flat_map(|exponent| {
                STEPS.iter().map(move |(digits, cost)| Self {
                    digits: *digits,
                    exponent,
                    cost: *cost,
                })
            })
            .map(|step| (step, step.times(1.0)))
            .filter(|(_, size)| size.is_finite() && *size > 0.0)
    }
}

/// A zero-based range. The top is a tick, unless the data passes one only by a little.
fn from_zero(max: f64, tall: bool) -> Ruler {
    let (fewest, most) = counts(tall);
    let few = |intervals: f64| match most as f64 - 1.0 - intervals {
        missing if missing <= 0.0 => 0.0,
        missing if missing < 1.5 => 0.02,
        _ => 0.1,
    };
    let fits = |intervals: f64| {
        let ticks = intervals as usize + 1;
        ticks >= fewest && ticks <= most
    };
    let mut best: Option<(f64, Step, f64)> = None;
    let mut offer = |score: f64, step: Step, hi: f64| {
        if best.is_none_or(|(least, ..)| score < least) {
            best = Some((score, step, hi));
        }
    };
    for (step, size) in Step::for_span(max) {
        let parts = max / size;
        let full = (parts - 1e-9).ceil().max(1.0);
        if fits(full) {
            let score = full / parts - 1.0 + step.cost + few(full);
            offer(score, step, step.times(full).max(max));
        }
        let whole = (parts + 1e-9).floor();
        if fits(whole) && parts * HEADROOM < whole + 1.0 {
            let score = 0.12 + 0.25 * (parts - whole) + step.cost + few(whole);
            offer(score, step, max * HEADROOM);
        }
    }
    match best {
        Some((_, step, hi)) => multiples(0.0, hi, step),
        None => ends(0.0, max),
    }
}

/// How far an axis goes beyond data that passes its last tick.
const HEADROOM: f64 = 1.03;

fn ends(lo: f64, hi: f64) -> Ruler {
    Ruler {
        lo,
        hi,
        ticks: vec![lo, hi],
        decimals: None,
    }
}

fn linear(lo: f64, hi: f64, tall: bool) -> Ruler {
    let (fewest, most) = counts(tall);
    // Halved, as the span of two huge values isn't finite.
    let half = hi / 2.0 - lo / 2.0;
    let mut best: Option<(f64, Ruler)> = None;
    for (step, size) in Step::for_span(half) {
        if half / size > most as f64 {
            continue;
        }
        let ruler = multiples(lo, hi, step);
        let n = ruler.ticks.len();
        if n > most {
            continue;
        }
        let score = step.cost + 0.05 * (most - n) as f64 + if n < fewest { 10.0 } else { 0.0 };
        if best.as_ref().is_none_or(|(least, _)| score < *least) {
            best = Some((score, ruler));
        }
    }
    match best {
        Some((_, ruler)) if ruler.ticks.len() > 1 => ruler,
        _ => ends(lo, hi),
    }
}

fn multiples(lo: f64, hi: f64, step: Step) -> Ruler {
    let size = step.times(1.0);
    let first = (lo / size - 1e-9).ceil();
    let last = (hi / size + 1e-9).floor();
    let mut ticks = Vec::new();
    let mut k = first;
    while k <= last && ticks.len() < 64 {
        ticks.push(step.times(k).clamp(lo, hi) + 0.0);
        k += 1.0;
    }
    Ruler {
        lo,
        hi,
        ticks,
        decimals: Some(decimals_of(size)),
    }
}

/// Powers of the base, with finer multiples where there are too few and steps where there are too many.
fn powers(scale: Scale, lo: f64, hi: f64, tall: bool, families: &[&[f64]]) -> Ruler {
    let (_, most) = counts(tall);
    let (Some(a), Some(b)) = (forward(scale, lo), forward(scale, hi)) else {
        return linear(lo, hi, tall);
    };
    let most = if scale == Scale::Log2 { 10 } else { most };
    let base: f64 = if scale == Scale::Log2 { 2.0 } else { 10.0 };
    let every = ((b - a) / (most as f64 - 1.0)).ceil().max(1.0);
    let mut widest = Vec::new();
    for family in families {
        let mut ticks = Vec::new();
        let mut k = (a / every).floor() * every;
        while k <= b && ticks.len() < 64 {
            for m in *family {
                let v = m * super::axis::power(base, k);
                if v >= lo * (1.0 - 1e-12) && v <= hi * (1.0 + 1e-12) {
                    ticks.push(v.clamp(lo, hi));
                }
            }
            k += every;
        }
        if widest.is_empty() || ticks.len() <= most {
            widest = ticks;
        }
        if widest.len() >= 3 {
            break;
        }
    }
    if widest.len() < 2 {
        return linear(lo, hi, tall);
    }
    Ruler {
        lo,
        hi,
        ticks: widest,
        decimals: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZERO: Scale = Scale::Linear { zero: true };

    fn ticks(scale: Scale, lo: f64, hi: f64) -> Vec<f64> {
        rule(scale, lo, hi, None, false).ticks
    }

    #[test]
    fn reads_like_a_person_would_write_it() {
        assert_eq!(ticks(ZERO, 8.78, 138.41), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(ticks(ZERO, 0.4, 10.9), [0.0, 3.0, 6.0, 9.0, 12.0]);
        assert_eq!(ticks(ZERO, 1.1, 17.3), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(Scale::Log10, 135.0, 24373.0), [100.0, 1e3, 1e4]);
        assert_eq!(ticks(Scale::Log2, 0.5, 8.0), [0.5, 1.0, 2.0, 4.0, 8.0]);
    }

    #[test]
    fn the_axis_may_pass_its_last_tick_a_little() {
        let ruler = rule(ZERO, 104.8, 4132.0, None, false);
        assert_eq!(ruler.ticks, [0.0, 1e3, 2e3, 3e3, 4e3]);
        assert!(ruler.hi > 4132.0);
    }

    #[test]
    fn a_narrow_log_range_still_has_ticks() {
        let ruler = rule(Scale::Log10, 412.0, 431.0, None, false);
        assert!(ruler.ticks.len() >= 3, "{ruler:?}");
    }

    proptest! {
        #[test]
        fn zero_based_ticks_are_few_and_inside(max in 1e-9f64..1e12, tall in any::<bool>()) {
            let ruler = rule(ZERO, 0.0, max, None, tall);
            let (fewest, most) = counts(tall);
            prop_assert!(ruler.ticks.len() >= fewest && ruler.ticks.len() <= most, "{ruler:?}");
            prop_assert_eq!(ruler.ticks[0], 0.0);
            prop_assert!(ruler.hi >= max * (1.0 - 1e-9));
            prop_assert!(ruler.hi <= max * 1.7, "{:?}", ruler);
            for t in &ruler.ticks {
                prop_assert!(*t >= ruler.lo && *t <= ruler.hi);
            }
        }

        #[test]
        fn linear_ticks_are_round_and_inside(lo in -1e6f64..1e6, span in 1e-3f64..1e6, tall in any::<bool>()) {
            let ruler = inside(Scale::Linear { zero: false }, lo, lo + span, tall);
            let (fewest, most) = counts(tall);
            prop_assert!(ruler.ticks.len() >= fewest && ruler.ticks.len() <= most, "{:?}", ruler);
            let step = ruler.ticks[1] - ruler.ticks[0];
            for pair in ruler.ticks.windows(2) {
                prop_assert!((pair[1] - pair[0] - step).abs() < 1e-6 * step + 1e-9);
            }
            for t in &ruler.ticks {
                prop_assert!(*t >= ruler.lo && *t <= ruler.hi);
                let multiple = t / step;
                prop_assert!((multiple - multiple.round()).abs() < 1e-4, "{t} of {step}");
            }
        }

        #[test]
        fn any_range_has_ticks_inside(a in proptest::num::f64::ANY, b in proptest::num::f64::ANY, tall in any::<bool>()) {
            for scale in [ZERO, Scale::Linear { zero: false }, Scale::Log2, Scale::Log10] {
                let ruler = rule(scale, a.min(b), a.max(b), None, tall);
                prop_assert!(ruler.lo < ruler.hi, "{ruler:?}");
                prop_assert!(!ruler.ticks.is_empty() && ruler.ticks.len() <= 10, "{:?}", ruler);
                for t in &ruler.ticks {
                    prop_assert!(*t >= ruler.lo && *t <= ruler.hi, "{ruler:?}");
                }
            }
        }
    }
}
