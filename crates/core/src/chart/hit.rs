//! Pointing at a chart: which mark, which limit, which value.
//!
//! Knows pixels of a layout; refuses to know events.

use super::geometry::{Pt, pt};
use super::layout::Layout;
use super::series::PlacedMark;
use super::spec::{Across, ChartSpec, MarkRef};

/// A mark is found within this many pixels.
pub const REACH: f64 = 24.0;
/// A limit's grip or line is found within this many pixels.
pub const GRIP: f64 = 10.0;

/// Where an arrow key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The mark before, on the same line.
    Left,
    /// The mark after, on the same line.
    Right,
    /// The mark above, on another line.
    Up,
    /// The mark below, on another line.
    Down,
}

impl Layout {
    /// The nearest visible mark within 24 px.
    pub fn hit(&self, x: f64, y: f64) -> Option<MarkRef> {
        let at = pt(x, y);
        self.marks()
            .map(|m| (m.at.distance(at), m.mark))
            .filter(|(distance, _)| *distance <= REACH)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, mark)| mark)
    }

    /// Every visible mark.
    pub fn marks(&self) -> impl Iterator<Item = &PlacedMark> {
        self.series.iter().flat_map(|s| &s.marks)
    }

    /// Where an arrow key goes from a mark; from nowhere it goes to the first visible mark. `None` at an end.
    pub fn neighbour(&self, from: Option<MarkRef>, step: Step) -> Option<MarkRef> {
        let Some(here) = from.and_then(|m| self.mark(m)) else {
            return self.marks().next().map(|m| m.mark);
        };
        let along = |sign: f64| {
            self.series
                .get(here.mark.series)?
                .marks
                .iter()
                .filter(|m| m.mark != here.mark)
                .map(|m| {
                    let ahead = sign * (m.home.x - here.home.x);
                    // Marks at one x are told apart by their order.
                    let order = sign * (m.mark.mark as f64 - here.mark.mark as f64);
                    (ahead, order, m.mark)
                })
                .filter(|(ahead, order, _)| *ahead > 0.0 || (*ahead == 0.0 && *order > 0.0))
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
                .map(|(.., mark)| mark)
        };
        match step {
            Step::Left => along(-1.0),
            Step::Right => along(1.0),
            Step::Up => self.across(here, -1.0),
            Step::Down => self.across(here, 1.0),
        }
    }

    /// Of the marks of other series that lie nearest in x, the next one up or down.
    fn across(&self, here: &PlacedMark, sign: f64) -> Option<MarkRef> {
        self.series
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != here.mark.series)
            .filter_map(|(_, series)| {
                series.marks.iter().min_by(|a, b| {
                    let far = |m: &PlacedMark| (m.home.x - here.home.x).abs();
                    far(a).total_cmp(&far(b))
                })
            })
            .map(|m| (sign * (m.home.y - here.home.y), m.mark))
            .filter(|(ahead, mark)| {
                *ahead > 0.0
                    || (*ahead == 0.0 && sign > 0.0 && *mark > here.mark)
                    || (*ahead == 0.0 && sign < 0.0 && *mark < here.mark)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, mark)| mark)
    }

    /// The values at a pixel.
    pub fn data_at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.value(x), self.y.value(y))
    }

    /// The index of the limit whose grip or line lies there.
    pub fn limit_at(&self, spec: &ChartSpec, x: f64, y: f64) -> Option<usize> {
        let at = pt(x, y);
        self.limits
            .iter()
            .enumerate()
            .filter_map(|(i, placed)| {
                let placed = placed.as_ref()?;
                spec.limits.get(i).filter(|l| l.grip)?;
                let on_grip = placed.grip.map_or(f64::INFINITY, |g| g.distance(at));
                let on_line = off_line(at, placed.line);
                Some((on_grip.min(on_line), i))
            })
            .filter(|(distance, _)| *distance <= GRIP)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, i)| i)
    }

    /// A dragged limit's value: two digits, three from ten thousand on, never outside the shown range.
    pub fn limit_value(&self, across: Across, x: f64, y: f64) -> f64 {
        let (axis, value) = match across {
            Across::Y => (self.y, self.y.value(y)),
            Across::X => (self.x, self.x.value(x)),
        };
        let rounded = round_to(value, if value.abs() >= 1e4 { 3 } else { 2 });
        if rounded >= axis.lo() && rounded <= axis.hi() {
            rounded
        } else {
            value.clamp(axis.lo(), axis.hi())
        }
    }
}

