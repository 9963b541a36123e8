//! What the request time proves where the answers were not streamed.

use super::limits;
use crate::model::{Metric, Point, Sla, Stat};
use crate::sort;
use crate::stats::percentile;
use serde::{Deserialize, Serialize};

/// Bounds at one load, from its requests. With R = TTFT + (OSL − 1) × TPOT and TTFT ≥ 0, TPOT ≤ R ÷ (OSL − 1) for each request, and
/// therefore at every statistic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proven {
    /// Largest TPOT at the statistic of the SLA, seconds.
    pub tpot_at_most: f64,
    /// Mean request time, seconds.
    pub latency: f64,
    /// Mean output tokens a request.
    pub osl: f64,
    /// Whether TTFT or TPOT is past its limit at the statistic of the SLA, however the request time is divided.
    pub one_broken: bool,
}

/// The bounds of a load whose answers came in one piece; `None` where they were streamed, where nothing says so, or without requests.
pub fn proven(point: &Point, sla: &Sla) -> Option<Proven> {
    if point.streamed != Some(false) {
        return None;
    }
    let columns = point.records.as_deref()?;
    let requests = columns.start_s.iter().zip(&columns.end_s).zip(&columns.osl);
    let times: Vec<(f64, f64)> = requests
        .map(|((start, end), osl)| (end - start, *osl))
        .filter(|(r, osl)| *r > 0.0 && *osl > 1.0)
        .collect();
    // A request of one token has no TPOT: then nothing is proven of all.
    if times.is_empty() || times.len() != columns.start_s.len() {
        return None;
    }
    let n = times.len() as f64;
    let mut most: Vec<f64> = times.iter().map(|(r, osl)| r / (osl - 1.0)).collect();
    sort::by(&mut most, f64::total_cmp);
    let share = sla.stat.fraction();
    let tpot_at_most = match share {
        Some(q) => percentile(&most, q)?,
        None if matches!(sla.stat, Stat::Max) => *most.last()?,
        None => most.iter().sum::<f64>() / n,
    };
    let limit = |metric| limits(sla).into_iter().find(|(m, _)| *m == metric);
    let one_broken = match (limit(Metric::Ttft), limit(Metric::Tpot)) {
        (Some((_, ttft)), Some((_, tpot))) => {
            let beyond = |(r, osl): &(f64, f64)| r - (ttft.0 + (osl - 1.0) * tpot.0);
            match share {
                // If both were kept at a quantile, at most twice the share above it could be past either.
                Some(q) => {
                    let broken = times.iter().filter(|t| beyond(t) > 0.0).count() as f64;
                    broken / n > 2.0 * (1.0 - q)
                }
                None if matches!(sla.stat, Stat::Max) => times.iter().any(|t| beyond(t) > 0.0),
                // Lengths that differ would weigh the requests' TPOT differently: the longest counts for all.
                None => {
                    let longest = times.iter().map(|t| t.1).fold(0.0, f64::max);
                    let mean = times.iter().map(|t| t.0).sum::<f64>() / n;
                    mean > ttft.0 + (longest - 1.0) * tpot.0
                }
            }
        }
        _ => false,
    };
    Some(Proven {
        tpot_at_most,
        latency: times.iter().map(|t| t.0).sum::<f64>() / n,
        osl: times.iter().map(|t| t.1).sum::<f64>() / n,
        one_broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Requests;
    use crate::units::Seconds;
    use std::sync::Arc;

    fn point(latency: f64, osl: f64) -> Point {
        let records = Requests {
            start_s: vec![0.0; 20],
            end_s: vec![latency; 20],
            osl: vec![osl; 20],
            ..Requests::default()
        };
        Point {
            streamed: Some(false),
            records: Some(Arc::new(records)),
            ..Point::default()
        }
    }

    fn sla(stat: Stat) -> Sla {
        Sla {
            ttft: Some(Seconds(0.3)),
            tpot: Some(Seconds(0.01)),
            stat,
            ..Sla::default()
        }
    }

    #[test]
    fn the_request_time_bounds_tpot_and_tells_where_a_limit_is_broken() {
        for stat in [Stat::Avg, Stat::P95, Stat::Max] {
            let kept = proven(&point(3.4167, 499.0), &sla(stat)).unwrap();
            assert!((kept.tpot_at_most - 3.4167 / 498.0).abs() < 1e-12);
            assert!(!kept.one_broken);
            // 5.28 s are the most that both limits allow.
            assert!(!proven(&point(5.27, 499.0), &sla(stat)).unwrap().one_broken);
            assert!(proven(&point(5.29, 499.0), &sla(stat)).unwrap().one_broken);
        }
        let mut free = sla(Stat::P95);
        free.ttft = None;
        assert!(!proven(&point(99.0, 499.0), &free).unwrap().one_broken);
    }

    #[test]
    fn nothing_is_proven_of_streamed_answers_or_of_single_tokens() {
        let mut streamed = point(3.0, 499.0);
        streamed.streamed = Some(true);
        assert_eq!(proven(&streamed, &sla(Stat::P95)), None);
        streamed.streamed = None;
        assert_eq!(proven(&streamed, &sla(Stat::P95)), None);
        assert_eq!(proven(&point(3.0, 1.0), &sla(Stat::P95)), None);
    }
}
