//! A log₂ axis of ratios with “equal” on it.
//!
//! Knows doublings and halvings; refuses to know what is divided by what.

use super::axis::{self, Axis, power};
use super::figure::figure;
use super::geometry::{Rect, pt};
use super::scene::{Anchor, Paint, Scene};
use super::spec::Scale;
use super::text::Measure;

/// The axis and its ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioAxis {
    axis: Axis,
    ticks: Vec<(f64, String)>,
    equal: f64,
}

impl RatioAxis {
    /// An axis from one pixel to another that holds these ratios and “equal”. Ends are whole powers of two, at least
    /// one on each side; ratios that aren't positive and finite don't count. `centred` puts “equal” in the middle unless
    /// one side is much longer.
    pub fn holding(
        values: impl Iterator<Item = f64>,
        from: f64,
        to: f64,
        centred: bool,
        measure: &dyn Measure,
    ) -> Self {
        let (mut lo, mut hi) = (-1.0_f64, 1.0_f64);
        for power in values.filter(|v| *v > 0.0 && v.is_finite()).map(f64::log2) {
            lo = lo.min((power - 1e-9).ceil() - if power.fract() == 0.0 { 0.0 } else { 1.0 });
            hi = hi.max((power + 1e-9).floor() + if power.fract() == 0.0 { 0.0 } else { 1.0 });
        }
        if centred && (lo + hi).abs() <= 1.0 && hi.max(-lo) <= 3.0 {
            hi = hi.max(-lo);
            lo = -hi;
        }
        let axis = Axis::new(Scale::Log2, power(2.0, lo), power(2.0, hi), from, to);
        let equal = axis.px(1.0).unwrap_or(from);
        let room = measure.width("÷ 1024", 12.0, false).max(40.0);
        let every = ((hi - lo) * room / (to - from).max(1.0)).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut k = (lo / every).ceil() * every;
        while k <= hi && ticks.len() < 64 {
            if let Some(px) = axis.px(power(2.0, k)) {
                ticks.push((px, tick_label(k)));
            }
            k += every;
        }
        Self { axis, ticks, equal }
    }
    /// The same axis with its ticks as differences from “equal” in percent.
    #[must_use]
    pub fn in_percent(mut self) -> Self {
        for (px, label) in &mut self.ticks {
            let percent = (self.axis.value(*px).log2().round().exp2() - 1.0) * 100.0;
            if percent != 0.0 {
                let decimals = if percent.fract().abs() < 1e-9 { 0 } else { 1 };
                let sign = if percent > 0.0 { "+" } else { "" };
                *label = format!("{sign}{}\u{a0}%", figure(percent, decimals));
            }
        }
        self
    }
    /// Where a ratio lies; `None` if it isn't positive and finite.
    pub fn px(&self, ratio: f64) -> Option<f64> {
        self.axis.px(ratio)
    }
    /// Where “equal” lies.
    pub fn equal(&self) -> f64 {
        self.equal
    }
    /// The ratio at a pixel.
    pub fn value(&self, px: f64) -> f64 {
        self.axis.value(px)
    }
}

fn tick_label(power: f64) -> String {
    if power == 0.0 {
        "equal".to_owned()
    } else if power > 0.0 {
        format!("× {}", axis::power(2.0, power))
    } else {
        format!("÷ {}", axis::power(2.0, -power))
    }
}

/// Grid lines, the line at “equal” and the labels under the plot.
pub(super) fn draw_axis(out: &mut Scene, axis: &RatioAxis, plot: &Rect) {
    for (x, label) in &axis.ticks {
        let equal = (x - axis.equal).abs() < 1e-6;
        if equal {
            let line = vec![pt(*x, plot.top), pt(*x, plot.bottom)];
            out.path(line, Paint::Ink3, 1.5);
        } else {
            out.hair(pt(*x, plot.top), pt(*x, plot.bottom), Paint::Line);
        }
        let paint = if equal { Paint::Ink } else { Paint::Ink3 };
        out.text(
            pt(*x, plot.bottom + 18.0),
            label.as_str(),
            paint,
            Anchor::Middle,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::text::Estimate;

    fn axis(values: &[f64]) -> RatioAxis {
        RatioAxis::holding(values.iter().copied(), 84.0, 828.0, true, &Estimate)
    }

    #[test]
    fn equal_is_in_the_middle_of_similar_sides() {
        let axis = axis(&[0.34, 3.052, 0.4, 2.439]);
        assert_eq!(axis.equal(), 456.0);
        assert_eq!(axis.px(4.0), Some(828.0));
        let labels: Vec<&str> = axis.ticks.iter().map(|t| t.1.as_str()).collect();
        assert_eq!(labels, ["÷ 4", "÷ 2", "equal", "× 2", "× 4"]);
    }

    #[test]
    fn a_lopsided_range_is_not_mirrored() {
        let axis = axis(&[0.16, 1.05]);
        assert!(axis.px(0.16).unwrap() > 84.0);
        assert!(axis.equal() > 500.0);
    }

    #[test]
    fn powers_of_two_end_the_axis_themselves() {
        assert_eq!(axis(&[0.5, 2.0]).ticks.len(), 3);
        assert_eq!(axis(&[]).ticks.len(), 3);
    }

    #[test]
    fn ticks_are_ratios_or_percent() {
        let axis = axis(&[0.3, 3.0]).in_percent();
        let labels: Vec<&str> = axis.ticks.iter().map(|t| t.1.as_str()).collect();
        assert_eq!(
            labels,
            [
                "−75\u{a0}%",
                "−50\u{a0}%",
                "equal",
                "+100\u{a0}%",
                "+300\u{a0}%"
            ]
        );
    }

    #[test]
    fn wide_ranges_thin_their_ticks() {
        let wide = RatioAxis::holding([1e-6, 1e6].into_iter(), 0.0, 300.0, false, &Estimate);
        assert!(wide.ticks.len() <= 9, "{:?}", wide.ticks);
        assert!(wide.ticks.iter().any(|t| t.1 == "equal"));
    }
}
