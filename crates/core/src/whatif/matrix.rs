//! Tensor parallelism × number formats: the best aggregated configuration of each.

use super::{Inputs, cost_per_million};
use crate::cost::{
    AggRow, CostError, Engine, FmhaQuant, GemmQuant, KvQuant, Mode, Quant, SweepInput,
};
use crate::model::Sla;

/// The tensor parallelisms of the matrix.
pub const TPS: [u32; 4] = [1, 2, 4, 8];

/// The number formats of the matrix.
pub const FORMATS: [Quant; 4] = [
    Quant {
        gemm: GemmQuant::Float16,
        kvcache: KvQuant::Float16,
        fmha: FmhaQuant::Float16,
    },
    Quant {
        gemm: GemmQuant::Fp8,
        kvcache: KvQuant::Float16,
        fmha: FmhaQuant::Float16,
    },
    Quant {
        gemm: GemmQuant::Fp8,
        kvcache: KvQuant::Fp8,
        fmha: FmhaQuant::Fp8,
    },
    Quant {
        gemm: GemmQuant::Fp8Block,
        kvcache: KvQuant::Fp8,
        fmha: FmhaQuant::Fp8,
    },
];

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The configuration with most output per GPU within the limits.
    Best(Box<AggRow>),
    /// No configuration keeps this limit: its name, the least value there is and the limit, ms.
    Over(&'static str, f64, f64),
    /// It takes more GPUs than there are.
    Gpus,
    /// The cost model refuses it, as a sentence.
    Refused(String),
}

/// One format over all tensor parallelisms.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The formats.
    pub quant: Quant,
    /// A cell for each of [`TPS`].
    pub cells: Vec<Cell>,
}

/// What the cells show of their configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// Output tokens per second and GPU.
    #[default]
    PerGpu,
    /// Output tokens per second of one user.
    PerUser,
    /// Time to the first token.
    Ttft,
    /// Time between tokens.
    Tpot,
    /// Price of a million tokens.
    Cost,
}

impl Shown {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 5] = [
        Self::PerGpu,
        Self::PerUser,
        Self::Ttft,
        Self::Tpot,
        Self::Cost,
    ];
    /// Key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::PerGpu => "gpu",
            Self::PerUser => "user",
            Self::Ttft => "ttft",
            Self::Tpot => "tpot",
            Self::Cost => "cost",
        }
    }
    /// The inverse of [`Shown::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
    /// Name with its unit.
    pub fn label(self) -> &'static str {
        match self {
            Self::PerGpu => "Output per GPU, tok/s",
            Self::PerUser => "Speed for one user, tok/s",
            Self::Ttft => "TTFT, ms",
            Self::Tpot => "TPOT, ms",
            Self::Cost => "Cost, $ per million tokens",
        }
    }
    /// Its value in a row; the price is per GPU-hour.
    pub fn of(self, row: &AggRow, price: f64) -> Option<f64> {
        match self {
            Self::PerGpu => Some(row.tokens_s_gpu),
            Self::PerUser => Some(row.tokens_s_user),
            Self::Ttft => Some(row.ttft),
            Self::Tpot => Some(row.tpot),
            Self::Cost => cost_per_million(price, row.tokens_s_gpu),
        }
    }
    /// Whether a larger value is the better one.
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::PerGpu | Self::PerUser)
    }
}

/// The cells of one format.
pub fn row(engine: &Engine, inputs: &Inputs, sla: &Sla, quant: Quant) -> Row {
    let sweep = SweepInput {
        quant,
        ..inputs.sweep(sla)
    };
    let front = engine.aggregated(&sweep);
    let cells = TPS
        .into_iter()
        .map(|tp| {
            if tp > inputs.gpus {
                return Cell::Gpus;
            }
            let best = match &front {
                Ok(f) => f.top.iter().find(|r| r.tp == tp),
                Err(e) => return Cell::Refused(e.to_string()),
            };
            match best {
                Some(r) => Cell::Best(Box::new(r.clone())),
                None => short_of(engine, inputs, &sweep, tp)
                    .unwrap_or_else(|e| Cell::Refused(e.to_string())),
            }
        })
        .collect();
    Row { quant, cells }
}

/// Why nothing keeps the limits, told by one request alone with its whole prompt in one step: about the quickest there is (the measured tables
/// bend, so a small batch is now and then a little quicker).
fn short_of(
    engine: &Engine,
    inputs: &Inputs,
    sweep: &SweepInput,
    tp: u32,
) -> Result<Cell, CostError> {
    let config = crate::cost::Config {
        tp,
        pp: 1,
        quant: sweep.quant,
        batch: 1,
        ctx_tokens: sweep.isl,
        ..inputs.config.clone()
    };
    let e = engine.estimate(Mode::Agg, &config)?;
    let over = [
        ("TTFT", e.ttft_ms, sweep.ttft_ms),
        ("TPOT", e.tpot_ms, sweep.tpot_ms),
    ]
    .into_iter()
    .find_map(|(name, value, limit)| value.filter(|v| *v > limit).map(|v| (name, v, limit)));
    Ok(match (over, e.warning) {
        (Some((name, value, limit)), _) => Cell::Over(name, value, limit),
        (None, Some(warning)) => Cell::Refused(warning),
        (None, None) => Cell::Refused(
            "No configuration of AIC’s sweep keeps the limits, though one request alone would."
                .to_owned(),
        ),
    })
}
