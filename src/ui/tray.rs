//! The tray: one row a run, and every file that is not used with its reason.

use super::atoms::{icon, icon_small, run_key};
use super::{bar, rest};
use crate::platform::page;
use crate::state::{App, Change, Layer, Notice, Sample};
use leptos::prelude::*;
use servelens_core::fmt::plural;
use servelens_core::model::{Basis, Role, Severity};
use servelens_core::screen::{Tray, TrayRun, Unused};

/// The tray.
pub fn tray(app: App) -> AnyView {
    let reads = Memo::new(move |_| app.reading.with(Option::is_some));
    view! {
        <aside class="tray" id="tray" tabindex="-1" aria-label="Runs" data-testid="tray">
            <div class="tray-head">
                <h2>"Runs"</h2>
                <span>{move || summary(app)}</span>
            </div>
            {move || reads.get().then(|| rest::get(app).map(|r| (r.progress)(app)))}
            {move || app.tray.with(|t| basis(app, t))}
            {move || {
                app.follow_steps();
                app.tray.with(|t| (!t.runs.is_empty()).then(|| runs(app, &t.runs)))
            }}
            {move || is_empty(app).then(|| empty(app))}
            {move || app.undo_bar.get().map(|what| undo(app, what))}
            {move || app.tray.with(|t| evidence(&t.evidence))}
            {move || app.tray.with(|t| unused(&t.unused))}
            <p class="tray-foot">
                {icon_small("lock")}
                <span>
                    "Files stay in this browser. Nothing is uploaded. "
                    {move || (!app.tray.with(|t| t.runs.is_empty()) && app.sample.get().is_none())
                        .then(|| view! { <button class="link" on:click=move |_| rest::change(app, Change::Clear)>"Clear the table"</button> })}
                </span>
            </p>
        </aside>
    }
    .into_any()
}

/// Whether nothing is on the table; not while that is still to be seen.
fn is_empty(app: App) -> bool {
    app.known.get() && app.tray.with(|t| t.runs.is_empty())
}

fn summary(app: App) -> String {
    if is_empty(app) {
        "none yet".into()
    } else {
        app.tray.with(|t| t.summary.clone())
    }
}

fn runs(app: App, runs: &[TrayRun]) -> AnyView {
    let rows: Vec<AnyView> = runs
        .iter()
        .enumerate()
        .map(|(i, r)| row(app, i, r))
        .collect();
    view! { <ul class="runs">{rows}</ul> }.into_any()
}

fn row(app: App, i: usize, run: &TrayRun) -> AnyView {
    let label = run.label.clone();
    view! {
        <li class="run" data-testid="run-row">
            {run_key(run.slot)}
            <h3>
                <input
                    class="rename"
                    id=format!("run-name-{i}")
                    aria-label=format!("Name of {label}")
                    prop:value=label.clone()
                    on:change=move |e| rest::change(app, Change::Label(i, page::value_of(&e)))
                />
            </h3>
            <button class="x" id=format!("run-x-{i}") aria-label=format!("Remove {label}") on:click=move |_| rest::change(app, Change::Remove(i))>
                {icon_small("x")}
            </button>
            <p title=run.files.clone()>{run.about.clone()}</p>
            {(!run.recount.is_empty()).then(|| view! { <p class="rec">{icon_small("recount")} {run.recount.clone()}</p> })}
            <div class="chips">{role_chip(app, i, run)} {gpu_chip(app, i, run)}</div>
            {move || refused(app, i).map(|why| view! { <p class="refused" role="alert">{why}</p> })}
            {notes(run)}
        </li>
    }
    .into_any()
}

/// Why what was typed for a run is not taken.
fn refused(app: App, run: usize) -> Option<String> {
    app.notices.with(|all| {
        all.iter().find_map(|n| match n {
            Notice::Refused(at, why) if *at == run => Some(why.clone()),
            _ => None,
        })
    })
}

fn notes(run: &TrayRun) -> Option<AnyView> {
    if run.notes.is_empty() {
        return None;
    }
    Some(
        view! {
            <details class="run-notes">
                <summary>{plural(run.notes.len(), "note")}</summary>
                <ul>{run.notes.iter().map(|n| view! { <li>{n.clone()}</li> }).collect::<Vec<_>>()}</ul>
            </details>
        }
        .into_any(),
    )
}

