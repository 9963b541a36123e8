//! A text as a sequence of headings, statements and tables.
//!
//! Knows Markdown, box-drawing, tab, comma and column-aligned tables; refuses to know what a
//! column means.

use crate::ingest::quantity::plain;

/// A table: cells as text without emphasis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Line of the head, from 1.
    pub line: usize,
    /// Column heads.
    pub head: Vec<String>,
    /// Rows with their lines; as many cells as the head has.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// `## Text`: level 1 to 6; a bold line of its own ending in a colon has level 7.
    Heading(u8, String),
    /// `- **Key**: value` or `Key: value`, with the line.
    Statement(String, String, usize),
    /// A table.
    Table(Table),
    /// Any other line.
    Line(String),
}

/// Text without terminal colour codes.
pub fn without_ansi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.peek() == Some(&'[') {
                chars.next();
                for c in chars.by_ref() {
                    if ('@'..='~').contains(&c) {
                        break;
                    }
                }
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Splits a text into blocks.
pub fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if let Some((table, used)) = table(rest, at + 1) {
            out.push(Block::Table(table));
            at += used;
            continue;
        }
        if let Some(block) = single(line.trim(), at + 1) {
            out.push(block);
        }
        at += 1;
    }
    out
}

fn single(line: &str, number: usize) -> Option<Block> {
    if line.is_empty() || is_rule(line) {
        return None;
    }
    let level = line.chars().take_while(|c| *c == '#').count();
    if (1..=6).contains(&level)
        && let Some(text) = line.get(level..).and_then(|t| t.strip_prefix(' '))
    {
        return Some(Block::Heading(
            level as u8,
            plain(text.trim_end_matches('#')),
        ));
    }
    let bold = line.starts_with("**") && (line.ends_with("**") || line.ends_with("**:"));
    if bold && line.matches("**").count() == 2 {
        return Some(Block::Heading(
            7,
            plain(line).trim_end_matches(':').to_owned(),
        ));
    }
    let item = line
        .strip_prefix("- ")
        .or_else(|| line.strip_prefix("* "))
        .or_else(|| line.strip_prefix("+ "))
        .or_else(|| line.strip_prefix("• "))
        .unwrap_or(line);
    if let Some((key, value)) = item.split_once(':') {
        let (key, value) = (plain(key), plain(value.trim_start_matches("**")));
        let words = key.split_whitespace().count();
        if (1..=8).contains(&words) && !value.is_empty() && !value.starts_with("//") {
            return Some(Block::Statement(key, value, number));
        }
    }
    Some(Block::Line(plain(item)))
}

/// A line that only draws: `---`, `|---|---|`, `┏━━┳━━┓`.
fn is_rule(line: &str) -> bool {
    line.chars().all(|c| {
        c.is_whitespace()
            || matches!(
                c,
                '-' | '=' | ':' | '|' | '+' | '_' | '\u{2500}'..='\u{257f}'
            )
    })
}

/// How the cells of a line are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    Pipe,
    Tab,
    Comma,
    Semicolon,
    Spaces,
}

impl Split {
    const ALL: [Self; 5] = [
        Self::Pipe,
        Self::Tab,
        Self::Comma,
        Self::Semicolon,
        Self::Spaces,
    ];

    fn cells(self, line: &str) -> Vec<String> {
        match self {
            Self::Pipe => {
                let line = line.trim().replace(['│', '┃', '║'], "|");
                let line = line.strip_prefix('|').unwrap_or(&line);
                let line = line.strip_suffix('|').unwrap_or(line);
                if line.contains('|') {
                    line.split('|').map(plain).collect()
                } else {
                    Vec::new()
                }
            }
            Self::Tab => line.split('\t').map(plain).collect(),
            Self::Comma => separated(line, ','),
            Self::Semicolon => separated(line, ';'),
            Self::Spaces => spaced(line),
        }
    }
}

/// Cells of a CSV line; quotes may hold the separator.
fn separated(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c == separator && !quoted => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells.iter().map(|c| plain(c)).collect()
}

/// Cells that stand apart by two spaces or more.
fn spaced(line: &str) -> Vec<String> {
    line.trim()
        .split("  ")
        .map(plain)
        .filter(|c| !c.is_empty())
        .collect()
}

