//! Named values of the subcommands that project: `--name value`, and `--json`.

use servelens_core::cost::{Backend, CostError, FmhaQuant, GemmQuant, KvQuant, Quant, RuleSet};
use std::str::FromStr;

/// What stands on the command line behind a subcommand.
#[derive(Debug, Default)]
pub struct Flags {
    values: Vec<(&'static str, String)>,
    /// Whether the answer is for a program.
    pub json: bool,
    /// Whether only the usage is asked for.
    pub help: bool,
}

impl Flags {
    /// Reads the rest of the command line, which holds only these names.
    ///
    /// # Errors
    /// One sentence for an unknown or repeated name, a missing value or a value that is no text.
    pub fn read(mut parser: lexopt::Parser, known: &[&'static str]) -> Result<Self, String> {
        let mut flags = Self::default();
        while let Some(argument) = parser.next().map_err(|e| format!("{e}."))? {
            let name = match argument {
                lexopt::Arg::Long("json") => {
                    flags.json = true;
                    continue;
                }
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    flags.help = true;
                    continue;
                }
                lexopt::Arg::Long(name) => name,
                other => return Err(format!("{}.", other.unexpected())),
            };
            let Some(name) = known.iter().copied().find(|k| *k == name) else {
                return Err(format!("There is no option --{name} here."));
            };
            if flags.text(name).is_some() {
                return Err(format!("--{name} is given twice."));
            }
            let value = parser.value().map_err(|e| format!("{e}."))?;
            let value = value
                .into_string()
                .map_err(|_| format!("The value of --{name} is not text."))?;
            flags.values.push((name, value));
        }
        Ok(flags)
    }

    /// The value of a name, if it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        let hit = self.values.iter().find(|(n, _)| *n == name);
        hit.map(|(_, v)| v.as_str())
    }

    /// Names that were given.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|(n, _)| *n)
    }

    fn parsed<T: FromStr>(&self, name: &str, seed: T, what: &str) -> Result<T, String> {
        self.text(name).map_or(Ok(seed), |v| {
            v.parse()
                .map_err(|_| format!("--{name} must be {what}; “{v}” is not."))
        })
    }

    /// A count, or its default.
    ///
    /// # Errors
    /// One sentence when it is no whole number.
    pub fn count(&self, name: &str, seed: u32) -> Result<u32, String> {
        self.parsed(name, seed, "a whole number below 4294967296")
    }

    /// Milliseconds, or their default.
    ///
    /// # Errors
    /// One sentence when they are no number.
    pub fn ms(&self, name: &str, seed: f64) -> Result<f64, String> {
        self.parsed(name, seed, "a number of milliseconds")
    }

    /// The rule set; the newer one by default.
    ///
    /// # Errors
    /// [`CostError::UnknownRules`].
    pub fn rules(&self) -> Result<RuleSet, CostError> {
        self.text("rules").map_or(Ok(RuleSet::Aic012), str::parse)
    }

    /// The serving backend; TensorRT-LLM by default.
    ///
    /// # Errors
    /// [`CostError::UnknownBackend`].
    pub fn backend(&self) -> Result<Backend, CostError> {
        self.text("backend").map_or(Ok(Backend::TrtLlm), str::parse)
    }

    /// The format of experts, if it is given.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`].
    pub fn moe(&self) -> Result<Option<GemmQuant>, CostError> {
        self.text("moe").map(GemmQuant::parse).transpose()
    }

    /// A count that may be left out.
    ///
    /// # Errors
    /// One sentence when it is no whole number.
    pub fn maybe(&self, name: &str) -> Result<Option<u32>, String> {
        self.text(name).map(|_| self.count(name, 1)).transpose()
    }

    /// The number formats; AIC's own by default.
    ///
    /// # Errors
    /// [`CostError::UnknownQuant`].
    pub fn quant(&self) -> Result<Quant, CostError> {
        let seed = Quant::default();
        Ok(Quant {
            gemm: self.text("gemm").map_or(Ok(seed.gemm), GemmQuant::parse)?,
            kvcache: self
                .text("kvcache")
                .map_or(Ok(seed.kvcache), KvQuant::parse)?,
            fmha: self.text("fmha").map_or(Ok(seed.fmha), FmhaQuant::parse)?,
        })
    }
}
