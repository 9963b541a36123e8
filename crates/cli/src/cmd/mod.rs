//! The subcommands. Each takes the rest of the command line and says whether something was read.

pub mod audit;
pub mod inspect;
pub mod report;

use crate::request::Owned;
use std::io::Write;

/// Prints a text and a line break; a closed pipe is no trouble.
pub fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
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
