//! What-if: a configuration that the person turns, and everything the cost model says about it.
//!
//! Knows inputs, outcomes, the matrix of formats, agreement with AIC's own files and the exports. Refuses to know
//! pixels and signals. Figures are those of [`crate::cost`]: milliseconds, GiB, one replica unless a name says otherwise.

mod agreement;
mod export;
mod inputs;
mod matrix;
mod outcome;
mod slider;
mod words;

pub use agreement::{Agreement, agreement};
pub use export::{TopTable, benchmark, exp_yaml, run_of, tables};
pub use inputs::{Asked, Inputs, short_rules, versions};
pub use matrix::{Cell, FORMATS, Row, Shown, TPS, row};
pub use outcome::{Outcome, cost_per_million, outcome};
pub use slider::{STOPS, Slider};
pub use words::{formats, headline, limits, other_work, overlay, setup};
