//! Runs programs and shows which step is at work and for how long.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// Announces steps with the time since the task began.
pub struct Progress {
    begun: Instant,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
        }
    }
}

impl Progress {
    /// Announces a step, runs it, and says how long it took.
    ///
    /// # Errors
    /// The step's own.
    pub fn step<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("[{:>4} s] {name}", self.elapsed().as_secs());
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        if result.is_ok() && took >= Duration::from_secs(2) {
            // By its name: another may have begun beside it.
            let name = name.split(" (").next().unwrap_or(name);
            eprintln!(
                "[{:>4} s] … {name}, done in {:.0} s",
                self.elapsed().as_secs(),
                took.as_secs_f64()
            );
        }
        result
    }

    /// Time since the task began.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// A command of the running toolchain's Cargo, in `folder`.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    // Set by `cargo run` for this program; a child must not mistake them for its own.
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs a command with its output shown; no input.
///
/// # Errors
/// When it cannot start or ends with a failure.
pub fn run(command: &mut Command) -> Result {
    let line = line_of(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("`{line}` could not start: {e}."))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` failed ({status})."))
    }
}

/// What a command prints, its messages shown; no input.
///
/// # Errors
/// When it cannot start or ends with a failure.
pub fn read(command: &mut Command) -> Result<String> {
    let line = line_of(command);
    let out = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("`{line}` could not start: {e}."))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("`{line}` failed ({}).", out.status))
    }
}

/// What a command prints, both streams together, if it starts and succeeds.
pub fn output(program: impl AsRef<OsStr>, args: &[&str]) -> Option<String> {
    let out = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    out.status.success().then(|| {
        let mut text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&out.stderr));
        text
    })
}

/// A command as a person would type it.
fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::{line_of, output, run};
    use std::process::Command;

    #[test]
    fn failures_name_the_command() {
        let error = run(Command::new("false").arg("x")).unwrap_err();
        assert!(error.contains("`false x` failed"), "{error}");
        assert!(
            run(&mut Command::new("no-such-program-here"))
                .unwrap_err()
                .contains("could not start")
        );
    }

    #[test]
    fn output_is_read_and_failure_is_none() {
        assert_eq!(output("echo", &["hello"]).as_deref(), Some("hello\n"));
        assert_eq!(output("false", &[]), None);
        assert_eq!(line_of(Command::new("/usr/bin/echo").arg("a")), "echo a");
    }
}
