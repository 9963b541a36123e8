//! A chart panel: title, canvas, legend with read-out, pin, zoom, table twin, saving.

use super::Table;
use super::run_key;
use super::scenes::{fig_tools, follow_width};
use crate::platform::canvas::{self, Plot};
use crate::platform::page;
use crate::state::App;
use crate::ui::rest;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use servelens_core::chart::zoom::{between, zoom};
use servelens_core::chart::{Across, ChartSpec, Layout, MarkRef, Step};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a chart panel shows.
#[derive(Clone)]
pub struct Figure {
    /// The chart.
    pub spec: Memo<ChartSpec>,
    /// The same figures as a table.
    pub table: Memo<Arc<Table>>,
    /// Height of the chart, CSS pixels.
    pub height: f64,
    /// Called with a limit's id and its new value while its line is dragged.
    pub on_limit: Option<Callback<(String, f64)>>,
    /// A line under the chart: a badge and a reason.
    pub caption: Option<ViewFnOnce>,
}

/// A caption, made once.
pub type ViewFnOnce = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// The part of an axis that is shown; none for all of it.
type Window = Option<(f64, f64)>;

/// A chart panel and what the person did to it.
#[derive(Clone, Copy)]
pub struct State {
    pub(super) app: App,
    pub(super) base: Memo<ChartSpec>,
    table: Memo<Arc<Table>>,
    zoom: RwSignal<(Window, Window)>,
    pub(super) hidden: RwSignal<BTreeSet<String>>,
    hover: RwSignal<Option<MarkRef>>,
    pub(super) focus: RwSignal<Option<MarkRef>>,
    pub(super) pinned: RwSignal<Option<MarkRef>>,
    brush: RwSignal<Option<(f64, f64)>>,
    as_table: RwSignal<bool>,
    width: RwSignal<f64>,
    height: f64,
    layout: StoredValue<Option<Layout>>,
    drag: StoredValue<Drag>,
    on_limit: Option<Callback<(String, f64)>>,
}

#[derive(Clone, Default, PartialEq)]
enum Drag {
    #[default]
    None,
    Limit(String),
    Range(f64),
}

impl State {
    /// The chart with what the person did to it.
    fn spec(&self) -> ChartSpec {
        let mut spec = self.base.get();
        let hidden = self.hidden.get();
        for s in &mut spec.series {
            s.hidden = hidden.contains(&s.id);
        }
        let (x, y) = self.zoom.get();
        spec.x.view = x;
        spec.y.view = y;
        spec.pinned = self.pinned.get();
        spec.focus = self.focus.get().or_else(|| self.hover.get());
        spec.brush = self.brush.get();
        spec
    }
    /// The mark that is read out.
    pub(super) fn shown(&self) -> Option<MarkRef> {
        self.pinned
            .get()
            .or_else(|| self.focus.get())
            .or_else(|| self.hover.get())
    }
    fn with_layout<T>(&self, f: impl FnOnce(&Layout) -> Option<T>) -> Option<T> {
        self.layout.with_value(|l| f(l.as_ref()?))
    }
}

/// Draws a chart panel.
pub fn figure(app: App, f: Figure) -> AnyView {
    let s = State {
        app,
        base: f.spec,
        table: f.table,
        zoom: RwSignal::new((None, None)),
        hidden: RwSignal::new(BTreeSet::new()),
        hover: RwSignal::new(None),
        focus: RwSignal::new(None),
        pinned: RwSignal::new(None),
        brush: RwSignal::new(None),
        as_table: RwSignal::new(false),
        width: RwSignal::new(0.0),
        height: f.height,
        layout: StoredValue::new(None),
        drag: StoredValue::new(Drag::None),
        on_limit: f.on_limit,
    };
    // Marks are told by their place: new data makes old places meaningless.
    Effect::new(move |_| {
        s.base.track();
        s.hover.set(None);
        s.focus.set(None);
        s.pinned.set(None);
    });
    let title = move || s.base.with(|b| b.title.clone());
    let caption = f.caption.map(|c| c());
    view! {
        <figure class="fig">
            <div class="fig-head">
                <div>
                    <h2>{title}</h2>
                    <p>{move || s.base.with(|b| b.subtitle.clone())}</p>
                </div>
                {tools(s)}
            </div>
            {move || if s.as_table.get() { as_table(s) } else { plot(s) }}
            {move || (!s.as_table.get()).then(|| view! { {legend(s)} {read(s)} })}
            {caption}
        </figure>
    }
    .into_any()
}

