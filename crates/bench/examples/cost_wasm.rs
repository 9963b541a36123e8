//! The cost model as a bare wasm module for timing: no bindings, only exported functions. The clock is the caller's;
//! see the crate's program.
#![allow(
    unsafe_code,
    reason = "an exported name is declared unsafe, although nothing here is"
)]

use std::cell::RefCell;

use servelens_bench::Bench;
use servelens_core::cost::RuleSet;

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

fn with<T: Default>(f: impl FnOnce(&Bench) -> T) -> T {
    BENCH.with_borrow(|bench| bench.as_ref().map(f).unwrap_or_default())
}

/// Loads a rule set: 0 is aic-0.2, all else aic-0.12. Must come first.
#[unsafe(no_mangle)]
pub extern "C" fn load(rules: u32) {
    let rules = if rules == 0 {
        RuleSet::Aic02
    } else {
        RuleSet::Aic012
    };
    BENCH.set(Some(Bench::new(rules)));
}

/// Decodes the figures; their packed size in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn decode() -> usize {
    with(Bench::decode)
}

/// One estimate.
#[unsafe(no_mangle)]
pub extern "C" fn estimate() -> f64 {
    with(Bench::estimate)
}

/// One sweep; its number of estimates.
#[unsafe(no_mangle)]
pub extern "C" fn sweep() -> usize {
    with(Bench::sweep)
}

/// Sweeps with ten times as many estimates; their number.
#[unsafe(no_mangle)]
pub extern "C" fn tenfold() -> usize {
    with(Bench::tenfold)
}
