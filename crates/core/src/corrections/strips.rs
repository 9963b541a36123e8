//! The causes of corrections as strips: how much was kept, what a cap leaves waiting.

use super::sources;
use crate::audit::{Check, Finding};
use crate::model::{Metric, Point, Workspace};

/// A picture of a cause, drawn to scale.
#[derive(Debug, Clone, PartialEq)]
pub enum Strip {
    /// A part of a whole.
    Share {
        /// The part.
        kept: u64,
        /// What it is.
        kept_is: &'static str,
        /// The rest.
        rest: u64,
        /// What that is.
        rest_is: &'static str,
    },
    /// Loads, ascending, beside the most requests that the engines work on at once.
    Cap {
        /// Measured loads.
        loads: Vec<u32>,
        /// Requests in the engines at once.
        cap: u32,
    },
    /// A request whose answer came in one piece, after this time in seconds.
    OnePiece {
        /// Mean request time.
        seconds: f64,
        /// Load at which it was measured.
        concurrency: u32,
    },
}

/// The strip of a finding; `None` where it has none.
pub fn strip(ws: &Workspace, finding: &Finding) -> Option<Strip> {
    let mut points = finding.points.iter().filter_map(|at| {
        Some((
            ws.runs.get(at.run)?,
            ws.runs.get(at.run)?.points.get(at.point)?,
        ))
    });
    match finding.check {
        Check::Recount => {
            // Not of loads that only a summary describes.
            points.find(|(_, p)| p.recorded.is_some())?;
            let (rest, all) = sources(ws).left_out()?;
            Some(Strip::Share {
                kept: all - rest,
                kept_is: "counted",
                rest,
                rest_is: "left out",
            })
        }
        Check::Repeat => {
            let (distinct, all) = points
                .filter_map(|(_, p)| distinct(p))
                .max_by(|a, b| (a.1 - a.0).cmp(&(b.1 - b.0)))?;
            Some(Strip::Share {
                kept: distinct,
                kept_is: "distinct prompts",
                rest: all - distinct,
                rest_is: "repeats",
            })
        }
        Check::Cap => {
            let engines = points.filter_map(|(run, _)| Some((run, run.in_flight_cap()?)));
            let (run, cap) = engines.min_by_key(|(_, cap)| *cap)?;
            let mut loads: Vec<u32> = run
                .points
                .iter()
                .filter_map(|p| p.load.concurrency)
                .collect();
            loads.sort_unstable();
            loads.dedup();
            Some(Strip::Cap { loads, cap })
        }
        Check::Stream => points.find_map(|(_, p)| {
            Some(Strip::OnePiece {
                seconds: p.reported(Metric::RequestLatency)?,
                concurrency: p.load.concurrency?,
            })
        }),
        _ => None,
    }
}

/// Distinct prompts and all prompts of a load that repeats some.
fn distinct(p: &Point) -> Option<(u64, u64)> {
    let recorded = p.recorded.as_ref()?;
    let (distinct, all) = (recorded.prompts.len() as u64, recorded.with_prompt?);
    (distinct < all).then_some((distinct, all))
}
