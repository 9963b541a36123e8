//! `cargo xtask test`: everything that must hold, cheap checks first.

use std::process::Command;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};
use crate::tools::{axe, browser, rust};
use crate::{Result, page, size};

/// The steps in their order.
const STEPS: [(&str, &str); 9] = [
    ("fmt", "format"),
    ("clippy", "lints, native"),
    ("clippy-wasm", "lints, in the browser's build"),
    (
        "core",
        "tests of the core, the charts, the command line and the tasks",
    ),
    ("arch", "dependency rule and conventions"),
    ("app", "state tests of the app, native"),
    ("build", "release build of the page"),
    ("size", "sizes and their gate"),
    ("e2e", "the page in a real browser"),
];

/// Runs all steps, or one.
///
/// # Errors
/// The first step that fails ends the run; with `--keep-going` the rest still runs, and all failures are named.
pub fn test(places: &Places, mut options: Options) -> Result {
    let no_e2e = options.flag("--no-e2e");
    let keep_going = options.flag("--keep-going");
    let only = options.value("--only")?;
    let mut skipped = Vec::new();
    while let Some(name) = options.value("--skip")? {
        skipped.push(name);
    }
    options.finish()?;
    if let Some(name) = skipped
        .iter()
        .chain(&only)
        .find(|name| STEPS.iter().all(|(step, _)| step != name))
    {
        let names = STEPS.map(|(name, _)| name).join(", ");
        return Err(format!("There is no step {name}; the steps are {names}."));
    }
    let chosen: Vec<_> = STEPS
        .iter()
        .filter(|(name, _)| only.as_deref().is_none_or(|wanted| wanted == *name))
        .filter(|(name, _)| !(no_e2e && *name == "e2e"))
        .filter(|(name, _)| skipped.iter().all(|skip| skip != name))
        .collect();
    let progress = Progress::default();
    rust::components(places, &progress)?;
    rust::wasm_target(places, &progress)?;
    let mut done = Vec::new();
    for (number, (name, what)) in chosen.iter().enumerate() {
        let start = progress.elapsed();
        let title = format!("{name} ({} of {}): {what}", number + 1, chosen.len());
        let result = progress.step(&title, || step(name, places, &progress));
        let failed = result.is_err();
        done.push((*name, progress.elapsed() - start, result));
        if failed && !keep_going {
            break;
        }
    }
    println!("\n{:<12} {:>7}  result", "step", "seconds");
    for (name, took, result) in &done {
        let word = if result.is_ok() { "passed" } else { "failed" };
        println!("{name:<12} {:>7.1}  {word}", took.as_secs_f64());
    }
    let all = progress.elapsed().as_secs_f64();
    let failures: Vec<String> = done
        .into_iter()
        .filter_map(|(name, _, result)| Some(format!("{name}: {}", result.err()?)))
        .collect();
    if failures.is_empty() {
        let left = STEPS.len() - chosen.len();
        let rest = if left == 0 {
            String::new()
        } else {
            format!(" {left} of {} were left out.", STEPS.len())
        };
        println!("All {} steps passed in {all:.0} s.{rest}", chosen.len());
        Ok(())
    } else {
        Err(failures.join("\n       "))
    }
}

fn step(name: &str, places: &Places, progress: &Progress) -> Result {
    let root = &places.root;
    match name {
        "fmt" => run(cargo(root).args(["fmt", "--all", "--check"])),
        "clippy" => run(cargo(root).args([
            "clippy",
            "--quiet",
            "--locked",
            "--workspace",
            "--all-targets",
            "--features",
            "servelens-tests/browser",
            "--",
            "-D",
            "warnings",
        ])),
        "clippy-wasm" => run(cargo(root).args([
            "clippy",
            "--quiet",
            "--locked",
            "-p",
            "servelens",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ])),
        "core" => run(tests(places).args([
            "--workspace",
            "--exclude",
            "servelens",
            "--exclude",
            "servelens-tests",
        ])),
        "arch" => run(tests(places).args(["-p", "servelens-tests"])),
        "app" => run(tests(places).args(["-p", "servelens"])),
        "build" => page::build(places, progress),
        "size" => {
            page::build(places, progress)?;
            let sizes = size::measure(&places.dist)?;
            println!("{sizes}");
            size::gate(&sizes, &root.join("size.json"))
        }
        "e2e" => {
            page::build(places, progress)?;
            let browser = browser::browser(progress)?;
            let axe = axe::axe(places, progress)?;
            run(tests(places)
                .args([
                    "-p",
                    "servelens-tests",
                    "--features",
                    "browser",
                    "--test",
                    "e2e",
                ])
                .env("SERVELENS_AXE", axe)
                .env("SERVELENS_CHROMIUM", browser.chromium)
                .env("SERVELENS_CHROMEDRIVER", browser.driver))
        }
        other => Err(format!("The step {other} is listed but not written.")),
    }
}

/// The runner: nextest where it is installed, else Cargo's own. Both end with a count.
fn tests(places: &Places) -> Command {
    let mut command = cargo(&places.root);
    if rust::has_nextest(places) {
        command.args([
            "nextest",
            "run",
            "--locked",
            "--no-fail-fast",
            "--no-tests",
            "fail",
        ]);
    } else {
        command.args(["test", "--locked", "--no-fail-fast"]);
    }
    command
}
