//! Tables: numbers right, text left, one rule under the head, each in its own scroll box.

use leptos::prelude::*;

/// A column's head.
#[derive(Clone, Default, PartialEq)]
pub struct Column {
    /// Group head above several columns; equal neighbours share one.
    pub group: Option<AnyHead>,
    /// The head.
    pub head: String,
    /// Unit, as a second line.
    pub unit: String,
    /// Whether it holds text.
    pub text: bool,
    /// Whether a hairline stands at its left.
    pub rule: bool,
}

/// A group's name.
pub type AnyHead = String;

/// A cell.
#[derive(Clone, Default, PartialEq)]
pub struct Cell {
    /// What it says; shown as it is.
    pub text: String,
    /// A second, paler line.
    pub detail: String,
    /// A weightier figure in front of the text.
    pub strong: String,
    /// A run's line and mark in front.
    pub key: Option<servelens_core::chart::Slot>,
    /// A flag in front: class and icon.
    pub flag: Option<(&'static str, &'static str)>,
    /// Struck: withheld from verdicts.
    pub struck: bool,
    /// Paler: nothing reported.
    pub muted: bool,
}

impl Cell {
    /// A plain cell.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
    /// What the sources don't say.
    pub fn missing() -> Self {
        Self {
            text: "not reported".into(),
            muted: true,
            ..Self::default()
        }
    }
    /// The text, or that it is missing.
    pub fn or_missing(text: Option<String>) -> Self {
        text.map_or_else(Self::missing, Self::new)
    }
}

/// A table as data: drawn, and exported as CSV from the same cells.
#[derive(Clone, Default, PartialEq)]
pub struct Table {
    /// What it holds, for screen readers.
    pub caption: String,
    /// Heads.
    pub columns: Vec<Column>,
    /// Rows; the first cell is the row's head.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Comma-separated values with a head row; quotes where needed; plain hyphens and spaces.
    pub fn csv(&self) -> String {
        let field = |s: &str| {
            let plain = servelens_core::fmt::plain(s);
            if plain.contains([',', '"', '\n']) {
                format!("\"{}\"", plain.replace('"', "\"\""))
            } else {
                plain
            }
        };
        let head: Vec<String> = self
            .columns
            .iter()
            .map(|c| {
                let parts = [c.group.as_deref().unwrap_or(""), &c.head, &c.unit];
                field(
                    &parts
                        .iter()
                        .filter(|p| !p.is_empty())
                        .copied()
                        .collect::<Vec<_>>()
                        .join(" "),
                )
            })
            .collect();
        let mut out = head.join(",");
        for row in &self.rows {
            out.push('\n');
            let text = |c: &Cell| format!("{} {}", c.strong, c.text);
            let cells: Vec<String> = row.iter().map(|c| field(text(c).trim())).collect();
            out.push_str(&cells.join(","));
        }
        out.push('\n');
        out
    }
}

/// Draws a table in a focusable scroll box.
pub fn table(t: &Table) -> AnyView {
    let groups = group_row(&t.columns);
    let heads: Vec<AnyView> = t
        .columns
        .iter()
        .map(|c| {
            if c.head.is_empty() && c.unit.is_empty() {
                return view! { <td class=class(c)></td> }.into_any();
            }
            let unit = (!c.unit.is_empty()).then(|| view! { <small>{c.unit.clone()}</small> });
            view! {
                <th scope="col" class=class(c)>
                    {c.head.clone()} {unit}
                </th>
            }
            .into_any()
        })
        .collect();
    let rows: Vec<AnyView> = t.rows.iter().map(|r| body_row(r, &t.columns)).collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=t.caption.clone()>
            <table class="tbl">
                <caption class="vh">{t.caption.clone()}</caption>
                <thead>{groups} <tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn class(c: &Column) -> &'static str {
    match (c.text, c.rule) {
        (true, true) => "l sep",
        (true, false) => "l",
        (false, true) => "sep",
        (false, false) => "",
    }
}

fn group_row(columns: &[Column]) -> Option<AnyView> {
    if columns.iter().all(|c| c.group.is_none()) {
        return None;
    }
    let mut groups: Vec<(Option<String>, u32)> = Vec::new();
    for c in columns {
        match groups.last_mut() {
            Some((name, n)) if *name == c.group => *n += 1,
            _ => groups.push((c.group.clone(), 1)),
        }
    }
    let heads: Vec<AnyView> = groups
        .into_iter()
        .map(|(name, n)| match name {
            Some(name) => {
                view! { <th class="grp sep" colspan=n.to_string() scope="colgroup">{name}</th> }
                    .into_any()
            }
            None => view! { <td colspan=n.to_string()></td> }.into_any(),
        })
        .collect();
    Some(view! { <tr>{heads}</tr> }.into_any())
}

fn body_row(cells: &[Cell], columns: &[Column]) -> AnyView {
    let cells: Vec<AnyView> = cells
        .iter()
        .zip(columns)
        .enumerate()
        .map(|(i, (cell, column))| {
            let text = if cell.struck {
                view! { <s class="struck">{cell.text.clone()}</s> }.into_any()
            } else if let Some((class, icon)) = cell.flag {
                super::flag(class, icon, cell.text.clone())
            } else {
                cell.text.clone().into_any()
            };
            let text = if cell.strong.is_empty() {
                text
            } else {
                view! { <b class="big">{cell.strong.clone()}</b> " " {text} }.into_any()
            };
            let text = match cell.key {
                Some(slot) => {
                    view! { <span class="keyed">{super::run_key(slot)} {text}</span> }.into_any()
                }
                None => text,
            };
            let detail = (!cell.detail.is_empty())
                .then(|| view! { <small class="ci">{cell.detail.clone()}</small> });
            let mut class = class(column).to_owned();
            if cell.muted || cell.struck {
                class.push_str(" mut");
            }
            if i == 0 && !(cell.text.is_empty() && cell.strong.is_empty()) {
                view! {
                    <th scope="row" class=class>
                        {text} {detail}
                    </th>
                }
                .into_any()
            } else {
                view! { <td class=class>{text} {detail}</td> }.into_any()
            }
        })
        .collect();
    view! { <tr>{cells}</tr> }.into_any()
}
