//! Reading what was handed over: file by file, with progress, cancellable, and the page stays alive.

use crate::platform::drop::Dropped;
use crate::platform::files::{Handed, own_asset};
use crate::platform::page::breathe;
use crate::state::{App, Reading, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::ingest::{Ingest, Ingested};
use servelens_core::model::{FileOutcome, Severity};
use servelens_core::session;

/// Reads files and puts them on the table.
pub fn read(app: App, files: Vec<Handed>) {
    if files.is_empty() {
        return;
    }
    spawn_local(async move {
        let of_bytes = files.iter().map(Handed::size).sum();
        let mut progress = Reading {
            of_files: files.len(),
            of_bytes,
            ..Reading::default()
        };
        let mut ingest = Ingest::new();
        let mut failed = Vec::new();
        let mut cancelled = false;
        for file in &files {
            progress.now.clone_from(&file.path);
            app.reading.set(Some(progress.clone()));
            breathe().await;
            cancelled = app
                .reading
                .with_untracked(|r| r.as_ref().is_some_and(|r| r.cancelled));
            if cancelled {
                break;
            }
            match file.read().await {
                Ok(bytes) => {
                    if let Some(outcome) = session_file(app, &file.path, &bytes) {
                        failed.extend(outcome);
                    } else {
                        ingest.add(&file.path, &bytes);
                    }
                }
                Err(why) => failed.push(outcome(
                    &file.path,
                    &format!("The browser can’t read it: {why}"),
                )),
            }
            progress.files += 1;
            progress.bytes += file.size();
        }
        app.reading.set(None);
        let mut read = ingest.finish();
        read.files.extend(failed);
        if cancelled {
            app.said
                .set(format!("Stopped after {} files.", progress.files));
        }
        if !read.files.is_empty() {
            settle(app, read);
        }
    });
}

/// Reads what was dropped on the window.
pub fn dropped(app: App, what: Dropped) {
    spawn_local(async move { read(app, what.files().await) });
}

/// Reads pasted text.
pub fn paste(app: App, text: &str) {
    let mut ingest = Ingest::new();
    ingest.add("pasted text", text.as_bytes());
    settle(app, ingest.finish());
}

/// Opens a sample from the page's own files.
pub fn open_sample(app: App, sample: Sample) {
    spawn_local(async move {
        let path = sample.asset();
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut ingest = Ingest::new();
        match own_asset(path).await {
            Ok(bytes) => {
                ingest.add(name, &bytes);
                app.open_sample(sample, ingest.finish());
            }
            Err(why) => app.said.set(format!("The sample can’t be opened: {why}")),
        }
    });
}

fn settle(app: App, read: Ingested) {
    let used = read.files.iter().filter(|f| f.used).count();
    app.said.set(format!(
        "Read {}, {used} used.",
        servelens_core::fmt::plural(read.files.len(), "file"),
    ));
    app.add(read);
}

/// A session file replaces nothing in the analysis of others: it is opened as a whole.
fn session_file(app: App, path: &str, bytes: &[u8]) -> Option<Option<FileOutcome>> {
    let head = bytes.get(..64.min(bytes.len()))?;
    if !String::from_utf8_lossy(head).contains(session::MAGIC) {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    Some(match session::load(&text) {
        Ok(ws) => {
            app.open(ws);
            None
        }
        Err(e) => Some(outcome(path, &e.to_string())),
    })
}

fn outcome(path: &str, reason: &str) -> FileOutcome {
    FileOutcome {
        path: path.to_owned(),
        format: None,
        used: false,
        severity: Severity::Error,
        reason: Some(reason.to_owned()),
    }
}
