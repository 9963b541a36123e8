//! The report as one self-contained HTML file: no script, no outside resource.

use super::sections::lower;
use super::{Answer, Block, CellText, Chart, Draw, Reference, Report, Sentence, Table};
use crate::audit::{Check, Question};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#12181f;--ink-2:#46515e;--line:#e2e7ec;--page:#fff;--soft:#ebeff3;--accent:#0b6e7f}\
@media(prefers-color-scheme:dark){:root{--ink:#e9eef3;--ink-2:#b3beca;--line:#262e37;--page:#0e1216;--soft:#151a20;--accent:#56c3d5}}\
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:0}\
main{max-width:54rem;margin:0 auto;padding:2rem 1rem 4rem}\
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}\
.sub{color:var(--ink-2);margin:0 0 1.5rem}\
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}\
th,td{padding:.35rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}\
th{font-weight:500;color:var(--ink-2)}th small{display:block;font-weight:400}.n{text-align:right;white-space:nowrap}\
s{color:var(--ink-2)}dt{font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dd{margin:0}\
a.ref{font:.72rem ui-monospace,monospace;border:1px solid var(--line);border-radius:3px;padding:0 .25rem;color:var(--accent);text-decoration:none;white-space:nowrap}\
pre{background:var(--soft);padding:.75rem;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}\
.e{border-top:1px solid var(--line);padding:.6rem 0}.e p{margin:0}.e code{display:block;font-size:.8rem;white-space:pre-wrap;color:var(--ink-2)}\
blockquote{margin:.25rem 0 0;color:var(--ink-2);font-size:.85rem}\
.answers{grid-template-columns:6rem 1fr;gap:.75rem 1rem}.answers dt{font-weight:400;color:var(--ink-2)}.answers p{margin:0}.answers .trust{font-size:.85rem;color:var(--ink-2)}\
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1.25rem;margin:1.25rem 0}figure{margin:0;break-inside:avoid}figcaption{font-size:.85rem;font-weight:600;margin-bottom:.25rem}figure svg{max-width:100%;height:auto;display:block}.dark{display:none}\
@media screen and (prefers-color-scheme:dark){.light{display:none}.dark{display:block}}\
summary{cursor:pointer}summary h2{display:inline-block;margin:1rem 0 .5rem}\
@media print{:root{color-scheme:light;--ink:#12181f;--ink-2:#46515e;--line:#c4ccd5;--page:#fff;--soft:#ebeff3;--accent:#0b6e7f}body{font-size:10.5pt}section:first-of-type{break-after:page}main{padding:0;max-width:none}.scroll{overflow:visible}table{font-size:8pt}th,td{padding:.2rem .35rem}.n{white-space:normal}h2{break-after:avoid}tr,.e,pre{break-inside:avoid}details::details-content{content-visibility:visible}}";

/// Renders one HTML file.
pub(super) fn html(report: &Report, draw: Option<Draw<'_>>) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n<p class=\"sub\">{}</p>\n",
        text(&report.title),
        text(&report.title),
        text(&report.subtitle)
    );
    for s in &report.sections {
        let id = text(&s.id);
        let title = text(&s.title);
        let (open, close) = match s.appendix {
            true => (
                format!("<details>\n<summary><h2 id=\"{id}\">{title}</h2></summary>\n"),
                "</details>\n",
            ),
            false => (
                format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n"),
                "</section>\n",
            ),
        };
        out.push_str(&open);
        for b in &s.blocks {
            block(&mut out, b, draw);
        }
        out.push_str(close);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn block(out: &mut String, block: &Block, draw: Option<Draw<'_>>) {
    match block {
        Block::Answers(all) => {
            out.push_str("<dl class=\"answers\">\n");
            for a in all {
                answer(out, a);
            }
            out.push_str("</dl>\n");
        }
        Block::Charts(all) => {
            out.push_str("<div class=\"charts\">\n");
            for c in all {
                chart(out, c, draw);
            }
            out.push_str("</div>\n");
        }
        Block::Paragraph(all) => {
            let parts: Vec<String> = all.iter().map(sentence).collect();
            out.push_str(&format!("<p>{}</p>\n", parts.join(" ")));
        }
        Block::List { ordered, items } => {
            let tag = if *ordered { "ol" } else { "ul" };
            out.push_str(&format!("<{tag}>\n"));
            for s in items {
                out.push_str(&format!("<li>{}</li>\n", sentence(s)));
            }
            out.push_str(&format!("</{tag}>\n"));
        }
        Block::Table(t) => table(out, t),
        Block::Facts(all) => {
            out.push_str("<dl>\n");
            for (name, value) in all {
                out.push_str(&format!(
                    "<dt>{}</dt><dd>{}</dd>\n",
                    text(name),
                    text(value)
                ));
            }
            out.push_str("</dl>\n");
        }
        Block::Code(code) => out.push_str(&format!("<pre><code>{}</code></pre>\n", text(code))),
        Block::Evidence(all) => {
            let mut seen: Vec<Check> = Vec::new();
            for e in all {
                // Only the first, and weightiest, finding of a check is the link's target.
                let anchor = if seen.contains(&e.check) {
                    String::new()
                } else {
                    seen.push(e.check);
                    format!(" id=\"check-{}\"", e.check.id())
                };
                out.push_str(&format!(
                    "<div class=\"e\"{anchor}><p><b>{}</b> {}: {}</p>\n",
                    e.check.id(),
                    e.grade.word().to_lowercase(),
                    text(&e.title)
                ));
                for l in &e.lines {
                    out.push_str(&format!("<code>{}</code>\n", text(l)));
                }
                for q in &e.quotes {
                    out.push_str(&format!("<blockquote>{}</blockquote>\n", text(q)));
                }
                out.push_str("</div>\n");
            }
        }
    }
}

fn answer(out: &mut String, a: &Answer) {
    let limit = match a.limit.as_str() {
        "" => String::new(),
        limit => format!(", {}", text(&lower(limit))),
    };
    out.push_str(&format!(
        "<dt>{}</dt>\n<dd><p><b>{}</b></p><p>{}</p><p class=\"trust\">{}{limit}</p></dd>\n",
        text(a.question),
        sentence(&a.sentence),
        text(&a.reason),
        a.badge.word(),
    ));
}

/// Drawn twice, for light and for dark screens; paper takes the light one.
fn chart(out: &mut String, c: &Chart, draw: Option<Draw<'_>>) {
    let Some(draw) = draw else {
        out.push_str(&format!("<p>Chart: {}</p>\n", text(&c.alt())));
        return;
    };
    out.push_str(&format!(
        "<figure><figcaption>{}</figcaption><div class=\"light\">{}</div><div class=\"dark\">{}</div></figure>\n",
        text(&c.title),
        draw(&c.drawing, false),
        draw(&c.drawing, true)
    ));
}

fn sentence(s: &Sentence) -> String {
    let mut out = text(&s.text);
    for r in &s.refs {
        let target = match r {
            Reference::Table(Question::WhoWins) => "comparison".to_owned(),
            Reference::Table(Question::Sla) => "sla".to_owned(),
            Reference::Table(Question::Projection) => "accuracy".to_owned(),
            Reference::Check(check) => format!("check-{}", check.id()),
        };
        out.push_str(&format!(
            " <a class=\"ref\" href=\"#{target}\">{}</a>",
            r.label()
        ));
    }
    out
}

fn table(out: &mut String, t: &Table) {
    out.push_str("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    for h in &t.head {
        let class = if h.figures { " class=\"n\"" } else { "" };
        let unit = if h.unit.is_empty() {
            String::new()
        } else {
            format!("<small>{}</small>", text(&h.unit))
        };
        out.push_str(&format!(
            "<th scope=\"col\"{class}>{}{unit}</th>",
            text(&h.label)
        ));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &t.rows {
        out.push_str("<tr>");
        for (c, h) in row.iter().zip(&t.head) {
            let class = if h.figures { " class=\"n\"" } else { "" };
            out.push_str(&format!("<td{class}>{}</td>", cell(c)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn cell(c: &CellText) -> String {
    if c.struck && !c.text.is_empty() {
        format!("<s>{}</s>", text(&c.text))
    } else {
        text(&c.text)
    }
}

fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 8);
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
