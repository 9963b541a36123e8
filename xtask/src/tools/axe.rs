//! axe-core, which finds what is hard to use without eyes, hands or colours. For the tests only: no part of the page.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::on_path;
use crate::Result;
use crate::places::Places;
use crate::run::{Progress, run};

/// The version that is installed; a newer one may know more rules.
const VERSION: &str = "4.14.1";

/// Finds or installs the script.
///
/// # Errors
/// One sentence that says what is missing.
pub fn axe(places: &Places, progress: &Progress) -> Result<PathBuf> {
    let folder = places.cache.join("axe");
    let package = folder.join("node_modules/axe-core");
    let script = package.join("axe.min.js");
    let there = || {
        let says = fs::read_to_string(package.join("package.json")).unwrap_or_default();
        script.is_file() && says.contains(&format!("\"version\": \"{VERSION}\""))
    };
    if !there() {
        if on_path("npm").is_none() {
            return Err(format!(
                "axe-core {VERSION} is missing and so is npm, which would install it; install npm and try again."
            ));
        }
        progress.step(&format!("axe-core {VERSION}: install"), || {
            fs::create_dir_all(&folder)
                .map_err(|e| format!("The folder {} cannot be made: {e}.", folder.display()))?;
            let args = [
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--no-progress",
                "--prefix",
            ];
            run(Command::new("npm")
                .args(args)
                .arg(&folder)
                .arg(format!("axe-core@{VERSION}"))
                .current_dir(&folder))
        })?;
    }
    if there() {
        Ok(script)
    } else {
        Err(format!(
            "npm installed axe-core, but {} is not version {VERSION}.",
            package.display()
        ))
    }
}
