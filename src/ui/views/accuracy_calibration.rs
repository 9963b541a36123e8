//! Calibration in Accuracy: each load judged by a fit to the others, and what to do with the factors.

use super::accuracy_tables as tables;
use crate::platform::page;
use crate::state::App;
use crate::ui::atoms::{Drawn, Table, drawn, icon, table};
use leptos::prelude::*;
use servelens_core::chart::forest::{Forest, forest_layout, forest_scene};
use servelens_core::figures::accuracy as charts;
use servelens_core::findings::{self, Calibration};
use servelens_core::report;
use std::sync::Arc;

/// A forest chart as a panel; nothing to draw gives an empty one, which is not shown.
pub fn panel(spec: Option<Forest>, twin: Table, caption: String) -> Arc<Drawn> {
    let spec = spec.unwrap_or_default();
    Arc::new(Drawn {
        id: spec.id.clone(),
        title: spec.title.clone(),
        subtitle: spec.subtitle.clone(),
        summary: spec.summary.clone(),
        table: twin,
        caption,
        draw: Arc::new(move |width, measure| {
            let layout = forest_layout(&spec, width, measure);
            forest_scene(&spec, &layout, measure)
        }),
    })
}

fn with<T>(app: App, f: impl FnOnce(&Calibration, f64) -> T) -> Option<T> {
    app.analysis.with(|a| {
        let c = a.accuracy.as_ref()?.calibration.as_ref().ok()?;
        Some(f(c, a.thresholds.equivalence))
    })
}

/// The section.
pub fn section_calibration(app: App, fitted: bool) -> AnyView {
    if !fitted {
        let why = move || {
            app.analysis
                .with(|a| a.accuracy.as_ref()?.calibration.as_ref().err().cloned())
        };
        return view! {
            <section class="sect" data-testid="calibration">
                <h2>"Calibration isn’t possible yet"</h2>
                <p>{why}</p>
            </section>
        }
        .into_any();
    }
    let chart = Memo::new(move |_| {
        with(app, |c, equivalence| {
            panel(
                Some(charts::calibration(c, equivalence)),
                tables::loads(c),
                findings::both_ways(c, equivalence).unwrap_or_default(),
            )
        })
        .unwrap_or_else(|| panel(None, Table::default(), String::new()))
    });
    let side = move || {
        with(app, |c, _| {
            let file = report::factors_json(c);
            view! {
                {table(&tables::factors(c))}
                <div>
                    <p class="h4">{c.title.clone()}</p>
                    <p class="prose">{c.reason.clone()}</p>
                    <div class="actions">
                        <button
                            class="btn"
                            on:click=move |_| {
                                page::save("calibration.json", "application/json", file.as_bytes());
                            }
                        >
                            {icon("down")} "Export factors"
                        </button>
                    </div>
                </div>
            }
        })
    };
    let about = move || {
        let run = app.analysis.with(|a| a.candidate)?;
        let label = app.limited.with(|w| Some(w.runs.get(run)?.label.clone()))?;
        with(app, |c, _| findings::fitted(c, &label))
    };
    view! {
        <section class="sect" data-testid="calibration">
            <h2>"Calibration"</h2>
            <p>{about}</p>
            <div class="cols-acc">{drawn(app, chart)} <div class="stack tight">{side}</div></div>
        </section>
    }
    .into_any()
}
