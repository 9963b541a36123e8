//! What lies between two measured loads: held against loads that were measured and left out, and
//! what may be said of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed step is the test's own message, and the figures are for the docs"
)]

mod support;

use servelens_core::align::{Curve, Workloads, power_law};
use servelens_core::analysis::{Options, analyse};
use servelens_core::chart;
use servelens_core::figures;
use servelens_core::ingest::Ingest;
use servelens_core::model::{Metric, Run, RunKind, Stat, Workspace};
use std::path::{Path, PathBuf};
use support::{pair, run_of};

const METRICS: [Metric; 5] = [
    Metric::OutputThroughput,
    Metric::RequestThroughput,
    Metric::Ttft,
    Metric::Tpot,
    Metric::RequestLatency,
];

/// A load that was measured, on the line between its neighbours: the signed errors of three rules.
struct HeldOut {
    metric: Metric,
    errors: [f64; 3],
}

const RULES: [&str; 3] = ["log X over log C", "X over log C", "X over C"];

fn held_out(run: &Run, ws: &Workspace, out: &mut Vec<HeldOut>) {
    let workloads = Workloads::of([run], &ws.context);
    for key in &workloads.keys {
        let curve = Curve::of(run, *key, &workloads);
        for three in curve.concurrencies().windows(3) {
            let c: Vec<f64> = three.iter().map(|c| f64::from(*c)).collect();
            for metric in METRICS {
                let v: Vec<f64> = three
                    .iter()
                    .filter_map(|c| Some(curve.at(*c, metric, Stat::Avg)?.value))
                    .filter(|v| *v > 0.0)
                    .collect();
                let [low, middle, high] = v[..] else { continue };
                let straight = |t: f64| low + (high - low) * t;
                let log = (c[1] / c[0]).ln() / (c[2] / c[0]).ln();
                let rules = [
                    power_law(c[0], c[2], low, high, c[1]).unwrap(),
                    straight(log),
                    straight((c[1] - c[0]) / (c[2] - c[0])),
                ];
                out.push(HeldOut {
                    metric,
                    errors: rules.map(|x| (x / middle).ln()),
                });
            }
        }
    }
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, out);
        } else {
            out.push(path);
        }
    }
    out.sort();
}

/// The fixtures with sweeps: each tool's folder, or the seed's files, read by itself.
fn folders() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../../../shared/fixtures");
    let cases = here.join("../../tests/cases");
    let tools = [
        "aiperf",
        "genai-perf",
        "inferencex",
        "seed-experiment",
        "vllm",
    ];
    let root = if shared.exists() { shared } else { cases };
    tools
        .iter()
        .map(|t| root.join(t))
        .filter(|f| f.exists())
        .collect()
}

