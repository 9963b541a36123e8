//! AIConfigurator's cost model: what a configuration would take, from measured kernel latencies.
//!
//! Two rule sets behind one interface: AIC 0.2.0 (figures of TensorRT-LLM 0.20.0) and AIC 0.12.0 (ten GPU systems, three
//! backends). The figures are data ([`pack`]), systems ([`systems()`]) and models ([`ARCHES`]) are rows, the differences
//! are values ([`RuleSet`]), the oddities have names ([`QUIRKS`]).
//! Latencies are milliseconds and memory is GiB, as AIC prints them. Knows nothing of files or browsers; what sources
//! say of a deployment becomes a configuration in [`resolve`].
//!
//! ```text
//! csv → tables ⇄ pack          systems, hardware, models, quant, rules: constants
//!         └ source, curve      0.2: grid + fill + clough_tocher; 0.12: sites + ragged; attention, interp, roofline: both
//!              └ worker        one forward pass on one group of GPUs: lists of ops, those of experts in experts
//!                   ├ agg, static_mode, memory → engine (estimate), breakdown, points
//!                   └ agg_sweep, disagg → front → sweep (rows)
//! ```

mod agg;
mod agg_sweep;
mod arch;
mod attention;
mod backend;
mod breakdown;
mod call;
pub mod clough_tocher;
mod config;
mod csv;
mod curve;
mod disagg;
mod engine;
mod error;
mod experts;
mod family;
mod fill;
mod front;
mod grid;
mod hardware;
mod interp;
mod memory;
mod models;
mod ops;
pub mod pack;
mod parallel;
pub mod points;
mod quant;
mod quirks;
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
mod sweep_rows;
mod systems;
mod tables;
mod tuples;
mod worker;

pub use arch::{ARCHES, Arch, Experts, Family};
pub use backend::Backend;
pub use breakdown::{Bound, Breakdown, OpTime, Phase};
pub use call::Call;
pub use config::{Config, Mode};
pub use engine::{Engine, Estimate, SpeedOfLight, Steps};
pub use error::CostError;
pub use front::Front;
pub use hardware::Hardware;
pub use interp::Cell;
pub use memory::{KvBudget, Memory};
pub use parallel::Parallel;
pub use quant::{FmhaQuant, GemmQuant, KvQuant, Quant, Tensor};
pub use quirks::{QUIRKS, Quirk};
pub use rows::{AggRow, DisaggRow};
pub use rules::RuleSet;
pub use sweep::{Chosen, Sweep, SweepInput};
pub use systems::{PackName, System, find_system, models_of, pack_for, packs, systems};
pub use tables::Tables;
