//! How long a redraw takes with ten thousand points: `cargo run --release -p servelens-charts --example redraw`.
//!
//! A frame has 16 ms.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::panic)]

use servelens_charts::{Theme, svg_scene};
use servelens_core::chart::mirror::{mirror_layout, mirror_over};
use servelens_core::chart::timeline::{Over, timeline_layout, timeline_over, timeline_scene};
use servelens_core::chart::{
    AxisSpec, ChartSpec, Estimate, Line, Mark, MarkSize, Scale, Series, Slot, layout, scene,
};
use servelens_core::figures::requests::{self as figures, Pair};
use servelens_core::model::{
    Deployment, Metric, Point, Requests, Role, Run, RunKind, Tool, Treatment, Workspace,
};
use servelens_core::records::Limits;
use servelens_core::requests::{Side, page};
use std::hint::black_box;
use std::sync::Arc;
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

/// Two runs of some requests each in a closed loop of 64, ready to be brushed.
fn records(n: usize) -> (Workspace, Pair, Arc<Side>) {
    let mut state = 11u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut requests = Requests::default();
    let mut slots = [0.0_f64; 64];
    let mut rows: Vec<(f64, f64, f64)> = (0..n)
        .filter_map(|i| {
            let slot = slots.get_mut(i % 64)?;
            let (start, ttft) = (*slot, 0.05 + 0.4 * next() * next());
            *slot += ttft + 0.8 + 0.2 * next();
            Some((start, *slot, ttft))
        })
        .collect();
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (start, end, ttft) in rows {
        requests.start_s.push(start);
        requests.end_s.push(end);
        requests.ttft_s.push(ttft);
        requests.isl.push(1000.0);
        requests.osl.push(100.0);
    }
    let mut point = Point::default();
    point.load.concurrency = Some(64);
    point.records = Some(Arc::new(requests));
    let run = |label: &str, role| Run {
        id: label.to_owned(),
        label: label.to_owned(),
        tool: Tool::AiPerf,
        tool_version: None,
        kind: RunKind::Measured,
        role,
        role_is_guess: false,
        deployment: Deployment::default(),
        points: vec![point.clone()],
        files: Vec::new(),
        notes: Vec::new(),
    };
    let ws = Workspace {
        runs: vec![run("a", Role::Candidate), run("b", Role::Baseline)],
        ..Workspace::default()
    };
    let side = |run| Side::new(&ws, run, 0).map(Arc::new);
    let (Some(a), Some(b)) = (side(0), side(1)) else {
        panic!("no records");
    };
    let pair = Pair::new([Some(&a), Some(&b)], Metric::Ttft, Treatment::File);
    (ws, pair, a)
}

/// A frame of brushing: rows, overlays of the three charts, a page of the list.
fn brushing(n: usize) {
    let (ws, pair, side) = records(n);
    let limits = Limits {
        ttft_s: Some(0.3),
        tpot_s: Some(0.01),
        latency_s: None,
    };
    let ready = median_ms(|| {
        black_box(Pair::new(
            [Some(&side), Some(&side)],
            Metric::Ttft,
            Treatment::File,
        ));
    });
    let spec = figures::timeline(&ws, &pair, limits);
    let base = median_ms(|| {
        let l = timeline_layout(&spec, 1070.0, &Estimate);
        black_box(svg_scene(
            &timeline_scene(&spec, &l, &Estimate),
            &Theme::LIGHT,
        ));
    });
    let d = figures::distribution(&ws, &pair, limits);
    let h = figures::histogram(&ws, &pair, limits, true);
    let (dl, hl) = (
        layout(&d.spec, 508.0, 290.0),
        mirror_layout(&h.spec, 508.0, 290.0, &Estimate),
    );
    let kept = side.kept(limits);
    let mut step = 0.0;
    let frame = median_ms(|| {
        step += 1.0;
        let brush = (step, step + 400.0);
        let rows = pair
            .sides
            .each_ref()
            .map(|s| s.as_ref().map_or(0..0, |s| s.side.rows(brush)));
        let over = Over {
            brush: Some((brush, "brushed".into())),
            ..Over::default()
        };
        let l = timeline_layout(&spec, 1070.0, &Estimate);
        black_box(svg_scene(
            &timeline_over(&spec, &l, &over, &Estimate),
            &Theme::LIGHT,
        ));
        black_box(svg_scene(&d.without(&pair, &rows, &dl), &Theme::LIGHT));
        black_box(svg_scene(
            &mirror_over(&h.spec, &hl, &h.brushed(&pair, &rows)),
            &Theme::LIGHT,
        ));
        let parts: Vec<_> = pair
            .each()
            .zip(&rows)
            .map(|((i, s), r)| (i, &*s.side, &s.ranked, r.clone()))
            .collect();
        black_box(page(&parts, true, 0, 8));
        black_box(&kept);
    });
    let limit = median_ms(|| {
        black_box(side.records.all().goodput(limits));
    });
    println!(
        "{n} requests a run, two runs: ranked in {ready:.2} ms, timeline drawn in {base:.2} ms, a frame of brushing {frame:.2} ms, goodput of one run {limit:.2} ms"
    );
}

fn main() {
    for n in [10_000, 100_000] {
        brushing(n);
    }
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
