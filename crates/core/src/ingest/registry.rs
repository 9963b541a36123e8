//! The table of formats and the choice between them.
//!
//! Knows that formats have an id, a label and a confidence; refuses to know their content.

use super::error::ReadError;
pub use super::formats::FORMATS;
use super::parsed::{Input, Parsed};
use super::probe::{Confidence, Probe};

/// A format that can be read.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Stable key.
    pub id: &'static str,
    /// Name in a sentence.
    pub label: &'static str,
    /// How sure it is that a file is its own; looks at the opening only.
    pub detect: fn(&Probe<'_>) -> Confidence,
    /// Reads a whole file.
    pub parse: fn(&Input<'_>) -> Result<Parsed, ReadError>,
}

/// The format that is surest, with its confidence.
pub fn recognise(probe: &Probe<'_>) -> Option<(&'static Format, Confidence)> {
    FORMATS
        .iter()
        .map(|f| (*f, (f.detect)(probe)))
        .filter(|(_, c)| *c > Confidence::NO)
        .max_by_key(|(_, c)| *c)
}
