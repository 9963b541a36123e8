//! A chart as a list of simple shapes, in the order they are painted.
//!
//! Knows what colours are for, not what they are; refuses to know data. Every chart form ends here, so one
//! drawing routine serves them all.

use super::axis::Axis;
use super::geometry::{Pt, Rect, pt};
use super::spec::Slot;
use super::ticks::Ruler;

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// The panel.
    Surface,
    /// Sunken ground.
    Sunken,
    /// Text.
    Ink,
    /// Secondary text.
    Ink2,
    /// Palest text.
    Ink3,
    /// Grid.
    Line,
    /// Axis.
    Line2,
    /// Leaders and outlines.
    Control,
    /// Limits, focus and selection.
    Accent,
    /// The side within a limit.
    AccentSoft,
    /// A run's marks and lines.
    Run(Slot),
    /// A run's labels.
    RunInk(Slot),
    /// The sequential ramp, 1 to 5.
    Seq(u8),
    /// Between touching areas: the panel, or the text's colour when colours are forced.
    Rim,
    /// Out of memory, failed.
    Bad,
}

/// Where a text's position lies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// At its left end.
    #[default]
    Start,
    /// In its middle.
    Middle,
    /// At its right end.
    End,
}

/// One line of text; `at` is on its alphabetic baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Position on the baseline.
    pub at: Pt,
    /// The words.
    pub text: String,
    /// Colour.
    pub paint: Paint,
    /// Font size in CSS pixels.
    pub size: f64,
    /// Weight 600 instead of 400.
    pub semi: bool,
    /// Which end is at the position.
    pub anchor: Anchor,
    /// A 4 px halo of this ground.
    pub halo: Option<Paint>,
    /// From 0 to 1.
    pub opacity: f64,
}

