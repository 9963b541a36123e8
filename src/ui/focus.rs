//! Where the focus goes when what had it is gone, and what the window is called.

use crate::platform::page;
use crate::state::{App, Layer};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;

thread_local! {
    /// What had the focus before something was laid over the page.
    static BEFORE: RefCell<Option<page::Focused>> = const { RefCell::new(None) };
}

/// Keeps focus and title right for as long as the page lives.
pub fn keep(app: App) {
    Effect::new(move |_| {
        page::set_title(&format!(
            "{} · ServeLens",
            app.view.with(|v| v.view.label())
        ));
        after_drawing(|| page::scroll_to_inside(".tabs [aria-current]"));
    });
    Effect::new(move |before: Option<Layer>| {
        let now = app.layer.get();
        if now != Layer::None && before.unwrap_or_default() == Layer::None {
            BEFORE.set(page::focused());
        } else if now == Layer::None {
            // The drawer keeps the focus though it is out of sight.
            if before == Some(Layer::Drawer) {
                page::blur();
            }
            give_back();
        }
        if now == Layer::Drawer {
            page::focus("tray");
        }
        now
    });
    // Steps draw the rows of the tray anew: who was in one of them is there again.
    page::remember_focus();
    Effect::new(move |_| {
        app.follow_steps();
        app.undo_bar.track();
        after_drawing(move || {
            let undo = app.undo_bar.with_untracked(Option::is_some);
            page::refocus(if undo { "undo-step" } else { "tray" });
        });
    });
}

/// Gives the focus back, once what lay over the page is gone.
fn give_back() {
    if let Some(before) = BEFORE.take() {
        after_drawing(move || page::give_back(&before));
    }
}

fn after_drawing(act: impl FnOnce() + 'static) {
    spawn_local(async move {
        page::breathe().await;
        act();
    });
}
