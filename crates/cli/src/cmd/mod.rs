//! The subcommands. Each takes the rest of the command line and says whether something was read.

pub mod audit;
pub mod explain;
pub mod inspect;
pub mod project;
pub mod report;
pub mod sweep;

use crate::request::Owned;
use serde::Serialize;
use std::io::Write;

/// Prints a text and a line break. A closed pipe is no trouble; where the text can't be written otherwise, as on a full
/// disk, the program ends with a sentence and exit code 2.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("servelens: the answer can't be written: {error}.");
        std::process::exit(2);
    }
}

/// A value as JSON for people's eyes too.
///
/// # Errors
/// One sentence when it cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|e| e.to_string())
}

/// Prints what was computed, or says why it was not; to a program also as `{"error": …}`.
///
/// # Errors
/// The sentence of the outcome, or one from printing it.
pub fn answer<T>(
    as_json: bool,
    outcome: Result<T, String>,
    show: impl FnOnce(&T) -> Result<String, String>,
) -> Result<Done, String> {
    match outcome {
        Ok(value) => {
            print(&show(&value)?);
            Ok(Done::Read)
        }
        Err(error) => {
            if as_json {
                print(&json(&serde_json::json!({ "error": error }))?);
            }
            Err(error)
        }
    }
}

/// How a subcommand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Something was read.
    Read,
    /// Something was read, and a finding blocks a comparison.
    Blocks,
    /// Nothing was read.
    NothingRead,
}

impl From<bool> for Done {
    fn from(read: bool) -> Self {
        if read { Self::Read } else { Self::NothingRead }
    }
}

/// A copy of an argument, so that the parser can be asked for its value.
///
/// # Errors
/// One sentence for a short option, of which there is none.
pub fn owned(argument: lexopt::Arg<'_>) -> Result<Owned, String> {
    match argument {
        lexopt::Arg::Value(path) => Ok(Owned::Path(path)),
        lexopt::Arg::Long(name) => Ok(Owned::Option(name.to_owned())),
        other => Err(other.unexpected().to_string()),
    }
}
