//! Points and boxes in CSS pixels, y downwards.
//!
//! Knows plane geometry; refuses to know data, axes and colours.

/// A point in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pt {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// Shorthand for a point.
pub const fn pt(x: f64, y: f64) -> Pt {
    Pt { x, y }
}

impl Pt {
    /// The straight distance to another point.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// An upright box; `left <= right` and `top <= bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl Rect {
    /// From its edges; crossed edges are put in order.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left: left.min(right),
            top: top.min(bottom),
            right: left.max(right),
            bottom: top.max(bottom),
        }
    }
    /// A square around a point.
    pub fn around(at: Pt, half: f64) -> Self {
        Self::new(at.x - half, at.y - half, at.x + half, at.y + half)
    }
    /// Width.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }
    /// Height.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
    /// Whether a point lies inside or at most `slack` outside.
    pub fn contains(&self, p: Pt, slack: f64) -> bool {
        p.x >= self.left - slack
            && p.x <= self.right + slack
            && p.y >= self.top - slack
            && p.y <= self.bottom + slack
    }
    /// The area shared with another box.
    pub fn overlap(&self, other: &Self) -> f64 {
        let w = self.right.min(other.right) - self.left.max(other.left);
        let h = self.bottom.min(other.bottom) - self.top.max(other.top);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }
    /// Grown by a margin on every side.
    pub fn grown(&self, by: f64) -> Self {
        Self::new(
            self.left - by,
            self.top - by,
            self.right + by,
            self.bottom + by,
        )
    }
    /// The four corners, clockwise from the top left.
    pub fn corners(&self) -> Vec<Pt> {
        vec![
            pt(self.left, self.top),
            pt(self.right, self.top),
            pt(self.right, self.bottom),
            pt(self.left, self.bottom),
        ]
    }
}
