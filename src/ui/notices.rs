//! What a person must be told of the table and may act on, each with its ways out, above the view.

use super::{keeping, saving};
use crate::state::{App, Notice};
use leptos::prelude::*;

/// All that is told now.
pub fn notices(app: App) -> AnyView {
    let all = move || {
        app.notices
            .get()
            .into_iter()
            .filter(|n| !matches!(n, Notice::Refused(..)))
            .map(|n| notice(app, n))
            .collect::<Vec<_>>()
    };
    view! { {all} }.into_any()
}

fn notice(app: App, n: Notice) -> AnyView {
    let (bold, rest) = words(app, &n);
    let acts: Vec<AnyView> = match &n {
        Notice::NotKept(_) => vec![act("Save session", move || saving::session(app))],
        Notice::OtherTab => vec![
            act("Keep this table", move || keeping::keep_this(app)),
            act("Take the other tab’s", {
                let n = n.clone();
                move || {
                    app.untell(&n);
                    keeping::take_other(app);
                }
            }),
        ],
        _ => Vec::new(),
    };
    view! {
        <div class="sample told" role="alert" data-testid="notice">
            <p><b>{bold}</b> " " {rest}</p>
            <span class="grow"></span>
            {acts}
            {act("Dismiss", move || app.untell(&n))}
        </div>
    }
    .into_any()
}

fn act(name: &'static str, act: impl Fn() + 'static) -> AnyView {
    view! { <button on:click=move |_| act()>{name}</button> }.into_any()
}

/// What happened, and what it means.
fn words(app: App, n: &Notice) -> (&'static str, String) {
    let empty = move || app.workspace.with(|w| w.runs.is_empty());
    match n {
        Notice::NotKept(why) => (
            "This browser can’t keep the table.",
            format!("After a reload the last changes are gone; a saved session keeps them. The browser says: {why}"),
        ),
        Notice::KeptOld if empty() || app.sample.get().is_some() => (
            "Your table is not here any more.",
            "This browser could not keep it, or has cleared it. Drop the files or the session again.".into(),
        ),
        Notice::KeptOld => (
            "This is not your last table.",
            "Its last changes could not be kept before the page was reloaded.".into(),
        ),
        Notice::Damaged(why) => (
            "What this browser kept of your table can’t be read.",
            format!("Drop the files or the session again. {why}"),
        ),
        // It stands beside the run.
        Notice::Refused(_, why) => ("This can’t be taken.", why.clone()),
        Notice::Unread(which) => ("Not everything could be read.", which.clone()),
        Notice::OtherTab => (
            "Another tab has changed what this browser keeps.",
            "A reload of this tab would show what the other has left.".into(),
        ),
        Notice::OtherTable(_) if empty() => (
            "This link was made over results that aren’t in it.",
            "It holds the view and the limits. Drop the same files here, or ask for the session.".into(),
        ),
        Notice::OtherTable(_) => (
            "This link was made over other results than these.",
            "Only the view and the limits are the link’s.".into(),
        ),
    }
}
