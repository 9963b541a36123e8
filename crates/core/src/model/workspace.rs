//! Everything that is on the table: runs, limits and what the sources say about the work.

use super::{Basis, EngineFacts, Published, Run, Stat, StatedLimits};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};

/// How weighty a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// Could not be read.
    Error,
}

/// Limits that the service must keep. An absent limit is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sla {
    /// Largest TTFT.
    pub ttft: Option<Seconds>,
    /// Largest TPOT.
    pub tpot: Option<Seconds>,
    /// Largest end-to-end latency.
    pub latency: Option<Seconds>,
    /// Statistic that must keep the limits.
    pub stat: Stat,
}

impl Default for Sla {
    fn default() -> Self {
        Self {
            ttft: None,
            tpot: None,
            latency: None,
            stat: Stat::P95,
        }
    }
}

/// What the sources say about the work, apart from any run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Title of a pasted report.
    pub title: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// GPU type.
    pub system: Option<String>,
    /// Serving backend.
    pub backend: Option<String>,
    /// The backend's version.
    pub backend_version: Option<String>,
    /// Input tokens asked for.
    pub isl: Option<f64>,
    /// Output tokens asked for.
    pub osl: Option<f64>,
    /// Limit asked for: TTFT.
    pub ttft: Option<Seconds>,
    /// Limit asked for: TPOT.
    pub tpot: Option<Seconds>,
    /// GPUs that AIC was given.
    pub total_gpus: Option<u32>,
    /// What AIC chose: `agg` or `disagg`.
    pub chosen: Option<String>,
    /// Output tokens/s/GPU of AIC's own choice, as its file of results states it.
    #[serde(default)]
    pub chosen_rate: Option<f64>,
    /// Load generator that the text names.
    pub measured_with: Option<String>,
}

impl Context {
    /// Takes over from `other` what is still absent here.
    pub fn fill_from(&mut self, other: &Self) {
        fn or<T: Clone>(a: &mut Option<T>, b: &Option<T>) {
            if a.is_none() {
                a.clone_from(b);
            }
        }
        or(&mut self.title, &other.title);
        or(&mut self.model, &other.model);
        or(&mut self.system, &other.system);
        or(&mut self.backend, &other.backend);
        or(&mut self.backend_version, &other.backend_version);
        or(&mut self.isl, &other.isl);
        or(&mut self.osl, &other.osl);
        or(&mut self.ttft, &other.ttft);
        or(&mut self.tpot, &other.tpot);
        or(&mut self.total_gpus, &other.total_gpus);
        or(&mut self.chosen, &other.chosen);
        or(&mut self.chosen_rate, &other.chosen_rate);
        or(&mut self.measured_with, &other.measured_with);
    }
}

/// What became of one dropped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOutcome {
    /// Path as dropped; inside a zip `archive.zip/inner/path`.
    pub path: String,
    /// Format recognised, by label.
    pub format: Option<String>,
    /// Whether a run holds its figures.
    pub used: bool,
    /// How weighty the reason is.
    pub severity: Severity,
    /// Why it is not used: what, where, what was expected. Absent when it is used.
    pub reason: Option<String>,
}

/// A report in words, kept whole so that its claims can be checked against its own tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastedText {
    /// Path as dropped.
    pub file: String,
    /// The text.
    pub text: String,
}

/// Everything that is on the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// Runs, in the order in which they came.
    pub runs: Vec<Run>,
    /// Limits.
    pub sla: Sla,
    /// What the sources say about the work.
    pub context: Context,
    /// Every dropped file and what became of it.
    pub files: Vec<FileOutcome>,
    /// Reports in words.
    pub texts: Vec<PastedText>,
    /// Figures of reports about runs on the table, where the runs have sources of their own.
    #[serde(default)]
    pub published: Vec<Published>,
    /// Limits, each as one source states them.
    #[serde(default)]
    pub limits: Vec<StatedLimits>,
    /// Every deployment that the files describe, matched to a run or not.
    #[serde(default)]
    pub deployments: Vec<EngineFacts>,
    /// Which sources the figures come from, where there are several.
    #[serde(default)]
    pub basis: Basis,
}

impl Workspace {
    /// A short mark of the runs on the table, the same for the same runs under any names and roles; `None` for an empty table.
    /// FNV-1a over keys and numbers of points: it tells tables apart by accident, not against intent.
    pub fn mark(&self) -> Option<String> {
        let mut hash: u32 = 0x811c_9dc5;
        for run in &self.runs {
            let points = run.points.len().to_string();
            for byte in run.id.bytes().chain([0]).chain(points.bytes()).chain([0]) {
                hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        }
        (!self.runs.is_empty()).then(|| format!("{hash:08x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Workspace;

    #[test]
    fn a_table_is_marked_by_its_runs() {
        let of = |names: &[&str]| {
            Workspace {
                runs: names
                    .iter()
                    .map(|n| crate::testing::run_of(n, &[(1, 1.0, 1.0)]))
                    .collect(),
                ..Workspace::default()
            }
            .mark()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab"]));
        let mut named = Workspace {
            runs: vec![crate::testing::run_of("a", &[(1, 1.0, 1.0)])],
            ..Workspace::default()
        };
        named.runs[0].label = "another name".into();
        assert_eq!(named.mark(), of(&["a"]));
    }
}
