//! wasm-opt of Binaryen, which makes the module about a third smaller. It ships as an npm package; older ones break modules.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::on_path;
use super::system::{System, apt_install, command_for, may_install, system};
use crate::Result;
use crate::places::Places;
use crate::run::{Progress, output, run};

/// The version that is installed, and that the recorded sizes were measured with.
const BINARYEN: u32 = 132;
/// The oldest version on PATH that is used when npm cannot install the wanted one.
const OLDEST: u32 = 130;

/// Finds or installs `wasm-opt`.
///
/// # Errors
/// One sentence with the command that installs it.
pub fn wasm_opt(places: &Places, progress: &Progress) -> Result<PathBuf> {
    let folder = places.cache.join("node");
    let cached = folder.join("node_modules/.bin/wasm-opt");
    let present = on_path("wasm-opt");
    let candidates = present.iter().chain([&cached]);
    if let Some(found) = candidates
        .into_iter()
        .find(|program| version(program) == Some(BINARYEN))
    {
        return Ok(found.clone());
    }
    if on_path("npm").is_none() {
        if let Some(found) = present.filter(|program| version(program).is_some_and(|v| v >= OLDEST))
        {
            return Ok(found);
        }
        if !(matches!(system(), System::Debian | System::Ubuntu) && may_install()) {
            return Err(advice(|manager| on_path(manager).is_some()));
        }
        progress.step("npm: install", || apt_install(&["nodejs", "npm"]))?;
    }
    progress.step(&format!("wasm-opt {BINARYEN}: install"), || {
        install(&folder)
    })?;
    match version(&cached) {
        Some(BINARYEN) => Ok(cached),
        _ => Err(format!(
            "npm installed binaryen, but {} does not say version {BINARYEN}; remove that folder and try again.",
            cached.display()
        )),
    }
}

/// npm, by package manager.
const COMMANDS: [(&str, &str); 6] = [
    ("apt-get", "sudo apt-get install nodejs npm"),
    ("dnf", "sudo dnf install nodejs-npm"),
    ("pacman", "sudo pacman -S npm"),
    ("zypper", "sudo zypper install npm-default"),
    ("apk", "sudo apk add npm"),
    ("brew", "brew install node"),
];

/// Where nothing is installed unasked: what is missing and the command that installs it.
fn advice(present: impl Fn(&str) -> bool) -> String {
    let missing =
        format!("wasm-opt {BINARYEN} is missing and so is npm, which would install it; install");
    match command_for(&COMMANDS, present) {
        Some(command) => format!("{missing} npm with `{command}` and try again."),
        None => format!("{missing} Node.js from https://nodejs.org and try again."),
    }
}

fn install(folder: &Path) -> Result {
    fs::create_dir_all(folder)
        .map_err(|e| format!("The folder {} cannot be made: {e}.", folder.display()))?;
    let package = format!("binaryen@{BINARYEN}");
    let args = [
        "install",
        "--no-audit",
        "--no-fund",
        "--no-progress",
        "--prefix",
    ];
    run(Command::new("npm")
        .args(args)
        .arg(folder)
        .arg(&package)
        .current_dir(folder))
    .map_err(|e| {
        format!("wasm-opt could not be installed; `npm install -g {package}` does it by hand ({e})")
    })
}

/// The version a `wasm-opt` says: "wasm-opt version 132 (version_132)".
fn version(program: &Path) -> Option<u32> {
    number(&output(program, &["--version"])?)
}

fn number(text: &str) -> Option<u32> {
    text.split_whitespace()
        .skip_while(|word| *word != "version")
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{advice, number};

    #[test]
    fn without_npm_one_sentence_says_how_to_get_it() {
        for (manager, command) in [
            ("dnf", "`sudo dnf install nodejs-npm`"),
            ("none", "nodejs.org"),
        ] {
            let sentence = advice(|m| m == manager);
            assert!(
                sentence.contains(command) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert_eq!(sentence.lines().count(), 1);
        }
    }

    #[test]
    fn reads_both_shapes_of_the_version() {
        assert_eq!(number("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(number("wasm-opt version 108\n"), Some(108));
        assert_eq!(number("something else"), None);
    }
}
