//! Controls that several views share.

use leptos::prelude::*;

/// One choice of a segmented control.
pub struct Choice<T> {
    /// Value chosen.
    pub value: T,
    /// Word on it.
    pub label: String,
    /// Why it can't be chosen now; shown as its tooltip.
    pub unavailable: Option<String>,
}

impl<T> Choice<T> {
    /// A choice that can be made.
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Self {
            value,
            label: label.into(),
            unavailable: None,
        }
    }
    /// Unavailable for a reason.
    pub fn unless(mut self, reason: Option<&str>) -> Self {
        self.unavailable = reason.map(str::to_owned);
        self
    }
}

/// A row of buttons of which one is chosen.
pub fn segmented<T: PartialEq + Clone + Send + Sync + 'static>(
    name: &'static str,
    chosen: &T,
    choices: Vec<Choice<T>>,
    choose: impl Fn(T) + Clone + Send + Sync + 'static,
) -> AnyView {
    let buttons: Vec<AnyView> = choices
        .into_iter()
        .map(|c| {
            let choose = choose.clone();
            let pressed = c.value == *chosen;
            view! {
                <button
                    type="button"
                    aria-pressed=pressed.to_string()
                    disabled=c.unavailable.is_some()
                    title=c.unavailable
                    on:click=move |_| choose(c.value.clone())
                >
                    {c.label}
                </button>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="seg" role="group" aria-label=name>
            {buttons}
        </div>
    }
    .into_any()
}

/// A switch; why it cannot be turned now is its tooltip.
pub fn switch(
    name: &'static str,
    on: bool,
    unavailable: Option<String>,
    turn: impl Fn(bool) + Send + Sync + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked=on.to_string()
            disabled=unavailable.is_some()
            title=unavailable
            on:click=move |_| turn(!on)
        >
            <span aria-hidden="true"></span>
            {name}
        </button>
    }
    .into_any()
}
