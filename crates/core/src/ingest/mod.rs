//! Reading results: from dropped bytes to runs.
//!
//! Knows formats, archives and folders; refuses to know browsers and file systems.

mod absorb;
mod assemble;
pub mod error;
pub mod formats;
mod parsed;
mod paths;
pub mod probe;
pub mod quantity;
pub mod registry;
mod roles;

use crate::model::{Context, FileOutcome, PastedText, Run, Severity};
use assemble::ReadFile;
use error::{RECOGNISED, ReadError};
pub use parsed::{Fidelity, Input, Parsed, Series};
use probe::{Probe, Shape};

/// Reads dropped files one after another; [`Ingest::finish`] puts together what belongs
/// together.
#[derive(Debug, Default)]
pub struct Ingest {
    files: Vec<FileOutcome>,
    read: Vec<ReadFile>,
    context: Context,
    texts: Vec<PastedText>,
}

/// What the dropped files hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ingested {
    /// Runs in the order of their files.
    pub runs: Vec<Run>,
    /// What the files say about the work.
    pub context: Context,
    /// Every file and what became of it.
    pub files: Vec<FileOutcome>,
    /// Reports in words.
    pub texts: Vec<PastedText>,
}

impl Ingest {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one file. Never fails: trouble becomes the file's outcome.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        self.file(path, bytes);
    }

    /// Puts series together to runs.
    pub fn finish(mut self) -> Ingested {
        let runs = assemble::assemble(self.read, &mut self.files, &mut self.context);
        Ingested {
            runs,
            context: self.context,
            files: self.files,
            texts: self.texts,
        }
    }

    fn file(&mut self, path: &str, bytes: &[u8]) {
        let bytes = probe::utf8(bytes);
        let probe = Probe::new(path, &bytes);
        let Some((format, _)) = registry::recognise(&probe) else {
            let sentence = unknown(&probe, &bytes);
            self.outcome(path, None, Some((Severity::Warning, sentence)));
            return;
        };
        match (format.parse)(&Input {
            path,
            bytes: &bytes,
        }) {
            Ok(parsed) => {
                let outcome = self.files.len();
                self.outcome(path, Some(format.label), None);
                self.context.fill_from(&parsed.context);
                if let Some(text) = parsed.text {
                    self.texts.push(PastedText {
                        file: path.to_owned(),
                        text,
                    });
                }
                self.read.push(ReadFile {
                    path: path.to_owned(),
                    outcome,
                    series: parsed.series,
                    records: parsed.records,
                });
            }
            Err(error) => self.outcome(
                path,
                Some(format.label),
                Some((Severity::Error, error.to_string())),
            ),
        }
    }

    fn outcome(&mut self, path: &str, format: Option<&str>, refused: Option<(Severity, String)>) {
        let (severity, reason) = match refused {
            Some((severity, sentence)) => (severity, Some(sentence)),
            None => (Severity::Info, None),
        };
        self.files.push(FileOutcome {
            path: path.to_owned(),
            format: format.map(str::to_owned),
            used: reason.is_none(),
            severity,
            reason,
        });
    }
}

/// Why a file that no format claims is not used.
fn unknown(probe: &Probe<'_>, bytes: &[u8]) -> String {
    match probe.shape {
        Shape::Empty => "The file is empty.".to_owned(),
        Shape::Binary => format!("The file is not text. {RECOGNISED}"),
        Shape::Text => ReadError::Nothing {
            lines: String::from_utf8_lossy(bytes).lines().count(),
        }
        .to_string(),
        Shape::Object | Shape::Array | Shape::Lines => {
            if let Err(error) = valid_json(bytes, probe.shape) {
                return ReadError::json(&error).to_string();
            }
            let keys: Vec<&str> = probe.top_keys().take(5).collect();
            if keys.is_empty() {
                return format!("This JSON holds no figures that are known here. {RECOGNISED}");
            }
            format!(
                "This JSON is no result that is known here; it begins with the keys {}. {RECOGNISED}",
                keys.join(", ")
            )
        }
    }
}

fn valid_json(bytes: &[u8], shape: Shape) -> Result<(), serde_json::Error> {
    let mut stream =
        serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    match stream.next() {
        Some(Err(error)) => Err(error),
        _ if shape == Shape::Lines => stream.try_for_each(|v| v.map(|_| ())),
        _ => Ok(()),
    }
}
