//! What lasts and what never happens: no request after loading, the workspace over a reload, links, undo, downloads.

use crate::{BANNER, RUN, case, choose, command, opened, roles, runs, silent};
use servelens_tests::browser::Page;

fn with_sweep(page: &Page) {
    let sweep = case("aiperf/0.13.0/sweep");
    page.drop_paths(&[&sweep.join("aic"), &sweep.join("baseline")], None)
        .unwrap();
    page.wait_count(BANNER, 0).unwrap();
    page.wait_count(RUN, 2).unwrap();
}

#[test]
fn asks_the_network_for_nothing_after_loading() {
    let page = opened();
    page.requests().unwrap();
    // What the page's threads and its service worker ask for, the server sees alone.
    let answered = page.answered();
    page.offline(true).unwrap();
    with_sweep(&page);
    let names = page.texts(".tabs a").unwrap();
    assert!(names.len() > 5, "{names:?}");
    for (place, name) in names.iter().enumerate().rev() {
        page.key(&(place + 1).to_string(), &[]).unwrap();
        let name = name.split_whitespace().next().unwrap();
        page.wait_text(".tabs [aria-current=page]", name).unwrap();
        page.frames().unwrap();
    }
    page.click("header button[title='Change the theme']")
        .unwrap();
    let folder = page.downloads().unwrap();
    command(&page, "report as one html");
    page.downloaded(&folder, ".html").unwrap();
    assert_eq!(page.requests().unwrap(), Vec::<String>::new());
    assert_eq!(page.answered(), answered);
    silent(&page);
}

#[test]
fn the_report_is_saved_as_markdown() {
    let page = opened();
    let folder = page.downloads().unwrap();
    command(&page, "report as markdown");
    let text = page.downloaded(&folder, ".md").unwrap();
    assert!(text.starts_with("# "), "{text}");
    for expected in ["AIC-Configured", "138.41", "196.783"] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    silent(&page);
}

#[test]
fn a_reload_keeps_the_runs_and_the_view() {
    let page = opened();
    with_sweep(&page);
    page.key("3", &[]).unwrap();
    page.wait_text(".tabs [aria-current=page]", "SLA").unwrap();
    let before = runs(&page);
    kept(&page);
    page.reload().unwrap();
    page.wait_count(RUN, 2).unwrap();
    assert_eq!(runs(&page), before);
    page.wait_text(".tabs [aria-current=page]", "SLA").unwrap();
    page.wait_count(BANNER, 0).unwrap();
    silent(&page);
}

#[test]
fn a_linked_sample_leaves_the_kept_runs_alone() {
    let page = opened();
    with_sweep(&page);
    let own = runs(&page);
    kept(&page);
    page.open("#verdict?sample=sweeps").unwrap();
    page.wait_count(BANNER, 1).unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.click(&format!("{BANNER} button")).unwrap();
    page.wait_count(RUN, 0).unwrap();
    page.frames().unwrap();
    page.open("#verdict").unwrap();
    page.wait_count(RUN, 2).unwrap();
    assert_eq!(runs(&page), own);
    silent(&page);
}

#[test]
fn a_link_restores_view_limits_and_sample() {
    let page = opened();
    let link = "#sla?ttft=450&tpot=20&sample=sweeps";
    page.open(link).unwrap();
    page.wait_count(RUN, 3).unwrap();
    page.wait_text(BANNER, "Simulated server").unwrap();
    page.wait_text(".tabs [aria-current=page]", "SLA").unwrap();
    let address = page.js("return location.hash").unwrap();
    assert_eq!(address, link);
    let limits = page
        .js("return [...document.querySelectorAll('.slabar input')].map(i => i.value)")
        .unwrap();
    let limits: Vec<&str> = limits
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|value| value.as_str())
        .collect();
    assert!(
        limits.contains(&"450") && limits.contains(&"20"),
        "{limits:?}"
    );
    silent(&page);
}

#[test]
fn roles_change_and_ctrl_z_takes_it_back() {
    let page = opened();
    let before = roles(&page);
    assert_eq!(before[..2], ["candidate", "baseline"]);
    choose(&page, "[data-testid=run-row] select", "baseline");
    page.wait(
        "the roles to swap",
        "return document.querySelectorAll('[data-testid=run-row] select')[1].value === 'candidate'",
    )
    .unwrap();
    assert_eq!(roles(&page)[..2], ["baseline", "candidate"]);
    page.js("document.activeElement?.blur()").unwrap();
    page.key("z", &["ctrl"]).unwrap();
    page.wait(
        "the roles to come back",
        "return document.querySelector('[data-testid=run-row] select').value === 'candidate'",
    )
    .unwrap();
    assert_eq!(roles(&page), before);
    silent(&page);
}

#[test]
fn a_removed_run_comes_back() {
    let page = opened();
    let before = runs(&page);
    page.click("[data-testid=run-row] button.x").unwrap();
    page.wait_count(RUN, 2).unwrap();
    page.click(".undo button").unwrap();
    page.wait_count(RUN, 3).unwrap();
    assert_eq!(runs(&page), before);
    silent(&page);
}

/// Waits until the browser has the table: it writes in its own time.
fn kept(page: &Page) {
    page.wait(
        "the table to be kept",
        "return !!localStorage['servelens.table']",
    )
    .unwrap();
}
