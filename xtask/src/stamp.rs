//! Whether the built page is still the one that these sources give, so that nothing is built twice.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::Result;
use crate::places::Places;

/// Folders and files that no part of the page is made from.
const OUTSIDE: [&str; 10] = [
    ".git",
    ".github",
    ".ci",
    "tests",
    "target",
    "dist",
    "docs",
    "fuzz",
    "size.json",
    "node_modules",
];

/// A number that changes when a source, a tool's version or the built page changes.
///
/// # Errors
/// When a source cannot be read.
pub fn stamp(places: &Places, dist: &Path, versions: &str) -> Result<String> {
    let mut hash = DefaultHasher::new();
    versions.hash(&mut hash);
    dist.hash(&mut hash);
    for file in files(&places.root, &OUTSIDE)? {
        file.strip_prefix(&places.root)
            .unwrap_or(&file)
            .hash(&mut hash);
        read(&file)?.hash(&mut hash);
    }
    for file in files(dist, &[])? {
        file.hash(&mut hash);
        read(&file)?.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

/// The stamp of the last build, and where the next is written.
pub fn place(places: &Places) -> PathBuf {
    let mut hash = DefaultHasher::new();
    places.root.hash(&mut hash);
    places
        .target
        .join(format!("servelens-page-{:016x}.stamp", hash.finish()))
}

/// A name for some bytes.
pub fn hash(bytes: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    bytes.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))
}

/// All files below a folder, in order; a folder that does not exist has none. Entries at the top named in `except` are left out.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files(folder: &Path, except: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    let trouble = |e: std::io::Error| format!("{} cannot be listed: {e}.", folder.display());
    for entry in fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        if except.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        // Links are not followed: a link to a folder above would never end.
        let kind = entry.file_type().map_err(trouble)?;
        if kind.is_dir() {
            found.extend(files(&entry.path(), &["target"])?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
