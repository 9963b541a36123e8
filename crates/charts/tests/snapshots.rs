//! Every chart form as SVG, compared as text. `UPDATE=1` rewrites the snapshots.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod gallery;

use servelens_charts::{Theme, svg, svg_scene};
use servelens_core::chart::forest::{forest_layout, forest_scene};
use servelens_core::chart::ratio_steps::{ratio_steps_layout, ratio_steps_scene};
use servelens_core::chart::stacked::{StackedBars, stacked_layout, stacked_scene};
use servelens_core::chart::{ChartSpec, Estimate};
use std::path::PathBuf;

fn compare(name: &str, drawn: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(format!("{name}.svg"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, drawn).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; run with UPDATE=1 once", path.display()));
    if kept != drawn {
        let line = kept.lines().zip(drawn.lines()).position(|(a, b)| a != b);
        panic!(
            "{name} is drawn differently from line {line:?} on; look at it, then run with UPDATE=1"
        );
    }
}

fn check(name: &str, spec: &ChartSpec, width: f64, height: f64, theme: &Theme) {
    compare(name, &svg(spec, width, height, theme));
}

#[test]
fn throughput() {
    let spec = gallery::throughput();
    check("throughput", &spec, 508.0, 248.0, &Theme::LIGHT);
    check("throughput-dark", &spec, 508.0, 248.0, &Theme::DARK);
    check("throughput-narrow", &spec, 326.0, 268.0, &Theme::LIGHT);
    let forced = Theme::contrast([255, 255, 255], [0, 0, 0]);
    check("throughput-contrast", &spec, 508.0, 248.0, &forced);
}

#[test]
fn requests() {
    check(
        "requests",
        &gallery::requests(),
        508.0,
        290.0,
        &Theme::LIGHT,
    );
}

#[test]
fn ttft() {
    let spec = gallery::ttft();
    check("ttft", &spec, 508.0, 330.0, &Theme::LIGHT);
    check("ttft-dark", &spec, 508.0, 330.0, &Theme::DARK);
    check("ttft-narrow", &spec, 326.0, 330.0, &Theme::LIGHT);
}

#[test]
fn pareto() {
    let spec = gallery::pareto();
    check("pareto", &spec, 508.0, 248.0, &Theme::LIGHT);
    check("pareto-narrow", &spec, 326.0, 280.0, &Theme::LIGHT);
}

#[test]
fn whiskers_and_bands() {
    check(
        "whiskers",
        &gallery::whiskers(),
        508.0,
        224.0,
        &Theme::LIGHT,
    );
    check(
        "whiskers-dark",
        &gallery::whiskers(),
        508.0,
        224.0,
        &Theme::DARK,
    );
    check("bands", &gallery::bands(), 320.0, 210.0, &Theme::LIGHT);
    check("bands-dark", &gallery::bands(), 320.0, 210.0, &Theme::DARK);
}

#[test]
fn marks() {
    let spec = gallery::marks_of_all_kinds();
    check("marks", &spec, 508.0, 300.0, &Theme::LIGHT);
    check("marks-dark", &spec, 508.0, 300.0, &Theme::DARK);
}

#[test]
fn ratio_steps() {
    let spec = gallery::ratio_steps();
    let draw = |width, height, theme| {
        let layout = ratio_steps_layout(&spec, width, height, &Estimate);
        svg_scene(&ratio_steps_scene(&spec, &layout, &Estimate), theme)
    };
    compare("ratio-steps", &draw(1070.0, 278.0, &Theme::LIGHT));
    compare("ratio-steps-dark", &draw(1070.0, 278.0, &Theme::DARK));
    compare("ratio-steps-narrow", &draw(326.0, 290.0, &Theme::LIGHT));
}

#[test]
fn forest() {
    let spec = gallery::forest();
    let draw = |width, theme| {
        let layout = forest_layout(&spec, width, &Estimate);
        svg_scene(&forest_scene(&spec, &layout, &Estimate), theme)
    };
    compare("forest", &draw(1070.0, &Theme::LIGHT));
    compare("forest-dark", &draw(1070.0, &Theme::DARK));
    compare("forest-narrow", &draw(326.0, &Theme::LIGHT));
}

#[test]
fn stacked_bars() {
    let draw = |spec: &StackedBars, width, theme| {
        let layout = stacked_layout(spec, width, &Estimate);
        svg_scene(&stacked_scene(spec, &layout), theme)
    };
    let time = gallery::time_by_operation();
    compare("operations", &draw(&time, 808.0, &Theme::LIGHT));
    compare("operations-narrow", &draw(&time, 326.0, &Theme::LIGHT));
    let memory = gallery::memory();
    compare("memory", &draw(&memory, 808.0, &Theme::LIGHT));
    compare("memory-dark", &draw(&memory, 808.0, &Theme::DARK));
    compare("memory-narrow", &draw(&memory, 326.0, &Theme::LIGHT));
    let forced = Theme::contrast([0, 0, 0], [255, 255, 255]);
    compare("memory-contrast", &draw(&memory, 326.0, &forced));
}
