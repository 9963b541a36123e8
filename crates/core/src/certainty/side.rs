//! One side's figure at one load: its value and how well it is known, from repeats, from
//! requests, or from its digits.

use super::{AGREE, Bounds};
use crate::align::{Curve, Figure, figure_of};
use crate::model::{Metric, Point, Provenance, Stat};
use crate::records::{Records, Window};
use crate::stats::{self, LEVEL, NoInterval, PercentileInterval, SeriesMean};
use serde::Serialize;
use std::collections::BTreeMap;

/// A figure and how well it is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Known {
    /// The source's own figure, SI.
    pub value: f64,
    /// Its 95 % interval.
    pub bounds: Option<Bounds>,
    /// Why there is none, one sentence.
    pub reason: Option<String>,
    /// Requests, or repeats where the interval rests on those; absent where no source says.
    pub n: Option<u64>,
    /// How many independent values would know as much.
    pub effective_n: Option<f64>,
    /// Whether the interval rests on few waves, so that a slow drift could hide from it.
    pub few_waves: bool,
    /// Mean and standard error, for the ratio.
    #[serde(skip)]
    pub(super) mean: Option<SeriesMean>,
}

impl Known {
    fn bare(value: f64, n: Option<u64>) -> Self {
        Self {
            value,
            bounds: None,
            reason: None,
            n,
            effective_n: None,
            few_waves: false,
            mean: None,
        }
    }
}

fn requests(curve: &Curve<'_>, figure: &Figure) -> Option<u64> {
    figure
        .points
        .iter()
        .map(|i| curve.run.points.get(*i)?.requests)
        .sum()
}

/// Over three or more repeats; `None` with fewer.
pub(super) fn repeats(curve: &Curve<'_>, figure: &Figure, metric: Metric) -> Option<Known> {
    let values: Vec<f64> = figure
        .points
        .iter()
        .filter_map(|i| figure_of(curve.run, *i, metric, figure.stat))
        .map(|f| f.value)
        .collect();
    let interval = stats::repeats_interval(&values, LEVEL)?;
    let n = values.len() as f64;
    Some(Known {
        bounds: Some(interval.into()),
        effective_n: Some(n),
        mean: Some(SeriesMean {
            mean: figure.value,
            se: stats::std_sample(&values)? / n.sqrt(),
            dof: n - 1.0,
            effective_n: n,
            n: values.len(),
        }),
        ..Known::bare(figure.value, Some(values.len() as u64))
    })
}

/// What a recomputed figure is: its value, and mean or bounds.
struct Recomputed {
    value: f64,
    mean: Result<SeriesMean, NoInterval>,
    percentile: Option<(Bounds, f64)>,
}

fn recomputed(w: &Window<'_>, metric: Metric, stat: Stat) -> Option<Recomputed> {
    let rate = match metric {
        Metric::OutputThroughput => Some(w.output_throughput()),
        Metric::RequestThroughput => Some(w.request_throughput()),
        _ => None,
    };
    if let Some(rate) = rate {
        let t = rate?;
        return Some(Recomputed {
            value: t.rate,
            mean: t.mean.ok_or(match t.interval {
                Err(why) => why,
                Ok(_) => NoInterval::NotPositive,
            }),
            percentile: None,
        });
    }
    if stat == Stat::Avg {
        return Some(Recomputed {
            value: stats::mean(&w.values(metric)?)?,
            mean: w.mean(metric)?,
            percentile: None,
        });
    }
    match w.percentile(metric, stat)? {
        Ok(e) => {
            let (low, high) = match e.interval {
                PercentileInterval::Both(i) => (Some(i.low), Some(i.high)),
                PercentileInterval::AtLeast(low) => (Some(low), None),
                PercentileInterval::AtMost(high) => (None, Some(high)),
                PercentileInterval::TooSmall => (None, None),
            };
            Some(Recomputed {
                value: e.value,
                mean: Err(NoInterval::NotPositive),
                percentile: Some((Bounds { low, high }, e.effective_n)),
            })
        }
        Err(why) => Some(Recomputed {
            value: w.recomputed(metric).get(stat)?,
            mean: Err(why),
            percentile: None,
        }),
    }
}

