//! Icons from the page's sprite; always beside a word or a label.

use leptos::prelude::*;

fn use_icon(class: &'static str, name: &'static str) -> AnyView {
    view! {
        <svg class=class aria-hidden="true">
            <use href=format!("#i-{name}")></use>
        </svg>
    }
    .into_any()
}

/// A 16 px icon.
pub fn icon(name: &'static str) -> AnyView {
    use_icon("icon", name)
}

/// A 14 px icon.
pub fn icon_small(name: &'static str) -> AnyView {
    use_icon("icon icon-s", name)
}

/// The chevron of a menu button.
pub fn chevron() -> AnyView {
    use_icon("icon icon-chev", "chev")
}
