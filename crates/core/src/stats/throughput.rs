//! The interval of a rate: completions or tokens a second.
//!
//! The rate is what was done over the time it took. Two things make it vary, and their squared
//! errors add:
//! * the server's speed while the load is full, from the first wave of completions to the last
//!   request sent: what each request brings is spread evenly over the time that it took, and summed in slots of
//!   time, whose mean has the error of dependent batches. Gaps between completions, the usual
//!   series, hide a slow drift: a late completion makes one gap long and the next one short.
//! * the two ends of the run, which happen once: their length varies by about one standard deviation of
//!   a request's time.
//!
//! The interval is taken in logarithms, so that a bound is never negative. Gaps, and a bootstrap over
//! blocks of them (circular: Politis and Romano 1992), were tried first: `docs/STATISTICS.md`.

use super::dependence::{SeriesMean, mean_of_batches};
use super::interval::{Interval, NoInterval};
use super::summary::{mean, std_sample};

/// A rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Amount a second.
    pub rate: f64,
    /// Its interval, or why there is none.
    pub interval: Result<Interval, NoInterval>,
    /// The rate as a mean for [`ratio`](super::ratio); its `se` is in amounts a second.
    pub mean: Option<SeriesMean>,
}

/// Requests in order of completion, one column each: when they were sent and completed, seconds,
/// and what each brings: 1, or its tokens.
#[derive(Debug, Clone, Copy)]
pub struct Served<'a> {
    /// Sent.
    pub starts_s: &'a [f64],
    /// Completed, ascending.
    pub ends_s: &'a [f64],
    /// Brought.
    pub amounts: &'a [f64],
}

/// Rate of what was completed since `from_s`. `wave` is the concurrency; `ramp` is how many of the
/// first completions belong to the start of the run, which is no spread: C when `from_s` is the
/// start of the run, else 0. `None` when no time passed, nothing was done, or the lengths differ.
pub fn throughput(
    served: Served<'_>,
    from_s: f64,
    wave: usize,
    ramp: usize,
    level: f64,
) -> Option<Throughput> {
    let Served {
        starts_s,
        ends_s,
        amounts,
    } = served;
    let time = ends_s.last()? - from_s;
    let rate = amounts.iter().sum::<f64>() / time;
    if !(rate.is_finite() && rate > 0.0)
        || amounts.len() != ends_s.len()
        || starts_s.len() != ends_s.len()
    {
        return None;
    }
    let full_from = ramp
        .checked_sub(1)
        .map_or(Some(from_s), |i| ends_s.get(i).copied());
    let mean = error(served, full_from, time, wave).map(|(se, dof, cv)| SeriesMean {
        mean: rate,
        se: rate * se,
        dof,
        effective_n: if se > 0.0 {
            (cv * cv / (se * se)).clamp(1.0, ends_s.len() as f64)
        } else {
            ends_s.len() as f64
        },
        n: ends_s.len(),
    });
    let interval = mean.and_then(|m| m.positive_interval(level).ok_or(NoInterval::NotPositive));
    Some(Throughput {
        rate,
        interval,
        mean: mean.ok(),
    })
}

/// The standard error of a rate over the rate, its degrees of freedom, and the standard deviation
/// of a request's time over its mean.
fn error(
    served: Served<'_>,
    full_from: Option<f64>,
    time: f64,
    wave: usize,
) -> Result<(f64, f64, f64), NoInterval> {
    let n = served.ends_s.len();
    let took: Vec<f64> = served
        .starts_s
        .iter()
        .zip(served.ends_s)
        .map(|(start, end)| end - start)
        .collect();
    // A slot is as long as two thirds of a request, and as ½√n completions.
    let few = 0.5 * (n as f64).sqrt();
    let too_short = NoInterval::TooShort {
        n,
        needed: (2 * wave + 3 * few.max(wave as f64 / 1.5).ceil() as usize).max(n + 1),
    };
    let (Some(request), Some(sd)) = (mean(&took), std_sample(&took)) else {
        return Err(too_short);
    };
    let from = full_from.unwrap_or(f64::INFINITY);
    let to = served
        .starts_s
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let slots = ((to - from) / (few * time / n as f64).max(request / 1.5)).floor();
    if !(slots.is_finite() && slots >= 3.0) {
        return Err(too_short);
    }
    let slots = in_slots(served, from, to, slots as usize);
    let (variance, dof) = mean_of_batches(&slots)?;
    let of_one = mean(&slots).unwrap_or(0.0);
    let (speed, ends) = (variance / (of_one * of_one), (sd / time) * (sd / time));
    let all = speed + ends;
    // Welch and Satterthwaite, the ends being known.
    let dof = if speed > 0.0 {
        dof * (all / speed) * (all / speed)
    } else {
        dof
    };
    Ok((all.sqrt(), dof, sd / request))
}

