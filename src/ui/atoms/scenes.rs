//! A panel of a drawing made of shapes, with a second canvas for what moves over it.

use super::{Table, icon, table};
use crate::platform::canvas::{self, Plot};
use crate::platform::page;
use crate::state::App;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::{Measure, Scene};
use std::sync::Arc;

/// Makes the shapes for a width; follows the signals that it reads.
pub type Make = Arc<dyn Fn(f64, &dyn Measure) -> Scene + Send + Sync>;

/// What a panel shows.
#[derive(Clone)]
pub struct Scenes {
    /// Stable key, for file names.
    pub id: Signal<String>,
    /// The panel's title.
    pub title: Signal<String>,
    /// One line under it.
    pub subtitle: Signal<String>,
    /// One sentence: the accessible form.
    pub summary: Signal<String>,
    /// The same figures as a table.
    pub table: Arc<dyn Fn() -> Table + Send + Sync>,
    /// Height of the drawing, CSS pixels.
    pub height: Signal<f64>,
    /// The drawing.
    pub base: Make,
    /// What lies over it.
    pub over: Make,
    /// What the box holds beside the canvases: a tooltip, handles.
    pub inside: Arc<dyn Fn(AnyView) -> AnyView + Send + Sync>,
}

/// Draws a panel.
pub fn scenes(app: App, s: Scenes) -> AnyView {
    let as_table = RwSignal::new(false);
    let (title, subtitle) = (s.title, s.subtitle);
    let shown = s.clone();
    view! {
        <figure class="fig">
            <div class="fig-head">
                <div>
                    <h2>{move || title.get()}</h2>
                    <p>{move || subtitle.get()}</p>
                </div>
                {tools(&s, as_table)}
            </div>
            {move || if as_table.get() { twin(shown.clone()) } else { plot(app, &shown) }}
        </figure>
    }
    .into_any()
}

fn twin(s: Scenes) -> AnyView {
    view! {
        <p class="fig-sum">{move || s.summary.get()}</p>
        {move || table(&(s.table)())}
    }
    .into_any()
}

fn tools(s: &Scenes, as_table: RwSignal<bool>) -> AnyView {
    let (title, s) = (s.title, s.clone());
    let save = Callback::new(move |kind: &'static str| {
        let id = s.id.get_untracked();
        let both = |measure: &dyn Measure| {
            let mut scene = untrack(|| (s.base)(960.0, measure));
            let over = untrack(|| (s.over)(960.0, measure));
            scene.shapes.extend(over.shapes);
            scene
        };
        match kind {
            "svg" => canvas::save_scene(&id, false, both),
            "png" => canvas::save_scene(&id, true, both),
            _ => {
                let table = untrack(|| (s.table)());
                page::save(&format!("{id}.csv"), "text/csv", table.csv().as_bytes());
            }
        }
    });
    fig_tools(title, as_table, save)
}

/// The two quiet buttons of a chart panel: table, and a menu that saves as `png`, `svg` or `csv`.
pub fn fig_tools(
    title: Signal<String>,
    as_table: RwSignal<bool>,
    save: Callback<&'static str>,
) -> AnyView {
    let saving = RwSignal::new(false);
    let name = move |what: &str| format!("{what}: {}", title.get());
    let place = page::fresh_number();
    let opener = move || format!("save-{place}");
    let close = move || {
        saving.set(false);
        page::focus(&opener());
    };
    let pick = move |kind: &'static str| {
        close();
        save.run(kind);
    };
    view! {
        <div class="fig-tools">
            <button
                class="btn btn-quiet btn-icon"
                class:on=move || as_table.get()
                aria-pressed=move || as_table.get().to_string()
                aria-label=move || name("Show as table")
                title="Show as table"
                on:click=move |_| as_table.update(|t| *t = !*t)
            >
                {icon("table")}
            </button>
            <div
                class="menu-at"
                on:keydown=move |e| {
                    if e.key() == "Escape" && saving.get_untracked() {
                        e.stop_propagation();
                        close();
                    }
                }
            >
                <button
                    id=opener()
                    class="btn btn-quiet btn-icon"
                    data-save=move || title.get()
                    aria-label=move || name("Save")
                    title="Save"
                    aria-expanded=move || saving.get().to_string()
                    on:click=move |_| saving.update(|t| *t = !*t)
                >
                    {icon("down")}
                </button>
                {move || saving.get().then(|| view! {
                    <div class="menu menu-s">
                        <button class="mi" on:click=move |_| pick("png")>{icon("image")} <b>"PNG"</b></button>
                        <button class="mi" on:click=move |_| pick("svg")>{icon("code")} <b>"SVG"</b></button>
                        <button class="mi" on:click=move |_| pick("csv")>{icon("table")} <b>"CSV"</b></button>
                    </div>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// Keeps the width of a box in a signal, CSS pixels, for as long as there is a drawing in it.
pub fn follow_width(
    boxed: NodeRef<Div>,
    width: RwSignal<f64>,
    plot: StoredValue<Plot, LocalStorage>,
) {
    Effect::new(move |_| {
        if let Some(element) = boxed.get() {
            plot.with_value(|p| {
                p.follow_width(&element, move |w| {
                    let now = width.try_get_untracked();
                    if now.is_some_and(|now| (now - w).abs() > 0.5) {
                        width.set(w);
                    }
                });
            });
        }
    });
}

fn plot(app: App, s: &Scenes) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let width = RwSignal::new(0.0);
    follow_width(boxed, width, StoredValue::new_local(Plot::default()));
    let base = layer(app, width, s.base.clone(), false);
    let over = layer(app, width, s.over.clone(), true);
    let canvases = view! { {base} {over} }.into_any();
    let height = s.height;
    let inside = (s.inside)(canvases);
    view! {
        <div class="plot" node_ref=boxed style:height=move || format!("{}px", height.get())>
            {inside}
        </div>
    }
    .into_any()
}

/// A canvas that follows its shapes, once an animation frame.
fn layer(app: App, width: RwSignal<f64>, make: Make, over: bool) -> AnyView {
    let element: NodeRef<Canvas> = NodeRef::new();
    let plot = StoredValue::new_local(Plot::default());
    Effect::new(move |_| {
        app.theme.track();
        let w = width.get();
        let Some(e) = element.get().filter(|_| w > 40.0) else {
            return;
        };
        let Some(measure) = canvas::measure(&e) else {
            return;
        };
        let scene = make(w, &measure);
        plot.with_value(|p| p.scene_soon(e, scene, over));
    });
    view! { <canvas node_ref=element class:over=over></canvas> }.into_any()
}
