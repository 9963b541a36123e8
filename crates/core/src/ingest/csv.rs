//! Comma-separated text by RFC 4180: quotes, doubled quotes, line breaks in quotes.
//!
//! Knows cells; refuses to know what they mean.

/// A row with the line on which it begins, from 1.
pub type CsvRow = (usize, Vec<String>);

/// All rows, blank lines included as rows of one empty cell. Cells are trimmed.
pub fn rows(text: &str) -> Vec<CsvRow> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let (mut line, mut begun) = (1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell).trim().to_owned()),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim().to_owned());
                rows.push((begun, std::mem::take(&mut row)));
                line += 1;
                begun = line;
            }
            c => {
                if c == '\n' {
                    line += 1;
                }
                cell.push(c);
            }
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell.trim().to_owned());
        rows.push((begun, row));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_breaks_and_quotes() {
        let r = rows("a,\"1,000.00\",\"x \"\"y\"\"\nz\"\r\n\r\nb,,\n");
        assert_eq!(
            r[0],
            (1, vec!["a".into(), "1,000.00".into(), "x \"y\"\nz".into()])
        );
        assert_eq!(r[1], (3, vec![String::new()]));
        assert_eq!(r[2], (4, vec!["b".into(), String::new(), String::new()]));
        assert_eq!(r.len(), 3);
        assert!(rows("").is_empty());
    }
}
