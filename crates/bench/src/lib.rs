//! What the timings of the cost model do, natively and in wasm alike.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run shall stop")]

use servelens_core::cost::pack::{self, Subset};
use servelens_core::cost::{Config, Engine, Mode, RuleSet, SweepInput};

macro_rules! files {
    ($folder:literal, $($name:literal),+) => {
        &[$(($name, include_str!(concat!("../../../data/", $folder, "/", $name)))),+]
    };
}

/// One rule set with all its figures: packed, as the page fetches them, and decoded.
pub struct Bench {
    pack: Vec<u8>,
    engine: Engine,
}

impl Bench {
    /// Packs the figures and decodes them once.
    pub fn new(rules: RuleSet) -> Self {
        let files: &[(&str, &str)] = match rules {
            RuleSet::Aic02 => files!(
                "aic-0.2",
                "system.csv",
                "gemm.csv",
                "ctx_attn.csv",
                "gen_attn.csv",
                "allreduce.csv"
            ),
            RuleSet::Aic012 => files!(
                "aic-0.12",
                "system.csv",
                "gemm.csv",
                "gemm_site_order.csv",
                "ctx_attn.csv",
                "gen_attn.csv",
                "allreduce.csv"
            ),
        };
        let pack = pack::build(rules, Subset::Dense, files).unwrap();
        let engine = Engine::new(rules, pack::decode(&pack).unwrap()).unwrap();
        Self { pack, engine }
    }

    /// Decodes the pack.
    pub fn decode(&self) -> usize {
        pack::decode(&self.pack).unwrap();
        self.pack.len()
    }

    /// Tokens per second per GPU of one configuration.
    pub fn estimate(&self) -> f64 {
        let e = self.engine.estimate(Mode::Agg, &Config::default());
        e.unwrap().tokens_s_gpu
    }

    /// The sweep of both ways of serving on eight GPUs, 4000 tokens in and 500 out; counts its estimates.
    pub fn sweep(&self) -> usize {
        self.engine.sweep(&SweepInput::default()).unwrap().estimated
    }

    /// Sweeps until ten times as many estimates are made, each for a length of its own.
    pub fn tenfold(&self) -> usize {
        let wanted = 10 * self.sweep();
        let (mut made, mut isl) = (0, 3000);
        while made < wanted {
            isl += 100;
            let input = SweepInput {
                isl,
                ..SweepInput::default()
            };
            made += self.engine.sweep(&input).unwrap().estimated;
        }
        made
    }
}
