//! What-if: the projection on the table, the switch of the version, sliders, exports, the tray.

use crate::{RUN, case, choose, opened, silent};
use servelens_tests::browser::{NARROW, Page};

const KEY: &str = "[data-testid=key-figures]";
const HEAD: &str = "[data-testid=what-if-head]";
const SCENARIOS: &str = "[data-testid=scenarios]";

fn view() -> Page {
    let page = opened();
    page.click(".tabs a[href='#what-if']").unwrap();
    page.wait_text(KEY, "196.783").unwrap();
    page
}

/// Types a number and leaves the field.
fn enter(page: &Page, id: &str, text: &str) {
    let script = "const f = document.getElementById(arguments[0]); f.value = arguments[1]; f.dispatchEvent(new Event('change', {bubbles: true}));";
    page.js_with(script, vec![id.into(), text.into()]).unwrap();
}

/// Moves the slider beside a field, as a pointer does: one input event a stop.
fn slide(page: &Page, id: &str, stop: u32) {
    let script = "const s = document.getElementById(arguments[0]).closest('.slide').querySelector('[type=range]');
        s.value = arguments[1]; s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true}));";
    page.js_with(script, vec![id.into(), stop.into()]).unwrap();
}

#[test]
fn the_projection_on_the_table_is_computed_again() {
    let page = view();
    page.wait_text(HEAD, "Disaggregated serving is projected at 2.1 times")
        .unwrap();
    page.wait_text("[data-testid=agreement]", "196.783")
        .unwrap();
    let said = page.text("[data-testid=agreement]").unwrap();
    assert!(said.contains("agree"), "{said}");
    let table = page.text(SCENARIOS).unwrap();
    for figure in ["196.8", "379.0", "812.5"] {
        assert!(table.contains(figure), "{figure}: {table}");
    }
    page.keep("what-if").unwrap();
    silent(&page);
}

#[test]
fn a_dropped_output_of_aic_is_opened_and_checked() {
    let page = opened();
    page.drop_paths(&[&case("aiconfigurator/0.12.0/default")], None)
        .unwrap();
    page.wait_count(RUN, 2).unwrap();
    page.click(".tabs a[href='#what-if']").unwrap();
    // The best aggregated configuration, beside the disaggregated one that AIC chose.
    page.wait_text(KEY, "414.272").unwrap();
    page.wait_text("[data-testid=agreement]", "26 points agree")
        .unwrap();
    silent(&page);
}

#[test]
fn the_switch_of_the_version_changes_the_answer() {
    let page = view();
    choose(&page, "#wi-rules", "aic-0.12");
    page.wait_text(KEY, "234.557").unwrap();
    page.wait_text(HEAD, "1.15 times").unwrap();
    page.wait(
        "the address",
        "return location.hash === '#what-if?rules=aic-0.12'",
    )
    .unwrap();
    page.reload().unwrap();
    page.wait_text(KEY, "234.557").unwrap();
    page.click("[data-testid=agreement] button").unwrap();
    page.wait_text(KEY, "196.783").unwrap();
    page.wait("the address", "return location.hash === '#what-if'")
        .unwrap();
    silent(&page);
}

#[test]
fn a_slider_gives_a_new_figure_at_once() {
    let page = view();
    slide(&page, "wi-batch", 0);
    let value = page
        .js("return document.getElementById('wi-batch').value")
        .unwrap();
    // One request leaves nothing to decode beside two prompts: the sentence of the cost model, and no figure.
    assert_eq!(value, "1");
    page.wait_text("[data-testid=refused]", "leaves nothing to decode")
        .unwrap();
    page.wait_count(KEY, 0).unwrap();
    let before = page.text(HEAD).unwrap();
    slide(&page, "wi-batch", 400);
    page.wait(
        "the largest batch",
        "return document.getElementById('wi-batch').value === '512'",
    )
    .unwrap();
    page.wait_count(KEY, 1).unwrap();
    let figures = page.text(KEY).unwrap();
    assert!(!figures.contains("196.783"), "{figures}");
    // The sweep does not hang on the batch.
    assert_eq!(page.text(HEAD).unwrap(), before);
    enter(&page, "wi-batch", "12");
    page.wait_text(KEY, "196.783").unwrap();
    enter(&page, "wi-osl", "many");
    page.wait_text(".slide .errmsg", "isn’t a number").unwrap();
    page.wait_text(KEY, "196.783").unwrap();
    silent(&page);
}

