//! The table survives a reload: this browser keeps the runs, with their records.

use crate::platform::vault;
use crate::state::{App, Shared};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::parcel;
use std::cell::Cell;
use std::rc::Rc;

const KEPT: &str = "workspace";

/// Puts what was kept on the table; calls `otherwise` when nothing was, or another version kept it.
pub fn open_kept(app: App, otherwise: impl Fn() + 'static) {
    spawn_local(async move {
        let kept = vault::kept(KEPT).await;
        // Something dropped meanwhile goes before.
        if app.workspace.with_untracked(|w| !w.files.is_empty()) {
            return;
        }
        match kept.and_then(|bytes| parcel::unpack(&bytes).ok()) {
            Some(ws) if !ws.runs.is_empty() => app.workspace.set(Shared::new(ws)),
            _ => otherwise(),
        }
    });
}

/// Keeps the table whenever it changes. One write at a time; what changes meanwhile is written after it.
pub fn keep(app: App) {
    let busy = Rc::new(Cell::new(false));
    Effect::new(move |before: Option<()>| {
        app.workspace.track();
        if before.is_none() || busy.replace(true) {
            return;
        }
        let busy = busy.clone();
        spawn_local(async move {
            loop {
                let ws = app.workspace.get_untracked();
                let kept = if app.sample.get_untracked().is_some() || ws.runs.is_empty() {
                    vault::keep(KEPT, None).await
                } else {
                    match parcel::pack(&ws) {
                        Ok(bytes) => vault::keep(KEPT, Some(&bytes)).await,
                        Err(e) => Err(e.to_string()),
                    }
                };
                if kept.is_err() && app.sample.get_untracked().is_none() && !ws.runs.is_empty() {
                    app.said.set(
                        "This browser can’t keep the runs; they are gone after a reload.".into(),
                    );
                }
                if app.workspace.get_untracked() == ws {
                    break;
                }
            }
            busy.set(false);
        });
    });
}
