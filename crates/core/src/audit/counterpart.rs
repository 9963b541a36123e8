//! Which measured loads a projected point can be held against.

use super::{Case, PointRef};
use crate::model::{Metric, Point, Run};

/// The loads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counterparts {
    /// The projection's own load, where it was run.
    pub own: Option<u32>,
    /// Measured loads for which the same sweep has a row of the same deployment, with that row; ascending.
    pub rows: Vec<(u32, PointRef)>,
    /// The lowest measured load above the most requests that the engines work on at once, where that is the projection's own load:
    /// output per GPU there is that of engines as full as projected.
    pub ceiling: Option<u32>,
}

impl Counterparts {
    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.own.is_none() && self.rows.is_empty() && self.ceiling.is_none()
    }
}

/// The counterparts of a projected point among the loads of a measured run. Loads that only a distrusted summary describes are none.
pub fn counterparts(
    case: &Case<'_>,
    at: PointRef,
    pr: &Run,
    p: &Point,
    run: usize,
) -> Counterparts {
    let (Some(m), Some(curve), Some(own)) = (case.run(run), case.curve(run), p.load.concurrency)
    else {
        return Counterparts::default();
    };
    let trusted = |c: u32| {
        !m.points
            .iter()
            .any(|q| q.distrusted && q.load.concurrency == Some(c))
    };
    let loads: Vec<u32> = curve
        .concurrencies()
        .into_iter()
        .filter(|c| trusted(*c))
        .collect();
    let cap = m.in_flight_cap();
    let shape = |q: &Point| {
        let setup = q.setup.as_ref();
        (
            q.gpus.or(pr.gpus()),
            setup.map(|s| (s.disagg, s.tp, s.pp, s.prefill, s.decode)),
        )
    };
    let row = |c: u32| -> Option<PointRef> {
        let rate = |q: &Point| pr.value(q, Metric::OutputThroughputPerGpu).map(|(v, _)| v);
        let alike = case.points(at.run).into_iter().filter(|(_, _, q)| {
            q.load.concurrency == Some(c) && shape(q) == shape(p) && q.setup.is_some()
        });
        let best = alike.max_by(|a, b| {
            let (a, b) = (rate(a.2), rate(b.2));
            a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
        });
        best.map(|(at, _, _)| at)
    };
    let own_load = loads.contains(&own).then_some(own);
    // Engines of another TP are another deployment: neither its rows nor full engines of it were run.
    let ran = m.deployment.engine.as_ref().and_then(|e| e.tp);
    let planned = p.setup.as_ref().and_then(|s| s.tp);
    if ran
        .zip(planned)
        .is_some_and(|(ran, planned)| ran != planned)
    {
        return Counterparts {
            own: own_load,
            ..Counterparts::default()
        };
    }
    Counterparts {
        own: own_load,
        rows: loads
            .iter()
            .filter(|c| **c != own && cap.is_none_or(|cap| **c <= cap))
            .filter_map(|c| Some((*c, row(*c)?)))
            .collect(),
        ceiling: cap
            .filter(|cap| *cap == own)
            .and_then(|cap| loads.iter().copied().find(|c| *c > cap)),
    }
}
