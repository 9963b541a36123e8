//! Reads the shared fixtures the way the app does: bytes in, workspace out.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

use servelens_core::ingest::Ingest;
use servelens_core::model::{Sla, Stat, Workspace};
use std::path::{Path, PathBuf};

/// The folder of the shared fixtures, beside the repository.
pub fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")
}

/// Drops files, with paths relative to `root`, and takes the limits over from what they say.
pub fn drop_files(root: &Path, paths: &[PathBuf], stat: Stat) -> Workspace {
    let mut ingest = Ingest::new();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(path);
        ingest.add(&name.to_string_lossy(), &std::fs::read(path).unwrap());
    }
    let read = ingest.finish();
    Workspace {
        runs: read.runs,
        sla: Sla {
            ttft: read.context.ttft,
            tpot: read.context.tpot,
            latency: None,
            stat,
        },
        context: read.context,
        files: read.files,
        texts: read.texts,
    }
}

/// Every file under a folder, sorted.
#[allow(dead_code)]
pub fn walk(root: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// The report the product grew from, dropped as it is.
pub fn seed() -> Workspace {
    let root = shared().join("seed");
    drop_files(&root, &[root.join("aic-benchmark-analysis.md")], Stat::P95)
}
