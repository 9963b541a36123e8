//! Files and folders from the command line into a workspace.

use servelens_core::ingest::Ingest;
use servelens_core::model::{FileOutcome, Severity, Workspace};
use servelens_core::session;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads every file of the paths, folders walked in sorted order, `-` as standard input. What cannot be opened becomes
/// that file's outcome and stops nothing.
pub fn read(paths: &[OsString]) -> Workspace {
    let mut read = Reading::default();
    let mut walk = Walk::default();
    for path in paths {
        if path == "-" {
            let mut bytes = Vec::new();
            match std::io::stdin().lock().read_to_end(&mut bytes) {
                Ok(_) => read.add("standard input", &bytes),
                Err(error) => walk
                    .closed
                    .push(outcome(Path::new("standard input"), &error)),
            }
            continue;
        }
        walk.path(Path::new(path));
        for file in std::mem::take(&mut walk.found) {
            match std::fs::read(&file) {
                Ok(bytes) => read.add(&file.to_string_lossy(), &bytes),
                Err(error) => walk.closed.push(outcome(&file, &error)),
            }
        }
    }
    let mut workspace = read.session.unwrap_or_default();
    workspace.absorb(read.ingest.finish());
    workspace.files.append(&mut read.closed);
    workspace.files.append(&mut walk.closed);
    workspace
}

/// What was read so far: results, and a session of this program's own, to which they are added.
#[derive(Default)]
struct Reading {
    ingest: Ingest,
    session: Option<Workspace>,
    closed: Vec<FileOutcome>,
}

impl Reading {
    fn add(&mut self, path: &str, bytes: &[u8]) {
        if !session::is_session(bytes) {
            return self.ingest.add(path, bytes);
        }
        let why = match (
            &self.session,
            session::load(&String::from_utf8_lossy(bytes)),
        ) {
            (Some(_), _) => "Another session is read already; one is enough.".to_owned(),
            (None, Ok(workspace)) => return self.session = Some(workspace),
            (None, Err(error)) => error.to_string(),
        };
        self.closed.push(refused(Path::new(path), why));
    }
}

/// A walk through folders.
#[derive(Default)]
struct Walk {
    found: Vec<PathBuf>,
    closed: Vec<FileOutcome>,
    /// Folders that were walked, without links in their paths: a link may lead back to one of them.
    walked: BTreeSet<PathBuf>,
}

impl Walk {
    fn path(&mut self, path: &Path) {
        let kind = match std::fs::metadata(path) {
            Ok(kind) => kind,
            Err(error) => return self.closed.push(outcome(path, &error)),
        };
        if kind.is_file() {
            return self.found.push(path.to_owned());
        }
        if !kind.is_dir() {
            // Reading a pipe or a device may never end.
            return self.closed.push(refused(
                path,
                "It is a pipe or a device and not a file; pass - to read from standard input."
                    .to_owned(),
            ));
        }
        match std::fs::canonicalize(path).map(|real| self.walked.insert(real)) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return self.closed.push(outcome(path, &error)),
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let mut inside: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
                inside.sort();
                for entry in inside {
                    self.path(&entry);
                }
            }
            Err(error) => self.closed.push(outcome(path, &error)),
        }
    }
}

fn outcome(path: &Path, error: &std::io::Error) -> FileOutcome {
    refused(path, format!("It cannot be opened: {error}."))
}

fn refused(path: &Path, reason: String) -> FileOutcome {
    FileOutcome {
        path: path.to_string_lossy().into_owned(),
        format: None,
        used: false,
        severity: Severity::Error,
        reason: Some(reason),
    }
}
