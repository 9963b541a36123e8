//! What kind of table it is: loads across or down, systems in the heads, words or figures.
//!
//! Knows whole columns; refuses to read single figures.

use super::blocks::Table;
use super::heads::{Column, column};
use crate::ingest::quantity::{count, quantity};

/// A table whose heads are loads and whose rows are metrics, turned about.
pub fn turned(table: &Table, columns: &[Column]) -> Option<Table> {
    let load = |head: &String| {
        let name = head.trim_end_matches(|c: char| c.is_ascii_digit());
        let word = name.trim_end_matches([' ', '=', ':', '_']);
        (name.len() < head.len() && column(word) == Column::Concurrency)
            .then(|| concurrency(head))?
    };
    let loads: Vec<Option<u32>> = table.head.iter().skip(1).map(load).collect();
    if loads.is_empty()
        || loads.iter().any(Option::is_none)
        || columns.contains(&Column::Concurrency)
    {
        return None;
    }
    let names = table
        .rows
        .iter()
        .filter_map(|(_, row)| row.first().cloned());
    let rows = loads.iter().flatten().enumerate().map(|(i, load)| {
        let cells = table
            .rows
            .iter()
            .map(|(_, row)| row.get(i + 1).cloned().unwrap_or_default());
        (
            table.line,
            std::iter::once(load.to_string()).chain(cells).collect(),
        )
    });
    Some(Table {
        line: table.line,
        head: std::iter::once("Concurrency".to_owned())
            .chain(names)
            .collect(),
        rows: rows.collect(),
    })
}

/// Whether the heads of the metric columns name systems as well: two names or more, and no
/// metric without one.
pub fn systems_in_heads(columns: &[Column]) -> bool {
    let mut names = columns.iter().filter_map(|c| match c {
        Column::Metric(n) => Some(n.rest.as_str()),
        _ => None,
    });
    let Some(first) = names.next() else {
        return false;
    };
    let mut several = false;
    !first.is_empty()
        && names.all(|n| {
            several |= n != first;
            !n.is_empty()
        })
        && several
}

/// Whether most cells of a column begin with a number.
pub fn figures(table: &Table, at: usize) -> bool {
    let cells = table.rows.iter().filter_map(|(_, row)| row.get(at));
    let numbers = cells.clone().filter(|c| quantity(c).is_some()).count();
    numbers * 2 > cells.count()
}

/// Whether any number of a column is not whole.
pub fn fractional(table: &Table, at: usize) -> bool {
    table
        .rows
        .iter()
        .filter_map(|(_, row)| quantity(row.get(at)?))
        .any(|q| q.written.fract() != 0.0)
}

/// `10`, `C=10`, `concurrency 10`.
pub fn concurrency(cell: &str) -> Option<u32> {
    let from = cell.find(|c: char| c.is_ascii_digit())?;
    let q = quantity(cell.get(from..)?)?;
    count(q.written).filter(|c| *c > 0)
}
