//! `cargo xtask bench`: timings, in release.

mod cost;

use crate::Result;
use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};

/// The benchmarks by name.
const NAMES: [&str; 2] = ["cost", "charts"];

/// Runs all benchmarks, or one.
///
/// # Errors
/// When one fails, or none has the name.
pub fn bench(places: &Places, mut options: Options) -> Result {
    let only = options.value("--only")?;
    options.finish()?;
    let progress = Progress::default();
    let chosen: Vec<&str> = NAMES
        .into_iter()
        .filter(|name| only.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        return Err(format!(
            "There is no such benchmark; the benchmarks are {}.",
            NAMES.join(", ")
        ));
    }
    for name in chosen {
        progress.step(name, || match name {
            "cost" => cost::cost(places, &progress),
            _ => charts(places),
        })?;
    }
    Ok(())
}

fn charts(places: &Places) -> Result {
    let package = [
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "servelens-charts",
    ];
    run(cargo(&places.root)
        .args(package)
        .args(["--example", "redraw"]))
}
