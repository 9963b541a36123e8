//! Agreement with AIConfigurator 0.12 on models with experts, other systems and other backends: every golden point.
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
use servelens_core::cost::{Engine, points};

/// Agreement asked of times and throughputs, relative.
const CLOSE: f64 = 1e-5;
/// Agreement asked of memory, relative: AIC adds in another order.
const MEMORY: f64 = 1e-12;

#[derive(Default)]
struct Engines(BTreeMap<String, Engine>);

impl Engines {
    fn of(&mut self, p: &points::Point) -> &Engine {
        let (_, config) = p.config().unwrap();
        let name = servelens_core::cost::pack_for(&config.model, &config.system, config.backend)
            .unwrap()
            .file();
        self.0.entry(name.clone()).or_insert_with(|| packed(&name))
    }
}

fn compare(name: &str, expected: usize) {
    let text = golden(&format!("wide/{name}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    let theirs = file["points"].as_array().unwrap();
    let ours = points::parse(&text).unwrap();
    assert_eq!((ours.len(), theirs.len()), (expected, expected));
    let mut engines = Engines::default();
    let (mut worst, mut memory) = (0.0_f64, 0.0_f64);
    let mut wrong = Vec::new();
    for (p, t) in ours.iter().zip(theirs) {
        let p = p.clone().unwrap();
        let (mode, config) = p.config().unwrap();
        let e = match engines.of(&p).estimate(mode, &config) {
            Ok(e) => e,
            Err(e) => {
                wrong.push(format!("{e} {t}"));
                continue;
            }
        };
        let out = &t["out"];
        for (value, key) in [
            (e.ttft_ms, "ttft"),
            (e.tpot_ms, "tpot"),
            (Some(e.tokens_s_gpu), "tokens_s_gpu"),
            (e.tokens_s_user, "tokens_s_user"),
        ] {
            let expected = out[key].as_f64().unwrap();
            // AIC prints 0 for what a static worker does not have.
            assert_eq!(value.is_none(), expected == 0.0, "{key} of {t}");
            if let Some(v) = value {
                let off = (v - expected).abs() / expected;
                worst = worst.max(off);
                if off > CLOSE {
                    wrong.push(format!("{key} is {v}, AIC has {expected}: {t}"));
                }
            }
        }
        let expected = out["memory"].as_f64().unwrap();
        let off = (e.memory.total_gib - expected).abs() / expected;
        memory = memory.max(off);
        if off > MEMORY {
            wrong.push(format!("memory is {:?}: {t}", e.memory));
        }
        let kv = e.kv_budget.is_some_and(|b| !b.fits) && !e.oom;
        if e.oom != out["oom"].as_bool().unwrap()
            || (!e.oom && kv != out["kv_oom"].as_bool().unwrap())
        {
            wrong.push(format!(
                "fits otherwise: {:?} {:?} {t}",
                e.memory, e.kv_budget
            ));
        }
    }
    println!("{name}: {expected} points, worst {worst:.2e}, memory {memory:.2e}");
    assert!(
        wrong.is_empty(),
        "{name}: {} of {expected}\n{}",
        wrong.len(),
        wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn qwen3() {
    compare("aic-0.12-moe-qwen3.json", 131);
}

#[test]
fn deepseek_and_kimi() {
    compare("aic-0.12-moe-deepseek.json", 314);
}

#[test]
fn gpt_oss() {
    compare("aic-0.12-moe-gptoss.json", 120);
}

#[test]
fn minimax_and_qwen3_coder() {
    compare("aic-0.12-moe-others.json", 78);
}

#[test]
fn other_systems_and_backends() {
    compare("aic-0.12-systems.json", 394);
}
