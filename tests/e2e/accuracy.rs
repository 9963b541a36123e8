//! Projection against measurement: refused with the failing conditions, or given with its sign.

use crate::{BANNER, RUN, opened, silent};
use servelens_tests::browser::Page;

/// The words of the table in a part of the view, row by row, without the spaces inside numbers.
fn rows(page: &Page, part: &str) -> Vec<String> {
    page.texts(&format!("{part} tbody tr"))
        .unwrap()
        .into_iter()
        .map(|row| {
            row.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace(['\u{202f}', '\u{2060}'], "")
        })
        .collect()
}

#[test]
fn the_report_is_not_comparable_and_its_work_is_projected_again() {
    let page = opened();
    page.click("[data-testid=verdict-projection] .trust a")
        .unwrap();
    page.wait_text(".tabs [aria-current=page]", "Accuracy")
        .unwrap();
    page.wait_text(".head h1", "cannot be checked").unwrap();
    page.wait_text(".head .badge", "Not comparable").unwrap();
    page.wait_text(".head p", "Three of six conditions fail")
        .unwrap();
    let conditions = rows(&page, "[data-testid=conditions]");
    assert_eq!(conditions.len(), 6, "{conditions:?}");
    for (name, word) in [
        ("Model", "Matches"),
        ("Input length", "Matches"),
        ("Output length", "Fails"),
        ("Concurrency", "Fails"),
        ("Unit and definition", "Fails"),
    ] {
        let row = conditions.iter().find(|r| r.starts_with(name)).unwrap();
        assert!(row.ends_with(word), "{row}");
    }
    // The cost tables come after the first screen.
    page.wait_count("[data-testid=re-projection] canvas", 1)
        .unwrap();
    assert_eq!(
        rows(&page, "[data-testid=re-projection]"),
        [
            "1 5.90 0.40 7",
            "10 13.48 2.93 22",
            "50 14.69 3.02 21",
            "100 14.69 5.52 38",
            "250 14.69 9.64 66",
        ]
    );
    let struck = page.texts("[data-testid=steps] .struck").unwrap();
    assert_eq!(struck, ["53\u{a0}%", "6.7\u{a0}%"]);
    page.wait_text("[data-testid=calibration]", "at least three")
        .unwrap();
    assert!(!page.text("main").unwrap().contains("Signed error"));
    page.keep("accuracy-blocked").unwrap();
    silent(&page);
}

#[test]
fn comparable_data_show_a_signed_error_and_its_table() {
    let page = opened();
    page.open("#accuracy?sample=sweeps").unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.wait_text(".fig h2", "Signed error").unwrap();
    page.wait_count("[data-testid=calibration] canvas", 1)
        .unwrap();
    page.keep("accuracy-comparable").unwrap();
    page.click(".fig-tools button[title='Show as table']")
        .unwrap();
    page.wait_count(".view > .fig canvas", 0).unwrap();
    let table = rows(&page, ".view > .fig");
    assert_eq!(table.len(), 5, "{table:?}");
    let row = |name: &str| table.iter().find(|r| r.starts_with(name)).unwrap();
    // AIConfigurator's own figure beside the run's, with a true minus in the error.
    let per_gpu = row("Output per GPU, by wall time");
    assert!(per_gpu.contains("414.3 458.0 −9.6"), "{per_gpu}");
    assert!(row("TPOT").contains("9.04 7.65 +18.2"), "{table:?}");
    // The calibration chart has its twin, too: every load of each figure.
    page.click("[data-testid=calibration] button[title='Show as table']")
        .unwrap();
    page.wait_count("[data-testid=calibration] canvas", 0)
        .unwrap();
    let loads = rows(&page, "[data-testid=calibration] .fig");
    assert_eq!(loads.len(), 24, "{loads:?}");
    silent(&page);
}

#[test]
fn an_unknown_gpu_count_takes_the_error_away() {
    let page = opened();
    page.open("#accuracy?sample=sweeps").unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_text(".fig h2", "Signed error").unwrap();
    crate::choose(&page, &format!("{RUN} input[aria-label*=GPUs]"), "");
    page.wait_text(".head .badge", "Not comparable").unwrap();
    assert!(!page.text("main").unwrap().contains("Signed error"));
    silent(&page);
}
