//! Properties of the cost model and of its packs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::LazyLock;

use common::{engine, files, tables};
use proptest::prelude::*;
use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{
    ARCHES, Config, CostError, Engine, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, RuleSet,
    SweepInput, Tables,
};

static OLD: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic02, Subset::Dense));
static NEW: LazyLock<Engine> = LazyLock::new(|| engine(RuleSet::Aic012, Subset::Dense));
static SMALL: LazyLock<Tables> = LazyLock::new(|| tables(RuleSet::Aic012, Subset::Qwen3_32B));
static PACK: LazyLock<Vec<u8>> = LazyLock::new(|| pack::encode(&SMALL));

fn engine_of(rules: RuleSet) -> &'static Engine {
    match rules {
        RuleSet::Aic02 => &OLD,
        RuleSet::Aic012 => &NEW,
    }
}

fn rules() -> impl Strategy<Value = RuleSet> {
    prop_oneof![Just(RuleSet::Aic02), Just(RuleSet::Aic012)]
}

fn quant() -> impl Strategy<Value = Quant> {
    let gemm = prop_oneof![
        Just(GemmQuant::Float16),
        Just(GemmQuant::Fp8),
        Just(GemmQuant::Fp8Block)
    ];
    let pair = prop_oneof![
        Just((KvQuant::Fp8, FmhaQuant::Fp8)),
        Just((KvQuant::Fp8, FmhaQuant::Float16)),
        Just((KvQuant::Float16, FmhaQuant::Float16)),
    ];
    (gemm, pair).prop_map(|(gemm, (kvcache, fmha))| Quant {
        gemm,
        kvcache,
        fmha,
    })
}

