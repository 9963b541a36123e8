//! One-dimensional rules: brackets on sorted keys, the two-node line of 0.2, the bilinear cell.

/// The straight line through two nodes, with AIC 0.2's exception: where `t` lies outside and the line falls, the
/// value of the left node holds.
pub(crate) fn line(x0: f64, x1: f64, v0: f64, v1: f64, t: f64) -> f64 {
    if (x0 - x1) * (v0 - v1) < 0.0 && (t - x0) * (t - x1) > 0.0 {
        return v0;
    }
    v0 + (v1 - v0) * (t - x0) / (x1 - x0)
}

/// Positions of the two keys that bracket `t`. Below the first key the first two, above the last key the last two,
/// and at the last key the last two. None for fewer than two keys.
pub(crate) fn bracket(keys: &[u32], t: u64) -> Option<(usize, usize)> {
    let last = keys.len().checked_sub(1).filter(|l| *l > 0)?;
    let above = keys.partition_point(|k| u64::from(*k) <= t);
    let right = above.clamp(1, last);
    Some((right - 1, right))
}

/// Whether `t` lies on or between the first and last key.
pub(crate) fn inside(keys: &[u32], t: u64) -> bool {
    match (keys.first(), keys.last()) {
        (Some(first), Some(last)) => u64::from(*first) <= t && t <= u64::from(*last),
        _ => false,
    }
}

/// A rectangle with its four corner values: 0 = (y1,z1), 1 = (y1,z2), 2 = (y2,z1), 3 = (y2,z2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// First coordinate of corners 0 and 1.
    pub y1: f64,
    /// First coordinate of corners 2 and 3.
    pub y2: f64,
    /// Second coordinate of corners 0 and 2.
    pub z1: f64,
    /// Second coordinate of corners 1 and 3.
    pub z2: f64,
    /// Values at the corners.
    pub f: [f64; 4],
}

impl Cell {
    /// Where (y, z) lies, as shares of the sides.
    pub(crate) fn shares(&self, y: f64, z: f64) -> (f64, f64) {
        (
            (y - self.y1) / (self.y2 - self.y1),
            (z - self.z1) / (self.z2 - self.z1),
        )
    }

    /// Bilinear value at (y, z).
    pub(crate) fn bilinear(&self, y: f64, z: f64) -> f64 {
        let (p, q) = self.shares(y, z);
        let [f0, f1, f2, f3] = self.f;
        (1.0 - p) * (1.0 - q) * f0 + (1.0 - p) * q * f1 + p * (1.0 - q) * f2 + p * q * f3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falling_tails_are_held() {
        assert_eq!(line(1.0, 2.0, 4.0, 3.0, 5.0), 4.0);
        assert_eq!(line(1.0, 2.0, 4.0, 3.0, 0.0), 4.0);
        assert_eq!(line(1.0, 2.0, 4.0, 3.0, 1.5), 3.5);
        assert_eq!(line(1.0, 2.0, 3.0, 4.0, 3.0), 5.0);
    }

    #[test]
    fn brackets() {
        let keys = [2, 4, 8];
        let at = |t| bracket(&keys, t).unwrap();
        assert_eq!(
            (at(1), at(2), at(3), at(4), at(8), at(9)),
            ((0, 1), (0, 1), (0, 1), (1, 2), (1, 2), (1, 2))
        );
        assert_eq!(bracket(&[5], 5), None);
        assert!(inside(&keys, 8) && !inside(&keys, 9) && !inside(&keys, 1));
    }
}