/// The table that starts at the first of these lines, and how many lines it takes.
fn table(lines: &[&str], number: usize) -> Option<(Table, usize)> {
    let first = lines.first()?;
    if first.trim().is_empty() || is_rule(first) {
        return None;
    }
    // Prose has commas too: a list item or a heading is no head of a table.
    let prose = ["- ", "* ", "+ ", "• ", "#", ">", "**"]
        .iter()
        .any(|mark| first.trim_start().starts_with(mark));
    Split::ALL.into_iter().find_map(|split| {
        if prose && split != Split::Pipe {
            return None;
        }
        let head = split.cells(first);
        if head
            .iter()
            .any(|h| h.split_whitespace().count() > 9 || h.ends_with('.'))
        {
            return None;
        }
        // A head names its columns: words, and no more than one bare number.
        let words = head
            .iter()
            .filter(|h| h.chars().any(char::is_alphabetic))
            .count();
        if head.len() < 2 || words + 1 < head.len() || words == 0 {
            return None;
        }
        let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
        let mut used = 1;
        for line in lines.iter().skip(1) {
            let trimmed = line.trim();
            if trimmed.is_empty() {
                // A console table may have a blank line under its head.
                if split == Split::Spaces && rows.is_empty() {
                    used += 1;
                    continue;
                }
                break;
            }
            if is_rule(trimmed) {
                used += 1;
                continue;
            }
            let mut cells = split.cells(line);
            if split == Split::Pipe && !cells.is_empty() && cells.len() < head.len() {
                cells.resize(head.len(), String::new());
            }
            if cells.len() != head.len() {
                break;
            }
            used += 1;
            let continues = cells.first().is_some_and(|c| !c.is_empty())
                && cells.iter().skip(1).all(String::is_empty);
            match rows.last_mut().and_then(|(_, row)| row.first_mut()) {
                // The second line of a name that was too long for its cell.
                Some(name) if continues => {
                    name.push(' ');
                    name.push_str(cells.first().map_or("", String::as_str));
                }
                _ => rows.push((number + used - 1, cells)),
            }
        }
        let figures = rows
            .iter()
            .any(|(_, row)| row.iter().any(|c| c.contains(|c: char| c.is_ascii_digit())));
        (figures && (split != Split::Spaces || rows.len() > 1 || head.len() > 2)).then_some((
            Table {
                line: number,
                head,
                rows,
            },
            used,
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_table(text: &str) -> Table {
        let tables: Vec<Table> = blocks(text)
            .into_iter()
            .filter_map(|b| {
                if let Block::Table(t) = b {
                    Some(t)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(tables.len(), 1, "{text}");
        tables.into_iter().next().expect("one")
    }

    #[test]
    fn five_notations_of_one_table() {
        for text in [
            "| C | TTFT |\n|---|:--:|\n| **1** | 2 ms |\n| 10 | 3 ms |",
            "C\tTTFT\n1\t2 ms\n10\t3 ms",
            "C,TTFT\n1,2 ms\n10,3 ms",
            "C   TTFT\n--  ----\n1   2 ms\n10  3 ms",
            "┏━━┳━━━━┓\n┃ C ┃ TTFT ┃\n┡━━╇━━┩\n│ 1 │ 2 ms │\n│ 10 │ 3 ms │\n└──┴──┘",
        ] {
            let t = only_table(text);
            assert_eq!(t.head, ["C", "TTFT"], "{text}");
            let rows: Vec<&Vec<String>> = t.rows.iter().map(|r| &r.1).collect();
            assert_eq!(rows, [&["1", "2 ms"], &["10", "3 ms"]], "{text}");
        }
    }

    #[test]
    fn statements_and_headings() {
        let all = blocks(
            "# Title\n\n- **Model**: QWEN3-32B\n* **GPU:** H200\n**SLA Analysis:**\nsee https://example.org/a\n",
        );
        assert_eq!(
            all,
            [
                Block::Heading(1, "Title".into()),
                Block::Statement("Model".into(), "QWEN3-32B".into(), 3),
                Block::Statement("GPU".into(), "H200".into(), 4),
                Block::Heading(7, "SLA Analysis".into()),
                Block::Line("see https://example.org/a".into()),
            ]
        );
    }

    #[test]
    fn colour_codes_go() {
        assert_eq!(without_ansi("\u{1b}[1;32mC\u{1b}[0m x"), "C x");
    }

    #[test]
    fn quoted_cells_keep_their_commas() {
        let t = only_table("Metric,avg\nISL,\"1,000.00\"");
        assert_eq!(t.rows[0].1, ["ISL", "1,000.00"]);
    }
}
