//! Archives: what stands in a `.zip` and a `.gz`, within a budget.
//!
//! Knows the two containers by content; refuses to know what the files inside are.

use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::io::Read;

/// All archives of one ingest may not unpack to more than this, bytes.
pub const BUDGET: u64 = 512 * 1024 * 1024;
/// No more files than this are taken from one archive.
pub const FILES: usize = 20_000;

/// A file that an archive holds, or why it could not be taken out.
pub type Member = (String, Result<Vec<u8>, String>);

/// Whether the bytes are an archive that can be unpacked.
pub fn is_archive(bytes: &[u8]) -> bool {
    is_zip(bytes) || is_gz(bytes)
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn is_gz(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

/// Hands each member of an archive to `each`, one at a time; `budget` is what may still be
/// unpacked, bytes.
///
/// # Errors
/// A whole sentence when the archive itself cannot be read.
pub fn unpack(
    path: &str,
    bytes: &[u8],
    budget: &mut u64,
    each: &mut dyn FnMut(Member, &mut u64),
) -> Result<(), String> {
    if is_gz(bytes) {
        let content = inflate(MultiGzDecoder::new(bytes), budget)?;
        let inner = path.strip_suffix(".gz").unwrap_or(path);
        each((inner.to_owned(), Ok(content)), budget);
        return Ok(());
    }
    let entries = directory(bytes)?;
    if entries.len() > FILES {
        return Err(format!(
            "The archive holds {} files; no more than {FILES} are read.",
            entries.len()
        ));
    }
    for entry in entries {
        if entry.name.ends_with('/') {
            continue;
        }
        let content = content(bytes, &entry, budget);
        each((format!("{path}/{}", entry.name), content), budget);
    }
    Ok(())
}

fn inflate(reader: impl Read, budget: &mut u64) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut limited = reader.take(*budget + 1);
    limited
        .read_to_end(&mut out)
        .map_err(|_| "The compressed data is damaged; copy the file again.".to_owned())?;
    let size = out.len() as u64;
    if size > *budget {
        return Err(format!(
            "Unpacking stops here: the archives dropped together hold over {} MiB. Drop the folder itself.",
            BUDGET / 1024 / 1024
        ));
    }
    *budget -= size;
    Ok(out)
}

struct Entry {
    name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: usize,
    header: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

/// The central directory, by APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16; no ZIP64.
fn directory(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    const CUT: &str = "The archive is cut short: its directory is missing. Copy it again.";
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..).unwrap_or_default();
    let end = tail
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
        .map(|at| from + at)
        .ok_or(CUT)?;
    let count = u16_at(bytes, end + 10).ok_or(CUT)?;
    let mut at = u32_at(bytes, end + 16).ok_or(CUT)? as usize;
    if count == u16::MAX || at == u32::MAX as usize {
        return Err(
            "The archive is in ZIP64 form, which isn't read. Drop the folder itself.".to_owned(),
        );
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let entry = (|| {
            if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
                return None;
            }
            let name = usize::from(u16_at(bytes, at + 28)?);
            let extra = usize::from(u16_at(bytes, at + 30)?);
            let comment = usize::from(u16_at(bytes, at + 32)?);
            let entry = Entry {
                name: String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name)?).into_owned(),
                method: u16_at(bytes, at + 10)?,
                encrypted: u16_at(bytes, at + 8)? & 1 == 1,
                crc: u32_at(bytes, at + 16)?,
                packed: u32_at(bytes, at + 20)? as usize,
                header: u32_at(bytes, at + 42)? as usize,
            };
            at += 46 + name + extra + comment;
            Some(entry)
        })();
        entries.push(entry.ok_or("The archive's directory is damaged. Copy it again.")?);
    }
    Ok(entries)
}

fn content(bytes: &[u8], entry: &Entry, budget: &mut u64) -> Result<Vec<u8>, String> {
    if entry.encrypted {
        return Err("The file is encrypted in the archive; unpack it and drop it.".to_owned());
    }
    let packed = (|| {
        let at = entry.header;
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x03\x04" {
            return None;
        }
        let start =
            at + 30 + usize::from(u16_at(bytes, at + 26)?) + usize::from(u16_at(bytes, at + 28)?);
        bytes.get(start..start.checked_add(entry.packed)?)
    })()
    .ok_or("The archive is damaged at this file; copy it again.")?;
    let content = match entry.method {
        0 => inflate(packed, budget)?,
        8 => inflate(DeflateDecoder::new(packed), budget)?,
        other => {
            return Err(format!(
                "The file is packed by method {other}, which isn't read; only deflate is."
            ));
        }
    };
    let mut crc = Crc::new();
    crc.update(&content);
    if crc.sum() != entry.crc {
        return Err(
            "The file is damaged in the archive: its checksum differs. Copy it again.".to_owned(),
        );
    }
    Ok(content)
}
