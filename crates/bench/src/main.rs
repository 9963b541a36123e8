//! Timings of the cost model, native, as JSON: `cargo xtask bench` runs it and `cost_wasm`, and prints them side by
//! side.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::hint::black_box;
use std::time::Instant;

use servelens_bench::Bench;
use servelens_core::cost::RuleSet;

fn best_ms<T>(runs: u32, mut f: impl FnMut() -> T) -> f64 {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(f());
            start.elapsed().as_secs_f64() * 1e3
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    let mut out = serde_json::Map::new();
    for rules in [RuleSet::Aic02, RuleSet::Aic012] {
        let bench = Bench::new(rules);
        // The first sweep fills the grids that it reads.
        let first = best_ms(1, || bench.sweep());
        let one = best_ms(200, || (0..10).map(|_| bench.estimate()).sum::<f64>()) / 10.0;
        out.insert(
            rules.to_string(),
            serde_json::json!({
                "decode_ms": best_ms(10, || bench.decode()),
                "first_sweep_ms": first,
                "sweep_ms": best_ms(20, || bench.sweep()),
                "tenfold_ms": best_ms(3, || bench.tenfold()),
                "estimate_us": one * 1e3,
                "points": bench.sweep(),
                "tenfold_points": bench.tenfold(),
            }),
        );
    }
    println!("{}", serde_json::Value::Object(out));
}
