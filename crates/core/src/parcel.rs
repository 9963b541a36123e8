//! What was read, as bytes with its per-request records: from the thread that reads to the page, and into the
//! browser's store.
//!
//! A session ([`crate::session`]) with the columns behind it. Knows no browser; refuses what it did not write itself:
//! it is a form for one version of the page, not a file for people.
//!
//! Layout, little endian: the mark, the length of the session (u64), the session as JSON, the length of the directory
//! (u64), the directory as JSON, then the columns as f64 in the directory's order.

use crate::ingest::{Ingested, LooseRecords};
use crate::model::{Requests, Sla, Tool, Workspace};
use crate::session;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Opens every parcel; its digit is the version.
const MARK: &[u8; 8] = b"slparc.1";

/// Why bytes are no parcel of this version of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelError(String);

impl fmt::Display for ParcelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "These are not results kept by this version: {}.", self.0)
    }
}

/// One set of columns: whose it is, and how long each is.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// Run and point that hold it; absent for records whose summary has not been read.
    at: Option<(usize, usize)>,
    path: String,
    tool: Option<Tool>,
    errors: u64,
    lengths: Vec<usize>,
}

/// The columns in the order in which they are written.
fn columns(r: &Requests) -> [&Vec<f64>; 5] {
    let Requests {
        start_s,
        end_s,
        ttft_s,
        isl,
        osl,
        errors: _,
    } = r;
    [start_s, end_s, ttft_s, isl, osl]
}

/// A workspace with its records as bytes.
///
/// # Errors
/// Never in practice: every part of a workspace has a JSON form.
pub fn pack(workspace: &Workspace) -> Result<Vec<u8>, ParcelError> {
    write(workspace, &[])
}

/// The workspace of [`pack`].
///
/// # Errors
/// When another version of the page wrote it, or it is damaged.
pub fn unpack(bytes: &[u8]) -> Result<Workspace, ParcelError> {
    Ok(read(bytes)?.0)
}

/// What was read, as bytes.
///
/// # Errors
/// Never in practice, as [`pack`].
pub fn pack_read(read: Ingested) -> Result<Vec<u8>, ParcelError> {
    let Ingested {
        runs,
        context,
        files,
        texts,
        records,
    } = read;
    let workspace = Workspace {
        runs,
        sla: Sla::default(),
        context,
        files,
        texts,
    };
    write(&workspace, &records)
}

/// What [`pack_read`] was given.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_read(bytes: &[u8]) -> Result<Ingested, ParcelError> {
    let (workspace, records) = read(bytes)?;
    Ok(Ingested {
        runs: workspace.runs,
        context: workspace.context,
        files: workspace.files,
        texts: workspace.texts,
        records,
    })
}

