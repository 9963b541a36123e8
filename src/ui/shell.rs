//! The frame: bar, tray, tabs, the view, and what ties the page to the browser.

use super::{bar, rest, tray, views};
use crate::platform::{address, drop as dropping, page, store};
use crate::state::{App, Change, Layer, Rest, Sample};
use leptos::prelude::*;
use servelens_core::cost::RuleSet;
use servelens_core::url::{View, ViewState};

/// Takes over the static shell and shows the first analysis.
pub fn start() {
    let Some(root) = page::empty_root() else {
        return;
    };
    bar::restore_theme();
    leptos::mount::mount_to(root, frame).forget();
}

fn frame() -> AnyView {
    let (view, more) = View::named(&address::fragment());
    let app = App::new(ViewState {
        view,
        ..ViewState::default()
    });
    let (dragged, set_dragged) = signal(None);
    // A link that says more than its view, and a table that was kept, need the rest of the page.
    if more || store::kept(store::HAS_TABLE).is_some() {
        rest::with(app, move |r| (r.open)(app));
    } else {
        app.open_first();
    }
    Effect::new(move |_| {
        if let Some(rest) = rest::get(app) {
            (rest.start)(app);
        }
    });
    dropping::listen(
        move |d| {
            set_dragged.set(match d {
                dropping::Drag::Over(n) => Some(n.unwrap_or(0)),
                dropping::Drag::Gone => None,
            });
        },
        move |what| rest::with(app, move |r| (r.dropped)(app, what)),
    );
    page::on_paste(move |text| rest::with(app, move |r| (r.paste)(app, &text)));
    page::on_key(move |e| key(app, e));
    page::on_click_outside(".menu-at, .tray, .only-m", move || {
        if matches!(app.layer.get_untracked(), Layer::Menu(_) | Layer::Drawer) {
            app.layer.set(Layer::None);
        }
    });
    for query in ["(prefers-color-scheme: dark)", "(forced-colors: active)"] {
        page::on_media(query, move || app.theme.update(|n| *n += 1));
    }
    page::after_paint(move || rest::load(app));
    let class = move || match app.layer.get() {
        Layer::Drawer => "app drawer-open",
        _ => "app",
    };
    // For tests: a page that will ask the network for nothing more.
    let figures_state = move || {
        let there = [RuleSet::Aic02, RuleSet::Aic012].map(|rules| {
            app.figures_of(rules)
                .with(|f| f.ready.is_some() && f.loading.is_none())
        });
        there.iter().all(|t| *t).then_some("ready")
    };
    view! {
        <div class=class data-figures=figures_state>
            {bar::bar(app)} {tray::tray(app)}
            <main class="main" id="main" tabindex="-1">
                {tabs(app)} {move || app.sample.get().map(|s| banner(app, s))} {move || missing(app)}
                {move || rest::get(app).map(|r| (r.notices)(app))}
                {move || view_of(app)}
            </main>
        </div>
        <p class="vh" role="status" aria-live="polite" data-testid="said">{move || app.said.get()}</p>
        {move || rest::get(app).map(|r| (r.layers)(app, dragged))}
    }
    .into_any()
}

fn key(app: App, e: &leptos::ev::KeyboardEvent) -> bool {
    let control = e.ctrl_key() || e.meta_key();
    let layer = app.layer.get_untracked();
    match e.key().as_str() {
        "k" if control => {
            bar::toggle(app, Layer::Palette);
            true
        }
        "Escape" if layer != Layer::None => {
            app.layer.set(Layer::None);
            true
        }
        _ if page::in_field(e) || layer != Layer::None => false,
        "z" if control => {
            rest::change(app, Change::Undo);
            true
        }
        "y" | "Z" if control => {
            rest::change(app, Change::Redo);
            true
        }
        "?" => {
            app.layer.set(Layer::Help);
            true
        }
        digit if !control && !e.alt_key() => {
            let view = digit
                .parse::<usize>()
                .ok()
                .and_then(|n| View::ALL.get(n.checked_sub(1)?));
            match view {
                Some(v) if !page::in_chart(e) => {
                    go(app, *v);
                    true
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn go(app: App, view: View) {
    app.look(|s| {
        s.view = view;
        s.check = None;
    });
    page::scroll_up();
}

fn tabs(app: App) -> AnyView {
    let current = Memo::new(move |_| app.view.with(|v| v.view));
    let blocks = Memo::new(move |_| app.screen.with(|s| s.blocks));
    let tabs: Vec<AnyView> = View::ALL
        .into_iter()
        .map(|v| {
            let count = move || {
                let n = blocks.get();
                (v == View::Audit && n > 0).then(|| {
                    view! { <span class="n" aria-label=format!("{n} blocking findings")>{n}</span> }
                })
            };
            view! {
                <a
                    href=format!("#{}", v.key())
                    aria-current=move || (current.get() == v).then_some("page")
                    on:click=move |e| {
                        e.prevent_default();
                        go(app, v);
                    }
                >
                    {v.label()} {count}
                </a>
            }
            .into_any()
        })
        .collect();
    view! { <nav class="tabs" aria-label="Views">{tabs}</nav> }.into_any()
}

fn banner(app: App, sample: Sample) -> AnyView {
    let (bold, rest) = sample.banner();
    let behind = (sample == Sample::Report).then(|| {
        view! {
            <button data-testid="behind" on:click=move |_| rest::with(app, move |r| (r.sample)(app, Sample::Experiment))>
                "See what the raw files say"
            </button>
        }
    });
    view! {
        <div class="sample" data-testid="sample-banner">
            <p><b>{bold}</b> " " <span class="hide-m">{rest}</span> " Drop your own files anywhere."</p>
            {behind}
            <span class="grow"></span>
            <button on:click=move |_| rest::change(app, Change::Clear)>"Clear sample"</button>
        </div>
    }
    .into_any()
}

/// A sentence and a button where the rest of the page could not be loaded.
fn missing(app: App) -> Option<AnyView> {
    matches!(app.rest.get(), Rest::Missing).then(|| {
        view! {
            <div class="sample" role="alert" data-testid="rest-missing">
                <p><b>"A part of the page could not be loaded."</b> " What you see stays; files, the other views and saving need that part. A newer version may have taken its place: then only a reload helps."</p>
                <span class="grow"></span>
                <button on:click=move |_| rest::load(app)>"Try again"</button>
                <button on:click=move |_| page::reload()>"Reload the page"</button>
            </div>
        }
        .into_any()
    })
}

fn view_of(app: App) -> AnyView {
    let view = Memo::new(move |_| app.view.with(|v| v.view));
    (move || match (view.get(), rest::get(app)) {
        _ if !app.known.get() => coming(),
        (View::Verdict, _) => views::verdict(app),
        (other, Some(rest)) => (rest.view)(other, app),
        (_, None) => coming(),
    })
    .into_any()
}

/// What stands where the rest of the page will show something.
fn coming() -> AnyView {
    view! { <p class="view" aria-busy="true">"Loading…"</p> }.into_any()
}
