//! Rules of the source tree that no compiler checks: who may import whom, where the browser may be named, how long a file may be.
//!
//! Every rule is a function from text to offending lines, so that tests of the rules can show that each of them finds its offence.

// The whole crate is a test: a failed unwrap is its message.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod paths;
mod rules;
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use paths::module_path;
use rules::{browser, equal_programs, imports, machine_paths, strangers, styles, too_long};
use tree::{formats, over, read, report, root, tracked};

/// The core from the ground up, in six layers: a module may import what stands before it, so that there is no circle. A new module gets
/// its place here, on purpose.
#[rustfmt::skip]
static CORE: [&str; 31] = [
    // Foundation: numbers, their names and how they are written.
    "sort", "units", "stats", "model", "fmt", "thresholds", "records", "chart",
    // Sources: files, sessions, the cost model.
    "ingest", "inspect", "session", "parcel", "cost",
    // Comparison: figures set against figures.
    "align", "compare", "certainty", "sla", "frontier", "accuracy", "calibrate", "explain",
    // Judgement: what the figures mean, and whether they can be trusted.
    "audit", "findings", "corrections", "requests",
    // Everything that is said about a workspace.
    "analysis",
    // Presentation.
    "whatif", "url", "figures", "screen", "report",
];

/// For each layer of the app the layers it may import.
const APP: [(&str, &[&str]); 5] = [
    ("platform", &[]),
    ("state", &["platform"]),
    // Runs on threads where there is neither state nor view.
    ("work", &["platform"]),
    ("ui", &["platform", "state", "work"]),
    ("main", &["platform", "state", "ui"]),
];

/// For each module of the core what it may import.
fn core_rules() -> BTreeMap<&'static str, &'static [&'static str]> {
    let below = |(place, module): (usize, &&'static str)| (*module, &CORE[..place]);
    CORE.iter().enumerate().map(below).collect()
}

#[test]
fn core_modules_import_only_what_stands_below_them() {
    let rules = core_rules();
    report(over(&["crates/core/src"], "rs", |file, text| {
        imports(&rules, &module_path(file, "crates/core/src"), text)
    }));
}

#[test]
fn formats_never_import_each_other() {
    let formats = formats();
    assert!(
        !formats.is_empty(),
        "no formats were found; has the folder moved?"
    );
    report(over(
        &["crates/core/src/ingest/formats"],
        "rs",
        |file, text| strangers(&formats, &module_path(file, "crates/core/src"), text),
    ));
}

#[test]
fn the_core_knows_no_browser() {
    let manifest = read("crates/core/Cargo.toml");
    let lines = manifest.lines().enumerate();
    report(
        lines
            .filter(|(_, line)| {
                ["web-sys", "js-sys", "wasm-bindgen", "gloo", "leptos"]
                    .iter()
                    .any(|name| line.trim_start().starts_with(name))
            })
            .map(|(number, line)| format!("crates/core/Cargo.toml:{}: {line}", number + 1))
            .collect(),
    );
}

#[test]
fn app_layers_import_only_what_stands_below_them() {
    let rules: BTreeMap<_, _> = APP.into_iter().collect();
    report(over(&["src"], "rs", |file, text| {
        imports(&rules, &module_path(file, "src"), text)
    }));
}

#[test]
fn only_the_platform_names_the_browser() {
    report(over(&["src"], "rs", |file, text| {
        if file.starts_with("src/platform") {
            Vec::new()
        } else {
            browser(text)
        }
    }));
}

#[test]
fn no_style_attributes_which_the_policy_blocks() {
    let mut found = over(&["src/ui"], "rs", |_, text| styles(text));
    found.extend(
        styles(&read("index.html"))
            .into_iter()
            .map(|line| format!("index.html:{line}")),
    );
    report(found);
}

#[test]
fn files_stay_short() {
    report(over(
        &["src", "crates", "xtask", "tests"],
        "rs",
        |file, text| {
            too_long(
                text,
                if file.starts_with("src/ui/views") {
                    300
                } else {
                    500
                },
            )
        },
    ));
}

#[test]
fn no_two_programs_have_one_name() {
    let ours = |file: &PathBuf| file.ends_with("Cargo.toml") && root().join(file).is_file();
    let manifests: Vec<(String, String, bool)> = tracked()
        .into_iter()
        .filter(ours)
        .map(|file| {
            let main = root().join(&file).with_file_name("src").join("main.rs");
            let name = file.display().to_string();
            let text = read(&name);
            (name, text, main.is_file())
        })
        .collect();
    report(equal_programs(&manifests));
}

#[test]
fn no_paths_of_one_machine() {
    // Files of `tests/cases` were written by the released tools, whose own examples name temporary folders.
    let ours = |file: &PathBuf| !file.starts_with("tests/cases");
    let found = tracked().into_iter().filter(ours).flat_map(|file| {
        let text = fs::read_to_string(root().join(&file)).unwrap_or_default();
        machine_paths(&text)
            .into_iter()
            .map(move |line| format!("{}:{line}", file.display()))
    });
    report(found.collect());
}

#[test]
fn hosting_tells_the_policy_of_the_page() {
    let page = read("index.html");
    let policy = page
        .split("content=\"")
        .find(|part| part.starts_with("default-src"))
        .and_then(|part| part.split('"').next())
        .unwrap();
    let hosting = read("docs/HOSTING.md");
    let times = hosting
        .matches(&format!("{policy}; frame-ancestors 'none'"))
        .count();
    assert!(
        times >= 2,
        "docs/HOSTING.md must give the page's policy for nginx and Caddy: {policy}"
    );
}
