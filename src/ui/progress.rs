//! Reading in progress: bytes and files done, and Cancel.
//!
//! Drawn once and changed in place: a button that is made anew with every step can't be clicked, and loses the focus.

use crate::state::{App, Reading};
use leptos::prelude::*;

/// The panel, for as long as something is being read.
pub fn panel(app: App) -> AnyView {
    let told = move |tell: fn(&Reading) -> String| {
        move || {
            app.reading
                .with(|r| r.as_ref().map(tell).unwrap_or_default())
        }
    };
    view! {
        <div class="prog" role="group" aria-label="Reading files">
            <div>
                <span class="prog-now" title=told(|r| r.now.clone())>
                    {told(|r| r.now.rsplit('/').next().unwrap_or_default().to_owned())}
                </span>
                <button
                    class="btn btn-quiet btn-s"
                    on:click=move |_| app.reading.update(|r| if let Some(r) = r { r.cancelled = true })
                >
                    "Cancel"
                </button>
            </div>
            <progress
                aria-label="Bytes read"
                max=told(|r| r.of_bytes.to_string())
                value=told(|r| r.bytes.to_string())
            ></progress>
            <div>
                <span>{told(|r| format!("{} of {} MB", megabytes(r.bytes), megabytes(r.of_bytes)))}</span>
                <span>{told(|r| format!("{} of {} files", r.files, r.of_files))}</span>
            </div>
        </div>
    }
    .into_any()
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1e6)
}
