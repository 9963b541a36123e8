//! Lines of a print-out: a label, a colon, a figure, perhaps after what a logger puts before.
//!
//! Knows such lines; refuses to know what any of them means.

use super::quantity;

/// A line `label: value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// What stands before the last colon that is followed by white space or by the line's end, without what a logger
    /// puts before it.
    pub label: &'a str,
    /// What stands after it, trimmed.
    pub value: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` without a colon or a value.
    pub fn of(line: &'a str) -> Option<Self> {
        let at = line.match_indices(':').map(|(at, _)| at).rfind(|at| {
            line.get(at + 1..)
                .is_some_and(|v| v.is_empty() || v.starts_with(char::is_whitespace))
        })?;
        let value = line.get(at + 1..)?.trim();
        let mut label = line.get(..at)?.trim();
        // What a logger or a person puts before: `[TRT-LLM] [I] `, `(pid=12) `, `| `, `# `.
        loop {
            let bracketed = |open, close: &str| label.strip_prefix(open)?.split_once(close);
            let logger = bracketed('[', "] ").filter(|(inside, _)| {
                inside.len() == 1 || !inside.bytes().all(|b| b.is_ascii_alphabetic())
            });
            let rest = label.strip_prefix(['|', '#', '>', '*', '│']).or_else(|| {
                logger
                    .or_else(|| bracketed('(', ") "))
                    .map(|(_, rest)| rest)
            });
            match rest {
                Some(rest) => label = rest.trim_start(),
                None => break,
            }
        }
        (!value.is_empty() && !label.is_empty()).then_some(Self { label, value })
    }
}

/// The figure that is the whole of a value; thousands separators may stand in it.
pub fn number(value: &str) -> Option<f64> {
    let (v, rest) = quantity::number(value)?;
    rest.trim().is_empty().then_some(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_before_the_last_colon() {
        let line = |l| Line::of(l).map(|l| (l.label, number(l.value)));
        assert_eq!(
            line("Mean TTFT (ms):      123.45   "),
            Some(("Mean TTFT (ms)", Some(123.45)))
        );
        assert_eq!(
            line("(APIServer pid=7) [TTFT] P50    : 1.5"),
            Some(("[TTFT] P50", Some(1.5)))
        );
        assert_eq!(
            line("[11/24/2026-02:24:20] [TRT-LLM] [I] [TPOT] AVERAGE: 7.3"),
            Some(("[TPOT] AVERAGE", Some(7.3)))
        );
        assert_eq!(line("# | Model:  a/b:c"), Some(("Model", None)));
        assert_eq!(line("Request rate: inf"), Some(("Request rate", None)));
        assert_eq!(line("=========="), None);
        assert_eq!(
            line("Mean TTFT (ms): [result]"),
            Some(("Mean TTFT (ms)", None))
        );
    }
}
