//! Every input that cannot be projected gives its own typed error with a whole sentence: no number, no panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::sync::LazyLock;

use common::{engine, files, tables};
use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{
    Config, CostError, Engine, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, RuleSet, SweepInput,
    points,
};

static OLD: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic02, Subset::Dense));
static NEW: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic012, Subset::Dense));

fn sentence(e: &CostError) {
    let text = e.to_string();
    assert!(text.ends_with('.') && text.len() > 20, "{text}");
    assert!(
        text.starts_with(|c: char| c.is_uppercase() || c == '“'),
        "{text}"
    );
}

/// All three answers refuse alike.
fn refused(engine: &Engine, mode: Mode, change: impl Fn(&mut Config)) -> CostError {
    let mut c = Config::default();
    change(&mut c);
    let e = engine.estimate(mode, &c).unwrap_err();
    assert_eq!(engine.breakdown(mode, &c).unwrap_err(), e);
    assert_eq!(engine.speed_of_light(mode, &c).unwrap_err(), e);
    sentence(&e);
    e
}

const MODES: [Mode; 3] = [Mode::Agg, Mode::StaticCtx, Mode::StaticGen];

#[test]
fn wrong_names() {
    for engine in [&*OLD, &*NEW] {
        let e = refused(engine, Mode::Agg, |c| c.model = "GPT-7".to_owned());
        assert!(matches!(e, CostError::UnknownModel { .. }));
        let e = refused(engine, Mode::Agg, |c| c.system = "tpu".to_owned());
        assert!(matches!(e, CostError::UnknownSystem { .. }));
        assert!(e.to_string().contains("h200_sxm"));
    }
    let e = refused(&OLD, Mode::Agg, |c| c.model = "LLAMA3.1_405B".to_owned());
    assert!(matches!(e, CostError::ModelNotCovered { .. }));
    let e = refused(&NEW, Mode::Agg, |c| c.model = "QWEN2.5_7B".to_owned());
    assert!(matches!(e, CostError::ModelNotCovered { .. }));
    for e in [
        GemmQuant::parse("fp8_static").unwrap_err(),
        KvQuant::parse("int8").unwrap_err(),
    ] {
        assert!(matches!(e, CostError::UnknownQuant { .. }));
        sentence(&e);
    }
    sentence(&"aic-9".parse::<RuleSet>().unwrap_err());
    sentence(&"static".parse::<Mode>().unwrap_err());
}

#[test]
fn parallelism() {
    for engine in [&*OLD, &*NEW] {
        for mode in MODES {
            assert!(matches!(
                refused(engine, mode, |c| c.tp = 3),
                CostError::TpDoesNotDivide { tp: 3, .. }
            ));
            assert!(matches!(
                refused(engine, mode, |c| c.tp = 0),
                CostError::Zero { .. }
            ));
            assert!(matches!(
                refused(engine, mode, |c| c.pp = 0),
                CostError::Zero { .. }
            ));
            assert!(matches!(
                refused(engine, mode, |c| c.pp = 65),
                CostError::Unsupported { .. }
            ));
        }
    }
    assert!(matches!(
        refused(&OLD, Mode::Agg, |c| c.tp = 32),
        CostError::TooFewHeads { left: 2, .. }
    ));
    assert!(matches!(
        refused(&NEW, Mode::Agg, |c| c.pp = 2),
        CostError::Unsupported { .. }
    ));
    let seven = |c: &mut Config| (c.model, c.tp) = ("QWEN2.5_7B".to_owned(), 7);
    assert!(matches!(
        refused(&OLD, Mode::Agg, seven),
        CostError::TpNotMeasured { tp: 7, .. }
    ));
    assert!(
        OLD.estimate(
            Mode::Agg,
            &Config {
                tp: 16,
                ..Config::default()
            }
        )
        .is_ok()
    );
    assert!(
        OLD.estimate(
            Mode::Agg,
            &Config {
                tp: 2,
                pp: 2,
                ..Config::default()
            }
        )
        .is_ok()
    );
}

#[test]
fn fp8_attention_needs_an_fp8_cache() {
    let quant = Quant {
        gemm: GemmQuant::Fp8,
        kvcache: KvQuant::Float16,
        fmha: FmhaQuant::Fp8,
    };
    for engine in [&*OLD, &*NEW] {
        for mode in MODES {
            assert_eq!(
                refused(engine, mode, |c| c.quant = quant),
                CostError::QuantPair
            );
        }
        let e = engine
            .sweep(&SweepInput {
                quant,
                ..SweepInput::default()
            })
            .unwrap_err();
        assert_eq!(e, CostError::QuantPair);
    }
}

