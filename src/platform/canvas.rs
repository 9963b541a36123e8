//! Drawing charts: once an animation frame, crisp at any pixel ratio, in the colours of the theme.

use gloo::render::{AnimationFrame, request_animation_frame};
use servelens_charts::{CanvasMeasure, Theme, draw_canvas, draw_canvas_over, draw_canvas_scene};
use servelens_core::chart::{ChartSpec, Estimate, Layout, Measure, Scene};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, HtmlElement, PointerEvent, ResizeObserver};

/// The theme that the page shows now.
pub fn theme() -> Theme {
    if super::page::media("(forced-colors: active)") {
        let dark = super::page::media("(prefers-color-scheme: dark)");
        let (text, ground) = if dark {
            ([255; 3], [0; 3])
        } else {
            ([0; 3], [255; 3])
        };
        return Theme::contrast(text, ground);
    }
    if super::page::is_dark() {
        Theme::DARK
    } else {
        Theme::LIGHT
    }
}

fn pixel_ratio() -> f64 {
    web_sys::window().map_or(1.0, |w| w.device_pixel_ratio())
}

/// One chart's drawing; the latest request of a frame wins.
#[derive(Default)]
pub struct Plot {
    frame: Rc<RefCell<Option<AnimationFrame>>>,
    width: RefCell<Option<Width>>,
}

impl Plot {
    /// Calls back with the width of the drawing's box now and whenever it changes, CSS pixels, until the drawing is dropped.
    pub fn follow_width(&self, element: &HtmlElement, callback: impl Fn(f64) + 'static) {
        let target = element.clone();
        let observe = Closure::<dyn FnMut()>::new(move || {
            callback(f64::from(target.client_width()));
        });
        if let Ok(observer) = ResizeObserver::new(observe.as_ref().unchecked_ref()) {
            observer.observe(element);
            self.width.replace(Some(Width {
                observer,
                _observe: observe,
            }));
        }
    }

    /// Draws at the next animation frame and hands back where everything landed.
    pub fn draw_soon(
        &self,
        element: HtmlCanvasElement,
        spec: ChartSpec,
        width: f64,
        height: f64,
        done: impl FnOnce(Layout) + 'static,
    ) {
        let slot = self.frame.clone();
        let frame = request_animation_frame(move |_| {
            slot.borrow_mut().take();
            if let Ok(layout) = draw_canvas(element, &spec, width, height, pixel_ratio(), &theme())
            {
                done(layout);
            }
        });
        // Replacing the frame cancels the one before.
        self.frame.borrow_mut().replace(frame);
    }

    /// Draws shapes at the next animation frame; `over` leaves what lies below in sight.
    pub fn scene_soon(&self, element: HtmlCanvasElement, scene: Scene, over: bool) {
        let slot = self.frame.clone();
        let frame = request_animation_frame(move |_| {
            slot.borrow_mut().take();
            let draw = if over {
                draw_canvas_over
            } else {
                draw_canvas_scene
            };
            // A browser that refuses a context has nowhere to draw; the table twin still holds the figures.
            drop(draw(element, &scene, pixel_ratio(), &theme()));
        });
        self.frame.borrow_mut().replace(frame);
    }
}

/// The browser's text widths on a canvas; `None` when it gives no context.
pub fn measure(element: &HtmlCanvasElement) -> Option<CanvasMeasure> {
    CanvasMeasure::on(element).ok()
}

/// The width of the first canvas that matches, CSS pixels, with its text widths.
pub fn sized(selector: &str) -> Option<(f64, CanvasMeasure)> {
    let document = web_sys::window()?.document()?;
    let found = document.query_selector(selector).ok()??;
    let element: HtmlCanvasElement = found.dyn_into().ok()?;
    Some((f64::from(element.client_width()), measure(&element)?))
}

/// Draws shapes at once; `make` gets the browser's text widths.
pub fn draw_scene(element: &HtmlCanvasElement, make: impl FnOnce(&dyn Measure) -> Scene) {
    if let Ok(measure) = CanvasMeasure::on(element) {
        // A browser that refuses a context has nowhere to draw; the table twin still holds the figures.
        drop(draw_canvas_scene(
            element.clone(),
            &make(&measure),
            pixel_ratio(),
            &theme(),
        ));
    }
}

/// Saves shapes as SVG, or as PNG at twice the size.
pub fn save_scene(name: &str, png: bool, make: impl FnOnce(&dyn Measure) -> Scene) {
    if !png {
        let text = servelens_charts::svg_scene(&make(&Estimate), &theme());
        super::page::save(&format!("{name}.svg"), "image/svg+xml", text.as_bytes());
    } else if let Some(element) = new_canvas()
        && let Ok(measure) = CanvasMeasure::on(&element)
        && draw_canvas_scene(element.clone(), &make(&measure), 2.0, &theme()).is_ok()
    {
        save_pixels(&element, format!("{name}.png"));
    }
}

/// Saves a chart as SVG.
pub fn save_svg(spec: &ChartSpec, width: f64, height: f64) {
    let text = servelens_charts::svg(spec, width.max(560.0), height, &theme());
    super::page::save(
        &format!("{}.svg", spec.id),
        "image/svg+xml",
        text.as_bytes(),
    );
}

/// Saves a chart as PNG at twice the size shown.
pub fn save_png(spec: &ChartSpec, width: f64, height: f64) {
    let Some(element) = new_canvas() else {
        return;
    };
    let (width, name) = (width.max(560.0), format!("{}.png", spec.id));
    if draw_canvas(element.clone(), spec, width, height, 2.0, &theme()).is_ok() {
        save_pixels(&element, name);
    }
}

fn new_canvas() -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    document.create_element("canvas").ok()?.dyn_into().ok()
}

fn save_pixels(element: &HtmlCanvasElement, name: String) {
    let save = Closure::once_into_js(move |blob: Option<web_sys::Blob>| {
        if let Some(blob) = blob {
            super::page::save_blob(&name, &blob);
        }
    });
    // The browser gives no blob for an empty canvas only.
    drop(element.to_blob(save.unchecked_ref()));
}

/// Follows an element's width until it is dropped. What holds an element from here keeps it, and all around it, from being freed.
struct Width {
    observer: ResizeObserver,
    _observe: Closure<dyn FnMut()>,
}

impl Drop for Width {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Keeps a pointer's moves with the element it went down on.
pub fn capture(event: &PointerEvent) {
    if let Some(element) = event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
    {
        // A pointer that has already gone up can't be kept, and need not be.
        drop(element.set_pointer_capture(event.pointer_id()));
    }
}
