//! Numbers with units as people and tools write them: `2,761ms`, `8.78 tokens/s`, `≤ 300 ms`.
//!
//! Knows notations; refuses to know which metric a figure belongs to.

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// No unit.
    None,
    /// Time.
    Time,
    /// Tokens per second.
    TokenRate,
    /// Tokens per second for each GPU.
    TokenRatePerGpu,
    /// Tokens per second for each user.
    TokenRatePerUser,
    /// Requests per second.
    RequestRate,
    /// Tokens.
    Tokens,
    /// Requests.
    Requests,
    /// Per cent, or a multiple.
    Relative,
    /// A unit not known here.
    Other,
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// In the SI unit of the dimension: seconds, per second.
    pub si: f64,
    /// As written, without its unit.
    pub written: f64,
    /// What the unit measures.
    pub dimension: Dimension,
}

/// Text without Markdown emphasis and code marks, trimmed.
pub fn plain(text: &str) -> String {
    text.replace("**", "")
        .replace("__", "")
        .replace('`', "")
        .trim()
        .trim_matches('*')
        .trim()
        .to_owned()
}

/// Words of a unit or a column head in one spelling: `tok`, `req`, `s`, `ms`, `gpu`, `user`.
pub fn canonical_word(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "tokens" | "token" | "toks" | "tok" => "tok",
        "requests" | "request" | "reqs" | "req" => "req",
        "seconds" | "second" | "secs" | "sec" | "s" => "s",
        "milliseconds" | "millisecond" | "msec" | "msecs" | "ms" => "ms",
        "microseconds" | "microsecond" | "usec" | "µs" | "μs" | "us" => "us",
        "nanoseconds" | "nanosecond" | "nsec" | "ns" => "ns",
        "minutes" | "minute" | "mins" | "min" => "min",
        "gpus" | "gpu" => "gpu",
        "users" | "user" => "user",
        w => return w.to_owned(),
    }
    .to_owned()
}

/// What a unit measures and the factor to SI; `None` when it is no unit known here.
pub fn unit(text: &str) -> Option<(Dimension, f64)> {
    let words: Vec<String> =
        text.split(|c: char| c == '/' || c == '_' || c.is_whitespace())
            .map(|w| {
                canonical_word(w.trim_matches(|c: char| {
                    matches!(c, '.' | ',' | ';' | ':' | '(' | ')' | '[' | ']')
                }))
            })
            .filter(|w| !w.is_empty() && !matches!(w.as_str(), "per" | "output" | "generated"))
            .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    use Dimension as D;
    Some(match words.as_slice() {
        ["s"] => (D::Time, 1.0),
        ["ms"] => (D::Time, 1e-3),
        ["us"] => (D::Time, 1e-6),
        ["ns"] => (D::Time, 1e-9),
        ["tok", "s"] | ["tps"] | ["t", "s"] => (D::TokenRate, 1.0),
        ["tok", "s", "gpu"] | ["tok", "gpu", "s"] | ["tps", "gpu"] => (D::TokenRatePerGpu, 1.0),
        ["tok", "s", "user"] | ["tok", "user", "s"] | ["tps", "user"] => (D::TokenRatePerUser, 1.0),
        ["req", "s"] | ["rps"] | ["qps"] => (D::RequestRate, 1.0),
        ["req", "min"] => (D::RequestRate, 1.0 / 60.0),
        ["tok"] => (D::Tokens, 1.0),
        ["req"] => (D::Requests, 1.0),
        ["%"] | ["x"] | ["×"] => (D::Relative, 1.0),
        _ => return None,
    })
}