#[test]
fn lengths() {
    for engine in [&*OLD, &*NEW] {
        for mode in MODES {
            assert!(matches!(
                refused(engine, mode, |c| c.batch = 0),
                CostError::Zero { what: "batch" }
            ));
            assert!(matches!(
                refused(engine, mode, |c| c.isl = 0),
                CostError::Zero { .. }
            ));
            assert!(matches!(
                refused(engine, mode, |c| c.osl = 0),
                CostError::Zero { .. }
            ));
            for huge in [2_000_000, u32::MAX] {
                assert!(matches!(
                    refused(engine, mode, |c| c.batch = huge),
                    CostError::TooLarge { .. }
                ));
                assert!(matches!(
                    refused(engine, mode, |c| c.isl = huge),
                    CostError::TooLarge { .. }
                ));
                assert!(matches!(
                    refused(engine, mode, |c| c.osl = huge),
                    CostError::TooLarge { .. }
                ));
            }
        }
        assert!(matches!(
            refused(engine, Mode::Agg, |c| c.ctx_tokens = 0),
            CostError::Zero { .. }
        ));
        assert!(matches!(
            refused(engine, Mode::Agg, |c| c.ctx_tokens = u32::MAX),
            CostError::TooLarge { .. }
        ));
        for mode in [Mode::Agg, Mode::StaticGen] {
            assert!(matches!(
                refused(engine, mode, |c| c.osl = 1),
                CostError::OutputTooShort { osl: 1 }
            ));
        }
        assert!(
            engine
                .estimate(
                    Mode::StaticCtx,
                    &Config {
                        osl: 1,
                        ..Config::default()
                    }
                )
                .is_ok()
        );
    }
    let e = refused(&OLD, Mode::Agg, |c| c.batch = 2);
    assert_eq!(
        e,
        CostError::BatchTooSmall {
            batch: 2,
            requests: 2
        }
    );
    let e = refused(&OLD, Mode::Agg, |c| c.batch = 1);
    assert_eq!(
        e,
        CostError::BatchTooSmall {
            batch: 1,
            requests: 2
        }
    );
}

#[test]
fn beyond_the_tables_of_0_2() {
    let table = |e: CostError| match e {
        CostError::BeyondTables { table, value, .. } => (table, value),
        other => panic!("{other}"),
    };
    let e = refused(&OLD, Mode::StaticCtx, |c| c.batch = 2049);
    assert_eq!(table(e), ("context attention", 2049));
    let e = refused(&OLD, Mode::StaticCtx, |c| (c.batch, c.isl) = (1, 15));
    assert_eq!(table(e), ("context attention", 15));
    let e = refused(&OLD, Mode::StaticCtx, |c| {
        (c.batch, c.isl) = (2000, 1_000_000)
    });
    assert_eq!(table(e), ("GEMM", 2_000_000_000));
}

#[test]
fn sweeps() {
    for engine in [&*OLD, &*NEW] {
        let refused = |change: &dyn Fn(&mut SweepInput)| {
            let mut s = SweepInput::default();
            change(&mut s);
            let e = engine.sweep(&s).unwrap_err();
            sentence(&e);
            e
        };
        assert!(matches!(refused(&|s| s.isl = 0), CostError::Zero { .. }));
        assert!(matches!(
            refused(&|s| s.isl = u32::MAX),
            CostError::TooLarge { .. }
        ));
        assert!(matches!(
            refused(&|s| s.osl = 1),
            CostError::OutputTooShort { .. }
        ));
        assert!(matches!(
            refused(&|s| s.total_gpus = 0),
            CostError::Zero { .. }
        ));
        assert!(matches!(
            refused(&|s| s.model = "x".to_owned()),
            CostError::UnknownModel { .. }
        ));
        assert!(matches!(
            refused(&|s| s.system = "x".to_owned()),
            CostError::UnknownSystem { .. }
        ));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                refused(&|s| s.ttft_ms = bad),
                CostError::BadLimit { .. }
            ));
            assert!(matches!(
                refused(&|s| s.tpot_ms = bad),
                CostError::BadLimit { .. }
            ));
        }
        // Limits that nothing keeps are an answer.
        let s = engine
            .sweep(&SweepInput {
                ttft_ms: 0.001,
                ..SweepInput::default()
            })
            .unwrap();
        assert!(s.agg.rows.is_empty() && s.disagg.rows.is_empty() && s.ratio.is_none());
        assert!(s.agg.best.is_none() && s.agg.interpolated_tokens_s_gpu.is_none());
    }
    // Too big for one GPU: no point, no error.
    let s = NEW
        .sweep(&SweepInput {
            model: "LLAMA3.1_405B".to_owned(),
            total_gpus: 1,
            ..SweepInput::default()
        })
        .unwrap();
    assert!(s.agg.rows.is_empty() && s.disagg.rows.is_empty());
}

