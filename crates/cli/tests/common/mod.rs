//! The program as a person starts it, and the files it is given.

use std::path::PathBuf;
use std::process::Command;

/// A file or folder of `tests/`.
pub fn path(below: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(below)
        .to_string_lossy()
        .into_owned()
}

/// Exit code, stdout and stderr.
pub fn servelens(arguments: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_servelens"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    (
        out.status.code().unwrap(),
        text(out.stdout),
        text(out.stderr),
    )
}
