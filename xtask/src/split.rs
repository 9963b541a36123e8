//! Splits the page's module in two: what the first screen needs, and the rest, which `src/ui/rest.rs` loads after it.
//!
//! Trunk calls this after its own build (`Trunk.toml`) and hands over the folder with the page, whose one module and bindings give way
//! to the parts. What belongs where is found by following every call; see docs/ARCHITECTURE.md.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, run};
use crate::{Result, tools, wasm};

/// The name of the parts, before their hash.
const NAME: &str = "servelens";
/// What the bindings do when they are started as a worker.
const WORKER: &str = include_str!("../../worker.js");
/// Exports of a library's classes that only a server needs; nothing in the page makes one.
const UNUSED: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];
/// What wasm-opt may assume of a browser.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// `cargo xtask split`.
///
/// # Errors
/// When Trunk did not call it, a tool is missing or fails, or the page does not name what Trunk built.
pub fn split(places: &Places, options: Options) -> Result {
    options.finish()?;
    let page = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or("`cargo xtask split` is a step of `trunk build`; run `cargo xtask build`.")?;
    // Trunk tells release from debug only; who calls it with `--cargo-profile` says so here, too.
    let profile = env::var("SERVELENS_CARGO_PROFILE")
        .or_else(|_| env::var("TRUNK_PROFILE"))
        .unwrap_or_else(|_| "release".to_owned());
    let progress = Progress::default();
    let tools = tools::for_split(places, &progress)?;
    let module = places
        .target
        .join("wasm32-unknown-unknown")
        .join(&profile)
        .join(format!("{NAME}.wasm"));
    let work = places.target.join("servelens-split");
    // A folder that is not there is as good as an empty one.
    let _ = fs::remove_dir_all(&work);
    run(Command::new(&tools.split)
        .arg(&module)
        .arg(&work)
        .args(["--out-name", NAME]))?;
    let bound = work.join("bound");
    run(Command::new(&tools.bindgen)
        .arg(work.join(format!("{NAME}.wasm")))
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--out-name", NAME, "--out-dir"])
        .arg(&bound))?;
    let first = bound.join(format!("{NAME}_bg.wasm"));
    let pruned = wasm::without_exports(&read(&first)?, |name| {
        UNUSED.iter().any(|start| name.starts_with(start))
    })
    .ok_or("wasm-bindgen gave a module that can't be read.")?;
    write(&first, &pruned)?;
    let rest = work.join("split_rest.wasm");
    if profile != "debug" {
        for part in [&first, &rest] {
            run(Command::new(&tools.opt)
                .args([
                    "-Oz",
                    "--strip-debug",
                    "--strip-producers",
                    "--strip-target-features",
                ])
                .args(FEATURES)
                .arg(part)
                .arg("-o")
                .arg(part))?;
        }
    }
    let bindings = text(&bound.join(format!("{NAME}.js")))?;
    let loader = text(&work.join("__wasm_split.js"))?;
    publish(&page, &read(&first)?, &read(&rest)?, &bindings, &loader)
}

/// Puts the parts into the page in place of what Trunk built.
fn publish(page: &Path, first: &[u8], rest: &[u8], bindings: &str, loader: &str) -> Result {
    let index = page.join("index.html");
    let html = text(&index)?;
    let old_js = attribute(&html, "data-js").ok_or("The built index.html has no data-js.")?;
    let old_wasm = attribute(&html, "data-wasm").ok_or("The built index.html has no data-wasm.")?;
    let rest_name = format!("{NAME}_rest-{}.wasm", hash(rest));
    let js = joined(bindings, loader, WORKER, &rest_name)
        .ok_or("The bindings and the loader of the second part don't fit together.")?;
    let names = [
        (
            old_js,
            format!("{NAME}-{}.js", hash(js.as_bytes())),
            js.as_bytes(),
        ),
        (old_wasm, format!("{NAME}-{}_bg.wasm", hash(first)), first),
    ];
    write(&page.join(&rest_name), rest)?;
    let mut html = html.clone();
    for (old, new, bytes) in &names {
        let old = old.trim_start_matches("./");
        fs::remove_file(page.join(old)).map_err(|e| format!("{old} is not in the page: {e}."))?;
        write(&page.join(new), bytes)?;
        html = html.replace(old, new);
    }
    write(&index, html.as_bytes())
}

/// Bindings, loader and the worker's start in one script: each would be one request more, and have to know the others' hashes.
fn joined(bindings: &str, loader: &str, worker: &str, rest: &str) -> Option<String> {
    let import = "import * as import1 from \"./__wasm_split.js\"";
    let own = "import { initSync } from \"./servelens.js\";";
    let export = "export const __wasm_split_load_rest = ";
    let file = "./split_rest.wasm";
    let fits = bindings.contains(import)
        && loader.contains(own)
        && bindings.contains("async function __wbg_init(")
        && loader.matches(export).count() == 1
        && loader.contains(file);
    fits.then(|| {
        let loader = loader
            .replace(own, "")
            .replace(export, "const import1 = { __wasm_split_load_rest: ")
            .replace(file, &format!("./{rest}"));
        let loader = loader.trim_end().trim_end_matches(';');
        without_comments(&format!(
            "{}\n{loader} }};\n{worker}",
            bindings.replace(import, "")
        ))
    })
}

/// Without indentation and lines that are only comments.
fn without_comments(script: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in script.lines().map(str::trim) {
        inside |= line.starts_with("/*");
        if !(inside || line.is_empty() || line.starts_with("//")) {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    out
}

fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn hash(bytes: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    bytes.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))
}

fn text(file: &Path) -> Result<String> {
    String::from_utf8(read(file)?).map_err(|_| format!("{} is not text.", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result {
    fs::write(file, bytes).map_err(|e| format!("{} cannot be written: {e}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{attribute, joined, without_comments};

    #[test]
    fn bindings_and_loader_become_one_script() {
        let bindings = "import * as import1 from \"./__wasm_split.js\"\nconst a = import1;\nasync function __wbg_init() {}\n";
        let loader = "import { initSync } from \"./servelens.js\";\nexport const __wasm_split_load_rest = load(\"./split_rest.wasm\");\n";
        let script = joined(bindings, loader, "start();\n", "rest-1.wasm").unwrap();
        assert_eq!(
            script,
            "const a = import1;\nasync function __wbg_init() {}\nconst import1 = { __wasm_split_load_rest: load(\"./rest-1.wasm\") };\nstart();\n"
        );
        assert_eq!(joined("", loader, "", "rest-1.wasm"), None);
    }

    #[test]
    fn comments_go_and_code_stays() {
        let script = "/**\n * About.\n */\nconst a = 1; // stays\n  // goes\n\n  const b = 2;\n";
        assert_eq!(
            without_comments(script),
            "const a = 1; // stays\nconst b = 2;\n"
        );
    }

    #[test]
    fn reads_the_names_that_trunk_wrote() {
        let html = "<script src=\"./boot.js\" data-js=\"./a-1.js\" data-wasm=\"./a-1_bg.wasm\">";
        assert_eq!(attribute(html, "data-js"), Some("./a-1.js"));
        assert_eq!(attribute(html, "data-none"), None);
    }
}
