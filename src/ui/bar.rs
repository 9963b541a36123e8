//! The bar on top: adding, samples, sharing, exporting, theme.

use super::atoms::{chevron, icon};
use super::rest;
use crate::platform::{files, page, store};
use crate::state::{App, Layer};
use leptos::prelude::*;

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
            {menu(app, "Samples")}
            <span class="grow"></span>
            <button class="find hide-m" on:click=move |_| app.layer.set(Layer::Palette)>
                {icon("search")} <span class="grow">"Search commands"</span> <kbd>"Ctrl K"</kbd>
            </button>
            {menu(app, "Share")}
            {menu(app, "Export")}
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
    let pick = move |e: leptos::ev::Event| {
        let files = files::from_input(&e);
        rest::with(app, move |r| (r.read)(app, files));
    };
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

fn menu(app: App, name: &'static str) -> AnyView {
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
            {move || open().then(|| Some((rest::get(app)?.menu)(app, name)))}
        </div>
    }
    .into_any()
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
