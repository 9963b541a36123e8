//! Figures that no measurement can have: a load with one is left out by name and never compared.
//!
//! Knows what follows from the meaning of a figure alone; refuses to judge what is only unlikely (that is the audit's).

use super::parsed::Series;
use crate::model::{Metric, Point, Requests, Stat};
use crate::units::Unit;

/// How far statistics may be out of order before they are called so, as a share: figures are rounded.
const ORDER: f64 = 0.01;
/// How much more than the counted requests a rate over the wall time may come to: tools end their clocks differently.
const RATE: f64 = 1.25;
/// The same for tokens, which tools and servers count differently.
const TOKENS: f64 = 2.0;

/// Takes the impossible loads out of the series; says what was wrong with each, in whole sentences.
pub fn sift(all: &mut Vec<Series>) -> Vec<String> {
    let mut said = Vec::new();
    for series in all.iter_mut() {
        series.points.retain(|point| match impossible(point) {
            Some(why) => {
                let load = match (point.load.concurrency, point.load.request_rate) {
                    (Some(c), _) => format!("The load at concurrency {c} is left out"),
                    (None, Some(r)) => format!("The load at {r} requests/s is left out"),
                    (None, None) => "It is left out".to_owned(),
                };
                said.push(format!("{load}: {why}."));
                false
            }
            None => true,
        });
    }
    all.retain(|s| !s.points.is_empty());
    said
}

/// What is impossible in the columns of requests, in a whole sentence: a time or a length below 0.
pub fn of_requests(columns: &Requests) -> Option<String> {
    let number = |at: usize| columns.number.get(at).copied().unwrap_or_default();
    let below = |column: &[f64], what: &str, unit: &str| {
        let at = column.iter().position(|v| *v < 0.0)?;
        let value = column.get(at)?;
        Some(format!(
            "Request {} has a negative {what} ({value} {unit}).",
            number(at)
        ))
    };
    let backwards = || {
        let at = columns
            .start_s
            .iter()
            .zip(&columns.end_s)
            .position(|(a, b)| b < a)?;
        Some(format!("Request {} ends before it starts.", number(at)))
    };
    below(&columns.ttft_s, "time to first token", "s")
        .or_else(backwards)
        .or_else(|| below(&columns.isl, "number of input tokens", "tokens"))
        .or_else(|| below(&columns.osl, "number of output tokens", "tokens"))
}

/// Why no measurement can have given these figures; `None` when one can.
fn impossible(point: &Point) -> Option<String> {
    point
        .metrics
        .iter()
        .find_map(|(metric, m)| {
            negative(*metric, &m.stats).or_else(|| disordered(*metric, &m.stats))
        })
        .or_else(|| too_fast(point))
}

fn negative(metric: Metric, stats: &crate::model::Stats) -> Option<String> {
    let (stat, value) = stats.iter().find(|(_, v)| *v < 0.0)?;
    Some(format!(
        "{} is negative ({} {})",
        lower(metric),
        word(stat),
        shown(metric, value)
    ))
}

/// Least, percentiles and greatest ascend, and the average lies between.
fn disordered(metric: Metric, stats: &crate::model::Stats) -> Option<String> {
    const ASCENDING: [Stat; 11] = [
        Stat::Min,
        Stat::P1,
        Stat::P5,
        Stat::P10,
        Stat::P25,
        Stat::P50,
        Stat::P75,
        Stat::P90,
        Stat::P95,
        Stat::P99,
        Stat::Max,
    ];
    let known: Vec<(Stat, f64)> = ASCENDING
        .into_iter()
        .filter_map(|s| Some((s, stats.get(s)?)))
        .collect();
    let above = |a: f64, b: f64| a > b + ORDER * b.abs();
    let pair = known.iter().zip(known.iter().skip(1));
    let mut pairs: Vec<((Stat, f64), (Stat, f64))> = pair.map(|(a, b)| (*a, *b)).collect();
    if let Some(avg) = stats.get(Stat::Avg) {
        pairs.extend(
            stats
                .get(Stat::Min)
                .map(|v| ((Stat::Min, v), (Stat::Avg, avg))),
        );
        pairs.extend(
            stats
                .get(Stat::Max)
                .map(|v| ((Stat::Avg, avg), (Stat::Max, v))),
        );
    }
    let ((a, x), (b, y)) = pairs.into_iter().find(|((_, x), (_, y))| above(*x, *y))?;
    Some(format!(
        "{} has its {} ({}) above its {} ({})",
        lower(metric),
        word(a),
        shown(metric, x),
        word(b),
        shown(metric, y)
    ))
}

