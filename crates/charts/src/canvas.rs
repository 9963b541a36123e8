//! A page's canvas as a plotters backend: plotters-canvas for the shapes, our own hand for type and sharpness.
//!
//! plotters-canvas knows no pixel ratio, no weight but bold and no halo, and measures text by adding an element to the
//! page for every label. This wrapper draws in quarters of a backing pixel, keeps the backing store a whole multiple of
//! the device's pixels, and measures with `measureText`, once for every text.

use crate::draw::draw_scene;
use crate::surface::{Lettering, Surface};
use crate::theme::{FONT, Theme};
use plotters::drawing::DrawingAreaErrorKind;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};
use plotters_canvas::CanvasBackend;
use servelens_core::chart::layout::layout_with;
use servelens_core::chart::{Anchor, ChartSpec, Estimate, Layout, Measure, Scene, scene};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Backend units in one backing pixel: plotters takes whole numbers only.
const UNITS: i32 = 4;
/// An opaque line with more corners than this is stroked in stretches: a browser without a GPU takes far longer for one
/// long zigzag than for its parts.
const STRETCH: usize = 16;
/// More measured texts than this and the memory starts anew.
const REMEMBERED: usize = 4000;

/// Why a canvas could not be drawn on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanvasTrouble {
    /// The browser gave no two-dimensional context, as when too many canvases are open.
    NoContext,
    /// The browser refused an operation, with its own words.
    Refused(String),
}

impl fmt::Display for CanvasTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContext => f.write_str(
                "The browser gave no drawing context for this chart; its table shows the same figures.",
            ),
            Self::Refused(why) => write!(
                f,
                "The browser could not draw this chart ({why}); its table shows the same figures."
            ),
        }
    }
}

impl std::error::Error for CanvasTrouble {}

/// Draws a chart on a canvas of this size in CSS pixels and returns its layout, for pointing and zooming.
///
/// `dpr` is the window's device pixel ratio. The caller sizes the element by its style sheet.
///
/// # Errors
/// If the browser gives no context or refuses an operation.
pub fn draw_canvas(
    canvas: HtmlCanvasElement,
    spec: &ChartSpec,
    css_width: f64,
    css_height: f64,
    dpr: f64,
    theme: &Theme,
) -> Result<Layout, CanvasTrouble> {
    let measure = CanvasMeasure::on(&canvas)?;
    let layout = layout_with(spec, css_width, css_height, &measure);
    draw_canvas_scene(canvas, &scene(spec, &layout), dpr, theme)?;
    Ok(layout)
}

/// Draws shapes on a canvas.
///
/// # Errors
/// If the browser gives no context or refuses an operation.
pub fn draw_canvas_scene(
    canvas: HtmlCanvasElement,
    scene: &Scene,
    dpr: f64,
    theme: &Theme,
) -> Result<(), CanvasTrouble> {
    paint(canvas, scene, dpr, theme, true)
}

/// Draws shapes on a canvas that lies over another one and shows it between them.
///
/// # Errors
/// If the browser gives no context or refuses an operation.
pub fn draw_canvas_over(
    canvas: HtmlCanvasElement,
    scene: &Scene,
    dpr: f64,
    theme: &Theme,
) -> Result<(), CanvasTrouble> {
    paint(canvas, scene, dpr, theme, false)
}

