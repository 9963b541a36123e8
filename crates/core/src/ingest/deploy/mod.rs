//! Deployment files: engine settings, Kubernetes manifests, start scripts, command lines.
//!
//! Knows which settings matter and reads nothing else, so that tokens, keys, hosts and namespaces can't be kept: host and
//! namespace only help to find the run that was measured, and end with the reading.

mod command;
mod gather;
mod manifest;
mod matching;
mod settings;

use super::json::Flat;
use super::probe::{Probe, Shape};
pub use matching::{Clue, Matcher};
pub(crate) use matching::{choose, unchoose};
use settings::Settings;

/// No file of a deployment is larger, bytes.
const LARGEST: usize = 256 * 1024;

/// What one file says about a deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Piece {
    /// Path as dropped.
    pub file: String,
    /// Name of the deployment, where the file gives one.
    pub name: Option<String>,
    /// Namespace, for matching only.
    pub namespace: Option<String>,
    /// Services or processes that it starts; settings of an engine alone are one.
    pub services: Vec<Service>,
    /// What it is.
    pub kind: Kind,
}

/// What kind of file a piece comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A manifest: it starts workers.
    #[default]
    Manifest,
    /// A script or command line: it starts workers.
    Script,
    /// What a tool would generate a deployment from.
    Plan,
    /// Settings that a manifest or script refers to.
    Settings,
}

/// One service of a deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Service {
    /// Copies of it; for a script, where it says.
    pub replicas: Option<u32>,
    /// GPUs of one copy, where stated.
    pub gpus: Option<u32>,
    /// Whether it only prefills.
    pub prefill: bool,
    /// What its command line and its settings say.
    pub settings: Settings,
}

/// A benchmark and the address that it measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Name of the benchmark.
    pub benchmark: String,
    /// Host of the address.
    pub host: String,
}

/// What a file holds for this purpose.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// Deployments, or parts of them.
    pub pieces: Vec<Piece>,
    /// What benchmarks measure.
    pub links: Vec<Link>,
    /// Whether it may hold other things, too: a log.
    pub log: bool,
}

/// A YAML document as its leaves.
#[derive(Default)]
struct Document(Flat);

impl<'de> serde::Deserialize<'de> for Document {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Flat::from_deserializer(d).map(Self)
    }
}

/// The documents of a YAML file; `None` when it is none.
fn documents(text: &str) -> Option<Vec<Flat>> {
    let documents: Vec<Document> = serde_saphyr::from_multiple(text).ok()?;
    Some(documents.into_iter().map(|d| d.0).collect())
}

/// Reads a file that no result format is sure of; `None` when it is about no deployment.
pub fn read(probe: &Probe<'_>, bytes: &[u8]) -> Option<Read> {
    if bytes.len() > LARGEST || !matches!(probe.shape, Shape::Text | Shape::Object) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut out = Read::default();
    let ends = |ending: &str| probe.path.ends_with(ending);
    out.log = ends(".log");
    let script = probe.first_line().starts_with("#!")
        || probe.first_line().starts_with("set -")
        || ends(".sh")
        || out.log;
    if script {
        command::script(text, probe.path, &mut out);
    } else if !ends(".md")
        && text.contains(':')
        && let Some(documents) = documents(text)
    {
        for flat in &documents {
            if flat.text("kind").is_some() && flat.text("apiVersion").is_some() {
                manifest::read(flat, probe.path, &mut out);
            } else if probe.is_json() {
                // A result may name the engine's settings, too.
            } else if let Some(piece) = settings::plan(flat, probe.path) {
                out.pieces.push(piece);
            } else if let Some(found) = Settings::of_engine(flat) {
                out.pieces.push(Piece {
                    file: probe.path.to_owned(),
                    services: vec![Service {
                        settings: found,
                        ..Service::default()
                    }],
                    kind: Kind::Settings,
                    ..Piece::default()
                });
            }
        }
    }
    (!out.pieces.is_empty() || !out.links.is_empty()).then_some(out)
}

/// The host of an address, without scheme, port and path.
pub fn host(address: &str) -> Option<String> {
    let rest = address.split("://").last()?;
    let host = rest.split(['/', ':']).next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}
