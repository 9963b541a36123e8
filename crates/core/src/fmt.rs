//! How numbers and short word lists are written in prose and tables.
//!
//! Knows the house rules: thousands by a narrow no-break space from four digits, a true minus,
//! a no-break space before units and %, en dash with word joiners in ranges. Refuses to know
//! what a figure means. Data outputs (CSV, JSON) use plain numbers and [`plain`] for sentences.

use crate::model::{Metric, Stat};
use crate::units::{Seconds, Unit};

/// No-break space, before units and %.
pub const NBSP: char = '\u{a0}';
/// Narrow no-break space, between thousands.
pub const NARROW: char = '\u{202f}';
/// True minus.
pub const MINUS: char = '\u{2212}';

/// A number with a fixed number of decimals.
pub fn number(value: f64, decimals: usize) -> String {
    let raw = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = match raw.split_once('.') {
        Some((w, f)) => (w, Some(f)),
        None => (raw.as_str(), None),
    };
    let mut out = String::with_capacity(raw.len() + 8);
    let is_zero = raw.bytes().all(|b| b == b'0' || b == b'.');
    if value < 0.0 && !is_zero {
        out.push(MINUS);
    }
    let digits = whole.len();
    for (i, c) in whole.chars().enumerate() {
        if digits > 3 && i > 0 && (digits - i).is_multiple_of(3) {
            out.push(NARROW);
        }
        out.push(c);
    }
    if let Some(f) = fraction {
        out.push('.');
        out.push_str(f);
    }
    out
}

/// Decimals that a value has in its shortest exact form.
fn own_decimals(value: f64) -> usize {
    let s = format!("{value}");
    s.split_once('.').map_or(0, |(_, f)| f.len())
}

/// Decimals that leave `digits` significant digits, at most 6.
fn significant(value: f64, digits: i32) -> usize {
    let v = value.abs();
    if v == 0.0 || !v.is_finite() {
        return 0;
    }
    let magnitude = v.log10().floor() as i32;
    (digits - 1 - magnitude).clamp(0, 6) as usize
}

/// Decimals for a column of figures: the source's own where they are few; else so many that the
/// smallest shows three digits, and four where two decimals are enough for that.
pub fn column_decimals(values: impl IntoIterator<Item = f64>) -> usize {
    let mut own = 0;
    let mut least = f64::INFINITY;
    for v in values.into_iter().filter(|v| v.is_finite()) {
        own = own.max(own_decimals(v));
        if v != 0.0 {
            least = least.min(v.abs());
        }
    }
    if own <= 3 || least.is_infinite() {
        return own.min(3);
    }
    significant(least, 4).min(2).max(significant(least, 3))
}

/// Decimals that a source gives its column in; `None` where its figures have full precision, so
/// that nothing was rounded away that matters.
pub fn source_decimals(shown: impl IntoIterator<Item = f64>) -> Option<usize> {
    // A change of unit leaves dust in the last digits.
    let own = |v: f64| own_decimals((v * 1e9).round() / 1e9);
    let most = shown.into_iter().filter(|v| v.is_finite()).map(own).max()?;
    (most <= 4).then_some(most)
}

/// One measured value: the source's digits where they are few, else four significant digits.
pub fn measured(value: f64) -> String {
    number(value, column_decimals([value]))
}

/// A computed value to a number of significant digits; whole numbers are never cut.
pub fn sig(value: f64, digits: i32) -> String {
    number(value, significant(value, digits))
}

/// A ratio: three decimals below 10, from there three digits.
pub fn ratio(value: f64) -> String {
    if value.abs() < 10.0 {
        number(value, 3)
    } else {
        sig(value, 3)
    }
}

/// A relative change (0.27 = 27 %) with sign and one decimal, as in tables.
pub fn change_table(relative: f64) -> String {
    signed(relative * 100.0, 1)
}

/// A relative change with sign as a whole percentage, as in sentences.
pub fn change(relative: f64) -> String {
    let p = relative * 100.0;
    signed(p, if p.abs() < 0.95 { 1 } else { 0 })
}

fn signed(percent: f64, decimals: usize) -> String {
    let n = number(percent, decimals);
    let sign = if percent > 0.0 && n.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        "+"
    } else {
        ""
    };
    format!("{sign}{n}{NBSP}%")
}

/// A share (0.53 = 53 %) without sign and with some decimals.
pub fn percent(share: f64, decimals: usize) -> String {
    format!("{}{NBSP}%", number(share * 100.0, decimals))
}

/// A threshold (0.025 = 2.5 %), with the decimals it was typed with.
pub fn limit(share: f64) -> String {
    let percent = (share * 1e8).round() / 1e6;
    format!("{}{NBSP}%", number(percent, own_decimals(percent)))
}

/// An interval, `1.05–1.67`; open ends in words.
pub fn bounds(low: Option<f64>, high: Option<f64>, write: impl Fn(f64) -> String) -> String {
    match (low.map(&write), high.map(&write)) {
        (Some(l), Some(h)) => range(&l, &h),
        (Some(l), None) => format!("at least {l}"),
        (None, Some(h)) => format!("at most {h}"),
        (None, None) => "not known".to_owned(),
    }
}

/// A p value to two digits; `< 0.0001` below that.
pub fn p_value(p: f64) -> String {
    if p < 0.0001 {
        format!("<{NBSP}0.0001")
    } else {
        sig(p, 2)
    }
}

/// A range of shares, `7–66 %`; one where both read the same.
pub fn percent_range(low: f64, high: f64, decimals: usize) -> String {
    let (l, h) = (
        number(low * 100.0, decimals),
        number(high * 100.0, decimals),
    );
    format!("{}{NBSP}%", range(&l, &h))
}

