//! Makes the packs of the cost model's figures from the tables that `cargo xtask tables` reads out of AIConfigurator's
//! package: a folder for each `<system>-<backend>` with wide CSV files and a file `version`.
//!
//! `pack_tables <folder of folders> <data/packs>` writes a pack for each set of models that has figures, and their index.

#![allow(clippy::print_stdout, reason = "it says what it has written")]

use miniz_oxide::deflate::compress_to_vec_zlib;
use servelens_core::cost::{Backend, Hardware, pack};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// The level of compression that searches longest.
const BEST: u8 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        return Err("usage: pack_tables <tables> <packs>".into());
    };
    let to = Path::new(&to);
    fs::create_dir_all(to)?;
    let mut index = String::from("system,backend,version,pack\n");
    let mut folders: Vec<_> = fs::read_dir(&from)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    let mut total = 0;
    for folder in folders {
        let name = folder.file_name().to_string_lossy().into_owned();
        let (system, backend) = name
            .rsplit_once('-')
            .ok_or("folders are named <system>-<backend>")?;
        let version = fs::read_to_string(folder.path().join("version"))?;
        let version = version.trim();
        let backend: Backend = backend.parse()?;
        let mut files = Vec::new();
        for file in fs::read_dir(folder.path())? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".csv") {
                files.push((name, fs::read_to_string(file.path())?));
            }
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(n, t)| (n.as_str(), t.as_str()))
            .collect();
        let hardware = Hardware::of(system, backend, version)?;
        for (models, tables) in pack::read_wide(hardware, &files)? {
            let bytes = compress_to_vec_zlib(&pack::encode(&tables), BEST);
            total += bytes.len();
            println!("{system}-{backend}-{models}: {} bytes", bytes.len());
            fs::write(to.join(format!("{system}-{backend}-{models}.pack")), bytes)?;
            writeln!(index, "{system},{backend},{version},{models}")?;
        }
    }
    fs::write(to.join("index.csv"), index)?;
    println!("{total} bytes in all");
    Ok(())
}
