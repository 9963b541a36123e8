//! Splits the page's module and its styles in two: what the first screen needs, and the rest, which `src/ui/rest.rs` loads after it.
//!
//! Trunk calls this after its own build (`Trunk.toml`) and hands over the folder with the page, whose one module and bindings give way
//! to the parts. What belongs where is found by following every call, for styles by `style/first.css` and `style/later.css`; see
//! docs/ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, run};
use crate::stamp::hash;
use crate::tools::{binaryen, rust};
use crate::{Result, css, page, wasm};

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
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or("`cargo xtask split` is a step of `trunk build`; run `cargo xtask build`.")?;
    // Trunk tells release from debug only; who calls it with `--cargo-profile` says so here, too.
    let profile = env::var("SERVELENS_CARGO_PROFILE")
        .or_else(|_| env::var("TRUNK_PROFILE"))
        .unwrap_or_else(|_| "release".to_owned());
    let progress = Progress::default();
    let binder = rust::binder(places)?;
    let wasm_opt = binaryen::wasm_opt(places, &progress)?;
    let module = places
        .target
        .join("wasm32-unknown-unknown")
        .join(&profile)
        .join(format!("{}.wasm", page::PROGRAM));
    let work = places.target.join("servelens-split");
    // A folder that is not there is as good as an empty one.
    let _ = fs::remove_dir_all(&work);
    run(Command::new(binder.join("wasm-split"))
        .arg(&module)
        .arg(&work)
        .arg(NAME))?;
    let bound = work.join("bound");
    run(Command::new(binder.join("wasm-bindgen"))
        .arg(work.join(format!("{NAME}.wasm")))
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--out-name", NAME, "--out-dir"])
        .arg(&bound))?;
    let first = bound.join(format!("{NAME}_bg.wasm"));
    let bindings = text(&bound.join(format!("{NAME}.js")))?;
    let names = short_names(&bindings);
    let unused = |name: &str| UNUSED.iter().any(|start| name.starts_with(start));
    let lean = wasm::with_names(&read(&first)?, &names, unused)
        .ok_or("wasm-bindgen gave a module that can't be read.")?;
    write(&first, &lean)?;
    let rest = work.join("split_rest.wasm");
    if profile != "debug" {
        let shrink = |part: &Path| {
            run(Command::new(&wasm_opt)
                .args([
                    "-Oz",
                    "--strip-debug",
                    "--strip-producers",
                    "--strip-target-features",
                ])
                .args(FEATURES)
                .arg(part)
                .arg("-o")
                .arg(part))
        };
        // It works on one core: both parts at once.
        let (of_first, of_rest) = thread::scope(|scope| {
            let of_first = scope.spawn(|| shrink(&first));
            let of_rest = shrink(&rest);
            (of_first.join(), of_rest)
        });
        of_first.unwrap_or_else(|_| Err("wasm-opt could not be started.".into()))?;
        of_rest?;
    }
    let styles = places.root.join("style");
    publish(
        &staging,
        &Parts {
            first: read(&first)?,
            rest: read(&rest)?,
            bindings: with_names(&bindings, &names),
            loader: text(&work.join("__wasm_split.js"))?,
            style: css::bundle(&styles.join("first.css"))?,
            later: css::bundle(&styles.join("later.css"))?,
        },
    )
}

/// What the page is made of.
struct Parts {
    first: Vec<u8>,
    rest: Vec<u8>,
    bindings: String,
    loader: String,
    style: String,
    later: String,
}

/// Puts the parts into the page in place of what Trunk built.
fn publish(page: &Path, parts: &Parts) -> Result {
    let index = page.join("index.html");
    let html = text(&index)?;
    let old =
        |name| attribute(&html, name).ok_or_else(|| format!("The built index.html has no {name}."));
    let old_style = html
        .split('"')
        .find(|value| value.ends_with(".css"))
        .ok_or("The built index.html names no style sheet.")?;
    let rest = format!("{NAME}_rest-{}.wasm", hash(&parts.rest));
    let later = format!("later-{}.css", hash(parts.later.as_bytes()));
    let js = joined(&parts.bindings, &parts.loader, WORKER, &rest, &later)
        .ok_or("The bindings and the loader of the second part don't fit together.")?;
    let (js, style) = (js.as_bytes(), parts.style.as_bytes());
    let names = [
        (old("data-js")?, format!("{NAME}-{}.js", hash(js)), js),
        (
            old("data-wasm")?,
            format!("{NAME}-{}_bg.wasm", hash(&parts.first)),
            &parts.first,
        ),
        (old_style, format!("first-{}.css", hash(style)), style),
    ];
    write(&page.join(&rest), &parts.rest)?;
    write(&page.join(&later), parts.later.as_bytes())?;
    let mut html = html.clone();
    for (old, new, bytes) in &names {
        let old = old.trim_start_matches("./");
        fs::remove_file(page.join(old)).map_err(|e| format!("{old} is not in the page: {e}."))?;
        write(&page.join(new), bytes)?;
        html = html.replace(old, new);
    }
    write(&index, html.as_bytes())
}