fn off_line(at: Pt, (a, b): (Pt, Pt)) -> f64 {
    let length = a.distance(b).max(1e-9);
    let t = ((at.x - a.x) * (b.x - a.x) + (at.y - a.y) * (b.y - a.y)) / (length * length);
    let t = t.clamp(0.0, 1.0);
    at.distance(pt(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)))
}

/// A value rounded to some significant digits.
pub fn round_to(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = digits - 1 - value.abs().log10().floor() as i32;
    if exponent >= 0 {
        let scale = 10f64.powi(exponent);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-exponent);
        (value / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::layout::layout;
    use crate::chart::spec::*;
    use proptest::prelude::*;

    fn spec(points: &[(f64, f64)]) -> ChartSpec {
        let line = |slot, shift: f64| Series {
            slot,
            marks: points
                .iter()
                .map(|(x, y)| Mark::measured(*x, y + shift))
                .collect(),
            ..Series::default()
        };
        ChartSpec {
            x: AxisSpec {
                scale: Scale::Log2,
                ..AxisSpec::default()
            },
            series: vec![line(Slot::CANDIDATE, 0.0), line(Slot::BASELINE, 40.0)],
            ..ChartSpec::default()
        }
    }

    const POINTS: [(f64, f64); 4] = [(1.0, 10.0), (10.0, 30.0), (50.0, 60.0), (250.0, 90.0)];

    #[test]
    fn arrows_walk_a_line_and_change_lines() {
        let layout = layout(&spec(&POINTS), 508.0, 248.0);
        let at = |series, mark| Some(MarkRef { series, mark });
        assert_eq!(layout.neighbour(None, Step::Right), at(0, 0));
        assert_eq!(layout.neighbour(at(0, 0), Step::Right), at(0, 1));
        assert_eq!(layout.neighbour(at(0, 3), Step::Right), None);
        assert_eq!(layout.neighbour(at(0, 1), Step::Left), at(0, 0));
        assert_eq!(layout.neighbour(at(0, 1), Step::Up), at(1, 1));
        assert_eq!(layout.neighbour(at(1, 1), Step::Down), at(0, 1));
        assert_eq!(layout.neighbour(at(1, 1), Step::Up), None);
    }

    #[test]
    fn a_hidden_line_cannot_be_pointed_at() {
        let mut spec = spec(&POINTS);
        let place = layout(&spec, 508.0, 248.0).series[0].marks[1].at;
        spec.series[0].hidden = true;
        let hit = layout(&spec, 508.0, 248.0).hit(place.x, place.y);
        assert!(hit.is_none_or(|m| m.series == 1));
    }

    #[test]
    fn a_limit_is_dragged_to_round_values() {
        let mut spec = spec(&POINTS);
        spec.limits.push(Limit {
            id: "rate".into(),
            across: Across::Y,
            value: 50.0,
            below_is_within: true,
            label: "≤ 50".into(),
            hint: String::new(),
            grip: true,
        });
        let layout = layout(&spec, 508.0, 248.0);
        let grip = layout.limits[0].unwrap().grip.unwrap();
        assert_eq!(layout.limit_at(&spec, grip.x + 3.0, grip.y), Some(0));
        assert_eq!(layout.limit_at(&spec, grip.x, grip.y - 40.0), None);
        let to = layout.limit_value(Across::Y, grip.x, layout.y.px(71.3).unwrap());
        assert_eq!(to, 71.0);
        assert!(layout.limit_value(Across::Y, 0.0, -1e4) <= layout.y.hi());
    }

    #[test]
    fn rounds_to_significant_digits() {
        assert_eq!(round_to(0.012345, 2), 0.012);
        assert_eq!(round_to(24373.0, 3), 24400.0);
        assert_eq!(round_to(-71.6, 2), -72.0);
        assert_eq!(round_to(0.0, 2), 0.0);
    }

    proptest! {
        #[test]
        fn finds_the_nearest_visible_mark(x in -50.0f64..600.0, y in -50.0f64..300.0) {
            let layout = layout(&spec(&POINTS), 508.0, 248.0);
            let far = |m: &PlacedMark| m.at.distance(pt(x, y));
            let nearest = layout.marks().map(far).fold(f64::INFINITY, f64::min);
            match layout.hit(x, y) {
                Some(mark) => {
                    let found = far(layout.mark(mark).unwrap());
                    prop_assert!(found <= REACH && found <= nearest);
                }
                None => prop_assert!(nearest > REACH),
            }
        }
    }
}
