//! Agreement with AIConfigurator itself: points, operations, cubic cells and whole sweeps.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod common;

use std::sync::LazyLock;

use common::{engine, golden};
use serde_json::Value;
use servelens_core::cost::pack::Subset;
use servelens_core::cost::{
    Call, Cell, Chosen, Config, Engine, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, RuleSet,
    SweepInput, clough_tocher, points,
};

static OLD: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic02, Subset::Dense));
static NEW: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic012, Subset::Dense));

/// Agreement asked of times and throughputs, relative.
const CLOSE: f64 = 1e-5;
/// Agreement asked of memory, relative.
const MEMORY: f64 = 1e-6;

fn relative(ours: f64, theirs: f64) -> f64 {
    (ours - theirs).abs() / theirs.abs()
}

/// Largest relative errors of a points file: times and throughputs, memory.
fn compare_points(engine: &Engine, name: &str, expected: usize) -> (f64, f64) {
    let text = golden(name);
    let file: Value = serde_json::from_str(&text).unwrap();
    let theirs = file["points"].as_array().unwrap();
    let ours = points::parse(&text).unwrap();
    assert_eq!((ours.len(), theirs.len()), (expected, expected));
    let (mut worst, mut memory) = (0.0_f64, 0.0_f64);
    for (p, t) in ours.iter().zip(theirs) {
        let p = p.clone().and_then(|p| p.estimate(engine)).unwrap();
        let out = &t["out"];
        let pairs = [
            (p.ttft_ms, "ttft"),
            (p.tpot_ms, "tpot"),
            (Some(p.tokens_s_gpu), "tokens_s_gpu"),
            (p.tokens_s_user, "tokens_s_user"),
        ];
        for (value, key) in pairs {
            let expected = out[key].as_f64().unwrap();
            // AIC prints 0 for what a static worker does not have.
            assert_eq!(value.is_none(), expected == 0.0, "{key} of {t}");
            if let Some(v) = value {
                let e = relative(v, expected);
                assert!(e <= CLOSE, "{key} is {v}, AIC has {expected}: {t}");
                worst = worst.max(e);
            }
        }
        let m = relative(p.memory_gib, out["memory"].as_f64().unwrap());
        assert!(m <= MEMORY, "memory is {:?}: {t}", p.memory_gib);
        memory = memory.max(m);
        if let Some(oom) = out["oom"].as_bool() {
            assert_eq!(p.oom, oom, "{t}");
        }
    }
    println!("{name}: {expected} points, worst {worst:.2e}, memory {memory:.2e}");
    (worst, memory)
}

#[test]
fn points_of_0_2() {
    compare_points(&OLD, "aic-0.2-points.json", 438);
}

#[test]
fn points_of_0_12() {
    compare_points(&NEW, "aic-0.12-points.json", 131);
}

#[test]
fn other_models_of_0_12() {
    compare_points(&NEW, "aic-0.12-models.json", 40);
}

