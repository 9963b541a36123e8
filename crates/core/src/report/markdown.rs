//! The report as Markdown.

use super::sections::lower;
use super::{Block, CellText, Report, Sentence, Table};

/// Renders Markdown: GitHub tables, struck figures as `~~…~~`, ids as code.
pub(super) fn markdown(report: &Report) -> String {
    let mut out = format!("# {}\n\n{}\n", text(&report.title), text(&report.subtitle));
    for s in &report.sections {
        let title = text(&s.title);
        // GitHub folds these; elsewhere the summary is a line of its own.
        out.push_str(&match s.appendix {
            true => format!("\n<details>\n<summary>{title}</summary>\n"),
            false => format!("\n## {title}\n"),
        });
        for b in &s.blocks {
            out.push('\n');
            block(&mut out, b);
        }
        if s.appendix {
            out.push_str("\n</details>\n");
        }
    }
    out
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Answers(all) => {
            for a in all {
                let limit = match a.limit.as_str() {
                    "" => String::new(),
                    limit => format!(": {}", text(&lower(limit))),
                };
                out.push_str(&format!(
                    "**{}** {} {} *{}{limit}.*\n\n",
                    text(a.question),
                    sentence(&a.sentence),
                    text(&a.reason),
                    a.badge.word(),
                ));
            }
            out.pop();
        }
        Block::Charts(all) => {
            for c in all {
                out.push_str(&format!("- Chart: {}\n", text(&c.alt())));
            }
        }
        Block::Paragraph(all) => {
            let parts: Vec<String> = all.iter().map(sentence).collect();
            out.push_str(&parts.join(" "));
            out.push('\n');
        }
        Block::List { ordered, items } => {
            for (i, s) in items.iter().enumerate() {
                let mark = if *ordered {
                    format!("{}.", i + 1)
                } else {
                    "-".to_owned()
                };
                out.push_str(&format!("{mark} {}\n", sentence(s)));
            }
        }
        Block::Table(t) => table(out, t),
        Block::Facts(all) => {
            for (name, value) in all {
                out.push_str(&format!("- **{}**: {}\n", text(name), text(value)));
            }
        }
        Block::Code(code) => {
            // A fence longer than any run of back ticks inside.
            let longest = code
                .split(|c| c != '`')
                .map(str::len)
                .max()
                .unwrap_or(0)
                .max(2);
            let fence = "`".repeat(longest + 1);
            out.push_str(&format!("{fence}sh\n{code}\n{fence}\n"));
        }
        Block::Evidence(all) => {
            for e in all {
                out.push_str(&format!(
                    "- `{}` {}: {}\n",
                    e.check.id(),
                    e.grade.word().to_lowercase(),
                    text(&e.title)
                ));
                for l in e.lines.iter().chain(&e.quotes) {
                    out.push_str(&format!("  - {}\n", text(l)));
                }
            }
        }
    }
}

fn sentence(s: &Sentence) -> String {
    let mut out = text(&s.text);
    for r in &s.refs {
        out.push_str(&format!(" `{}`", r.label()));
    }
    out
}

fn table(out: &mut String, t: &Table) {
    let heads: Vec<String> = t
        .head
        .iter()
        .map(|h| {
            if h.unit.is_empty() {
                text(&h.label)
            } else {
                format!("{} ({})", text(&h.label), text(&h.unit))
            }
        })
        .collect();
    out.push_str(&format!("| {} |\n|", heads.join(" | ")));
    for h in &t.head {
        out.push_str(if h.figures { "---:|" } else { "---|" });
    }
    out.push('\n');
    for row in &t.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

fn cell(c: &CellText) -> String {
    if c.struck && !c.text.is_empty() {
        format!("~~{}~~", text(&c.text))
    } else {
        text(&c.text)
    }
}

/// Escapes what Markdown would read as a mark; one line.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\\' | '`' | '*' | '<' | '>' | '|' | '[' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
