//! An SVG document as a plotters backend.
//!
//! plotters' own SVG backend can't serve: it writes whole pixels only, knows no weight but bold, sets 12 px text at
//! 9.7 px (it divides by 1.24), has no halo, joins lines with spikes and leaves the drawing without a name. This one
//! takes tenths of a pixel and writes exactly what the page shows.

use crate::draw::draw_scene;
use crate::surface::{Lettering, Surface};
use crate::theme::{FONT, Theme};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, text_anchor::HPos,
};
use servelens_core::chart::forest::{forest_layout, forest_scene};
use servelens_core::chart::{Anchor, ChartSpec, Estimate, Scene, layout, scene};
use servelens_core::report::Drawing;
use std::convert::Infallible;
use std::fmt::Write as _;

/// Height over width of a chart in a report.
const SHAPE: f64 = 0.62;
/// Backend units in one CSS pixel.
const UNITS: i32 = 10;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A chart as a complete SVG document of this size in CSS pixels.
pub fn svg(spec: &ChartSpec, width: f64, height: f64, theme: &Theme) -> String {
    svg_scene(&scene(spec, &layout(spec, width, height)), theme)
}

/// A chart of a report as a complete SVG document of this width in CSS pixels.
pub fn svg_drawing(drawing: &Drawing, width: f64, theme: &Theme) -> String {
    match drawing {
        Drawing::Lines(spec) => svg(spec, width, (width * SHAPE).round(), theme),
        Drawing::Forest(spec) => {
            let layout = forest_layout(spec, width, &Estimate);
            svg_scene(&forest_scene(spec, &layout, &Estimate), theme)
        }
    }
}

/// Shapes as a complete SVG document.
pub fn svg_scene(scene: &Scene, theme: &Theme) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let (width, height) = (scene.width.ceil(), scene.height.ceil());
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONT}\" font-size=\"12\" stroke-linejoin=\"round\">\n<title>"
    );
    escape(&mut out, &scene.title);
    out.push_str("</title>\n<desc>");
    escape(&mut out, &scene.summary);
    out.push_str("</desc>\n");
    let [r, g, b] = theme.surface;
    let _ = writeln!(
        out,
        "<rect width=\"{width}\" height=\"{height}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>"
    );
    let surface = SvgSurface {
        out: &mut out,
        size: (
            (width as u32) * UNITS as u32,
            (height as u32) * UNITS as u32,
        ),
    };
    match draw_scene(surface, scene, theme, f64::from(UNITS)) {
        // Writing to a String can't fail.
        Ok(()) | Err(_) => out.push_str("</svg>\n"),
    }
    out
}

/// Writes SVG elements into a text; its units are tenths of a pixel.
#[derive(Debug)]
pub struct SvgSurface<'a> {
    out: &'a mut String,
    size: (u32, u32),
}

impl SvgSurface<'_> {
    fn paint(&mut self, property: &str, color: BackendColor) {
        let (r, g, b) = color.rgb;
        let _ = write!(self.out, " {property}=\"#{r:02x}{g:02x}{b:02x}\"");
        if color.alpha < 1.0 {
            let _ = write!(self.out, " {property}-opacity=\"{}\"", round(color.alpha));
        }
    }

    fn stroke(&mut self, color: BackendColor, width: u32) {
        self.out.push_str(" fill=\"none\"");
        self.paint("stroke", color);
        let _ = write!(self.out, " stroke-width=\"{}\"", tenths(i64::from(width)));
    }

    fn corners(&mut self, points: impl IntoIterator<Item = BackendCoord>, closed: bool) {
        self.out.push_str("<path d=\"");
        for (i, (x, y)) in points.into_iter().enumerate() {
            self.out.push(if i == 0 { 'M' } else { 'L' });
            let _ = write!(self.out, "{} {}", tenths(x.into()), tenths(y.into()));
        }
        self.out.push_str(if closed { "Z\"" } else { "\"" });
    }
}

fn round(v: f64) -> f64 {
    (v * 1000.0).round() / 1000.0
}

/// A number of tenths as a decimal.
fn tenths(v: i64) -> String {
    let (whole, rest) = (v.abs() / 10, v.abs() % 10);
    let sign = if v < 0 { "-" } else { "" };
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest}")
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // Control characters aren't allowed in XML.
            c if c < ' ' => out.push(' '),
            c => out.push(c),
        }
    }
}

impl Surface for SvgSurface<'_> {
    fn device_pixel(&self) -> i32 {
        UNITS
    }

    fn letter(&mut self, line: &Lettering, at: BackendCoord) -> Drawn {
        let _ = write!(
            self.out,
            "<text x=\"{}\" y=\"{}\"",
            tenths(at.0.into()),
            tenths(at.1.into())
        );
        let size = round(line.size / f64::from(UNITS));
        if size != 12.0 {
            let _ = write!(self.out, " font-size=\"{size}\"");
        }
        if line.semi {
            self.out.push_str(" font-weight=\"600\"");
        }
        self.out.push_str(match line.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        });
        self.paint("fill", line.color);
        if let Some((color, width)) = line.halo {
            self.paint("stroke", color);
            let width = round(width / f64::from(UNITS));
            let _ = write!(self.out, " stroke-width=\"{width}\" paint-order=\"stroke\"");
        }
        self.out.push('>');
        escape(self.out, &line.text);
        self.out.push_str("</text>\n");
        Ok(())
    }
}

impl DrawingBackend for SvgSurface<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
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
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let _ = write!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            tenths(from.0.into()),
            tenths(from.1.into()),
            tenths((to.0 - from.0).into()),
            tenths((to.1 - from.1).into())
        );
        if fill {
            self.paint("fill", style.color());
        } else {
            self.stroke(style.color(), style.stroke_width());
        }
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.corners(path, false);
        self.stroke(style.color(), style.stroke_width());
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let _ = write!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            tenths(center.0.into()),
            tenths(center.1.into()),
            tenths(radius.into())
        );
        if fill {
            self.paint("fill", style.color());
        } else {
            self.stroke(style.color(), style.stroke_width());
        }
        self.out.push_str("/>\n");
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.corners(path, true);
        self.paint("fill", style.color());
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let line = Lettering {
            text: text.to_owned(),
            size: style.size(),
            semi: matches!(style.style(), FontStyle::Bold),
            anchor: match style.anchor().h_pos {
                HPos::Left => Anchor::Start,
                HPos::Center => Anchor::Middle,
                HPos::Right => Anchor::End,
            },
            color: style.color(),
            halo: None,
        };
        self.letter(&line, at)
    }
}
