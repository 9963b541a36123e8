//! The samples that the page offers.

/// A sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// The figures of a published report with many errors.
    Report,
    /// Two clean AIPerf sweeps against a simulated server.
    Sweeps,
}

impl Sample {
    /// All samples, in the order of the menu.
    pub const ALL: [Self; 2] = [Self::Report, Self::Sweeps];

    /// Key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Sweeps => "sweeps",
        }
    }
    /// The inverse of [`Sample::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
    /// Name in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "A published comparison",
            Self::Sweeps => "Two AIPerf sweeps",
        }
    }
    /// What it holds, for the menu.
    pub fn about(self) -> &'static str {
        match self {
            Self::Report => "Qwen3-32B on H200: figures that don’t support their conclusions.",
            Self::Sweeps => {
                "With an AIConfigurator projection, against a simulated server; not any GPU’s timings."
            }
        }
    }
    /// The banner: what stands in bold, and the sentence after it.
    pub fn banner(self) -> (&'static str, &'static str) {
        match self {
            Self::Report => (
                "Sample data.",
                "A published comparison of Qwen3-32B on H200.",
            ),
            Self::Sweeps => (
                "Simulated server, real AIPerf files.",
                "The timings are not any GPU’s.",
            ),
        }
    }
    /// Limits that the sample comes with, TTFT and TPOT in milliseconds, where its files state none.
    pub fn limits_ms(self) -> Option<(f64, f64)> {
        match self {
            Self::Report => None,
            Self::Sweeps => Some((300.0, 10.0)),
        }
    }
    /// GPUs that each measured system of the sample stands for, where its files state none.
    pub fn gpus(self) -> Option<u32> {
        match self {
            Self::Report => None,
            Self::Sweeps => Some(4),
        }
    }
    /// The file that holds it, beside the page, and the name under which it is read.
    pub fn asset(self) -> &'static str {
        match self {
            Self::Report => "samples/published-comparison.md",
            Self::Sweeps => "samples/simulated-sweeps.zip",
        }
    }
}
