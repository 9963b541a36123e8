//! Small things of the page: theme, clipboard, saving a file, focus, keys, the console.

use gloo::events::{EventListener, EventListenerOptions};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, KeyboardEvent, Url};

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

/// The element that holds the app, emptied of the static shell.
pub fn empty_root() -> Option<HtmlElement> {
    let root: HtmlElement = document()?.get_element_by_id("app")?.dyn_into().ok()?;
    root.set_inner_html("");
    Some(root)
}

/// What a `meta` element of the page says; empty when it is not there.
pub fn meta(name: &str) -> String {
    document()
        .and_then(|d| d.query_selector(&format!("meta[name={name}]")).ok()?)
        .and_then(|e| e.get_attribute("content"))
        .unwrap_or_default()
}

/// Chooses a theme, `light` or `dark`; `None` follows the system.
pub fn set_theme(theme: Option<&str>) {
    let Some(root) = document().and_then(|d| d.document_element()) else {
        return;
    };
    // An element of the page itself always takes this attribute.
    drop(match theme {
        Some(t) => root.set_attribute("data-theme", t),
        None => root.remove_attribute("data-theme"),
    });
}

/// Whether a media query holds now.
pub fn media(query: &str) -> bool {
    web_sys::window()
        .and_then(|w| w.match_media(query).ok().flatten())
        .is_some_and(|m| m.matches())
}

/// Calls back when a media query changes, for as long as the page lives.
pub fn on_media(query: &str, callback: impl Fn() + 'static) {
    if let Some(list) = web_sys::window().and_then(|w| w.match_media(query).ok().flatten()) {
        EventListener::new(&list, "change", move |_| callback()).forget();
    }
}

/// Puts text on the clipboard; `false` when the browser refuses.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    JsFuture::from(window.navigator().clipboard().write_text(text))
        .await
        .is_ok()
}

/// Saves bytes as a file of the person's.
pub fn save(name: &str, mime: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    if let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// Saves a blob as a file of the person's.
pub fn save_blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else {
        return;
    };
    if let Some(link) = document()
        .and_then(|d| d.create_element("a").ok())
        .and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok())
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The download holds its own reference after the click.
    gloo::timers::callback::Timeout::new(10_000, move || {
        drop(Url::revoke_object_url(&url));
    })
    .forget();
}

/// A number that no call before has given.
pub fn fresh_number() -> u32 {
    thread_local! {
        static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    COUNT.replace(COUNT.get() + 1)
}

/// Moves the focus to an element by id, and the view to it.
pub fn focus(id: &str) {
    if let Some(element) = document()
        .and_then(|d| d.get_element_by_id(id))
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
    {
        drop(element.focus());
    }
}

/// Scrolls an element by id into view.
pub fn reveal(id: &str) {
    if let Some(element) = document().and_then(|d| d.get_element_by_id(id)) {
        element.scroll_into_view();
    }
}

/// Scrolls the strip around the first element that matches so that the element is in its middle.
pub fn scroll_to_inside(selector: &str) {
    let found = document().and_then(|d| d.query_selector(selector).ok()?);
    if let Some(element) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok())
        && let Some(strip) = element.parent_element()
    {
        let middle = element.offset_left() + element.offset_width() / 2;
        strip.set_scroll_left(middle - strip.client_width() / 2);
    }
}

/// Scrolls to the top.
pub fn scroll_up() {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Clicks an element by id, as a button does for its hidden file input.
pub fn click(id: &str) {
    if let Some(element) = document()
        .and_then(|d| d.get_element_by_id(id))
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
    {
        element.click();
    }
}

/// What an attribute says on every element that matches, in the order of the page.
pub fn named(selector: &str, attribute: &str) -> Vec<String> {
    let all = document().and_then(|d| d.query_selector_all(selector).ok());
    let all = all
        .iter()
        .flat_map(|all| (0..all.length()).filter_map(|i| all.get(i)));
    all.filter_map(|n| {
        n.dyn_into::<web_sys::Element>()
            .ok()?
            .get_attribute(attribute)
    })
    .collect()
}

/// Shows, focuses and clicks one of the elements that match, by its place among them.
pub fn click_nth(selector: &str, place: usize) {
    let all = document().and_then(|d| d.query_selector_all(selector).ok());
    let found = all.and_then(|all| all.get(u32::try_from(place).ok()?));
    if let Some(element) = found.and_then(|n| n.dyn_into::<HtmlElement>().ok()) {
        element.scroll_into_view();
        drop(element.focus());
        element.click();
    }
}

/// Keys pressed anywhere, for as long as the page lives. The callback says whether it used the key.
pub fn on_key(callback: impl Fn(&KeyboardEvent) -> bool + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window, "keydown", options, move |e| {
        if let Some(e) = e.dyn_ref::<KeyboardEvent>()
            && callback(e)
        {
            e.prevent_default();
        }
    })
    .forget();
}

/// Whether a key event belongs to a field that the person types in.
pub fn in_field(event: &web_sys::Event) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Clicks anywhere, for as long as the page lives; passes whether the click was inside an element
/// of the class.
pub fn on_click_outside(class: &'static str, callback: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    EventListener::new(&window, "pointerdown", move |e| {
        let inside = e
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
            .and_then(|t| t.closest(class).ok().flatten())
            .is_some();
        if !inside {
            callback();
        }
    })
    .forget();
}

/// Text pasted anywhere but into a field, for as long as the page lives.
pub fn on_paste(callback: impl Fn(String) + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let callback = Rc::new(callback);
    EventListener::new(&window, "paste", move |e| {
        if in_field(e) {
            return;
        }
        let text = js_sys::Reflect::get(e, &JsValue::from_str("clipboardData"))
            .ok()
            .and_then(|d| d.dyn_into::<web_sys::DataTransfer>().ok())
            .and_then(|d| d.get_data("text/plain").ok())
            .filter(|t| !t.trim().is_empty());
        if let Some(text) = text {
            callback(text);
        }
    })
    .forget();
}

