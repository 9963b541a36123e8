//! What comes from rustup and crates.io: the wasm target, clippy and rustfmt, Trunk, wasm-bindgen and wasm-split.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{on_path, says_version};
use crate::Result;
use crate::places::Places;
use crate::run::{Progress, cargo, run};

/// What the page is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// 0.22 asks for a newer compiler than the pinned one.
const TRUNK: &str = "0.21.14";

/// Makes sure that the compiler can build for the browser.
///
/// # Errors
/// When rustup is missing or fails.
pub fn wasm_target(places: &Places, progress: &Progress) -> Result {
    let sysroot = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(&places.root)
        .output();
    let sysroot = sysroot.map_err(|e| {
        format!("`rustc` could not start: {e}; install Rust from https://rustup.rs.")
    })?;
    let lib = Path::new(String::from_utf8_lossy(&sysroot.stdout).trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib");
    if lib.is_dir() {
        return Ok(());
    }
    progress.step("Rust's wasm32 target: install", || {
        rustup(
            places,
            &["target", "add", TARGET],
            "the wasm32 target of this Rust toolchain is missing",
        )
    })
}

/// Makes sure that clippy and rustfmt answer.
///
/// # Errors
/// When rustup is missing or fails.
pub fn components(places: &Places, progress: &Progress) -> Result {
    for (component, subcommand) in [("clippy", "clippy"), ("rustfmt", "fmt")] {
        let answers = cargo(&places.root)
            .args([subcommand, "--version"])
            .output()
            .is_ok_and(|out| out.status.success());
        if !answers {
            progress.step(&format!("{component}: install"), || {
                rustup(
                    places,
                    &["component", "add", component],
                    &format!("the component {component} is missing"),
                )
            })?;
        }
    }
    Ok(())
}

fn rustup(places: &Places, args: &[&str], why: &str) -> Result {
    run(Command::new("rustup").args(args).current_dir(&places.root)).map_err(|e| {
        format!(
            "In this step {why}; install it with `rustup {}` ({e})",
            args.join(" ")
        )
    })
}

/// Whether `cargo nextest` answers.
pub fn has_nextest(places: &Places) -> bool {
    cargo(&places.root)
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|out| out.status.success())
}

/// Finds or installs Trunk. Quietly: it goes on beside the page's own compilation, which shows how far that is.
///
/// # Errors
/// When `cargo install` fails.
pub fn trunk(places: &Places, progress: &Progress) -> Result<PathBuf> {
    let root = places.cache.join("cargo");
    let cached = root.join("bin/trunk");
    let candidates = on_path("trunk").into_iter().chain([cached.clone()]);
    if let Some(found) = candidates
        .into_iter()
        .find(|program| says_version(program, TRUNK))
    {
        return Ok(found);
    }
    progress.step(
        &format!("trunk {TRUNK}: install (3 to 7 minutes on two cores, once)"),
        || install_trunk(places, &root),
    )?;
    if says_version(&cached, TRUNK) {
        Ok(cached)
    } else {
        Err(format!(
            "Trunk was installed but does not say version {TRUNK}; remove {} and try again.",
            root.display()
        ))
    }
}

/// A light build: Trunk runs for seconds, so compiling it must not take many minutes.
fn install_trunk(places: &Places, root: &Path) -> Result {
    fs::create_dir_all(root)
        .map_err(|e| format!("The folder {} cannot be made: {e}.", root.display()))?;
    // A folder that stays lets an interrupted installation go on where it was.
    let build = places.cache.join("build");
    let mut command = cargo(root);
    command
        .args([
            "install",
            "trunk",
            "--version",
            TRUNK,
            "--locked",
            "--quiet",
            "--force",
        ])
        // Without its own downloads: it finds the tools on PATH.
        .args(["--no-default-features", "--root"])
        .arg(root)
        .env("CARGO_TARGET_DIR", &build)
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    run(&mut command).map_err(|e| {
        format!(
            "Trunk could not be installed; `cargo install trunk --version {TRUNK}` does it by hand ({e})"
        )
    })?;
    // Only room on the disk is lost if that fails.
    let _ = fs::remove_dir_all(&build);
    Ok(())
}

/// Builds `wasm-bindgen` and `wasm-split` from their libraries, in the versions of `Cargo.lock`; the folder in which they are.
///
/// # Errors
/// When they do not compile.
pub fn binder(places: &Places) -> Result<PathBuf> {
    let package = ["build", "--locked", "--quiet", "-p", "servelens-binder"];
    run(cargo(&places.root)
        .args(package)
        .env("CARGO_TARGET_DIR", &places.target))?;
    Ok(places.target.join("debug"))
}