#[test]
fn a_cell_of_the_matrix_takes_its_configuration_over() {
    let page = view();
    page.wait_text("[data-testid=matrix]", "379.0").unwrap();
    page.click("[data-testid=matrix] tr:nth-child(4) td:nth-of-type(3) button")
        .unwrap();
    page.wait_text(KEY, "378.997").unwrap();
    page.wait("four GPUs", "return location.hash.includes('tp=4')")
        .unwrap();
    choose(&page, "#wi-shown", "cost");
    page.wait_text("[data-testid=matrix]", "$2.20").unwrap();
    silent(&page);
}

#[test]
fn scenarios_are_pinned_and_stay_in_the_link() {
    let page = view();
    page.click(".actions .btn").unwrap();
    page.wait_count(".pinid", 1).unwrap();
    choose(&page, "#wi-rules", "aic-0.12");
    page.wait_text(KEY, "234.557").unwrap();
    page.wait(
        "the pin in the address",
        "return location.hash.includes('pin=')",
    )
    .unwrap();
    page.reload().unwrap();
    page.wait_text(KEY, "234.557").unwrap();
    page.wait_text(SCENARIOS, "AIC 0.2 rules").unwrap();
    page.wait_text(SCENARIOS, "196.8").unwrap();
    page.click("[aria-label='Unpin A']").unwrap();
    page.wait_count(".pinid", 0).unwrap();
    silent(&page);
}

#[test]
fn aics_input_and_the_command_leave_the_view() {
    let page = view();
    let folder = page.downloads().unwrap();
    page.click(".actions .btn:nth-child(3)").unwrap();
    let yaml = page.downloaded(&folder, ".yaml").unwrap();
    for line in [
        "isl: 4000",
        "tpot: 10.0",
        "gemm_quant_mode: fp8_block",
        "version: 0.20.0",
    ] {
        assert!(yaml.contains(line), "{line}: {yaml}");
    }
    // The page reads its own export.
    page.drop_paths(&[&folder.join("exp.yaml")], None).unwrap();
    page.wait_text("[data-testid=said]", "1 used").unwrap();
    page.click(".actions .btn:nth-child(2)").unwrap();
    page.wait_text("[data-testid=command]", "aiperf profile")
        .unwrap();
    silent(&page);
}

#[test]
fn the_inputs_become_a_projection_on_the_table() {
    let page = view();
    choose(&page, "#wi-rules", "aic-0.12");
    page.wait_text(KEY, "234.557").unwrap();
    page.click(".actions .btn:nth-child(4)").unwrap();
    page.wait_count(RUN, 4).unwrap();
    page.wait_text(".tray", "ServeLens cost model").unwrap();
    let named = "return [...document.querySelectorAll('.tray input')].some(i => i.value === 'AIC 0.12 rules: TP8 at 12')";
    page.wait("its name", named).unwrap();
    silent(&page);
}

#[test]
fn on_a_phone_the_inputs_unfold() {
    let page = view();
    page.screen(NARROW).unwrap();
    let shown = "return getComputedStyle(document.querySelector('.inputs')).display";
    assert_eq!(page.js(shown).unwrap(), "none");
    page.click(".wi-sum .btn").unwrap();
    assert_eq!(page.js(shown).unwrap(), "grid");
    page.keep("what-if-phone").unwrap();
    silent(&page);
}
