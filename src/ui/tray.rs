//! The tray: one row a run, and every file that is not used with its reason.

use super::atoms::{icon, icon_small, run_key};
use super::{bar, rest};
use crate::platform::page;
use crate::state::{App, Layer, Sample, counted};
use leptos::prelude::*;
use servelens_core::chart::Slot;
use servelens_core::figures;
use servelens_core::model::{FileOutcome, Role, Run, RunKind, Severity};
use servelens_core::sort;

/// The tray.
pub fn tray(app: App) -> AnyView {
    let reads = Memo::new(move |_| app.reading.with(Option::is_some));
    view! {
        <aside class="tray" id="tray" aria-label="Runs" data-testid="tray">
            <div class="tray-head">
                <h2>"Runs"</h2>
                <span>{move || app.workspace.with(|w| summary(&w.runs))}</span>
            </div>
            {move || reads.get().then(|| rest::get(app).map(|r| (r.progress)(app)))}
            {move || {
                let ws = app.workspace.get();
                if ws.runs.is_empty() { empty(app) } else { runs(app, &ws.runs) }
            }}
            {move || app.undo_bar.get().map(|what| undo(app, what))}
            {move || app.workspace.with(|w| unused(&w.files))}
            <p class="tray-foot">
                {icon_small("lock")}
                <span>
                    "Files stay in this browser. Nothing is uploaded. "
                    {move || (!app.workspace.with(|w| w.runs.is_empty()) && app.sample.get().is_none())
                        .then(|| view! { <button class="link" on:click=move |_| app.clear()>"Clear the table"</button> })}
                </span>
            </p>
        </aside>
    }
    .into_any()
}

fn summary(runs: &[Run]) -> String {
    if runs.is_empty() {
        return "none yet".into();
    }
    let points = runs.iter().map(|r| r.points.len()).sum();
    format!(
        "{} · {}",
        counted(runs.len(), "run"),
        counted(points, "point")
    )
}

fn runs(app: App, runs: &[Run]) -> AnyView {
    let rows: Vec<AnyView> = runs
        .iter()
        .enumerate()
        .map(|(i, r)| row(app, i, r, figures::slot(runs, i)))
        .collect();
    view! { <ul class="runs">{rows}</ul> }.into_any()
}

fn row(app: App, i: usize, run: &Run, slot: Slot) -> AnyView {
    let label = run.label.clone();
    view! {
        <li class="run" data-testid="run-row">
            {run_key(slot)}
            <h3>
                <input
                    class="rename"
                    aria-label=format!("Name of {label}")
                    prop:value=label.clone()
                    on:change=move |e| app.set_label(i, &page::value_of(&e))
                />
            </h3>
            <button class="x" aria-label=format!("Remove {label}") on:click=move |_| app.remove(i)>
                {icon_small("x")}
            </button>
            <p title=run.files.join("\n")>{about(run)}</p>
            <div class="chips">{role_chip(app, i, run)} {gpu_chip(app, i, run)}</div>
            {notes(run)}
        </li>
    }
    .into_any()
}

fn about(run: &Run) -> String {
    let mut tool = run.tool.to_string();
    if let Some(v) = &run.tool_version {
        tool.push_str(&format!(" {v}"));
    }
    let mut out = format!("{tool} · {}", counted(run.points.len(), "point"));
    if let (RunKind::Projected, [p]) = (run.kind, run.points.as_slice())
        && let Some(c) = p.load.concurrency
    {
        out.push_str(&format!(", concurrency {c}"));
    }
    out
}

fn notes(run: &Run) -> Option<AnyView> {
    if run.notes.is_empty() {
        return None;
    }
    Some(
        view! {
            <details class="run-notes">
                <summary>{counted(run.notes.len(), "note")}</summary>
                <ul>{run.notes.iter().map(|n| view! { <li>{n.clone()}</li> }).collect::<Vec<_>>()}</ul>
            </details>
        }
        .into_any(),
    )
}

fn role_chip(app: App, i: usize, run: &Run) -> AnyView {
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
            aria-label=format!("Role of {}", run.label)
            on:change=move |e| {
                let key = page::value_of(&e);
                if let Some(role) = Role::ALL.into_iter().find(|r| r.key() == key) {
                    app.set_role(i, role);
                }
            }
        >
            {options}
        </select>
    }
    .into_any()
}

fn gpu_chip(app: App, i: usize, run: &Run) -> AnyView {
    let gpus = run.deployment.gpus;
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
                inputmode="numeric"
                size="2"
                maxlength="5"
                aria-label=format!("GPUs of {}", run.label)
                placeholder="–"
                prop:value=gpus.map(|g| g.count.to_string()).unwrap_or_default()
                on:change=move |e| {
                    let text = page::value_of(&e);
                    app.set_gpus(i, text.trim().parse().ok().filter(|n| *n > 0));
                }
            />
            {word}
        </label>
    }
    .into_any()
}

fn undo(app: App, what: String) -> AnyView {
    view! {
        <div class="undo" role="status">
            <span>{what}</span>
            <button on:click=move |_| { app.undo(); }>"Undo"</button>
        </div>
    }
    .into_any()
}

fn unused(files: &[FileOutcome]) -> Option<AnyView> {
    let mut list: Vec<&FileOutcome> = files.iter().filter(|f| !f.used).collect();
    if list.is_empty() {
        return None;
    }
    sort::by(&mut list, |a, b| b.severity.cmp(&a.severity));
    // Files that are left out for one reason stand in one line.
    let mut groups: Vec<(&FileOutcome, usize)> = Vec::new();
    for f in list {
        match groups
            .iter_mut()
            .find(|(g, _)| g.severity == f.severity && g.reason == f.reason)
        {
            Some((_, n)) => *n += 1,
            None => groups.push((f, 1)),
        }
    }
    let notes: Vec<AnyView> = groups
        .into_iter()
        .map(|(f, n)| {
            let (class, glyph) = match f.severity {
                Severity::Error => ("note note-bad", "bad"),
                Severity::Warning => ("note note-warn", "warn"),
                Severity::Info => ("note note-info", "info"),
            };
            let name = if n == 1 {
                f.path.clone()
            } else {
                let file = f.path.rsplit('/').next().unwrap_or(&f.path);
                format!("{file} and {} more", n - 1)
            };
            view! {
                <div class=class data-testid="unused-file">
                    {icon(glyph)}
                    <p><b>{name}</b> " " {f.reason.clone().unwrap_or_default()}</p>
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