fn tools(s: State) -> AnyView {
    let save = Callback::new(move |kind: &'static str| {
        rest::with(s.app, move |r| {
            let (spec, table) = untrack(|| (s.spec(), s.table.get()));
            (r.save_chart)(kind, &spec, &table, s.width.get_untracked(), s.height);
        });
    });
    let title = Signal::derive(move || s.base.with(|b| b.title.clone()));
    fig_tools(title, s.as_table, save)
}

fn as_table(s: State) -> AnyView {
    view! {
        <p class="fig-sum">{move || s.base.with(|b| b.summary.clone())}</p>
        {move || rest::get(s.app).map(|r| (r.table)(&s.table.get()))}
    }
    .into_any()
}

fn plot(s: State) -> AnyView {
    let boxed: NodeRef<Div> = NodeRef::new();
    let canvas_ref: NodeRef<Canvas> = NodeRef::new();
    let plot = StoredValue::new_local(Plot::default());
    follow_width(boxed, s.width, plot);
    Effect::new(move |_| {
        let w = s.width.get();
        let Some(element) = canvas_ref.get() else {
            return;
        };
        let spec = s.spec();
        s.app.theme.track();
        if w < 40.0 {
            return;
        }
        plot.with_value(|p| {
            p.draw_soon(element, spec, w, s.height, move |layout| {
                s.layout.try_update_value(|l| *l = Some(layout));
            });
        });
    });
    view! {
        <div
            class="plot"
            node_ref=boxed
            tabindex="0"
            role="img"
            aria-label=move || s.base.with(|b| format!("{} {}", b.summary, "Arrow keys walk the marks."))
            style:height=format!("{}px", s.height)
            on:keydown=move |e| keys(s, &e)
            on:blur=move |_| s.focus.set(None)
        >
            <canvas
                node_ref=canvas_ref
                on:pointermove=move |e| pointer_move(s, &e)
                on:pointerdown=move |e| pointer_down(s, &e)
                on:pointerup=move |e| pointer_up(s, &e)
                on:pointerleave=move |_| s.hover.set(None)
                on:dblclick=move |_| s.zoom.set((None, None))
                on:wheel=move |e| wheel(s, &e)
            ></canvas>
            {move || (s.zoom.get() != (None, None)).then(|| view! {
                <button class="btn btn-s zoomed" on:click=move |_| s.zoom.set((None, None))>"Show all"</button>
            })}
        </div>
    }
    .into_any()
}

fn pointer_move(s: State, e: &leptos::ev::PointerEvent) {
    let (x, y) = (f64::from(e.offset_x()), f64::from(e.offset_y()));
    match s.drag.get_value() {
        Drag::Limit(id) => {
            if let (Some(v), Some(call)) = (
                s.with_layout(|l| Some(l.limit_value(Across::Y, x, y))),
                s.on_limit,
            ) {
                call.run((id, v));
            }
        }
        Drag::Range(from) => {
            s.brush.set(s.with_layout(|l| {
                if (x - from).abs() < 4.0 {
                    return None;
                }
                between(l.x.scale(), l.x_full, l.x.value(from), l.x.value(x))
            }));
        }
        Drag::None => {
            let hit = s.with_layout(|l| l.hit(x, y));
            if hit != s.hover.get_untracked() {
                s.hover.set(hit);
            }
        }
    }
}

fn pointer_down(s: State, e: &leptos::ev::PointerEvent) {
    if e.button() != 0 {
        return;
    }
    let (x, y) = (f64::from(e.offset_x()), f64::from(e.offset_y()));
    let limit = s.on_limit.and_then(|_| {
        s.base.with_untracked(|b| {
            let near = s.with_layout(|l| l.limit_at(b, x, y))?;
            b.limits.get(near).map(|l| l.id.clone())
        })
    });
    s.drag.set_value(match limit {
        Some(id) => Drag::Limit(id),
        None if s.with_layout(|l| l.hit(x, y)).is_some() || e.pointer_type() == "touch" => {
            Drag::None
        }
        None => Drag::Range(x),
    });
    canvas::capture(e);
}

