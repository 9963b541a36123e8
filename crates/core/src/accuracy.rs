//! A projection against measured loads: signed errors, each under one definition.
//!
//! Knows which figure of a measured load is the counterpart of a projected one, and how well it
//! is known. Refuses to decide whether the two sides may be compared: the conditions are checked
//! elsewhere, and nobody may call this before they hold.

use crate::align::{Curve, impossible_ttft};
use crate::model::{Metric, Point, Provenance, Run, Stat, TpotDefinition};
use crate::records::{Records, Window};
use crate::stats::{self, Interval, LEVEL, NoInterval};

/// How far the mean of the records may lie from the reported figure that they stand for.
const SAME: f64 = 0.01;
/// Rounding of requests/s that a TTFT may exceed C ÷ X by.
const ROUNDING: f64 = 0.02;

/// What a cost model expects at one load, SI units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    /// Requests in flight.
    pub concurrency: u32,
    /// Input tokens a request.
    pub isl: f64,
    /// Output tokens a request.
    pub osl: f64,
    /// Whether prefill and decode have workers of their own.
    pub disagg: bool,
    /// Requests a second of the whole system.
    pub requests_s: Option<f64>,
    /// Output tokens a second for each GPU, as AIC counts them: see [`Expected::counted`].
    pub per_gpu: Option<f64>,
    /// Mean TTFT.
    pub ttft_s: Option<f64>,
    /// Mean TPOT.
    pub tpot_s: Option<f64>,
    /// Mean request time, where it is reported: AIC works it out before it rounds TPOT.
    pub latency_s: Option<f64>,
}

impl Expected {
    /// A projected point. `isl` and `osl` stand in where it does not state its lengths.
    pub fn of(run: &Run, point: &Point, isl: Option<f64>, osl: Option<f64>) -> Option<Self> {
        Some(Self {
            concurrency: point.load.concurrency?,
            isl: point.workload.isl.or(isl)?,
            osl: point.workload.osl.or(osl)?,
            disagg: point.setup.as_ref().is_some_and(|s| s.disagg),
            requests_s: point.reported(Metric::RequestThroughput),
            per_gpu: run
                .value(point, Metric::OutputThroughputPerGpu)
                .map(|(v, _)| v),
            ttft_s: point.reported(Metric::Ttft),
            tpot_s: point.reported(Metric::Tpot),
            latency_s: point.reported(Metric::RequestLatency),
        })
    }

    /// Output tokens of a request that AIC counts: OSL − 1 in aggregated serving, OSL in
    /// disaggregated.
    pub fn counted(&self) -> f64 {
        counted(self.osl, self.disagg)
    }

    /// Time of a request: as reported, else TTFT + TPOT × (OSL − 1).
    pub fn request_s(&self) -> Option<f64> {
        self.latency_s
            .or_else(|| Some(self.ttft_s? + self.tpot_s? * (self.osl - 1.0).max(0.0)))
    }

    fn figure(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::PerGpu | Quantity::PerGpuFull => self.per_gpu,
            Quantity::RequestTime => self.request_s(),
            Quantity::Ttft => self.ttft_s,
            Quantity::Tpot => self.tpot_s,
        }
    }
}

fn counted(osl: f64, disagg: bool) -> f64 {
    if disagg { osl } else { osl - 1.0 }
}

/// A figure that both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Output tokens/s for each GPU, over the wall time of the run.
    PerGpu,
    /// Output tokens/s for each GPU while all requests are in flight.
    PerGpuFull,
    /// Time of a request.
    RequestTime,
    /// Time to first token.
    Ttft,
    /// Time per output token.
    Tpot,
}

