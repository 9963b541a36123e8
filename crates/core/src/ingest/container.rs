//! Archives: what stands in a `.zip` and a `.gz`, within a budget.
//!
//! Knows the two containers by content; refuses to know what the files inside are.

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
use std::ops::Range;

/// All archives of one ingest may not unpack to more than this, bytes.
pub const BUDGET: u64 = 512 * 1024 * 1024;
/// No more files than this are taken from one archive.
pub const FILES: usize = 20_000;

/// A file that an archive holds.
pub struct Member {
    /// Path of the archive and path inside it.
    pub name: String,
    /// The content, or why it could not be taken out.
    pub content: Result<Vec<u8>, String>,
    /// Where it stands in the archive, bytes.
    pub packed: Range<usize>,
}

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
        let content = gunzip(bytes, budget)?;
        let inner = path.strip_suffix(".gz").unwrap_or(path);
        let member = Member {
            name: inner.to_owned(),
            content: Ok(content),
            packed: 0..bytes.len(),
        };
        each(member, budget);
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
        let member = Member {
            name: format!("{path}/{}", entry.name),
            content: content(bytes, &entry, budget),
            packed: entry.header..entry.header.saturating_add(entry.packed),
        };
        each(member, budget);
    }
    Ok(())
}

const DAMAGED: &str = "The compressed data is damaged; copy the file again.";

/// The content of deflated data.
fn inflate(packed: &[u8], budget: &mut u64) -> Result<Vec<u8>, String> {
    let limit = usize::try_from(*budget).unwrap_or(usize::MAX);
    let content = decompress_to_vec_with_limit(packed, limit).map_err(|e| match e.status {
        TINFLStatus::HasMoreOutput => over(),
        _ => DAMAGED.to_owned(),
    })?;
    take(&content, budget)?;
    Ok(content)
}

fn take(content: &[u8], budget: &mut u64) -> Result<(), String> {
    *budget = budget.checked_sub(content.len() as u64).ok_or_else(over)?;
    Ok(())
}

fn over() -> String {
    format!(
        "Unpacking stops here: the archives dropped together hold over {} MiB. Drop the folder itself.",
        BUDGET / 1024 / 1024
    )
}

/// The content of a gzip file of one member, by RFC 1952.
fn gunzip(bytes: &[u8], budget: &mut u64) -> Result<Vec<u8>, String> {
    let body = (|| {
        let flags = *bytes.get(3)?;
        let mut at = 10;
        if flags & 4 != 0 {
            at += 2 + usize::from(u16_at(bytes, at)?);
        }
        // A name and a comment, each ended by a zero.
        for flag in [8, 16] {
            if flags & flag != 0 {
                at += bytes.get(at..)?.iter().position(|b| *b == 0)? + 1;
            }
        }
        if flags & 2 != 0 {
            at += 2;
        }
        let end = bytes.len().checked_sub(8)?;
        Some((bytes.get(at..end)?, u32_at(bytes, end)?))
    })();
    let (packed, stated) = body.ok_or(DAMAGED)?;
    let content = inflate(packed, budget)?;
    if crc32(&content) != stated {
        return Err("The compressed data is damaged, or holds several files one after another; unpack it and drop its files.".to_owned());
    }
    Ok(content)
}

/// The checksum of ZIP and gzip: CRC-32 of ISO 3309, reflected polynomial 0xEDB88320.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (i, slot) in (0_u32..).zip(&mut table) {
        *slot = (0..8).fold(i, |c, _| (c >> 1) ^ (0xEDB8_8320 & (c & 1).wrapping_neg()));
    }
    !bytes.iter().fold(!0_u32, |crc, byte| {
        let at = (crc ^ u32::from(*byte)) & 0xff;
        (crc >> 8) ^ table.get(at as usize).copied().unwrap_or_default()
    })
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
        0 => {
            take(packed, budget)?;
            packed.to_vec()
        }
        8 => inflate(packed, budget)?,
        other => {
            return Err(format!(
                "The file is packed by method {other}, which isn't read; only deflate is."
            ));
        }
    };
    if crc32(&content) != entry.crc {
        return Err(
            "The file is damaged in the archive: its checksum differs. Copy it again.".to_owned(),
        );
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standard_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
