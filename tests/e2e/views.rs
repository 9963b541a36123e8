//! Looking: the palette and the keys, charts and their tables, the theme.

use crate::{opened, silent};
use serde_json::json;

#[test]
fn ctrl_k_opens_the_palette_and_escape_closes_it() {
    let page = opened();
    page.key("k", &["ctrl"]).unwrap();
    page.wait(
        "the palette",
        "return document.activeElement?.id === 'palette-q'",
    )
    .unwrap();
    page.insert_text("audit").unwrap();
    page.wait_text("#palette-list [aria-selected=true]", "Audit")
        .unwrap();
    page.keep("palette").unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_text(".tabs [aria-current=page]", "Audit")
        .unwrap();
    page.key("k", &["ctrl"]).unwrap();
    page.wait_count("[role=dialog]", 1).unwrap();
    page.key("Escape", &[]).unwrap();
    page.wait_count("[role=dialog]", 0).unwrap();
    page.key("?", &["shift"]).unwrap();
    page.wait_text("[role=dialog]", "Keyboard").unwrap();
    silent(&page);
}

#[test]
fn back_returns_to_the_view_before() {
    let page = opened();
    page.click(".tabs a[href='#compare']").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Compare")
        .unwrap();
    page.click(".tabs a[href='#audit']").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Audit")
        .unwrap();
    page.js("history.back()").unwrap();
    page.wait_text(".tabs [aria-current=page]", "Compare")
        .unwrap();
    silent(&page);
}

#[test]
fn a_chart_has_a_table_of_the_same_figures() {
    let page = opened();
    page.wait("the chart to be drawn", DRAWN).unwrap();
    page.click(".fig-tools button[title='Show as table']")
        .unwrap();
    page.wait_count(".fig:first-of-type canvas", 0).unwrap();
    let table = page.text(".fig table").unwrap();
    for figure in ["138.41", "8.78"] {
        assert!(table.contains(figure), "{figure} is missing in\n{table}");
    }
    silent(&page);
}

#[test]
fn a_chart_is_read_with_the_keyboard() {
    let page = opened();
    page.wait("the chart to be drawn", DRAWN).unwrap();
    page.js("document.querySelector('.fig .plot').focus()")
        .unwrap();
    page.key("ArrowRight", &[]).unwrap();
    page.wait_text("[data-testid=read]", "Concurrency").unwrap();
    page.key("Enter", &[]).unwrap();
    page.wait_text("[data-testid=pinned]", "Measured").unwrap();
    page.key("Escape", &[]).unwrap();
    page.wait_count("[data-testid=pinned]", 0).unwrap();
    silent(&page);
}

#[test]
fn charts_stay_inside_their_panels() {
    let page = opened();
    page.wait("the chart to be drawn", DRAWN).unwrap();
    let outside = page.js(
        "return [...document.querySelectorAll('.fig')].filter(f => {
           const c = f.querySelector('canvas')?.getBoundingClientRect(), b = f.getBoundingClientRect();
           return c && (c.right > b.right + 1 || c.bottom > b.bottom + 1);
         }).map(f => f.querySelector('h2').innerText)",
    );
    assert_eq!(outside.unwrap(), json!([]));
}

#[test]
fn the_theme_changes_everything_and_stays() {
    let page = opened();
    page.media(&[("prefers-color-scheme", "light")]).unwrap();
    page.wait("the chart to be drawn", DRAWN).unwrap();
    let background = "return getComputedStyle(document.body).backgroundColor";
    let (light, chart) = (page.js(background).unwrap(), page.js(INK).unwrap());
    page.click("header button[title='Change the theme']")
        .unwrap();
    page.wait(
        "a dark page",
        &format!("return getComputedStyle(document.body).backgroundColor !== {light}"),
    )
    .unwrap();
    page.wait("a dark chart", &format!("{INK} !== {chart}"))
        .unwrap();
    page.keep("dark").unwrap();
    let dark = page.js(background).unwrap();
    page.reload().unwrap();
    assert_eq!(page.js(background).unwrap(), dark);
    silent(&page);
}

/// True when the first chart has drawn something.
pub const DRAWN: &str =
    "const c = document.querySelector('.fig canvas'); if (!c?.width) return false;
    const blank = document.createElement('canvas'); blank.width = c.width; blank.height = c.height;
    return c.toDataURL() !== blank.toDataURL()";

/// The first chart as text: changes when its colours do.
const INK: &str = "return document.querySelector('.fig canvas').toDataURL()";
