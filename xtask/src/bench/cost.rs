//! The cost model natively, in wasm and beside AIConfigurator (AIC) itself, all in one run on one machine, so that
//! the ratios hold elsewhere too.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::places::Places;
use crate::run::{Progress, cargo, read, run};
use crate::tools::rust::{self, TARGET};
use crate::tools::{binaryen, on_path};

/// Our rule set, and the version of AIC that it reproduces.
const PAIRS: [(&str, &str); 2] = [("aic-0.2", "0.2.0"), ("aic-0.12", "0.12.0")];

/// Times everything and prints the table. What cannot be had on this machine is named and left out.
///
/// # Errors
/// When our own part cannot be built or run.
pub fn cost(places: &Places, progress: &Progress) -> Result {
    let mut rows: Vec<(&str, Value)> = Vec::new();
    rows.push(("native", progress.step("native", || native(places))?));
    match on_path("node") {
        None => {
            eprintln!("Node.js is not on PATH, so wasm is left out; install it to time wasm too.")
        }
        Some(node) => {
            rust::wasm_target(places, progress)?;
            for (name, level) in [("wasm, as the page", "z"), ("wasm, opt-level 3", "3")] {
                let figures = progress.step(name, || wasm(places, progress, &node, level))?;
                rows.push((name, figures));
            }
        }
    }
    for (rules, version) in PAIRS {
        let aic = progress
            .step(&format!("AIConfigurator {version}"), || {
                aic(places, version)
            })
            .map_err(|e| eprintln!("AIConfigurator {version} is left out: {e}"))
            .ok();
        print!("{}", table(rules, version, aic, &rows));
    }
    Ok(())
}

fn native(places: &Places) -> Result<Value> {
    let package = [
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "servelens-bench",
    ];
    // The page is built for size; natively the figures should show what the algorithm can do.
    let speed = [
        "--config",
        "profile.release.package.servelens-core.opt-level=3",
    ];
    figures(cargo(&places.root).args(package).args(speed))
}

fn wasm(places: &Places, progress: &Progress, node: &Path, level: &str) -> Result<Value> {
    let quoted = level
        .parse::<u32>()
        .map_or_else(|_| format!("\"{level}\""), |n| n.to_string());
    run(cargo(&places.root)
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "-p",
            "servelens-bench",
        ])
        .args(["--target", TARGET, "--example", "cost_wasm", "--config"])
        .arg(format!(
            "profile.release.package.servelens-core.opt-level={quoted}"
        ))
        .args(["--config", &format!("profile.release.opt-level={quoted}")]))?;
    let built = places
        .target
        .join(TARGET)
        .join("release/examples/cost_wasm.wasm");
    let small = built.with_extension("opt.wasm");
    run(Command::new(binaryen::wasm_opt(places, progress)?)
        .arg(&built)
        .arg("-o")
        .arg(&small)
        .arg(format!("-O{level}"))
        .args([
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
            "--enable-sign-ext",
            "--enable-reference-types",
            "--enable-mutable-globals",
            "--enable-multivalue",
        ]))?;
    figures(
        Command::new(node)
            .arg(script(places, "wasm.mjs"))
            .arg(&small),
    )
}

/// Milliseconds of one sweep of AIC, installed from PyPI into an environment of its own in the cache.
fn aic(places: &Places, version: &str) -> Result<f64> {
    let folder = places.cache.join(format!("venv-aic-{version}"));
    let python = folder.join("bin/python");
    let wanted = "import importlib.metadata as m; print(m.version('aiconfigurator'))";
    let installed =
        read(Command::new(&python).args(["-c", wanted])).is_ok_and(|v| v.trim() == version);
    if !installed {
        let base = on_path("python3").ok_or("python3 is not on PATH")?;
        run(Command::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(&folder))?;
        let package = format!("aiconfigurator=={version}");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &package]))?;
    }
    let text = read(
        Command::new(&python)
            .arg(script(places, "aic.py"))
            .arg(version),
    )?;
    text.lines()
        .last()
        .and_then(|line| line.trim().parse().ok())
        .ok_or_else(|| format!("it printed no time but “{}”", text.trim()))
}

fn script(places: &Places, name: &str) -> PathBuf {
    places.root.join("xtask/src/bench").join(name)
}

fn figures(command: &mut Command) -> Result<Value> {
    let text = read(command)?;
    serde_json::from_str(&text).map_err(|e| format!("The benchmark printed no figures: {e}."))
}

fn table(rules: &str, version: &str, aic_ms: Option<f64>, rows: &[(&str, Value)]) -> String {
    let mut out = format!(
        "\n{rules}: sweep of aggregated and disaggregated serving, Qwen3-32B, 8 GPUs, 4000/500\n{:<22} {:>10} {:>9} {:>10} {:>12} {:>11} {:>11} {:>12}\n",
        "",
        "sweep ms",
        "first ms",
        "estimates",
        "tenfold ms",
        "estimates",
        "decode ms",
        "estimate µs"
    );
    for (name, all) in rows {
        let f = |key: &str| {
            all.get(rules)
                .and_then(|r| r.get(key))
                .and_then(Value::as_f64)
                .unwrap_or(f64::NAN)
        };
        out += &format!(
            "{name:<22} {:>10.2} {:>9.2} {:>10} {:>12.2} {:>11} {:>11.2} {:>12.2}",
            f("sweep_ms"),
            f("first_sweep_ms"),
            f("points"),
            f("tenfold_ms"),
            f("tenfold_points"),
            f("decode_ms"),
            f("estimate_us"),
        );
        if let Some(ms) = aic_ms {
            out += &format!("   {:.0} times as fast as AIC", ms / f("sweep_ms"));
        }
        out.push('\n');
    }
    if let Some(ms) = aic_ms {
        out += &format!("{:<22} {ms:>10.0}\n", format!("AIConfigurator {version}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::table;
    use serde_json::json;

    #[test]
    fn the_table_gives_ratios_where_aic_ran() {
        let rows = [("native", json!({"aic-0.2": {"sweep_ms": 2.0, "points": 5}}))];
        let text = table("aic-0.2", "0.2.0", Some(9000.0), &rows);
        assert!(text.contains("4500 times as fast as AIC"), "{text}");
        assert!(!table("aic-0.2", "0.2.0", None, &rows).contains("times as fast"));
    }
}
