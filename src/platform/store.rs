//! What stays in this browser and is needed before the first paint: the theme, and whether a table was kept.
//!
//! A browser may give no store at all (blocked cookies, a frame of another site): then nothing is kept, and nothing breaks.

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Storage, StorageEvent};

/// Kept when the vault holds a table; see [`super::vault`]. What it says tells which tab wrote it, or that the last write failed.
pub const HAS_TABLE: &str = "servelens.table";

fn store() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Keeps a text, unless the browser refuses (private window, full store): the page then starts
/// without it.
pub fn keep(key: &str, text: &str) {
    if let Some(store) = store() {
        drop(store.set_item(key, text));
    }
}

/// A text that was kept.
pub fn kept(key: &str) -> Option<String> {
    store()?.get_item(key).ok().flatten()
}

/// Forgets a text.
pub fn forget(key: &str) {
    if let Some(store) = store() {
        drop(store.remove_item(key));
    }
}

/// Calls back with what another tab of this page has kept under a key, for as long as the page lives.
pub fn on_other_tab(key: &'static str, callback: impl Fn(Option<String>) + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    EventListener::new(&window, "storage", move |e| {
        if let Some(e) = e.dyn_ref::<StorageEvent>()
            && e.key().as_deref() == Some(key)
        {
            callback(e.new_value());
        }
    })
    .forget();
}
