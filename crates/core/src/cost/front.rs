//! Pareto fronts over speed per user and speed per GPU, and the choice on them.

use serde::Serialize;

/// Rounds as NumPy does: to three decimals, halves to even.
pub(crate) fn round3(v: f64) -> f64 {
    (v * 1000.0).round_ties_even() / 1000.0
}

/// What a front and a choice need to know of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    /// Tokens per second per user.
    pub user: f64,
    /// Tokens per second per GPU.
    pub gpu: f64,
    /// Decides among points that are equal in both; smaller wins, then the earlier point.
    pub tie: (f64, u32),
}

/// Positions of the points that no other point matches or beats in both directions, by ascending speed per user.
/// Points that are equal in both collapse to one.
pub(crate) fn front(spots: &[Spot]) -> Vec<usize> {
    let mut order: Vec<(usize, &Spot)> = spots.iter().enumerate().collect();
    order.sort_by(|(i, a), (j, b)| {
        b.user
            .total_cmp(&a.user)
            .then(b.gpu.total_cmp(&a.gpu))
            .then(a.tie.0.total_cmp(&b.tie.0))
            .then(a.tie.1.cmp(&b.tie.1))
            .then(i.cmp(j))
    });
    let mut keep = Vec::new();
    let mut best = f64::NEG_INFINITY;
    for (i, spot) in order {
        if spot.gpu > best {
            best = spot.gpu;
            keep.push(i);
        }
    }
    keep.reverse();
    keep
}

/// Tokens per second per GPU over all GPUs at hand, of which whole replicas use only a part.
pub(crate) fn cluster(tokens_s_gpu: f64, total_gpus: u32, replica_gpus: u32) -> f64 {
    // Multiplied in AIC's order: the last bit decides between rows that are otherwise equal.
    let replicas = total_gpus / replica_gpus.max(1);
    tokens_s_gpu * f64::from(replicas) * f64::from(replica_gpus) / f64::from(total_gpus.max(1))
}

/// A front's rows and what was chosen on them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Front<R> {
    /// The front, by ascending tokens per second per user.
    #[serde(rename = "front")]
    pub rows: Vec<R>,
    /// The row that keeps the time between tokens and yields most over all GPUs; none when no row keeps it.
    pub best: Option<R>,
    /// The best row of every parallelism that keeps both limits, best first (0.12's `best_config_topn`).
    pub top: Vec<R>,
    /// Tokens per second per GPU on the front at exactly the asked time between tokens, by straight lines; none
    /// where the front is empty, 0 where it does not reach. For reference only.
    pub interpolated_tokens_s_gpu: Option<f64>,
}

/// The front's value at `user` tokens per second: its first below the front, 0 above it, else between two rows.
pub(crate) fn interpolate(front: &[(f64, f64)], user: f64) -> Option<f64> {
    let (first, last) = (front.first()?, front.last()?);
    if user < first.0 || front.len() < 2 {
        return Some(first.1);
    }
    if user > last.0 {
        return Some(0.0);
    }
    let pairs = front.iter().zip(front.iter().skip(1));
    pairs
        .filter(|(a, b)| a.0 <= user && user <= b.0)
        .map(|(a, b)| {
            if b.0 > a.0 {
                a.1 + (b.1 - a.1) * (user - a.0) / (b.0 - a.0)
            } else {
                a.1
            }
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(user: f64, gpu: f64, ttft: f64) -> Spot {
        Spot {
            user,
            gpu,
            tie: (ttft, 1),
        }
    }

    #[test]
    fn dominated_and_equal_points_go() {
        let s = [
            spot(1.0, 9.0, 0.0),
            spot(2.0, 5.0, 3.0),
            spot(2.0, 5.0, 2.0),
            spot(1.5, 5.0, 0.0),
            spot(3.0, 1.0, 0.0),
        ];
        assert_eq!(front(&s), [0, 2, 4]);
        assert!(front(&[]).is_empty());
    }

    #[test]
    fn whole_replicas_only() {
        assert_eq!(cluster(1160.679, 8, 7), 1_015.594_125_000_000_1);
        assert_eq!(cluster(100.0, 8, 4), 100.0);
    }

    #[test]
    fn between_rows() {
        let f = [(1.0, 10.0), (3.0, 2.0)];
        assert_eq!(interpolate(&f, 2.0), Some(6.0));
        assert_eq!(interpolate(&f, 0.5), Some(10.0));
        assert_eq!(interpolate(&f, 3.5), Some(0.0));
        assert_eq!(interpolate(&[], 1.0), None);
    }

    #[test]
    fn rounding_is_half_to_even() {
        assert_eq!(round3(0.0625), 0.062);
        assert_eq!(round3(1.2345), 1.234);
    }
}
