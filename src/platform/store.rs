//! What stays in this browser and is needed before the first paint: the theme, and whether a table was kept.

use gloo::storage::{LocalStorage, Storage};

/// Kept when the vault holds a table; see [`super::vault`].
pub const HAS_TABLE: &str = "servelens.table";

/// Keeps a text, unless the browser refuses (private window, full store): the page then starts
/// without it.
pub fn keep(key: &str, text: &str) {
    drop(LocalStorage::raw().set_item(key, text));
}

/// A text that was kept.
pub fn kept(key: &str) -> Option<String> {
    LocalStorage::raw().get_item(key).ok().flatten()
}

/// Forgets a text.
pub fn forget(key: &str) {
    LocalStorage::delete(key);
}
