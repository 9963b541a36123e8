//! The timeline: one mark a request, brushed by pointer and by keys, a request pinned by a click.

use super::state::State;
use super::tip::{tip, twin};
use crate::platform::canvas;
use crate::state::Shared;
use crate::ui::atoms::{Scenes, scenes};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use servelens_core::chart::timeline::{
    Over, Timeline, TimelineLayout, timeline_height, timeline_layout, timeline_over, timeline_scene,
};
use servelens_core::figures;
use servelens_core::fmt;
use std::sync::Arc;

/// An edge of the brush is caught within this many pixels.
const EDGE: f64 = 7.0;

#[derive(Clone, Copy, Default, PartialEq)]
enum Drag {
    #[default]
    None,
    /// From this pixel; no brush before it has moved.
    New(f64),
    /// The edge that stays, in seconds.
    Edge(f64),
}

/// The panel.
pub fn panel(s: State) -> AnyView {
    let spec = Memo::new(move |_| {
        Shared::new(s.app.limited.with(|ws| {
            s.pair
                .with(|p| figures::requests::timeline(ws, p, s.limits.get()))
        }))
    });
    let of = move |f: fn(&Timeline) -> &String| Signal::derive(move || spec.with(|t| f(t).clone()));
    scenes(
        s.app,
        Scenes {
            id: of(|t| &t.id),
            title: of(|t| &t.title),
            subtitle: of(|t| &t.subtitle),
            summary: of(|t| &t.summary),
            table: Arc::new(move || twin(s)),
            height: Signal::derive(move || spec.with(|t| timeline_height(t.panels.len()))),
            base: Arc::new(move |width, measure| {
                spec.with(|t| timeline_scene(t, &timeline_layout(t, width, measure), measure))
            }),
            over: Arc::new(move |width, measure| {
                let over = Over {
                    brush: s.brush.get().map(|b| (b, words(s, b))),
                    pinned: s.pinned.get(),
                    focus: s.focus.get(),
                };
                spec.with(|t| timeline_over(t, &timeline_layout(t, width, measure), &over, measure))
            }),
            inside: Arc::new(move |canvases| inside(s, spec, canvases)),
        },
    )
}

/// What the brush holds, in words.
fn words(s: State, (a, b): (f64, f64)) -> String {
    let n: usize = s.rows.with(|r| r.iter().map(ExactSizeIterator::len).sum());
    let digits = if b - a < 0.1 {
        3
    } else {
        usize::from(b - a < 20.0)
    };
    format!(
        "{}\u{a0}s: {}",
        fmt::range(&fmt::number(a, digits), &fmt::number(b, digits)),
        match n {
            1 => "1 request".to_owned(),
            n => format!("{} requests", fmt::number(n as f64, 0)),
        }
    )
}

fn inside(s: State, spec: Memo<Shared<Timeline>>, canvases: AnyView) -> AnyView {
    let drag = StoredValue::new(Drag::None);
    view! {
        <div
            class="plot-keys"
            tabindex="0"
            role="application"
            aria-roledescription="chart"
            aria-label=move || spec.with(|t| format!("{} Arrow keys walk the requests, Enter pins one, Escape clears.", t.summary))
            data-testid="timeline"
            on:keydown=move |e| keys(s, spec, &e)
            on:blur=move |_| s.focus.set(None)
            on:pointerdown=move |e| down(s, spec, drag, &e)
            on:pointermove=move |e| moved(s, spec, drag, &e)
            on:pointerup=move |e| up(s, spec, drag, &e)
            on:pointerleave=move |_| if drag.get_value() == Drag::None { s.focus.set(None) }
        >
            {canvases}
        </div>
        {handle(s, spec, false)}
        {handle(s, spec, true)}
        {move || s.pinned.get().or_else(|| s.focus.get()).and_then(|at| tip(s, spec, at))}
    }
    .into_any()
}

/// Where everything lands at the width shown.
pub fn place(spec: Memo<Shared<Timeline>>) -> Option<TimelineLayout> {
    let (width, measure) = canvas::sized("[data-testid=timeline] canvas")?;
    Some(spec.with_untracked(|t| timeline_layout(t, width, &measure)))
}

fn down(s: State, spec: Memo<Shared<Timeline>>, drag: StoredValue<Drag>, e: &PointerEvent) {
    let Some(l) = place(spec).filter(|_| e.button() == 0) else {
        return;
    };
    let x = f64::from(e.offset_x());
    let edge = s.brush.get_untracked().and_then(|(a, b)| {
        let near = |v| l.x.px(v).is_some_and(|p| (p - x).abs() <= EDGE);
        // The other edge stays.
        near(b).then_some(a).or_else(|| near(a).then_some(b))
    });
    drag.set_value(edge.map_or(Drag::New(x), Drag::Edge));
    canvas::capture(e);
}

