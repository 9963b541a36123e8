//! As much of WebAssembly's binary form as taking exports out of a module needs.

const EXPORTS: u8 = 7;

/// The module without the exports whose name `unused` names; `None` when it is not a module.
pub fn without_exports(module: &[u8], unused: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let (head, mut rest) = module.split_at_checked(8)?;
    if !head.starts_with(b"\0asm") {
        return None;
    }
    let mut out = head.to_vec();
    while let Some((&id, after)) = rest.split_first() {
        let (size, after) = number(after)?;
        let (content, after) = after.split_at_checked(size)?;
        if id == EXPORTS {
            let kept = kept_exports(content, &unused)?;
            out.push(id);
            write_number(&mut out, kept.len());
            out.extend(kept);
        } else {
            out.extend(rest.get(..rest.len() - after.len())?);
        }
        rest = after;
    }
    Some(out)
}

fn kept_exports(section: &[u8], unused: &impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let (count, mut rest) = number(section)?;
    let (mut kept, mut entries) = (0_usize, Vec::<u8>::new());
    for _ in 0..count {
        // A name, a kind, an index.
        let (length, after) = number(rest)?;
        let (name, after) = after.split_at_checked(length)?;
        let (_, after) = number(after.get(1..)?)?;
        if !unused(std::str::from_utf8(name).ok()?) {
            kept += 1;
            entries.extend(rest.get(..rest.len() - after.len())?);
        }
        rest = after;
    }
    let mut out = Vec::new();
    write_number(&mut out, kept);
    out.extend(entries);
    Some(out)
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
    use super::{number, without_exports, write_number};

    #[test]
    fn numbers_round_trip() {
        for value in [0, 127, 128, 300, 1_000_000] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, value);
            assert_eq!(number(&bytes), Some((value, &[][..])));
        }
    }

    #[test]
    fn takes_out_one_export_and_nothing_else() {
        let head = *b"\0asm\x01\0\0\0";
        let module = |exports: &[u8]| {
            let mut bytes = head.to_vec();
            bytes.extend([3, 2, 1, 0, 7, exports.len() as u8]);
            bytes.extend(exports);
            bytes.extend([10, 1, 0]);
            bytes
        };
        let both = module(b"\x02\x01a\0\0\x02bc\0\x01");
        let one = module(b"\x01\x01a\0\0");
        assert_eq!(without_exports(&both, |name| name == "bc"), Some(one));
        assert_eq!(without_exports(&both, |_| false), Some(both.clone()));
        assert_eq!(without_exports(b"not a module", |_| false), None);
    }
}