#[test]
fn points_carry_their_errors() {
    let json = r#"{"points": [
        {"mode": "agg", "tp": 8, "batch": 12, "isl": 4000, "osl": 500, "ctx_tokens": 8000, "gemm": "fp8_block"},
        {"tp": 8, "batch": 12, "isl": 4000, "osl": 500},
        {"mode": "agg", "tp": 3, "batch": 12, "isl": 4000, "osl": 500, "ctx_tokens": 8000},
        {"mode": "agg", "batch": -12, "isl": 4000, "osl": 500},
        {"mode": "agg", "isl": 4000, "osl": 500},
        {"mode": "nap", "tp": 8, "batch": 12, "isl": 4000, "osl": 500},
        {"mode": "static_gen", "tp": 8, "batch": 12, "isl": 4000, "osl": 500, "ctx_tokens": null, "kvcache": "nvfp4"}
    ]}"#;
    let out = serde_json::to_value(points::run(&OLD, json).unwrap()).unwrap();
    let out = out.as_array().unwrap();
    assert_eq!(out.len(), 7);
    // Context tokens are the input length where they are not given.
    for good in &out[..2] {
        assert!(
            good.get("error").is_none() && good["oom"] == false,
            "{good}"
        );
    }
    for bad in &out[2..] {
        assert!(bad["error"].as_str().unwrap().ends_with('.'));
        assert_eq!(bad.as_object().unwrap().len(), 1);
    }
    assert!(points::run(&OLD, "[]").unwrap().is_empty());
    for bad in ["", "{}", "7", r#"{"points": {}}"#, "nonsense"] {
        sentence(&points::run(&OLD, bad).unwrap_err());
    }
}

#[test]
fn packs_of_other_rules_are_refused() {
    let e = Engine::new(RuleSet::Aic02, tables(RuleSet::Aic012, Subset::Qwen3_32B)).unwrap_err();
    assert!(matches!(e, CostError::RulesMismatch { .. }));
    sentence(&e);
}

#[test]
fn compressed_packs_are_read_and_damage_is_said() {
    use std::io::Write;
    let tables = tables(RuleSet::Aic02, Subset::Qwen3_32B);
    let plain = pack::encode(&tables);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&plain).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < plain.len());
    assert_eq!(pack::encode(&pack::decode(&packed).unwrap()), plain);
    // Flipped, cut off, another version, no pack at all.
    let change = |at: usize| {
        let mut bytes = packed.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let mut later = plain.clone();
    later[4] = 9;
    for (bytes, word) in [
        (change(packed.len() / 2), "damaged"),
        (packed[..packed.len() - 9].to_vec(), "damaged"),
        (later, "version 9"),
        (b"<!doctype html><title>404</title>".to_vec(), "SLCM"),
    ] {
        let e = pack::decode(&bytes).unwrap_err();
        sentence(&e);
        assert!(e.to_string().contains(word), "{e}");
    }
}

#[test]
fn missing_and_malformed_files_are_named() {
    let all = files(RuleSet::Aic012);
    for name in [
        "gemm.csv",
        "system.csv",
        "ctx_attn.csv",
        "gen_attn.csv",
        "allreduce.csv",
        "gemm_site_order.csv",
    ] {
        let some: Vec<(&str, &str)> = all
            .iter()
            .filter(|(n, _)| n != name)
            .map(|(n, t)| (n.as_str(), t.as_str()))
            .collect();
        let e = pack::build(RuleSet::Aic012, Subset::Dense, &some).unwrap_err();
        assert!(
            matches!(&e, CostError::Csv { file, .. } if file == name),
            "{e}"
        );
        sentence(&e);
    }
    let broken = |name: &str, text: &str| {
        let mut some: Vec<(&str, &str)> =
            all.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        for f in &mut some {
            if f.0 == name {
                f.1 = text;
            }
        }
        let e = pack::build(RuleSet::Aic012, Subset::Dense, &some).unwrap_err();
        sentence(&e);
        e.to_string()
    };
    assert!(
        broken("allreduce.csv", "gpus,elems,us\n2,128,abc\n").contains("Line 2 of allreduce.csv")
    );
    assert!(broken("allreduce.csv", "gpus,elems,us\n2,128,1\n2,128,2\n").contains("occurs twice"));
    assert!(broken("allreduce.csv", "gpus,us\n").contains("expected the header"));
    assert!(broken("system.csv", "key,value\nsystem,x\n").contains("missing"));
    assert!(broken("system.csv", "key,value\nmem_bandwidth,-4\n").contains("positive number"));
}