/// The number at the start of a text, and what follows it. Knows thousands separators (comma,
/// no-break space or apostrophe before three digits), a true minus, an exponent.
pub fn number(text: &str) -> Option<(f64, &str)> {
    let mut digits = String::new();
    let mut end = 0;
    let mut seen_digit = false;
    let mut seen_point = false;
    for (at, c) in text.char_indices() {
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        match c {
            '-' | '−' | '+' if digits.is_empty() => {
                if c != '+' {
                    digits.push('-');
                }
            }
            '0'..='9' => {
                digits.push(c);
                seen_digit = true;
                end = at + c.len_utf8();
            }
            '.' if !seen_point => {
                seen_point = true;
                digits.push('.');
            }
            ',' | '\u{202f}' | '\u{a0}' | '\''
                if seen_digit && !seen_point && three_digits(after) => {}
            'e' | 'E' if seen_digit && exponent(after) => {
                let sign = usize::from(after.starts_with(['-', '+']));
                let len = sign
                    + after
                        .chars()
                        .skip(sign)
                        .take_while(char::is_ascii_digit)
                        .count();
                digits.push('e');
                digits.push_str(after.get(..len).unwrap_or_default());
                end = at + 1 + len;
                break;
            }
            _ => break,
        }
    }
    if !seen_digit {
        return None;
    }
    let value: f64 = digits.trim_end_matches('.').parse().ok()?;
    value
        .is_finite()
        .then(|| (value, text.get(end..).unwrap_or_default()))
}

fn three_digits(text: &str) -> bool {
    let mut chars = text.chars();
    let three = chars.by_ref().take(3).filter(char::is_ascii_digit).count() == 3;
    three && !chars.next().is_some_and(|c| c.is_ascii_digit())
}

fn exponent(text: &str) -> bool {
    text.trim_start_matches(['-', '+'])
        .starts_with(|c: char| c.is_ascii_digit())
}

/// A number with its unit at the start of a text; comparison signs and `~` are passed over.
pub fn quantity(text: &str) -> Option<Quantity> {
    let text = plain(text);
    let text = text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '≤' | '≥' | '<' | '>' | '=' | '~' | '≈' | '±')
    });
    let (written, rest) = number(text)?;
    // A console cuts what is too long for its cell; half a number is none.
    if rest.starts_with('…') {
        return None;
    }
    let rest = rest
        .split(['(', ',', ';'])
        .next()
        .unwrap_or_default()
        .trim();
    let (dimension, factor) = if rest.is_empty() {
        (Dimension::None, 1.0)
    } else {
        unit(rest).unwrap_or((Dimension::Other, 1.0))
    };
    Some(Quantity {
        si: written * factor,
        written,
        dimension,
    })
}

/// A whole number within `u32`, as a concurrency or a GPU count is.
pub fn count(value: f64) -> Option<u32> {
    // Compared first, so the cast is exact.
    (value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0).then_some(value as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_are_read() {
        for (text, si, dimension) in [
            ("8.78 tokens/s", 8.78, Dimension::TokenRate),
            ("**2,761ms**", 2.761, Dimension::Time),
            ("≤ 10ms", 0.010, Dimension::Time),
            ("~4000 tokens", 4000.0, Dimension::Tokens),
            ("196.783 tokens/s/gpu", 196.783, Dimension::TokenRatePerGpu),
            (
                "1\u{202f}574.26 tok/s per GPU",
                1574.26,
                Dimension::TokenRatePerGpu,
            ),
            ("0.40 req/s", 0.40, Dimension::RequestRate),
            ("-2.4%", -2.4, Dimension::Relative),
            ("1.5e3 us", 0.0015, Dimension::Time),
            ("12", 12.0, Dimension::None),
            ("12 requests", 12.0, Dimension::Requests),
            ("1,234,567", 1_234_567.0, Dimension::None),
        ] {
            let q = quantity(text).unwrap_or_else(|| panic!("{text} has no number"));
            assert!((q.si - si).abs() <= 1e-12 * si.abs(), "{text}: {q:?}");
            assert_eq!(q.dimension, dimension, "{text}");
        }
        for text in ["", "n/a", "-", "—", "nan", "ms", "1,190…"] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(count(12.0), Some(12));
        assert_eq!(count(12.5), None);
        assert_eq!(count(-1.0), None);
        assert_eq!(count(f64::NAN), None);
    }
}
