//! The measured figures of the cost model, packed into the built page.
//!
//! `build.rs` makes them from the CSV files of `data/`, one pack per rule set and subset; here they go into `figures/`, compressed and
//! named by what they hold and by the hash of their content. index.html names them all in one `meta`, so that the page asks for a file
//! that no cache can confuse with an older one.

use std::fs;
use std::io::{Error, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::Result;
use crate::stamp::{files, hash};

/// Where the packs lie in the built page.
pub const FOLDER: &str = "figures";
/// The `meta` that names them, as index.html leaves it.
const EMPTY: &str = "<meta name=\"servelens-figures\" content=\"\">";
/// The most that the packs of one subset may cost together, in bytes as they travel.
const LIMITS: [(&str, usize); 2] = [("-qwen3-32b.pack", 250_000), ("-dense.pack", 1_000_000)];

/// Writes the packs of a folder into a built page and their names into its index.html.
///
/// # Errors
/// When there is no pack, one is too big or a file cannot be read or written.
pub fn write(packs: &Path, dist: &Path) -> Result {
    let trouble =
        |file: &Path, e: Error| format!("{} cannot be read or written: {e}.", file.display());
    let folder = dist.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|e| trouble(&folder, e))?;
    let packs = files(packs, &[])?;
    let mut names = Vec::new();
    for (subset, limit) in LIMITS {
        let mut together = 0;
        for pack in &packs {
            let file = pack.file_name().unwrap_or_default().to_string_lossy();
            if !file.ends_with(subset) {
                continue;
            }
            let bytes = fs::read(pack).map_err(|e| trouble(pack, e))?;
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
            let packed = packed
                .write_all(&bytes)
                .and_then(|()| packed.finish())
                .map_err(|e| format!("Compressing failed: {e}."))?;
            together += packed.len();
            let stem = file.trim_end_matches(".pack");
            let name = format!("{FOLDER}/{stem}-{}.pack", hash(&packed));
            let target = dist.join(&name);
            fs::write(&target, packed).map_err(|e| trouble(&target, e))?;
            names.push(name);
        }
        if together == 0 || together > limit {
            return Err(format!(
                "The packs …{subset} cost {together} bytes together; there must be some, and at most {limit} bytes."
            ));
        }
    }
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).map_err(|e| trouble(&index, e))?;
    let named = EMPTY.replace("\"\"", &format!("\"{}\"", names.join(" ")));
    if !html.contains(EMPTY) {
        return Err(format!(
            "index.html has no {EMPTY}, in which the packs are named."
        ));
    }
    fs::write(&index, html.replace(EMPTY, &named)).map_err(|e| trouble(&index, e))
}
