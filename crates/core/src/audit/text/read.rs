//! The lines, tables and numbers of a report in Markdown.
//!
//! Knows pipe tables, list marks and emphasis. Refuses to know what a claim means.

/// A line of prose without its Markdown marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub no: usize,
    /// Without list marks, heading marks and emphasis.
    pub text: String,
    /// Lower case, for matching.
    pub lower: String,
}

/// A pipe table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// Nearest heading above.
    pub heading: String,
    /// Column heads.
    pub head: Vec<String>,
    /// Rows with their line, from 1.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// A number in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Num {
    /// The value.
    pub value: f64,
    /// Decimals as written.
    pub decimals: usize,
    /// Byte offset of its first character, the sign left out.
    pub start: usize,
    /// Byte offset after its last digit.
    pub end: usize,
    /// Whether a sign stands before it.
    pub signed: bool,
}

/// Without emphasis and code marks.
pub(super) fn strip(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}

/// Splits a report into prose lines and tables; code fences are left out.
pub(super) fn parse(text: &str) -> (Vec<Line>, Vec<Table>) {
    let mut lines = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    let mut heading = String::new();
    let mut fenced = false;
    let mut in_table = false;
    for (i, raw) in text.lines().enumerate() {
        let trimmed = raw.trim();
        if trimmed.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        if trimmed.starts_with('|') {
            let cells: Vec<String> = trimmed
                .trim_matches('|')
                .split('|')
                .map(|c| strip(c).trim().to_owned())
                .collect();
            let rule = cells
                .iter()
                .all(|c| !c.is_empty() && c.bytes().all(|b| matches!(b, b'-' | b':' | b' ')));
            match tables.last_mut() {
                Some(t) if in_table => {
                    if !rule {
                        t.rows.push((i + 1, cells));
                    }
                }
                _ => tables.push(Table {
                    heading: heading.clone(),
                    head: cells,
                    rows: Vec::new(),
                }),
            }
            in_table = true;
            continue;
        }
        in_table = false;
        let mut body = trimmed.trim_start_matches(['#', '-', '*', '>', ' ']);
        // An ordered list's number is not a figure.
        if let Some((n, rest)) = body.split_once(". ")
            && !n.is_empty()
            && n.len() <= 2
            && n.bytes().all(|b| b.is_ascii_digit())
        {
            body = rest;
        }
        let clean = strip(body).trim().to_owned();
        if clean.is_empty() {
            continue;
        }
        if trimmed.starts_with('#') {
            heading = clean.clone();
        }
        lines.push(Line {
            no: i + 1,
            lower: clean.to_lowercase(),
            text: clean,
        });
    }
    (lines, tables)
}

/// Every number of a text, thousands by commas understood. A number that is part of a word, as
/// in `Qwen3` or `H200`, is none.
pub(super) fn numbers(text: &str) -> Vec<Num> {
    let bytes = text.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if !at(i).is_ascii_digit() {
            i += 1;
            continue;
        }
        let start = i;
        let mut digits = String::new();
        let mut decimals = 0;
        let mut point = false;
        loop {
            let b = at(i);
            if b.is_ascii_digit() {
                digits.push(b as char);
                decimals += usize::from(point);
            } else if b == b'.' && !point && at(i + 1).is_ascii_digit() {
                digits.push('.');
                point = true;
            } else if b != b','
                || point
                || !(1..=3).all(|k| at(i + k).is_ascii_digit())
                || at(i + 4).is_ascii_digit()
            {
                break;
            }
            i += 1;
            if i >= bytes.len() {
                break;
            }
        }
        let before = if start == 0 { b' ' } else { at(start - 1) };
        let word = before.is_ascii_alphabetic() || before == b'_' || before == b'.';
        if !word && let Ok(value) = digits.parse::<f64>() {
            let head = text.get(..start).unwrap_or("");
            let minus = head.ends_with('\u{2212}')
                || (head.ends_with('-')
                    && !head
                        .trim_end_matches('-')
                        .ends_with(|c: char| c.is_ascii_digit()));
            out.push(Num {
                value: if minus { -value } else { value },
                decimals,
                start,
                end: i,
                signed: minus || head.ends_with('+'),
            });
        }
    }
    out
}

/// What follows a number, without spaces, in lower case.
pub(super) fn after<'a>(text: &'a str, n: &Num) -> &'a str {
    text.get(n.end..).unwrap_or("").trim_start()
}

