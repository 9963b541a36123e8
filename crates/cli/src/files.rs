//! Files and folders from the command line into a workspace.

use servelens_core::ingest::Ingest;
use servelens_core::model::{FileOutcome, Severity, Workspace};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Reads every file of the paths, folders walked in sorted order. What cannot be opened becomes
/// that file's outcome and stops nothing.
pub fn read(paths: &[OsString]) -> Workspace {
    let mut ingest = Ingest::new();
    let mut closed: Vec<FileOutcome> = Vec::new();
    for path in paths {
        let mut found = Vec::new();
        walk(Path::new(path), 0, &mut found, &mut closed);
        for file in found {
            match std::fs::read(&file) {
                Ok(bytes) => ingest.add(&file.to_string_lossy(), &bytes),
                Err(error) => closed.push(outcome(&file, &error)),
            }
        }
    }
    let mut workspace = Workspace::default();
    workspace.absorb(ingest.finish());
    workspace.files.append(&mut closed);
    workspace
}

fn walk(path: &Path, depth: usize, found: &mut Vec<PathBuf>, closed: &mut Vec<FileOutcome>) {
    if !path.is_dir() {
        found.push(path.to_owned());
        return;
    }
    // Deeper than any tool's layout: a link that leads back to its own folder.
    if depth > 40 {
        return;
    }
    match std::fs::read_dir(path) {
        Ok(entries) => {
            let mut inside: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
            inside.sort();
            for entry in inside {
                walk(&entry, depth + 1, found, closed);
            }
        }
        Err(error) => closed.push(outcome(path, &error)),
    }
}

fn outcome(path: &Path, error: &std::io::Error) -> FileOutcome {
    FileOutcome {
        path: path.to_string_lossy().into_owned(),
        format: None,
        used: false,
        severity: Severity::Error,
        reason: Some(format!("It cannot be opened: {error}.")),
    }
}