fn write(workspace: &Workspace, loose: &[LooseRecords]) -> Result<Vec<u8>, ParcelError> {
    let session = session::save(workspace).map_err(|e| ParcelError(e.to_string()))?;
    let mut all: Vec<&Requests> = Vec::new();
    let mut directory: Vec<Entry> = Vec::new();
    let entry = |at, path: &str, tool, r: &Requests| Entry {
        at,
        path: path.to_owned(),
        tool,
        errors: r.errors,
        lengths: columns(r).map(Vec::len).to_vec(),
    };
    for (i, run) in workspace.runs.iter().enumerate() {
        for (j, point) in run.points.iter().enumerate() {
            if let Some(r) = point.records.as_deref() {
                directory.push(entry(Some((i, j)), "", None, r));
                all.push(r);
            }
        }
    }
    for l in loose {
        directory.push(entry(None, &l.path, Some(l.tool), &l.columns));
        all.push(&l.columns);
    }
    let directory = serde_json::to_vec(&directory).map_err(|e| ParcelError(e.to_string()))?;
    let figures: usize = all.iter().flat_map(|r| columns(r)).map(Vec::len).sum();
    let mut bytes =
        Vec::with_capacity(24 + session.len() + directory.len() + figures.saturating_mul(8));
    bytes.extend_from_slice(MARK);
    for part in [session.as_bytes(), &directory] {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    for value in all.iter().flat_map(|r| columns(r)).flatten() {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Result<(Workspace, Vec<LooseRecords>), ParcelError> {
    let mut rest = Rest(
        bytes
            .strip_prefix(MARK)
            .ok_or_else(|| ParcelError("they begin differently".to_owned()))?,
    );
    let session = rest.part()?;
    let session = std::str::from_utf8(session).map_err(|e| ParcelError(e.to_string()))?;
    let mut workspace = session::load(session).map_err(|e| ParcelError(e.to_string()))?;
    let directory: Vec<Entry> =
        serde_json::from_slice(rest.part()?).map_err(|e| ParcelError(e.to_string()))?;
    let mut loose = Vec::new();
    for entry in directory {
        let mut next = entry.lengths.into_iter().map(|n| rest.figures(n));
        let mut column = || next.next().unwrap_or_else(|| Err(short()));
        let columns = Requests {
            start_s: column()?,
            end_s: column()?,
            ttft_s: column()?,
            isl: column()?,
            osl: column()?,
            errors: entry.errors,
        };
        match (entry.at, entry.tool) {
            (Some((run, point)), _) => {
                let point = workspace
                    .runs
                    .get_mut(run)
                    .and_then(|r| r.points.get_mut(point))
                    .ok_or_else(short)?;
                point.records = Some(Arc::new(columns));
            }
            (None, Some(tool)) => loose.push(LooseRecords {
                path: entry.path,
                tool,
                columns,
            }),
            (None, None) => return Err(short()),
        }
    }
    if rest.0.is_empty() {
        Ok((workspace, loose))
    } else {
        Err(ParcelError("they are longer than they say".to_owned()))
    }
}

fn short() -> ParcelError {
    ParcelError("they end early".to_owned())
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ParcelError> {
        let (head, tail) = self.0.split_at_checked(n).ok_or_else(short)?;
        self.0 = tail;
        Ok(head)
    }
    fn part(&mut self) -> Result<&'a [u8], ParcelError> {
        let n = self.take(8)?.first_chunk().copied().ok_or_else(short)?;
        let n = usize::try_from(u64::from_le_bytes(n)).map_err(|_| short())?;
        self.take(n)
    }
    fn figures(&mut self, n: usize) -> Result<Vec<f64>, ParcelError> {
        let (figures, _) = self
            .take(n.checked_mul(8).ok_or_else(short)?)?
            .as_chunks::<8>();
        Ok(figures.iter().map(|b| f64::from_le_bytes(*b)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Ingest;

    /// A summary with its records, and records without a summary.
    fn read_files() -> Ingested {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/samples");
        let bytes = std::fs::read(format!("{folder}/simulated-sweeps.zip")).expect("the sample");
        let mut ingest = Ingest::new();
        ingest.add("sweeps.zip", &bytes);
        let mut read = ingest.finish();
        let columns = read
            .runs
            .iter()
            .flat_map(|r| &r.points)
            .find_map(|p| p.records.as_deref())
            .expect("the sample has records")
            .clone();
        read.records.push(LooseRecords {
            path: "elsewhere/profile_export.jsonl".into(),
            tool: Tool::AiPerf,
            columns,
        });
        read
    }

    #[test]
    fn what_was_read_comes_back_whole() {
        let read = read_files();
        let bytes = pack_read(read.clone()).expect("packs");
        let back = unpack_read(&bytes).expect("unpacks");
        assert!(back.runs == read.runs, "runs differ");
        assert!(back == read, "something else differs");
    }

    #[test]
    fn a_workspace_comes_back_with_its_records() {
        let mut ws = Workspace::default();
        ws.absorb(read_files());
        let back = unpack(&pack(&ws).expect("packs")).expect("unpacks");
        assert!(back == ws);
        assert!(
            back.runs
                .iter()
                .flat_map(|r| &r.points)
                .any(|p| p.records.is_some())
        );
    }

    #[test]
    fn no_shortened_or_lengthened_parcel_is_taken() {
        let bytes = pack_read(read_files()).expect("packs");
        for n in (0..bytes.len()).step_by(997) {
            let cut = bytes.get(..n).unwrap_or_default();
            assert!(unpack_read(cut).is_err(), "cut to {n} bytes");
        }
        let mut long = bytes;
        long.push(0);
        assert!(unpack_read(&long).is_err());
        assert!(unpack(b"{\"servelens_session\":1}").is_err());
    }
}