fn paint(
    canvas: HtmlCanvasElement,
    scene: &Scene,
    dpr: f64,
    theme: &Theme,
    ground: bool,
) -> Result<(), CanvasTrouble> {
    // What lies over another canvas is drawn with every move of a pointer: without a GPU each pixel counts.
    let sharp = Sharpness::of(dpr, if ground { 2.0 } else { 1.0 });
    let width = (scene.width * sharp.backing).round().max(1.0) as u32;
    let height = (scene.height * sharp.backing).round().max(1.0) as u32;
    let context = context_of(&canvas)?;
    let refused = |e: JsValue| CanvasTrouble::Refused(words(&e));
    let (right, bottom) = (f64::from(width), f64::from(height));
    if (canvas.width(), canvas.height()) == (width, height) {
        // Setting the same size would clear it too, and take new memory for it.
        context
            .set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
            .map_err(refused)?;
        context.clear_rect(0.0, 0.0, right, bottom);
    } else {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    if ground {
        let [r, g, b] = theme.surface;
        context.set_fill_style_str(&format!("rgb({r},{g},{b})"));
        context.fill_rect(0.0, 0.0, right, bottom);
    }
    let unit = 1.0 / f64::from(UNITS);
    context
        .set_transform(unit, 0.0, 0.0, unit, 0.0, 0.0)
        .map_err(refused)?;
    context.set_line_join("round");
    context.set_text_baseline("alphabetic");
    let inner = CanvasBackend::with_canvas_object(canvas).ok_or(CanvasTrouble::NoContext)?;
    let surface = CanvasSurface {
        inner,
        context,
        size: (width * UNITS as u32, height * UNITS as u32),
        pixel: UNITS * sharp.multiple,
        font: String::new(),
    };
    draw_scene(surface, scene, theme, sharp.backing * f64::from(UNITS)).map_err(|e| {
        CanvasTrouble::Refused(match e {
            DrawingAreaErrorKind::BackendError(DrawingErrorKind::DrawingError(e)) => e.to_string(),
            DrawingAreaErrorKind::BackendError(DrawingErrorKind::FontError(e)) => e.to_string(),
            _ => "the drawing area is in use".to_owned(),
        })
    })
}

fn words(value: &JsValue) -> String {
    value.dyn_ref::<web_sys::js_sys::Error>().map_or_else(
        || "unknown reason".to_owned(),
        |e| String::from(e.message()),
    )
}

fn context_of(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, CanvasTrouble> {
    canvas
        .get_context("2d")
        .ok()
        .flatten()
        .and_then(|c| c.dyn_into().ok())
        .ok_or(CanvasTrouble::NoContext)
}

/// How many backing pixels a CSS pixel and a device pixel have.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sharpness {
    backing: f64,
    multiple: i32,
}

impl Sharpness {
    /// At least so many backing pixels for a CSS pixel, and a whole number of them for a device pixel: the browser then
    /// scales without blurring hairlines.
    fn of(dpr: f64, least: f64) -> Self {
        let dpr = if dpr.is_finite() {
            dpr.clamp(0.5, 5.0)
        } else {
            1.0
        };
        let multiple = (least / dpr - 1e-9).ceil().max(1.0);
        Self {
            backing: dpr * multiple,
            multiple: multiple as i32,
        }
    }
}

/// The browser's own text widths, each asked for once.
#[derive(Debug)]
pub struct CanvasMeasure {
    context: CanvasRenderingContext2d,
}

impl CanvasMeasure {
    /// Measures with a canvas' context.
    ///
    /// # Errors
    /// If the browser gives no context.
    pub fn on(canvas: &HtmlCanvasElement) -> Result<Self, CanvasTrouble> {
        Ok(Self {
            context: context_of(canvas)?,
        })
    }
}

type Widths = BTreeMap<(u32, bool), BTreeMap<String, f64>>;

thread_local! {
    static WIDTHS: RefCell<Widths> = const { RefCell::new(BTreeMap::new()) };
}

impl Measure for CanvasMeasure {
    fn width(&self, text: &str, size: f64, semi: bool) -> f64 {
        let key = ((size * 10.0).round().max(0.0) as u32, semi);
        let known =
            WIDTHS.with_borrow(|all| all.get(&key).and_then(|texts| texts.get(text)).copied());
        if let Some(width) = known {
            return width;
        }
        self.context.set_font(&font(size, semi));
        let width = match self.context.measure_text(text) {
            Ok(metrics) => metrics.width(),
            Err(_) => return Estimate.width(text, size, semi),
        };
        WIDTHS.with_borrow_mut(|all| {
            let texts = all.entry(key).or_default();
            if texts.len() >= REMEMBERED {
                texts.clear();
            }
            texts.insert(text.to_owned(), width);
        });
        width
    }
}

fn font(size: f64, semi: bool) -> String {
    let weight = if semi { 600 } else { 400 };
    format!("{weight} {size}px {FONT}")
}

struct CanvasSurface {
    inner: CanvasBackend,
    context: CanvasRenderingContext2d,
    size: (u32, u32),
    pixel: i32,
    font: String,
}

type CanvasError = <CanvasBackend as DrawingBackend>::ErrorType;
type Drawn = Result<(), DrawingErrorKind<CanvasError>>;

impl CanvasSurface {
    fn color(color: BackendColor) -> String {
        let (r, g, b) = color.rgb;
        format!("rgba({r},{g},{b},{})", color.alpha)
    }
}

impl Surface for CanvasSurface {
    fn device_pixel(&self) -> i32 {
        self.pixel
    }

    fn letter(&mut self, line: &Lettering, at: BackendCoord) -> Drawn {
        let font = font(line.size, line.semi);
        if font != self.font {
            self.context.set_font(&font);
            self.font = font;
        }
        self.context.set_text_align(match line.anchor {
            Anchor::Start => "left",
            Anchor::Middle => "center",
            Anchor::End => "right",
        });
        let (x, y) = (f64::from(at.0), f64::from(at.1));
        if let Some((halo, width)) = line.halo {
            self.context.set_stroke_style_str(&Self::color(halo));
            self.context.set_line_width(width);
            // A browser that can't stroke text shows it without halo.
            let _ = self.context.stroke_text(&line.text, x, y);
        }
        self.context.set_fill_style_str(&Self::color(line.color));
        let _ = self.context.fill_text(&line.text, x, y);
        Ok(())
    }
}

impl DrawingBackend for CanvasSurface {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + UNITS, point.1 + UNITS), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        // Its lines are moved by half a unit to look sharp at ratio 1; a path is left where it is.
        self.inner.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let corners: Vec<BackendCoord> = path.into_iter().collect();
        if corners.len() <= STRETCH || style.color().alpha < 1.0 {
            return self.inner.draw_path(corners, style);
        }
        // Neighbouring stretches share a whole segment, so that every corner is joined in one of them.
        for from in (0..corners.len().saturating_sub(2)).step_by(STRETCH - 2) {
            let stretch = corners.iter().skip(from).take(STRETCH).copied();
            self.inner.draw_path(stretch, style)?;
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.inner.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.inner.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let line = Lettering {
            text: text.to_owned(),
            size: style.size(),
            semi: matches!(style.style(), FontStyle::Bold),
            anchor: Anchor::Start,
            color: style.color(),
            halo: None,
        };
        self.letter(&line, at)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<CanvasError>> {
        let measure = CanvasMeasure {
            context: self.context.clone(),
        };
        let semi = matches!(style.style(), FontStyle::Bold);
        let width = measure.width(text, style.size(), semi);
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::Sharpness;

    #[test]
    fn the_backing_is_a_whole_multiple_of_the_device() {
        for (dpr, backing, multiple) in [
            (1.0, 2.0, 2),
            (1.25, 2.5, 2),
            (1.5, 3.0, 2),
            (2.0, 2.0, 1),
            (3.0, 3.0, 1),
            (0.8, 2.4, 3),
        ] {
            let sharp = Sharpness::of(dpr, 2.0);
            assert!((sharp.backing - backing).abs() < 1e-9, "{dpr}: {sharp:?}");
            assert_eq!(sharp.multiple, multiple);
            assert!(sharp.backing >= 2.0);
        }
        assert_eq!(Sharpness::of(f64::NAN, 2.0), Sharpness::of(1.0, 2.0));
        assert_eq!(
            Sharpness::of(1.25, 1.0),
            Sharpness {
                backing: 1.25,
                multiple: 1
            }
        );
    }
}
