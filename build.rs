//! Analyses the first sample while the page is built, so that a first visit shows it before the code that reads and analyses files is there.

use servelens_core::analysis::{Options, analyse};
use servelens_core::ingest::Ingest;
use servelens_core::model::Workspace;
use std::path::Path;
use std::{env, fs};

const SAMPLE: &str = "data/samples/published-comparison.md";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SAMPLE}");
    let mut ingest = Ingest::new();
    ingest.add("published-comparison.md", &fs::read(SAMPLE)?);
    let mut workspace = Workspace::default();
    workspace.absorb(ingest.finish());
    let analysis = analyse(&workspace, &Options::default());
    let packed = postcard::to_stdvec(&(workspace, analysis))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("first"), packed)?;
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        // The page's build splits the module into what the first screen needs and the rest; the addresses tell it how.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    Ok(())
}