#[test]
fn the_small_packs_give_the_same_numbers() {
    for (full, rules, name) in [
        (&*OLD, RuleSet::Aic02, "aic-0.2-points.json"),
        (&*NEW, RuleSet::Aic012, "aic-0.12-points.json"),
    ] {
        let small = engine(rules, Subset::Qwen3_32B);
        for p in points::parse(&golden(name)).unwrap() {
            let p = p.unwrap();
            let (a, b) = (p.estimate(full), p.estimate(&small));
            if p.model.as_deref().is_none_or(|m| m == "QWEN3_32B") {
                assert_eq!(a, b, "{p:?}");
            } else {
                assert!(
                    b.unwrap_err()
                        .to_string()
                        .contains("hold only what QWEN3_32B needs")
                );
            }
        }
        // Far outside the measured lengths and batches, and on sixteen GPUs.
        for (tp, batch, isl, osl) in [
            (1, 600, 4000, 500),
            (16, 40, 3000, 700),
            (4, 3, 150_000, 200),
            (8, 2000, 37, 900),
            (2, 7, 333, 77),
        ] {
            for gemm in [GemmQuant::Float16, GemmQuant::Fp8, GemmQuant::Fp8Block] {
                for (kvcache, fmha) in [
                    (KvQuant::Fp8, FmhaQuant::Fp8),
                    (KvQuant::Fp8, FmhaQuant::Float16),
                    (KvQuant::Float16, FmhaQuant::Float16),
                ] {
                    for mode in [Mode::Agg, Mode::StaticCtx, Mode::StaticGen] {
                        let c = Config {
                            tp,
                            batch,
                            isl,
                            osl,
                            ctx_tokens: isl,
                            quant: Quant {
                                gemm,
                                kvcache,
                                fmha,
                            },
                            ..Config::default()
                        };
                        let (a, b) = (full.estimate(mode, &c), small.estimate(mode, &c));
                        assert!(a.is_ok() || rules == RuleSet::Aic02, "{a:?}");
                        assert_eq!(a.ok(), b.ok(), "{rules} {mode:?} {c:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn single_operations_of_0_2() {
    let file: Value = serde_json::from_str(&golden("aic-0.2-ops.json")).unwrap();
    let mut worst = 0.0_f64;
    let calls = file["points"].as_array().unwrap();
    assert_eq!(calls.len(), 300);
    for p in calls {
        let long = |k: &str| p[k].as_u64().unwrap();
        let int = |k: &str| u32::try_from(long(k)).unwrap();
        let name = |k: &str| p[k].as_str().unwrap();
        let call = match name("op") {
            "gemm" => Call::Gemm {
                m: long("m"),
                n: int("n"),
                k: int("k"),
                quant: GemmQuant::parse(name("q")).unwrap(),
            },
            "ctx" => Call::Context {
                b: long("b"),
                s: long("s"),
                n: int("n"),
                nkv: int("nkv"),
                kv: KvQuant::parse(name("kv")).unwrap(),
                fmha: FmhaQuant::parse(name("fmha")).unwrap(),
            },
            "gen" => Call::Decode {
                b: long("b"),
                s: long("s"),
                n: int("n"),
                nkv: int("nkv"),
                kv: KvQuant::parse(name("kv")).unwrap(),
            },
            "ar" => Call::AllReduce {
                tp: int("tp"),
                elems: long("elems"),
            },
            other => panic!("{other}"),
        };
        let ms = OLD.call_ms("h200_sxm", call).unwrap();
        let e = relative(ms, p["ms"].as_f64().unwrap());
        assert!(e <= CLOSE, "{ms}: {p}");
        worst = worst.max(e);
    }
    println!("aic-0.2-ops.json: {} calls, worst {worst:.2e}", calls.len());
}

#[test]
fn cubic_cells_of_scipy() {
    let cells: Value = serde_json::from_str(&golden("clough-tocher.json")).unwrap();
    let mut worst = 0.0_f64;
    for c in cells.as_array().unwrap() {
        let f = |k: &str| c[k].as_f64().unwrap();
        let cell = Cell {
            y1: f("y1"),
            y2: f("y2"),
            z1: f("z1"),
            z2: f("z2"),
            f: [f("f00"), f("f01"), f("f10"), f("f11")],
        };
        let e = relative(clough_tocher::value(&cell, f("y"), f("z")), f("v"));
        assert!(e <= 1e-12, "{e:e}: {c}");
        worst = worst.max(e);
    }
    println!("clough-tocher.json: worst {worst:.2e}");
}

#[test]
fn the_anchor_to_three_decimals() {
    let e = OLD.estimate(Mode::Agg, &Config::default()).unwrap();
    assert_eq!(format!("{:.3}", e.tokens_s_gpu), "196.783");
    assert_eq!(
        format!("{:.3} {:.3}", e.ttft_ms.unwrap(), e.tpot_ms.unwrap()),
        "135.327 6.836"
    );
    let m = e.memory;
    let parts = [
        m.weights_gib,
        m.activations_gib,
        m.kv_gib,
        m.nccl_gib,
        m.other_gib,
        m.total_gib,
    ];
    for (ours, theirs) in parts
        .iter()
        .zip([5.262909, 0.611115, 0.823975, 0.382813, 3.5, 10.580811])
    {
        assert!((ours - theirs).abs() < 1e-6, "{parts:?}");
    }
    assert!((e.steps.unwrap().mix_ms - 135.327175).abs() < 1e-3);
    let e = NEW.estimate(Mode::Agg, &Config::default()).unwrap();
    assert_eq!(format!("{:.3}", e.tokens_s_gpu), "234.557");
}

#[test]
fn one_cubic_of_the_anchor() {
    let call = Call::Gemm {
        m: 8,
        n: 1280,
        k: 5120,
        quant: GemmQuant::Fp8Block,
    };
    let ms = OLD.call_ms("h200_sxm", call).unwrap();
    assert!(relative(ms, 0.013339396882) < 1e-5, "{ms}");
}

/// A CSV as AIC prints it: header and rows.
fn csv(name: &str) -> Vec<Vec<(String, String)>> {
    let text = golden(name);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|l| {
            header
                .iter()
                .map(|h| (*h).to_owned())
                .zip(l.split(',').map(str::to_owned))
                .collect()
        })
        .collect()
}

/// Compares rows column by column: numbers within the last printed digit (of large ones within the six digits that the
/// figures have), words exactly. `ours` may lack only the columns named.
fn compare_rows(name: &str, ours: &[Value], lacking: &[&str], model: &str) {
    let theirs = csv(name);
    assert_eq!(ours.len(), theirs.len(), "rows of {name}");
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        for (key, printed) in b {
            let Some(value) = a.get(key) else {
                assert!(
                    lacking.contains(&key.as_str()),
                    "{key} of {name} is missing"
                );
                continue;
            };
            if key == "model" {
                assert_eq!(value.as_str().unwrap(), model);
            } else if let (Some(v), Ok(p)) = (value.as_f64(), printed.parse::<f64>()) {
                assert!(
                    (v - p).abs() <= 0.001_000_1_f64.max(2e-6 * p),
                    "{name} row {i}: {key} is {v}, AIC printed {p}"
                );
            } else {
                assert_eq!(value.as_str().unwrap(), printed, "{name} row {i}: {key}");
            }
        }
    }
    println!("{name}: {} rows", theirs.len());
}

fn rows<R: serde::Serialize>(rows: &[R]) -> Vec<Value> {
    rows.iter()
        .map(|r| serde_json::to_value(r).unwrap())
        .collect()
}

const NEWER: [&str; 13] = [
    "prefix",
    "encoder_latency",
    "encoder_memory",
    "cp",
    "power_w",
    "(p)cp",
    "(e)workers",
    "(e)tp",
    "(e)pp",
    "(e)bs",
    "(e)parallel",
    "(e)memory",
    "(d)cp",
];

#[test]
fn the_sweep_of_0_2_row_by_row() {
    let s = OLD.sweep(&SweepInput::default()).unwrap();
    compare_rows(
        "cli-0.2/agg_pareto.csv",
        &rows(&s.agg.rows),
        &[],
        "QWEN3_32B",
    );
    compare_rows(
        "cli-0.2/disagg_pareto.csv",
        &rows(&s.disagg.rows),
        &[],
        "QWEN3_32B",
    );
    assert_eq!((s.agg.rows.len(), s.disagg.rows.len()), (42, 16));
    assert!(s.notes.is_empty());

    let file: Value = serde_json::from_str(&golden("aic-0.2-sweep.json")).unwrap();
    for (ours, key) in [(rows(&s.agg.rows), "agg"), (rows(&s.disagg.rows), "disagg")] {
        let theirs = file[key].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(theirs) {
            for (k, v) in b.as_object().unwrap() {
                let (x, y) = (a[k].as_f64().unwrap(), v.as_f64().unwrap());
                assert!(
                    (x - y).abs() <= 0.001_000_1_f64.max(2e-6 * y),
                    "{key} {k}: {x} against {y}"
                );
            }
        }
    }
    let result: Value =
        serde_json::from_str(&golden("cli-0.2/aiconfigurator_result.json")).unwrap();
    assert_eq!(s.chosen, Chosen::Disagg);
    assert_eq!(result["chosen_system_type"], "disagg");
    let (a, d) = (s.agg.best.unwrap(), s.disagg.best.unwrap());
    assert_eq!(
        (a.tokens_s_gpu_cluster, d.tokens_s_gpu_cluster),
        (378.997, 812.475)
    );
    assert_eq!((a.tp, a.bs, a.ctx_tokens), (4, 16, 8000));
    assert_eq!(
        (d.p_tp, d.p_bs, d.p_workers, d.d_tp, d.d_bs, d.d_workers),
        (1, 1, 4, 4, 64, 1)
    );
    assert!(relative(s.ratio.unwrap(), result["benefit_ratio"].as_f64().unwrap()) < 1e-12);
}

#[test]
fn the_sweep_of_0_12_row_by_row() {
    let s = NEW
        .sweep(&SweepInput {
            model: "Qwen/Qwen3-32B-FP8".to_owned(),
            ..SweepInput::default()
        })
        .unwrap();
    compare_rows(
        "cli-0.12/agg_pareto.csv",
        &rows(&s.agg.rows),
        &NEWER,
        "Qwen/Qwen3-32B-FP8",
    );
    compare_rows(
        "cli-0.12/disagg_pareto.csv",
        &rows(&s.disagg.rows),
        &NEWER,
        "Qwen/Qwen3-32B-FP8",
    );
    compare_rows(
        "cli-0.12/agg_best_config_topn.csv",
        &rows(&s.agg.top),
        &NEWER,
        "Qwen/Qwen3-32B-FP8",
    );
    compare_rows(
        "cli-0.12/disagg_best_config_topn.csv",
        &rows(&s.disagg.top),
        &NEWER,
        "Qwen/Qwen3-32B-FP8",
    );
    assert_eq!((s.agg.rows.len(), s.disagg.rows.len()), (25, 4));
    assert_eq!(s.chosen, Chosen::Disagg);
    let (a, d) = (s.agg.best.unwrap(), s.disagg.best.unwrap());
    assert_eq!(
        (a.tokens_s_gpu_cluster, d.tokens_s_gpu_cluster),
        (414.272, 478.35)
    );
    assert_eq!((a.tp, a.bs, a.ctx_tokens), (4, 16, 4000));
    assert_eq!((d.p_tp, d.p_workers, d.d_tp, d.d_workers), (4, 1, 4, 1));
}
