//! Requests at one load: the records of both sides, ready to be drawn, brushed and listed.
//!
//! Knows which loads have records, the requests in order of start, and which of them a warm-up
//! treatment counts. Refuses to know pixels. What a frame of brushing needs is computed once:
//! a brushed range of starts is a range of rows, and counting goes over sorted rows in one pass.

mod by_load;
mod list;
mod readout;
mod words;

pub use by_load::{AtLoad, Figures, Kept, Recomputed, by_load, figures, kept, quantiles};
pub use list::{Listed, Sort, over, page};
pub use readout::{ReadOut, read_out};
pub use words::{Headline, Told, headline, treated, within_words};

use crate::align::{WorkloadKey, Workloads};
use crate::model::{Load, Metric, Requests, Treatment, Workspace};
use crate::records::{Limits, Records};
use std::ops::Range;
use std::sync::Arc;

/// The metrics that a single request has and that are shown.
pub const METRICS: [Metric; 3] = [Metric::Ttft, Metric::Tpot, Metric::RequestLatency];

/// A load at which at least one side has records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The work asked for.
    pub workload: WorkloadKey,
    /// The load.
    pub load: Load,
    /// Index of the point with records: candidate, baseline.
    pub points: [Option<usize>; 2],
}

/// The loads with records of two runs, by workload and load.
pub fn choices(ws: &Workspace, runs: [Option<usize>; 2], context: &Workloads) -> Vec<Choice> {
    let mut out: Vec<Choice> = Vec::new();
    for (side, run) in runs.into_iter().enumerate() {
        let points = run.and_then(|r| ws.runs.get(r)).map(|r| r.points.iter());
        for (i, p) in points.into_iter().flatten().enumerate() {
            let (Some(workload), true) = (context.resolve(p), p.records.is_some()) else {
                continue;
            };
            let load = p.load;
            let known = out
                .iter_mut()
                .find(|c| c.workload == workload && c.load == load);
            match known {
                // Of repeats the first one is shown.
                Some(c) => {
                    if let Some(slot) = c.points.get_mut(side) {
                        slot.get_or_insert(i);
                    }
                }
                None => {
                    let mut points = [None, None];
                    if let Some(slot) = points.get_mut(side) {
                        *slot = Some(i);
                    }
                    out.push(Choice {
                        workload,
                        load,
                        points,
                    });
                }
            }
        }
    }
    // A handful: put in order by swapping, which costs no code of its own.
    for i in 1..out.len() {
        let mut at = i;
        while at > 0
            && let (Some(a), Some(b)) = (out.get(at - 1), out.get(at))
            && key(a) > key(b)
        {
            out.swap(at - 1, at);
            at -= 1;
        }
    }
    out
}

fn key(c: &Choice) -> (WorkloadKey, u32, f64) {
    (
        c.workload,
        c.load.concurrency.unwrap_or(u32::MAX),
        c.load.request_rate.unwrap_or(0.0),
    )
}

/// The records of one run at one load, in order of start. A row is a place in that order.
#[derive(Debug, Clone)]
pub struct Side {
    /// Index of the run.
    pub run: usize,
    /// Index of the point.
    pub point: usize,
    /// The records in order of completion, for every figure.
    pub records: Records,
    /// As read, with the tool's own warm-up.
    pub source: Arc<Requests>,
    /// Start of each row, seconds.
    pub start_s: Vec<f64>,
    /// Place of each row in the order of completion.
    pub rank: Vec<u32>,
}

impl Side {
    /// Puts a point's records in order; `None` where there are none.
    pub fn new(ws: &Workspace, run: usize, point: usize) -> Option<Self> {
        let p = ws.runs.get(run)?.points.get(point)?;
        let source = p.records.clone()?;
        let records = Records::new(&source, p.load.concurrency)?;
        let rank = ascending(records.start_s());
        let start_s = picked(records.start_s(), &rank);
        Some(Self {
            run,
            point,
            records,
            source,
            start_s,
            rank,
        })
    }

    /// Completed requests.
    pub fn n(&self) -> usize {
        self.rank.len()
    }

