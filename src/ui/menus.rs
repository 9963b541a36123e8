//! What the menus of the bar hold: samples, sharing, exporting.

use super::atoms::icon;
use super::{link, reading, saving};
use crate::platform::{address, page};
use crate::state::{App, Layer, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::report::Format;

/// An open menu of the bar, by name.
pub fn menu(app: App, name: &'static str) -> AnyView {
    let items = match name {
        "Samples" => samples(app),
        "Share" => share(app),
        _ => export(app),
    };
    view! { <div class="menu" role="group" aria-label=name>{items}</div> }.into_any()
}

fn item(
    app: App,
    glyph: &'static str,
    name: &'static str,
    about: &'static str,
    right: &str,
    act: impl Fn() + 'static,
) -> AnyView {
    view! {
        <li>
            <button
                class="mi"
                on:click=move |_| {
                    app.layer.set(Layer::None);
                    act();
                }
            >
                {icon(glyph)}
                <span><b>{name}</b> <small>{about}</small></span>
                <span class="r">{right.to_owned()}</span>
            </button>
        </li>
    }
    .into_any()
}

fn samples(app: App) -> AnyView {
    let items: Vec<AnyView> = Sample::ALL
        .into_iter()
        .map(|s| {
            item(app, "chart", s.label(), s.about(), "", move || {
                reading::open_sample(app, s)
            })
        })
        .collect();
    view! { <ul>{items}</ul> }.into_any()
}

fn share(app: App) -> AnyView {
    view! {
        <h3 class="mh">"The view"</h3>
        <ul>{item(app, "link", "Copy link to this view", "View and limits are in the link. The data isn’t, except for samples.", "", move || copy_link(app))}</ul>
        <h3 class="mh">"The data"</h3>
        <ul>
            {item(app, "file", "Save session", "Runs, roles, limits and single requests. Opens in ServeLens.", "JSON", move || saving::session(app))}
            {item(app, "page", "Save as one HTML page", "The report; opens without a server or network.", "HTML", move || saving::report(app, Format::Html))}
        </ul>
        <p class="mf">{icon("lock")} "Nothing is uploaded. You send the file yourself."</p>
    }
    .into_any()
}

fn export(app: App) -> AnyView {
    let row = move |format, glyph, name, about, right| {
        item(app, glyph, name, about, right, move || {
            saving::report(app, format)
        })
    };
    view! {
        <h3 class="mh">"The report"</h3>
        <ul>
            {row(Format::Markdown, "file", "Markdown", "For a pull request or a wiki.", "report.md")}
            {row(Format::Html, "page", "HTML", "One self-contained page.", "report.html")}
        </ul>
        <h3 class="mh">"The figures"</h3>
        <ul>
            {row(Format::Json, "code", "JSON", "The whole analysis.", "report.json")}
            {row(Format::Csv, "table", "CSV", "The comparison, a row a load.", "comparison.csv")}
        </ul>
    }
    .into_any()
}

/// Copies a link to what is seen.
pub fn copy_link(app: App) {
    let link = address::link_to(&untrack(|| link::fragment(app)));
    spawn_local(async move {
        let done = page::copy(&link).await;
        app.said.set(if done {
            "Link copied.".into()
        } else {
            format!("The browser doesn’t allow copying; the link is {link}")
        });
    });
}
