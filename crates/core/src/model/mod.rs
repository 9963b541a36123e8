//! The canonical model: every tool's results and every projection end in these types.
//!
//! Knows what a run, a point and a metric are; refuses to know any file format.

mod engine;
mod evidence;
mod metric;
mod point;
mod provenance;
mod run;
mod stats;
mod tool;
mod workspace;

pub use engine::{Engine, EngineFacts, Known, Matched, NumberFormat, Precision};
pub use evidence::{
    Asked, Basis, Evidence, LimitSource, Published, Recorded, StatedLimits, Superseded, Tally,
    Trace, Traces, Withdrawal, Withdrawn,
};
pub use metric::{Direction, Metric, MetricInfo};
pub use point::{
    Load, Measure, Point, Requests, Setup, Source, TpotDefinition, Treatment, Workload,
};
pub use provenance::Provenance;
pub use run::{Deployment, Gpus, Quantization, Role, Run, RunKind};
pub use stats::{Stat, Stats};
pub use tool::{Tool, ToolInfo};
pub use workspace::{Context, FileOutcome, PastedText, Severity, Sla, Workspace};
