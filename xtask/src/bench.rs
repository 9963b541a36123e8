//! `cargo xtask bench`: the timings that exist, native, in release.

use std::path::Path;

use crate::Result;
use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};

/// Name, package and example of every benchmark. A benchmark is an example that prints its own table: add its line here.
const BENCHES: [(&str, &str, &str); 2] = [
    ("cost", "servelens-core", "cost_bench"),
    ("charts", "servelens-charts", "redraw"),
];

/// Runs all benchmarks, or one.
///
/// # Errors
/// When one fails, or none has the name.
pub fn bench(places: &Places, mut options: Options) -> Result {
    let only = options.value("--only")?;
    options.finish()?;
    let progress = Progress::default();
    let chosen: Vec<_> = BENCHES
        .iter()
        .filter(|(name, ..)| only.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names = BENCHES.map(|(name, ..)| name).join(", ");
        return Err(format!(
            "There is no such benchmark; the benchmarks are {names}."
        ));
    }
    for (name, package, example) in chosen {
        progress.step(name, || one(&places.root, package, example))?;
    }
    Ok(())
}

fn one(root: &Path, package: &str, example: &str) -> Result {
    run(cargo(root).args([
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        package,
        "--example",
        example,
    ]))
}
