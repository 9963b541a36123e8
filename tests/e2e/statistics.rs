//! Full statistics, thresholds, and the same figures in the page as on the command line.

use crate::{RUN, opened, silent};
use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::{CostProjector, Projector, figures_for};
use servelens_core::cost::Engine;
use servelens_core::cost::pack::{self, Subset};
use servelens_core::ingest::Ingest;
use servelens_core::model::{Gpus, RunKind, Workspace};
use servelens_core::report::{Format, build, render};
use servelens_core::units::Seconds;
use servelens_tests::browser::{Page, root};
use std::sync::Arc;

const SWITCH: &str = ".head-tools [role=switch]";
const FULL: &str = "[data-testid=full-points]";

fn sweeps(hash: &str) -> Page {
    let page = opened();
    page.open(hash).unwrap();
    page.wait_count(RUN, 3).unwrap();
    page
}

#[test]
fn the_switch_shows_intervals_and_tests_behind_the_plain_columns() {
    let page = sweeps("#compare?sample=sweeps");
    page.wait_count(FULL, 0).unwrap();
    page.click(SWITCH).unwrap();
    page.wait_count(FULL, 1).unwrap();
    page.wait(
        "the switch in the address",
        "return location.hash.includes('stats=full')",
    )
    .unwrap();
    // 10 and 50 have per-request records on both sides: an interval, an effective n and a p value.
    let cells = page
        .js(&format!(
            "return [...document.querySelectorAll('{FULL} tbody tr')].filter(r => r.cells[0].innerText.startsWith('Time to first token')).map(r => [...r.cells].map(c => c.innerText))"
        ))
        .unwrap();
    let rows: Vec<Vec<&str>> = cells
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let cells = r.as_array().unwrap().iter();
            cells.filter_map(|c| c.as_str()).collect()
        })
        .collect();
    let at = |c: &str| rows.iter().find(|r| r[1] == c).unwrap();
    for c in ["10", "50"] {
        assert!(at(c)[3].contains('–'), "{rows:?}");
        assert!(at(c)[4].contains('('), "{rows:?}");
        assert!(at(c)[9].contains("0.0"), "{rows:?}");
    }
    // 100 has a summary only.
    assert_eq!(at("100")[9], "no test");
    page.wait_text(
        "[data-testid=candidate-over-baseline]",
        "Candidate over baseline",
    )
    .unwrap();
    page.click("[data-testid=candidate-over-baseline] button[title='Show as table']")
        .unwrap();
    page.wait_text("[data-testid=candidate-over-baseline] table", "large (")
        .unwrap();
    page.keep("full-statistics").unwrap();
    page.reload().unwrap();
    page.wait_count(FULL, 1).unwrap();
    page.click(SWITCH).unwrap();
    page.wait_count(FULL, 0).unwrap();
    silent(&page);
}

#[test]
fn summaries_alone_have_rounding_and_no_test() {
    let page = opened();
    page.open("#compare?stats=full").unwrap();
    page.wait_text(FULL, "no test").unwrap();
    page.wait_text(FULL, "half a unit of the last digit")
        .unwrap();
    let p = page.text(FULL).unwrap();
    assert!(!p.contains("0.00"), "no p value may be shown: {p}");
    silent(&page);
}

#[test]
fn the_verdict_carries_its_interval() {
    let page = sweeps("#verdict?sample=sweeps");
    page.wait_text(
        "[data-testid=verdict-who] .why",
        "intervals within these runs",
    )
    .unwrap();
    silent(&page);
}

#[test]
fn a_threshold_turns_a_badge_and_travels_with_the_link() {
    let page = sweeps("#audit?sample=sweeps");
    let badge = "[data-testid=verdict-who] .badge";
    page.click("[data-testid=thresholds] summary").unwrap();
    let parity = "[data-testid=thresholds] #threshold-parity";
    page.wait_count(parity, 1).unwrap();
    let set = |value: &str| {
        page.js_with(
            "const i = document.querySelector(arguments[0]); i.value = arguments[1]; i.dispatchEvent(new Event('change', {bubbles: true}));",
            vec![parity.into(), value.into()],
        )
        .unwrap();
    };
    set("lots");
    page.wait_text(
        "[data-testid=thresholds]",
        "A number from 0 to 1000 is needed.",
    )
    .unwrap();
    set("0");
    page.wait_text(
        "#check-OSL-PARITY",
        "The two systems wrote different amounts",
    )
    .unwrap();
    page.wait(
        "the threshold in the address",
        "return location.hash.includes('thresholds=parity:0')",
    )
    .unwrap();
    page.keep("thresholds").unwrap();
    page.key("1", &[]).unwrap();
    page.wait_text(badge, "Not comparable").unwrap();
    page.reload().unwrap();
    page.wait_text(badge, "Not comparable").unwrap();
    page.key("6", &[]).unwrap();
    page.click("[data-testid=thresholds] .btn").unwrap();
    page.key("1", &[]).unwrap();
    page.wait(
        "the badge to return",
        &format!("return !document.querySelector('{badge}').innerText.includes('Not comparable')"),
    )
    .unwrap();
    silent(&page);
}