impl Quantity {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::PerGpu,
        Self::PerGpuFull,
        Self::RequestTime,
        Self::Ttft,
        Self::Tpot,
    ];

    /// Key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::PerGpu => "output_per_gpu",
            Self::PerGpuFull => "output_per_gpu_full_load",
            Self::RequestTime => "request_time",
            Self::Ttft => "ttft",
            Self::Tpot => "tpot",
        }
    }

    /// Name in sentence case.
    pub fn label(self) -> &'static str {
        match self {
            Self::PerGpu => "Output per GPU, by wall time",
            Self::PerGpuFull => "Output per GPU, at full load",
            Self::RequestTime => "Request time",
            Self::Ttft => "TTFT",
            Self::Tpot => "TPOT",
        }
    }

    /// The same within a sentence.
    pub fn in_sentence(self) -> &'static str {
        match self {
            Self::PerGpu => "output per GPU",
            Self::PerGpuFull => "output per GPU at full load",
            Self::RequestTime => "request time",
            Self::Ttft => "TTFT",
            Self::Tpot => "TPOT",
        }
    }

    /// The metric whose unit and way of writing it shares.
    pub fn metric(self) -> Metric {
        match self {
            Self::PerGpu | Self::PerGpuFull => Metric::OutputThroughputPerGpu,
            Self::RequestTime => Metric::RequestLatency,
            Self::Ttft => Metric::Ttft,
            Self::Tpot => Metric::Tpot,
        }
    }
}

/// One quantity on both sides. SI units.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedError {
    /// What is compared.
    pub quantity: Quantity,
    /// As projected.
    pub projected: f64,
    /// As measured, under the projection's definition.
    pub measured: f64,
    /// Interval of the measurement, low and high; or why there is none, one sentence.
    pub interval: Result<(f64, f64), String>,
}

impl SignedError {
    /// Projected ÷ measured.
    pub fn ratio(&self) -> f64 {
        self.projected / self.measured
    }
    /// Projected ÷ measured − 1: below zero, the projection is too low.
    pub fn error(&self) -> f64 {
        self.ratio() - 1.0
    }
    /// Interval of the ratio. A projection has no interval of its own.
    pub fn ratio_interval(&self) -> Option<(f64, f64)> {
        let (low, high) = *self.interval.as_ref().ok()?;
        Some((self.projected / high, self.projected / low))
    }
}

/// All quantities at one load.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadErrors {
    /// What was expected there.
    pub expected: Expected,
    /// Whether a cost model recomputed it, and no file reports it.
    pub recomputed: bool,
    /// Where more requests were in flight than the engines take: how many they take, which is what was projected. Only rates mean the same
    /// there.
    pub ceiling: Option<u32>,
    /// Requests in flight on average, X × R, where both are reported.
    pub in_flight: Option<f64>,
    /// The quantities that both sides have.
    pub errors: Vec<SignedError>,
}

impl LoadErrors {
    /// One quantity's error.
    pub fn of(&self, quantity: Quantity) -> Option<&SignedError> {
        self.errors.iter().find(|e| e.quantity == quantity)
    }

    /// How the error of the request time is made of the wait for the first token and the rest.
    pub fn parts(&self) -> Option<Parts> {
        let (ttft, whole) = (self.of(Quantity::Ttft)?, self.of(Quantity::RequestTime)?);
        let first_s = ttft.projected - ttft.measured;
        let total_s = whole.projected - whole.measured;
        Some(Parts {
            first_s,
            decode_s: total_s - first_s,
            total_s,
            measured_s: whole.measured,
        })
    }
}

/// The error of the mean request time in seconds, projected − measured, and its two parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// Up to the first token.
    pub first_s: f64,
    /// From the first token to the last.
    pub decode_s: f64,
    /// Both together.
    pub total_s: f64,
    /// The measured request time.
    pub measured_s: f64,
}

impl Parts {
    /// Whether two errors hide each other: of opposite sign, each over a fifth of the other, and
    /// together within a tenth of the request time.
    pub fn offset(&self) -> bool {
        let (a, b) = (self.first_s.abs(), self.decode_s.abs());
        self.first_s * self.decode_s < 0.0
            && a.min(b) > 0.2 * a.max(b)
            && self.total_s.abs() <= 0.1 * self.measured_s
            && a.max(b) > 0.05 * self.measured_s
    }
}

