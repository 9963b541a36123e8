//! Requests at one load: one selection by mouse and by keys, the list follows; warm-up; goodput under a typed limit.

use crate::{opened, silent};
use servelens_tests::browser::Page;

const PLOT: &str = "[data-testid=timeline]";
const ABOUT: &str = "[data-testid=listing-about]";

/// The sample's requests at concurrency 50.
fn requests() -> Page {
    let page = Page::start().unwrap();
    page.open("#compare?sample=sweeps").unwrap();
    page.click(".subtabs a:last-child").unwrap();
    page.wait_text("[data-testid=requests-head] h1", "p95 TTFT")
        .unwrap();
    page.frames().unwrap();
    page
}

/// Where the slider of an edge stands, seconds.
fn edge(page: &Page, which: &str) -> f64 {
    let script =
        "return Number(document.querySelector(arguments[0]).getAttribute('aria-valuenow'))";
    let selector = format!("[data-testid=brush-{which}]");
    page.js_with(script, vec![selector.into()])
        .unwrap()
        .as_f64()
        .unwrap()
}

/// The starts of the requests that the list shows, seconds.
fn starts(page: &Page) -> Vec<f64> {
    page.texts("[data-testid=requests-table] tbody td:nth-of-type(1)")
        .unwrap()
        .iter()
        .map(|t| t.trim().parse().unwrap())
        .collect()
}

/// How many requests the list counts.
fn counted(page: &Page) -> u32 {
    let text = page.text(ABOUT).unwrap();
    let first: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '\u{202f}')
        .filter(char::is_ascii_digit)
        .collect();
    first.parse().unwrap()
}

#[test]
fn a_mouse_selects_requests_in_every_chart_and_the_list() {
    let page = requests();
    page.wait_text("[data-testid=listing] h2", "All requests")
        .unwrap();
    let all = counted(&page);
    page.drag(PLOT, (0.3, 0.5), (0.5, 0.5)).unwrap();
    page.wait_text("[data-testid=listing] h2", "Brushed requests")
        .unwrap();
    let (from, to) = (edge(&page, "from"), edge(&page, "to"));
    assert!(from < to);
    let some = counted(&page);
    assert!(some > 0 && some < all, "{some} of {all}");
    let shown = starts(&page);
    assert!(!shown.is_empty());
    assert!(
        shown.iter().all(|s| *s >= from - 5e-4 && *s <= to + 5e-4),
        "{shown:?} outside {from} to {to}"
    );
    // The address carries the selection.
    page.wait("the address", "return location.hash.includes('brush=')")
        .unwrap();
    page.keep("requests-brushed").unwrap();
    page.key("Escape", &[]).unwrap();
    page.wait_text("[data-testid=listing] h2", "All requests")
        .unwrap();
    assert_eq!(counted(&page), all);
    silent(&page);
}

#[test]
fn keys_move_the_edges_and_walk_and_pin_requests() {
    let page = requests();
    let all = counted(&page);
    page.js("document.querySelector('[data-testid=brush-to]').focus()")
        .unwrap();
    let end = edge(&page, "to");
    for _ in 0..15 {
        page.key("ArrowLeft", &["shift"]).unwrap();
    }
    page.wait_text("[data-testid=listing] h2", "Brushed requests")
        .unwrap();
    let to = edge(&page, "to");
    assert!(to < end, "{to} of {end}");
    assert!(counted(&page) < all);
    assert!(starts(&page).iter().all(|s| *s <= to + 5e-4));
    page.js("document.querySelector('[data-testid=timeline]').focus()")
        .unwrap();
    page.key("ArrowRight", &[]).unwrap();
    page.key("ArrowRight", &[]).unwrap();
    page.wait_text(".tip", "Request time").unwrap();
    let walked = page.text(".tip .nb").unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_count(".tip[role=dialog]", 1).unwrap();
    // The pinned request is the list's first row.
    let first = page
        .text("[data-testid=requests-table] tbody tr.sel th")
        .unwrap();
    assert!(
        walked.ends_with(&format!(" {}", first.trim())),
        "{walked} against {first}"
    );
    page.key("ArrowDown", &[]).unwrap();
    page.key("Escape", &[]).unwrap();
    page.wait_count(".tip", 0).unwrap();
    page.wait_text("[data-testid=listing] h2", "All requests")
        .unwrap();
    silent(&page);
}

#[test]
fn the_warm_up_switch_changes_the_figures() {
    let page = requests();
    let label =
        "return document.querySelector('[data-testid=timeline]').getAttribute('aria-label')";
    let before = page.js(label).unwrap();
    let read = page.text("[data-testid=read-out]").unwrap();
    page.click("[aria-label='Warm-up'] button:nth-child(2)")
        .unwrap();
    page.wait("other figures", &format!("{label} !== {before}"))
        .unwrap();
    let after = page.js(label).unwrap();
    assert!(after.as_str().unwrap().contains("450 requests"), "{after}");
    page.click("[aria-label='Warm-up'] button:nth-child(3)")
        .unwrap();
    page.wait_text("[data-testid=read-out]", "MSER-5").unwrap();
    assert_ne!(page.text("[data-testid=read-out]").unwrap(), read);
    page.click("[aria-label='Metric of a request'] button:nth-child(2)")
        .unwrap();
    page.wait_text("[data-testid=requests-head] h1", "TPOT")
        .unwrap();
    silent(&page);
}

#[test]
fn goodput_follows_a_typed_limit() {
    let page = Page::start().unwrap();
    page.open("#sla?sample=sweeps").unwrap();
    page.wait_text("[data-testid=goodput] table", " of ")
        .unwrap();
    let before = page.text("[data-testid=goodput] table").unwrap();
    page.js("const i = document.getElementById('limit-ttft'); i.focus(); i.select()")
        .unwrap();
    page.insert_text("150").unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait(
        "another goodput",
        &format!(
            "return document.querySelector('[data-testid=goodput] table').innerText !== {}",
            serde_json::json!(before)
        ),
    )
    .unwrap();
    page.wait_text("[data-testid=goodput] figure", "TTFT ≤ 150")
        .unwrap();
    page.wait_text(".sect table", "recomputed, n").unwrap();
    // Any percentile, kept in the address.
    page.wait_text("[data-testid=percentile] h2", "p99.9")
        .unwrap();
    page.js("const i = document.getElementById('percentile'); i.focus(); i.select()")
        .unwrap();
    page.insert_text("97.5").unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_text("[data-testid=percentile] h2", "p97.5")
        .unwrap();
    page.wait_text("[data-testid=percentile] table", "ms")
        .unwrap();
    page.wait(
        "the address",
        "return location.hash.includes('percentile=97.5')",
    )
    .unwrap();
    page.keep("sla-goodput").unwrap();
    silent(&page);
}

#[test]
fn without_records_the_view_names_the_files_that_bring_them() {
    let page = opened();
    page.open("#compare?show=requests").unwrap();
    page.wait_text("[data-testid=no-records]", "summaries only")
        .unwrap();
    silent(&page);
}
