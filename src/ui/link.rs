//! The address: what it asks for when the page opens, and that it follows the view afterwards.

use super::{keeping, reading};
use crate::platform::{address, page, store};
use crate::state::{App, Notice, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::url::{View, ViewState};

/// Opens what the address asks for: its view, and its sample, else what this browser kept, else the first sample.
pub fn open(app: App) {
    let mut state = ViewState::from_fragment(&address::fragment());
    // The person may have gone elsewhere meanwhile.
    state.view = app.view.with_untracked(|v| v.view);
    let linked = state.sample.as_deref().and_then(Sample::from_key);
    let table = state.table.take();
    app.view.set(state);
    if let Some(mark) = &table {
        // Taken back below as soon as the very runs are on the table.
        app.tell(Notice::OtherTable(mark.clone()));
    }
    match linked {
        Some(sample) if sample != Sample::Report => {
            app.opening.set(true);
            reading::open_sample(app, sample);
        }
        None if store::kept(store::HAS_TABLE).is_some() => {
            app.opening.set(true);
            keeping::open_kept(app);
        }
        // The first sample under the limits of other results would say of it what was meant of them.
        None if table.is_some() => {}
        _ => app.open_first(),
    }
}

/// What the address says of the view: with the mark of the table, where that is the person's own.
pub fn fragment(app: App) -> String {
    let mut state = app.view.get();
    if app.sample.get().is_none() {
        state.table = app.workspace.with(|ws| ws.mark());
    }
    state.to_fragment()
}

/// The address follows the view, and the view the address.
pub fn keep_in_step(app: App) {
    let turn = StoredValue::new(0_u32);
    address::adopt();
    Effect::new(move |_| {
        let mark = app.workspace.with(|ws| ws.mark());
        let told = Notice::OtherTable(mark.clone().unwrap_or_default());
        if mark.is_some() && app.notices.with_untracked(|all| all.contains(&told)) {
            app.untell(&told);
        }
    });
    Effect::new(move |before: Option<View>| {
        let view = app.view.with(|v| v.view);
        let now = fragment(app);
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        // Before the first run the address says where the person was.
        let before = before.unwrap_or_else(|| View::named(&address::fragment()).0);
        if before != view {
            address::set_fragment(&now, true);
        } else {
            // Browsers refuse an address that changes with every step of a slider.
            spawn_local(async move {
                page::wait(150).await;
                if turn.get_value() == mine {
                    address::set_fragment(&now, false);
                }
            });
        }
        view
    });
    address::on_change(move || {
        let mut state = ViewState::from_fragment(&address::fragment());
        state.table = None;
        let typed = !address::adopt();
        let asked = state.sample.as_deref().and_then(Sample::from_key);
        // Going back changes the view, not what is on the table; typing a sample's address opens it.
        state.sample = app.view.with_untracked(|v| v.sample.clone());
        if let Some(sample) = asked.filter(|s| typed && app.sample.get_untracked() != Some(*s)) {
            reading::open_sample(app, sample);
        }
        if state != app.view.get_untracked() {
            app.view.set(state);
        }
    });
}
