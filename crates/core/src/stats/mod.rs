//! Statistics over plain slices: figures, intervals, and comparisons of two samples.
//!
//! Knows numbers in the order in which they happened; refuses to know requests, metrics, files
//! or what a figure means. Everything is deterministic: no clock, no random numbers.
//!
//! # The one idea behind every interval
//! Requests of a closed loop are not independent: they share a batch, a queue and a clock. So
//! every interval here comes from [`series_mean`]: the series is cut into *waves* of C
//! consecutive completions, the wave means are treated as an autocorrelated series, and the
//! effective number of waves k(1 − ρ)/(1 + ρ) sets the standard error and the degrees of
//! freedom. A percentile uses it on the series "at or below the percentile or not", throughput
//! on what was done in slots of time, a comparison on ranks, goodput on "within the limits or
//! not". What cannot be said is a typed outcome, [`NoInterval`] or [`PercentileInterval`].
//!
//! Coverage was measured for every scheme; `docs/STATISTICS.md` lists what was found, and
//! `tests/stats_coverage.rs` repeats it.

mod compare;
mod dependence;
mod interval;
mod math;
mod order;
mod pairs;
mod special;
mod summary;
mod throughput;
mod warmup;

pub use compare::{Shift, compare_samples};
pub use dependence::{
    FEW_BATCHES, SeriesMean, autocorrelation, batch_length, effective_n, series_mean,
};
pub use interval::{
    Interval, LEVEL, NoInterval, Ratio, goodput_interval, ratio, repeats_interval, wilson_interval,
};
pub use math::{exp, ln};
pub use order::{
    PercentileEstimate, PercentileInterval, order_statistic_interval, percentile_estimate,
};
pub use pairs::{
    DeltaWord, MannWhitney, cliffs_delta, hodges_lehmann, holm, mann_whitney, pair_quantile,
    placements,
};
pub use special::{
    beta_cdf, beta_quantile, binomial_cdf, binomial_quantile, ln_gamma, normal_cdf,
    normal_quantile, normal_sf, t_quantile, t_sf,
};
pub use summary::{mean, percentile, sorted, std_population, std_sample};
pub use throughput::{Served, Throughput, throughput};
pub use warmup::{Mser5, mser5};
