//! The experiment behind the published comparison: what its records correct.

use crate::{BANNER, RUN, opened, silent};

const CORRECTION: &str = "[data-testid=correction]";

#[test]
fn the_raw_files_correct_the_published_figures() {
    let page = opened();
    page.click("[data-testid=behind]").unwrap();
    page.wait_text(BANNER, "The experiment behind the report.")
        .unwrap();
    page.wait_count(RUN, 5).unwrap();
    page.wait_text(CORRECTION, "The summaries left out 576 of 700 requests.")
        .unwrap();
    page.wait_text("[data-testid=verdict-who] .a", "aic-agg leads")
        .unwrap();
    page.wait_text("[data-testid=verdict-sla] .a", "TTFT was not measured")
        .unwrap();
    page.wait_text(
        "[data-testid=verdict-projection] .a",
        "within 6\u{a0}% of the run",
    )
    .unwrap();
    page.keep("truth-verdict").unwrap();

    page.click(&format!("{CORRECTION} > a")).unwrap();
    page.wait_text(".tabs [aria-current=page]", "Audit")
        .unwrap();
    page.wait_text("h1", "counted 124 of 700 requests").unwrap();
    let rows = page.texts("[data-testid=trace] tbody tr").unwrap();
    // Seven loads of two systems, and their two heads.
    assert_eq!(rows.len(), 16, "{rows:?}");
    let at_10 = rows.iter().find(|r| r.contains("46.55")).unwrap();
    assert!(at_10.contains("31.3"), "{at_10}");
    let causes = page.texts(".cause .id").unwrap();
    for id in ["RECOUNT", "STREAM", "REPEAT", "CAP"] {
        assert!(causes.iter().any(|c| c == id), "{id} is not in {causes:?}");
    }
    page.keep("truth-sources").unwrap();

    // By their summaries nothing is corrected, and no winner is named.
    page.click(".trayseg button:last-child").unwrap();
    page.click(".tabs a[href='#verdict']").unwrap();
    page.wait_text("[data-testid=verdict-who] .a", "No winner can be named")
        .unwrap();
    page.wait_count(CORRECTION, 0).unwrap();
    page.click(".trayseg button:first-child").unwrap();
    page.wait_count(CORRECTION, 1).unwrap();
    silent(&page);
}

#[test]
fn accuracy_shows_what_explains_the_run_and_opens_it_in_what_if() {
    let page = opened();
    page.open("#accuracy?sample=experiment").unwrap();
    page.wait_count(RUN, 5).unwrap();
    page.wait_count(".explain", 2).unwrap();
    let names = page.texts(".explain tbody th button").unwrap();
    assert!(names[0].contains("16-bit weights"), "{names:?}");
    assert!(
        names.iter().any(|n| n.contains("16-bit weights, TP8")),
        "{names:?}"
    );
    page.keep("truth-accuracy").unwrap();
    page.click(".explain tbody th button").unwrap();
    page.wait_text(".tabs [aria-current=page]", "What-if")
        .unwrap();
    silent(&page);
}