fn pointer_up(s: State, e: &leptos::ev::PointerEvent) {
    let (x, y) = (f64::from(e.offset_x()), f64::from(e.offset_y()));
    let drag = s.drag.get_value();
    s.drag.set_value(Drag::None);
    if let Some(range) = s.brush.get_untracked() {
        s.brush.set(None);
        s.zoom.update(|z| z.0 = Some(range));
        return;
    }
    if matches!(drag, Drag::Limit(_)) {
        return;
    }
    let hit = s.with_layout(|l| l.hit(x, y));
    s.pinned.update(|p| *p = if *p == hit { None } else { hit });
}

/// The wheel zooms a chart that has the focus, or with Ctrl held; else the page scrolls.
fn wheel(s: State, e: &leptos::ev::WheelEvent) {
    if !(e.ctrl_key() || page::focus_is_around(e)) {
        return;
    }
    e.prevent_default();
    let factor = if e.delta_y() < 0.0 { 0.8 } else { 1.25 };
    zoom_by(s, f64::from(e.offset_x()), factor);
}

fn zoom_by(s: State, px: f64, factor: f64) {
    let view = s.zoom.get_untracked().0;
    let next = s.with_layout(|l| Some(zoom(l.x.scale(), l.x_full, view, factor, l.x.value(px))));
    if let Some(next) = next {
        s.zoom.update(|z| z.0 = next);
    }
}

fn keys(s: State, e: &leptos::ev::KeyboardEvent) {
    let now = s.focus.get_untracked();
    let go = |step| {
        if let Some(next) = s.with_layout(|l| l.neighbour(now, step)) {
            s.focus.set(Some(next));
        }
    };
    let middle = s.with_layout(|l| Some((l.plot.left + l.plot.right) / 2.0));
    match e.key().as_str() {
        "ArrowRight" => go(Step::Right),
        "ArrowLeft" => go(Step::Left),
        "ArrowDown" => go(Step::Down),
        "ArrowUp" => go(Step::Up),
        "Enter" | " " => s.pinned.set(now),
        "Escape" => {
            s.pinned.set(None);
            s.focus.set(None);
        }
        "+" | "=" => zoom_by(s, middle.unwrap_or(0.0), 0.8),
        "-" => zoom_by(s, middle.unwrap_or(0.0), 1.25),
        "0" => s.zoom.set((None, None)),
        _ => return,
    }
    e.prevent_default();
}

/// What is read at the mark that is pointed at, walked to or pinned: outside the plot, in room of its own.
fn read(s: State) -> AnyView {
    let read = move || {
        s.shown()
            .and_then(|mark| Some((rest::get(s.app)?.read_out)(s, mark)))
    };
    let pinned = move || {
        s.pinned
            .get()
            .and_then(|mark| (rest::get(s.app)?.pinned)(s, mark))
    };
    view! { <div class="read" aria-live="polite" data-testid="read">{read}</div> {pinned} }
        .into_any()
}

/// Click hides a run, a double-click shows it alone; the axes refit.
fn legend(s: State) -> Option<AnyView> {
    let entries: Vec<(String, String, servelens_core::chart::Slot)> = s.base.with(|b| {
        b.series
            .iter()
            .filter(|e| !e.behind)
            .map(|e| (e.id.clone(), e.label.clone(), e.slot))
            .collect()
    });
    if entries.len() < 2 {
        return None;
    }
    let ids: Vec<String> = entries.iter().map(|(id, _, _)| id.clone()).collect();
    let buttons: Vec<AnyView> = entries
        .into_iter()
        .map(|(id, label, slot)| {
            let ids = ids.clone();
            let (id2, id3) = (id.clone(), id.clone());
            view! {
                <button
                    type="button"
                    aria-pressed=move || (!s.hidden.with(|h| h.contains(&id))).to_string()
                    title="Click: show or hide. Double-click: show alone."
                    on:click=move |_| s.hidden.update(|h| {
                        if !h.remove(&id2) {
                            h.insert(id2.clone());
                        }
                    })
                    on:dblclick=move |_| s.hidden.update(|h| {
                        let alone = ids.iter().all(|i| *i == id3 || h.contains(i));
                        h.clear();
                        if !alone {
                            h.extend(ids.iter().filter(|i| **i != id3).cloned());
                        }
                    })
                >
                    {run_key(slot)} {label}
                </button>
            }
            .into_any()
        })
        .collect();
    Some(
        view! { <div class="legend" role="group" aria-label="Runs in this chart">{buttons}</div> }
            .into_any(),
    )
}