/// What was done in each of `k` equal slots of time from `from` to `to`.
fn in_slots(served: Served<'_>, from: f64, to: f64, k: usize) -> Vec<f64> {
    let length = (to - from) / k as f64;
    let mut slots = vec![0.0; k];
    for ((start, end), amount) in served
        .starts_s
        .iter()
        .zip(served.ends_s)
        .zip(served.amounts)
    {
        if *end <= from || *start >= to {
            continue;
        }
        let place = |t: f64| ((t - from) / length).clamp(0.0, k as f64);
        let (a, b) = (place(*start), place(*end));
        let first = a.floor() as usize;
        let per_slot = amount * length / (end - start);
        if !per_slot.is_finite() {
            // A request that took no time counts where it ended.
            if let Some(slot) = slots.get_mut(first.min(k - 1)) {
                *slot += amount;
            }
            continue;
        }
        for (i, slot) in slots.iter_mut().enumerate().skip(first) {
            let i = i as f64;
            if i >= b {
                break;
            }
            *slot += per_slot * (b.min(i + 1.0) - a.max(i));
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(starts_s: &'a [f64], ends_s: &'a [f64], amounts: &'a [f64]) -> Served<'a> {
        Served {
            starts_s,
            ends_s,
            amounts,
        }
    }

    #[test]
    fn slots_hold_all_that_was_done_in_their_time() {
        // Two in flight, each request two seconds: one a second, wherever the slots begin.
        let ends: Vec<f64> = (0..10).map(|i| f64::from(i + 2)).collect();
        let starts: Vec<f64> = ends.iter().map(|e| e - 2.0).collect();
        let slots = in_slots(of(&starts, &ends, &[3.0; 10]), 1.5, 9.0, 3);
        assert!(slots.iter().all(|s| (s - 7.5).abs() < 1e-12), "{slots:?}");
        // A request that took no time counts once.
        let slots = in_slots(of(&[2.0], &[2.0], &[5.0]), 0.0, 4.0, 4);
        assert_eq!(slots.iter().sum::<f64>(), 5.0);
    }

    #[test]
    fn lock_stepped_waves_have_no_spread() {
        // Ten requests end together every second.
        let ends: Vec<f64> = (0..100).map(|i| f64::from(i / 10 + 1)).collect();
        let starts: Vec<f64> = ends.iter().map(|e| e - 1.0).collect();
        let t = throughput(of(&starts, &ends, &[1.0; 100]), 0.0, 10, 10, 0.95).unwrap();
        assert_eq!(t.rate, 10.0);
        let i = t.interval.unwrap();
        assert!((i.high - i.low).abs() < 1e-9);
    }

    #[test]
    fn two_waves_have_a_rate_but_no_interval() {
        let ends: Vec<f64> = (1..=100).map(f64::from).collect();
        let starts: Vec<f64> = ends.iter().map(|e| (e - 50.0).max(0.0)).collect();
        let t = throughput(of(&starts, &ends, &[1.0; 100]), 0.0, 50, 50, 0.95).unwrap();
        assert_eq!(t.rate, 1.0);
        // Twice the concurrency for the ends, three times two thirds of it between.
        let needed = 2 * 50 + 3 * 34;
        assert_eq!(t.interval, Err(NoInterval::TooShort { n: 100, needed }));
    }

    #[test]
    fn tokens_scale_the_rate_and_its_bounds() {
        let ends: Vec<f64> = (1..=90u32).map(|i| f64::from(i * i % 7 + 10 * i)).collect();
        let starts: Vec<f64> = ends.iter().map(|e| (e - 50.0).max(0.0)).collect();
        let rate = |amounts| throughput(of(&starts, &ends, amounts), 0.0, 5, 5, 0.95).unwrap();
        let (one, many) = (rate(&[1.0; 90]), rate(&[100.0; 90]));
        assert!((many.rate - 100.0 * one.rate).abs() < 1e-9);
        let (a, b) = (one.interval.unwrap(), many.interval.unwrap());
        assert!((b.low - 100.0 * a.low).abs() < 1e-9 && (b.high - 100.0 * a.high).abs() < 1e-9);
        assert!(a.low < one.rate && one.rate < a.high);
    }

    #[test]
    fn no_time_is_no_rate() {
        assert_eq!(
            throughput(of(&[2.0], &[3.0], &[1.0]), 3.0, 1, 0, 0.95),
            None
        );
        assert_eq!(throughput(of(&[], &[], &[]), 0.0, 1, 0, 0.95), None);
    }
}
