//! How long a redraw takes with ten thousand points: `cargo run --release -p servelens-charts --example redraw`.
//!
//! A frame has 16 ms.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use servelens_charts::{Theme, svg_scene};
use servelens_core::chart::{
    AxisSpec, ChartSpec, Line, Mark, MarkSize, Scale, Series, Slot, layout, scene,
};
use std::hint::black_box;
use std::time::Instant;

/// One mark a request, of two runs, by a small linear congruential generator.
fn requests(n: usize, line: Line) -> ChartSpec {
    let mut state = 7u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let series = |slot, next: &mut dyn FnMut() -> f64| Series {
        slot,
        line,
        size: MarkSize::Small,
        marks: (0..n / 2)
            .map(|i| Mark::measured(i as f64 * 0.01, 80.0 + 400.0 * next() * next()))
            .collect(),
        ..Series::default()
    };
    ChartSpec {
        title: "Requests".into(),
        x: AxisSpec {
            title: "Start, s".into(),
            scale: Scale::Linear { zero: true },
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: "TTFT, ms".into(),
            scale: Scale::Log10,
            ..AxisSpec::default()
        },
        series: vec![
            series(Slot::CANDIDATE, &mut next),
            series(Slot::BASELINE, &mut next),
        ],
        ..ChartSpec::default()
    }
}

fn median_ms(mut f: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..41)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    for (name, line) in [("marks only", Line::None), ("marks and line", Line::Solid)] {
        let spec = requests(10_000, line);
        let placed = layout(&spec, 1070.0, 380.0);
        let laid = median_ms(|| {
            black_box(layout(black_box(&spec), 1070.0, 380.0));
        });
        let drawn = median_ms(|| {
            let placed = layout(black_box(&spec), 1070.0, 380.0);
            black_box(svg_scene(&scene(&spec, &placed), &Theme::LIGHT));
        });
        println!(
            "10000 points, {name}: {} marks kept, layout {laid:.2} ms, layout and SVG {drawn:.2} ms",
            placed.marks().count()
        );
    }
}