fn moved(s: State, spec: Memo<Shared<Timeline>>, drag: StoredValue<Drag>, e: &PointerEvent) {
    let Some(l) = place(spec) else { return };
    let (x, y) = (f64::from(e.offset_x()), f64::from(e.offset_y()));
    let at = l.x.value(x).clamp(l.x.lo(), l.x.hi());
    let fixed = match drag.get_value() {
        Drag::None => {
            let hit = spec.with_untracked(|t| l.hit(t, x, y));
            if hit != s.focus.get_untracked() {
                s.focus.set(hit);
            }
            return;
        }
        Drag::New(from) if (x - from).abs() < 4.0 => return,
        Drag::New(from) => l.x.value(from).clamp(l.x.lo(), l.x.hi()),
        Drag::Edge(fixed) => fixed,
    };
    drag.set_value(Drag::Edge(fixed));
    s.focus.set(None);
    s.brush.set(Some((fixed.min(at), fixed.max(at))));
}

fn up(s: State, spec: Memo<Shared<Timeline>>, drag: StoredValue<Drag>, e: &PointerEvent) {
    let was = drag.get_value();
    drag.set_value(Drag::None);
    if let Drag::New(_) = was
        && let Some(l) = place(spec)
    {
        let (x, y) = (f64::from(e.offset_x()), f64::from(e.offset_y()));
        let hit = spec.with_untracked(|t| l.hit(t, x, y));
        s.pinned.update(|p| *p = if *p == hit { None } else { hit });
    }
    s.settle();
}

fn keys(s: State, spec: Memo<Shared<Timeline>>, e: &KeyboardEvent) {
    let far = if e.shift_key() { 10 } else { 1 };
    let (dx, dy) = match e.key().as_str() {
        "ArrowRight" => (far, 0),
        "ArrowLeft" => (-far, 0),
        "ArrowDown" => (0, 1),
        "ArrowUp" => (0, -1),
        "Home" => (i64::MIN / 2, 0),
        "End" => (i64::MAX / 2, 0),
        "Enter" | " " => {
            let now = s.focus.get_untracked();
            s.pinned.update(|p| *p = if *p == now { None } else { now });
            e.prevent_default();
            return;
        }
        _ => return,
    };
    e.prevent_default();
    let now = s.focus.get_untracked().or_else(|| s.pinned.get_untracked());
    if let Some(l) = place(spec)
        && let Some(to) = spec.with_untracked(|t| l.step(t, now, dx, dy))
    {
        s.focus.set(Some(to));
    }
}

/// An edge of the brush as a slider: it stands at the end of the axis while nothing is brushed.
fn handle(s: State, spec: Memo<Shared<Timeline>>, upper: bool) -> AnyView {
    let value = move || {
        let brush = s.brush.get();
        spec.with(|t| {
            let ends = (t.x.include.first().copied(), t.x.include.last().copied());
            let whole = (ends.0.unwrap_or(0.0), ends.1.unwrap_or(0.0));
            let (a, b) = brush.unwrap_or(whole);
            (if upper { b } else { a }, whole)
        })
    };
    // Where it stands is asked for when it is looked for: a pointer that drags must not wait for it.
    let looked = RwSignal::new(0_u32);
    let step = move |e: KeyboardEvent| {
        let (_, whole) = untrack(value);
        let (a, b) = s.brush.get_untracked().unwrap_or(whole);
        let one = (whole.1 - whole.0) / if e.shift_key() { 20.0 } else { 200.0 };
        let now = if upper { b } else { a };
        let to = match e.key().as_str() {
            "ArrowRight" | "ArrowUp" => now + one,
            "ArrowLeft" | "ArrowDown" => now - one,
            "Home" => whole.0,
            "End" => whole.1,
            _ => return,
        };
        e.prevent_default();
        e.stop_propagation();
        let to = to.clamp(whole.0, whole.1);
        let (a, b) = if upper {
            (a.min(to - one), to)
        } else {
            (to, b.max(to + one))
        };
        s.brush.set(Some((a.max(whole.0), b.min(whole.1))));
        s.settle();
        looked.update(|n| *n += 1);
    };
    let name = if upper {
        "Selection up to, seconds"
    } else {
        "Selection from, seconds"
    };
    let number = move |v: f64| format!("{v:.3}");
    let left = move || {
        looked.track();
        let (v, _) = untrack(value);
        place(spec).and_then(|l| l.x.px(v)).unwrap_or(0.0)
    };
    let top = move || {
        looked.track();
        place(spec).map_or(0.0, |l| l.grips().0)
    };
    view! {
        <span
            class="grip-key"
            role="slider"
            tabindex="0"
            aria-label=name
            aria-valuemin=move || number(value().1.0)
            aria-valuemax=move || number(value().1.1)
            aria-valuenow=move || number(value().0)
            data-testid=if upper { "brush-to" } else { "brush-from" }
            style:left=move || format!("{}px", left())
            style:top=move || format!("{}px", top())
            on:focus=move |_| looked.update(|n| *n += 1)
            on:keydown=step
        ></span>
    }
    .into_any()
}
