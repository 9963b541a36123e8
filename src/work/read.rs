//! Reading files one after another; on a thread beside the page, or in the page where there is none.

use super::outcome::{Outcome, left_out};
use crate::platform::files::Handed;
use crate::platform::thread::{self, Progress};
use servelens_core::ingest::{Ingest, Watch};
use servelens_core::session;
use std::cell::Cell;

/// The page hears of every so many bytes.
const STEP: f64 = 1e6;

/// Reads files; `go_on` is asked before each of them, and nothing comes of it once it says no.
pub async fn read(
    files: &[Handed],
    progress: impl Fn(Progress),
    go_on: impl AsyncFn() -> bool,
) -> Option<Outcome> {
    let mut ingest = Ingest::new();
    let mut failed = Vec::new();
    let mut session = None;
    let mut done = Progress::default();
    for file in files {
        progress(done);
        if !go_on().await {
            return None;
        }
        match file.read().await {
            Ok(bytes) if session::is_session(&bytes) => {
                match session::load(&String::from_utf8_lossy(&bytes)) {
                    Ok(workspace) => session = Some(workspace),
                    Err(e) => failed.push(left_out(&file.path, e.to_string())),
                }
            }
            Ok(bytes) => {
                let told = Cell::new(done.bytes);
                let tell = |share: f64| {
                    let bytes = done.bytes + share * file.size();
                    if bytes - told.get() >= STEP {
                        told.set(bytes);
                        progress(Progress { bytes, ..done });
                    }
                };
                ingest.add_watched(&file.path, &bytes, Watch::new(&tell));
            }
            Err(why) => failed.push(left_out(
                &file.path,
                format!("The browser can’t read it: {why}"),
            )),
        }
        done.files += 1;
        done.bytes += file.size();
    }
    progress(done);
    let mut read = ingest.finish();
    read.files.extend(failed);
    Some(Outcome { read, session })
}

/// Reads for the page, on a thread of its own.
pub fn serve() {
    thread::serve(|files| async move {
        let outcome = read(&files, thread::tell, async || true).await;
        match outcome.unwrap_or_default().pack() {
            Ok(parcels) => parcels,
            Err(e) => {
                thread::died(&e.to_string());
                Vec::new()
            }
        }
    });
}
