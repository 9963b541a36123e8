//! The programs the tasks need: found on PATH, found in the cache, or installed there.
//!
//! A program counts only if it runs and says the wanted version, so a half-finished installation is never used.

pub mod binaryen;
pub mod browser;
pub mod rust;
pub mod system;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::run::output;
use crate::{Result, places::Places, run::Progress};

/// Everything `trunk build` needs, and the PATH under which it finds it.
pub struct BuildTools {
    /// The Trunk program.
    pub trunk: PathBuf,
    /// PATH with the chosen tools first.
    pub path: OsString,
    /// The versions in one line: part of what the built page depends on.
    pub versions: String,
}

/// What splitting the module needs.
pub struct SplitTools {
    /// The program that splits.
    pub split: PathBuf,
    /// wasm-bindgen.
    pub bindgen: PathBuf,
    /// wasm-opt.
    pub opt: PathBuf,
}

/// Finds or installs what splitting the module needs.
///
/// # Errors
/// One sentence with the command that installs what could not be installed.
pub fn for_split(places: &Places, progress: &Progress) -> Result<SplitTools> {
    let tools = SplitTools {
        split: rust::wasm_split(places, progress)?,
        bindgen: rust::wasm_bindgen(places, progress)?,
        opt: binaryen::wasm_opt(places, progress)?,
    };
    rust::tidy(places);
    Ok(tools)
}

/// Finds or installs the tools of a release build.
///
/// # Errors
/// One sentence with the command that installs what could not be installed.
pub fn for_build(places: &Places, progress: &Progress) -> Result<BuildTools> {
    rust::wasm_target(places, progress)?;
    let trunk = rust::trunk(places, progress)?;
    let SplitTools {
        split,
        bindgen,
        opt,
    } = for_split(places, progress)?;
    let chosen = [&trunk, &bindgen, &opt]
        .map(|program| program.parent().map(Path::to_path_buf).unwrap_or_default());
    let mut folders: Vec<PathBuf> = chosen.into_iter().collect();
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    let path = env::join_paths(folders).map_err(|e| format!("PATH cannot be extended: {e}."))?;
    let mut versions = [&trunk, &bindgen, &opt]
        .map(|program| output(program, &["--version"]).unwrap_or_default())
        .concat();
    // This one tells its version by its folder only.
    versions.push_str(&split.to_string_lossy());
    Ok(BuildTools {
        trunk,
        path,
        versions,
    })
}

/// The first program of this name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Whether the program runs and its `--version` has `version` as one of its words.
fn says_version(program: &Path, version: &str) -> bool {
    output(program, &["--version"])
        .is_some_and(|text| text.split_whitespace().any(|word| word == version))
}
