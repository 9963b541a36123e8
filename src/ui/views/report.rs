//! Report: the whole analysis as a document, every sentence linked to what it rests on.

use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{Cell, Column, Table, badge, icon, table};
use crate::ui::saving;
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::audit::Question;
use servelens_core::report::{
    self, Answer, Block, Chart, Evidence, Format, Reference, Section, Sentence,
};
use servelens_core::url::View;

/// The view.
pub fn report(app: App) -> AnyView {
    (move || {
        let r = report::build(&app.limited.get(), &app.analysis.get());
        let sections: Vec<AnyView> = r.sections.iter().map(|s| section(app, s)).collect();
        let toc: Vec<AnyView> = r
            .sections
            .iter()
            .map(|s| {
                let id = format!("r-{}", s.id);
                view! {
                    <li>
                        <a href="#report" on:click=move |e| { e.prevent_default(); page::reveal(&id); }>{s.title.clone()}</a>
                    </li>
                }
                .into_any()
            })
            .collect();
        view! {
            <section class="view report" aria-label="Report">
                <article class="paper">
                    <h1>{r.title.clone()}</h1>
                    <p class="meta">{r.subtitle.clone()}</p>
                    {sections}
                </article>
                <nav class="toc" aria-label="Contents of the report">
                    <h2>"Contents"</h2>
                    <ul>{toc}</ul>
                    {buttons(app)}
                </nav>
            </section>
        }
        .into_any()
    })
    .into_any()
}

fn buttons(app: App) -> AnyView {
    view! {
        <div class="btns">
            <button class="btn" on:click=move |_| copy(app)>{icon("copy")} "Copy Markdown"</button>
            <button class="btn" on:click=move |_| saving::report(app, Format::Html)>{icon("down")} "HTML, self-contained"</button>
            <button class="btn btn-quiet" on:click=move |_| saving::report(app, Format::Json)>"JSON"</button>
            <button class="btn btn-quiet" on:click=move |_| saving::report(app, Format::Csv)>"CSV"</button>
        </div>
    }
    .into_any()
}

fn copy(app: App) {
    let r = report::build(&app.limited.get_untracked(), &app.analysis.get_untracked());
    let text = report::render(&r, Format::Markdown, None);
    spawn_local(async move {
        app.said.set(if page::copy(&text).await {
            "Report copied as Markdown.".into()
        } else {
            "The browser doesn’t allow copying; save it instead.".into()
        });
    });
}

fn section(app: App, s: &Section) -> AnyView {
    // The title already stands above the first section.
    let head = view! { <h2 id=format!("r-{}", s.id)>{s.title.clone()}</h2> };
    let blocks: Vec<AnyView> = s
        .blocks
        .iter()
        .enumerate()
        .map(|(i, b)| block(app, b, &format!("{}, part {}", s.title, i + 1)))
        .collect();
    if s.appendix {
        return view! { <details class="appendix"><summary>{head}</summary>{blocks}</details> }
            .into_any();
    }
    view! { {head} {blocks} }.into_any()
}

fn block(app: App, b: &Block, name: &str) -> AnyView {
    match b {
        Block::Answers(all) => {
            let rows: Vec<AnyView> = all.iter().map(|a| answer(app, a)).collect();
            view! { <dl class="answers">{rows}</dl> }.into_any()
        }
        Block::Charts(all) => {
            let charts: Vec<AnyView> = all.iter().map(chart).collect();
            view! { <div class="paper-charts">{charts}</div> }.into_any()
        }
        Block::Paragraph(sentences) => {
            let parts: Vec<AnyView> = sentences.iter().map(|s| sentence(app, s)).collect();
            view! { <p>{parts}</p> }.into_any()
        }
        Block::List { ordered, items } => {
            let items: Vec<AnyView> = items
                .iter()
                .map(|s| view! { <li>{sentence(app, s)}</li> }.into_any())
                .collect();
            if *ordered {
                view! { <ol>{items}</ol> }.into_any()
            } else {
                view! { <ul>{items}</ul> }.into_any()
            }
        }
        Block::Table(t) => table(&twin(t, name)),
        Block::Facts(facts) => {
            let rows: Vec<AnyView> = facts
                .iter()
                .map(|(k, v)| view! { <tr><th class="l" scope="row">{k.clone()}</th><td class="l w">{v.clone()}</td></tr> }.into_any())
                .collect();
            view! { <table class="tbl facts"><tbody>{rows}</tbody></table> }.into_any()
        }
        Block::Code(text) => {
            view! { <pre class="cmd" tabindex="0"><code>{text.clone()}</code></pre> }.into_any()
        }
        Block::Evidence(list) => {
            let items: Vec<AnyView> = list.iter().map(|e| evidence(app, e)).collect();
            view! { <ul class="evidence">{items}</ul> }.into_any()
        }
    }
}

fn answer(app: App, a: &Answer) -> AnyView {
    let limit = a.limit.clone();
    view! {
        <dt>{a.question}</dt>
        <dd>
            <p class="a">{sentence(app, &a.sentence)}</p>
            <p>{a.reason.clone()}</p>
            <p class="trust">{badge(a.badge)} " " {limit}</p>
        </dd>
    }
    .into_any()
}

/// Drawn twice, for light and for dark: the theme, and paper, choose by style.
fn chart(c: &Chart) -> AnyView {
    view! {
        <figure>
            <figcaption>{c.title.clone()}</figcaption>
            <div class="on-light" inner_html=saving::drawn(&c.drawing, false)></div>
            <div class="on-dark" inner_html=saving::drawn(&c.drawing, true)></div>
        </figure>
    }
    .into_any()
}

pub(super) fn twin(t: &report::Table, name: &str) -> Table {
    Table {
        caption: name.to_owned(),
        columns: t
            .head
            .iter()
            .map(|h| Column {
                head: h.label.clone(),
                unit: h.unit.clone(),
                text: !h.figures,
                ..Column::default()
            })
            .collect(),
        rows: t
            .rows
            .iter()
            .map(|r| {
                r.iter()
                    .map(|c| Cell {
                        struck: c.struck,
                        ..Cell::new(c.text.clone())
                    })
                    .collect()
            })
            .collect(),
    }
}

fn sentence(app: App, s: &Sentence) -> AnyView {
    let refs: Vec<AnyView> = s.refs.iter().map(|r| reference(app, *r)).collect();
    view! { {s.text.clone()} {refs} " " }.into_any()
}

/// A link to the finding, or to the view that holds the table.
fn reference(app: App, r: Reference) -> AnyView {
    let (view, check) = match r {
        Reference::Table(Question::WhoWins) => (View::Compare, None),
        Reference::Table(Question::Sla) => (View::Sla, None),
        Reference::Table(Question::Projection) => (View::Accuracy, None),
        Reference::Check(check) => (View::Audit, Some(check.id().to_owned())),
    };
    view! {
        <a
            class="ref"
            href=format!("#{}", view.key())
            on:click=move |e| {
                e.prevent_default();
                let check = check.clone();
                app.look(|s| {
                    s.view = view;
                    s.check = check;
                });
            }
        >
            {r.label()}
        </a>
    }
    .into_any()
}

fn evidence(app: App, e: &Evidence) -> AnyView {
    let lines: Vec<AnyView> = e
        .lines
        .iter()
        .chain(&e.quotes)
        .map(|l| view! { <p class="calc">{l.clone()}</p> }.into_any())
        .collect();
    view! { <li>{e.title.clone()} {reference(app, Reference::Check(e.check))} {lines}</li> }
        .into_any()
}