/// The value of the input that an event comes from.
pub fn value_of(event: &web_sys::Event) -> String {
    let target = event.target();
    if let Some(input) = target
        .as_ref()
        .and_then(|t| t.dyn_ref::<web_sys::HtmlInputElement>())
    {
        return input.value();
    }
    if let Some(select) = target
        .as_ref()
        .and_then(|t| t.dyn_ref::<web_sys::HtmlSelectElement>())
    {
        return select.value();
    }
    target
        .as_ref()
        .and_then(|t| t.dyn_ref::<web_sys::HtmlTextAreaElement>())
        .map(web_sys::HtmlTextAreaElement::value)
        .unwrap_or_default()
}

/// Lets the browser draw and answer before going on.
pub async fn breathe() {
    gloo::timers::future::TimeoutFuture::new(0).await;
}

/// Waits some milliseconds.
pub async fn wait(ms: u32) {
    gloo::timers::future::TimeoutFuture::new(ms).await;
}

/// Whether a key event belongs to a chart, which has keys of its own.
pub fn in_chart(event: &web_sys::Event) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|e| matches!(e.closest(".plot"), Ok(Some(_))))
}

/// Whether the page is shown in the dark theme.
pub fn is_dark() -> bool {
    let chosen = document()
        .and_then(|d| d.document_element())
        .and_then(|r| r.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some(theme) => theme == "dark",
        None => media("(prefers-color-scheme: dark)"),
    }
}

/// Whether the focus is in the box around the element of an event.
pub fn focus_is_around(event: &web_sys::Event) -> bool {
    let Some(active) = document().and_then(|d| d.active_element()) else {
        return false;
    };
    event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Node>().ok())
        .is_some_and(|t| active.tag_name() != "BODY" && active.contains(Some(&t)))
}

/// Calls back once what is there now is drawn, charts too: these learn their width in one frame and draw in the next.
pub fn after_paint(callback: impl FnOnce() + 'static) {
    next_frame(move || {
        // A frame is drawn after its callbacks; a timer set in one runs after the drawing.
        next_frame(move || {
            gloo::timers::callback::Timeout::new(0, callback).forget();
        });
    });
}

fn next_frame(callback: impl FnOnce() + 'static) {
    // Dropping it would cancel the callback.
    std::mem::forget(gloo::render::request_animation_frame(move |_| callback()));
}

/// Milliseconds since 1970, for words that differ from one write to the next.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        drop(window.location().reload());
    }
}

/// Names the page for the window's title.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// An element that had the focus.
pub type Focused = HtmlElement;

thread_local! {
    /// The id of what had the focus last.
    static LAST: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Remembers from now on what has the focus; see [`refocus`].
pub fn remember_focus() {
    let Some(window) = web_sys::window() else {
        return;
    };
    EventListener::new(&window, "focusin", move |e| {
        let target = e
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        LAST.set(target.map(|t| t.id()).unwrap_or_default());
    })
    .forget();
}

/// Where the element that had the focus was drawn anew, its successor gets it; where it is gone, another one, by id.
pub fn refocus(otherwise: &str) {
    let last = LAST.with_borrow(String::clone);
    if focused().is_some() || last.is_empty() {
        return;
    }
    focus(&last);
    if focused().is_none() {
        focus(otherwise);
    }
}

/// The element that has the focus, unless it is the page as a whole.
pub fn focused() -> Option<Focused> {
    let element = document()?.active_element()?;
    element
        .dyn_into::<HtmlElement>()
        .ok()
        .filter(|e| e.tag_name() != "BODY")
}

/// Takes the focus from what has it.
pub fn blur() {
    if let Some(element) = focused() {
        drop(element.blur());
    }
}

/// Gives an element the focus, or the one that has taken its place under the same id, unless another has it by now.
pub fn give_back(element: &Focused) {
    if focused().is_some() {
        return;
    }
    if element.is_connected() {
        drop(element.focus());
    } else if !element.id().is_empty() {
        focus(&element.id());
    }
}

/// Keeps the Tab key inside an element by id: from its last control to its first, and back. Whether it used the key.
pub fn keep_tab_in(id: &str, event: &KeyboardEvent) -> bool {
    const CONTROLS: &str =
        "a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex='0']";
    if event.key() != "Tab" {
        return false;
    }
    let Some(all) = document()
        .and_then(|d| d.get_element_by_id(id))
        .and_then(|e| e.query_selector_all(CONTROLS).ok())
    else {
        return false;
    };
    let at = |i: u32| all.get(i).and_then(|n| n.dyn_into::<HtmlElement>().ok());
    let (Some(first), Some(last)) = (at(0), all.length().checked_sub(1).and_then(at)) else {
        return false;
    };
    let (from, to) = if event.shift_key() {
        (&first, &last)
    } else {
        (&last, &first)
    };
    let now = focused();
    let inside = now
        .as_ref()
        .is_some_and(|n| (0..all.length()).any(|i| at(i).as_ref() == Some(n)));
    if !inside || now.as_ref() == Some(from) {
        drop(to.focus());
        return true;
    }
    false
}

/// Marks the page as wholly loaded, for tests and for scripts of the person's.
pub fn ready() {
    mark("data-ready", "");
}

/// Marks the page, as [`ready`] does.
pub fn mark(name: &str, value: &str) {
    if let Some(root) = document().and_then(|d| d.document_element()) {
        drop(root.set_attribute(name, value));
    }
}
