//! How often a lead is called Sound where nothing differs, and where 10 % do: pairs of simulated
//! runs through the whole analysis.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the example and the test use a part each, and a failed step is its own message"
)]

use crate::closed_loop::{Rng, Server};
use crate::known::{point, requests_of, run};
use crate::support::pair;
use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::Question;
use servelens_core::compare::Outcome;
use servelens_core::findings::Badge;
use servelens_core::model::Metric;

/// What the badge says of pairs of runs.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub pairs: f64,
    /// Pairs for which the candidate or the baseline is named.
    pub named: f64,
    /// Of these, with the badge Sound.
    pub sound: f64,
    /// Pairs that are Sound and name nobody.
    pub equal: f64,
    /// Pairs whose output rate has an interval.
    pub intervals: f64,
    /// Intervals that hold the true ratio.
    pub held: f64,
    /// Sum of the half widths in logarithms.
    pub width: f64,
}

impl Tally {
    pub fn percent(&self, part: f64) -> f64 {
        100.0 * part / self.pairs
    }
}

/// Pairs of runs of one server, the candidate `faster` times as fast as the baseline. An average
/// decode takes `decode_s` seconds.
pub fn tally(server: Server, decode_s: f64, faster: f64, pairs: u32, seed: u64) -> Tally {
    let mut rng = Rng(seed);
    let mut out = Tally::default();
    let users = u32::try_from(server.users).unwrap();
    for _ in 0..pairs {
        let mut side = |label, scale| {
            run(
                label,
                vec![point(requests_of(server, &mut rng, scale), users)],
            )
        };
        let ws = pair(side("A", decode_s / faster), side("B", decode_s));
        let a = analyse(&ws, &Options::default());
        let line = a.verdict.line(Question::WhoWins).unwrap();
        let sound = line.badge == Badge::Sound;
        let named = [Metric::OutputThroughput, Metric::RequestThroughput]
            .iter()
            .any(|m| {
                matches!(
                    a.comparison.outcome(*m, users),
                    Some(Outcome::Candidate | Outcome::Baseline)
                )
            });
        out.pairs += 1.0;
        out.named += f64::from(u8::from(named));
        out.sound += f64::from(u8::from(named && sound));
        out.equal += f64::from(u8::from(!named && sound));
        let rate = a
            .rates
            .iter()
            .find(|d| d.metric == Metric::OutputThroughput);
        if let Some(i) = rate.and_then(|d| d.interval)
            && let (Some(low), Some(high)) = (i.low, i.high)
        {
            out.intervals += 1.0;
            out.held += f64::from(u8::from(i.contains(faster)));
            out.width += 0.5 * (high / low).ln();
        }
    }
    out
}

pub const fn server(n: usize, users: usize, drift: f64, memory: f64, lengths: f64) -> Server {
    Server {
        n,
        users,
        prefill: 0.3,
        scatter: 0.2,
        drift,
        memory,
        lengths,
    }
}
