//! Where a figure comes from.

use serde::{Deserialize, Serialize};

/// Where a figure comes from. Shown beside every figure that is not plainly measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// As the tool or the report states it.
    Measured,
    /// Computed from measured figures of the same point by the metric's formula.
    Derived,
    /// On the straight line of log figure over log concurrency between two measured points.
    Interpolated,
    /// From a cost model.
    Projected,
}

impl Provenance {
    /// The word that stands beside a figure.
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Derived => "implied",
            Self::Interpolated => "interpolated",
            Self::Projected => "projected",
        }
    }
}
