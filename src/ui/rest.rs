//! The boundary to the part of the page that loads after the first screen.
//!
//! What is reached only through [`rest`] goes into a file of its own: the build follows every call from there and from `main`, and
//! what `main` needs too stays in the first. Memory is shared, so anything may cross. To load something later, reach it from here only.

use super::atoms::{self, FigureState, Table};
use super::views::tables;
use super::{
    figures, focus, keeping, layers, link, menus, notices, progress, reading, saving, views,
};
use crate::platform::drop::Dropped;
use crate::platform::files::Handed;
use crate::platform::{offline, page, thread};
use crate::state::{App, Change, Engine, Rest, Sample};
use crate::work;
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::chart::{ChartSpec, MarkRef};
use servelens_core::model::Metric;
use servelens_core::url::View;
use std::cell::{Cell, RefCell};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// What can be asked of the rest of the page.
pub struct Parts {
    engine: Engine,
    /// Starts what goes on for as long as the page lives: the address, keeping the table, fetching the cost model's figures, the thread
    /// that reads.
    pub start: fn(App),
    serve: fn(),
    /// Any view but the first.
    pub view: fn(View, App) -> AnyView,
    /// What lies over the page; the signal is the number of items that hang over the window.
    pub layers: fn(App, ReadSignal<Option<u32>>) -> AnyView,
    /// What a person must be told.
    pub notices: fn(App) -> AnyView,
    /// An open menu of the bar, by name.
    pub menu: fn(App, &'static str) -> AnyView,
    /// Reads what was dropped on the window.
    pub dropped: fn(App, Dropped),
    /// Reads files and puts them on the table.
    pub read: fn(App, Vec<Handed>),
    /// How far reading has come.
    pub progress: fn(App) -> AnyView,
    /// Reads pasted text.
    pub paste: fn(App, &str),
    /// A metric by load, as a table.
    pub by_load: fn(App, Metric) -> Table,
    /// Speed for one user against output, as a table.
    pub front_table: fn(App) -> Table,
    /// The figures at the load of a chart's mark.
    pub read_out: fn(FigureState, MarkRef) -> AnyView,
    /// Where the figure of a pinned mark stands.
    pub pinned: fn(FigureState, MarkRef) -> Option<AnyView>,
    /// Draws a table.
    pub table: fn(&Table) -> AnyView,
    /// Saves a chart as a file: svg, png, or its table as csv.
    pub save_chart: fn(&'static str, &ChartSpec, &Table, f64, f64),
    /// Opens a sample from the page's own files.
    pub sample: fn(App, Sample),
    /// Opens what the address asks for, or this browser kept.
    pub open: fn(App),
    /// Does what a person asks for with the table.
    pub change: fn(&App, Change),
}

/// What the person sees comes first: the page's files are kept for later this long after it, ms.
const CALM: u32 = 1_000;

static PARTS: Parts = Parts {
    engine: Engine::CORE,
    start,
    serve: work::serve,
    view: views::later,
    layers: layers::layers,
    notices: notices::notices,
    menu: menus::menu,
    dropped: reading::dropped,
    read: reading::read,
    progress: progress::panel,
    paste: reading::paste,
    by_load: tables::by_load,
    front_table: tables::front,
    read_out: atoms::read_out,
    pinned: atoms::pinned,
    table: atoms::table,
    save_chart: saving::chart,
    sample: reading::open_sample,
    open: link::open,
    change: App::apply,
};

fn start(app: App) {
    focus::keep(app);
    link::keep_in_step(app);
    keeping::keep(app);
    figures::keep_ready(app);
    reading::keep_ready(app);
    spawn_local(async {
        page::wait(CALM).await;
        if offline::keep().await {
            page::mark("data-offline", "ready");
        }
    });
}

#[wasm_split(rest, fallible)]
fn parts() -> Result<&'static Parts, SplitLoaderError> {
    Ok(&PARTS)
}

type Act = Box<dyn FnOnce(&'static Parts)>;

thread_local! {
    static LOADED: Cell<Option<&'static Parts>> = const { Cell::new(None) };
    static WAITING: RefCell<Vec<Act>> = const { RefCell::new(Vec::new()) };
    static LOADING: Cell<bool> = const { Cell::new(false) };
}

/// The parts, when they are there; follows their coming.
pub fn get(app: App) -> Option<&'static Parts> {
    app.rest.track();
    LOADED.get()
}

/// Does something with the rest of the page: now, or as soon as it is there.
pub fn with(app: App, act: impl FnOnce(&'static Parts) + 'static) {
    wait(app, Box::new(act));
}

/// Changes the table: now, or as soon as the rest of the page is there.
pub fn change(app: App, change: Change) {
    with(app, move |parts| (parts.change)(&app, change));
}

fn wait(app: App, act: Act) {
    match LOADED.get() {
        Some(parts) => act(parts),
        None => {
            WAITING.with_borrow_mut(|w| w.push(act));
            load(app);
        }
    }
}

/// Loads the rest of the page, unless it is there or on its way.
pub fn load(app: App) {
    if LOADED.get().is_some() || LOADING.replace(true) {
        return;
    }
    app.rest.set(Rest::Coming);
    spawn_local(async move {
        match parts().await {
            Ok(parts) => {
                // In two tasks: between them the page answers.
                app.prepare(parts.engine);
                page::breathe().await;
                // Only now: who asks before waits for these, and asks for no others.
                LOADED.set(Some(parts));
                LOADING.set(false);
                app.arrive(parts.engine);
                for act in WAITING.take() {
                    act(parts);
                }
                page::ready();
            }
            Err(_) => {
                LOADING.set(false);
                app.rest.set(Rest::Missing);
            }
        }
    });
}

/// What the program does on a thread that the page has started.
pub fn serve() {
    // No page is mounted here, so Leptos has no executor.
    thread::spawn(async {
        match parts().await {
            Ok(parts) => (parts.serve)(),
            Err(_) => thread::died("The second part of the program could not be loaded."),
        }
    });
}
