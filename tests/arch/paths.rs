//! Reads as much Rust as the rules need: paths, without comments and tests.

use std::path::Path;

/// Every path in the text that begins with `crate::` or `super::`, from the crate's root, with its line.
pub fn paths(module: &[String], text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let all: Vec<(usize, &str)> = lines(text).collect();
    for (i, (number, line)) in all.iter().enumerate() {
        for (at, start) in line
            .match_indices("crate::")
            .chain(line.match_indices("super::"))
        {
            if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let mut rest = line[at + start.len()..].to_owned();
            let mut base: Vec<String> = Vec::new();
            if start == "super::" {
                base = module[..module.len().saturating_sub(1)].to_vec();
                while let Some(shorter) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = shorter.to_owned();
                }
            }
            // A group may go over several lines.
            let mut next = i + 1;
            while rest.matches('{').count() > rest.matches('}').count()
                && rest.trim_start().contains('{')
                && next < all.len()
                && is_use(line)
            {
                rest.push_str(all[next].1.trim());
                next += 1;
            }
            found.extend(expand(&base, &rest).into_iter().map(|path| (*number, path)));
        }
    }
    found
}

pub fn is_use(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("use ") || line.starts_with("pub use ") || line.starts_with("pub(crate) use ")
}

/// "a::{b, c::d}" after a base becomes the paths it means.
pub fn expand(base: &[String], rest: &str) -> Vec<Vec<String>> {
    let rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 0_usize;
        let mut parts = vec![String::new()];
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => {
                    parts.push(String::new());
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        return parts
            .iter()
            .filter(|part| !part.trim().is_empty())
            .flat_map(|part| expand(base, part))
            .collect();
    }
    let name: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    if name.is_empty() || name == "self" {
        return vec![base.to_vec()];
    }
    let mut path = base.to_vec();
    let after = rest[name.len()..].to_owned();
    path.push(name);
    match after.strip_prefix("::") {
        Some(more) => expand(&path, more),
        None => vec![path],
    }
}

/// Lines of code with their numbers: without comments, and without the tests at the end of a file.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut previous = "";
    text.lines()
        .enumerate()
        .take_while(move |(_, line)| {
            let tests = previous.trim() == "#[cfg(test)]"
                && line.starts_with("mod ")
                && line.ends_with('{');
            previous = line;
            !tests
        })
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line))
}

pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// "crates/core/src/ingest/formats/x.rs" is the module ingest::formats::x; lib.rs is the root.
pub fn module_path(file: &Path, source: &str) -> Vec<String> {
    let relative = file.strip_prefix(source).unwrap().with_extension("");
    let mut parts: Vec<String> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts
        .last()
        .is_some_and(|last| last == "mod" || last == "lib")
    {
        parts.pop();
    }
    parts
}
