//! The bar on top: adding, samples, sharing, exporting, theme.

use super::atoms::{chevron, icon};
use super::reading;
use crate::platform::{address, files, page, store};
use crate::state::{App, Layer, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::report::{self, Format};
use servelens_core::session;

/// Ids of the hidden file inputs that buttons click.
pub const FILES_INPUT: &str = "pick-files";
const FOLDER_INPUT: &str = "pick-folder";

/// The bar.
pub fn bar(app: App) -> AnyView {
    view! {
        <header class="bar">
            <a class="skip" href="#main" on:click=move |e| { e.prevent_default(); page::focus("main"); }>
                "Skip to the analysis"
            </a>
            <button
                class="btn btn-quiet btn-icon only-m"
                aria-label="Open the runs tray"
                aria-controls="tray"
                on:click=move |_| toggle(app, Layer::Drawer)
            >
                {icon("menu")}
            </button>
            <a
                class="brand"
                href="#verdict"
                on:click=move |e| { e.prevent_default(); app.look(|v| v.view = Default::default()); }
            >
                <svg aria-hidden="true"><use href="#i-lens"></use></svg>
                "ServeLens"
            </a>
            {pickers(app)}
            <button class="btn btn-primary" on:click=|_| page::click(FILES_INPUT)>
                {icon("plus")} <span>"Add files"</span>
            </button>
            <button class="btn hide-m" on:click=|_| page::click(FOLDER_INPUT)>"Folder"</button>
            <button class="btn hide-m" on:click=move |_| app.layer.set(Layer::Paste)>"Paste"</button>
            {menu(app, "Samples", samples)}
            <span class="grow"></span>
            <button class="find hide-m" on:click=move |_| app.layer.set(Layer::Palette)>
                {icon("search")} <span class="grow">"Search commands"</span> <kbd>"Ctrl K"</kbd>
            </button>
            {menu(app, "Share", share)}
            {menu(app, "Export", export)}
            <button class="btn btn-quiet btn-icon" aria-label="Change the theme" title="Change the theme" on:click=move |_| cycle_theme(app)>
                {icon("sun")}
            </button>
            <button class="btn btn-quiet btn-icon hide-m" aria-label="Keyboard map and help" on:click=move |_| app.layer.set(Layer::Help)>
                {icon("help")}
            </button>
            <button
                class="btn btn-quiet btn-icon only-m"
                aria-label="More: paste, samples, share, export, commands"
                on:click=move |_| app.layer.set(Layer::Palette)
            >
                {icon("more")}
            </button>
        </header>
    }
    .into_any()
}

fn pickers(app: App) -> AnyView {
    let pick = move |e: leptos::ev::Event| reading::read(app, files::from_input(&e));
    view! {
        <input id=FILES_INPUT class="vh" type="file" multiple tabindex="-1" aria-hidden="true" on:change=pick />
        <input id=FOLDER_INPUT class="vh" type="file" prop:webkitdirectory=true tabindex="-1" aria-hidden="true" on:change=pick />
    }
    .into_any()
}

/// Opens the folder chooser.
pub fn pick_folder() {
    page::click(FOLDER_INPUT);
}

/// Opens a layer, or closes it when it is open.
pub fn toggle(app: App, layer: Layer) {
    app.layer
        .update(|l| *l = if *l == layer { Layer::None } else { layer });
}

fn menu(app: App, name: &'static str, items: fn(App) -> AnyView) -> AnyView {
    let open = move || app.layer.get() == Layer::Menu(name);
    view! {
        <div class="menu-at hide-m">
            <button
                class="btn btn-quiet"
                aria-haspopup="true"
                aria-expanded=move || open().to_string()
                on:click=move |_| toggle(app, Layer::Menu(name))
            >
                {name} {chevron()}
            </button>
            {move || open().then(|| view! { <div class="menu" role="group" aria-label=name>{items(app)}</div> })}
        </div>
    }
    .into_any()
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
            {item(app, "file", "Save session", "Runs, roles, limits. Opens in ServeLens.", "JSON", move || save_session(app))}
            {item(app, "page", "Save as one HTML page", "The report; opens without a server or network.", "HTML", move || save_report(app, Format::Html))}
        </ul>
        <p class="mf">{icon("lock")} "Nothing is uploaded. You send the file yourself."</p>
    }
    .into_any()
}

fn export(app: App) -> AnyView {
    let row = move |format, glyph, name, about, right| {
        item(app, glyph, name, about, right, move || {
            save_report(app, format)
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
    let link = address::link_to(&app.view.with_untracked(|v| v.to_fragment()));
    spawn_local(async move {
        let done = page::copy(&link).await;
        app.said.set(if done {
            "Link copied.".into()
        } else {
            format!("The browser doesn’t allow copying; the link is {link}")
        });
    });
}

/// Saves the workspace as a session file.
pub fn save_session(app: App) {
    match session::save(&app.workspace.get_untracked()) {
        Ok(text) => page::save(
            "servelens-session.json",
            "application/json",
            text.as_bytes(),
        ),
        Err(e) => app.said.set(e.to_string()),
    }
}

/// Saves the report in a format.
pub fn save_report(app: App, format: Format) {
    let (ws, a) = (app.limited.get_untracked(), app.analysis.get_untracked());
    let text = report::render(&report::build(&ws, &a), format);
    let (name, mime) = match format {
        Format::Markdown => ("report.md", "text/markdown"),
        Format::Html => ("report.html", "text/html"),
        Format::Json => ("report.json", "application/json"),
        Format::Csv => ("comparison.csv", "text/csv"),
    };
    page::save(name, mime, text.as_bytes());
}

const THEME: &str = "servelens.theme";

/// Takes up the theme that was chosen before.
pub fn restore_theme() {
    page::set_theme(
        store::kept(THEME)
            .as_deref()
            .filter(|t| matches!(*t, "light" | "dark")),
    );
}

/// To the other of light and dark than what is seen; a second step goes back to the system's.
pub fn cycle_theme(app: App) {
    let system_dark = page::media("(prefers-color-scheme: dark)");
    let other = if system_dark { "light" } else { "dark" };
    if store::kept(THEME).as_deref() == Some(other) {
        store::forget(THEME);
        page::set_theme(None);
    } else {
        store::keep(THEME, other);
        page::set_theme(Some(other));
    }
    app.theme.update(|n| *n += 1);
}
