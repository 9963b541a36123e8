//! The cases under `tests/cases`: finding them, reading them, writing down what was read.

use servelens_core::ingest::{Ingest, Ingested};
use servelens_core::model::{Metric, Run, Severity, Stat, Tool, Workspace};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A file of a case with its path as a person would drop it.
pub struct CaseFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// One directory under `tests/cases/<tool>/<version>/`.
pub struct Case {
    pub name: String,
    pub dir: PathBuf,
    pub files: Vec<CaseFile>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .collect();
    out.sort();
    out
}

pub fn files_under(dir: &Path) -> Vec<CaseFile> {
    fn walk(dir: &Path, base: &Path, out: &mut Vec<CaseFile>) {
        let mut inside: Vec<PathBuf> = std::fs::read_dir(dir)
            .expect("a folder")
            .flatten()
            .map(|e| e.path())
            .collect();
        inside.sort();
        for path in inside {
            if path.is_dir() {
                walk(&path, base, out);
            } else if path.file_name().is_some_and(|n| n != "expected.txt") {
                let inner = path
                    .strip_prefix(base)
                    .expect("inside")
                    .to_string_lossy()
                    .replace('\\', "/");
                out.push(CaseFile {
                    path: inner,
                    bytes: std::fs::read(&path).expect("a file"),
                });
            }
        }
    }
    let mut out = Vec::new();
    walk(dir, dir, &mut out);
    out
}

pub fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for tool in folders(&root()) {
        for version in folders(&tool) {
            // `near-miss/other-tools` and the like hold one folder for each kind.
            for case in folders(&version) {
                let name = case
                    .strip_prefix(root())
                    .expect("inside")
                    .to_string_lossy()
                    .replace('\\', "/");
                out.push(Case {
                    name,
                    files: files_under(&case),
                    dir: case,
                });
            }
        }
    }
    assert!(out.len() > 20, "only {} cases found", out.len());
    out
}

pub fn ingest<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Ingested {
    let mut ingest = Ingest::new();
    for (path, bytes) in files {
        ingest.add(path, bytes);
    }
    ingest.finish()
}

pub fn workspace(case: &Case) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.absorb(ingest(
        case.files
            .iter()
            .map(|f| (f.path.as_str(), f.bytes.as_slice())),
    ));
    workspace
}

/// A compact account of everything that was read.
pub fn account(w: &Workspace) -> String {
    let mut out = String::new();
    let c = &w.context;
    for (key, value) in [
        ("title", c.title.clone()),
        ("model", c.model.clone()),
        ("system", c.system.clone()),
        ("backend", c.backend.clone()),
        ("backend version", c.backend_version.clone()),
        ("isl", c.isl.map(|v| v.to_string())),
        ("osl", c.osl.map(|v| v.to_string())),
        ("ttft limit", c.ttft.map(|v| format!("{} ms", v.ms()))),
        ("tpot limit", c.tpot.map(|v| format!("{} ms", v.ms()))),
        ("total gpus", c.total_gpus.map(|v| v.to_string())),
        ("chosen", c.chosen.clone()),
        ("measured with", c.measured_with.clone()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "context {key}: {value}");
        }
    }
    for run in &w.runs {
        account_run(&mut out, run);
    }
    for file in &w.files {
        let mark = match (file.used, file.severity) {
            (true, _) => "used",
            (false, Severity::Info) => "left out",
            (false, Severity::Warning) => "not used",
            (false, Severity::Error) => "unreadable",
        };
        let _ = write!(out, "file {}: {mark}", file.path);
        if let Some(format) = file.format.as_ref().filter(|_| file.used) {
            let _ = write!(out, " as {format}");
        }
        if let Some(reason) = &file.reason {
            let _ = write!(out, ": {reason}");
        }
        out.push('\n');
    }
    if !w.texts.is_empty() {
        let _ = writeln!(out, "texts: {}", w.texts.len());
    }
    out
}

