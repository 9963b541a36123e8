//! Two samples compared pair by pair: Mann–Whitney U, the Hodges–Lehmann shift, Cliff's delta,
//! and Holm's correction.
//!
//! Sources: Mann and Whitney (1947); Hodges and Lehmann (1963); Cliff, Dominance statistics
//! (1993), with the words of Romano et al. (2006); Holm (1979). p values of [`mann_whitney`]
//! are those of `scipy.stats.mannwhitneyu` and hold for independent values only; for requests
//! of a closed loop use [`compare_samples`](super::compare_samples).

use super::special::normal_sf;
use super::summary::sorted;

/// Share of `others` (ascending) below each value, ties counting half: P(other < value).
pub fn placements(values: &[f64], others_ascending: &[f64]) -> Vec<f64> {
    let m = others_ascending.len() as f64;
    values
        .iter()
        .map(|v| {
            let below = others_ascending.partition_point(|o| o < v);
            let not_above = others_ascending.partition_point(|o| o <= v);
            0.5 * (below + not_above) as f64 / m
        })
        .collect()
}

/// Cliff's delta, P(a > b) − P(a < b), −1..=1, in O((n + m) log m); `None` of an empty sample.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let b = sorted(b);
    // Twice the pairs won, in whole numbers: exact up to 2^63 pairs.
    let twice: i64 = a
        .iter()
        .map(|v| {
            let below = b.partition_point(|o| o < v);
            let above = b.len() - b.partition_point(|o| o <= v);
            below as i64 - above as i64
        })
        .sum();
    Some(twice as f64 / (a.len() as f64 * b.len() as f64))
}

/// The word for the size of a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeltaWord {
    /// |δ| < 0.147.
    Negligible,
    /// |δ| < 0.33.
    Small,
    /// |δ| < 0.474.
    Medium,
    /// |δ| ≥ 0.474.
    Large,
}

impl DeltaWord {
    /// The word for a delta of either sign.
    pub fn of(delta: f64) -> Self {
        match delta.abs() {
            d if d < 0.147 => Self::Negligible,
            d if d < 0.33 => Self::Small,
            d if d < 0.474 => Self::Medium,
            _ => Self::Large,
        }
    }
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Negligible => "negligible",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// Result of a two-sided Mann–Whitney test of independent values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// U of the first sample: pairs that it wins, ties counting half.
    pub u: f64,
    /// Two-sided p value.
    pub p: f64,
    /// Whether p is exact; otherwise the normal approximation with tie and continuity
    /// correction.
    pub exact: bool,
}

/// Two-sided Mann–Whitney test of **independent** values. Exact without ties when a sample has
/// at most 8 values (and the other at most 100,000), as SciPy's `method="auto"`. `None` of an
/// empty sample.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<MannWhitney> {
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = 0.5 * n * m * (1.0 + cliffs_delta(a, b)?);
    let larger = u.max(n * m - u);
    let all = sorted(&a.iter().chain(b).copied().collect::<Vec<_>>());
    // Σ t³ − t over groups of tied values.
    let ties: f64 = all
        .chunk_by(|x, y| x == y)
        .map(|group| group.len() as f64)
        .map(|t| t * t * t - t)
        .sum();
    let (few, many) = (a.len().min(b.len()), a.len().max(b.len()));
    let (p, exact) = if ties == 0.0 && few <= 8 && many <= 100_000 {
        (2.0 * exact_upper_tail(few, many, larger as usize)?, true)
    } else {
        let all = n + m;
        let variance = n * m / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)));
        let z = (larger - 0.5 * n * m - 0.5) / variance.sqrt();
        // All values alike: SciPy has no p either way; nothing differs, so p is 1.
        let p = if z.is_nan() || variance <= 0.0 {
            1.0
        } else {
            2.0 * normal_sf(z)
        };
        (p, false)
    };
    Some(MannWhitney {
        u,
        p: p.min(1.0),
        exact,
    })
}

/// P(U ≥ u) without ties: the counts are the coefficients of the Gaussian binomial
/// ∏ (1 − q^(m+i)) ÷ (1 − q^i), i = 1..=n, exact in 128-bit whole numbers.
fn exact_upper_tail(n: usize, m: usize, u: usize) -> Option<f64> {
    let size = n * m + 1;
    let mut counts = vec![0i128; size];
    *counts.first_mut()? = 1;
    for i in 1..=n {
        for k in (m + i..size).rev() {
            let lower = *counts.get(k - m - i)?;
            *counts.get_mut(k)? -= lower;
        }
        for k in i..size {
            let lower = *counts.get(k - i)?;
            *counts.get_mut(k)? += lower;
        }
    }
    let all: i128 = counts.iter().sum();
    let tail: i128 = counts.iter().skip(u).sum();
    Some(tail as f64 / all as f64)
}

/// A float as a whole number of the same order.
fn key(v: f64) -> i64 {
    let bits = v.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn unkey(k: i64) -> f64 {
    f64::from_bits((k ^ (((k >> 63) as u64) >> 1) as i64) as u64)
}

/// Pairs with a − b ≤ t, in O(n + m): subtraction rounds monotonically, so that the count is
/// exact for the differences as floating-point numbers.
fn pairs_up_to(a: &[f64], b: &[f64], t: f64) -> u64 {
    let mut rest = b;
    let mut count = 0;
    for x in a {
        // Larger a needs larger b.
        while let Some((y, tail)) = rest.split_first()
            && x - y > t
        {
            rest = tail;
        }
        count += rest.len() as u64;
    }
    count
}

/// The k-th smallest (from 0) of all differences a − b of two ascending samples, exactly, by
/// bisecting the floats: at most 64 counts in O(n + m) each.
fn select_pair(a: &[f64], b: &[f64], k: u64) -> Option<f64> {
    let mut low = key(a.first()? - b.last()?);
    let mut high = key(a.last()? - b.first()?);
    while low < high {
        let middle = ((i128::from(low) + i128::from(high)).div_euclid(2)) as i64;
        if pairs_up_to(a, b, unkey(middle)) > k {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(unkey(low))
}

/// The q-th quantile, 0..=1, of all differences a − b of two **ascending** samples: linear
/// between neighbours like [`percentile`](super::percentile), exact, without forming the
/// pairs. `None` of an empty sample.
pub fn pair_quantile(a: &[f64], b: &[f64], q: f64) -> Option<f64> {
    let pairs = (a.len() as u64).checked_mul(b.len() as u64)?;
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let position = q * pairs.checked_sub(1)? as f64;
    let below = position.floor() as u64;
    let low = select_pair(a, b, below)?;
    let t = position - below as f64;
    if t == 0.0 {
        return Some(low);
    }
    let high = if pairs_up_to(a, b, low) > below + 1 {
        low
    } else {
        select_pair(a, b, below + 1)?
    };
    Some(low + (high - low) * t)
}

/// Hodges–Lehmann shift: the median of all differences a − b. Exact for any size;
/// O((n + m)(log n + log m + 64)). `None` of an empty sample.
pub fn hodges_lehmann(a: &[f64], b: &[f64]) -> Option<f64> {
    pair_quantile(&sorted(a), &sorted(b), 0.5)
}

/// Holm's step-down adjusted p values, in the order given.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    order.sort_by(|x, y| x.1.total_cmp(&y.1));
    let mut out = vec![1.0; p.len()];
    let mut least = 0.0f64;
    for (done, (index, value)) in order.into_iter().enumerate() {
        least = least.max(value * (p.len() - done) as f64).min(1.0);
        if let Some(slot) = out.get_mut(index) {
            *slot = least;
        }
    }
    out
}
