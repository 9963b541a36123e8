//! Whole sweeps against AIConfigurator's own fronts: other models, lengths, limits and numbers of GPUs than the
//! published run has.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod common;

use common::{engine, golden};
use serde_json::Value;
use servelens_core::cost::pack::Subset;
use servelens_core::cost::{Engine, FmhaQuant, GemmQuant, KvQuant, Quant, RuleSet, SweepInput};

fn input(s: &Value) -> SweepInput {
    let int = |k: &str| u32::try_from(s[k].as_u64().unwrap()).unwrap();
    let text = |k: &str| s[k].as_str().unwrap();
    SweepInput {
        model: text("model").to_owned(),
        total_gpus: int("gpus"),
        isl: int("isl"),
        osl: int("osl"),
        ttft_ms: s["ttft"].as_f64().unwrap(),
        tpot_ms: s["tpot"].as_f64().unwrap(),
        quant: Quant {
            gemm: GemmQuant::parse(text("gemm")).unwrap(),
            kvcache: KvQuant::parse(text("kvcache")).unwrap(),
            fmha: FmhaQuant::parse(text("fmha")).unwrap(),
        },
        ..SweepInput::default()
    }
}

/// Rows agree column by column: counts exactly, figures in the last printed digit or six significant ones.
/// Throughput follows from requests per second with three decimals, so one step of those is allowed for.
fn same(ours: &[Value], theirs: &Value, columns: &Value, step: impl Fn(&Value) -> f64, what: &str) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(ours.len(), theirs.len(), "rows of {what}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        for (key, v) in columns
            .as_array()
            .unwrap()
            .iter()
            .zip(b.as_array().unwrap())
        {
            let key = key.as_str().unwrap();
            let (x, y) = (a[key].as_f64().unwrap(), v.as_f64().unwrap());
            let allowed = match key {
                "tokens/s/gpu" | "tokens/s/gpu_cluster" => step(a).max(1e-5 * y),
                _ if v.is_u64() => 0.0,
                _ => 0.001_000_1_f64.max(1e-5 * y),
            };
            assert!(
                (x - y).abs() <= allowed,
                "{what} row {i}: {key} is {x}, AIC has {y}"
            );
        }
    }
}

fn compare(engine: &Engine, name: &str, expected: usize) {
    let file: Value = serde_json::from_str(&golden(name)).unwrap();
    let sweeps = file["sweeps"].as_array().unwrap();
    assert_eq!(sweeps.len(), expected);
    let mut rows = 0;
    for s in sweeps {
        let input = input(s);
        let ours = engine.sweep(&input).unwrap();
        let json = serde_json::to_value(&ours).unwrap();
        for way in ["agg", "disagg"] {
            let what = format!(
                "{way} of {} {}/{} on {} GPUs",
                input.model, input.isl, input.osl, input.total_gpus
            );
            let front = json[way]["front"].as_array().unwrap();
            let step = |row: &Value| match way {
                "agg" => 0.001_000_1,
                _ => {
                    0.001_000_1
                        * (f64::from(input.osl) / row["num_total_gpus"].as_f64().unwrap()).max(1.0)
                }
            };
            same(front, &s[way], &file[format!("{way}_columns")], step, &what);
            let best = &json[way]["best"];
            match s[format!("{way}_best")].as_f64() {
                Some(theirs) => {
                    let x = best["tokens/s/gpu_cluster"].as_f64().unwrap();
                    assert!(
                        (x - theirs).abs() <= step(best).max(1e-5 * theirs),
                        "{what}: {x} {theirs}"
                    );
                    assert!(best["tpot"].as_f64().unwrap() <= input.tpot_ms);
                }
                None => assert!(best.is_null(), "{what}"),
            }
            rows += front.len();
        }
    }
    println!("{name}: {expected} sweeps, {rows} rows");
}

#[test]
fn sweeps_of_0_12() {
    compare(
        &engine(RuleSet::Aic012, Subset::Dense),
        "aic-0.12-sweeps.json",
        19,
    );
}
