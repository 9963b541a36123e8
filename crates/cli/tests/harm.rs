//! What would hang or mislead a script: full disks, links that lead back, pipes, standard input, help.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![cfg(unix)]

mod common;

use common::{path, servelens};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const CASE: &str = "cases/genai-perf/0.0.16/nan/one.json";

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn an_answer_that_can_t_be_written_is_no_success() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return;
    };
    let out = Command::new(env!("CARGO_BIN_EXE_servelens"))
        .args(["report", &path("cases/table/seed/typical")])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("can't be written"));
}

#[test]
fn links_that_lead_back_end() {
    let dir = folder("links");
    std::fs::copy(path(CASE), dir.join("one.json")).unwrap();
    symlink(&dir, dir.join("a")).unwrap();
    symlink(&dir, dir.join("b")).unwrap();
    let (code, out, _) = servelens(&["inspect", dir.to_str().unwrap(), "--json"]);
    assert_eq!(code, 0);
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(v["files"].as_array().unwrap().len(), 1);
}

#[test]
fn pipes_and_devices_are_named_and_not_read() {
    let dir = folder("pipes");
    let pipe = dir.join("pipe.json");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    std::fs::copy(path(CASE), dir.join("one.json")).unwrap();
    let (code, out, _) = servelens(&["inspect", dir.to_str().unwrap(), "/dev/zero", "--json"]);
    assert_eq!(code, 0);
    assert_eq!(out.matches("It is a pipe or a device").count(), 2, "{out}");
}

#[test]
fn a_hyphen_is_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_servelens"))
        .args(["inspect", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = std::fs::read(path(CASE)).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    let v: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(v["runs"].as_array().unwrap().len(), 1);
    assert_eq!(v["files"][0]["path"], "standard input");
}

#[test]
fn a_session_is_read_with_the_files_beside_it() {
    let dir = folder("session");
    let mut ingest = servelens_core::ingest::Ingest::new();
    let other = "cases/genai-perf/0.0.12/flat/llama-openai-chat-concurrency4/profile_export_genai_perf.json";
    ingest.add(other, &std::fs::read(path(other)).unwrap());
    let mut session = servelens_core::model::Workspace::default();
    session.absorb(ingest.finish());
    session.runs[0].label = "Kept".to_owned();
    let file = dir.join("kept.json");
    std::fs::write(&file, servelens_core::session::save(&session).unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let (code, out, _) = servelens(&["inspect", file, &path(CASE), file, "--json"]);
    assert_eq!(code, 0);
    assert!(out.contains("Another session is read already"), "{out}");
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    let runs = v["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().any(|r| r["label"] == "Kept"), "{out}");
}

#[test]
fn help_of_every_subcommand_succeeds() {
    for name in ["inspect", "report", "audit", "project", "sweep"] {
        for flag in ["--help", "-h"] {
            let (code, out, err) = servelens(&[name, flag]);
            assert_eq!(code, 0, "{name} {flag}: {err}");
            assert!(out.contains("Usage") || out.contains(name), "{name}: {out}");
        }
    }
}
