//! Cutting lines and areas at the plot's edge.
//!
//! Knows Liang–Barsky and Sutherland–Hodgman; refuses to know why a point lies outside. Clipping comes
//! before drawing, because a canvas that clamps outside points gives a zoomed line a wrong slope.

use super::geometry::{Pt, Rect, pt};

/// The part of a straight line inside a box; `None` if it misses the box.
///
/// Source: Liang and Barsky, "A new concept and method for line clipping", ACM TOG 3 (1984).
pub fn segment(a: Pt, b: Pt, frame: &Rect) -> Option<(Pt, Pt)> {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    if !(dx.is_finite() && dy.is_finite()) {
        return None;
    }
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (p, q) in [
        (-dx, a.x - frame.left),
        (dx, frame.right - a.x),
        (-dy, a.y - frame.top),
        (dy, frame.bottom - a.y),
    ] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    if enter > leave {
        return None;
    }
    let at = |t: f64| {
        pt(
            (a.x + t * dx).clamp(frame.left, frame.right),
            (a.y + t * dy).clamp(frame.top, frame.bottom),
        )
    };
    Some((
        if enter > 0.0 { at(enter) } else { a },
        if leave < 1.0 { at(leave) } else { b },
    ))
}

/// The pieces of a polyline inside a box.
pub fn polyline(points: &[Pt], frame: &Rect) -> Vec<Vec<Pt>> {
    let mut pieces: Vec<Vec<Pt>> = Vec::new();
    let mut joined = false;
    for (&a, &b) in points.iter().zip(points.iter().skip(1)) {
        let Some((from, to)) = segment(a, b, frame) else {
            joined = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if joined && from == a => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        joined = to == b;
    }
    pieces
}

/// The part of a closed area inside a box; empty if nothing is.
///
/// Source: Sutherland and Hodgman, "Reentrant polygon clipping", CACM 17 (1974).
pub fn polygon(points: &[Pt], frame: &Rect) -> Vec<Pt> {
    let cross = |a: Pt, b: Pt, t: f64| pt(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y));
    let edges: [fn(Pt, &Rect) -> f64; 4] = [
        |p, f| p.x - f.left,
        |p, f| f.right - p.x,
        |p, f| p.y - f.top,
        |p, f| f.bottom - p.y,
    ];
    let mut kept: Vec<Pt> = points
        .iter()
        .copied()
        .filter(|p| p.x.is_finite() && p.y.is_finite())
        .collect();
    for inside_by in edges {
        let mut next = Vec::with_capacity(kept.len() + 4);
        let Some(mut previous) = kept.last().copied() else {
            break;
        };
        for &p in &kept {
            let (was, is) = (inside_by(previous, frame), inside_by(p, frame));
            if (was >= 0.0) != (is >= 0.0) {
                next.push(cross(previous, p, was / (was - is)));
            }
            if is >= 0.0 {
                next.push(p);
            }
            previous = p;
        }
        kept = next;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Rect = Rect {
        left: 34.0,
        top: 34.0,
        right: 448.0,
        bottom: 204.0,
    };

    #[test]
    fn an_inner_line_is_left_alone_and_an_outer_one_dropped() {
        let (a, b) = (pt(40.0, 40.0), pt(100.0, 100.0));
        assert_eq!(segment(a, b, &FRAME), Some((a, b)));
        assert_eq!(segment(pt(0.0, 0.0), pt(0.0, 300.0), &FRAME), None);
        assert_eq!(segment(pt(0.0, 30.0), pt(30.0, 0.0), &FRAME), None);
    }

    #[test]
    fn a_line_that_leaves_and_returns_makes_two_pieces() {
        let line = [pt(50.0, 100.0), pt(100.0, 400.0), pt(150.0, 100.0)];
        let pieces = polyline(&line, &FRAME);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0].last().unwrap().y, 204.0);
        assert_eq!(pieces[1].first().unwrap().y, 204.0);
    }

    #[test]
    fn an_area_is_cut_at_the_frame() {
        let cut = polygon(&Rect::new(0.0, 100.0, 1000.0, 150.0).corners(), &FRAME);
        let xs: Vec<f64> = cut.iter().map(|p| p.x).collect();
        assert_eq!(cut.len(), 4);
        assert!(xs.iter().all(|x| *x == 34.0 || *x == 448.0));
        assert!(polygon(&Rect::new(0.0, 0.0, 10.0, 10.0).corners(), &FRAME).is_empty());
    }

    proptest! {
        #[test]
        fn a_clipped_line_lies_on_the_line_and_in_the_box(
            ax in -1e4f64..1e4, ay in -1e4f64..1e4, bx in -1e4f64..1e4, by in -1e4f64..1e4,
        ) {
            let (a, b) = (pt(ax, ay), pt(bx, by));
            let length = a.distance(b).max(1e-9);
            if let Some((p, q)) = segment(a, b, &FRAME) {
                for r in [p, q] {
                    prop_assert!(FRAME.contains(r, 1e-9));
                    let off = ((r.x - a.x) * (b.y - a.y) - (r.y - a.y) * (b.x - a.x)) / length;
                    prop_assert!(off.abs() < 1e-6, "{off}");
                }
            } else {
                // Then no sampled point of the line lies inside either.
                for i in 0..=100 {
                    let t = f64::from(i) / 100.0;
                    let r = pt(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y));
                    prop_assert!(!FRAME.contains(r, -1e-6));
                }
            }
        }

        #[test]
        fn a_clipped_area_stays_in_the_box(points in proptest::collection::vec((-1e3f64..1e3, -1e3f64..1e3), 3..12)) {
            let area: Vec<Pt> = points.iter().map(|(x, y)| pt(*x, *y)).collect();
            for p in polygon(&area, &FRAME) {
                prop_assert!(FRAME.contains(p, 1e-6));
            }
        }
    }
}