fn read(folder: &Path) -> Workspace {
    let mut files = Vec::new();
    walk(folder, &mut files);
    let mut ingest = Ingest::new();
    for path in files {
        let name = path.strip_prefix(folder).unwrap();
        ingest.add(&name.to_string_lossy(), &std::fs::read(&path).unwrap());
    }
    let mut ws = Workspace::default();
    ws.absorb(ingest.finish());
    ws
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The rule in use is held against two others on every measured load that has neighbours on both
/// sides. `docs/STATISTICS.md` cites the table: `cargo test -p servelens-core --test interpolation
/// -- --nocapture`.
#[test]
fn loads_that_were_left_out_lie_near_the_line() {
    let mut all = Vec::new();
    for folder in folders() {
        let ws = read(&folder);
        for run in ws.runs.iter().filter(|r| r.kind == RunKind::Measured) {
            held_out(run, &ws, &mut all);
        }
    }
    assert!(all.len() >= 20, "{}", all.len());
    let table = |of: &dyn Fn(Metric) -> bool| -> (usize, [[f64; 3]; 3]) {
        let rows: Vec<&HeldOut> = all.iter().filter(|h| of(h.metric)).collect();
        let rule = |i: usize| {
            let signed: Vec<f64> = rows.iter().map(|h| h.errors[i]).collect();
            let size: Vec<f64> = signed.iter().map(|e| e.abs()).collect();
            let mean = size.iter().sum::<f64>() / size.len() as f64;
            [median(size), mean, median(signed)]
        };
        (rows.len(), [rule(0), rule(1), rule(2)])
    };
    let percent = |ln: f64| 100.0 * (ln.exp() - 1.0);
    let print = |name: &str, (n, rules): (usize, [[f64; 3]; 3])| {
        let cells: Vec<String> = rules
            .iter()
            .map(|[half, _, bias]| format!("{:.0} ({:+.0})", percent(*half), percent(*bias)))
            .collect();
        println!("| {name} | {n} | {} |", cells.join(" | "));
    };
    println!("| held out | n | {} |", RULES.join(" | "));
    for metric in METRICS {
        print(metric.info().label, table(&|m| m == metric));
    }
    let (n, rules) = table(&|_| true);
    print("all", (n, rules));
    for figure in [0, 1] {
        assert!(rules[0][figure] < rules[1][figure], "{rules:?}");
    }
    let (_, rules) = table(&|m| m == Metric::RequestThroughput);
    for other in [1, 2] {
        assert!(rules[0][0] < rules[other][0] && rules[0][1] < rules[other][1]);
    }
}

/// Output tokens/s that grow like a power of the load, a candidate `lead` times as fast, each side
/// measured at other loads in between.
fn sides(lead: f64) -> Workspace {
    let rows = |loads: &[u32], by: f64| -> Vec<(u32, f64, f64)> {
        loads
            .iter()
            .map(|c| {
                let x = by * f64::from(*c).powf(0.7);
                (*c, 100.0 * x, x)
            })
            .collect()
    };
    pair(
        run_of("A", &rows(&[1, 16, 256], lead)),
        run_of("B", &rows(&[1, 4, 64, 256], 1.0)),
    )
}

#[test]
fn a_lead_that_is_the_same_everywhere_is_never_crossed() {
    let ws = sides(1.2);
    let a = analyse(&ws, &Options::default());
    for (row, _, change) in a.comparison.changes(Metric::OutputThroughput) {
        assert!((change.ratio.unwrap() - 1.2).abs() < 1e-9, "{row:?}");
    }
    assert!(a.comparison.crossovers.is_empty(), "{:?}", a.comparison);
}

/// At 16 only A was measured, and lies far below the line of B: no crossing, as B was not run there.
#[test]
fn an_interpolated_point_alone_makes_no_crossing() {
    let candidate = || run_of("A", &[(1, 12.0, 1.2), (16, 5.0, 0.5), (256, 120.0, 12.0)]);
    let ws = pair(
        candidate(),
        run_of("B", &[(1, 10.0, 1.0), (256, 100.0, 10.0)]),
    );
    let a = analyse(&ws, &Options::default());
    assert!(a.comparison.crossovers.is_empty());
    // Where both were measured, the lead does change, and the lines cross twice.
    let ws = pair(
        candidate(),
        run_of("B", &[(1, 10.0, 1.0), (16, 30.0, 3.0), (256, 100.0, 10.0)]),
    );
    let a = analyse(&ws, &Options::default());
    let between: Vec<(u32, u32)> = a.comparison.crossovers[&Metric::OutputThroughput]
        .iter()
        .map(|x| x.between)
        .collect();
    assert_eq!(between, [(1, 16), (16, 256)]);
}

/// A crossing between two loads is placed on the drawn lines, bends included.
#[test]
fn a_crossing_is_where_the_drawn_lines_meet() {
    let ws = pair(
        run_of("A", &[(1, 20.0, 2.0), (4, 20.0, 2.0), (16, 20.0, 2.0)]),
        run_of("B", &[(1, 10.0, 1.0), (16, 40.0, 4.0)]),
    );
    let a = analyse(&ws, &Options::default());
    let x = a.comparison.crossovers[&Metric::OutputThroughput][0];
    // B is 10 × C^½, and 20 at 4.
    assert_eq!(x.between, (1, 16));
    assert!((x.concurrency - 4.0).abs() < 1e-9, "{x:?}");
}

/// Where the line of the chart and the hollow mark are, they are the same rule.
#[test]
fn the_drawn_line_passes_through_hollow_marks() {
    let ws = sides(1.2);
    let a = analyse(&ws, &Options::default());
    let spec = figures::lines(
        &ws,
        &a,
        figures::LineChart {
            metric: Metric::OutputThroughput,
            projected: false,
            interpolated: true,
        },
    );
    assert!(spec.subtitle.contains("log–log"), "{}", spec.subtitle);
    let layout = chart::layout::layout(&spec, 800.0, 400.0);
    let mut hollow = 0;
    for (series, placed) in spec.series.iter().zip(&layout.series) {
        for mark in &placed.marks {
            if series.marks[mark.mark.mark].kind != chart::MarkKind::Interpolated {
                continue;
            }
            hollow += 1;
            let near = placed.lines.iter().flat_map(|l| l.windows(2)).any(|w| {
                let t = (mark.home.x - w[0].x) / (w[1].x - w[0].x);
                (0.0..=1.0).contains(&t)
                    && (w[0].y + t * (w[1].y - w[0].y) - mark.home.y).abs() < 0.5
            });
            assert!(near, "{mark:?}");
        }
    }
    assert_eq!(hollow, 3);
}
