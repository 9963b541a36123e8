//! The table survives a reload: this browser keeps the runs, with their records.

use crate::platform::{page, store, vault};
use crate::state::{App, Notice, Shared};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::model::Workspace;
use servelens_core::parcel;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const KEPT: &str = "workspace";

/// What [`store::HAS_TABLE`] says where the last change could not be kept.
const OLD: &str = "old";

thread_local! {
    /// What this browser has: that same table isn't written again.
    static WRITTEN: RefCell<Option<Shared<Workspace>>> = const { RefCell::new(None) };
}

/// Puts what was kept on the table; the first sample when nothing was, or another version kept it. Each says what happened.
pub fn open_kept(app: App) {
    spawn_local(async move {
        let kept = vault::kept(KEPT).await;
        let old = store::kept(store::HAS_TABLE).as_deref() == Some(OLD);
        // Something dropped meanwhile goes before.
        if app.workspace.with_untracked(|w| w.files.is_empty()) {
            match kept.map(|bytes| bytes.map(|b| parcel::unpack(&b))) {
                Ok(Some(Ok(ws))) if !ws.runs.is_empty() => {
                    let ws = Shared::new(ws);
                    WRITTEN.set(Some(ws.clone()));
                    app.workspace.set(ws);
                    if old {
                        app.tell(Notice::KeptOld);
                    }
                }
                Ok(Some(Ok(_)) | None) => lost(app, Notice::KeptOld),
                Ok(Some(Err(why))) => lost(app, Notice::Damaged(why.to_string())),
                Err(why) => lost(app, Notice::Damaged(why)),
            }
        }
        app.opening.set(false);
    });
}

/// Shows the first sample in place of a table that is lost, and says so: that is also why the address means another table.
fn lost(app: App, notice: Notice) {
    app.untell(&Notice::OtherTable(String::new()));
    app.tell(notice);
    app.open_first();
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
    // Another tab has kept its own table in place of this one.
    store::on_other_tab(store::HAS_TABLE, move |_| {
        WRITTEN.set(None);
        if app.sample.get_untracked().is_none() && !empty(app) {
            app.tell(Notice::OtherTab);
        }
    });
}

/// Keeps this tab's table in place of what another has kept.
pub fn keep_this(app: App) {
    spawn_local(write(app));
}

/// Puts what another tab has kept on the table.
pub fn take_other(app: App) {
    spawn_local(async move {
        match vault::kept(KEPT)
            .await
            .map(|b| b.map(|b| parcel::unpack(&b)))
        {
            Ok(Some(Ok(ws))) => app.open(ws),
            Ok(None) => app.clear(),
            Ok(Some(Err(why))) => app.tell(Notice::Damaged(why.to_string())),
            Err(why) => app.tell(Notice::Damaged(why)),
        }
    });
}

fn empty(app: App) -> bool {
    app.workspace.with_untracked(|w| w.runs.is_empty())
}

/// What this browser keeps is what the tab shows: nothing is left to tell.
fn settled(app: App) {
    let kinds = [
        Notice::NotKept(String::new()),
        Notice::KeptOld,
        Notice::OtherTab,
    ];
    for told in kinds {
        app.untell(&told);
    }
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
            settled(app);
            // Where nothing can be kept there is nothing to forget.
            drop(vault::keep(KEPT, None).await);
        } else {
            let kept = match parcel::pack(&ws) {
                Ok(bytes) => vault::keep(KEPT, Some(&bytes)).await,
                Err(e) => Err(e.to_string()),
            };
            match kept {
                Ok(()) => {
                    // Each write says another word, so that other tabs hear of it.
                    store::keep(store::HAS_TABLE, &page::now_ms().to_string());
                    WRITTEN.set(Some(ws.clone()));
                    settled(app);
                }
                Err(why) => {
                    store::keep(store::HAS_TABLE, OLD);
                    app.tell(Notice::NotKept(why));
                }
            }
        }
        if app.sample.get_untracked().is_some() || app.workspace.get_untracked() == ws {
            break;
        }
    }
}
