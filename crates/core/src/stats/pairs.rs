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

/// Pairs that a wins less pairs that it loses, in whole numbers.
fn won_less_lost(a: &[f64], b: &[f64]) -> i64 {
    let b = sorted(b);
    a.iter()
        .map(|v| {
            let below = b.partition_point(|o| o < v);
            let above = b.len() - b.partition_point(|o| o <= v);
            below as i64 - above as i64
        })
        .sum()
}

/// Cliff's delta, P(a > b) − P(a < b), −1..=1, in O((n + m) log m); `None` of an empty sample.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    (!a.is_empty() && !b.is_empty())
        .then(|| won_less_lost(a, b) as f64 / (a.len() as f64 * b.len() as f64))
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
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let u = 0.5 * (n * m + won_less_lost(a, b) as f64);
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

/// What is left of ascending b from the first y with x − y ≤ t on. Larger x need larger y, so
/// that a walk through ascending a only ever shortens `rest`.
fn from_pair(mut rest: &[f64], x: f64, t: f64) -> &[f64] {
    while let Some((y, tail)) = rest.split_first()
        && x - y > t
    {
        rest = tail;
    }
    rest
}

/// Pairs with a − b ≤ t, in O(n + m): subtraction rounds monotonically, so that the count is
/// exact for the differences as floating-point numbers.
fn pairs_up_to(a: &[f64], b: &[f64], t: f64) -> u64 {
    let mut rest = b;
    let mut count = 0;
    for x in a {
        rest = from_pair(rest, *x, t);
        count += rest.len() as u64;
    }
    count
}

/// The differences a − b in (low, high].
fn pairs_between(a: &[f64], b: &[f64], low: f64, high: f64) -> Vec<f64> {
    let (mut up_to_high, mut up_to_low) = (b, b);
    let mut out = Vec::new();
    for x in a {
        up_to_high = from_pair(up_to_high, *x, high);
        up_to_low = from_pair(up_to_low, *x, low);
        let count = up_to_high.len() - up_to_low.len();
        out.extend(up_to_high.iter().take(count).map(|y| x - y));
    }
    out
}

/// The k-th smallest (from 0) of all differences a − b of two ascending samples, exactly:
/// the range is bisected by value (at last by float) in O(n + m) a count, until at most n + m
/// differences are left, which are then looked at.
fn select_pair(a: &[f64], b: &[f64], k: u64) -> Option<f64> {
    // The wanted one lies in (low, high].
    let mut low = (a.first()? - b.last()?).next_down();
    let mut high = a.last()? - b.first()?;
    let (mut below, mut up_to) = (0, a.len() as u64 * b.len() as u64);
    let few = (a.len() + b.len()) as u64;
    let mut step = 0;
    while up_to - below > few {
        let (from, to) = (i128::from(key(low)), i128::from(key(high)));
        if to - from <= 1 {
            return Some(high);
        }
        let by_value = 0.5 * low + 0.5 * high;
        let middle = if step < 60 && by_value > low && by_value < high {
            by_value
        } else {
            unkey((from + to).div_euclid(2) as i64)
        };
        step += 1;
        let count = pairs_up_to(a, b, middle);
        if count > k {
            (high, up_to) = (middle, count);
        } else {
            (low, below) = (middle, count);
        }
    }
    let mut left = pairs_between(a, b, low, high);
    let index = usize::try_from(k.checked_sub(below)?).ok()?;
    (index < left.len()).then(|| *left.select_nth_unstable_by(index, f64::total_cmp).1)
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

/// Hodges–Lehmann shift: the median of all differences a − b. Exact for any size, in about
/// log(nm) counts of O(n + m). `None` of an empty sample.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values with ties.
    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-40i32..40).prop_map(|v| f64::from(v) / 4.0), 1..30)
    }

    fn brute(a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut all: Vec<f64> = a
            .iter()
            .flat_map(|x| b.iter().map(move |y| x - y))
            .collect();
        all.sort_by(f64::total_cmp);
        all
    }

    proptest! {
        #[test]
        fn selection_is_sorting(a in sample(), b in sample()) {
            let all = brute(&a, &b);
            let (a, b) = (sorted(&a), sorted(&b));
            for (k, want) in all.iter().enumerate() {
                prop_assert_eq!(select_pair(&a, &b, k as u64).unwrap(), *want);
            }
        }

        #[test]
        fn swapping_turns_the_sign(a in sample(), b in sample()) {
            prop_assert_eq!(cliffs_delta(&a, &b).unwrap(), -cliffs_delta(&b, &a).unwrap());
            let (x, y) = (hodges_lehmann(&a, &b).unwrap(), hodges_lehmann(&b, &a).unwrap());
            prop_assert!((x + y).abs() < 1e-12);
            let (x, y) = (mann_whitney(&a, &b).unwrap(), mann_whitney(&b, &a).unwrap());
            prop_assert_eq!(x.u + y.u, (a.len() * b.len()) as f64);
            prop_assert!((x.p - y.p).abs() < 1e-12 && x.exact == y.exact);
        }

        #[test]
        fn ranks_ignore_scale_and_the_shift_follows_it(
            a in sample(), b in sample(), by in -10i32..10,
        ) {
            // Exact in binary, so that ties stay ties.
            let by = f64::from(by);
            let scaled = |v: &[f64]| v.iter().map(|x| 2.0 * x).collect::<Vec<_>>();
            let moved: Vec<f64> = a.iter().map(|x| x + by).collect();
            prop_assert_eq!(cliffs_delta(&a, &b), cliffs_delta(&scaled(&a), &scaled(&b)));
            prop_assert_eq!(mann_whitney(&a, &b), mann_whitney(&scaled(&a), &scaled(&b)));
            let shift = hodges_lehmann(&a, &b).unwrap();
            prop_assert!((hodges_lehmann(&moved, &b).unwrap() - shift - by).abs() < 1e-12);
            prop_assert!((hodges_lehmann(&scaled(&a), &scaled(&b)).unwrap() - 2.0 * shift).abs() < 1e-12);
        }

        #[test]
        fn a_sample_against_itself_shows_nothing(a in sample()) {
            prop_assert_eq!(cliffs_delta(&a, &a), Some(0.0));
            prop_assert_eq!(hodges_lehmann(&a, &a), Some(0.0));
            prop_assert_eq!(mann_whitney(&a, &a).unwrap().p, 1.0);
        }

        #[test]
        fn holm_never_lowers_and_keeps_the_order(p in prop::collection::vec(0.0..1.0f64, 0..12)) {
            let adjusted = holm(&p);
            for (i, x) in p.iter().enumerate() {
                prop_assert!(adjusted[i] >= *x && adjusted[i] <= 1.0);
                for (j, y) in p.iter().enumerate() {
                    prop_assert!(x > y || adjusted[i] <= adjusted[j]);
                }
            }
        }

        #[test]
        fn keys_keep_the_order(x in -1e9..1e9f64, y in -1e9..1e9f64) {
            prop_assert_eq!(x < y, key(x) < key(y));
            prop_assert_eq!(unkey(key(x)), x);
        }
    }

    #[test]
    fn words_of_delta() {
        let word = |d| DeltaWord::of(d).word();
        assert_eq!(
            [word(0.1), word(-0.147), word(0.4), word(-0.474)],
            ["negligible", "small", "medium", "large"]
        );
    }
}
