//! AIConfigurator's cost model: what a configuration would take, from measured kernel latencies.
//!
//! Two rule sets behind one interface: AIC 0.2.0 (figures of TensorRT-LLM 0.20.0) and AIC 0.12.0 (1.3.0rc20). The
//! figures are data ([`pack`]), the differences are values ([`RuleSet`]), the oddities have names ([`QUIRKS`]).
//! Latencies are milliseconds and memory is GiB, as AIC prints them. Knows nothing of files or browsers; what sources
//! say of a deployment becomes a configuration in [`resolve`].
//!
//! ```text
//! csv → tables ⇄ pack          hardware, quant, arch: constants
//!         └ source             0.2: grid + fill + clough_tocher; 0.12: sites + ragged; attention, interp, roofline: both
//!              └ ops (Worker)  one forward pass on one group of GPUs
//!                   ├ agg, static_mode, memory → engine (estimate), breakdown, points
//!                   └ agg_sweep, disagg → front → sweep (rows)
//! ```

mod agg;
mod agg_sweep;
mod arch;
mod attention;
mod breakdown;
mod call;
pub mod clough_tocher;
mod csv;
mod disagg;
mod engine;
mod error;
mod fill;
mod front;
mod grid;
mod hardware;
mod interp;
mod memory;
mod ops;
pub mod pack;
pub mod points;
mod quant;
mod ragged;
pub mod resolve;
mod roofline;
mod rows;
mod rules;
mod sites;
mod source;
mod static_mode;
mod subset;
mod sweep;
mod tables;

pub use arch::{ARCHES, Arch};
pub use breakdown::{Bound, Breakdown, OpTime, Phase};
pub use call::Call;
pub use engine::{Config, Engine, Estimate, Mode, SpeedOfLight, Steps};
pub use error::CostError;
pub use front::Front;
pub use hardware::Hardware;
pub use interp::Cell;
pub use memory::{KvBudget, Memory};
pub use quant::{FmhaQuant, GemmQuant, KvQuant, Quant};
pub use rows::{AggRow, DisaggRow};
pub use rules::{QUIRKS, Quirk, RuleSet};
pub use sweep::{Chosen, Sweep, SweepInput};
pub use tables::Tables;