/// One thing to paint.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A hairline along an axis, put on whole device pixels.
    Hair {
        /// One end.
        from: Pt,
        /// The other end.
        to: Pt,
        /// Colour.
        paint: Paint,
    },
    /// An open line.
    Path {
        /// Its corners.
        points: Vec<Pt>,
        /// Colour.
        paint: Paint,
        /// Width in CSS pixels.
        width: f64,
        /// Dash and gap in CSS pixels.
        dash: Option<(f64, f64)>,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A filled area.
    Fill {
        /// Its corners.
        points: Vec<Pt>,
        /// Colour.
        paint: Paint,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A filled disc.
    Disc {
        /// Centre.
        at: Pt,
        /// Radius.
        radius: f64,
        /// Colour.
        paint: Paint,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A circle's outline.
    Ring {
        /// Centre.
        at: Pt,
        /// Radius of the line's middle.
        radius: f64,
        /// Colour.
        paint: Paint,
        /// Width in CSS pixels.
        width: f64,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A line of text.
    Text(Text),
}

/// A chart ready to be painted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scene {
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
    /// The title, for the drawing's accessible name.
    pub title: String,
    /// One sentence, for the drawing's accessible description.
    pub summary: String,
    /// What to paint, lowest first.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty scene.
    pub fn new(width: f64, height: f64, title: &str, summary: &str) -> Self {
        Self {
            width,
            height,
            title: title.to_owned(),
            summary: summary.to_owned(),
            shapes: Vec::new(),
        }
    }
    /// A hairline.
    pub fn hair(&mut self, from: Pt, to: Pt, paint: Paint) {
        self.shapes.push(Shape::Hair { from, to, paint });
    }
    /// A solid line.
    pub fn path(&mut self, points: Vec<Pt>, paint: Paint, width: f64) {
        self.shapes.push(Shape::Path {
            points,
            paint,
            width,
            dash: None,
            opacity: 1.0,
        });
    }
    /// A filled box.
    pub fn rect(&mut self, rect: &Rect, paint: Paint) {
        self.fill(rect.corners(), paint);
    }
    /// Ticks, labels and title of a horizontal axis under a plot.
    pub fn x_axis(&mut self, plot: &Rect, axis: &Axis, ruler: &Ruler, title: &str) {
        for tick in &ruler.ticks {
            if let Some(x) = axis.px(*tick) {
                let (from, to) = (pt(x, plot.bottom), pt(x, plot.bottom + 6.0));
                self.hair(from, to, Paint::Line2);
                let label = ruler.label(*tick);
                let at = pt(x, plot.bottom + 20.0);
                self.text(at, label, Paint::Ink3, Anchor::Middle);
            }
        }
        let at = pt(plot.right, plot.bottom + 40.0);
        self.text(at, title, Paint::Ink2, Anchor::End);
    }
    /// A filled area.
    pub fn fill(&mut self, points: Vec<Pt>, paint: Paint) {
        self.shapes.push(Shape::Fill {
            points,
            paint,
            opacity: 1.0,
        });
    }
    /// A line of 12 px text.
    pub fn text(&mut self, at: Pt, text: impl Into<String>, paint: Paint, anchor: Anchor) {
        self.shapes.push(Shape::Text(Text {
            at,
            text: text.into(),
            paint,
            size: 12.0,
            semi: false,
            anchor,
            halo: None,
            opacity: 1.0,
        }));
    }
    /// A line of 12 px semibold text.
    pub fn strong(&mut self, at: Pt, text: impl Into<String>, paint: Paint, anchor: Anchor) {
        self.text(at, text, paint, anchor);
        if let Some(Shape::Text(text)) = self.shapes.last_mut() {
            text.semi = true;
        }
    }
    /// Gives the last text a halo of the ground it stands on.
    pub fn haloed(&mut self, ground: Paint) {
        if let Some(Shape::Text(text)) = self.shapes.last_mut() {
            text.halo = Some(ground);
        }
    }
}

/// Cuts a line into dashes, the pattern running on over its corners.
pub fn dashes(points: &[Pt], dash: f64, gap: f64) -> Vec<Vec<Pt>> {
    if !(dash > 0.0 && gap > 0.0) {
        return vec![points.to_vec()];
    }
    let mut out: Vec<Vec<Pt>> = Vec::new();
    let Some(&first) = points.first() else {
        return out;
    };
    let mut open = Some(vec![first]);
    let mut left = dash;
    for (&a, &b) in points.iter().zip(points.iter().skip(1)) {
        let length = a.distance(b);
        if !(length.is_finite() && length > 0.0) {
            continue;
        }
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let t = done / length;
            let at = Pt {
                x: a.x + t * (b.x - a.x),
                y: a.y + t * (b.y - a.y),
            };
            match open.take() {
                Some(mut piece) => {
                    piece.push(at);
                    out.push(piece);
                    left = gap;
                }
                None => {
                    open = Some(vec![at]);
                    left = dash;
                }
            }
        }
        left -= length - done;
        if let Some(piece) = &mut open {
            piece.push(b);
        }
    }
    out.extend(open.filter(|piece| piece.len() > 1));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::geometry::pt;

    #[test]
    fn dashes_run_on_over_corners() {
        let corner = [pt(0.0, 0.0), pt(8.0, 0.0), pt(8.0, 12.0)];
        let cut = dashes(&corner, 6.0, 4.0);
        assert_eq!(cut.len(), 2);
        assert_eq!(cut[0], [pt(0.0, 0.0), pt(6.0, 0.0)]);
        assert_eq!(cut[1], [pt(8.0, 2.0), pt(8.0, 8.0)]);
    }

    #[test]
    fn dashes_of_a_line_sum_to_its_share() {
        let line = [pt(0.0, 0.0), pt(100.0, 0.0)];
        let inked: f64 = dashes(&line, 6.0, 4.0)
            .iter()
            .map(|d| d[0].distance(d[1]))
            .sum();
        assert!((inked - 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_line_without_length_has_no_dash() {
        assert!(dashes(&[pt(1.0, 1.0), pt(1.0, 1.0)], 6.0, 4.0).is_empty());
        assert!(dashes(&[], 6.0, 4.0).is_empty());
    }
}
