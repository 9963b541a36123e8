//! The measured figures of the cost model, packed into the built page.
//!
//! Made from the CSV files of `data/` after Trunk, never committed: one pack per rule set and subset, in `figures/`,
//! named by what it holds and by the hash of its content. index.html names them all in one `meta`, so that the page
//! asks for a file that no cache can confuse with an older one.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::{self, Subset};

use crate::Result;

/// Where the packs lie in the built page.
pub const FOLDER: &str = "figures";
/// The `meta` that names them, as index.html leaves it.
const EMPTY: &str = "<meta name=\"servelens-figures\" content=\"\">";
/// The most that the packs of one subset may cost together, in bytes as they travel.
const LIMITS: [(Subset, usize); 2] = [(Subset::Qwen3_32B, 250_000), (Subset::Dense, 1_000_000)];

/// Writes the packs into a built page and their names into its index.html.
///
/// # Errors
/// When a figure cannot be read, a pack is too big or a file cannot be written.
pub fn write(root: &Path, dist: &Path) -> Result {
    let trouble = |file: &Path, e: std::io::Error| {
        format!("{} cannot be read or written: {e}.", file.display())
    };
    let folder = dist.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|e| trouble(&folder, e))?;
    let sets = [RuleSet::Aic02, RuleSet::Aic012]
        .map(|rules| Ok((rules, texts(&root.join("data").join(rules.to_string()))?)));
    let sets: Vec<_> = sets.into_iter().collect::<Result<_>>()?;
    let mut names = Vec::new();
    for (subset, limit) in LIMITS {
        let mut together = 0;
        for (rules, texts) in &sets {
            let files: Vec<(&str, &str)> = texts
                .iter()
                .map(|(n, t)| (n.as_str(), t.as_str()))
                .collect();
            let bytes = pack::build(*rules, subset, &files).map_err(|e| e.to_string())?;
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
            let packed = packed
                .write_all(&bytes)
                .and_then(|()| packed.finish())
                .map_err(|e| format!("Compressing failed: {e}."))?;
            together += packed.len();
            let name = format!(
                "{FOLDER}/{rules}-{subset}-{:016x}.pack",
                pack::hash(&packed)
            );
            let file = dist.join(&name);
            fs::write(&file, packed).map_err(|e| trouble(&file, e))?;
            names.push(name);
        }
        if together > limit {
            return Err(format!(
                "The packs of the subset {subset} cost {together} bytes together; the limit is {limit}."
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

/// The CSV files of a folder, by name.
fn texts(folder: &Path) -> Result<Vec<(String, String)>> {
    crate::stamp::files(folder, &[])?
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file)
                .map_err(|e| format!("{} cannot be read: {e}.", file.display()))?;
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok((name, text))
        })
        .collect()
}
