//! Two-sided tables of a report: load, two figures, and the change it states.

use super::read::{Num, Table, numbers, percentages};

/// Which rate a table or a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rate {
    /// Output tokens per second.
    Tokens,
    /// Requests per second.
    Requests,
}

impl Rate {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Tokens => "tokens/s",
            Self::Requests => "requests/s",
        }
    }
    /// The first rate that a text names.
    pub(super) fn named(text: &str) -> Option<Self> {
        let t = text.to_lowercase();
        let tokens = ["token", "tok/s"].iter().filter_map(|w| t.find(w)).min();
        let requests = ["request", "req/s", "reqs/s"]
            .iter()
            .filter_map(|w| t.find(w))
            .min();
        match (tokens, requests) {
            (Some(a), Some(b)) => Some(if a < b { Self::Tokens } else { Self::Requests }),
            (Some(_), None) => Some(Self::Tokens),
            (None, Some(_)) => Some(Self::Requests),
            (None, None) => None,
        }
    }
}

/// One row of a two-sided table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    /// Line, from 1.
    pub line: usize,
    /// Load of the row.
    pub load: f64,
    /// Figures of the two sides.
    pub a: Num,
    /// The second side.
    pub b: Num,
    /// The change that the row states, percent.
    pub stated: Option<Num>,
}

impl Pair {
    /// First side against the second, percent.
    pub(super) fn percent(&self) -> f64 {
        (self.a.value / self.b.value - 1.0) * 100.0
    }
    /// Whether a stated percentage follows from the two figures within the rounding of all three.
    pub(super) fn agrees(&self, stated: &Num) -> bool {
        let half = |n: &Num| 0.5 * 10f64.powi(-(n.decimals as i32));
        let (da, db) = (half(&self.a), half(&self.b));
        let low = (self.a.value - da) / (self.b.value + db);
        let high = (self.a.value + da) / (self.b.value - db).max(f64::MIN_POSITIVE);
        let slack = half(stated) + 1e-9;
        let exact = (self.percent() - stated.value).abs() <= slack;
        exact
            || ((low - 1.0) * 100.0 - slack <= stated.value
                && stated.value <= (high - 1.0) * 100.0 + slack)
    }
}

/// A two-sided table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sides {
    /// What it holds.
    pub rate: Rate,
    /// Name of the first side, as its column head gives it.
    pub a: String,
    /// Name of the second side.
    pub b: String,
    /// Rows, in the table's order.
    pub rows: Vec<Pair>,
}

fn is_change(head: &str) -> bool {
    let h = head.to_lowercase();
    [
        "improvement",
        "change",
        "gain",
        "diff",
        "delta",
        "δ",
        "uplift",
        "vs",
    ]
    .iter()
    .any(|w| h.contains(w))
}

/// Reads a table whose first column is the load and in which two columns hold figures of one
/// rate. Other tables give `None`.
pub(super) fn sides(table: &Table) -> Option<Sides> {
    let first = table.head.first()?.to_lowercase();
    if !(first.contains("concurren") || first.contains("load") || first == "c") {
        return None;
    }
    let change = table.head.iter().position(|h| is_change(h));
    let columns: Vec<usize> = (1..table.head.len())
        .filter(|i| Some(*i) != change)
        .collect();
    let [ca, cb] = columns.as_slice() else {
        return None;
    };
    let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
    let rate = table
        .rows
        .first()
        .and_then(|(_, r)| Rate::named(&cell(r, *ca)))
        .or_else(|| Rate::named(&table.head.join(" ")))
        .or_else(|| Rate::named(&table.heading))?;
    let one = |text: &str| numbers(text).first().copied();
    let rows: Vec<Pair> = table
        .rows
        .iter()
        .filter_map(|(line, r)| {
            Some(Pair {
                line: *line,
                load: one(&cell(r, 0))?.value,
                a: one(&cell(r, *ca))?,
                b: one(&cell(r, *cb))?,
                stated: change.and_then(|i| percentages(&cell(r, i)).first().copied()),
            })
        })
        .filter(|p| p.b.value > 0.0)
        .collect();
    (!rows.is_empty()).then(|| Sides {
        rate,
        a: table.head.get(*ca).cloned().unwrap_or_default(),
        b: table.head.get(*cb).cloned().unwrap_or_default(),
        rows,
    })
}

/// The word by which a claim names a side: the first part of its column head.
pub(super) fn key(name: &str) -> String {
    name.split(|c: char| !c.is_alphanumeric())
        .find(|w| !w.is_empty())
        .unwrap_or("")
        .to_lowercase()
}
