//! Where the requests lie, in bins of a round width.

use super::{Pair, label, limit_of};
use crate::chart::mirror::{Bins, Mirror};
use crate::figures::slot;
use crate::fmt;
use crate::model::Workspace;
use crate::records::Limits;
use crate::stats;
use crate::units::Seconds;
use std::ops::Range;

/// Where the requests lie, and where each bin ends among the ranked requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// The chart.
    pub spec: Mirror,
    /// For each side how many counted requests lie below the end of each bin.
    below: [Vec<usize>; 2],
}

/// Round widths of a bin.
const ROUND: [f64; 4] = [1.0, 2.0, 2.5, 5.0];

/// Bins of a round width, thirty to sixty over nearly all requests.
pub fn histogram(ws: &Workspace, pair: &Pair, limits: Limits, brushed: bool) -> Histogram {
    let metric = pair.metric;
    let short = metric.info().short;
    // One far request must not squeeze the others into one bin.
    let far = pair
        .each()
        .filter_map(|(_, s)| {
            let v = &s.ranked.values;
            let top = stats::percentile(v, 0.995)? * 1e3;
            let last = v.last()? * 1e3;
            Some(if last > 2.0 * top { 1.3 * top } else { last })
        })
        .fold(0.0, f64::max);
    let low = pair.ends_ms().map_or(0.0, |e| e.0);
    let from_zero = low < 0.35 * far;
    let span = (if from_zero { far } else { far - low }).max(1e-3);
    let width = round_width(span / 60.0);
    let from = if from_zero {
        0.0
    } else {
        (low / width).floor() * width
    };
    let bins = (((far - from) / width).floor() as usize + 1).clamp(1, 200);
    let ends: Vec<f64> = (1..=bins)
        .map(|i| (from + i as f64 * width) * 1e-3 * (1.0 - 1e-12))
        .collect();
    let to = from + bins as f64 * width;
    let mut below = [Vec::new(), Vec::new()];
    let mut sides = [Bins::default(), Bins::default()];
    for (i, shown) in pair.each() {
        let counts = shown.ranked.at_or_below(&ends);
        let mut before = 0;
        let each = counts.iter().map(|c| {
            let n = c - before;
            before = *c;
            u32::try_from(n).unwrap_or(u32::MAX)
        });
        let each: Vec<u32> = each.collect();
        let beyond = shown.ranked.values.len() - counts.last().copied().unwrap_or(0);
        if let (Some(side), Some(slots)) = (sides.get_mut(i), below.get_mut(i)) {
            *side = Bins {
                label: label(ws, &shown.side),
                note: if beyond > 0 {
                    let n = fmt::number(beyond as f64, 0);
                    format!("{n} beyond {}", fmt::ms(Seconds::from_ms(to)))
                } else {
                    String::new()
                },
                slot: slot(&ws.runs, shown.side.run),
                counts: each,
            };
            *slots = counts;
        }
    }
    let both = sides.iter().all(|s| !s.label.is_empty());
    let peak: Vec<String> = sides
        .iter()
        .filter(|s| !s.label.is_empty())
        .filter_map(|s| {
            let (i, n) = s.counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
            let a = from + i as f64 * width;
            Some(format!(
                "most of {}, {} of {}, lie from {} to {}",
                s.label,
                fmt::number(f64::from(*n), 0),
                fmt::number(s.counts.iter().map(|n| f64::from(*n)).sum(), 0),
                fmt::ms(Seconds::from_ms(a)),
                fmt::ms(Seconds::from_ms(a + width))
            ))
        })
        .collect();
    let spec = Mirror {
        id: format!("bins-{}", metric.id().replace('_', "-")),
        title: "Where the requests lie".into(),
        subtitle: match (brushed, both) {
            (true, _) => "Filled: brushed. Outlined: all counted".into(),
            (false, true) => "Counted requests in each bin, one run up, the other down".into(),
            (false, false) => "Counted requests in each bin".into(),
        },
        summary: format!("Requests by {short}: {}.", peak.join("; ")),
        x_title: format!("{short}, ms, bins of {}", fmt::measured(width)),
        y_title: "Requests".into(),
        from,
        width,
        sides,
        limit: limit_of(metric, limits),
        brushed,
    };
    Histogram { spec, below }
}

/// The round number at or above a width.
pub(super) fn round_width(least: f64) -> f64 {
    let power = 10f64.powf(least.max(1e-6).log10().floor());
    ROUND
        .into_iter()
        .map(|r| r * power)
        .find(|w| *w >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

impl Histogram {
    /// How many brushed requests lie in each bin of each side.
    pub fn brushed(&self, pair: &Pair, rows: &[Range<usize>; 2]) -> [Vec<u32>; 2] {
        let mut out = [Vec::new(), Vec::new()];
        for (i, shown) in pair.each() {
            if let (Some(slot), Some(below), Some(rows)) =
                (out.get_mut(i), self.below.get(i), rows.get(i))
            {
                let sums = shown.ranked.of_range(below, rows);
                let mut before = 0;
                *slot = sums
                    .into_iter()
                    .map(|c| {
                        let n = c - before;
                        before = c;
                        n
                    })
                    .collect();
            }
        }
        out
    }
}