/// The errors of one quantity over several loads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overall {
    /// The quantity.
    pub quantity: Quantity,
    /// Loads.
    pub loads: usize,
    /// Mean absolute error, a share: MAPE.
    pub mape: f64,
    /// Mean signed error, a share.
    pub bias: f64,
}

/// The errors of an expectation at a load of a run. Quantities that one side lacks are absent;
/// so are TTFT and TPOT where the reported TTFT contradicts its load, and TPOT under another
/// definition.
pub fn at_load(curve: &Curve<'_>, expected: &Expected, recomputed: bool) -> LoadErrors {
    let at = |m| curve.at(expected.concurrency, m, Stat::Avg);
    let reported = |m| at(m).filter(|f| f.provenance == Provenance::Measured);
    let in_flight = reported(Metric::RequestThroughput)
        .zip(reported(Metric::RequestLatency))
        .map(|(x, r)| x.value * r.value);
    LoadErrors {
        expected: *expected,
        recomputed,
        ceiling: None,
        in_flight,
        errors: Quantity::ALL
            .into_iter()
            .filter_map(|q| error(curve, expected, q))
            .collect(),
    }
}

/// The errors of an expectation for full engines at a load beyond what they take.
pub fn at_ceiling(curve: &Curve<'_>, expected: &Expected, load: u32) -> LoadErrors {
    let there = Expected {
        concurrency: load,
        ..*expected
    };
    let mut out = at_load(curve, &there, false);
    out.ceiling = Some(expected.concurrency);
    out.errors.retain(|e| e.quantity == Quantity::PerGpu);
    out
}

/// Mean errors over loads, for the quantities that at least two loads have.
pub fn overall(loads: &[LoadErrors]) -> Vec<Overall> {
    Quantity::ALL
        .into_iter()
        .filter_map(|quantity| {
            let errors: Vec<f64> = loads
                .iter()
                .filter_map(|l| Some(l.of(quantity)?.error()))
                .collect();
            let n = errors.len();
            (n >= 2).then(|| Overall {
                quantity,
                loads: n,
                mape: errors.iter().map(|e| e.abs()).sum::<f64>() / n as f64,
                bias: errors.iter().sum::<f64>() / n as f64,
            })
        })
        .collect()
}

fn error(curve: &Curve<'_>, expected: &Expected, quantity: Quantity) -> Option<SignedError> {
    let projected = expected.figure(quantity)?;
    let (measured, points) = measured(curve, expected, quantity)?;
    (measured > 0.0 && measured.is_finite() && projected > 0.0).then(|| SignedError {
        quantity,
        projected,
        measured,
        interval: interval(curve, expected.concurrency, quantity, measured, &points),
    })
}

/// Whether a TTFT that is reported at a load contradicts the load itself. `rounding` is what
/// requests/s may be off by, as a share.
pub fn contradicted(curve: &Curve<'_>, concurrency: u32, rounding: f64) -> bool {
    curve.loads.get(&concurrency).is_some_and(|r| {
        r.points
            .iter()
            .filter_map(|i| curve.run.points.get(*i))
            .any(|p| impossible_ttft(p, rounding).is_some())
    })
}

/// The measured counterpart of a projected figure, and the points that it is the mean of.
fn measured(
    curve: &Curve<'_>,
    expected: &Expected,
    quantity: Quantity,
) -> Option<(f64, Vec<usize>)> {
    let c = expected.concurrency;
    let at = |m| curve.at(c, m, Stat::Avg);
    let reported = |m| at(m).filter(|f| f.provenance == Provenance::Measured);
    let contradicted = || contradicted(curve, c, ROUNDING);
    match quantity {
        Quantity::PerGpu => {
            let gpus = f64::from(curve.run.gpus()?);
            let figure = match (at(Metric::RequestThroughput), at(Metric::Osl)) {
                (Some(x), Some(osl)) => (x.value * counted(osl.value, expected.disagg), x.points),
                _ => {
                    let f = at(Metric::OutputThroughput)?;
                    (f.value, f.points)
                }
            };
            Some((figure.0 / gpus, figure.1))
        }
        Quantity::PerGpuFull => {
            let r = reported(Metric::RequestLatency)?;
            let osl = at(Metric::Osl)?.value;
            let gpus = f64::from(curve.run.gpus()?);
            let rate = f64::from(c) / r.value * counted(osl, expected.disagg);
            Some((rate / gpus, r.points))
        }
        Quantity::RequestTime => reported(Metric::RequestLatency).map(|f| (f.value, f.points)),
        Quantity::Ttft => reported(Metric::Ttft)
            .filter(|_| !contradicted())
            .map(|f| (f.value, f.points)),
        Quantity::Tpot => reported(Metric::Tpot)
            .filter(|_| curve.tpot_definition == Some(TpotDefinition::AfterFirst))
            .filter(|_| !contradicted())
            .map(|f| (f.value, f.points)),
    }
}

