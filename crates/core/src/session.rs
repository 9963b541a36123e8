//! The workspace as a file: JSON with a version, and upgraders from earlier versions.
//!
//! Per-request records are not part of it: they are as large as the raw files and are read from
//! those again.

use crate::model::Workspace;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version that [`save`] writes.
pub const VERSION: u32 = 1;

/// The word that opens every session file, so that a dropped one is known by content.
pub const MAGIC: &str = "servelens_session";

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    servelens_session: u32,
    workspace: T,
}

/// Why a session can't be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionError {
    /// Written by a later version of the page.
    Later(u32),
    /// Not a session, or a damaged one: what the parser says, with line and column.
    Damaged(String),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(v) => write!(
                f,
                "This session has version {v}, and this page reads up to {VERSION}. Open it with a newer ServeLens."
            ),
            Self::Damaged(why) => write!(f, "This session can’t be read: {why}."),
        }
    }
}

/// Writes a session.
///
/// # Errors
/// Never in practice: every part of a workspace has a JSON form.
pub fn save(workspace: &Workspace) -> Result<String, SessionError> {
    serde_json::to_string(&Envelope {
        servelens_session: VERSION,
        workspace,
    })
    .map_err(|e| SessionError::Damaged(e.to_string()))
}

/// Reads a session of this or an earlier version.
///
/// # Errors
/// [`SessionError`] when it is later than this page or damaged.
pub fn load(text: &str) -> Result<Workspace, SessionError> {
    #[derive(Deserialize)]
    struct Head {
        servelens_session: u32,
    }
    let damaged = |e: serde_json::Error| SessionError::Damaged(e.to_string());
    let head: Head = serde_json::from_str(text).map_err(damaged)?;
    if head.servelens_session > VERSION {
        return Err(SessionError::Later(head.servelens_session));
    }
    // Version 1 is the first; upgraders from it will stand here.
    let envelope: Envelope<Workspace> = serde_json::from_str(text).map_err(damaged)?;
    Ok(envelope.workspace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Context;

    #[test]
    fn round_trip() {
        let ws = Workspace {
            context: Context {
                model: Some("Qwen3-32B".into()),
                ..Context::default()
            },
            ..Workspace::default()
        };
        let text = save(&ws).expect("a workspace has a JSON form");
        assert!(text.contains(MAGIC));
        assert_eq!(load(&text), Ok(ws));
    }

    #[test]
    fn a_later_version_is_refused_by_name() {
        let err = load(r#"{"servelens_session":99,"workspace":{}}"#).expect_err("later");
        assert!(err.to_string().contains("version 99"), "{err}");
    }

    #[test]
    fn damage_says_where() {
        let err = load("{\"servelens_session\":1,").expect_err("damaged");
        assert!(err.to_string().contains("line 1"), "{err}");
    }
}
