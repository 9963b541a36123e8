//! What a format hands over: series of load points, records, context. Not yet runs.
//!
//! Knows what one file says by itself; refuses to know the other files.

use super::Watch;
use crate::model::{Context, Deployment, Load, Point, Recorded, Requests, Role, RunKind, Tool};

/// One file to read.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Path as dropped; inside an archive `archive.zip/inner/path`.
    pub path: &'a str,
    /// Content as UTF-8 without a byte-order mark.
    pub bytes: &'a [u8],
    /// Who is told how far reading has come.
    pub watch: Watch<'a>,
}

/// How much of a measurement a file holds; of twins the fuller one is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fidelity {
    /// Rounded figures without the load, as printed on a console.
    Console,
    /// Rounded figures without the load, as CSV.
    Csv,
    /// Everything.
    Full,
}

/// Load points that one file knows to belong together.
#[derive(Debug, Clone)]
pub struct Series {
    /// Tool that wrote it.
    pub tool: Tool,
    /// Its version, when stated.
    pub tool_version: Option<String>,
    /// Measured or projected.
    pub kind: RunKind,
    /// Name, when the file gives one; else the folder names it.
    pub label: Option<String>,
    /// Name that tells deployments of one folder apart, when the file gives one.
    pub part: Option<String>,
    /// Role, when the file leaves no doubt.
    pub role: Option<Role>,
    /// What was deployed, as far as the file says.
    pub deployment: Deployment,
    /// Load points in file order.
    pub points: Vec<Point>,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
    /// The tool's own key of this measurement.
    pub identity: Option<String>,
    /// How much of it the file holds.
    pub fidelity: Fidelity,
    /// Whether its figures are over several loads together, which files beside it may hold one by one.
    pub mixture: bool,
}

impl Series {
    /// An empty series.
    pub fn new(tool: Tool, kind: RunKind) -> Self {
        Self {
            tool,
            tool_version: None,
            kind,
            label: None,
            part: None,
            role: None,
            deployment: Deployment::default(),
            points: Vec::new(),
            notes: Vec::new(),
            identity: None,
            fidelity: Fidelity::Full,
            mixture: false,
        }
    }
}

/// What a file of per-request records says beside its columns.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Counts over its requests.
    pub recorded: Recorded,
    /// Load applied, where the file says.
    pub load: Load,
    /// Model, where the payloads name it.
    pub model: Option<String>,
}

/// What one file says.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// Series of load points.
    pub series: Vec<Series>,
    /// Per-request records, with the tool that wrote them.
    pub records: Option<(Tool, Requests)>,
    /// What the records show beside their columns.
    pub beside: Option<Box<Beside>>,
    /// Address that was measured; only finds the deployment, and is not kept.
    pub address: Option<String>,
    /// What it says about the work.
    pub context: Context,
    /// The text itself, when it is a report in words.
    pub text: Option<String>,
}