/// How well a measured figure is known: from the records of a single run, or from three and more
/// repeats.
fn interval(
    curve: &Curve<'_>,
    concurrency: u32,
    quantity: Quantity,
    measured: f64,
    points: &[usize],
) -> Result<(f64, f64), String> {
    let points: Vec<&Point> = points
        .iter()
        .filter_map(|i| curve.run.points.get(*i))
        .collect();
    let [point] = points.as_slice() else {
        return of_repeats(curve.run, &points, quantity, measured);
    };
    let Some(records) = point
        .records
        .as_ref()
        .and_then(|r| Records::new(r, Some(concurrency)))
    else {
        return Err("No interval: the file gives no record of each request.".to_owned());
    };
    let (centre, interval) = of_records(&records.all(), quantity)
        .ok_or_else(|| "No interval: the records lack this figure.".to_owned())?;
    let interval = interval.map_err(|why| why.to_string())?;
    // The full-load rate is C ÷ R in other units: its interval is that of R turned round.
    let (low, high) = match quantity {
        Quantity::PerGpuFull => (centre / interval.high, centre / interval.low),
        _ => (interval.low / centre, interval.high / centre),
    };
    let stands_for = match quantity {
        Quantity::PerGpu => point.reported(Metric::OutputThroughput),
        Quantity::PerGpuFull => point.reported(Metric::RequestLatency),
        _ => Some(measured),
    };
    if stands_for.is_none_or(|v| (centre / v - 1.0).abs() > SAME) {
        return Err(
            "No interval: the records of the requests give another mean than the file reports."
                .to_owned(),
        );
    }
    Ok((measured * low, measured * high))
}

/// The records' own figure with its interval.
fn of_records(
    window: &Window<'_>,
    quantity: Quantity,
) -> Option<(f64, Result<Interval, NoInterval>)> {
    let metric = match quantity {
        Quantity::PerGpu => {
            let t = window.output_throughput()?;
            return Some((t.rate, t.interval));
        }
        Quantity::PerGpuFull => Metric::RequestLatency,
        other => other.metric(),
    };
    let centre = stats::mean(&window.values(metric)?)?;
    let interval = window
        .mean(metric)?
        .and_then(|m| m.positive_interval(LEVEL).ok_or(NoInterval::NotPositive));
    Some((centre, interval))
}

fn of_repeats(
    run: &Run,
    points: &[&Point],
    quantity: Quantity,
    measured: f64,
) -> Result<(f64, f64), String> {
    let metric = match quantity {
        Quantity::PerGpu => Metric::OutputThroughput,
        other => other.metric(),
    };
    let values: Vec<f64> = points
        .iter()
        .filter_map(|p| match quantity {
            Quantity::PerGpuFull => Some(1.0 / p.reported(Metric::RequestLatency)?),
            _ => Some(run.value(p, metric)?.0),
        })
        .collect();
    let centre = stats::mean(&values);
    stats::repeats_interval(&values, LEVEL)
        .zip(centre)
        .filter(|(i, centre)| i.low > 0.0 && *centre > 0.0)
        .map(|(i, centre)| (measured * i.low / centre, measured * i.high / centre))
        .ok_or_else(|| "No interval: it takes three repeats or the records of one run.".to_owned())
}
