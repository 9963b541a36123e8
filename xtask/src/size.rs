//! How many bytes the first analysed screen costs, and the gate against growth.
//!
//! Counted: index.html and every file it names (start script, bindings, first part of the module, styles, icon, preloads). The first
//! sample is in that part, analysed by the build. All other files of the page come after the first screen or on demand and are listed
//! apart. A browser test checks that these are exactly the files that are fetched until the verdict and its charts stand.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::options::Options;
use crate::places::Places;
use crate::run::Progress;
use crate::{Result, page, stamp};

/// The most the first screen may cost, in bytes, gzip level 9.
const LIMIT: u64 = 260_000;
/// The most it may grow over the recorded figure without a new record, in percent.
const GROWTH_PERCENT: u64 = 2;

/// One file's sizes in bytes.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// As it is.
    pub raw: u64,
    /// gzip, level 9.
    pub gzip: u64,
    /// brotli, quality 11.
    pub brotli: u64,
}

/// The sizes of a built page.
pub struct Sizes {
    /// What the first screen needs: file name and sizes.
    pub first: Vec<(String, Bytes)>,
    /// What is fetched on demand.
    pub later: Vec<(String, Bytes)>,
}

impl Sizes {
    /// The sum over the first screen.
    pub fn total(&self) -> Bytes {
        sum(&self.first)
    }
}

/// `cargo xtask size`.
///
/// # Errors
/// When the build fails or the page is too big.
pub fn size(places: &Places, mut options: Options) -> Result {
    let record = options.flag("--record");
    options.finish()?;
    page::build(places, &Progress::default())?;
    let sizes = measure(&places.dist)?;
    println!("{sizes}");
    let file = places.root.join("size.json");
    if record {
        let text = format!("{:#}\n", to_json(&sizes));
        fs::write(&file, text).map_err(|e| format!("size.json cannot be written: {e}."))?;
        println!("Recorded in size.json.");
    }
    gate(&sizes, &file)
}

/// Fails when the first screen is over the limit or has grown too much over the recorded figure.
///
/// # Errors
/// A sentence with both figures.
pub fn gate(sizes: &Sizes, recorded: &Path) -> Result {
    let text = fs::read_to_string(recorded).map_err(|e| {
        format!("size.json cannot be read: {e}; write it with `cargo xtask size --record`.")
    })?;
    let value: Value =
        serde_json::from_str(&text).map_err(|e| format!("size.json is not JSON: {e}."))?;
    let before = value.pointer("/first_screen/gzip").and_then(Value::as_u64).ok_or(
        "size.json has no number at first_screen.gzip; write it with `cargo xtask size --record`.",
    )?;
    let verdict = judge(sizes.total().gzip, before)?;
    println!("{verdict}");
    Ok(())
}

fn judge(now: u64, before: u64) -> Result<String> {
    if now > LIMIT {
        return Err(format!(
            "The first screen costs {} gzip; the limit is {}.",
            kb(now),
            kb(LIMIT)
        ));
    }
    if now * 100 > before * (100 + GROWTH_PERCENT) {
        return Err(format!(
            "The first screen costs {} gzip, more than {GROWTH_PERCENT} % over the recorded {}; make it smaller, or record the growth with `cargo xtask size --record` and say why in the commit.",
            kb(now),
            kb(before)
        ));
    }
    Ok(format!(
        "First screen: {} gzip; recorded {}, limit {}.",
        kb(now),
        kb(before),
        kb(LIMIT)
    ))
}

/// The names of all files of a built page, each with whether the first screen needs it.
///
/// # Errors
/// When the page has not been built or a folder cannot be listed.
pub fn files(dist: &Path) -> Result<Vec<(String, bool)>> {
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).map_err(|e| {
        format!(
            "{} cannot be read: {e}; `cargo xtask build` makes it.",
            index.display()
        )
    })?;
    let names = stamp::files(dist, &[])?.into_iter().map(|file| {
        let name = file
            .strip_prefix(dist)
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned();
        let first = name == "index.html" || names_file(&html, &name);
        (name, first)
    });
    Ok(names.collect())
}

/// Measures a built page.
///
/// # Errors
/// When there is none, or a file cannot be read.
pub fn measure(dist: &Path) -> Result<Sizes> {
    let mut sizes = Sizes {
        first: Vec::new(),
        later: Vec::new(),
    };
    for (name, first) in files(dist)? {
        let bytes =
            fs::read(dist.join(&name)).map_err(|e| format!("{name} cannot be read: {e}."))?;
        let row = (name, compress(&bytes)?);
        if first {
            sizes.first.push(row)
        } else {
            sizes.later.push(row)
        }
    }
    sizes
        .first
        .sort_by_key(|(name, bytes)| (std::cmp::Reverse(bytes.gzip), name.clone()));
    Ok(sizes)
}