/// From the requests of the run, or of each of its repeats; `None` without records or where
/// they hold no such figure.
pub(super) fn within(records: &[Records], figure: &Figure, metric: Metric) -> Option<Known> {
    let all: Vec<Recomputed> = records
        .iter()
        .map(|r| recomputed(&r.all(), metric, figure.stat))
        .collect::<Option<_>>()?;
    let (first, k) = (all.first()?, all.len() as f64);
    let value = all.iter().map(|r| r.value).sum::<f64>() / k;
    let n: usize = records.iter().map(Records::len).sum();
    let mut out = Known::bare(figure.value, Some(n as u64));
    let scale = figure.value / value;
    if !(scale.is_finite() && scale > 0.0 && scale.max(1.0 / scale) <= 1.0 + AGREE) {
        out.reason = Some(format!(
            "No interval: the requests give {}, the summary {}.",
            crate::fmt::value(metric, value),
            crate::fmt::value(metric, figure.value)
        ));
        return Some(out);
    }
    out.few_waves = records.iter().any(|r| r.all().rests_on_few_waves());
    if let (Some((bounds, effective)), true) = (first.percentile, all.len() == 1) {
        out.effective_n = Some(effective);
        if bounds.low.is_none() && bounds.high.is_none() {
            out.reason = Some(format!(
                "No interval: {n} requests are too few for this percentile."
            ));
        } else {
            out.bounds = Some(bounds.scaled(scale));
        }
        return Some(out);
    }
    if first.percentile.is_some() {
        out.reason =
            Some("No interval: a percentile over repeats takes at least three of them.".to_owned());
        return Some(out);
    }
    match joined(&all) {
        Ok(m) => {
            out.effective_n = Some(m.effective_n);
            out.bounds = m
                .positive_interval(LEVEL)
                .map(|i| Bounds::from(i).scaled(scale));
            out.mean = Some(m);
        }
        Err(why) => out.reason = Some(why.to_string()),
    }
    Some(out)
}

/// The mean over independent repeats: squared errors add, degrees of freedom after Welch.
fn joined(all: &[Recomputed]) -> Result<SeriesMean, NoInterval> {
    let means: Vec<SeriesMean> = all.iter().map(|r| r.mean).collect::<Result<_, _>>()?;
    if let [one] = means.as_slice() {
        return Ok(*one);
    }
    let k = means.len() as f64;
    let variance: f64 = means.iter().map(|m| m.se * m.se).sum();
    let weights: f64 = means.iter().map(|m| m.se.powi(4) / m.dof).sum();
    let dofs: f64 = means.iter().map(|m| m.dof).sum();
    Ok(SeriesMean {
        mean: means.iter().map(|m| m.mean).sum::<f64>() / k,
        se: variance.sqrt() / k,
        dof: if weights > 0.0 {
            variance * variance / weights
        } else {
            dofs
        },
        effective_n: means.iter().map(|m| m.effective_n).sum(),
        n: means.iter().map(|m| m.n).sum(),
    })
}

/// The recomputed figure without the first C completions of a single run.
pub(super) fn settled(records: &[Records], metric: Metric, stat: Stat) -> Option<f64> {
    let [one] = records else { return None };
    let w = one.without_first(one.warm_up().first_wave?);
    match metric {
        Metric::OutputThroughput => Some(w.output_throughput()?.rate),
        Metric::RequestThroughput => Some(w.request_throughput()?.rate),
        _ => w.recomputed(metric).get(stat),
    }
}

/// The decimals that a run's columns are given in; a column of full precision has none.
pub(super) struct Digits(BTreeMap<(Metric, Stat), usize>);

impl Digits {
    /// Those of a run, by metric and statistic.
    pub(super) fn of(curve: &Curve<'_>, metrics: &[Metric]) -> Self {
        let column = |metric: Metric, stat| {
            let stats = |p: &Point| p.metrics.get(&metric)?.stats.get(stat);
            let shown = curve.run.points.iter().filter_map(stats);
            crate::fmt::source_decimals(shown.map(|v| metric.unit().shown(v)))
        };
        let each = metrics
            .iter()
            .flat_map(|metric| Stat::ALL.map(|stat| (*metric, stat)));
        Self(
            each.filter_map(|(metric, stat)| Some(((metric, stat), column(metric, stat)?)))
                .collect(),
        )
    }
}

/// From the digits that the source gives: half a unit of the last one, which the columns of a
/// run share. `None` where the figure is not the source's own or has full precision.
pub(super) fn rounding(
    curve: &Curve<'_>,
    digits: &Digits,
    figure: &Figure,
    metric: Metric,
) -> Option<Known> {
    if figure.provenance != Provenance::Measured || figure.points.len() != 1 {
        return None;
    }
    let digits = *digits.0.get(&(metric, figure.stat))?;
    let unit = metric.unit().shown(1.0);
    let half = 0.5 * 10f64.powi(-i32::try_from(digits).ok()?) / unit;
    Some(Known {
        bounds: Some(Bounds {
            low: Some((figure.value - half).max(0.0)),
            high: Some(figure.value + half),
        }),
        reason: Some("Rounding only: nothing says how much chance there is in it.".to_owned()),
        ..Known::bare(figure.value, requests(curve, figure))
    })
}

/// A figure with nothing beside it.
pub(super) fn exact(curve: &Curve<'_>, figure: &Figure) -> Known {
    Known {
        reason: Some(if figure.repeats == 2 {
            "No interval: two repeats are too few; three give one.".to_owned()
        } else {
            "No interval: a figure without per-request records or repeats.".to_owned()
        }),
        ..Known::bare(figure.value, requests(curve, figure))
    }
}

/// How well a run knows a statistic at a load, from its own requests; `None` without records.
pub fn at(curve: &Curve<'_>, concurrency: u32, metric: Metric, stat: Stat) -> Option<Known> {
    let figure = curve.at(concurrency, metric, stat)?;
    within(&super::records(curve, concurrency), &figure, metric)
}
