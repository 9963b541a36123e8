//! A panel of rows that is drawn as shapes: title, canvas, table twin, saving.

use super::{Table, icon, table};
use crate::platform::canvas;
use crate::platform::page;
use crate::state::App;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::{Measure, Scene};
use std::sync::Arc;

/// Draws the rows at a width; reads the signals that it depends on.
pub type Drawing = Arc<dyn Fn(f64, &dyn Measure) -> Scene + Send + Sync>;

/// What the panel shows.
#[derive(Clone)]
pub struct SceneFigure {
    /// Stable key, which names the files saved.
    pub id: &'static str,
    /// Title, and one line under it.
    pub heads: Signal<(String, String)>,
    /// One sentence: the accessible form.
    pub summary: Signal<String>,
    /// Height, CSS pixels.
    pub height: Signal<f64>,
    /// The rows as shapes.
    pub scene: Drawing,
    /// The same figures as a table.
    pub table: Signal<Table>,
}

/// Draws the panel.
pub fn scene_figure(app: App, f: SceneFigure) -> AnyView {
    let as_table = RwSignal::new(false);
    let saving = RwSignal::new(false);
    let (heads, summary, twin, id) = (f.heads, f.summary, f.table, f.id);
    let name = move |what: &str| format!("{what}: {}", heads.get().0);
    let scene = f.scene.clone();
    let save = Callback::new(move |kind: &'static str| {
        saving.set(false);
        match kind {
            "svg" => canvas::save_scene_svg(id, 1100.0, &*scene),
            "png" => canvas::save_scene_png(id, 1100.0, &*scene),
            _ => page::save(
                &format!("{id}.csv"),
                "text/csv",
                twin.get_untracked().csv().as_bytes(),
            ),
        }
    });
    let plotted = f;
    view! {
        <figure class="fig" data-testid=id>
            <div class="fig-head">
                <div>
                    <h2>{move || heads.get().0}</h2>
                    <p>{move || heads.get().1}</p>
                </div>
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
                    <div class="menu-at">
                        <button
                            class="btn btn-quiet btn-icon"
                            aria-label=move || name("Save")
                            title="Save"
                            aria-expanded=move || saving.get().to_string()
                            on:click=move |_| saving.update(|t| *t = !*t)
                        >
                            {icon("down")}
                        </button>
                        {move || saving.get().then(|| super::figure::save_menu(save))}
                    </div>
                </div>
            </div>
            {move || {
                if as_table.get() {
                    view! { <p class="fig-sum">{summary.get()}</p> {table(&twin.get())} }.into_any()
                } else {
                    plot(app, plotted.clone())
                }
            }}
        </figure>
    }
    .into_any()
}

fn plot(app: App, f: SceneFigure) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let element: NodeRef<Canvas> = NodeRef::new();
    let width = RwSignal::new(0.0);
    let (summary, height) = (f.summary, f.height);
    Effect::new(move |_| {
        if let Some(b) = boxed.get() {
            canvas::on_width(&b, move |w| width.set(w));
        }
    });
    Effect::new(move |_| {
        app.theme.track();
        height.track();
        let w = width.get();
        if let Some(e) = element.get().filter(|_| w > 40.0) {
            canvas::draw_scene(&e, w, &*f.scene);
        }
    });
    view! {
        <div
            class="plot"
            node_ref=boxed
            role="img"
            aria-label=move || summary.get()
            style:height=move || format!("{}px", height.get())
        >
            <canvas node_ref=element></canvas>
        </div>
    }
    .into_any()
}
