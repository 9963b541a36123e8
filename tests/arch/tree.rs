//! The files of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root() -> PathBuf {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    here.ancestors()
        .find(|folder| folder.join("Trunk.toml").is_file())
        .unwrap()
        .to_path_buf()
}

pub fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// All files of the project, relative to its root: what git tracks or would add.
pub fn tracked() -> Vec<PathBuf> {
    let out = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let files: Vec<PathBuf> = out
        .stdout
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned()))
        .collect();
    assert!(files.len() > 20, "git lists only {} files", files.len());
    files
}

/// Applies a rule to every file below the folders.
pub fn over(
    folders: &[&str],
    extension: &str,
    rule: impl Fn(&Path, &str) -> Vec<String>,
) -> Vec<String> {
    let files: Vec<PathBuf> = tracked()
        .into_iter()
        .filter(|file| {
            folders.iter().any(|folder| file.starts_with(folder))
                && file.extension().is_some_and(|e| e == extension)
        })
        .filter(|file| root().join(file).is_file())
        .collect();
    assert!(
        !files.is_empty(),
        "no files below {folders:?}; has a folder moved?"
    );
    files
        .iter()
        .flat_map(|file| {
            rule(file, &read(&file.to_string_lossy()))
                .into_iter()
                .map(|line| format!("{}:{line}", file.display()))
                .collect::<Vec<_>>()
        })
        .collect()
}

pub fn formats() -> BTreeSet<String> {
    let source = Path::new("crates/core/src/ingest/formats");
    let names = tracked().into_iter().filter_map(|file| {
        Some(
            file.strip_prefix(source)
                .ok()?
                .components()
                .next()?
                .as_os_str()
                .to_string_lossy()
                .into_owned(),
        )
    });
    names
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| name != "mod")
        .collect()
}

pub fn report(offences: Vec<String>) {
    assert!(
        offences.is_empty(),
        "{} offences:\n{}",
        offences.len(),
        offences.join("\n")
    );
}
