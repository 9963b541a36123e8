//! `cargo xtask shots`: pictures of every view, for people who design it.

use std::path::PathBuf;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};
use crate::tools::browser;
use crate::{Result, page};

/// Builds the page and hands over to the `shots` program of the tests package.
///
/// # Errors
/// When the folder is not named, the build fails or the browser is missing.
pub fn shots(places: &Places, mut options: Options) -> Result {
    let full = options.flag("--full");
    let only = options.value("--only")?;
    let dist = options.value("--dist")?;
    let here =
        std::env::current_dir().map_err(|e| format!("The current folder cannot be read: {e}."))?;
    let out = options
        .command()
        .ok_or("Name the folder for the pictures: `cargo xtask shots OUT_DIR`.")?;
    options.finish()?;
    let progress = Progress::default();
    let dist: PathBuf = match dist {
        Some(dist) => here.join(dist),
        None => {
            page::build(places, &progress)?;
            places.dist.clone()
        }
    };
    let browser = browser::browser(&progress)?;
    progress.step("screenshots", || {
        let mut command = cargo(&places.root);
        command.args([
            "run",
            "--quiet",
            "--locked",
            "-p",
            "servelens-tests",
            "--features",
            "browser",
            "--bin",
            "shots",
            "--",
        ]);
        command.arg(here.join(out)).arg("--dist").arg(dist);
        if full {
            command.arg("--full");
        }
        if let Some(only) = only {
            command.args(["--only", &only]);
        }
        run(command
            .env("SERVELENS_CHROMIUM", browser.chromium)
            .env("SERVELENS_CHROMEDRIVER", browser.driver))
    })
}
