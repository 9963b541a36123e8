//! The fragment of the page's address.

use gloo::events::EventListener;
use wasm_bindgen::JsValue;

/// The fragment, with its `#`, or empty.
pub fn fragment() -> String {
    web_sys::window()
        .and_then(|w| w.location().hash().ok())
        .unwrap_or_default()
}

/// Puts a fragment into the address; `push` makes a step that Back undoes.
pub fn set_fragment(fragment: &str, push: bool) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(history) = window.history() else {
        return;
    };
    // A bare `#` for the defaults: an empty address would keep the old fragment.
    let url = format!("#{fragment}");
    if fragment_is(&url) {
        return;
    }
    let outcome = if push {
        history.push_state_with_url(&JsValue::TRUE, "", Some(&url))
    } else {
        history.replace_state_with_url(&JsValue::TRUE, "", Some(&url))
    };
    // A page opened from a file system may not change its address; the view works all the same.
    drop(outcome);
}

/// Takes the present entry of the history as the page's own. What a person types into the address bar makes an entry that isn't:
/// the answer is whether it was one already.
pub fn adopt() -> bool {
    let Some(history) = web_sys::window().and_then(|w| w.history().ok()) else {
        return true;
    };
    let ours = history.state().is_ok_and(|s| s == JsValue::TRUE);
    if !ours {
        // Where it can't be marked, the address is taken as typed at each step, which is harmless.
        drop(history.replace_state(&JsValue::TRUE, ""));
    }
    ours
}

fn fragment_is(url: &str) -> bool {
    let now = fragment();
    now == url || (now.is_empty() && url == "#")
}

/// The whole address with another fragment, for a link to this view.
pub fn link_to(fragment: &str) -> String {
    let href = web_sys::window()
        .and_then(|w| w.location().href().ok())
        .unwrap_or_default();
    let base = href.split('#').next().unwrap_or_default();
    format!("{base}#{fragment}")
}

/// Calls back when the person goes back, forward or edits the address, for as long as the page lives.
pub fn on_change(callback: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let callback = std::rc::Rc::new(callback);
    for event in ["hashchange", "popstate"] {
        let callback = callback.clone();
        EventListener::new(&window, event, move |_| callback()).forget();
    }
}
