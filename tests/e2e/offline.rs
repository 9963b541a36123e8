//! With the network off after the first visit, and after a new build.

use crate::{BANNER, FIGURES, RUN, WHO, case, loaded};
use servelens_tests::browser::{Page, dist, fresh_folder, root};
use std::path::Path;

/// What the page says of itself.
const ABOUT: &str = "return document.querySelector('meta[name=description]').content";

/// The page's caches in this browser.
const CACHES: &str = "return caches.keys().then(names => names.length)";

#[test]
fn everything_works_without_a_network_after_the_first_visit() {
    // Under a sub-path, which the service worker must not leave.
    let mut page = Page::start_on(&dist(), "/some/sub/path/").unwrap();
    page.open("").unwrap();
    loaded(&page);
    // The large sample is kept once it was opened.
    page.open("#audit?sample=sweeps").unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.stop_server();
    page.open("").unwrap();
    loaded(&page);
    page.wait_text(WHO, "No winner can be named").unwrap();
    // The second part, and figures that the first visit did not need.
    page.open("#what-if").unwrap();
    page.wait_count("[data-testid=key-figures]", 1).unwrap();
    page.open("#audit?sample=sweeps").unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.wait_count(FIGURES, 1).unwrap();
    page.drop_paths(&[&case("aiperf/0.13.0/sweep/aic")], None)
        .unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.wait(
        "the table to be kept",
        "return !location.hash.includes('sample') && !!localStorage.getItem('servelens.table')",
    )
    .unwrap();
    page.reload().unwrap();
    page.wait_count(RUN, 1).unwrap();
}

#[test]
fn a_new_build_is_seen_at_once_and_kept_in_place_of_the_old() {
    let copy = fresh_folder("build").unwrap();
    for (name, _) in xtask::size::files(&dist()).unwrap() {
        let to = copy.join(&name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(dist().join(&name), to).unwrap();
    }
    let mut page = Page::start_on(&copy, "/").unwrap();
    page.open("").unwrap();
    loaded(&page);
    assert_eq!(page.js(CACHES).unwrap(), 1);
    retitle(&copy);
    // The old page stays open, so the old files do; the network says what is new all the same.
    page.reload().unwrap();
    assert_eq!(page.js(ABOUT).unwrap(), "Newer");
    page.wait("both builds to be kept", &both("&& r.waiting"))
        .unwrap();
    assert_eq!(page.js(CACHES).unwrap(), 2);
    // It waits until no page of the old build is left, which the browser may notice a load later.
    let alone = both("&& !r.waiting && r.active?.state === 'activated'");
    for _ in 0..5 {
        page.open("").unwrap();
        if page.js(&alone).unwrap() == true {
            break;
        }
    }
    page.wait("the new build alone to be kept", &alone).unwrap();
    page.wait(
        "the old files to go",
        CACHES.replace(".length", ".length === 1").as_str(),
    )
    .unwrap();
    page.stop_server();
    page.open("").unwrap();
    loaded(&page);
    assert_eq!(page.js(ABOUT).unwrap(), "Newer");
    std::fs::remove_dir_all(copy).unwrap();
}

/// A script that tells whether the registration is so.
fn both(what: &str) -> String {
    format!("return navigator.serviceWorker.getRegistration().then(r => !!(r {what}))")
}

/// Makes another build of a copy of the page.
fn retitle(copy: &Path) {
    let index = copy.join("index.html");
    let html = std::fs::read_to_string(&index).unwrap();
    let at = html.find("Drop LLM-serving").unwrap();
    let end = at + html[at..].find('"').unwrap();
    let newer = format!("{}Newer{}", &html[..at], &html[end..]);
    assert_ne!(html, newer);
    std::fs::write(index, newer).unwrap();
    xtask::offline::write(&root(), copy).unwrap();
}
