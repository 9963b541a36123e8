//! The table of formats and the choice between them.
//!
//! Knows that formats have an id, a label and a confidence; refuses to know their content.

use super::error::ReadError;
use super::formats;
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

/// Every format that can be read. The order has no meaning: the highest confidence wins.
pub static FORMATS: &[&Format] = &[
    &formats::genai_perf::FORMAT,
    &formats::genai_perf_csv::FORMAT,
    &formats::genai_perf_raw::FORMAT,
    &formats::aiperf::FORMAT,
    &formats::aiperf_csv::FORMAT,
    &formats::aiperf_records::FORMAT,
    &formats::vllm::FORMAT,
    &formats::aic::FORMAT,
    &formats::aic_result::FORMAT,
    &formats::aic_config::FORMAT,
    &formats::table::FORMAT,
];

/// The format that is surest, with its confidence.
pub fn recognise(probe: &Probe<'_>) -> Option<(&'static Format, Confidence)> {
    FORMATS
        .iter()
        .map(|f| (*f, (f.detect)(probe)))
        .filter(|(_, c)| *c > Confidence::NO)
        .max_by_key(|(_, c)| *c)
}
