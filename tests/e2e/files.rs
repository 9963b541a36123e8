//! Handing over files: dropped, in folders, several at once, broken among good, pasted.

use crate::{
    BANNER, PROJECTION, RUN, UNUSED, WHO, case, drop_a_broken_file_among_good, opened, runs, silent,
};
use servelens_tests::browser::root;

#[test]
fn a_dropped_report_gives_two_runs_and_the_projection() {
    let page = opened();
    page.drop_paths(
        &[&root().join("data/samples/published-comparison.md")],
        None,
    )
    .unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 3).unwrap();
    let runs = runs(&page);
    assert_eq!(
        runs.iter()
            .filter(|about| about.contains("5 points"))
            .count(),
        2,
        "{runs:?}"
    );
    assert_eq!(
        runs.iter()
            .filter(|about| about.contains("1 point, concurrency 12"))
            .count(),
        1,
        "{runs:?}"
    );
    page.wait_text(WHO, "No winner can be named").unwrap();
    page.wait_text(PROJECTION, "projection").unwrap();
    page.wait_count(UNUSED, 0).unwrap();
    silent(&page);
}

#[test]
fn genai_perf_folders_are_walked() {
    let page = opened();
    let sweep = case("genai-perf/0.0.16/sweep");
    page.drop_paths(&[&sweep.join("aic"), &sweep.join("baseline")], None)
        .unwrap();
    page.wait_count(RUN, 2).unwrap();
    for about in runs(&page) {
        assert!(
            about.contains("GenAI-Perf") && about.contains("3 points"),
            "{about}"
        );
    }
    page.wait_text(WHO, "aic").unwrap();
    page.keep("genai-perf").unwrap();
    silent(&page);
}

#[test]
fn an_aiperf_sweep_added_in_two_drops_replaces_nothing() {
    let page = opened();
    let sweep = case("aiperf/0.13.0/sweep");
    page.drop_paths(&[&sweep.join("aic")], None).unwrap();
    page.wait_count(RUN, 1).unwrap();
    page.drop_paths(&[&sweep.join("baseline")], Some((700.0, 300.0)))
        .unwrap();
    page.wait_count(RUN, 2).unwrap();
    for about in runs(&page) {
        assert!(
            about.contains("AIPerf 0.13.0") && about.contains("3 points"),
            "{about}"
        );
    }
    page.wait_text(WHO, "aic").unwrap();
    silent(&page);
}

#[test]
fn a_broken_file_is_explained_and_the_others_are_kept() {
    let page = opened();
    let said = drop_a_broken_file_among_good(&page);
    assert!(
        said.contains("a-cut-off.json") && said.contains("line 40, column 2"),
        "{said}"
    );
    page.keep("broken").unwrap();
    silent(&page);
}

#[test]
fn text_can_be_pasted_into_the_dialog_and_from_the_clipboard() {
    let page = opened();
    let table = "| Concurrency | Tuned | Plain |\n|---|---|---|\n| 1 | 100 tokens/s | 90 tokens/s |\n| 8 | 640 tokens/s | 510 tokens/s |\n";
    open_paste(&page);
    page.insert_text(table).unwrap();
    page.click("[aria-label=Paste] .btn-primary").unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 2).unwrap();

    page.cdp(
        "Browser.grantPermissions",
        serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }),
    )
    .unwrap();
    let other = table.replace("Tuned", "Second").replace("Plain", "Third");
    page.js_with("navigator.clipboard.writeText(arguments[0]).then(() => document.body.dataset.copied = 'yes')", vec![other.into()]).unwrap();
    page.wait(
        "the clipboard",
        "return document.body.dataset.copied === 'yes'",
    )
    .unwrap();
    page.edit_key("v", "paste").unwrap();
    page.wait_count(RUN, 4).unwrap();
    silent(&page);
}

/// Opens the paste dialog through the palette and waits for its field.
fn open_paste(page: &servelens_tests::browser::Page) {
    page.key("k", &["ctrl"]).unwrap();
    page.wait(
        "the palette",
        "return document.activeElement?.id === 'palette-q'",
    )
    .unwrap();
    page.insert_text("paste").unwrap();
    page.wait_count("#palette-list [role=option]", 1).unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait(
        "the paste field",
        "return document.activeElement?.id === 'paste-text'",
    )
    .unwrap();
}

#[test]
fn a_drag_is_announced_and_leaves_no_trace() {
    let page = opened();
    page.js(
        "window.into = []; addEventListener('dragenter', e => window.into.push(e.target), true)",
    )
    .unwrap();
    let file = root().join("data/samples/published-comparison.md");
    page.drag_over(&file, (700.0, 450.0)).unwrap();
    page.wait_text(".layer.drag", "Drop to add").unwrap();
    // The second point is on the overlay itself: it must not count as leaving.
    page.drag_over(&file, (500.0, 400.0)).unwrap();
    page.frames().unwrap();
    page.wait_count(".layer.drag", 1).unwrap();
    page.keep("drag").unwrap();
    // DevTools can't drag out of the window: the browser's own event for it, on every element that was entered last.
    page.js("window.into.at(-1).dispatchEvent(new DragEvent('dragleave', {bubbles: true}))")
        .unwrap();
    page.wait_count(".layer.drag", 0).unwrap();
    page.wait_text(BANNER, "Sample data.").unwrap();
    silent(&page);
}
