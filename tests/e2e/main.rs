//! The page in a real browser: real drops, real keys, a real network log.

// The whole crate is a test: a failed unwrap is its message.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod access;
mod accuracy;
mod figures;
mod files;
mod frames;
mod keyboard;
mod large;
mod offline;
mod requests;
mod session;
mod start;
mod statistics;
mod told;
mod truth;
mod views;
mod what_if;

use std::path::PathBuf;

use servelens_tests::browser::{Page, root};

const RUN: &str = "[data-testid=run-row]";
/// The cost model's figures have come.
const FIGURES: &str = "[data-figures=ready]";
const UNUSED: &str = "[data-testid=unused-file]";
const BANNER: &str = "[data-testid=sample-banner]";
const WHO: &str = "[data-testid=verdict-who] .a";
const PROJECTION: &str = "[data-testid=verdict-projection] .a";

/// The page with its first sample analysed and everything fetched that it fetches by itself.
fn opened() -> Page {
    let page = Page::start().unwrap();
    page.open("").unwrap();
    loaded(&page);
    page
}

/// Waits for the first sample, the cost model's figures, the thread that reads, and the files kept for later.
fn loaded(page: &Page) {
    page.wait_count(RUN, 3).unwrap();
    page.wait_count(FIGURES, 1).unwrap();
    page.wait_count("[data-reads-on=thread]", 1).unwrap();
    page.wait_count("[data-offline=ready]", 1).unwrap();
}

/// A case of `tests/cases`.
fn case(path: &str) -> PathBuf {
    root().join("tests/cases").join(path)
}

/// Drops a file that can't be read with two that can, and gives what the page says of it.
fn drop_a_broken_file_among_good(page: &Page) -> String {
    let folder = case("broken/files/among-good");
    let files = ["a-cut-off.json", "good/one.json", "good/tuned.md"].map(|name| folder.join(name));
    page.drop_paths(&files.each_ref().map(|file| file.as_path()), None)
        .unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 2).unwrap();
    page.wait_count(UNUSED, 1).unwrap();
    page.text(UNUSED).unwrap()
}

/// Ends a test: the console must have stayed silent.
fn silent(page: &Page) {
    assert_eq!(page.complaints().unwrap(), Vec::<String>::new());
}

/// What each row of the tray says about its run.
fn runs(page: &Page) -> Vec<String> {
    page.texts(&format!("{RUN} > p")).unwrap()
}

/// The chosen role of each run.
fn roles(page: &Page) -> Vec<String> {
    let value = page.js("return [...document.querySelectorAll('[data-testid=run-row] select')].map(s => s.value)").unwrap();
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role.as_str().unwrap().to_owned())
        .collect()
}

/// Picks an option as a person does: the browser's own list can't be driven, its event can.
fn choose(page: &Page, selector: &str, value: &str) {
    let script = "const s = document.querySelector(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change', {bubbles: true})); return s.value;";
    let now = page
        .js_with(script, vec![selector.into(), value.into()])
        .unwrap();
    assert_eq!(now, value, "{selector} has no option {value}");
}

/// Runs the only command of the palette that matches these words.
fn command(page: &Page, words: &str) {
    page.key("k", &["ctrl"]).unwrap();
    page.wait(
        "the palette",
        "return document.activeElement?.id === 'palette-q'",
    )
    .unwrap();
    page.insert_text(words).unwrap();
    page.wait_count("#palette-list [role=option]", 1).unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_count("#palette-list", 0).unwrap();
}
