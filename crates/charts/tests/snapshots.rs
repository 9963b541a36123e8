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
use servelens_core::chart::mirror::{mirror_layout, mirror_over, mirror_scene};
use servelens_core::chart::ratio_steps::{ratio_steps_layout, ratio_steps_scene};
use servelens_core::chart::stacked::{StackedBars, stacked_layout, stacked_scene};
use servelens_core::chart::timeline::{At, Over, timeline_layout, timeline_over, timeline_scene};
use servelens_core::chart::{ChartSpec, Estimate, layout, scene};
use servelens_core::figures::requests;
use servelens_core::model::{Metric, Treatment};
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

#[test]
fn fronts() {
    let spec = gallery::fronts();
    check("fronts", &spec, 808.0, 396.0, &Theme::LIGHT);
    check("fronts-narrow", &spec, 326.0, 340.0, &Theme::LIGHT);
}

#[test]
fn requests_over_time() {
    let (ws, pair) = gallery::requests::sample(Metric::Ttft, Treatment::File);
    let spec = requests::timeline(&ws, &pair, gallery::requests::LIMITS);
    let draw = |width, over: Option<Over>, theme| {
        let layout = timeline_layout(&spec, width, &Estimate);
        let mut scene = timeline_scene(&spec, &layout, &Estimate);
        if let Some(over) = over {
            scene
                .shapes
                .extend(timeline_over(&spec, &layout, &over, &Estimate).shapes);
        }
        svg_scene(&scene, theme)
    };
    let over = Over {
        brush: Some(((0.0, 1.0), "0.0–1.0 s: 20 requests".into())),
        pinned: Some(At { panel: 0, point: 3 }),
        focus: None,
    };
    compare("timeline", &draw(1070.0, Some(over.clone()), &Theme::LIGHT));
    compare("timeline-dark", &draw(1070.0, Some(over), &Theme::DARK));
    compare("timeline-narrow", &draw(326.0, None, &Theme::LIGHT));
    let (ws, pair) = gallery::requests::sample(Metric::Tpot, Treatment::FirstWave);
    let spec = requests::timeline(&ws, &pair, gallery::requests::LIMITS);
    let layout = timeline_layout(&spec, 808.0, &Estimate);
    let dropped = timeline_scene(&spec, &layout, &Estimate);
    compare("timeline-dropped", &svg_scene(&dropped, &Theme::LIGHT));
}

#[test]
fn requests_by_figure() {
    let (ws, pair) = gallery::requests::sample(Metric::Ttft, Treatment::File);
    let rows = pair
        .sides
        .each_ref()
        .map(|s| s.as_ref().map_or(0..0, |s| s.side.rows((0.0, 1.0))));
    let d = requests::distribution(&ws, &pair, gallery::requests::LIMITS);
    let h = requests::histogram(&ws, &pair, gallery::requests::LIMITS, true);
    for (name, width, theme) in [
        ("", 508.0, Theme::LIGHT),
        ("-dark", 508.0, Theme::DARK),
        ("-narrow", 326.0, Theme::LIGHT),
    ] {
        let l = layout(&d.spec, width, 290.0);
        let mut drawing = scene(&d.spec, &l);
        drawing.shapes.extend(d.without(&pair, &rows, &l).shapes);
        compare(&format!("share{name}"), &svg_scene(&drawing, &theme));
        let l = mirror_layout(&h.spec, width, 290.0, &Estimate);
        let mut drawing = mirror_scene(&h.spec, &l, &Estimate);
        let part = mirror_over(&h.spec, &l, &h.brushed(&pair, &rows));
        drawing.shapes.extend(part.shapes);
        compare(&format!("mirror{name}"), &svg_scene(&drawing, &theme));
    }
}
