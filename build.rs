//! Analyses the first sample while the page is built, so that a first visit shows it before the code that reads and analyses files is
//! there: its screen goes into the first part of the page, the sample itself into the second. And packs the cost model's measured figures,
//! which `cargo xtask build` puts beside the page.

use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::{CostProjector, Projector, figures_for};
use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{Engine, RuleSet, Tables};
use servelens_core::ingest::Ingest;
use servelens_core::model::Workspace;
use servelens_core::screen::{screen, tray};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

const SAMPLE: &str = "data/samples/published-comparison.md";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SAMPLE}");
    let mut ingest = Ingest::new();
    ingest.add("published-comparison.md", &fs::read(SAMPLE)?);
    let mut workspace = Workspace::default();
    workspace.absorb(ingest.finish());
    let options = Options {
        projector: projector(&workspace)?,
        ..Options::default()
    };
    let analysis = analyse(&workspace, &options);
    let out = env::var("OUT_DIR")?;
    let shown = (tray(&workspace), screen(&workspace, &analysis));
    fs::write(
        Path::new(&out).join("first-screen"),
        postcard::to_stdvec(&shown)?,
    )?;
    let sample = postcard::to_stdvec(&(workspace, analysis))?;
    fs::write(Path::new(&out).join("first-sample"), sample)?;
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        // The page's build splits the module into what the first screen needs and the rest; the addresses tell it how.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
        for rules in [RuleSet::Aic02, RuleSet::Aic012] {
            for subset in [Subset::Qwen3_32B, Subset::Dense] {
                let bytes = pack::encode(&tables(rules, subset)?);
                fs::write(
                    Path::new(&out).join(format!("{rules}-{subset}.pack")),
                    bytes,
                )?;
            }
        }
    }
    Ok(())
}

/// The cost model that fits what the sample projects, over its measured figures.
pub(crate) fn projector(
    workspace: &Workspace,
) -> Result<Option<Arc<dyn Projector>>, Box<dyn Error>> {
    let Some((rules, _)) = figures_for(workspace) else {
        return Ok(None);
    };
    let engine = Engine::new(rules, tables(rules, Subset::Dense)?)?;
    Ok(Some(Arc::new(CostProjector::new(Arc::new(engine)))))
}

/// The measured figures of a rule set.
fn tables(rules: RuleSet, subset: Subset) -> Result<Tables, Box<dyn Error>> {
    let folder = format!("data/{rules}");
    println!("cargo::rerun-if-changed={folder}");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(entry.path())?));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Ok(pack::read(rules, subset, &files)?)
}
