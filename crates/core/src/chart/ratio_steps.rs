//! Ratio steps: a token ratio as request ratio times output-length ratio, one row a load.
//!
//! Knows the two steps on a log₂ axis and the identity as figures; refuses to know what is compared.

use super::figure::figure;
use super::geometry::{Pt, Rect, pt};
use super::ratio_axis::{RatioAxis, draw_axis};
use super::scene::{Anchor, Paint, Scene};
use super::text::{Measure, fit};

/// What the steps show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RatioSteps {
    /// Stable key.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence: the accessible form.
    pub summary: String,
    /// The head of the loads' column, such as `Concurrency`.
    pub load_title: String,
    /// The same for narrow charts, such as `C`.
    pub load_title_short: String,
    /// What lies left of “equal”, such as `← baseline more`.
    pub less: String,
    /// What lies right of it, such as `AIC-configured more →`.
    pub more: String,
    /// Heads of the identity's figures: the ratio, its first and its second factor.
    pub heads: [String; 3],
    /// One row a load.
    pub rows: Vec<RatioRow>,
    /// The row with focus.
    pub focus: Option<usize>,
}

/// One load. `token` is `requests` × `length` up to the rounding of its sources.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RatioRow {
    /// Such as `10`.
    pub label: String,
    /// The request ratio; positive.
    pub requests: f64,
    /// The output-length ratio; positive.
    pub length: f64,
    /// The token ratio; positive.
    pub token: f64,
}

/// Where the rows land.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioLayout {
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
    /// The plot's frame.
    pub plot: Rect,
    /// The ratio axis.
    pub axis: RatioAxis,
    /// Each row's box over the whole width; absent if a ratio isn't positive and finite.
    pub rows: Vec<Option<PlacedRatio>>,
    /// Whether the identity's figures fit.
    pub figures: bool,
}

/// A row's geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedRatio {
    /// The row over the whole width.
    pub row: Rect,
    /// The solid bar: from “equal” by the request ratio.
    pub requests: Rect,
    /// The outlined bar: on from there by the length ratio.
    pub length: Rect,
    /// The x at which both bars meet.
    pub joint: f64,
    /// The diamond: the token ratio.
    pub token: Pt,
}

/// The height that shows each row well.
pub fn ratio_steps_height(rows: usize) -> f64 {
    74.0 + 41.0 * rows.max(1) as f64
}

/// Lays the steps out.
pub fn ratio_steps_layout(
    spec: &RatioSteps,
    width: f64,
    height: f64,
    measure: &dyn Measure,
) -> RatioLayout {
    let narrow = width < 560.0;
    let figures = !narrow;
    let widest = spec
        .rows
        .iter()
        .map(|r| measure.width(&r.label, 12.0, false))
        .fold(0.0, f64::max);
    let left = if narrow {
        (widest + 20.0).max(40.0)
    } else {
        (widest + 20.0).max(84.0)
    };
    let right = if figures { width - 292.0 } else { width - 14.0 };
    let plot = Rect::new(
        left,
        34.0,
        right.max(left + 60.0),
        (height - 34.0).max(60.0),
    );
    let values = spec.rows.iter().flat_map(|r| [r.requests, r.token]);
    let axis = RatioAxis::holding(values, plot.left, plot.right, true, measure);
    let each = plot.height() / spec.rows.len().max(1) as f64;
    let rows = spec
        .rows
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let top = plot.top + each * i as f64;
            let middle = top + each / 2.0;
            let joint = axis.px(r.requests)?;
            let token = axis.px(r.token)?;
            Some(PlacedRatio {
                row: Rect::new(0.0, top, width, top + each),
                requests: Rect::new(axis.equal(), middle - 10.0, joint, middle - 2.0),
                length: Rect::new(joint, middle + 2.0, token, middle + 10.0),
                joint,
                token: pt(token, middle + 6.0),
            })
        })
        .collect();
    RatioLayout {
        width,
        height,
        plot,
        axis,
        rows,
        figures,
    }
}

impl RatioLayout {
    /// The row at a pixel.
    pub fn hit(&self, x: f64, y: f64) -> Option<usize> {
        self.rows
            .iter()
            .position(|r| r.is_some_and(|r| r.row.contains(pt(x, y), 0.0)))
    }
}

