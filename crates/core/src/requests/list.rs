//! The list of brushed requests: sorted, paged, with what each is over.

use super::{Ranked, Side};
use crate::fmt;
use crate::model::Metric;
use crate::records::Limits;
use crate::units::Seconds;
use std::ops::Range;

/// By what the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The metric; absent for the start.
    pub by: Option<Metric>,
    /// From the largest down.
    pub down: bool,
}

/// A request of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// 0 for the candidate, 1 for the baseline.
    pub side: usize,
    /// Its row.
    pub row: usize,
}

/// One page of the brushed rows of some sides, sorted; `orders` holds each side's rows by rising
/// figure. Stops as soon as the page is full.
pub fn page(
    sides: &[(usize, &Side, &Ranked, Range<usize>)],
    down: bool,
    skip: usize,
    take: usize,
) -> Vec<Listed> {
    let mut cursors: Vec<usize> = vec![0; sides.len()];
    let mut out = Vec::with_capacity(take.min(1000));
    let mut passed = 0;
    while out.len() < take {
        let mut best: Option<(f64, usize)> = None;
        for (k, (_, _, ranked, range)) in sides.iter().enumerate() {
            let Some(cursor) = cursors.get_mut(k) else {
                continue;
            };
            let n = ranked.rows.len();
            let place = |c: usize| if down { n.checked_sub(c + 1) } else { Some(c) };
            // On to the next row that is brushed.
            while *cursor < n
                && place(*cursor)
                    .and_then(|p| ranked.rows.get(p))
                    .is_some_and(|r| !range.contains(&(*r as usize)))
            {
                *cursor += 1;
            }
            let value = (*cursor < n)
                .then(|| place(*cursor).and_then(|p| ranked.values.get(p).copied()))
                .flatten();
            if let Some(v) = value {
                let better = best.is_none_or(|(b, _)| if down { v > b } else { v < b });
                if better {
                    best = Some((v, k));
                }
            }
        }
        let Some((_, k)) = best else { break };
        let (Some((side, _, ranked, _)), Some(cursor)) = (sides.get(k), cursors.get_mut(k)) else {
            break;
        };
        let place = if down {
            ranked.rows.len() - 1 - *cursor
        } else {
            *cursor
        };
        *cursor += 1;
        passed += 1;
        if passed > skip
            && let Some(row) = ranked.rows.get(place)
        {
            out.push(Listed {
                side: *side,
                row: *row as usize,
            });
        }
    }
    out
}

/// What a request is over, such as `TTFT over by 959 ms, TPOT by 0.16 ms`; empty when it keeps
/// all limits.
pub fn over(side: &Side, row: usize, limits: Limits) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (metric, limit) in [
        (Metric::Ttft, limits.ttft_s),
        (Metric::Tpot, limits.tpot_s),
        (Metric::RequestLatency, limits.latency_s),
    ] {
        if let (Some(limit), Some(v)) = (limit, side.value(metric, row))
            && v > limit
        {
            let by = fmt::ms(Seconds(v - limit));
            let name = metric.info().short;
            parts.push(if parts.is_empty() {
                format!("{name} over by {by}")
            } else {
                format!("{name} by {by}")
            });
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::workspace;
    use super::*;

    #[test]
    fn pages_follow_each_other_in_order() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        let ranked = Ranked::new(&side, Metric::Ttft, 0);
        let sides = [(0, &side, &ranked, 0..6)];
        let rows = |skip, down| -> Vec<usize> {
            page(&sides, down, skip, 3).iter().map(|l| l.row).collect()
        };
        assert_eq!(rows(0, true), [3, 2, 1]);
        assert_eq!(rows(3, true), [0, 5, 4]);
        assert_eq!(rows(6, true), [0_usize; 0]);
        assert_eq!(rows(0, false), [4, 5, 0]);
    }

    #[test]
    fn two_sides_are_merged_by_their_figures() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        let ranked = Ranked::new(&side, Metric::Ttft, 0);
        let sides = [(0, &side, &ranked, 0..2), (1, &side, &ranked, 2..4)];
        let got = page(&sides, true, 0, 9);
        let want = [(1, 3), (1, 2), (0, 1), (0, 0)].map(|(side, row)| Listed { side, row });
        assert_eq!(got, want);
    }

    #[test]
    fn a_request_says_what_it_is_over() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        let limits = Limits {
            ttft_s: Some(0.3),
            tpot_s: Some(0.005),
            latency_s: None,
        };
        assert_eq!(
            over(&side, 3, limits),
            "TTFT over by 600\u{a0}ms, TPOT by 1.17\u{a0}ms"
        );
        assert_eq!(over(&side, 6, limits), "");
    }
}
