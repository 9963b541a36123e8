//! A run: the load points of one deployment, measured or projected.

use super::{EngineFacts, Metric, Point, Provenance, Tool};
use serde::{Deserialize, Serialize};

/// Whether a run was measured or projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// A load generator measured it.
    Measured,
    /// A cost model projected it.
    Projected,
}

/// What a run is for in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The system that is being judged.
    Candidate,
    /// What it is judged against.
    Baseline,
    /// What a cost model promised.
    Projection,
    /// Left out of every comparison.
    Ignore,
}

impl Role {
    /// All roles, in the order of the menu.
    pub const ALL: [Self; 4] = [
        Self::Candidate,
        Self::Baseline,
        Self::Projection,
        Self::Ignore,
    ];
    /// The word on the chip.
    pub fn word(self) -> &'static str {
        match self {
            Self::Candidate => "Candidate",
            Self::Baseline => "Baseline",
            Self::Projection => "Projection",
            Self::Ignore => "Ignored",
        }
    }
    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Baseline => "baseline",
            Self::Projection => "projection",
            Self::Ignore => "ignore",
        }
    }
}

/// A number of GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpus {
    /// How many serve.
    pub count: u32,
    /// Whether no source states it.
    pub guess: bool,
}

/// Quantization as the source names it; what it does not name is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantization {
    /// GEMM weights.
    pub gemm: Option<String>,
    /// KV cache.
    pub kvcache: Option<String>,
    /// Attention.
    pub fmha: Option<String>,
    /// Communication.
    pub comm: Option<String>,
}

/// What was deployed, as far as the sources say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Model name as the source writes it.
    pub model: Option<String>,
    /// GPU type, such as `H200 SXM` or `h200_sxm`.
    pub system: Option<String>,
    /// Serving backend, such as `TensorRT-LLM` or `trtllm`.
    pub backend: Option<String>,
    /// The backend's version.
    pub backend_version: Option<String>,
    /// GPUs of the whole system.
    pub gpus: Option<Gpus>,
    /// Tensor parallelism.
    pub tp: Option<u32>,
    /// Pipeline parallelism.
    pub pp: Option<u32>,
    /// Quantization.
    pub quantization: Quantization,
    /// What the deployment files say about the engine.
    #[serde(default)]
    pub engine: Option<EngineFacts>,
}

/// The load points of one deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Stable key: the same files give the same key.
    pub id: String,
    /// Name that the person sees and may change.
    pub label: String,
    /// Tool that wrote it.
    pub tool: Tool,
    /// The tool's version, when stated.
    pub tool_version: Option<String>,
    /// Measured or projected.
    pub kind: RunKind,
    /// Role in the comparison.
    pub role: Role,
    /// Whether the role was guessed and not chosen.
    pub role_is_guess: bool,
    /// What was deployed.
    pub deployment: Deployment,
    /// Load points, ascending by workload and concurrency (AIC: in file order).
    pub points: Vec<Point>,
    /// Files it was read from, in the order dropped.
    pub files: Vec<String>,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
}

impl Run {
    /// GPUs of the whole system, stated or guessed.
    pub fn gpus(&self) -> Option<u32> {
        self.deployment.gpus.map(|g| g.count)
    }
    /// Most requests that the deployed engines work on at once, as the deployment files say.
    pub fn in_flight_cap(&self) -> Option<u32> {
        self.deployment.engine.as_ref()?.in_flight_cap()
    }
    /// Measured loads whose answers are known not to have been streamed.
    pub fn not_streamed(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|p| p.streamed == Some(false))
    }
    /// A point's value with this run's GPUs; see [`Point::value`].
    pub fn value(&self, point: &Point, metric: Metric) -> Option<(f64, Provenance)> {
        point.value(metric, self.gpus())
    }
}
