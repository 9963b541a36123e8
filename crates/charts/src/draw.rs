//! Shapes into plotters elements.

use crate::surface::{Lettering, Line, Surface};
use crate::theme::Theme;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::{RGBAColor, ShapeStyle};
use plotters_backend::{BackendColor, BackendCoord};
use servelens_core::chart::scene::dashes;
use servelens_core::chart::{ChartSpec, Layout, Paint, Pt, Scene, Shape, scene};

type Result<DB> = std::result::Result<
    (),
    DrawingAreaErrorKind<<DB as plotters_backend::DrawingBackend>::ErrorType>,
>;

/// Draws a chart; `scale` is the backend's units in one CSS pixel.
///
/// # Errors
/// Whatever the device reports.
pub fn draw<DB: Surface>(
    backend: DB,
    spec: &ChartSpec,
    layout: &Layout,
    theme: &Theme,
    scale: f64,
) -> Result<DB> {
    draw_scene(backend, &scene(spec, layout), theme, scale)
}

/// Draws shapes; `scale` is the backend's units in one CSS pixel.
///
/// # Errors
/// Whatever the device reports.
pub fn draw_scene<DB: Surface>(
    backend: DB,
    scene: &Scene,
    theme: &Theme,
    scale: f64,
) -> Result<DB> {
    let pixel = backend.device_pixel().max(1);
    let pen = Pen {
        area: backend.into_drawing_area(),
        theme,
        scale,
        pixel,
    };
    for shape in &scene.shapes {
        pen.draw(shape)?;
    }
    pen.area.present()
}

struct Pen<'a, DB: Surface> {
    area: DrawingArea<DB, Shift>,
    theme: &'a Theme,
    scale: f64,
    pixel: i32,
}

impl<DB: Surface> Pen<'_, DB> {
    fn at(&self, p: Pt) -> BackendCoord {
        (
            (p.x * self.scale).round() as i32,
            (p.y * self.scale).round() as i32,
        )
    }

    fn all(&self, points: &[Pt]) -> Vec<BackendCoord> {
        points.iter().map(|p| self.at(*p)).collect()
    }

    fn style(&self, paint: Paint, opacity: f64, width: f64, filled: bool) -> ShapeStyle {
        let [r, g, b] = self.theme.rgb(paint);
        ShapeStyle {
            color: RGBAColor(r, g, b, opacity),
            filled,
            stroke_width: (width * self.scale).round().max(1.0) as u32,
        }
    }

    fn color(&self, paint: Paint, alpha: f64) -> BackendColor {
        let [r, g, b] = self.theme.rgb(paint);
        BackendColor {
            alpha,
            rgb: (r, g, b),
        }
    }

    fn draw(&self, shape: &Shape) -> Result<DB> {
        match shape {
            Shape::Hair { from, to, paint } => self.hair(*from, *to, *paint),
            Shape::Path {
                points,
                paint,
                width,
                dash,
                opacity,
            } => {
                let style = self.style(*paint, *opacity, *width, false);
                match dash {
                    None => self.area.draw(&PathElement::new(self.all(points), style)),
                    Some((dash, gap)) => {
                        for piece in dashes(points, *dash, *gap) {
                            self.area.draw(&PathElement::new(self.all(&piece), style))?;
                        }
                        Ok(())
                    }
                }
            }
            Shape::Fill {
                points,
                paint,
                opacity,
            } => {
                if points.len() < 3 || (self.theme.plain && *opacity < 0.5) {
                    return Ok(());
                }
                let style = self.style(*paint, *opacity, 1.0, true);
                self.area.draw(&Polygon::new(self.all(points), style))
            }
            Shape::Disc {
                at,
                radius,
                paint,
                opacity,
            } => {
                let style = self.style(*paint, *opacity, 1.0, true);
                self.area
                    .draw(&Circle::new(self.at(*at), self.length(*radius), style))
            }
            Shape::Ring {
                at,
                radius,
                paint,
                width,
                opacity,
            } => {
                let style = self.style(*paint, *opacity, *width, false);
                self.area
                    .draw(&Circle::new(self.at(*at), self.length(*radius), style))
            }
            Shape::Text(text) => self.area.draw(&Line {
                at: self.at(text.at),
                line: Lettering {
                    text: text.text.clone(),
                    size: text.size * self.scale,
                    semi: text.semi,
                    anchor: text.anchor,
                    color: self.color(text.paint, text.opacity),
                    halo: text
                        .halo
                        .map(|ground| (self.color(ground, 1.0), 4.0 * self.scale)),
                },
            }),
        }
    }

    fn length(&self, px: f64) -> i32 {
        (px * self.scale).round() as i32
    }

    /// A one-pixel line as a box on whole device pixels: a stroke would straddle two.
    fn hair(&self, from: Pt, to: Pt, paint: Paint) -> Result<DB> {
        let pixel = f64::from(self.pixel);
        let width = (self.scale / pixel).round().max(1.0) * pixel;
        let edge = |px: f64| ((px * self.scale - width / 2.0) / pixel).round() * pixel;
        let end = |px: f64| (px * self.scale / pixel).round() * pixel;
        let corners = if (from.y - to.y).abs() < 1e-6 {
            let top = edge(from.y);
            [
                (end(from.x.min(to.x)), top),
                (end(from.x.max(to.x)), top + width),
            ]
        } else {
            let left = edge(from.x);
            [
                (left, end(from.y.min(to.y))),
                (left + width, end(from.y.max(to.y))),
            ]
        };
        self.area.draw(&Rectangle::new(
            corners.map(|(x, y)| (x as i32, y as i32)),
            self.style(paint, 1.0, 1.0, true),
        ))
    }
}
