//! ServeLens in the browser: starts the app and installs the crash panel.

use leptos::prelude::*;

fn main() {
    leptos::mount::mount_to_body(|| view! { <p>"ServeLens"</p> });
}