/// Rates beyond what the counted requests give over the wall time.
fn too_fast(point: &Point) -> Option<String> {
    let (n, wall) = (point.requests? as f64, point.duration?.0);
    if wall < 0.0 {
        return Some(format!("its wall time is negative ({wall} s)"));
    }
    // Short runs end between two requests.
    let allowed = (n + 1.0) / wall;
    let rate = point.reported(Metric::RequestThroughput);
    if let Some(x) = rate.filter(|x| *x > RATE * allowed) {
        return Some(format!(
            "its {x:.3} requests/s are more than its {n} requests in {wall:.1} s allow"
        ));
    }
    let tokens = point.reported(Metric::OutputThroughput)?;
    let osl = point.reported(Metric::Osl)?;
    (tokens > TOKENS * allowed * osl).then(|| {
        format!(
            "its {tokens:.1} output tokens/s are more than its {n} requests of {osl:.1} tokens in {wall:.1} s allow"
        )
    })
}

fn lower(metric: Metric) -> String {
    let label = metric.info().label;
    let mut chars = label.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn word(stat: Stat) -> &'static str {
    match stat {
        Stat::Avg => "average",
        Stat::Min => "least",
        Stat::Max => "greatest",
        Stat::P50 => "median",
        Stat::Std => "standard deviation",
        Stat::Stated => "figure",
        stat => stat.key(),
    }
}

fn shown(metric: Metric, value: f64) -> String {
    let (value, unit) = match metric.unit() {
        Unit::Seconds => (value * 1e3, "ms"),
        unit => (value, unit.label()),
    };
    format!("{value:.2} {unit}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stats;
    use crate::units::Seconds;

    fn point(metric: Metric, figures: &[(Stat, f64)]) -> Point {
        let mut stats = Stats::new();
        for (s, v) in figures {
            stats.set(*s, *v);
        }
        let mut p = Point::default();
        p.measured(metric, stats);
        p
    }

    #[test]
    fn what_no_clock_measures_is_named() {
        let why = impossible(&point(Metric::Ttft, &[(Stat::Avg, -0.152)])).unwrap();
        assert_eq!(why, "time to first token is negative (average −152.00 ms)");
        let why = impossible(&point(
            Metric::Tpot,
            &[(Stat::P50, 0.02), (Stat::P99, 0.01)],
        ))
        .unwrap();
        assert!(
            why.starts_with("time per output token has its median (20.00 ms) above its p99"),
            "{why}"
        );
        let outside = point(Metric::Ttft, &[(Stat::Avg, 3.0), (Stat::Max, 2.0)]);
        assert!(impossible(&outside).unwrap().contains("average"));
    }

    #[test]
    fn rates_are_held_against_the_wall_time() {
        let of = |x: f64, requests: u64| {
            let mut p = point(Metric::RequestThroughput, &[(Stat::Avg, x)]);
            (p.requests, p.duration) = (Some(requests), Some(Seconds(10.0)));
            impossible(&p)
        };
        assert!(of(20.0, 100).unwrap().contains("in 10.0 s allow"));
        assert_eq!((of(10.4, 100), of(12.0, 100)), (None, None));
    }

    #[test]
    fn requests_do_not_run_backwards() {
        let mut columns = Requests {
            number: vec![7, 8],
            start_s: vec![0.0, 1.0],
            end_s: vec![1.0, 2.0],
            ttft_s: vec![0.1, 0.1],
            ..Requests::default()
        };
        assert_eq!(of_requests(&columns), None);
        columns.end_s[1] = 0.5;
        assert_eq!(
            of_requests(&columns).unwrap(),
            "Request 8 ends before it starts."
        );
        columns.ttft_s[0] = -0.1;
        assert!(
            of_requests(&columns)
                .unwrap()
                .starts_with("Request 7 has a negative time to first token")
        );
    }

    #[test]
    fn what_is_only_odd_stays() {
        for p in [
            point(
                Metric::Ttft,
                &[(Stat::Min, 0.0), (Stat::P50, 0.1), (Stat::P99, 0.1)],
            ),
            point(Metric::Ttft, &[(Stat::P50, 0.1004), (Stat::P75, 0.1)]),
            point(Metric::Osl, &[(Stat::Avg, 1.0), (Stat::Std, 40.0)]),
        ] {
            assert_eq!(impossible(&p), None);
        }
    }
}
