//! Reading in progress: bytes and files done, and Cancel.
//!
//! Drawn once and changed in place: a button that is made anew with every step can't be clicked, and loses the focus.

use crate::state::{App, Reading};
use leptos::prelude::*;
use servelens_core::fmt::plural;

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
                <span>{told(|r| done(r.bytes, r.of_bytes))}</span>
                <span>{told(|r| format!("{} of {}", r.files, plural(r.of_files, "file")))}</span>
            </div>
        </div>
    }
    .into_any()
}

/// So many bytes of so many, in the unit that fits all of them.
fn done(bytes: f64, of: f64) -> String {
    let (unit, size) = if of < 1e6 { ("kB", 1e3) } else { ("MB", 1e6) };
    format!("{:.1} of {:.1} {unit}", bytes / size, of / size)
}

#[cfg(test)]
mod tests {
    use super::done;

    #[test]
    fn a_small_file_is_told_in_kilobytes() {
        assert_eq!(done(0.0, 12_345.0), "0.0 of 12.3 kB");
        assert_eq!(done(1.25e8, 2.5e8), "125.0 of 250.0 MB");
    }
}