    /// How many first completions a treatment leaves out; always fewer than all.
    pub fn dropped(&self, treatment: Treatment) -> usize {
        let w = self.records.warm_up();
        match treatment {
            Treatment::File => 0,
            Treatment::FirstWave => w.first_wave.unwrap_or(0),
            Treatment::Mser5 => w.mser5.map_or(0, |m| m.drop),
        }
    }

    /// The rows that start within a range of seconds, both ends included.
    pub fn rows(&self, brush: (f64, f64)) -> Range<usize> {
        let from = self.start_s.partition_point(|s| *s < brush.0);
        let to = self.start_s.partition_point(|s| *s <= brush.1);
        from..to.max(from)
    }

    /// A column in order of completion; absent for metrics that no single request has.
    pub fn column(&self, metric: Metric) -> Option<&[f64]> {
        let r = &self.records;
        match metric {
            Metric::Ttft => Some(r.ttft_s()),
            Metric::RequestLatency => Some(r.latency_s()),
            Metric::Tpot => Some(r.tpot_s()),
            Metric::Osl => Some(r.osl()),
            Metric::Isl => Some(r.isl()),
            _ => None,
        }
    }

    /// A row's figure, seconds or tokens.
    pub fn value(&self, metric: Metric, row: usize) -> Option<f64> {
        let at = *self.rank.get(row)? as usize;
        self.column(metric)?
            .get(at)
            .copied()
            .filter(|v| v.is_finite())
    }

    /// What the file calls a row's request.
    pub fn number(&self, row: usize) -> u32 {
        let at = self.rank.get(row).copied().unwrap_or_default();
        self.source.number.get(at as usize).copied().unwrap_or(at)
    }

    /// When the request completes that ends the first wave, seconds.
    pub fn wave_end_s(&self) -> Option<f64> {
        let wave = self.records.warm_up().first_wave?;
        self.records.end_s().get(wave.checked_sub(1)?).copied()
    }

    /// How many rows up to each keep all limits: one more entry than rows.
    pub fn kept(&self, limits: Limits) -> Vec<u32> {
        let within = self.records.all().within(limits).unwrap_or_default();
        let mut sum = 0;
        let mut out = vec![0];
        for at in &self.rank {
            sum += u32::from(within.get(*at as usize).copied().unwrap_or(false));
            out.push(sum);
        }
        out
    }
}

/// The rows that count, by rising figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranked {
    /// Figures, ascending, in seconds.
    pub values: Vec<f64>,
    /// The row of each.
    pub rows: Vec<u32>,
}

impl Ranked {
    /// The figures of a metric, without the first `dropped` completions.
    pub fn new(side: &Side, metric: Metric, dropped: usize) -> Self {
        let Some(column) = side.column(metric) else {
            return Self::default();
        };
        // The row of each place in the order of completion.
        let mut row_of = vec![0_u32; side.rank.len()];
        for (row, at) in (0_u32..).zip(&side.rank) {
            if let Some(slot) = row_of.get_mut(*at as usize) {
                *slot = row;
            }
        }
        let order = ascending(column);
        let counted = order.iter().copied().filter(|at| *at as usize >= dropped);
        let mut out = Self::default();
        for at in counted {
            let at = at as usize;
            if let (Some(v), Some(row)) = (column.get(at), row_of.get(at)) {
                out.values.push(*v);
                out.rows.push(*row);
            }
        }
        out
    }

    /// How many figures lie at or below each of some ascending values.
    pub fn at_or_below(&self, values: &[f64]) -> Vec<usize> {
        values
            .iter()
            .map(|v| self.values.partition_point(|x| x <= v))
            .collect()
    }

    /// How many of the first `ends[k]` figures, for each k, belong to rows of a range; `ends`
    /// ascending. One pass over the rows.
    pub fn of_range(&self, ends: &[usize], range: &Range<usize>) -> Vec<u32> {
        let (from, to) = (range.start as u32, range.end as u32);
        let mut out = Vec::with_capacity(ends.len());
        let (mut at, mut count) = (0, 0_u32);
        for end in ends {
            let stretch = self.rows.get(at..*end).unwrap_or_default();
            count += stretch
                .iter()
                .map(|r| u32::from(*r >= from && *r < to))
                .sum::<u32>();
            at = (*end).max(at);
            out.push(count);
        }
        out
    }
}

