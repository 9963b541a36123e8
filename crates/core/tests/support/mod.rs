//! Reads the cases the way the app does: bytes in, workspace out.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a failed unwrap is the test's own message"
)]

mod runs;

pub use runs::{pair, run_of};

use servelens_core::ingest::Ingest;
use servelens_core::model::{Sla, Stat, Workspace};
use servelens_core::units::Seconds;
use std::path::{Path, PathBuf};

/// Cases under `tests/cases`, each folder dropped as its own root; limits as the sources state
/// them, else TTFT 300 ms and TPOT 10 ms at p95.
pub fn cases(folders: &[&str]) -> Workspace {
    let mut ingest = Ingest::new();
    for folder in folders {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/cases")
            .join(folder);
        for path in walk(&root) {
            let name = path.strip_prefix(&root).unwrap();
            // The harness's own record of a case is not part of it.
            if name != Path::new("expected.txt") {
                ingest.add(&name.to_string_lossy(), &std::fs::read(&path).unwrap());
            }
        }
    }
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    ws.sla = Sla {
        ttft: ws.sla.ttft.or(Some(Seconds::from_ms(300.0))),
        tpot: ws.sla.tpot.or(Some(Seconds::from_ms(10.0))),
        latency: None,
        stat: Stat::P95,
    };
    ws
}

fn walk(root: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
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
    cases(&["table/seed/typical"])
}
