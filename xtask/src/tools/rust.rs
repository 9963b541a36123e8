//! What comes from rustup and crates.io: the wasm target, clippy and rustfmt, Trunk, wasm-bindgen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{on_path, says_version};
use crate::Result;
use crate::places::Places;
use crate::run::{Progress, cargo, output, run};

const TARGET: &str = "wasm32-unknown-unknown";
/// 0.22 asks for a newer compiler than the pinned one.
const TRUNK: &str = "0.21.14";
/// Fits `wasm_split_helpers` in `Cargo.lock`.
const WASM_SPLIT: &str = "0.2.4";
/// The packages that work through the whole module: the only ones whose speed is felt.
const WORKERS: [&str; 8] = [
    "walrus",
    "wasmparser",
    "wasm-encoder",
    "wasm_split_cli_support",
    "wasm-bindgen-cli-support",
    "wasm-bindgen-shared",
    "hashbrown",
    "indexmap",
];

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

/// Finds or installs Trunk.
///
/// # Errors
/// When `cargo install` fails.
pub fn trunk(places: &Places, progress: &Progress) -> Result<PathBuf> {
    let wanted = Wanted {
        package: "trunk",
        program: "trunk",
        version: TRUNK,
        // Without its own downloads: it finds the tools on PATH.
        options: &["--locked", "--no-default-features"],
        expect: "2 to 5 minutes on two cores, once",
    };
    wanted.find_or_install(places, progress)
}

/// Finds or installs wasm-bindgen's program in the version that `Cargo.lock` names: the two must be equal.
///
/// # Errors
/// When `Cargo.lock` names none or `cargo install` fails.
pub fn wasm_bindgen(places: &Places, progress: &Progress) -> Result<PathBuf> {
    let lock = places.root.join("Cargo.lock");
    let text = fs::read_to_string(&lock).map_err(|e| format!("Cargo.lock cannot be read: {e}."))?;
    let version = locked_version(&text, "wasm-bindgen")
        .ok_or("Cargo.lock names no version of wasm-bindgen.")?;
    let wanted = Wanted {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version,
        // Without --locked: the lock file it ships may name a version that the registry no longer has.
        // Its other two programs, for tests, are not built.
        options: &["--bin", "wasm-bindgen"],
        expect: "2 to 4 minutes on two cores, once",
    };
    wanted.find_or_install(places, progress)
}

/// Finds or installs the program that splits the module.
///
/// # Errors
/// When `cargo install` fails.
pub fn wasm_split(places: &Places, progress: &Progress) -> Result<PathBuf> {
    // It answers no `--version`, so its folder names the version.
    let root = places.cache.join(format!("wasm-split-{WASM_SPLIT}"));
    let wanted = Wanted {
        package: "wasm_split_cli_support",
        program: "wasm-split-cli",
        version: WASM_SPLIT,
        options: &["--locked", "--features", "build-binary"],
        expect: "1 to 3 minutes on two cores, once",
    };
    let program = root.join("bin").join(wanted.program);
    let answers = || output(&program, &["--help"]).is_some();
    if !answers() {
        let name = format!(
            "{} {WASM_SPLIT}: install ({})",
            wanted.package, wanted.expect
        );
        progress.step(&name, || wanted.install(places, &root))?;
    }
    if answers() {
        Ok(program)
    } else {
        Err(format!(
            "{} was installed but does not start; remove {} and try again.",
            wanted.program,
            root.display()
        ))
    }
}

fn build_folder(places: &Places) -> PathBuf {
    places.cache.join("build")
}

/// Removes what the installations left behind; only room on the disk is lost if that fails.
pub fn tidy(places: &Places) {
    let _ = fs::remove_dir_all(build_folder(places));
}

struct Wanted<'a> {
    package: &'a str,
    program: &'a str,
    version: &'a str,
    options: &'a [&'a str],
    expect: &'a str,
}

impl Wanted<'_> {
    fn find_or_install(&self, places: &Places, progress: &Progress) -> Result<PathBuf> {
        let root = places.cache.join("cargo");
        let cached = root.join("bin").join(self.program);
        let candidates = on_path(self.program).into_iter().chain([cached.clone()]);
        if let Some(found) = candidates
            .into_iter()
            .find(|program| says_version(program, self.version))
        {
            return Ok(found);
        }
        let name = format!(
            "{} {}: install ({})",
            self.package, self.version, self.expect
        );
        progress.step(&name, || self.install(places, &root))?;
        if says_version(&cached, self.version) {
            Ok(cached)
        } else {
            Err(format!(
                "{} was installed but does not say version {}; remove {} and try again.",
                self.program,
                self.version,
                root.display()
            ))
        }
    }

    /// A light build: these programs run for seconds, so compiling them must not take many minutes. What works through
    /// the module is optimised, all else is not.
    fn install(&self, places: &Places, root: &Path) -> Result {
        fs::create_dir_all(root)
            .map_err(|e| format!("The folder {} cannot be made: {e}.", root.display()))?;
        // A folder that stays lets an interrupted installation go on where it was, and the next one use its crates.
        let build = build_folder(places);
        let mut command = cargo(root);
        command
            .args([
                "install",
                self.package,
                "--version",
                self.version,
                "--force",
                "--root",
            ])
            .arg(root)
            .args(self.options);
        for package in WORKERS {
            let optimised = format!("profile.release.package.{package}.opt-level=1");
            command.args(["--config", &optimised]);
        }
        command
            .env("CARGO_TARGET_DIR", &build)
            .env("CARGO_PROFILE_RELEASE_LTO", "false")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        run(&mut command).map_err(|e| {
            format!(
                "{} could not be installed; `cargo install {} --version {}` does it by hand ({e})",
                self.program, self.package, self.version
            )
        })
    }
}

/// The version of a package in a lock file.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn reads_the_locked_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.5\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
