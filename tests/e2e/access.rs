//! Whatever the eye, the hand and the screen: axe-core finds nothing, and no view is wider than its window.

use crate::{FIGURES, RUN, silent};
use serde_json::{Value, json};
use servelens_tests::browser::{Page, Screen};
use servelens_tests::driver::program;
use std::fmt::Write as _;

/// Views, and states of them that hold other parts.
const STATES: [&str; 10] = [
    "verdict?",
    "compare?",
    "compare?show=requests",
    "compare?stats=full",
    "sla?",
    "accuracy?",
    "what-if?",
    "audit?",
    "audit?show=sources",
    "report?",
];

/// Width, and the media features that differ from a light screen.
const LOOKS: [(u32, &[(&str, &str)]); 6] = [
    (1440, &[]),
    (1440, &[("prefers-color-scheme", "dark")]),
    (1440, &[("forced-colors", "active")]),
    (390, &[("prefers-color-scheme", "dark")]),
    (390, &[]),
    (320, &[("forced-colors", "active")]),
];

/// Every rule that is on by default, and the one for small targets.
const RUN_AXE: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(found => done(
      found.violations.map(v => `${v.id}, ${v.nodes.length} times: ${v.nodes[0].html.slice(0, 160)}`)), e => done([String(e)]));";

fn axe() -> String {
    // Missing where `cargo xtask test`, which installs it and names it, was not what started this.
    let file = program("SERVELENS_AXE", &[]).unwrap();
    std::fs::read_to_string(file).unwrap()
}

/// Goes through all views of a sample in every look; what is wrong, a line each.
fn wrong(sample: &str, runs: usize) -> String {
    let axe = axe();
    let page = Page::start().unwrap();
    let mut wrong = String::new();
    for state in STATES {
        let hash = format!("#{state}{sample}");
        page.screen(screen(1440)).unwrap();
        page.open(hash.trim_end_matches('?')).unwrap();
        page.wait_count(RUN, runs).unwrap();
        page.wait_count(FIGURES, 1).unwrap();
        page.js(&axe).unwrap();
        for (width, media) in LOOKS {
            page.screen(screen(width)).unwrap();
            let mut features = vec![("prefers-color-scheme", "light"), ("forced-colors", "none")];
            features.extend(media);
            page.media(&features).unwrap();
            page.frames().unwrap();
            let found = page.js_async(RUN_AXE).unwrap();
            for line in found.as_array().unwrap() {
                writeln!(wrong, "{hash} at {width}, {media:?}: {line}").unwrap();
            }
            let wide = page
                .js("return document.documentElement.scrollWidth")
                .unwrap();
            if wide.as_u64() > Some(width.into()) {
                writeln!(wrong, "{hash} is {wide} wide at {width}").unwrap();
            }
        }
    }
    silent(&page);
    wrong
}

fn screen(width: u32) -> Screen {
    Screen {
        width,
        height: 844,
        mobile: width < 1000,
    }
}

#[test]
fn axe_finds_nothing_in_the_first_sample() {
    assert_eq!(wrong("", 3), "");
}

#[test]
fn axe_finds_nothing_in_the_second_sample() {
    assert_eq!(wrong("&sample=sweeps", 3), "");
}

#[test]
fn axe_finds_nothing_in_the_third_sample() {
    assert_eq!(wrong("&sample=experiment", 5), "");
}

#[test]
fn axe_sees_what_is_wrong() {
    let page = Page::start().unwrap();
    page.open("").unwrap();
    page.js(&axe()).unwrap();
    page.js("document.querySelector('main').append(document.createElement('button'))")
        .unwrap();
    let found: Value = page.js_async(RUN_AXE).unwrap();
    assert!(found.to_string().contains("button-name"), "{found}");
    assert_ne!(found, json!([]));
}
