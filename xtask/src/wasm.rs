//! As much of WebAssembly's binary form as renaming and taking out what a module exports and imports needs.

use std::collections::BTreeMap;

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
/// The kind of an import or export that is a function.
const FUNCTION: u8 = 0;

/// The module with other names for its exports and imports, and without the exports that `unused` names; `None` when it is not a
/// module, or imports something else than functions.
pub fn with_names(
    module: &[u8],
    names: &BTreeMap<&str, String>,
    unused: impl Fn(&str) -> bool,
) -> Option<Vec<u8>> {
    let (head, mut rest) = module.split_at_checked(8)?;
    if !head.starts_with(b"\0asm") {
        return None;
    }
    let mut out = head.to_vec();
    while let Some((&id, after)) = rest.split_first() {
        let (size, after) = number(after)?;
        let (content, after) = after.split_at_checked(size)?;
        let changed = match id {
            IMPORTS => imports(content, names)?,
            EXPORTS => exports(content, names, &unused)?,
            _ => content.to_vec(),
        };
        out.push(id);
        write_number(&mut out, changed.len());
        out.extend(changed);
        rest = after;
    }
    Some(out)
}

/// Each is a module's name, its own name, a kind, and for a function the index of its type.
fn imports(section: &[u8], names: &BTreeMap<&str, String>) -> Option<Vec<u8>> {
    let (count, mut rest) = number(section)?;
    let mut out = Vec::new();
    write_number(&mut out, count);
    for _ in 0..count {
        let (module, after) = text(rest)?;
        let (name, after) = text(after)?;
        let (&kind, after) = after.split_first()?;
        let (index, after) = number(after)?;
        if kind != FUNCTION {
            return None;
        }
        write_text(&mut out, module);
        write_text(&mut out, names.get(name).map_or(name, String::as_str));
        out.push(kind);
        write_number(&mut out, index);
        rest = after;
    }
    Some(out)
}

/// Each is a name, a kind, an index.
fn exports(
    section: &[u8],
    names: &BTreeMap<&str, String>,
    unused: &impl Fn(&str) -> bool,
) -> Option<Vec<u8>> {
    let (count, mut rest) = number(section)?;
    let (mut kept, mut entries) = (0_usize, Vec::new());
    for _ in 0..count {
        let (name, after) = text(rest)?;
        let (&kind, after) = after.split_first()?;
        let (index, after) = number(after)?;
        if !unused(name) {
            kept += 1;
            write_text(&mut entries, names.get(name).map_or(name, String::as_str));
            entries.push(kind);
            write_number(&mut entries, index);
        }
        rest = after;
    }
    let mut out = Vec::new();
    write_number(&mut out, kept);
    out.extend(entries);
    Some(out)
}

/// A text with its length in front, and what follows it.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, after) = number(bytes)?;
    let (text, after) = after.split_at_checked(length)?;
    Some((std::str::from_utf8(text).ok()?, after))
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_number(out, text.len());
    out.extend(text.as_bytes());
}

/// A number in LEB128 and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: usize = 0;
    for (i, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(i + 1..)?));
        }
    }
    None
}

fn write_number(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::{number, with_names, write_number};
    use std::collections::BTreeMap;

    #[test]
    fn numbers_round_trip() {
        for value in [0, 127, 128, 300, 1_000_000] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, value);
            assert_eq!(number(&bytes), Some((value, &[][..])));
        }
    }

    fn module(imports: &[u8], exports: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for (id, section) in [
            (2, imports),
            (3, &b"\0"[..]),
            (7, exports),
            (10, &b"\0"[..]),
        ] {
            bytes.extend([id, section.len() as u8]);
            bytes.extend(section);
        }
        bytes
    }

    #[test]
    fn takes_out_one_export_and_nothing_else() {
        let both = module(b"\0", b"\x02\x01a\0\0\x02bc\0\x01");
        let one = module(b"\0", b"\x01\x01a\0\0");
        let none = BTreeMap::new();
        assert_eq!(with_names(&both, &none, |name| name == "bc"), Some(one));
        assert_eq!(with_names(&both, &none, |_| false), Some(both.clone()));
        assert_eq!(with_names(b"not a module", &none, |_| false), None);
    }

    #[test]
    fn renames_what_is_named() {
        let long = module(
            b"\x02\x01m\x03abc\0\0\x01m\x01d\0\x01",
            b"\x01\x03abc\0\x02",
        );
        let short = module(b"\x02\x01m\x01_\0\0\x01m\x01d\0\x01", b"\x01\x01_\0\x02");
        let names = BTreeMap::from([("abc", "_".to_owned())]);
        assert_eq!(with_names(&long, &names, |_| false), Some(short));
        let memory = module(b"\x01\x01m\x01d\x02\0", b"\0");
        assert_eq!(with_names(&memory, &names, |_| false), None);
    }
}
