//! The samples that the page offers, a row each.

/// A sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// The figures of a published report with many errors.
    Report,
    /// The files behind that report.
    Experiment,
    /// Two clean AIPerf sweeps against a simulated server.
    Sweeps,
}

/// What is known of a sample.
struct Row {
    key: &'static str,
    label: &'static str,
    about: &'static str,
    banner: (&'static str, &'static str),
    limits_ms: Option<(f64, f64)>,
    gpus: Option<u32>,
    asset: &'static str,
}

const REPORT: Row = Row {
    key: "report",
    label: "A published comparison",
    about: "Qwen3-32B on H200: figures that don’t support their conclusions.",
    banner: (
        "Sample data.",
        "Published figures of a comparison of Qwen3-32B on H200.",
    ),
    limits_ms: None,
    gpus: None,
    asset: "samples/published-comparison.md",
};

const EXPERIMENT: Row = Row {
    key: "experiment",
    label: "The experiment behind it",
    about: "Raw exports, summaries, deployment files: what the published figures left out.",
    banner: (
        "The experiment behind the report.",
        "Figures of the real raw exports; prompts and answers are left out.",
    ),
    limits_ms: None,
    gpus: None,
    asset: "samples/experiment.zip",
};

const SWEEPS: Row = Row {
    key: "sweeps",
    label: "Two AIPerf sweeps",
    about: "With an AIConfigurator projection, against a simulated server; not any GPU’s timings.",
    banner: (
        "Simulated server, real AIPerf files.",
        "The timings are not any GPU’s.",
    ),
    limits_ms: Some((300.0, 10.0)),
    gpus: Some(4),
    asset: "samples/simulated-sweeps.zip",
};

impl Sample {
    /// All samples, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Report, Self::Experiment, Self::Sweeps];

    fn row(self) -> &'static Row {
        match self {
            Self::Report => &REPORT,
            Self::Experiment => &EXPERIMENT,
            Self::Sweeps => &SWEEPS,
        }
    }
    /// Key in the address.
    pub fn key(self) -> &'static str {
        self.row().key
    }
    /// The inverse of [`Sample::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
    /// Name in the menu.
    pub fn label(self) -> &'static str {
        self.row().label
    }
    /// What it holds, for the menu.
    pub fn about(self) -> &'static str {
        self.row().about
    }
    /// The banner: what stands in bold, and the sentence after it.
    pub fn banner(self) -> (&'static str, &'static str) {
        self.row().banner
    }
    /// Limits that the sample comes with, TTFT and TPOT in milliseconds, where its files state none.
    pub fn limits_ms(self) -> Option<(f64, f64)> {
        self.row().limits_ms
    }
    /// GPUs that each measured system of the sample stands for, where its files state none.
    pub fn gpus(self) -> Option<u32> {
        self.row().gpus
    }
    /// The file that holds it, beside the page, and the name under which it is read.
    pub fn asset(self) -> &'static str {
        self.row().asset
    }
}
