//! The cost model's figures: fetched after the first screen, used by every check that asked for them.

use crate::{FIGURES, RUN, opened, silent};
use servelens_tests::browser::{Page, dist, fresh_folder};

#[test]
fn the_checks_that_need_the_cost_model_have_it() {
    let page = opened();
    page.click(".tabs a[href='#audit']").unwrap();
    // The choice of the sweep against the projected one; the work that was done, projected again.
    for figure in ["346.4", "379.0", "812.5", "of a projection"] {
        page.wait(
            figure,
            &format!("return document.querySelector('main').textContent.includes('{figure}')"),
        )
        .unwrap();
    }
    page.keep("audit-with-cost-model").unwrap();
    silent(&page);
}

#[test]
fn a_damaged_or_missing_pack_leaves_the_rest_standing() {
    let copy = fresh_folder("damaged").unwrap();
    for (name, _) in xtask::size::files(&dist()).unwrap() {
        let to = copy.join(&name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut bytes = std::fs::read(dist().join(&name)).unwrap();
        if name.contains("aic-0.2-qwen3-32b") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x40;
        }
        std::fs::write(to, bytes).unwrap();
    }
    let page = Page::start_on(&copy, "/").unwrap();
    page.open("").unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_text("[data-testid=said]", "cannot be used")
        .unwrap();
    page.wait_count(FIGURES, 0).unwrap();
    page.click(".tabs a[href='#audit']").unwrap();
    page.wait_text(
        "main",
        "Whether the projected configuration is the best of its sweep is not known",
    )
    .unwrap();
    page.click(".tabs a[href='#what-if']").unwrap();
    page.wait_text(".head p", "cannot be used").unwrap();
    page.wait_text(".head button", "Try again").unwrap();
    page.wait_count("[data-testid=key-figures]", 0).unwrap();
    silent(&page);
    std::fs::remove_dir_all(copy).unwrap();
}
