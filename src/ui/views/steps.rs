//! The identity token ratio = request ratio × output-length ratio, always shown in Compare.

use crate::platform::canvas;
use crate::state::App;
use crate::ui::atoms::{Cell, Column, Table, icon, table};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::Estimate;
use servelens_core::chart::ratio_steps::{
    RatioSteps, ratio_steps_height, ratio_steps_layout, ratio_steps_scene,
};
use servelens_core::figures;
use servelens_core::fmt;

/// The section; nothing where no load has both rates on both sides.
pub fn panel(app: App) -> AnyView {
    let spec = Memo::new(move |_| figures::steps(&app.limited.get(), &app.analysis.get()));
    let there = Memo::new(move |_| spec.with(Option::is_some));
    (move || there.get().then(|| section(app, spec))).into_any()
}

fn section(app: App, spec: Memo<Option<RatioSteps>>) -> AnyView {
    let as_table = RwSignal::new(false);
    let save = move |_| {
        spec.with_untracked(|s| {
            if let Some(s) = s {
                let height = ratio_steps_height(s.rows.len());
                let layout = ratio_steps_layout(s, 860.0, height, &Estimate);
                canvas::save_scene_svg(&s.id, &ratio_steps_scene(s, &layout, &Estimate));
            }
        });
    };
    view! {
        <section class="sect">
            <h2>"Why the two rates agree or disagree"</h2>
            <p>
                "Token ratio = request ratio × output-length ratio. Each row starts at “equal”, moves by the request ratio, then by the output-length ratio, and ends at the token ratio."
            </p>
            <figure class="fig">
                <div class="fig-head">
                    <div>
                        <h2>{move || spec.with(|s| s.as_ref().map(|s| s.title.clone()))}</h2>
                        <p>{move || spec.with(|s| s.as_ref().map(|s| s.subtitle.clone()))}</p>
                    </div>
                    <div class="fig-tools">
                        <button
                            class="btn btn-quiet btn-icon"
                            class:on=move || as_table.get()
                            aria-pressed=move || as_table.get().to_string()
                            aria-label="Show as table: ratio steps"
                            on:click=move |_| as_table.update(|t| *t = !*t)
                        >
                            {icon("table")}
                        </button>
                        <button class="btn btn-quiet btn-icon" aria-label="Save as SVG: ratio steps" on:click=save>
                            {icon("down")}
                        </button>
                    </div>
                </div>
                {move || if as_table.get() { spec.with(|s| s.as_ref().map(twin)) } else { Some(plot(app, spec)) }}
            </figure>
        </section>
    }
    .into_any()
}

fn plot(app: App, spec: Memo<Option<RatioSteps>>) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let element: NodeRef<Canvas> = NodeRef::new();
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(b) = boxed.get() {
            canvas::on_width(&b, move |w| width.set(w));
        }
    });
    let height = move || spec.with(|s| ratio_steps_height(s.as_ref().map_or(1, |s| s.rows.len())));
    Effect::new(move |_| {
        app.theme.track();
        let w = width.get();
        let Some(e) = element.get().filter(|_| w > 40.0) else {
            return;
        };
        spec.with(|s| {
            if let Some(s) = s {
                canvas::draw_scene(&e, |m| {
                    let layout = ratio_steps_layout(s, w, height(), m);
                    ratio_steps_scene(s, &layout, m)
                });
            }
        });
    });
    view! {
        <div
            class="plot"
            node_ref=boxed
            role="img"
            aria-label=move || spec.with(|s| s.as_ref().map(|s| s.summary.clone()))
            style:height=move || format!("{}px", height())
        >
            <canvas node_ref=element></canvas>
        </div>
    }
    .into_any()
}

fn twin(s: &RatioSteps) -> AnyView {
    let mut columns = vec![Column {
        head: s.load_title.clone(),
        ..Column::default()
    }];
    columns.extend(s.heads.iter().map(|h| Column {
        head: h.clone(),
        ..Column::default()
    }));
    let rows = s
        .rows
        .iter()
        .map(|r| {
            vec![
                Cell::new(r.label.clone()),
                Cell::new(fmt::ratio(r.token)),
                Cell::new(fmt::ratio(r.requests)),
                Cell::new(fmt::ratio(r.length)),
            ]
        })
        .collect();
    let t = Table {
        caption: s.title.clone(),
        columns,
        rows,
    };
    view! { <p class="fig-sum">{s.summary.clone()}</p> {table(&t)} }.into_any()
}
