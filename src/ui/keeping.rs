//! The table survives a reload: this browser keeps the runs, with their records.

use crate::platform::{store, vault};
use crate::state::{App, Shared};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::model::Workspace;
use servelens_core::parcel;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const KEPT: &str = "workspace";

thread_local! {
    /// What this browser has: that same table isn't written again.
    static WRITTEN: RefCell<Option<Shared<Workspace>>> = const { RefCell::new(None) };
}

/// Puts what was kept on the table; the first sample when nothing was, or another version kept it.
pub fn open_kept(app: App) {
    spawn_local(async move {
        let kept = vault::kept(KEPT).await;
        // Something dropped meanwhile goes before.
        if app.workspace.with_untracked(|w| w.files.is_empty()) {
            match kept.and_then(|bytes| parcel::unpack(&bytes).ok()) {
                Some(ws) if !ws.runs.is_empty() => {
                    let ws = Shared::new(ws);
                    WRITTEN.set(Some(ws.clone()));
                    app.workspace.set(ws);
                }
                _ => app.open_first(),
            }
        }
        app.opening.set(false);
    });
}

/// Keeps the person's table whenever it changes, and forgets it when it is cleared; a sample on the table touches nothing.
/// One write at a time; what changes meanwhile is written after it.
pub fn keep(app: App) {
    let busy = Rc::new(Cell::new(false));
    Effect::new(move |before: Option<bool>| {
        app.workspace.track();
        let now = app.sample.get().is_none() && !empty(app);
        // A table that is empty after a sample, or at the start, was not cleared of anything that is kept.
        let cleared = before == Some(true) && app.sample.get().is_none() && !now;
        if (now || cleared) && !busy.replace(true) {
            let busy = busy.clone();
            spawn_local(async move {
                write(app).await;
                busy.set(false);
            });
        }
        now
    });
}

fn empty(app: App) -> bool {
    app.workspace.with_untracked(|w| w.runs.is_empty())
}

async fn write(app: App) {
    loop {
        let ws = app.workspace.get_untracked();
        if WRITTEN.with_borrow(|w| w.as_ref() == Some(&ws)) {
            break;
        }
        // Until it is written nobody knows what is there.
        WRITTEN.set(None);
        if ws.runs.is_empty() {
            store::forget(store::HAS_TABLE);
            // Where nothing can be kept there is nothing to forget.
            drop(vault::keep(KEPT, None).await);
        } else {
            let kept = match parcel::pack(&ws) {
                Ok(bytes) => vault::keep(KEPT, Some(&bytes)).await,
                Err(e) => Err(e.to_string()),
            };
            match kept {
                Ok(()) => {
                    store::keep(store::HAS_TABLE, "yes");
                    WRITTEN.set(Some(ws.clone()));
                }
                Err(_) => app
                    .said
                    .set("This browser can’t keep the runs; they are gone after a reload.".into()),
            }
        }
        if app.sample.get_untracked().is_some() || app.workspace.get_untracked() == ws {
            break;
        }
    }
}
