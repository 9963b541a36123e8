//! The first visit: an analysed sample, from exactly the files that are counted, under any path; and the harness sees what it claims to see.

use crate::{BANNER, FIGURES, PROJECTION, RUN, WHO, opened, runs, silent};
use servelens_tests::browser::{NARROW, Page, dist};

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

#[test]
fn works_under_a_sub_path_and_fetches_exactly_what_the_size_gate_counts() {
    let page = Page::start_on(&dist(), "/some/sub/path/").unwrap();
    page.open("").unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_count(FIGURES, 1).unwrap();
    let here = page.url();
    let mut fetched: Vec<String> = page
        .requests()
        .unwrap()
        .into_iter()
        .map(|address| address.strip_prefix(&here).unwrap_or(&address).to_owned())
        .collect();
    for name in fetched.iter_mut().filter(|name| name.is_empty()) {
        "index.html".clone_into(name);
    }
    // What comes after the first screen: the cost model's figures, the small packs, once.
    let packs: Vec<String> = fetched
        .extract_if(.., |name| name.starts_with("figures/"))
        .collect();
    assert_eq!(packs.len(), 2, "{packs:?}");
    assert!(
        packs.iter().all(|name| name.contains("qwen3-32b")),
        "{packs:?}"
    );
    fetched.sort();
    fetched.dedup();
    let mut counted: Vec<String> = xtask::size::files(&dist())
        .unwrap()
        .into_iter()
        .filter_map(|(name, first)| first.then_some(name))
        .collect();
    counted.sort();
    assert_eq!(fetched, counted);
    silent(&page);
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