fn account_run(out: &mut String, run: &Run) {
    let d = &run.deployment;
    let _ = writeln!(
        out,
        "run “{}” {}: {} {} {:?}{}",
        run.label,
        run.id,
        run.tool,
        run.tool_version.as_deref().unwrap_or("-"),
        run.role,
        if run.role_is_guess { " (guess)" } else { "" }
    );
    let q = &d.quantization;
    let _ = writeln!(
        out,
        "  deployed: {:?} on {:?} by {:?} {:?}, gpus {:?}, tp {:?}, pp {:?}, quantization {:?} {:?} {:?} {:?}",
        d.model,
        d.system,
        d.backend,
        d.backend_version,
        d.gpus,
        d.tp,
        d.pp,
        q.gemm,
        q.kvcache,
        q.fmha,
        q.comm
    );
    for note in &run.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    for p in &run.points {
        let _ = write!(
            out,
            "  c={:?} rate={:?} asked {:?}/{:?}",
            p.load.concurrency, p.load.request_rate, p.workload.isl, p.workload.osl
        );
        let _ = write!(
            out,
            " n={:?} errors={:?} duration={:?}",
            p.requests,
            p.errors,
            p.duration.map(|d| d.0)
        );
        if let Some(gpus) = p.gpus {
            let _ = write!(out, " gpus={gpus}");
        }
        if let Some(s) = &p.setup {
            let _ = write!(
                out,
                " setup {} tp={:?} pp={:?} b={:?} ctx={:?} mem={:?} p={:?} d={:?}",
                if s.disagg { "disagg" } else { "agg" },
                s.tp,
                s.pp,
                s.batch,
                s.ctx_tokens,
                s.memory_gib,
                s.prefill,
                s.decode
            );
        }
        if let Some(r) = &p.records {
            let _ = write!(out, " records={} failed={}", r.len(), r.errors);
        }
        let _ = writeln!(out, " @{}", p.source.place);
        for (metric, measure) in &p.metrics {
            let _ = write!(out, "    {} {}:", metric.id(), measure.provenance.word());
            for (stat, value) in measure.stats.iter() {
                let _ = write!(out, " {}={}", stat.key(), round(value));
            }
            out.push('\n');
        }
    }
}

/// Twelve significant digits, so that the last bit of a product does not matter.
fn round(value: f64) -> String {
    let text = format!("{value:.11e}");
    text.parse::<f64>().map_or(text, |v| v.to_string())
}

/// What must hold of everything that was read.
pub fn check_invariants(name: &str, w: &Workspace) {
    let mut ids = std::collections::BTreeSet::new();
    let mut labels = std::collections::BTreeSet::new();
    for run in &w.runs {
        assert!(ids.insert(&run.id), "{name}: id {} twice", run.id);
        assert!(
            labels.insert(&run.label),
            "{name}: label {} twice",
            run.label
        );
        assert!(
            !run.points.is_empty() && !run.files.is_empty(),
            "{name}: {} is empty",
            run.label
        );
        for p in &run.points {
            for (m, x) in &p.metrics {
                for (s, v) in x.stats.iter() {
                    assert!(
                        v.is_finite() && v >= 0.0,
                        "{name}: {} {m:?} {s:?} = {v}",
                        run.label
                    );
                }
                let at = |s| x.stats.get(s);
                if let (Some(min), Some(max)) = (at(Stat::Min), at(Stat::Max)) {
                    for s in [Stat::Avg, Stat::P1, Stat::P50, Stat::P99] {
                        assert!(
                            at(s).is_none_or(|v| v >= min - 1e-12 && v <= max + 1e-9 * max),
                            "{name}: {m:?} {s:?} outside"
                        );
                    }
                }
            }
            assert!(p.load.concurrency != Some(0), "{name}: concurrency 0");
            let value = |m| p.reported(m);
            // Little: requests in flight cannot exceed what was asked by more than rounding.
            if let (Some(c), Some(x), Some(r)) = (
                p.load.concurrency,
                value(Metric::RequestThroughput),
                value(Metric::RequestLatency),
            ) {
                let flight = x * r / f64::from(c);
                // These two clients are slow themselves, so that much less than asked was in flight.
                let slow = matches!(run.tool, Tool::InferencePerf | Tool::LlmPerf);
                assert!(
                    flight < 1.1 && (flight > 0.5 || slow),
                    "{name}: {} has {flight} of its concurrency in flight",
                    run.label
                );
            }
            // tokens/s = req/s × tokens a request.
            if let (Some(t), Some(x), Some(o)) = (
                value(Metric::OutputThroughput),
                value(Metric::RequestThroughput),
                value(Metric::Osl),
            ) {
                assert!(
                    (t / (x * o) - 1.0).abs() < 0.03,
                    "{name}: {t} tok/s against {x} req/s × {o}"
                );
            }
            if let Some(r) = &p.records {
                let n = r.start_s.len();
                assert!(
                    r.end_s.len() == n
                        && [r.ttft_s.len(), r.isl.len(), r.osl.len()]
                            .iter()
                            .all(|l| *l == n || *l == 0),
                    "{name}: columns differ"
                );
                assert!(
                    r.end_s.windows(2).all(|w| w[0] <= w[1]),
                    "{name}: records are not in order of completion"
                );
                assert_eq!(
                    r.start_s.iter().copied().fold(f64::INFINITY, f64::min),
                    0.0,
                    "{name}"
                );
                assert!(
                    p.requests.is_none_or(|q| q == n as u64),
                    "{name}: {n} records of {:?} requests",
                    p.requests
                );
            }
        }
    }
    for f in &w.files {
        assert_eq!(f.used, f.reason.is_none(), "{name}: {}", f.path);
        if let Some(reason) = &f.reason {
            assert!(
                reason.ends_with('.') && reason.starts_with(char::is_uppercase)
                    || reason.starts_with('“'),
                "{name}: {reason}"
            );
        }
    }
}
