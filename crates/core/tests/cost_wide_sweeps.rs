//! Whole sweeps of AIConfigurator 0.12 on models with experts, other systems and other backends, front row by front row.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod common;

use std::collections::BTreeMap;

use common::{golden, packed};
use serde_json::Value;
use servelens_core::cost::{FmhaQuant, GemmQuant, KvQuant, Quant, SweepInput, pack_for};

fn input(i: &Value) -> SweepInput {
    let int = |k: &str| u32::try_from(i[k].as_u64().unwrap()).unwrap();
    let text = |k: &str| i[k].as_str().unwrap();
    let quant = |k: &str| i["quant"][format!("{k}_quant_mode")].as_str().unwrap();
    SweepInput {
        model: text("model").to_owned(),
        system: text("system").to_owned(),
        backend: text("backend").parse().unwrap(),
        total_gpus: int("total_gpus"),
        isl: int("isl"),
        osl: int("osl"),
        ttft_ms: i["ttft"].as_f64().unwrap(),
        tpot_ms: i["tpot"].as_f64().unwrap(),
        quant: Quant {
            gemm: GemmQuant::parse(quant("gemm")).unwrap(),
            kvcache: KvQuant::parse(quant("kvcache")).unwrap(),
            fmha: FmhaQuant::parse(quant("fmha")).unwrap(),
        },
        moe: Some(GemmQuant::parse(quant("moe")).unwrap()),
        ..SweepInput::default()
    }
}

/// Columns that tell rows apart.
const AGG: [&str; 3] = ["parallel", "bs", "ctx_tokens"];
const DISAGG: [&str; 6] = [
    "(p)parallel",
    "(p)bs",
    "(p)workers",
    "(d)parallel",
    "(d)bs",
    "(d)workers",
];

fn keyed(rows: &Value, columns: &[&str]) -> BTreeMap<String, Value> {
    let key = |r: &Value| {
        let fields: Vec<String> = columns.iter().map(|c| r[c].to_string()).collect();
        fields.join(" ")
    };
    let rows = rows.as_array().unwrap();
    rows.iter().map(|r| (key(r), r.clone())).collect()
}

/// Every row of AIC's front is on ours and no other, and its figures agree: counts exactly, others in the last printed
/// digit or six significant ones. Requests per second are rounded to three decimals before they are multiplied, so one
/// step of those is allowed for in what is made of them.
fn compare(name: &str, agg_rows: usize, disagg_rows: usize) {
    let file: Value = serde_json::from_str(&golden(&format!("wide/{name}"))).unwrap();
    let input = input(&file["inputs"]);
    let pack = pack_for(&input.model, &input.system, input.backend).unwrap();
    let sweep = packed(&pack.file()).sweep(&input).unwrap();
    let ours = serde_json::to_value(&sweep).unwrap();
    let mut wrong = Vec::new();
    for (way, columns, expected) in [
        ("agg", AGG.as_slice(), agg_rows),
        ("disagg", DISAGG.as_slice(), disagg_rows),
    ] {
        let Some(theirs) = file.get(format!("front_{way}")) else {
            // No pair of workers fits on so few GPUs.
            assert_eq!(expected, 0);
            assert_eq!(
                ours[way]["front"].as_array().unwrap().len(),
                0,
                "{name} {way}"
            );
            continue;
        };
        let (a, b) = (keyed(&ours[way]["front"], columns), keyed(theirs, columns));
        assert_eq!(theirs.as_array().unwrap().len(), expected, "{name} {way}");
        for key in b.keys().filter(|k| !a.contains_key(*k)) {
            wrong.push(format!("{way}: only AIC has {key}"));
        }
        for key in a.keys().filter(|k| !b.contains_key(*k)) {
            wrong.push(format!("{way}: only we have {key}"));
        }
        for (key, theirs) in &b {
            let Some(ours) = a.get(key) else { continue };
            let step = |seq: &str| 0.001 / theirs[seq].as_f64().unwrap_or(f64::INFINITY);
            let slack = 1e-5_f64.max(match way {
                "agg" => 0.0,
                _ => step("(p)seq/s/worker").max(step("(d)seq/s/worker")),
            });
            for (column, v) in theirs.as_object().unwrap() {
                let (Some(y), x) = (v.as_f64(), &ours[column]) else {
                    continue;
                };
                let x = x.as_f64().unwrap_or_else(|| panic!("{column} is lacking"));
                let allowed = if v.is_u64() {
                    0.0
                } else {
                    0.001_000_1_f64.max(slack * y)
                };
                if (x - y).abs() > allowed {
                    wrong.push(format!("{way} {key}: {column} is {x}, AIC has {y}"));
                }
            }
        }
        let best = ours[way]["best"]["tokens/s/gpu_cluster"].as_f64();
        let theirs = file["result"]["best_throughputs"][way].as_f64();
        match (best, theirs) {
            (Some(x), Some(y)) if (x - y).abs() <= 1e-4 * y => {}
            (x, y) => wrong.push(format!("{way}: best is {x:?}, AIC has {y:?}")),
        }
    }
    assert_eq!(
        ours["chosen"], file["result"]["chosen"],
        "{name}: the choice"
    );
    println!(
        "{name}: {agg_rows} and {disagg_rows} rows; {} estimated",
        sweep.estimated
    );
    assert!(
        wrong.is_empty(),
        "{name}: {}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn qwen3_30b_on_8_h200() {
    compare("aic-0.12-moe-sweep-qwen3-30b-8gpu.json", 60, 15);
}

#[test]
fn qwen3_235b_on_16_h200() {
    compare("aic-0.12-moe-sweep-qwen3-235b-16gpu.json", 71, 31);
}

#[test]
fn gpt_oss_120b_on_8_h200() {
    compare("aic-0.12-moe-sweep-gpt-oss-120b-8gpu.json", 53, 23);
}

#[test]
fn deepseek_v3_on_8_h200() {
    compare("aic-0.12-moe-sweep-deepseek-v3-8gpu.json", 45, 0);
}

#[test]
fn deepseek_v3_on_32_h200() {
    compare("aic-0.12-moe-sweep-deepseek-v3-32gpu.json", 43, 22);
}

#[test]
fn qwen3_235b_nvfp4_on_8_b200() {
    compare("aic-0.12-sweep-b200-qwen3-235b-nvfp4.json", 87, 25);
}

#[test]
fn qwen3_32b_on_16_gb200() {
    compare("aic-0.12-sweep-gb200-qwen3-32b.json", 50, 21);
}

#[test]
fn qwen3_30b_on_8_h200_with_sglang() {
    compare("aic-0.12-sweep-sglang-qwen3-30b.json", 58, 41);
}

#[test]
fn qwen3_32b_on_8_h200_with_sglang() {
    compare("aic-0.12-sweep-sglang-qwen3-32b.json", 35, 10);
}

#[test]
fn qwen3_30b_on_8_h200_with_vllm() {
    compare("aic-0.12-sweep-vllm-qwen3-30b.json", 56, 33);
}

#[test]
fn qwen3_32b_on_8_h200_with_vllm() {
    compare("aic-0.12-sweep-vllm-qwen3-32b.json", 43, 10);
}
