//! Timings and pack sizes of the cost model: `cargo run --release -p servelens-core --example cost_bench`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{Config, Engine, Mode, RuleSet, SweepInput};

fn best_ms<T>(runs: u32, mut f: impl FnMut() -> T) -> f64 {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(f());
            start.elapsed().as_secs_f64() * 1e3
        })
        .fold(f64::INFINITY, f64::min)
}

fn files(rules: RuleSet) -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(rules.to_string());
    std::fs::read_dir(dir)
        .unwrap()
        .map(|e| {
            let path = e.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

fn main() {
    let out = std::env::args().nth(1);
    for rules in [RuleSet::Aic02, RuleSet::Aic012] {
        let files = files(rules);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(n, t)| (n.as_str(), t.as_str()))
            .collect();
        for subset in [Subset::Qwen3_32B, Subset::Dense] {
            let bytes = pack::build(rules, subset, &files).unwrap();
            if let Some(dir) = &out {
                std::fs::write(
                    Path::new(dir).join(format!("{rules}-{subset}.pack")),
                    &bytes,
                )
                .unwrap();
            }
            let engine = || Engine::new(rules, pack::decode(&bytes).unwrap()).unwrap();
            let (agg, input) = (Config::default(), SweepInput::default());
            let decode = best_ms(10, || pack::decode(&bytes).unwrap());
            // The first estimate fills the grids that it reads.
            let first = best_ms(10, || engine().estimate(Mode::Agg, &agg).unwrap());
            let cold = best_ms(10, || engine().sweep(&input).unwrap());
            let e = engine();
            let sweep = best_ms(20, || e.sweep(&input).unwrap());
            let one = |mode| best_ms(200, || e.estimate(mode, &agg).unwrap()) * 1e3;
            println!(
                "{rules} {subset}: pack {} B, decode {decode:.2} ms, decode and first estimate {first:.2} ms, decode and first sweep {cold:.2} ms, sweep {sweep:.2} ms, estimate agg {:.1} µs, prefill {:.1} µs, decode {:.1} µs",
                bytes.len(),
                one(Mode::Agg),
                one(Mode::StaticCtx),
                one(Mode::StaticGen),
            );
        }
    }
}
