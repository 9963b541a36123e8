//! Archives: what stands in a `.zip` and a `.gz`, within a budget.
//!
//! Knows the two containers by content; refuses to know what the files inside are.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
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
    if overlap(bytes, &entries) {
        return Err(
            "The archive's files overlap, as no packing program writes them; it is not unpacked."
                .to_owned(),
        );
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

/// The content at the start of deflated data, and how many bytes of it that took. Every byte that is inflated is taken
/// from the budget, also of data that turns out damaged or too long.
fn inflate(packed: &[u8], budget: &mut u64) -> Result<(Vec<u8>, usize), String> {
    let limit = usize::try_from(*budget).unwrap_or(usize::MAX);
    let mut state = Box::<DecompressorOxide>::default();
    let mut out = vec![
        0;
        packed
            .len()
            .saturating_mul(4)
            .clamp(512, 1 << 24)
            .min(limit)
    ];
    let (mut read, mut written) = (0, 0);
    loop {
        let (status, from, to) = decompress(
            &mut state,
            packed.get(read..).unwrap_or_default(),
            &mut out,
            written,
            TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
        );
        read += from;
        written += to;
        match status {
            TINFLStatus::HasMoreOutput if out.len() < limit => {
                out.resize(out.len().saturating_mul(2).min(limit), 0);
            }
            TINFLStatus::Done => {
                out.truncate(written);
                take(&out, budget)?;
                return Ok((out, read));
            }
            TINFLStatus::HasMoreOutput => {
                *budget = 0;
                return Err(over());
            }
            _ => {
                *budget = budget.saturating_sub(written as u64);
                return Err(DAMAGED.to_owned());
            }
        }
    }
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

/// The content of a gzip file, by RFC 1952: of all its members, one after another.
fn gunzip(bytes: &[u8], budget: &mut u64) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    let mut at = 0;
    // What stands behind the last member is padding.
    while bytes.get(at..).is_some_and(is_gz) {
        let body = member(bytes, at).ok_or(DAMAGED)?;
        let (mut content, read) = inflate(bytes.get(body..).unwrap_or_default(), budget)?;
        let end = body + read;
        if u32_at(bytes, end) != Some(crc32(&content)) {
            return Err(DAMAGED.to_owned());
        }
        all.append(&mut content);
        at = end + 8;
    }
    Ok(all)
}

/// Where the deflated data of a gzip member begins.
fn member(bytes: &[u8], from: usize) -> Option<usize> {
    let flags = *bytes.get(from + 3)?;
    let mut at = from + 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16_at(bytes, at)?);
    }
    // A name and a comment, each ended by a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    Some(if flags & 2 != 0 { at + 2 } else { at })
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

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(
        bytes.get(at..at.checked_add(8)?)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

/// Whether two entries share bytes: one stretch of packed data would then be unpacked many times.
fn overlap(bytes: &[u8], entries: &[Entry]) -> bool {
    let mut spans: Vec<(usize, usize)> = entries
        .iter()
        .filter(|e| !e.name.ends_with('/'))
        .filter_map(|e| Some((e.header, data(bytes, e)?.checked_add(e.packed)?)))
        .collect();
    spans.sort_unstable();
    spans
        .windows(2)
        .any(|w| matches!(w, [(_, end), (next, _)] if next < end))
}

/// Where the packed data of an entry begins, behind its local header.
fn data(bytes: &[u8], entry: &Entry) -> Option<usize> {
    let at = entry.header;
    if bytes.get(at..at.checked_add(4)?)? != b"PK\x03\x04" {
        return None;
    }
    Some(at + 30 + usize::from(u16_at(bytes, at + 26)?) + usize::from(u16_at(bytes, at + 28)?))
}

/// How many entries the directory has and where it begins, by APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
fn end(bytes: &[u8]) -> Option<(usize, usize)> {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..)?;
    let end = from + tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let (count, at) = (u16_at(bytes, end + 10)?, u32_at(bytes, end + 16)?);
    if count != u16::MAX && at != u32::MAX {
        return Some((usize::from(count), at as usize));
    }
    // ZIP64: the locator stands before, and says where the larger record is.
    let locator = end.checked_sub(20)?;
    if bytes.get(locator..locator + 4)? != b"PK\x06\x07" {
        return Some((usize::from(count), at as usize));
    }
    let record = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
    if bytes.get(record..record.checked_add(4)?)? != b"PK\x06\x06" {
        return None;
    }
    let count = usize::try_from(u64_at(bytes, record + 32)?).ok()?;
    Some((count, usize::try_from(u64_at(bytes, record + 48)?).ok()?))
}

/// The central directory, by APPNOTE.TXT 6.3.10, section 4.3.12.
fn directory(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let (count, mut at) =
        end(bytes).ok_or("The archive is cut short: its directory is missing. Copy it again.")?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let entry = entry(bytes, &mut at);
        entries.push(entry.ok_or("The archive's directory is damaged. Copy it again.")?);
        if entries.len() > FILES {
            return Err(format!(
                "The archive holds {count} files; no more than {FILES} are read."
            ));
        }
    }
    Ok(entries)
}

/// The entry at a place of the directory, and behind it the next.
fn entry(bytes: &[u8], at: &mut usize) -> Option<Entry> {
    let from = *at;
    if bytes.get(from..from.checked_add(4)?)? != b"PK\x01\x02" {
        return None;
    }
    let name = usize::from(u16_at(bytes, from + 28)?);
    let extra = usize::from(u16_at(bytes, from + 30)?);
    let comment = usize::from(u16_at(bytes, from + 32)?);
    // ZIP64 puts each number that does not fit into a field of its own, in this order.
    let mut large = large(bytes.get(from + 46 + name..from + 46 + name + extra)?).into_iter();
    let mut number = |place: usize| -> Option<usize> {
        match u32_at(bytes, from + place)? {
            u32::MAX => usize::try_from(large.next()?).ok(),
            small => Some(small as usize),
        }
    };
    let (_, packed, header) = (number(24)?, number(20)?, number(42)?);
    *at = from + 46 + name + extra + comment;
    Some(Entry {
        name: String::from_utf8_lossy(bytes.get(from + 46..from + 46 + name)?).into_owned(),
        method: u16_at(bytes, from + 10)?,
        encrypted: u16_at(bytes, from + 8)? & 1 == 1,
        crc: u32_at(bytes, from + 16)?,
        packed,
        header,
    })
}

/// The numbers in the ZIP64 field (id 1) of an entry's extra data.
fn large(extra: &[u8]) -> Vec<u64> {
    let mut at = 0;
    while let (Some(id), Some(size)) = (u16_at(extra, at), u16_at(extra, at + 2)) {
        let next = at + 4 + usize::from(size);
        if id == 1 {
            let field = extra.get(at + 4..next).unwrap_or_default();
            return (0..3).map_while(|i| u64_at(field, i * 8)).collect();
        }
        at = next;
    }
    Vec::new()
}

fn content(bytes: &[u8], entry: &Entry, budget: &mut u64) -> Result<Vec<u8>, String> {
    if entry.encrypted {
        return Err("The file is encrypted in the archive; unpack it and drop it.".to_owned());
    }
    let packed = data(bytes, entry)
        .and_then(|start| bytes.get(start..start.checked_add(entry.packed)?))
        .ok_or("The archive is damaged at this file; copy it again.")?;
    let content = match entry.method {
        0 => {
            take(packed, budget)?;
            packed.to_vec()
        }
        8 => inflate(packed, budget)?.0,
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