/// The steps as shapes.
pub fn ratio_steps_scene(spec: &RatioSteps, layout: &RatioLayout, measure: &dyn Measure) -> Scene {
    let mut out = Scene::new(layout.width, layout.height, &spec.title, &spec.summary);
    let plot = layout.plot;
    let equal = layout.axis.equal();
    draw_axis(&mut out, &layout.axis, &plot);

    let load_title = if layout.figures {
        &spec.load_title
    } else {
        &spec.load_title_short
    };
    out.text(
        pt(0.0, 18.0),
        load_title.as_str(),
        Paint::Ink2,
        Anchor::Start,
    );
    let room = equal - 10.0 - measure.width(load_title, 12.0, false) - 8.0;
    let less = fit(&spec.less, room, 12.0, false, measure);
    out.text(pt(equal - 10.0, 18.0), less, Paint::Ink2, Anchor::End);
    let end = if layout.figures {
        layout.width - 290.0
    } else {
        layout.width
    };
    let more = fit(&spec.more, end - equal - 10.0, 12.0, false, measure);
    out.text(pt(equal + 10.0, 18.0), more, Paint::Ink2, Anchor::Start);
    let columns = [204.0, 104.0, 4.0].map(|from_right| layout.width - from_right);
    if layout.figures {
        for (i, (head, x)) in spec.heads.iter().zip(columns).enumerate() {
            if i == 0 {
                out.strong(pt(x, 18.0), head.as_str(), Paint::Ink, Anchor::End);
            } else {
                out.text(pt(x, 18.0), head.as_str(), Paint::Ink2, Anchor::End);
            }
        }
    }

    for (i, placed) in layout.rows.iter().enumerate() {
        let Some(placed) = placed else { continue };
        if spec.focus == Some(i) {
            out.rect(&placed.row, Paint::AccentSoft);
        }
        if i > 0 {
            let y = placed.row.top;
            out.hair(pt(0.0, y), pt(layout.width, y), Paint::Line);
        }
    }
    // The axis again, above a focused row's ground.
    if spec.focus.is_some() {
        out.hair(pt(equal, plot.top), pt(equal, plot.bottom), Paint::Ink3);
    }
    for (row, placed) in spec.rows.iter().zip(&layout.rows) {
        let Some(placed) = placed else { continue };
        let base = (placed.row.top + placed.row.bottom) / 2.0 + 4.0;
        out.text(
            pt(plot.left - 14.0, base),
            row.label.as_str(),
            Paint::Ink,
            Anchor::End,
        );
        out.rect(&placed.requests, Paint::Ink2);
        outlined(&mut out, &placed.length);
        out.path(
            vec![
                pt(placed.joint, placed.requests.top),
                pt(placed.joint, placed.length.bottom),
            ],
            Paint::Control,
            1.0,
        );
        for (half, paint) in [(7.3, Paint::Surface), (6.0, Paint::Ink)] {
            out.fill(diamond(placed.token, half), paint);
        }
        if layout.figures {
            let signs = [layout.width - 170.0, layout.width - 76.0];
            let figures = [row.token, row.requests, row.length];
            for (i, (value, x)) in figures.iter().zip(columns).enumerate() {
                let text = figure(*value, 3);
                if i == 0 {
                    out.strong(pt(x, base), text, Paint::Ink, Anchor::End);
                } else {
                    out.text(pt(x, base), text, Paint::Ink, Anchor::End);
                }
            }
            for (sign, x) in ["=", "×"].iter().zip(signs) {
                out.text(pt(x, base), *sign, Paint::Ink3, Anchor::Middle);
            }
        }
    }
    out
}

fn outlined(out: &mut Scene, rect: &Rect) {
    out.rect(rect, Paint::Surface);
    let mut around = rect.corners();
    around.extend(around.first().copied());
    out.path(around, Paint::Ink2, 1.0);
}

pub(super) fn diamond(at: Pt, half: f64) -> Vec<Pt> {
    vec![
        pt(at.x, at.y - half),
        pt(at.x + half, at.y),
        pt(at.x, at.y + half),
        pt(at.x - half, at.y),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::text::Estimate;
    use proptest::prelude::*;

    fn rows(list: &[(f64, f64)]) -> RatioSteps {
        RatioSteps {
            rows: list
                .iter()
                .map(|(requests, length)| RatioRow {
                    label: "10".into(),
                    requests: *requests,
                    length: *length,
                    token: requests * length,
                })
                .collect(),
            ..RatioSteps::default()
        }
    }

    #[test]
    fn the_second_bar_starts_where_the_first_ends() {
        let layout = ratio_steps_layout(
            &rows(&[(3.052, 0.780), (0.4, 2.439)]),
            1078.0,
            278.0,
            &Estimate,
        );
        let first = layout.rows[0].unwrap();
        assert_eq!(first.requests.left, layout.axis.equal());
        assert_eq!(first.requests.right, first.joint);
        assert_eq!(first.length.right, first.joint, "it goes back");
        assert_eq!(first.token.x, first.length.left);
        assert!(layout.figures);
        assert_eq!(layout.hit(500.0, 200.0), Some(1));
        assert_eq!(layout.hit(500.0, 10.0), None);
    }

    #[test]
    fn a_ratio_of_zero_has_no_row_and_no_panic() {
        let mut spec = rows(&[(1.0, 1.0), (2.0, 0.5)]);
        spec.rows[0].requests = 0.0;
        let layout = ratio_steps_layout(&spec, 326.0, 200.0, &Estimate);
        assert_eq!(layout.rows[0], None);
        assert!(layout.rows[1].is_some());
        assert!(!layout.figures);
    }

    proptest! {
        #[test]
        fn bars_stay_in_the_plot(list in proptest::collection::vec((0.01f64..100.0, 0.01f64..100.0), 1..8), width in 300.0f64..1200.0) {
            let layout = ratio_steps_layout(&rows(&list), width, 300.0, &Estimate);
            for row in layout.rows.iter().flatten() {
                for x in [row.joint, row.token.x] {
                    prop_assert!(x >= layout.plot.left - 1e-6 && x <= layout.plot.right + 1e-6);
                }
            }
        }
    }
}
