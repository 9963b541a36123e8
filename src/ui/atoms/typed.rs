//! Numbers as people type them, with a point or a comma.

/// A number that is not negative; spaces and apostrophes may part thousands, a comma may be either.
///
/// # Errors
/// A sentence that says what is wrong, for what could mean two numbers too.
pub fn number(text: &str) -> Result<f64, String> {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’'))
        .collect();
    let none = || format!("“{}” isn’t a number", text.trim());
    let marks: Vec<char> = compact.chars().filter(|c| matches!(c, '.' | ',')).collect();
    let plain = match *marks.as_slice() {
        [] | ['.'] => compact,
        [','] => {
            let (whole, part) = compact.split_once(',').unwrap_or((&compact, ""));
            if part.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') {
                return Err(format!(
                    "“{compact}” may mean {whole}{part} or {whole}.{part}; write it without the comma or with a point"
                ));
            }
            compact.replace(',', ".")
        }
        [.., last] => {
            // Several marks part thousands, but for a last one of another kind.
            let other = if last == ',' { '.' } else { ',' };
            let decimal = marks.iter().filter(|m| **m == last).count() == 1;
            let (whole, part) = match compact.rsplit_once(last) {
                Some((whole, part)) if decimal => (whole.to_owned(), format!(".{part}")),
                _ => (compact.clone(), String::new()),
            };
            let parting = if decimal { other } else { last };
            let mut groups = whole.split(parting);
            let first = groups.next().unwrap_or_default();
            if !(1..=3).contains(&first.len()) || groups.any(|g| g.len() != 3) {
                return Err(none());
            }
            whole.replace(parting, "") + &part
        }
    };
    plain
        .parse::<f64>()
        .ok()
        .filter(|x| x.is_finite() && *x >= 0.0)
        .ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_comma_is_what_it_can_only_be() {
        for (text, value) in [
            ("300", 300.0),
            ("300.5", 300.5),
            ("300,5", 300.5),
            ("0,125", 0.125),
            (" 1 500 ", 1500.0),
            ("1’500.25", 1500.25),
            ("1,500.5", 1500.5),
            ("1.500,5", 1500.5),
            ("1,234,567", 1_234_567.0),
            ("1.234.567,25", 1_234_567.25),
            ("1500,25", 1500.25),
        ] {
            assert_eq!(number(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_may_be_two_numbers_or_none_is_refused() {
        let why = number("1,500").unwrap_err();
        assert!(why.contains("1500 or 1.500"), "{why}");
        for text in [
            "abc",
            "",
            "1,2,3",
            "1.2.3,4",
            "-3",
            "1e999",
            "12,34,567",
            "5 ms",
            ",",
        ] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