/// The places of a column by rising figure; what is no number is left out.
pub fn ascending(column: &[f64]) -> Vec<u32> {
    let least = column
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(0.0, f64::min);
    // Shifted to be positive, numbers order as their bits do.
    let mut order: Vec<(u64, usize)> = column
        .iter()
        .enumerate()
        .filter(|(_, v)| v.is_finite())
        .map(|(i, v)| ((v - least).max(0.0).to_bits(), i))
        .collect();
    if !order.is_sorted() {
        order.sort_unstable();
    }
    order
        .into_iter()
        .map(|(_, i)| u32::try_from(i).unwrap_or(u32::MAX))
        .collect()
}

fn picked(column: &[f64], places: &[u32]) -> Vec<f64> {
    places
        .iter()
        .filter_map(|i| column.get(*i as usize).copied())
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::Context;
    use crate::testing::{pair, run_of};

    /// Two waves of four at concurrency 4: a burst at the start, then a steady second wave.
    pub fn burst() -> Requests {
        Requests {
            start_s: vec![0.0, 0.01, 0.02, 0.03, 1.0, 1.1, 1.2, 1.3],
            end_s: vec![1.0, 1.1, 1.2, 1.3, 2.0, 2.1, 2.2, 2.3],
            ttft_s: vec![0.4, 0.5, 0.6, 0.9, 0.1, 0.1, 0.12, 0.11],
            isl: vec![10.0; 8],
            osl: vec![61.0, 61.0, 61.0, 61.0, 91.0, 91.0, 1.0, 91.0],
            number: (10..18).collect(),
            ..Requests::default()
        }
    }

    pub fn workspace() -> Workspace {
        let mut a = run_of("a", &[(4, 100.0, 4.0), (8, 100.0, 4.0)]);
        if let Some(p) = a.points.first_mut() {
            p.records = Some(Arc::new(burst()));
        }
        pair(a, run_of("b", &[(4, 100.0, 4.0)]))
    }

    #[test]
    fn only_loads_with_records_can_be_chosen() {
        let ws = workspace();
        let all = Workloads::of(&ws.runs, &Context::default());
        let found = choices(&ws, [Some(0), Some(1)], &all);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].points, [Some(0), None]);
        assert_eq!(found[0].load.concurrency, Some(4));
    }

    #[test]
    fn a_brush_is_a_range_of_rows() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        assert_eq!(side.rows((0.0, 0.5)), 0..4);
        assert_eq!(side.rows((1.05, 9.0)), 5..8);
        assert_eq!(side.rows((0.5, 0.6)), 4..4);
        assert_eq!(side.number(3), 13);
        assert_eq!(side.wave_end_s(), Some(1.3));
        assert_eq!(side.dropped(Treatment::FirstWave), 4);
    }

    #[test]
    fn counts_of_a_range_agree_with_counting_one_by_one() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        for dropped in [0, 4] {
            let ranked = Ranked::new(&side, Metric::Ttft, dropped);
            assert_eq!(ranked.values.len(), 8 - dropped);
            assert!(ranked.values.is_sorted());
            let ends = ranked.at_or_below(&[0.1, 0.45, 1.0]);
            let range = 2..6;
            let want: Vec<u32> = ends
                .iter()
                .map(|e| {
                    let head = &ranked.rows[..*e];
                    head.iter()
                        .filter(|r| range.contains(&(**r as usize)))
                        .count() as u32
                })
                .collect();
            assert_eq!(ranked.of_range(&ends, &range), want);
        }
    }

    #[test]
    fn a_request_of_one_token_has_no_tpot_and_keeps_its_limit() {
        let side = Side::new(&workspace(), 0, 0).unwrap();
        assert_eq!(Ranked::new(&side, Metric::Tpot, 0).values.len(), 7);
        let limits = Limits {
            ttft_s: Some(0.45),
            tpot_s: Some(0.0105),
            latency_s: None,
        };
        // Rows 0, 4, 5, 6 and 7 keep both: (1 − 0.4) ÷ 60 and 0.9 ÷ 90 are 10 ms each.
        let kept = side.kept(limits);
        assert_eq!(kept, [0, 1, 1, 1, 1, 2, 3, 4, 5]);
    }
}
