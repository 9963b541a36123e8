//! The programs the tasks need: found on PATH, found in the cache, or installed there.
//!
//! A program counts only if it runs and says the wanted version, so a half-finished installation is never used.

pub mod axe;
pub mod binaryen;
pub mod browser;
pub mod rust;
pub mod system;

use std::env;
use std::path::{Path, PathBuf};

use crate::run::output;

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
