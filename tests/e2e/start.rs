//! The first visit: an analysed sample, from exactly the files that are counted, under any path; and the harness sees what it claims to see.

use crate::views::DRAWN;
use crate::{BANNER, FIGURES, PROJECTION, RUN, WHO, case, opened, runs, silent};
use servelens_tests::browser::{NARROW, Page, dist};

/// The sentence that a part of the page could not be loaded.
const MISSING: &str = "[data-testid=rest-missing]";

#[test]
fn shows_an_analysed_sample_first() {
    let page = opened();
    page.wait_text(BANNER, "Sample data.").unwrap();
    page.wait_text(WHO, "No winner can be named").unwrap();
    page.wait_text("[data-testid=verdict-sla] .a", "TTFT")
        .unwrap();
    page.wait_text(PROJECTION, "projection").unwrap();
    page.wait_text("[data-testid=next] code", "aiperf profile")
        .unwrap();
    assert_eq!(
        runs(&page)
            .iter()
            .filter(|about| about.contains("5 points"))
            .count(),
        2
    );
    page.keep("first-visit").unwrap();
    silent(&page);
}

/// Under a sub-path, so that relative addresses are tried too.
#[test]
fn the_first_screen_needs_exactly_what_the_size_gate_counts() {
    let page = Page::start_on(&dist(), "/some/sub/path/").unwrap();
    let files = xtask::size::files(&dist()).unwrap();
    let (counted, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(_, first)| *first);
    let others: Vec<String> = others.into_iter().map(|(name, _)| name).collect();
    let mut counted: Vec<String> = counted.into_iter().map(|(name, _)| name).collect();
    counted.sort();
    assert!(!others.is_empty());
    // With everything else out of reach the screen must stand all the same.
    page.block(&others).unwrap();
    page.go(&page.url()).unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_text(WHO, "No winner can be named").unwrap();
    page.wait_text("[data-testid=next] code", "aiperf profile")
        .unwrap();
    page.wait_count(".fig canvas", 2).unwrap();
    page.wait("the charts to be drawn", DRAWN).unwrap();
    page.wait_count(MISSING, 1).unwrap();
    page.keep("without-the-rest").unwrap();
    let mut fetched = fetched(&page);
    fetched.retain(|name| !others.contains(name));
    assert_eq!(fetched, counted);
}

#[test]
fn what_is_not_counted_is_the_second_part_with_its_styles_and_the_cost_models_figures() {
    let page = opened();
    page.wait_count(FIGURES, 1).unwrap();
    let files = xtask::size::files(&dist()).unwrap();
    let mut later = fetched(&page);
    later.retain(|name| files.iter().any(|(file, first)| file == name && !first));
    assert_eq!(later.len(), 4, "{later:?}");
    assert!(later[0].starts_with("figures/") && later[0].contains("qwen3-32b"));
    assert!(later[1].starts_with("figures/") && later[1].contains("qwen3-32b"));
    assert!(later[2].starts_with("later-") && later[2].ends_with(".css"));
    assert!(later[3].contains("_rest-"), "{later:?}");
    silent(&page);
}

/// The names of the page's files that it has asked for since the last call, sorted.
fn fetched(page: &Page) -> Vec<String> {
    let here = page.url();
    let mut names: Vec<String> = page
        .requests()
        .unwrap()
        .into_iter()
        .map(|address| address.strip_prefix(&here).unwrap_or(&address).to_owned())
        .collect();
    for name in names.iter_mut().filter(|name| name.is_empty()) {
        "index.html".clone_into(name);
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_part_that_could_not_be_loaded_is_asked_for_again() {
    let page = Page::start().unwrap();
    page.block(&["_rest-".to_owned()]).unwrap();
    page.go(&page.url()).unwrap();
    page.wait_text(MISSING, "could not be loaded").unwrap();
    // What is dropped meanwhile waits.
    page.drop_paths(&[&case("aiperf/0.13.0/sweep/aic")], None)
        .unwrap();
    page.wait_text(MISSING, "could not be loaded").unwrap();
    page.block(&[]).unwrap();
    page.click(&format!("{MISSING} button")).unwrap();
    page.wait_count(MISSING, 0).unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.click(".tabs a[href='#audit']").unwrap();
    page.wait_count("section[aria-label=Audit]", 1).unwrap();
}

#[test]
fn fits_a_phone_in_every_view() {
    let page = opened();
    page.screen(NARROW).unwrap();
    let tabs = page
        .js("return [...document.querySelectorAll('.tabs a')].map(a => a.getAttribute('href'))")
        .unwrap();
    for hash in tabs.as_array().unwrap() {
        let hash = hash.as_str().unwrap();
        page.open(hash).unwrap();
        page.wait_count(RUN, 3).unwrap();
        page.wait_count(FIGURES, 1).unwrap();
        page.frames().unwrap();
        let wide = page
            .js("return document.documentElement.scrollWidth - innerWidth")
            .unwrap();
        assert!(
            wide.as_i64().unwrap() <= 0,
            "{hash} is {wide} pixels wider than a phone"
        );
    }
    silent(&page);
}

#[test]
fn the_harness_sees_violations_and_requests() {
    let page = opened();
    silent(&page);
    page.requests().unwrap();
    page.js("const s = document.createElement('script'); s.textContent = 'window.broken = 1'; document.body.append(s); fetch('boot.js'); console.error('on purpose')").unwrap();
    page.wait("the answer", "return performance.getEntriesByType('resource').filter(e => e.initiatorType === 'fetch' && e.name.endsWith('boot.js')).length > 0").unwrap();
    let complaints = page.complaints().unwrap().join("\n");
    assert!(
        complaints.contains("Content Security Policy") && complaints.contains("on purpose"),
        "{complaints}"
    );
    let requests = page.requests().unwrap();
    assert!(
        requests.iter().any(|address| address.ends_with("/boot.js")),
        "{requests:?}"
    );
    assert_eq!(
        page.js("return window.broken ?? null").unwrap(),
        serde_json::Value::Null
    );
}
