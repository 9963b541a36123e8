//! What stays in this browser: the workspace and the theme.

use gloo::storage::{LocalStorage, Storage};

/// Keeps a text; `false` when the browser refuses (private window, full store).
pub fn keep(key: &str, text: &str) -> bool {
    LocalStorage::raw().set_item(key, text).is_ok()
}

/// A text that was kept.
pub fn kept(key: &str) -> Option<String> {
    LocalStorage::raw().get_item(key).ok().flatten()
}

/// Forgets a text.
pub fn forget(key: &str) {
    LocalStorage::delete(key);
}