fn role_chip(app: App, i: usize, run: &TrayRun) -> AnyView {
    let now = run.role;
    let guess = run.role_is_guess;
    let options: Vec<AnyView> = Role::ALL
        .into_iter()
        .map(|r| {
            let word = if guess && r == now && now != Role::Projection {
                format!("{}, a guess", r.word())
            } else {
                r.word().to_owned()
            };
            view! { <option value=r.key() selected=r == now>{word}</option> }.into_any()
        })
        .collect();
    let class = if guess && now != Role::Projection {
        "chip chip-guess"
    } else {
        "chip"
    };
    view! {
        <select
            class=class
            id=format!("run-role-{i}")
            aria-label=format!("Role of {}", run.label)
            on:change=move |e| {
                let key = page::value_of(&e);
                if let Some(role) = Role::ALL.into_iter().find(|r| r.key() == key) {
                    rest::change(app, Change::Role(i, role));
                }
            }
        >
            {options}
        </select>
    }
    .into_any()
}

fn gpu_chip(app: App, i: usize, run: &TrayRun) -> AnyView {
    let gpus = run.gpus;
    let guess = gpus.is_none_or(|g| g.guess);
    let class = if guess {
        "chip chip-guess chip-gpus"
    } else {
        "chip chip-gpus"
    };
    let word = match gpus {
        None => "GPUs?",
        Some(g) if g.guess => "GPUs, a guess",
        Some(g) if g.count == 1 => "GPU",
        Some(_) => "GPUs",
    };
    view! {
        <label class=class>
            <input
                id=format!("run-gpus-{i}")
                inputmode="numeric"
                size="2"
                maxlength="5"
                aria-label=format!("GPUs of {}", run.label)
                placeholder="–"
                prop:value=gpus.map(|g| g.count.to_string()).unwrap_or_default()
                on:change=move |e| rest::change(app, Change::Gpus(i, page::value_of(&e)))
            />
            {word}
        </label>
    }
    .into_any()
}

/// The switch between what was recorded and what was summarised.
fn basis(app: App, t: &Tray) -> Option<AnyView> {
    let now = t.basis?;
    let button = |word: &'static str, basis: Basis| {
        view! {
            <button aria-pressed=(now == basis).to_string() on:click=move |_| rest::change(app, Change::Basis(basis))>
                {word}
            </button>
        }
    };
    Some(
        view! {
            <div class="trayseg">
                <div class="seg" role="group" aria-label="Figures">
                    {button("As recorded", Basis::Recorded)} {button("As summarised", Basis::Summarised)}
                </div>
                <p>{t.recorded.clone()}</p>
            </div>
        }
        .into_any(),
    )
}

fn evidence(files: &[(String, String)]) -> Option<AnyView> {
    if files.is_empty() {
        return None;
    }
    let notes: Vec<AnyView> = files
        .iter()
        .map(|(name, says)| {
            view! { <div class="note note-info">{icon("file")} <p><b>{name.clone()}</b> " " {says.clone()}</p></div> }
                .into_any()
        })
        .collect();
    Some(view! { <div class="unused"><h2>"Read as evidence"</h2>{notes}</div> }.into_any())
}

fn undo(app: App, what: String) -> AnyView {
    view! {
        <div class="undo" role="status">
            <span>{what}</span>
            <button id="undo-step" on:click=move |_| rest::change(app, Change::Undo)>"Undo"</button>
        </div>
    }
    .into_any()
}

fn unused(files: &[Unused]) -> Option<AnyView> {
    if files.is_empty() {
        return None;
    }
    let notes: Vec<AnyView> = files
        .iter()
        .map(|f| {
            let (class, glyph) = match f.severity {
                Severity::Error => ("note note-bad", "bad"),
                Severity::Warning => ("note note-warn", "warn"),
                Severity::Info => ("note note-info", "info"),
            };
            view! {
                <div class=class data-testid="unused-file">
                    {icon(glyph)}
                    <p><b>{f.name.clone()}</b> " " {f.reason.clone()}</p>
                </div>
            }
            .into_any()
        })
        .collect();
    Some(view! { <div class="unused"><h2>"Not used"</h2>{notes}</div> }.into_any())
}

fn empty(app: App) -> AnyView {
    let samples: Vec<AnyView> = Sample::ALL
        .into_iter()
        .map(|s| {
            view! {
                <button class="link" on:click=move |_| rest::with(app, move |r| (r.sample)(app, s))>
                    {s.label()}
                </button>
                " "
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="drop">
            {icon("in")}
            <strong>"Drop results here"</strong>
            <span>"files, folders, .zip or .gz"</span>
            <div class="row">
                <button class="btn" on:click=|_| page::click(bar::FILES_INPUT)>"Files"</button>
                <button class="btn" on:click=|_| bar::pick_folder()>"Folder"</button>
                <button class="btn" on:click=move |_| app.layer.set(Layer::Paste)>"Paste"</button>
            </div>
        </div>
        <div class="note note-info">
            {icon("info")} <p>"Or start from a sample: " {samples}</p>
        </div>
    }
    .into_any()
}
