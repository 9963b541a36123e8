//! The address: what it asks for when the page opens, and that it follows the view afterwards.

use super::{keeping, reading};
use crate::platform::{address, page, store};
use crate::state::{App, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::url::{View, ViewState};

/// Opens what the address asks for: its view, and its sample, else what this browser kept, else the first sample.
pub fn open(app: App) {
    let mut state = ViewState::from_fragment(&address::fragment());
    // The person may have gone elsewhere meanwhile.
    state.view = app.view.with_untracked(|v| v.view);
    let linked = state.sample.as_deref().and_then(Sample::from_key);
    app.view.set(state);
    match linked {
        Some(sample) if sample != Sample::Report => {
            app.opening.set(true);
            reading::open_sample(app, sample);
        }
        None if store::kept(store::HAS_TABLE).is_some() => {
            app.opening.set(true);
            keeping::open_kept(app);
        }
        _ => app.open_first(),
    }
}

/// The address follows the view, and the view the address.
pub fn keep_in_step(app: App) {
    let turn = StoredValue::new(0_u32);
    Effect::new(move |before: Option<View>| {
        let state = app.view.get();
        let view = state.view;
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        // Before the first run the address says where the person was.
        let before = before.unwrap_or_else(|| View::named(&address::fragment()).0);
        if before != view {
            address::set_fragment(&state.to_fragment(), true);
        } else {
            // Browsers refuse an address that changes with every step of a slider.
            spawn_local(async move {
                page::wait(150).await;
                if turn.get_value() == mine {
                    address::set_fragment(&state.to_fragment(), false);
                }
            });
        }
        view
    });
    address::on_change(move || {
        let mut state = ViewState::from_fragment(&address::fragment());
        // Going back changes the view, not what is on the table.
        state.sample = app.view.with_untracked(|v| v.sample.clone());
        if state != app.view.get_untracked() {
            app.view.set(state);
        }
    });
}
