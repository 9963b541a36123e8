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

/// For each module of the core the modules it may import. Adding a module means adding a line here, on purpose.
const CORE: [(&str, &[&str]); 30] = [
    ("sort", &[]),
    ("units", &[]),
    ("stats", &["units"]),
    ("model", &["units", "stats"]),
    ("fmt", &["units", "model"]),
    ("chart", &["units", "model"]),
    ("records", &["units", "stats", "model"]),
    ("session", &["units", "model"]),
    ("ingest", &["units", "stats", "model", "records"]),
    ("thresholds", &[]),
    ("url", &["units", "model", "cost", "whatif", "thresholds"]),
    ("cost", &["units", "stats", "model"]),
    ("inspect", &["units", "model", "ingest"]),
    ("parcel", &["model", "ingest", "session"]),
    ("align", &["units", "stats", "model", "records", "fmt"]),
    (
        "compare",
        &["units", "stats", "model", "records", "fmt", "align"],
    ),
    (
        "certainty",
        &[
            "units", "stats", "model", "records", "fmt", "align", "compare",
        ],
    ),
    (
        "sla",
        &[
            "units", "stats", "model", "records", "fmt", "align", "compare",
        ],
    ),
    (
        "frontier",
        &[
            "units", "stats", "model", "records", "fmt", "align", "compare",
        ],
    ),
    (
        "accuracy",
        &[
            "units", "stats", "model", "records", "fmt", "cost", "align", "compare",
        ],
    ),
    (
        "calibrate",
        &[
            "units", "stats", "model", "records", "fmt", "cost", "align", "compare", "accuracy",
        ],
    ),
    (
        "explain",
        &["units", "stats", "model", "records", "fmt", "cost", "align"],
    ),
    (
        "audit",
        &[
            "units",
            "stats",
            "model",
            "records",
            "fmt",
            "cost",
            "align",
            "compare",
            "certainty",
            "thresholds",
            "sla",
            "frontier",
            "accuracy",
            "calibrate",
        ],
    ),
    (
        "findings",
        &[
            "units",
            "stats",
            "model",
            "records",
            "fmt",
            "cost",
            "align",
            "compare",
            "certainty",
            "thresholds",
            "sla",
            "frontier",
            "accuracy",
            "calibrate",
            "audit",
        ],
    ),
    (
        "analysis",
        &[
            "units",
            "stats",
            "model",
            "records",
            "fmt",
            "cost",
            "align",
            "compare",
            "certainty",
            "thresholds",
            "sla",
            "frontier",
            "accuracy",
            "calibrate",
            "audit",
            "findings",
        ],
    ),
    (
        "requests",
        &[
            "units", "stats", "model", "records", "fmt", "align", "findings",
        ],
    ),
    (
        "whatif",
        &[
            "units", "model", "ingest", "fmt", "cost", "align", "audit", "findings", "analysis",
            "frontier",
        ],
    ),
    (
        "figures",
        &[
            "requests",
            "units",
            "stats",
            "model",
            "records",
            "fmt",
            "chart",
            "align",
            "compare",
            "certainty",
            "thresholds",
            "sla",
            "frontier",
            "accuracy",
            "calibrate",
            "audit",
            "findings",
            "analysis",
            "cost",
            "whatif",
        ],
    ),
    (
        "screen",
        &[
            "model", "fmt", "chart", "sla", "findings", "analysis", "figures",
        ],
    ),
    (
        "report",
        &[
            "units",
            "stats",
            "model",
            "records",
            "fmt",
            "chart",
            "explain",
            "figures",
            "requests",
            "align",
            "compare",
            "certainty",
            "thresholds",
            "sla",
            "frontier",
            "accuracy",
            "calibrate",
            "audit",
            "findings",
            "analysis",
        ],
    ),
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

#[test]
fn core_modules_import_only_what_stands_below_them() {
    let rules: BTreeMap<_, _> = CORE.into_iter().collect();
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
