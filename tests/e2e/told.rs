//! What must not happen without a word: a table that can't be kept, is damaged, overwritten or missing; links to other tables; deploys.

use crate::{BANNER, RUN, UNUSED, case, drop_a_broken_file_among_good, loaded, opened, silent};
use serde_json::json;
use servelens_tests::browser::{Page, dist, fresh_folder};

const NOTICE: &str = "[data-testid=notice]";

fn with_a_run(page: &Page) {
    page.drop_paths(&[&case("aiperf/0.13.0/sweep/aic")], None)
        .unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 1).unwrap();
}

fn kept(page: &Page) {
    let script = "return !!localStorage.getItem('servelens.table')";
    page.wait("the table to be kept", script).unwrap();
}

#[test]
fn a_browser_without_any_store_still_shows_everything() {
    let page = Page::start().unwrap();
    let refuse = "for (const name of ['localStorage', 'indexedDB']) Object.defineProperty(window, name, {get() { throw new DOMException('Access is denied.', 'SecurityError'); }});";
    page.cdp(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": refuse }),
    )
    .unwrap();
    page.open("").unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.click("header button[title='Change the theme']")
        .unwrap();
    with_a_run(&page);
    page.wait_text(NOTICE, "can’t keep the table").unwrap();
    page.click(&format!("{NOTICE} button:last-child")).unwrap();
    page.wait_count(NOTICE, 0).unwrap();
}

#[test]
fn a_full_store_is_told_at_once_and_after_a_reload() {
    let page = opened();
    page.js("IDBObjectStore.prototype.put = () => { throw new DOMException('The quota has been exceeded.', 'QuotaExceededError'); }")
        .unwrap();
    with_a_run(&page);
    page.wait_text(NOTICE, "can’t keep the table").unwrap();
    page.reload().unwrap();
    page.wait_text(NOTICE, "not here any more").unwrap();
    // With room again the table is kept, and nothing is told.
    with_a_run(&page);
    page.wait_count(NOTICE, 0).unwrap();
    page.reload().unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.wait_count(NOTICE, 0).unwrap();
}

#[test]
fn a_damaged_store_is_told() {
    let page = opened();
    with_a_run(&page);
    kept(&page);
    page.js_async(
        "
        const done = arguments[arguments.length - 1];
        indexedDB.open('servelens', 1).onsuccess = e => {
          const step = e.target.result.transaction(['kept'], 'readwrite');
          step.objectStore('kept').put(new Uint8Array([1, 2, 3]), 'workspace');
          step.oncomplete = () => { e.target.result.close(); done(true); };
        };",
    )
    .unwrap();
    page.reload().unwrap();
    page.wait_text(NOTICE, "can’t be read").unwrap();
    page.wait_count(BANNER, 1).unwrap();
    silent(&page);
}

#[test]
fn another_tab_that_keeps_its_table_is_told() {
    let page = opened();
    with_a_run(&page);
    kept(&page);
    page.wait_count(NOTICE, 0).unwrap();
    // A window of the same origin is another tab to this one.
    page.js("const other = window.open(''); other.localStorage.setItem('servelens.table', 'other'); other.close();")
        .unwrap();
    page.wait_text(NOTICE, "Another tab").unwrap();
    page.click(&format!("{NOTICE} button")).unwrap();
    page.wait_count(NOTICE, 0).unwrap();
    page.wait(
        "the table to be kept again",
        "return localStorage.getItem('servelens.table') !== 'other'",
    )
    .unwrap();
    silent(&page);
}

#[test]
fn a_link_over_other_results_says_so_and_one_over_these_does_not() {
    let page = opened();
    page.open("#sla?ttft=450&table=0badf00d").unwrap();
    page.wait_text(NOTICE, "results that aren’t in it").unwrap();
    page.wait_count(RUN, 0).unwrap();
    page.wait_count(BANNER, 0).unwrap();
    with_a_run(&page);
    page.wait_text(NOTICE, "other results than these").unwrap();
    kept(&page);
    page.wait(
        "its own mark",
        "return /table=[0-9a-f]{8}/.test(location.hash) && !location.hash.includes('0badf00d')",
    )
    .unwrap();
    page.reload().unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.wait_count(NOTICE, 0).unwrap();
    silent(&page);
}

#[test]
fn a_samples_address_typed_into_an_open_tab_opens_it() {
    let page = opened();
    page.js("location.hash = '#compare?sample=sweeps'").unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Compare")
        .unwrap();
    // Going back changes the view, not what is on the table.
    page.click(".tabs a[href='#audit']").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Audit")
        .unwrap();
    page.js("history.back()").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Compare")
        .unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    silent(&page);
}

#[test]
fn a_build_with_missing_files_offers_a_reload() {
    let copy = fresh_folder("halfway").unwrap();
    for (name, _) in xtask::size::files(&dist()).unwrap() {
        let to = copy.join(&name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        if !(name.starts_with("servelens-") && name.ends_with(".wasm")) {
            std::fs::copy(dist().join(&name), to).unwrap();
        }
    }
    let page = Page::start_on(&copy, "/").unwrap();
    page.go(&page.url()).unwrap();
    page.wait_text(".crash", "A file of ServeLens is missing")
        .unwrap();
    page.wait_text(".crash button", "Reload").unwrap();
    std::fs::remove_dir_all(copy).unwrap();
}

#[test]
fn what_cannot_be_read_is_said_above_the_view_and_nonsense_is_refused() {
    let page = opened();
    let file = drop_a_broken_file_among_good(&page);
    page.wait_text(NOTICE, "Not everything could be read")
        .unwrap();
    page.wait_text(NOTICE, "a-cut-off.json").unwrap();
    assert!(page.text(UNUSED).unwrap() == file);
    page.js("const e = document.getElementById('run-gpus-0'); e.value = 'abc'; e.dispatchEvent(new Event('change', {bubbles: true}))")
        .unwrap();
    page.wait_text(".run .refused", "“abc” isn’t a number of GPUs")
        .unwrap();
    silent(&page);
}

#[test]
fn views_that_are_left_leave_nothing_behind() {
    let page = opened();
    let round = || {
        for view in [
            "compare", "sla", "accuracy", "what-if", "audit", "report", "verdict",
        ] {
            page.click(&format!(".tabs a[href='#{view}']")).unwrap();
            page.frames().unwrap();
        }
        with_a_run(&page);
        page.click(".tray-foot button").unwrap();
        page.wait_count(RUN, 0).unwrap();
        page.frames().unwrap();
    };
    let nodes = || {
        for _ in 0..3 {
            page.cdp("HeapProfiler.collectGarbage", json!({})).unwrap();
        }
        let count = page.cdp("Memory.getDOMCounters", json!({})).unwrap();
        count["nodes"].as_u64().unwrap()
    };
    round();
    let first = nodes();
    for _ in 0..4 {
        round();
    }
    let last = nodes();
    eprintln!("{first} nodes after one round of all views, {last} after five.");
    assert!(last <= first + 60, "{first} nodes became {last}");
}

#[test]
fn the_large_sample_is_fetched_when_it_is_wanted_and_kept_from_then_on() {
    let mut page = Page::start().unwrap();
    page.open("").unwrap();
    loaded(&page);
    let zips = "return caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys())))).then(all => all.flat().filter(r => r.url.endsWith('.zip')).length)";
    assert_eq!(page.js(zips).unwrap(), 0);
    page.open("#verdict?sample=sweeps").unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.wait("the sample to be kept", zips).unwrap();
    page.stop_server();
    page.open("#verdict?sample=sweeps").unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
}
