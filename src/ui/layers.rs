//! What lies over the page: the drag overlay, the command palette, pasting, the keyboard map.

use super::atoms::{icon, icon_small};
use super::commands::{Command, commands};
use super::{progress, reading};
use crate::platform::page;
use crate::state::{App, Layer};
use leptos::prelude::*;

/// The tools whose files are recognised, for the overlay.
const RECOGNISED: [&str; 6] = [
    "GenAI-Perf",
    "AIPerf",
    "vLLM bench serve",
    "AIConfigurator",
    "Markdown and console tables",
    "zip, gz, folders",
];

/// All layers; `dragged` is how many items hang over the window, 0 when the browser doesn't say.
pub fn layers(app: App, dragged: ReadSignal<Option<u32>>) -> AnyView {
    let reads = Memo::new(move |_| app.reading.with(Option::is_some));
    view! {
        // Where the tray is a drawer, what is being read stands over the page.
        {move || reads.get().then(|| view! { <div class="only-m prog-over">{progress::panel(app)}</div> })}
        {move || dragged.get().map(drag)}
        {move || match app.layer.get() {
            Layer::Palette => Some(palette(app)),
            Layer::Paste => Some(paste(app)),
            Layer::Help => Some(help(app)),
            Layer::None | Layer::Menu(_) | Layer::Drawer => None,
        }}
    }
    .into_any()
}

fn drag(items: u32) -> AnyView {
    let title = match items {
        0 => "Drop to add".to_owned(),
        1 => "Drop to add 1 item".to_owned(),
        n => format!("Drop to add {n} items"),
    };
    view! {
        <div class="layer drag" aria-hidden="true">
            <div>
                {icon("in")}
                <h2>{title}</h2>
                <p>"Files and whole folders. Nothing is replaced, and nothing leaves this browser."</p>
                <ul>{RECOGNISED.map(|t| view! { <li>{t}</li> })}</ul>
            </div>
        </div>
    }
    .into_any()
}

fn dialog(app: App, label: &'static str, body: AnyView) -> AnyView {
    view! {
        <div class="layer scrim" on:pointerdown=move |_| app.layer.set(Layer::None)>
            <div
                class="palette"
                id="dialog"
                role="dialog"
                aria-modal="true"
                aria-label=label
                on:pointerdown=|e| e.stop_propagation()
                on:keydown=|e| {
                    if page::keep_tab_in("dialog", &e) {
                        e.prevent_default();
                    }
                }
            >
                {body}
            </div>
        </div>
    }
    .into_any()
}

fn palette(app: App) -> AnyView {
    let all = commands(app);
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0usize);
    let found = Memo::new(move |_| {
        let words = query.get().to_lowercase();
        all.iter()
            .filter(|c| {
                let text = format!("{} {}", c.name, c.about).to_lowercase();
                words.split_whitespace().all(|w| text.contains(w))
            })
            .map(|c| ByName(c.clone()))
            .collect::<Vec<_>>()
    });
    let run = move |i: usize| {
        let Some(c) = found.with_untracked(|f| f.get(i).cloned()) else {
            return;
        };
        app.layer.set(Layer::None);
        (c.0.act)();
    };
    let keys = move |e: leptos::ev::KeyboardEvent| {
        let n = found.with_untracked(Vec::len);
        match e.key().as_str() {
            "ArrowDown" => chosen.update(|c| *c = (*c + 1) % n.max(1)),
            "ArrowUp" => chosen.update(|c| *c = (*c + n.max(1) - 1) % n.max(1)),
            "Enter" => run(chosen.get_untracked()),
            _ => return,
        }
        e.prevent_default();
        page::reveal(&format!("cmd-{}", chosen.get_untracked()));
    };
    let rows = move || {
        let mut group = "";
        found.with(|found| {
            found
                .iter()
                .enumerate()
                .map(|(i, c)| {
                    let head = (c.0.group != group).then(
                        || view! { <li class="ph" role="presentation"><h3>{c.0.group}</h3></li> },
                    );
                    group = c.0.group;
                    view! {
                        {head}
                        <li
                            id=format!("cmd-{i}")
                            role="option"
                            aria-selected=move || (chosen.get() == i).to_string()
                            on:pointermove=move |_| if chosen.get_untracked() != i { chosen.set(i) }
                            on:click=move |_| run(i)
                        >
                            {icon(c.0.glyph)}
                            <span class="grow">{c.0.name.clone()}</span>
                            <small>{c.0.about.clone()}</small>
                        </li>
                    }
                    .into_any()
                })
                .collect::<Vec<_>>()
        })
    };
    let body = view! {
        <div class="q">
            {icon("search")}
            <input
                autofocus
                id="palette-q"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || format!("cmd-{}", chosen.get())
                placeholder="Go to a view, a finding, or do something"
                on:input=move |e| {
                    query.set(page::value_of(&e));
                    chosen.set(0);
                }
                on:keydown=keys
            />
            <kbd>"Esc"</kbd>
        </div>
        <ul id="palette-list" class="plist" role="listbox" aria-label="Commands">{rows}</ul>
        {move || found.with(Vec::is_empty).then(|| view! { <p class="pnone">"Nothing matches."</p> })}
    }
    .into_any();
    focus_later("palette-q");
    dialog(app, "Commands", body)
}

