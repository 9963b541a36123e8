//! The workspace as a file: JSON with a version, and upgraders from earlier versions.
//!
//! [`save`] leaves the per-request records out, [`save_whole`] keeps them.

use crate::model::{Requests, Workspace};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The latest version, which [`save_whole`] writes; a session without records is of version 1.
pub const VERSION: u32 = 2;

/// The word that opens every session file, so that a dropped one is known by content.
pub const MAGIC: &str = "servelens_session";

/// Whether a file is a session, by its opening: one is opened as a whole and takes no part in the reading of others.
pub fn is_session(bytes: &[u8]) -> bool {
    let head = bytes.get(..64.min(bytes.len())).unwrap_or_default();
    String::from_utf8_lossy(head).contains(MAGIC)
}

#[derive(Serialize, Deserialize)]
struct Envelope<T, R> {
    servelens_session: u32,
    workspace: T,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    records: Vec<Records<R>>,
}

/// The requests of one point.
#[derive(Serialize, Deserialize)]
struct Records<R> {
    run: usize,
    point: usize,
    requests: R,
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

/// Writes a session without the per-request records.
///
/// # Errors
/// Never in practice: every part of a workspace has a JSON form.
pub fn save(workspace: &Workspace) -> Result<String, SessionError> {
    write(workspace, Vec::new())
}

/// Writes a session with everything that is on the table.
///
/// # Errors
/// As [`save`].
pub fn save_whole(workspace: &Workspace) -> Result<String, SessionError> {
    let mut records = Vec::new();
    for (run, r) in workspace.runs.iter().enumerate() {
        for (point, p) in r.points.iter().enumerate() {
            if let Some(requests) = p.records.as_deref() {
                records.push(Records {
                    run,
                    point,
                    requests,
                });
            }
        }
    }
    write(workspace, records)
}

fn write(workspace: &Workspace, records: Vec<Records<&Requests>>) -> Result<String, SessionError> {
    let version = if records.is_empty() { 1 } else { VERSION };
    serde_json::to_string(&Envelope {
        servelens_session: version,
        workspace,
        records,
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
    // Version 2 adds the records, and nothing else.
    let envelope: Envelope<Workspace, Requests> = serde_json::from_str(text).map_err(damaged)?;
    let mut workspace = envelope.workspace;
    for r in envelope.records {
        let point = workspace
            .runs
            .get_mut(r.run)
            .and_then(|run| run.points.get_mut(r.point))
            .ok_or_else(|| {
                SessionError::Damaged(format!(
                    "records of a point {} of run {} that isn’t there",
                    r.point, r.run
                ))
            })?;
        if !r.requests.is_even() {
            let why = format!(
                "the records of point {} of run {} have columns of unlike length",
                r.point, r.run
            );
            return Err(SessionError::Damaged(why));
        }
        point.records = Some(Arc::new(r.requests));
    }
    Ok(workspace)
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
        assert!(text.contains(MAGIC) && is_session(text.as_bytes()));
        assert!(!is_session(b"{\"other\":1}"));
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

    #[test]
    fn a_whole_session_brings_the_records_back() {
        let mut run = crate::testing::run_of("a", &[(1, 100.0, 1.0), (2, 200.0, 2.0)]);
        let requests = Requests {
            start_s: vec![0.0, 0.5],
            end_s: vec![1.0, 1.75],
            ttft_s: vec![0.1, 0.2],
            isl: vec![10.0, 11.0],
            osl: vec![5.0, 6.0],
            number: vec![0, 1],
            file: "a.jsonl".into(),
            ..Requests::default()
        };
        run.points[1].records = Some(Arc::new(requests));
        let ws = Workspace {
            runs: vec![run],
            ..Workspace::default()
        };
        let text = save_whole(&ws).expect("writes");
        let back = load(&text).expect("reads");
        assert_eq!(back, ws);
        assert_eq!(back.runs[0].points[1].records, ws.runs[0].points[1].records);
        assert_eq!(
            load(&save(&ws).unwrap()).unwrap().runs[0].points[1].records,
            None
        );
        for (from, to) in [("\"point\":1", "\"point\":9"), ("[0.1,0.2]", "[0.1]")] {
            let damaged = text.replace(from, to);
            assert_ne!(damaged, text);
            assert!(
                matches!(load(&damaged), Err(SessionError::Damaged(_))),
                "{to}"
            );
        }
    }
}