/// Configurations around the measured range, for any model.
fn config() -> impl Strategy<Value = Config> {
    let model = proptest::sample::select(
        ARCHES
            .iter()
            .filter(|a| a.is_dense())
            .map(|a| a.name.to_owned())
            .collect::<Vec<_>>(),
    );
    let tp = proptest::sample::select(vec![1_u32, 2, 4, 8]);
    (
        model,
        tp,
        quant(),
        1_u32..512,
        16_u32..16_000,
        2_u32..2000,
        64_u32..16_000,
    )
        .prop_map(|(model, tp, quant, batch, isl, osl, ctx_tokens)| Config {
            model,
            tp,
            quant,
            batch,
            isl,
            osl,
            ctx_tokens,
            ..Config::default()
        })
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::Agg),
        Just(Mode::StaticCtx),
        Just(Mode::StaticGen)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn estimates_are_never_faster_than_light(rules in rules(), mode in mode(), c in config()) {
        let e = engine_of(rules);
        if let Ok(real) = e.estimate(mode, &c) {
            let light = e.speed_of_light(mode, &c).unwrap();
            for (a, b) in [(real.ttft_ms, light.ttft_ms), (real.tpot_ms, light.tpot_ms)] {
                prop_assert_eq!(a.is_some(), b.is_some());
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!(a.is_finite() && b.is_finite() && b > 0.0);
                    prop_assert!(a >= b, "{} ms is below the bound {} ms", a, b);
                }
            }
            prop_assert!(real.tokens_s_gpu.is_finite() && real.tokens_s_gpu <= light.tokens_s_gpu);
        }
    }

    #[test]
    fn every_answer_is_a_number_or_a_sentence(rules in rules(), mode in mode(), c in config(), tp in 0_u32..40, pp in 0_u32..4) {
        let c = Config { tp, pp, ..c };
        match engine_of(rules).estimate(mode, &c) {
            Ok(e) => {
                prop_assert!(e.memory.total_gib.is_finite() && e.tokens_s_gpu.is_finite() && e.tokens_s_gpu > 0.0);
                prop_assert_eq!(e.oom, e.memory.total_gib >= e.memory.capacity_gib);
            }
            Err(e) => prop_assert!(e.to_string().ends_with('.')),
        }
    }

    #[test]
    fn memory_grows_with_batch_and_input(rules in rules(), mode in mode(), c in config(), more in 1_u32..200) {
        let e = engine_of(rules);
        let longer = Config { isl: c.isl + more, ..c.clone() };
        let wider = Config { batch: c.batch + more, ..c.clone() };
        if let Ok(base) = e.estimate(mode, &c) {
            // Fewer prompts fit a mixed step of the same size, so more requests decode in it: activations grow too.
            for other in [longer, wider] {
                if let Ok(o) = e.estimate(mode, &other) {
                    prop_assert!(o.memory.kv_gib > base.memory.kv_gib);
                    prop_assert!(o.memory.total_gib >= base.memory.total_gib);
                    prop_assert_eq!(o.memory.weights_gib, base.memory.weights_gib);
                }
            }
        }
    }

    #[test]
    fn breakdowns_add_up(rules in rules(), mode in mode(), c in config()) {
        let e = engine_of(rules);
        if let Ok(real) = e.estimate(mode, &c) {
            let b = e.breakdown(mode, &c).unwrap();
            prop_assert_eq!(b.memory, real.memory);
            for p in &b.phases {
                let share: f64 = p.ops.iter().map(|o| o.share).sum();
                let ms: f64 = p.ops.iter().map(|o| o.ms).sum();
                prop_assert!((share - 1.0).abs() < 1e-9 && (ms - p.ms).abs() <= 1e-9 * ms);
            }
            let first = b.phases[0].ms;
            if let Some(s) = real.steps {
                prop_assert!((first - s.mix_ms).abs() <= 1e-9 * first);
                prop_assert_eq!(b.phases.get(1).map(|p| (p.ms - s.gen_ms.unwrap()).abs() < 1e-9 * p.ms), s.gen_ms.map(|_| true));
            } else if let Some(ttft) = real.ttft_ms {
                prop_assert!((first - ttft).abs() <= 1e-9 * ttft);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_noticed(at in 0_usize..1_000_000, flip in 1_u8..=255) {
        let mut bytes = PACK.clone();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        prop_assert!(matches!(pack::decode(&bytes), Err(CostError::Pack { .. })), "byte {at}");
    }

    #[test]
    fn damage_behind_a_good_hash_never_panics(at in 14_usize..1_000_000, flip in 1_u8..=255, cut in 0_usize..50) {
        let mut bytes = PACK.clone();
        let at = 14 + at % (bytes.len() - 14);
        bytes[at] ^= flip;
        bytes.truncate(bytes.len() - cut);
        let sum = pack::hash(&bytes[14..]).to_le_bytes();
        bytes[6..14].copy_from_slice(&sum);
        if let Ok(tables) = pack::decode(&bytes) {
            let _ = Engine::new(RuleSet::Aic012, tables).map(|e| e.estimate(Mode::Agg, &Config::default()));
        }
    }

    #[test]
    fn any_bytes_are_refused_politely(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(pack::decode(&bytes).is_err());
    }
}

#[test]
fn packs_round_trip_and_are_small() {
    for rules in [RuleSet::Aic02, RuleSet::Aic012] {
        for (subset, most) in [(Subset::Qwen3_32B, 180_000), (Subset::Dense, 600_000)] {
            let files = files(rules);
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(n, t)| (n.as_str(), t.as_str()))
                .collect();
            let tables = pack::read(rules, subset, &files).unwrap();
            let bytes = pack::encode(&tables);
            assert_eq!(pack::decode(&bytes).unwrap(), tables);
            assert_eq!(pack::build(rules, subset, &files).unwrap(), bytes);
            assert!(bytes.len() < most, "{rules} {subset}: {}", bytes.len());
            assert_eq!(subset.to_string().parse::<Subset>().unwrap(), subset);
        }
    }
}

#[test]
fn a_cut_pack_is_noticed() {
    for n in [0, 3, 13, 14, 100, PACK.len() - 1] {
        assert!(matches!(
            pack::decode(&PACK[..n]),
            Err(CostError::Pack { .. })
        ));
    }
}

#[test]
fn another_gpu_is_data_alone() {
    let mut files = files(RuleSet::Aic012);
    for (name, text) in &mut files {
        if name == "system.csv" {
            *text = text
                .replace("h200_sxm", "h100_sxm")
                .replace("151397597184", "85899345920");
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let other =
        pack::decode(&pack::build(RuleSet::Aic012, Subset::Dense, &files).unwrap()).unwrap();
    let mut e = engine(RuleSet::Aic012, Subset::Dense);
    e.add(other).unwrap();
    assert_eq!(e.systems().collect::<Vec<_>>(), ["h200_sxm", "h100_sxm"]);
    let c = Config {
        system: "H100-SXM".to_owned(),
        ..Config::default()
    };
    assert_eq!(e.estimate(Mode::Agg, &c).unwrap().memory.capacity_gib, 80.0);
}

#[test]
fn sweeps_keep_their_limits_and_repeat() {
    for e in [&*OLD, &*NEW] {
        let s = SweepInput::default();
        let a = e.sweep(&s).unwrap();
        assert_eq!(a, e.sweep(&s).unwrap());
        for pair in a.agg.rows.windows(2) {
            assert!(pair[0].tokens_s_user < pair[1].tokens_s_user);
            assert!(pair[0].tokens_s_gpu > pair[1].tokens_s_gpu);
        }
        assert!(a.agg.rows.iter().all(|r| r.ttft <= s.ttft_ms));
        assert!(
            a.disagg
                .rows
                .iter()
                .all(|r| r.ttft < s.ttft_ms && r.num_total_gpus <= s.total_gpus)
        );
        let best = a.disagg.best.unwrap();
        assert!(best.tpot <= s.tpot_ms);
    }
}