/// Loads the styles of the second part: it is not there before they are, so that nothing is ever shown without them.
/// A worker shows nothing and has no document to put them into.
const STYLES: &str = r#"let sheet;
const styles = () => sheet ??= globalThis.document && new Promise((resolve, reject) => {
const link = document.createElement("link");
link.rel = "stylesheet";
link.href = new URL("./later.css", import.meta.url);
link.onload = resolve;
link.onerror = () => { sheet = undefined; link.remove(); reject(new Error("The styles can't be loaded.")); };
document.head.append(link);
});
"#;

/// Bindings, loader and the worker's start in one script: each would be one request more, and have to know the others' hashes.
fn joined(bindings: &str, loader: &str, worker: &str, rest: &str, later: &str) -> Option<String> {
    let import = "import * as import1 from \"./__wasm_split.js\"";
    let own = "import { initSync } from \"./servelens.js\";";
    let export = "export const __wasm_split_load_rest = ";
    let file = "./split_rest.wasm";
    // What the second part waits for beside its own file.
    let waits = ", []));";
    let fits = bindings.contains(import)
        && loader.contains(own)
        && bindings.contains("async function __wbg_init(")
        && loader.matches(export).count() == 1
        && loader.contains(file)
        && loader.matches(waits).count() == 1;
    fits.then(|| {
        let loader = loader
            .replace(own, "")
            .replace(export, "const import1 = { __wasm_split_load_rest: ")
            .replace(file, &format!("./{rest}"))
            .replace(waits, ", [styles]));");
        let styles = STYLES.replace("later.css", later);
        let loader = loader.trim_end().trim_end_matches(';');
        without_comments(&format!(
            "{}\n{styles}{loader} }};\n{worker}",
            bindings.replace(import, "")
        ))
    })
}

/// A short name for each that wasm-bindgen made unique by a hash: hashes don't compress, and each stands in the module and in the script.
fn short_names(script: &str) -> BTreeMap<&str, String> {
    let mut names = BTreeMap::new();
    for word in script.split(|c: char| !is_word(c)).filter(|w| hashed(w)) {
        let next = names.len();
        names.entry(word).or_insert_with(|| format!("_{next:x}"));
    }
    names
}

/// Whether a name ends in sixteen hexadecimal digits behind an underscore or the letter that stands for `hash`.
fn hashed(word: &str) -> bool {
    word.len().checked_sub(16).is_some_and(|at| {
        let (name, hash) = word.split_at(at);
        name.ends_with(['_', 'h']) && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// The script with other names.
fn with_names(script: &str, names: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let word = rest.len() - rest.trim_start_matches(is_word).len();
        let other = rest[word..]
            .find(is_word)
            .map_or(rest.len(), |at| word + at);
        let (word, between) = (&rest[..word], &rest[word..other]);
        out.push_str(names.get(word).map_or(word, String::as_str));
        out.push_str(between);
        rest = &rest[other..];
    }
    out
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
    use super::{attribute, joined, short_names, with_names, without_comments};

    #[test]
    fn bindings_and_loader_become_one_script() {
        let bindings = "import * as import1 from \"./__wasm_split.js\"\nconst a = import1;\nasync function __wbg_init() {}\n";
        let loader = "import { initSync } from \"./servelens.js\";\nexport const __wasm_split_load_rest = wrap(load(\"./split_rest.wasm\"\n, []));\n";
        let script = joined(bindings, loader, "start();\n", "rest-1.wasm", "later-2.css").unwrap();
        assert!(script.starts_with(
            "const a = import1;\nasync function __wbg_init() {}\nlet sheet;\nconst styles = "
        ));
        assert!(script.contains("new URL(\"./later-2.css\""));
        assert!(script.ends_with(
            "const import1 = { __wasm_split_load_rest: wrap(load(\"./rest-1.wasm\"\n, [styles])) };\nstart();\n"
        ));
        assert_eq!(joined("", loader, "", "rest-1.wasm", "later-2.css"), None);
    }

    #[test]
    fn names_with_a_hash_become_short_everywhere() {
        let script = "{ __wbg_new_0123456789abcdef: f, __wbg_start: g }; wasm.invoke__h00000000000000ff(a); call(__wbg_new_0123456789abcdef)";
        let names = short_names(script);
        assert_eq!(names.len(), 2);
        assert_eq!(
            with_names(script, &names),
            "{ _0: f, __wbg_start: g }; wasm._1(a); call(_0)"
        );
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
