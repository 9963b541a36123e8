//! At most two points for each pixel column: the lowest and the highest.
//!
//! Knows columns; refuses to know data. Ten thousand requests then draw like a few hundred.

use super::geometry::Pt;

/// Which of the points to keep, as rising indices: the lowest and the highest of each pixel column, and the
/// line's two ends. At most two points a column of `width` are few enough to be all kept.
///
/// The points must come in rising x; otherwise all are kept, since a column is then not a stretch of the line.
pub fn keep(points: &[Pt], width: f64) -> Vec<usize> {
    let columns = width.max(1.0) as usize;
    let rising = points
        .iter()
        .zip(points.iter().skip(1))
        .all(|(a, b)| a.x <= b.x);
    if points.len() <= columns * 2 || !rising {
        return (0..points.len()).collect();
    }
    let mut kept: Vec<usize> = Vec::with_capacity(columns * 2 + 2);
    let mut column: Option<Column> = None;
    for (i, p) in points.iter().enumerate() {
        let at = p.x.floor();
        match &mut column {
            Some(open) if open.at == at => open.take(i, p.y),
            _ => {
                if let Some(done) = column.take() {
                    done.push_to(&mut kept);
                }
                column = Some(Column {
                    at,
                    low: (i, p.y),
                    high: (i, p.y),
                });
            }
        }
    }
    if let Some(done) = column {
        done.push_to(&mut kept);
    }
    // The line keeps its true ends.
    if kept.first() != Some(&0) {
        kept.insert(0, 0);
    }
    if kept.last() != Some(&(points.len() - 1)) {
        kept.push(points.len() - 1);
    }
    kept
}

struct Column {
    at: f64,
    low: (usize, f64),
    high: (usize, f64),
}

impl Column {
    fn take(&mut self, i: usize, y: f64) {
        if y < self.low.1 {
            self.low = (i, y);
        }
        if y > self.high.1 {
            self.high = (i, y);
        }
    }
    fn push_to(&self, kept: &mut Vec<usize>) {
        let (a, b) = (self.low.0.min(self.high.0), self.low.0.max(self.high.0));
        kept.push(a);
        if b != a {
            kept.push(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::geometry::pt;
    use proptest::prelude::*;

    #[test]
    fn few_or_unordered_points_are_all_kept() {
        let few: Vec<Pt> = (0..10).map(|i| pt(f64::from(i), 0.0)).collect();
        assert_eq!(keep(&few, 400.0).len(), 10);
        let back: Vec<Pt> = (0..5000).map(|i| pt(f64::from(5000 - i), 0.0)).collect();
        assert_eq!(keep(&back, 400.0).len(), 5000);
    }

    proptest! {
        #[test]
        fn extremes_of_every_column_survive(ys in proptest::collection::vec(-1e3f64..1e3, 900..3000)) {
            let n = ys.len() as f64;
            let points: Vec<Pt> = ys.iter().enumerate().map(|(i, y)| pt(i as f64 / n * 400.0, *y)).collect();
            let kept = keep(&points, 400.0);
            prop_assert!(kept.len() <= 802);
            prop_assert!(kept.windows(2).all(|w| w[0] < w[1]));
            prop_assert_eq!(kept[0], 0);
            prop_assert_eq!(*kept.last().unwrap(), points.len() - 1);
            for column in 0..400 {
                let of = |list: &mut dyn Iterator<Item = Pt>| list
                    .filter(|p| p.x.floor() == f64::from(column))
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), p| (lo.min(p.y), hi.max(p.y)));
                let all = of(&mut points.iter().copied());
                let few = of(&mut kept.iter().map(|i| points[*i]));
                prop_assert_eq!(all, few);
            }
        }
    }
}