#[derive(Clone)]
struct ByName(Command);

impl PartialEq for ByName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name && self.0.about == other.0.about
    }
}

fn focus_later(id: &'static str) {
    leptos::task::spawn_local(async move {
        page::breathe().await;
        page::focus(id);
    });
}

fn paste(app: App) -> AnyView {
    let text = RwSignal::new(String::new());
    let empty = move || text.with(|t| t.trim().is_empty());
    focus_later("paste-text");
    dialog(
        app,
        "Paste",
        view! {
            <div class="q"><b>"Paste a result or a table"</b></div>
            <div class="pastebox">
                <textarea
                    id="paste-text"
                    rows="12"
                    spellcheck="false"
                    aria-label="Text to read"
                    placeholder="JSON, CSV, Markdown or a console table"
                    on:input=move |e| text.set(page::value_of(&e))
                ></textarea>
                <div class="actions">
                    <button
                        class="btn btn-primary"
                        disabled=empty
                        on:click=move |_| {
                            app.layer.set(Layer::None);
                            reading::paste(app, &text.get_untracked());
                        }
                    >
                        "Read it"
                    </button>
                    <button class="btn" on:click=move |_| app.layer.set(Layer::None)>"Cancel"</button>
                </div>
            </div>
        }
        .into_any(),
    )
}

const KEYS: [(&str, &str); 12] = [
    ("Ctrl K", "Commands"),
    (
        "1 … 7",
        "Verdict, Compare, SLA, Accuracy, What-if, Audit, Report",
    ),
    ("Ctrl Z", "Undo: removing, roles, names, adding"),
    ("Ctrl ⇧ Z", "Do it again"),
    ("Ctrl V", "Read what is on the clipboard"),
    ("?", "This map"),
    ("Esc", "Close what is open, unpin"),
    ("← →", "In a chart: the next mark of the run"),
    ("↑ ↓", "In a chart: the other run"),
    ("Enter", "In a chart: pin the mark"),
    ("+ −", "In a chart: zoom"),
    ("0", "In a chart: show all"),
];

fn help(app: App) -> AnyView {
    focus_later("help-close");
    dialog(
        app,
        "Keyboard map",
        view! {
            <div class="q">
                <b>"Keyboard"</b>
                <span class="grow"></span>
                <button id="help-close" class="x" aria-label="Close" on:click=move |_| app.layer.set(Layer::None)>
                    {icon_small("x")}
                </button>
            </div>
            <dl class="keymap">
                {KEYS.map(|(k, what)| view! { <div><dt><kbd>{k}</kbd></dt><dd>{what}</dd></div> })}
            </dl>
            <p class="pnone">
                "In charts: click pins a mark, wheel and drag zoom, double-click shows all; in a legend a click hides a run and a double-click shows it alone. ServeLens "
                {env!("CARGO_PKG_VERSION")} ", Apache-2.0."
            </p>
        }
        .into_any(),
    )
}
