//! Putting labels where they cover nothing.
//!
//! Knows boxes, lines and costs; refuses to know what the labels say.

use super::clip;
use super::geometry::{Pt, Rect};
use crate::sort;

/// Moves positions apart until neighbours are `gap` apart, staying between `lo` and `hi` and as near as possible
/// to where they were wanted (least squares). The answer is in the order of the input. If they can't all fit, the
/// gap shrinks to what fits.
pub fn push_apart(wanted: &[f64], gap: f64, lo: f64, hi: f64) -> Vec<f64> {
    let n = wanted.len();
    if n == 0 {
        return Vec::new();
    }
    let gap = gap.min((hi - lo).max(0.0) / (n as f64 - 1.0).max(1.0));
    let mut order: Vec<(usize, f64)> = wanted.iter().copied().enumerate().collect();
    sort::by(&mut order, |a, b| a.1.total_cmp(&b.1));
    // With the gaps taken out, the best rising sequence is found by pooling neighbours that collide.
    let mut pools: Vec<(f64, f64)> = Vec::with_capacity(n);
    for (rank, (_, y)) in order.iter().enumerate() {
        let mut pool = (y - rank as f64 * gap, 1.0);
        while let Some(&(mean, weight)) = pools.last() {
            if mean <= pool.0 {
                break;
            }
            let total = weight + pool.1;
            pool = ((mean * weight + pool.0 * pool.1) / total, total);
            pools.pop();
        }
        pools.push(pool);
    }
    let top = (hi - (n as f64 - 1.0) * gap).max(lo);
    let flat = pools
        .iter()
        .flat_map(|&(mean, weight)| std::iter::repeat_n(mean.clamp(lo, top), weight as usize));
    let mut placed = vec![0.0; n];
    for (rank, ((index, _), y)) in order.iter().zip(flat).enumerate() {
        if let Some(slot) = placed.get_mut(*index) {
            *slot = y + rank as f64 * gap;
        }
    }
    placed
}

/// What is already on the chart.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Labels must stay inside.
    pub frame: Rect,
    /// Text; nothing may cover it.
    pub texts: Vec<Rect>,
    /// Marks; covering one costs much.
    pub marks: Vec<Rect>,
    /// Lines; covering one costs a little, as text over lines has a halo.
    pub lines: Vec<(Pt, Pt)>,
}

impl Board {
    /// How bad a box is; 0 covers nothing. From [`Board::FORBIDDEN`] on it overlaps text or leaves the frame.
    pub fn cost(&self, rect: &Rect) -> f64 {
        let mut cost = 0.0;
        let outside = rect.width() * rect.height() - rect.overlap(&self.frame);
        if outside > 0.5 {
            cost += Self::FORBIDDEN + outside;
        }
        for text in &self.texts {
            let shared = text.grown(1.0).overlap(rect);
            if shared > 0.0 {
                cost += Self::FORBIDDEN + shared;
            }
        }
        for mark in &self.marks {
            if mark.overlap(rect) > 0.0 {
                cost += 120.0 + mark.overlap(rect);
            }
        }
        for (a, b) in &self.lines {
            if let Some((p, q)) = clip::segment(*a, *b, rect) {
                cost += 10.0 + p.distance(q);
            }
        }
        cost
    }
    /// How bad a leader is: what it runs through.
    pub fn crossing(&self, from: Pt, to: Pt) -> f64 {
        let run = Rect::new(from.x, from.y, to.x, to.y);
        let hits = |boxes: &[Rect]| {
            boxes
                .iter()
                .filter(|b| clip::segment(from, to, b).is_some())
                .count() as f64
        };
        let lines = self
            .lines
            .iter()
            .filter(|(a, b)| clip::segment(*a, *b, &run).is_some_and(|_| cross(from, to, *a, *b)))
            .count() as f64;
        hits(&self.texts) * 400.0 + hits(&self.marks) * 80.0 + lines * 25.0
    }

    /// The cost from which a place is not allowed.
    pub const FORBIDDEN: f64 = 1e6;

    /// The first cheapest of some boxes with its index; each may carry a dislike of its own.
    pub fn best(&self, candidates: &[(Rect, f64)]) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (i, (rect, dislike)) in candidates.iter().enumerate() {
            let cost = self.cost(rect) + dislike;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((i, cost));
            }
        }
        best
    }
}

/// Whether two straight lines cross.
fn cross(a: Pt, b: Pt, c: Pt, d: Pt) -> bool {
    let side = |p: Pt, q: Pt, r: Pt| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::geometry::pt;
    use proptest::prelude::*;

    #[test]
    fn close_labels_part_evenly() {
        assert_eq!(push_apart(&[100.0, 110.0], 34.0, 0.0, 200.0), [88.0, 122.0]);
        assert_eq!(push_apart(&[110.0, 100.0], 34.0, 0.0, 200.0), [122.0, 88.0]);
        assert_eq!(push_apart(&[10.0, 100.0], 34.0, 0.0, 200.0), [10.0, 100.0]);
    }

    #[test]
    fn a_label_avoids_text_marks_and_the_edge() {
        let board = Board {
            frame: Rect::new(0.0, 0.0, 100.0, 100.0),
            texts: vec![Rect::new(40.0, 40.0, 60.0, 60.0)],
            marks: vec![Rect::new(70.0, 40.0, 80.0, 50.0)],
            lines: vec![(pt(0.0, 90.0), pt(100.0, 90.0))],
        };
        let at = |x: f64, y: f64| (Rect::new(x, y, x + 10.0, y + 10.0), 0.0);
        let best = board.best(&[
            at(45.0, 45.0),
            at(95.0, 5.0),
            at(72.0, 42.0),
            at(5.0, 85.0),
            at(5.0, 5.0),
        ]);
        assert_eq!(best.map(|(i, _)| i), Some(4));
        assert!(board.cost(&at(45.0, 45.0).0) >= Board::FORBIDDEN);
        assert!(board.cost(&at(5.0, 85.0).0) < board.cost(&at(72.0, 42.0).0));
    }

    #[test]
    fn a_leader_pays_for_what_it_runs_through() {
        let board = Board {
            marks: vec![Rect::new(40.0, 40.0, 60.0, 60.0)],
            lines: vec![(pt(0.0, 90.0), pt(100.0, 90.0))],
            ..Board::default()
        };
        assert_eq!(board.crossing(pt(0.0, 0.0), pt(100.0, 10.0)), 0.0);
        assert_eq!(board.crossing(pt(50.0, 70.0), pt(52.0, 95.0)), 25.0);
        assert_eq!(board.crossing(pt(0.0, 0.0), pt(100.0, 100.0)), 105.0);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_nor_leave(wanted in proptest::collection::vec(-50.0f64..300.0, 1..6)) {
            let placed = push_apart(&wanted, 34.0, 34.0, 204.0);
            let mut sorted = placed.clone();
            sorted.sort_by(f64::total_cmp);
            for pair in sorted.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 34.0 - 1e-6);
            }
            prop_assert!(sorted[0] >= 34.0 - 1e-9 && sorted[sorted.len() - 1] <= 204.0 + 1e-6);
            // Order is kept.
            for (i, a) in wanted.iter().enumerate() {
                for (j, b) in wanted.iter().enumerate() {
                    prop_assert!(*a >= *b || placed[i] < placed[j]);
                }
            }
        }
    }
}
