//! Figures as the charts write them: narrow no-break space in thousands, true minus.
//!
//! Knows digits; refuses to know units and metrics.

/// A value with a fixed number of decimals (at most 9): `1 574`, `−0.25`.
///
/// Values from 10¹⁵ on are written as powers of ten. A value that is not finite gives an empty text.
pub fn figure(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let magnitude = value.abs();
    if magnitude >= 1e15 {
        return signed(value, format!("{magnitude:e}"));
    }
    let plain = format!("{magnitude:.*}", decimals.min(9));
    let (whole, rest) = match plain.split_once('.') {
        Some((whole, rest)) => (whole, Some(rest)),
        None => (plain.as_str(), None),
    };
    let mut text = String::with_capacity(plain.len() + 8);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    // A rounded zero has no sign.
    if plain.chars().all(|c| c == '0' || c == '.') {
        return text;
    }
    signed(value, text)
}

fn signed(value: f64, magnitude: String) -> String {
    if value < 0.0 {
        format!("\u{2212}{magnitude}")
    } else {
        magnitude
    }
}

/// The decimals that write every multiple of `step` exactly, at most 9.
pub fn decimals_of(step: f64) -> usize {
    let step = step.abs();
    let mut scaled = step;
    for decimals in 0..9 {
        if (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1e-3) && scaled.round() >= 1.0 {
            return decimals;
        }
        scaled *= 10.0;
    }
    9
}

/// A value with as many decimals as it needs, at most `limit`.
pub fn short_figure(value: f64, limit: usize) -> String {
    let mut scale = 1.0;
    for decimals in 0..limit {
        let scaled = value * scale;
        if (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0) {
            return figure(value, decimals);
        }
        scale *= 10.0;
    }
    figure(value, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_thousands_from_four_digits() {
        assert_eq!(figure(1574.0, 0), "1\u{202F}574");
        assert_eq!(figure(574.0, 0), "574");
        assert_eq!(figure(1_234_567.25, 2), "1\u{202F}234\u{202F}567.25");
    }

    #[test]
    fn writes_a_true_minus_but_never_on_zero() {
        assert_eq!(figure(-2.5, 1), "\u{2212}2.5");
        assert_eq!(figure(-0.0, 0), "0");
        assert_eq!(figure(-0.04, 1), "0.0");
    }

    #[test]
    fn finds_the_decimals_of_a_step() {
        assert_eq!(decimals_of(50.0), 0);
        assert_eq!(decimals_of(2.5), 1);
        assert_eq!(decimals_of(0.25), 2);
        assert_eq!(decimals_of(0.001), 3);
    }

    #[test]
    fn short_figures_drop_empty_decimals() {
        assert_eq!(short_figure(0.5, 3), "0.5");
        assert_eq!(short_figure(250.0, 3), "250");
        assert_eq!(short_figure(1.0 / 3.0, 3), "0.333");
    }
}
