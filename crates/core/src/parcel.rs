//! What was read, as bytes with its per-request records: from the thread that reads to the page, and into the
//! browser's store.
//!
//! A session ([`crate::session`]) with the columns behind it. Knows no browser; refuses what it did not write itself:
//! it is a form for one version of the page, not a file for people.
//!
//! Layout, little endian: the mark, the length of the session (u64), the session as JSON, the length of the directory
//! (u64), the directory as JSON, then the columns in the directory's order.

use crate::ingest::Ingested;
use crate::model::{Requests, Sla, Workspace};
use crate::session;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Opens every parcel; its digit is the version.
const MARK: &[u8; 8] = b"slparc.2";

/// Why bytes are no parcel of this version of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelError(String);

impl fmt::Display for ParcelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "These are not results kept by this version: {}.", self.0)
    }
}

/// One set of records: whose it is, and what its columns don't hold.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// Index of the run.
    run: usize,
    /// Index of the point.
    point: usize,
    records: Head,
}

#[derive(Serialize, Deserialize)]
struct Head {
    file: String,
    errors: u64,
    lengths: Vec<usize>,
    warm_up: Option<Box<Head>>,
}

impl Head {
    /// Notes the lengths of the columns, and puts the columns behind those that are there.
    fn of(r: &Requests, columns: &mut Vec<u8>) -> Self {
        let Requests {
            start_s,
            end_s,
            ttft_s,
            isl,
            osl,
            number,
            errors,
            warm_up,
            file,
        } = r;
        let all = [start_s, end_s, ttft_s, isl, osl];
        for value in all.into_iter().flatten() {
            columns.extend_from_slice(&value.to_le_bytes());
        }
        for value in number {
            columns.extend_from_slice(&value.to_le_bytes());
        }
        let mut lengths = all.map(Vec::len).to_vec();
        lengths.push(number.len());
        Self {
            file: file.clone(),
            errors: *errors,
            lengths,
            warm_up: warm_up.as_deref().map(|w| Box::new(Self::of(w, columns))),
        }
    }

    /// The records, off the front of the columns.
    fn read(self, rest: &mut Rest<'_>) -> Result<Requests, ParcelError> {
        let mut lengths = self.lengths.into_iter();
        let mut next = || lengths.next().ok_or_else(short);
        Ok(Requests {
            start_s: rest.column(next()?, f64::from_le_bytes)?,
            end_s: rest.column(next()?, f64::from_le_bytes)?,
            ttft_s: rest.column(next()?, f64::from_le_bytes)?,
            isl: rest.column(next()?, f64::from_le_bytes)?,
            osl: rest.column(next()?, f64::from_le_bytes)?,
            number: rest.column(next()?, u32::from_le_bytes)?,
            errors: self.errors,
            warm_up: match self.warm_up {
                Some(w) => Some(Box::new(w.read(rest)?)),
                None => None,
            },
            file: self.file,
        })
    }
}

/// A workspace with its records as bytes.
///
/// # Errors
/// Never in practice: every part of a workspace has a JSON form.
pub fn pack(workspace: &Workspace) -> Result<Vec<u8>, ParcelError> {
    write(workspace)
}

/// The workspace of [`pack`].
///
/// # Errors
/// When another version of the page wrote it, or it is damaged.
pub fn unpack(bytes: &[u8]) -> Result<Workspace, ParcelError> {
    read(bytes)
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
        limits,
        deployments,
    } = read;
    let workspace = Workspace {
        runs,
        sla: Sla::default(),
        context,
        files,
        texts,
        limits,
        deployments,
        ..Workspace::default()
    };
    write(&workspace)
}

/// What [`pack_read`] was given.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_read(bytes: &[u8]) -> Result<Ingested, ParcelError> {
    let workspace = read(bytes)?;
    Ok(Ingested {
        runs: workspace.runs,
        context: workspace.context,
        files: workspace.files,
        texts: workspace.texts,
        limits: workspace.limits,
        deployments: workspace.deployments,
    })
}

fn write(workspace: &Workspace) -> Result<Vec<u8>, ParcelError> {
    let session = session::save(workspace).map_err(|e| ParcelError(e.to_string()))?;
    let mut columns = Vec::new();
    let mut directory: Vec<Entry> = Vec::new();
    for (i, run) in workspace.runs.iter().enumerate() {
        for (j, point) in run.points.iter().enumerate() {
            if let Some(r) = point.records.as_deref() {
                directory.push(Entry {
                    run: i,
                    point: j,
                    records: Head::of(r, &mut columns),
                });
            }
        }
    }
    let directory = serde_json::to_vec(&directory).map_err(|e| ParcelError(e.to_string()))?;
    let mut bytes = Vec::with_capacity(24 + session.len() + directory.len() + columns.len());
    bytes.extend_from_slice(MARK);
    for part in [session.as_bytes(), &directory] {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(&columns);
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Result<Workspace, ParcelError> {
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
    for entry in directory {
        let columns = entry.records.read(&mut rest)?;
        let point = workspace
            .runs
            .get_mut(entry.run)
            .and_then(|r| r.points.get_mut(entry.point))
            .ok_or_else(short)?;
        point.records = Some(Arc::new(columns));
    }
    if rest.0.is_empty() {
        Ok(workspace)
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
    fn column<const N: usize, T>(
        &mut self,
        n: usize,
        from: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, ParcelError> {
        let bytes = self.take(n.checked_mul(N).ok_or_else(short)?)?;
        Ok(bytes.as_chunks::<N>().0.iter().map(|b| from(*b)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Ingest;

    /// Summaries with their records.
    fn read_files() -> Ingested {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/samples");
        let bytes = std::fs::read(format!("{folder}/simulated-sweeps.zip")).expect("the sample");
        let mut ingest = Ingest::new();
        ingest.add("sweeps.zip", &bytes);
        ingest.finish()
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
