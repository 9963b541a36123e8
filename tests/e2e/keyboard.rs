//! By keys alone: where the focus goes, what is said, what the window is called.

use crate::views::DRAWN;
use crate::{RUN, command, opened, silent};
use servelens_tests::browser::{NARROW, Page};

/// Waits until what has the focus matches.
fn wait_focus(page: &Page, selector: &str) {
    page.wait(
        &format!("the focus on {selector}"),
        &format!("return !!document.activeElement?.matches({selector:?})"),
    )
    .unwrap();
}

#[test]
fn a_dialog_keeps_the_tab_key_and_gives_the_focus_back() {
    let page = opened();
    for (opener, first) in [
        (".find", "#palette-q"),
        ("header button[aria-label^='Keyboard']", "#help-close"),
    ] {
        page.js(&format!("document.querySelector({opener:?}).focus()"))
            .unwrap();
        page.key("Enter", &[]).unwrap();
        wait_focus(&page, first);
        for shift in [&[][..], &["shift"], &[]] {
            page.key("Tab", shift).unwrap();
            wait_focus(&page, "#dialog *");
        }
        page.key("Escape", &[]).unwrap();
        page.wait_count("#dialog", 0).unwrap();
        wait_focus(&page, opener);
    }
    silent(&page);
}

#[test]
fn after_copying_and_undoing_the_focus_is_not_lost() {
    let page = opened();
    let share = ".menu-at > .btn[aria-haspopup]";
    page.js(&format!("document.querySelector({share:?}).focus()"))
        .unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_count(".menu", 1).unwrap();
    page.key("Tab", &[]).unwrap();
    wait_focus(&page, ".menu .mi");
    page.key("Escape", &[]).unwrap();
    wait_focus(&page, share);
    // A run goes, and the way back has the focus; then it is there again.
    page.js("document.getElementById('run-x-1').focus()")
        .unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_count(RUN, 2).unwrap();
    page.wait(
        "some focus",
        "return document.activeElement !== document.body",
    )
    .unwrap();
    page.js("document.getElementById('undo-step').focus()")
        .unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait(
        "some focus",
        "return document.activeElement !== document.body",
    )
    .unwrap();
    // A name that was changed draws the rows anew, under the one who goes on.
    page.js("const e = document.getElementById('run-name-0'); e.focus(); e.select()")
        .unwrap();
    page.insert_text("tuned").unwrap();
    page.key("Tab", &[]).unwrap();
    page.wait(
        "the name",
        "return document.getElementById('run-name-0').value === 'tuned'",
    )
    .unwrap();
    wait_focus(&page, "#run-x-0");
    command(&page, "undo the last step");
    page.wait(
        "the old name",
        "return document.getElementById('run-name-0').value !== 'tuned'",
    )
    .unwrap();
    page.key("Z", &["ctrl", "shift"]).unwrap();
    page.wait(
        "the new name",
        "return document.getElementById('run-name-0').value === 'tuned'",
    )
    .unwrap();
    silent(&page);
}

#[test]
fn marks_are_said_while_walking_with_every_run_at_the_load() {
    let page = opened();
    page.wait("the chart to be drawn", DRAWN).unwrap();
    page.js("document.querySelector('.fig .plot').focus()")
        .unwrap();
    page.key("ArrowRight", &[]).unwrap();
    page.wait_text("[data-testid=read-aloud]", "Concurrency")
        .unwrap();
    let said = page.text("[data-testid=read-aloud]").unwrap();
    for part in [
        "AIC-Configured",
        "Baseline",
        "difference",
        "withheld from verdicts",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    page.key("ArrowRight", &[]).unwrap();
    page.wait(
        "the next mark",
        &format!(
            "return document.querySelector('[data-testid=read-aloud]').innerText !== {said:?}"
        ),
    )
    .unwrap();
    silent(&page);
}

#[test]
fn the_window_is_called_after_the_view_and_the_verdict_has_headings() {
    let page = opened();
    let heads = page.texts(".verdict h2").unwrap();
    assert_eq!(heads.len(), 3, "{heads:?}");
    for (key, title) in [("3", "SLA · ServeLens"), ("1", "Verdict · ServeLens")] {
        page.key(key, &[]).unwrap();
        page.wait(title, &format!("return document.title === {title:?}"))
            .unwrap();
    }
    silent(&page);
}

#[test]
fn the_palette_finds_what_views_can_be_turned_to() {
    let page = opened();
    command(&page, "set ttft limit");
    wait_focus(&page, "#limit-ttft");
    command(&page, "sla judges p99");
    page.wait("the statistic", "return location.hash.includes('at=p99')")
        .unwrap();
    command(&page, "compare: time to first token");
    page.wait(
        "the metric",
        "return location.hash.includes('compare?metric=ttft')",
    )
    .unwrap();
    command(&page, "save chart time to first");
    page.wait_count(".fig .menu-s", 1).unwrap();
    page.key("Escape", &[]).unwrap();
    page.wait_count(".fig .menu-s", 0).unwrap();
    wait_focus(&page, "[data-save='Time to first token']");
    silent(&page);
}

#[test]
fn the_drawer_of_a_phone_takes_the_focus_and_gives_it_back() {
    let page = opened();
    page.screen(NARROW).unwrap();
    let opener = "button[aria-controls=tray]";
    page.js(&format!("document.querySelector({opener:?}).focus()"))
        .unwrap();
    page.key("Enter", &[]).unwrap();
    wait_focus(&page, "#tray");
    page.key("Escape", &[]).unwrap();
    wait_focus(&page, opener);
    silent(&page);
}
