//! Sources in words.

use super::{Sources, Tier};
use crate::fmt;
use crate::model::{Evidence, Metric};

/// The sentence above the sources.
pub fn title(sources: &Sources) -> String {
    let factor = |(low, high): (f64, f64)| {
        // Both as counts of times too few, or too many.
        let times = |f: f64| fmt::sig(if f >= 1.0 { f } else { 1.0 / f }, 2);
        let side = match (low >= 1.0, high >= 1.0) {
            (true, true) => "too few",
            (false, false) => "too many",
            _ => return "off to both sides".to_owned(),
        };
        let (a, b) = if low >= 1.0 { (low, high) } else { (high, low) };
        let (a, b) = (times(a), times(b));
        if a == b {
            format!("{a} times {side}")
        } else {
            format!("{a} to {b} times {side}")
        }
    };
    let tokens = sources.off(Metric::OutputThroughput).map(factor);
    match (tokens, sources.left_out()) {
        (Some(tokens), Some((out, all))) => format!(
            "The summaries counted {} of {} requests; where they are off, their output tokens/s are {tokens}",
            fmt::number((all - out) as f64, 0),
            fmt::number(all as f64, 0)
        ),
        (Some(tokens), None) => {
            format!("Where the summaries are off, their output tokens/s are {tokens}")
        }
        (None, Some((out, all))) => format!(
            "The summaries counted {} of {} requests",
            fmt::number((all - out) as f64, 0),
            fmt::number(all as f64, 0)
        ),
        (None, None) if sources.runs.is_empty() => "Each figure has one source".to_owned(),
        (None, None) if sources.corrects() => "The summaries differ from the records".to_owned(),
        (None, None) => "Summaries and records agree within 2 %".to_owned(),
    }
}

/// A kind of source: its name, what it holds, and what it is used for.
pub fn tier(t: &Tier) -> (&'static str, String, &'static str) {
    let files = fmt::plural(t.files, "file");
    let requests = fmt::plural(t.requests as usize, "request");
    let used = match (t.used, t.superseded) {
        (0, _) => "Superseded",
        (_, 0) => "Used",
        _ => "Used where nothing is more direct",
    };
    match t.evidence {
        Evidence::Usage => (
            "Server’s usage",
            format!("in the answers to {requests}"),
            "Used for output lengths",
        ),
        Evidence::Records => ("Records", format!("{requests}, {files}"), used),
        Evidence::Summary if t.requests > 0 => ("Summaries", format!("{requests}, {files}"), used),
        Evidence::Summary => ("Summaries", files, used),
        Evidence::Report => (
            "Report",
            format!("{}, {files}", fmt::plural(t.used + t.superseded, "figure")),
            used,
        ),
    }
}
