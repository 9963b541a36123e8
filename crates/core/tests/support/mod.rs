//! Reads the cases the way the app does: bytes in, workspace out.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a failed unwrap is the test's own message"
)]

use servelens_core::ingest::Ingest;
use servelens_core::model::{
    Deployment, Load, Metric, Point, Role, Run, RunKind, Sla, Source, Stat, Stats, Tool, Workspace,
};
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

/// A measured run from (concurrency, tokens/s, requests/s).
pub fn run_of(label: &str, rows: &[(u32, f64, f64)]) -> Run {
    Run {
        id: label.to_owned(),
        label: label.to_owned(),
        tool: Tool::AiPerf,
        tool_version: None,
        kind: RunKind::Measured,
        role: Role::Candidate,
        role_is_guess: false,
        deployment: Deployment::default(),
        points: rows
            .iter()
            .map(|(c, tokens, requests)| {
                let mut p = Point {
                    load: Load {
                        concurrency: Some(*c),
                        request_rate: None,
                    },
                    source: Source {
                        file: format!("{label}.json"),
                        place: String::new(),
                    },
                    ..Point::default()
                };
                p.measured(Metric::OutputThroughput, Stats::avg(*tokens));
                p.measured(Metric::RequestThroughput, Stats::avg(*requests));
                p
            })
            .collect(),
        files: vec![format!("{label}.json")],
        notes: Vec::new(),
    }
}

/// A workspace of a candidate and a baseline.
pub fn pair(candidate: Run, baseline: Run) -> Workspace {
    let mut ws = Workspace {
        runs: vec![candidate, baseline],
        ..Workspace::default()
    };
    for (run, role) in ws.runs.iter_mut().zip([Role::Candidate, Role::Baseline]) {
        run.role = role;
    }
    ws
}