/// Whether an attribute of the page names the file, as `"name"` or `"./name"`.
fn names_file(html: &str, name: &str) -> bool {
    html.split(['"', '\''])
        .any(|value| value == name || value.strip_prefix("./") == Some(name))
}

fn compress(bytes: &[u8]) -> Result<Bytes> {
    let trouble = |e: std::io::Error| format!("Compressing failed: {e}.");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).map_err(trouble)?;
    let gzip = gzip.finish().map_err(trouble)?;
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut brotli, &params).map_err(trouble)?;
    Ok(Bytes {
        raw: bytes.len() as u64,
        gzip: gzip.len() as u64,
        brotli: brotli.len() as u64,
    })
}

fn sum(rows: &[(String, Bytes)]) -> Bytes {
    rows.iter()
        .fold(Bytes::default(), |total, (_, bytes)| Bytes {
            raw: total.raw + bytes.raw,
            gzip: total.gzip + bytes.gzip,
            brotli: total.brotli + bytes.brotli,
        })
}

/// File names without Trunk's hash, so that records compare.
fn to_json(sizes: &Sizes) -> Value {
    let entry =
        |bytes: Bytes| json!({ "raw": bytes.raw, "gzip": bytes.gzip, "brotli": bytes.brotli });
    let rows = |rows: &[(String, Bytes)]| {
        rows.iter()
            .map(|(name, bytes)| (without_hash(name), entry(*bytes)))
            .collect::<serde_json::Map<_, _>>()
    };
    json!({ "first_screen": entry(sizes.total()), "files": rows(&sizes.first), "on_demand": rows(&sizes.later) })
}

/// "app-0123456789abcdef_bg.wasm" becomes "app_bg.wasm".
pub fn without_hash(name: &str) -> String {
    match hash_in(name) {
        Some((before, after)) => format!("{before}{after}"),
        None => name.to_owned(),
    }
}

/// What stands before and after Trunk's hash: a dash and up to 16 hexadecimal digits (leading zeros are dropped).
pub fn hash_in(name: &str) -> Option<(&str, &str)> {
    name.match_indices('-').find_map(|(at, _)| {
        let (before, rest) = name.split_at(at);
        let rest = rest.strip_prefix('-')?;
        let after = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let digits = rest.len() - after.len();
        ((10..=16).contains(&digits) && after.starts_with(['.', '_'])).then_some((before, after))
    })
}

fn kb(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, b: Bytes| {
            writeln!(
                f,
                "{name:<44} {:>10} {:>10} {:>10}",
                kb(b.raw),
                kb(b.gzip),
                kb(b.brotli)
            )
        };
        writeln!(
            f,
            "{:<44} {:>10} {:>10} {:>10}",
            "first screen", "raw", "gzip -9", "brotli"
        )?;
        for (name, bytes) in &self.first {
            row(f, name, *bytes)?;
        }
        row(f, "total", self.total())?;
        if !self.later.is_empty() {
            writeln!(f, "fetched after it or on demand, not counted")?;
            for (name, bytes) in &self.later {
                row(f, name, *bytes)?;
            }
            row(f, "total", sum(&self.later))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{compress, hash_in, judge, names_file, without_hash};

    #[test]
    fn the_gate_closes_on_size_and_on_growth() {
        assert!(judge(100_000, 100_000).is_ok());
        assert!(judge(102_000, 100_000).is_ok());
        assert!(judge(102_001, 100_000).unwrap_err().contains("recorded"));
        assert!(judge(260_001, 260_000).unwrap_err().contains("limit"));
        assert!(judge(260_000, 259_000).is_ok());
    }

    #[test]
    fn hashes_are_found_only_where_trunk_puts_them() {
        assert_eq!(
            without_hash("servelens-0123456789abcdef_bg.wasm"),
            "servelens_bg.wasm"
        );
        assert_eq!(
            without_hash("servelens-0123456789abcdef.js"),
            "servelens.js"
        );
        assert_eq!(without_hash("boot.js"), "boot.js");
        assert_eq!(without_hash("report-e6fc06c84998ef3.css"), "report.css");
        assert_eq!(hash_in("a-decade.js"), None);
        assert_eq!(hash_in("a-0123456789abcdef0.js"), None);
    }

    #[test]
    fn counts_what_the_page_names() {
        let html = r#"<link href="./a.css"><script src="boot.js" data-wasm="./x_bg.wasm">"#;
        assert!(
            names_file(html, "a.css")
                && names_file(html, "boot.js")
                && names_file(html, "x_bg.wasm")
        );
        assert!(!names_file(html, "oot.js") && !names_file(html, "later.json"));
    }

    #[test]
    fn compresses_for_real() {
        let bytes = compress(&[b'a'; 10_000]).unwrap();
        assert_eq!(bytes.raw, 10_000);
        assert!(bytes.gzip < 100 && bytes.brotli < 100, "{bytes:?}");
    }
}
