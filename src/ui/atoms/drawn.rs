//! A chart that is made of shapes instead of series: with its summary, table twin and export.

use super::scenes::{fig_tools, follow_width};
use super::{Table, table};
use crate::platform::canvas::Plot;
use crate::platform::{canvas, page};
use crate::state::App;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::{Estimate, Measure, Scene};
use std::sync::Arc;

/// Lays the shapes out for a width.
pub type Draw = Arc<dyn Fn(f64, &dyn Measure) -> Scene + Send + Sync>;

/// What such a chart shows.
pub struct Drawn {
    /// Stable key, used in file names.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// The shapes.
    pub draw: Draw,
    /// The same figures as a table.
    pub table: Table,
    /// A line under the chart; empty for none.
    pub caption: String,
}

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        self.title == other.title
            && self.subtitle == other.subtitle
            && self.summary == other.summary
            && self.caption == other.caption
            && self.table == other.table
    }
}

/// Narrowest drawing that is saved.
const SAVED: f64 = 860.0;

/// Draws the panel.
pub fn drawn(app: App, chart: Memo<Arc<Drawn>>) -> AnyView {
    let as_table = RwSignal::new(false);
    let title = Signal::derive(move || chart.with(|c| c.title.clone()));
    let save = Callback::new(move |kind: &'static str| {
        let c = chart.get_untracked();
        match kind {
            "csv" => page::save(
                &format!("{}.csv", c.id),
                "text/csv",
                c.table.csv().as_bytes(),
            ),
            _ => canvas::save_scene(&c.id, kind == "png", |m| (c.draw)(SAVED, m)),
        }
    });
    let body = move || {
        if as_table.get() {
            chart.with(|c| {
                view! { <p class="fig-sum">{c.summary.clone()}</p> {table(&c.table)} }.into_any()
            })
        } else {
            plot(app, chart)
        }
    };
    let caption = move || {
        chart.with(|c| {
            (!c.caption.is_empty())
                .then(|| view! { <figcaption><span>{c.caption.clone()}</span></figcaption> })
        })
    };
    view! {
        <figure class="fig" data-testid=move || chart.with(|c| c.id.clone())>
            <div class="fig-head">
                <div>
                    <h2>{move || chart.with(|c| c.title.clone())}</h2>
                    <p>{move || chart.with(|c| c.subtitle.clone())}</p>
                </div>
                {fig_tools(title, as_table, save)}
            </div>
            {body} {caption}
        </figure>
    }
    .into_any()
}

fn plot(app: App, chart: Memo<Arc<Drawn>>) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let element: NodeRef<Canvas> = NodeRef::new();
    let width = RwSignal::new(0.0);
    // Near enough until the box has its width.
    let height = RwSignal::new(chart.with_untracked(|c| (c.draw)(SAVED, &Estimate).height));
    follow_width(boxed, width, StoredValue::new_local(Plot::default()));
    Effect::new(move |_| {
        app.theme.track();
        let w = width.get();
        let Some(e) = element.get().filter(|_| w > 40.0) else {
            return;
        };
        let c = chart.get();
        canvas::draw_scene(&e, |m| {
            let scene = (c.draw)(w, m);
            height.set(scene.height);
            scene
        });
    });
    view! {
        <div
            class="plot"
            node_ref=boxed
            role="img"
            aria-label=move || chart.with(|c| c.summary.clone())
            style:height=move || format!("{}px", height.get())
        >
            <canvas node_ref=element></canvas>
        </div>
    }
    .into_any()
}