/// A duration in milliseconds, for tables and arithmetic.
pub fn ms(duration: Seconds) -> String {
    let v = duration.ms();
    // A conversion from milliseconds and back leaves dust in the last digit.
    let v = (v * 1e9).round() / 1e9;
    let decimals = if own_decimals(v) <= 3 && v.abs() < 100.0 {
        own_decimals(v).min(significant(v, 4))
    } else {
        significant(v, if v.abs() < 1000.0 { 3 } else { 4 })
    };
    format!("{}{NBSP}ms", number(v, decimals))
}

/// A duration in a sentence: milliseconds below one second, else seconds to three digits.
pub fn time(duration: Seconds) -> String {
    if duration.0.abs() < 1.0 {
        ms(duration)
    } else {
        format!("{}{NBSP}s", sig(duration.0, 3))
    }
}

/// A metric's SI value with its unit, as in a sentence.
pub fn value(metric: Metric, si: f64) -> String {
    match metric.unit() {
        Unit::Seconds => time(Seconds(si)),
        unit => format!("{}{NBSP}{}", measured(si), unit.label()),
    }
}

/// A range with en dash and word joiners; one value when both read the same.
pub fn range(low: &str, high: &str) -> String {
    if low == high {
        low.to_owned()
    } else {
        format!("{low}\u{2060}\u{2013}\u{2060}{high}")
    }
}

/// `a, b and c`.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// `1, 10 and 50`.
pub fn loads(concurrencies: &[u32]) -> String {
    let items: Vec<String> = concurrencies
        .iter()
        .map(|c| number(f64::from(*c), 0))
        .collect();
    list(&items)
}

/// A small count in words, from ten in digits.
pub fn count(n: usize) -> String {
    const WORDS: [&str; 10] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    WORDS
        .get(n)
        .map_or_else(|| number(n as f64, 0), |w| (*w).to_owned())
}

/// `1 load`, `2 loads`, with the count in words.
pub fn counted(n: usize, singular: &str, plural: &str) -> String {
    format!("{} {}", count(n), if n == 1 { singular } else { plural })
}

/// `1 file`, `3 files`.
pub fn plural(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", number(n as f64, 0))
    }
}

/// The first letter as a capital, where it is one of English: the table of all others is a twentieth of the page's download.
pub fn capital(text: &str) -> String {
    let mut out = text.to_owned();
    if let Some(first) = out.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    out
}

/// A statistic as it is named in a sentence; the unnamed one says that it is.
pub fn stat(stat: Stat) -> &'static str {
    match stat {
        Stat::Avg => "average",
        Stat::P50 => "median",
        Stat::Stated => "unnamed statistic",
        other => other.key(),
    }
}

/// A sentence for data outputs: plain spaces, hyphen-minus, no joiners.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            NARROW | '\u{2060}' => {}
            NBSP => out.push(' '),
            MINUS | '\u{2013}' => out.push('-'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(
            (plural(1, "file"), plural(0, "file")),
            ("1 file".into(), "0 files".into())
        );
        assert_eq!(plural(10_000, "point"), "10\u{202f}000 points");
    }

    #[test]
    fn thousands_start_at_four_digits_and_minus_is_true() {
        assert_eq!(number(1574.264, 2), "1\u{202f}574.26");
        assert_eq!(number(999.0, 0), "999");
        assert_eq!(number(1234567.0, 0), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-60.04, 1), "\u{2212}60.0");
        assert_eq!(number(-0.04, 1), "0.0");
    }

    #[test]
    fn a_column_keeps_the_digits_of_its_source() {
        assert_eq!(column_decimals([8.78, 104.8, 9.0]), 2);
        assert_eq!(column_decimals([1_013.464_570_132, 133.012_777]), 1);
        assert_eq!(column_decimals([9.77, 10.004_586_082]), 2);
        assert_eq!(column_decimals([0.012_345_678, 10.0]), 4);
        assert_eq!(column_decimals([f64::NAN]), 0);
        assert_eq!(measured(196.783), "196.783");
        assert_eq!(measured(3_112.057_082), "3\u{202f}112");
    }

    #[test]
    fn changes_carry_a_sign_and_shares_do_not() {
        assert_eq!(change_table(1.3811), "+138.1\u{a0}%");
        assert_eq!(change_table(-0.6), "\u{2212}60.0\u{a0}%");
        assert_eq!(change_table(0.0), "0.0\u{a0}%");
        assert_eq!(change(0.269), "+27\u{a0}%");
        assert_eq!(percent(0.0666, 2), "6.66\u{a0}%");
    }

    #[test]
    fn times_follow_the_unit_rule() {
        assert_eq!(time(Seconds::from_ms(24373.0)), "24.4\u{a0}s");
        assert_eq!(time(Seconds::from_ms(300.0)), "300\u{a0}ms");
        assert_eq!(ms(Seconds::from_ms(2761.0)), "2\u{202f}761\u{a0}ms");
        assert_eq!(ms(Seconds::from_ms(10.0)), "10\u{a0}ms");
        assert_eq!(ms(Seconds::from_ms(6.836)), "6.836\u{a0}ms");
    }

    #[test]
    fn ratios_lists_and_ranges() {
        assert_eq!(ratio(0.975_56), "0.976");
        assert_eq!(ratio(15.02), "15.0");
        assert_eq!(loads(&[1, 10, 50]), "1, 10 and 50");
        assert_eq!(range("6", "22"), "6\u{2060}\u{2013}\u{2060}22");
        assert_eq!(range("6", "6"), "6");
        assert_eq!(percent_range(0.721, 0.724, 0), "72\u{a0}%");
        assert_eq!(counted(4, "finding", "findings"), "four findings");
        assert_eq!(plain(&number(-1574.0, 0)), "-1574");
    }
}
