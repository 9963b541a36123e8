//! Every chart form as SVG, compared as text. `UPDATE=1` rewrites the snapshots.

mod gallery;

use servelens_charts::{Theme, svg};
use servelens_core::chart::ChartSpec;
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
