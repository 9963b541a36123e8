//! Status marks: a shape and a word, never a colour alone; and the key of a run's line.

use leptos::prelude::*;
use servelens_core::audit::Grade;
use servelens_core::chart::{Form, Slot};
use servelens_core::findings::Badge;

/// A filled badge: once a verdict line, view title or figure foot.
pub fn badge(badge: Badge) -> AnyView {
    let (class, icon, word) = match badge {
        Badge::Sound => ("badge b-ok", "ok", "Sound"),
        Badge::Caution => ("badge b-warn", "warn", "Caution"),
        Badge::NotComparable => ("badge b-nc", "nc", "Not comparable"),
        Badge::NoData => ("badge b-info", "none", "No data"),
    };
    view! {
        <span class=class>
            <svg aria-hidden="true">
                <use href=format!("#i-{icon}")></use>
            </svg>
            {word}
        </span>
    }
    .into_any()
}

/// The colour class and icon of a check's outcome.
pub fn grade(grade: Grade) -> (&'static str, &'static str) {
    match grade {
        Grade::Block => ("k-nc", "nc"),
        Grade::Warn => ("k-warn", "warn"),
        Grade::Pass => ("k-ok", "ok"),
        Grade::Info => ("k-info", "info"),
        Grade::NoData => ("k-info", "none"),
    }
}

/// Icon and plain text without a ground, for tables and lists.
pub fn flag(class: &'static str, icon: &'static str, text: impl Into<String>) -> AnyView {
    view! {
        <span class=format!("flag {class}")>
            <svg aria-hidden="true">
                <use href=format!("#i-{icon}")></use>
            </svg>
            {text.into()}
        </span>
    }
    .into_any()
}

/// The sample of a run's line and mark, 24 × 20.
pub fn run_key(slot: Slot) -> AnyView {
    let n = slot.number();
    let projected = slot == Slot::PROJECTION;
    let line = format!("ln s{n}{}", if projected { " dash" } else { "" });
    let mark = if projected {
        format!("hollow h{n}")
    } else {
        format!("mk f{n}")
    };
    let shape = match slot.form() {
        Form::Circle => view! { <circle cx="12" cy="10" r="4.5" class=mark></circle> }.into_any(),
        Form::Square => {
            view! { <rect x="7.86" y="5.86" width="8.28" height="8.28" class=mark></rect> }
                .into_any()
        }
        form => {
            let d = match form {
                Form::Diamond => "M12 4.15L17.85 10L12 15.85L6.15 10Z",
                Form::Triangle => "M12 4.6L17.2 13.6H6.8Z",
                Form::TriangleDown => "M12 15.4L17.2 6.4H6.8Z",
                _ => "M10.2 5.2h3.6v3h3v3.6h-3v3h-3.6v-3h-3V8.2h3Z",
            };
            view! { <path d=d class=mark></path> }.into_any()
        }
    };
    view! {
        <svg class="key" viewBox="0 0 24 20" aria-hidden="true">
            <line x1="0" y1="10" x2="24" y2="10" class=line></line>
            {shape}
        </svg>
    }
    .into_any()
}