#[test]
fn the_next_run_is_copied_for_both_tools() {
    let page = opened();
    page.wait_count("[data-testid=next] button", 2).unwrap();
    let titles = page
        .js("return [...document.querySelectorAll('[data-testid=next] button')].map(b => b.title)")
        .unwrap();
    assert_eq!(
        titles,
        serde_json::json!(["Copy the AIPerf command", "Copy the GenAI-Perf command"])
    );
    silent(&page);
}

/// The cost model that fits the projection, over the figures from which the page's packs are made.
fn model(ws: &Workspace) -> Arc<dyn Projector> {
    let (rules, _) = figures_for(ws).unwrap();
    let folder = std::fs::read_dir(root().join("data").join(rules.to_string())).unwrap();
    let files: Vec<(String, String)> = folder
        .map(|entry| entry.unwrap())
        .map(|e| {
            let name = e.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(e.path()).unwrap())
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
    let tables = pack::read(rules, Subset::Dense, &files).unwrap();
    Arc::new(CostProjector::new(Arc::new(
        Engine::new(rules, tables).unwrap(),
    )))
}

/// The report on the sample as `servelens report --format json` prints it, computed here.
fn natively() -> String {
    let name = "simulated-sweeps.zip";
    let mut ingest = Ingest::new();
    ingest.add(
        name,
        &std::fs::read(root().join("data/samples").join(name)).unwrap(),
    );
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    // What the page says of the sample's systems: they are simulated.
    for run in ws.runs.iter_mut().filter(|r| r.kind == RunKind::Measured) {
        run.deployment.gpus = Some(Gpus {
            count: 4,
            guess: false,
        });
    }
    ws.sla.ttft = Some(Seconds::from_ms(300.0));
    ws.sla.tpot = Some(Seconds::from_ms(10.0));
    let options = Options {
        projector: Some(model(&ws)),
        ..Options::default()
    };
    let analysis = analyse(&ws, &options);
    render(&build(&ws, &analysis), Format::Json, None)
}

/// The first place where two documents differ.
fn difference(place: &str, a: &serde_json::Value, b: &serde_json::Value) -> String {
    use serde_json::Value::{Array, Object};
    let inner = match (a, b) {
        (Object(x), Object(y)) if x.len() == y.len() => x
            .iter()
            .find(|(k, v)| y.get(*k) != Some(v))
            .map(|(k, v)| difference(&format!("{place}.{k}"), v, &b[k.as_str()])),
        (Array(x), Array(y)) if x.len() == y.len() => x
            .iter()
            .zip(y)
            .enumerate()
            .find(|(_, (v, w))| v != w)
            .map(|(i, (v, w))| difference(&format!("{place}[{i}]"), v, w)),
        _ => None,
    };
    inner.unwrap_or_else(|| format!("{place} is {a} here and {b} there"))
}

/// The statistics, the comparison and the verdicts of the page are those of native code to the
/// last bit: both print the shortest decimal that gives the same double.
#[test]
fn the_page_and_native_code_compute_the_same_bits() {
    let page = sweeps("#report?sample=sweeps");
    page.wait_count("[data-figures=ready]", 1).unwrap();
    let folder = page.downloads().unwrap();
    page.js("[...document.querySelectorAll('.report .btns button')].find(b => b.innerText.trim() === 'JSON').click()")
        .unwrap();
    let here = page.downloaded(&folder, ".json").unwrap();
    let there: serde_json::Value = serde_json::from_str(&natively()).unwrap();
    let here: serde_json::Value = serde_json::from_str(&here).unwrap();
    for part in [
        "statistics",
        "comparison",
        "sla",
        "verdict",
        "checks",
        "thresholds",
    ] {
        let (a, b) = (&here[part], &there[part]);
        assert!(a == b, "{part}: {}", difference(part, a, b));
    }
    let rows = here["statistics"]["rows"].as_array().unwrap();
    let with_p = rows.iter().filter(|r| r["pairs"]["p"].is_number()).count();
    assert!(with_p >= 6, "{with_p} rows have a p value");
    silent(&page);
}