/// Percentages of a text: signed ones are changes.
pub(super) fn percentages(text: &str) -> Vec<Num> {
    numbers(text)
        .into_iter()
        .filter(|n| after(text, n).starts_with('%'))
        .collect()
}

/// A range of concurrency that a claim speaks of; `open` has no upper end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Loads {
    /// Lowest load.
    pub low: f64,
    /// Highest load; infinite when open.
    pub high: f64,
    /// Whether the low end itself is left out.
    pub above: bool,
}

impl Loads {
    pub(super) fn contains(&self, c: f64) -> bool {
        (if self.above {
            c > self.low
        } else {
            c >= self.low
        }) && c <= self.high
    }
}

/// The first range of concurrency in a sentence that speaks of concurrency: `10-100`, `≤ 100`,
/// `> 200`, `250+`, `concurrency 10`.
pub(super) fn loads(text: &str) -> Option<Loads> {
    let lower = text.to_lowercase();
    if !lower.contains("concurren") {
        return None;
    }
    let all = numbers(text);
    for (i, n) in all.iter().enumerate() {
        let rest = after(text, n).to_lowercase();
        let unit = ["%", "ms", "s ", "tokens", "tok", "req", "gpu", "×", "x "]
            .iter()
            .any(|u| rest.starts_with(u));
        if unit || n.signed && n.value > 0.0 {
            continue;
        }
        let value = n.value.abs();
        let head = text
            .get(..n.start)
            .unwrap_or("")
            .trim_end()
            .trim_end_matches(['~', '\u{2248}'])
            .trim_end();
        if let Some(next) = all.get(i + 1) {
            let between = text.get(n.end..next.start).unwrap_or("").trim();
            if matches!(
                between,
                "-" | "\u{2013}" | "\u{2060}\u{2013}\u{2060}" | "to" | "and"
            ) && next.value.abs() > value
            {
                return Some(Loads {
                    low: value,
                    high: next.value.abs(),
                    above: false,
                });
            }
        }
        let lower_head = head.to_lowercase();
        if ["\u{2264}", "<=", "up to", "<", "below", "at most"]
            .iter()
            .any(|m| lower_head.ends_with(m))
        {
            return Some(Loads {
                low: 0.0,
                high: value,
                above: false,
            });
        }
        let above = head.ends_with('>') || lower_head.ends_with("above");
        let from = head.ends_with('\u{2265}') || head.ends_with(">=") || rest.starts_with('+');
        if above || from {
            return Some(Loads {
                low: value,
                high: f64::INFINITY,
                above: above && !from,
            });
        }
        if lower_head.ends_with("concurrency") || lower_head.ends_with("concurrency of") {
            return Some(Loads {
                low: value,
                high: value,
                above: false,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_know_thousands_signs_and_names() {
        let v: Vec<f64> = numbers("H200, Qwen3-32B: 2,761ms, +138.1%, -66.0 % and 10-100")
            .iter()
            .map(|n| n.value)
            .collect();
        assert_eq!(v, [32.0, 2761.0, 138.1, -66.0, 10.0, 100.0]);
    }

    #[test]
    fn ranges_of_load_are_read_as_written() {
        let get = |t| loads(t).map(|l| (l.low, l.high));
        assert_eq!(
            get("performs best at concurrency 10-100"),
            Some((10.0, 100.0))
        );
        assert_eq!(get("workloads with concurrency ≤ 100"), Some((0.0, 100.0)));
        assert_eq!(
            get("high-concurrency scenarios (>200)"),
            Some((200.0, f64::INFINITY))
        );
        assert_eq!(
            get("higher concurrency levels (250+)"),
            Some((250.0, f64::INFINITY))
        );
        assert_eq!(get("TTFT ≤ 300ms at higher concurrency"), None);
        assert_eq!(get("At concurrency 10: +138.1%"), Some((10.0, 10.0)));
        assert_eq!(get("at most 100 users"), None);
    }

    #[test]
    fn tables_keep_their_lines() {
        let (lines, tables) = parse(
            "# T\n\n| C | A |\n|---|---|\n| **1** | 2 tokens/s |\n\n1. **Over**: ~47%\n```\n9\n```",
        );
        assert_eq!(
            tables[0].rows,
            [(5, vec!["1".to_owned(), "2 tokens/s".to_owned()])]
        );
        assert_eq!(tables[0].heading, "T");
        assert_eq!(lines[1].text, "Over: ~47%");
        assert_eq!((lines.len(), lines[1].no), (2, 7));
    }
}
