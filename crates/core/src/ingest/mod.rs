//! Reading results: from dropped bytes to runs.
//!
//! Knows formats, archives and folders; refuses to know browsers and file systems.

mod absorb;
mod assemble;
mod chosen;
mod clean;
mod columns;
mod container;
mod copies;
mod csv;
mod deploy;
pub mod error;
mod family;
pub mod formats;
mod json;
mod labels;
mod meaning;
pub mod near_miss;
mod parsed;
mod paths;
mod payload;
mod printed;
pub mod probe;
mod published;
pub mod quantity;
pub mod reconcile;
pub mod registry;
mod roles;
mod sane;
mod serving;
mod twins;
mod watch;

use crate::model::{
    Context, EngineFacts, FileOutcome, LimitSource, PastedText, Run, Severity, StatedLimits,
};
use assemble::ReadFile;
pub use chosen::{best as best_projection, is_chosen};
use error::{RECOGNISED, ReadError};
pub use parsed::{Beside, Fidelity, Input, Parsed, Series};
use probe::{Confidence, Probe, Shape};
pub use watch::Watch;

/// Reads dropped files one after another; [`Ingest::finish`] puts together what belongs
/// together.
#[derive(Debug)]
pub struct Ingest {
    budget: u64,
    files: Vec<FileOutcome>,
    read: Vec<ReadFile>,
    context: Context,
    texts: Vec<PastedText>,
    matcher: deploy::Matcher,
    limits: Vec<StatedLimits>,
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
    /// Limits, each as one source states them.
    pub limits: Vec<StatedLimits>,
    /// Every deployment that the files describe.
    pub deployments: Vec<EngineFacts>,
}

impl Default for Ingest {
    fn default() -> Self {
        Self {
            budget: container::BUDGET,
            files: Vec::new(),
            read: Vec::new(),
            context: Context::default(),
            texts: Vec::new(),
            matcher: deploy::Matcher::default(),
            limits: Vec::new(),
        }
    }
}

impl Ingest {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one file; takes apart `.zip` and `.gz`. Never fails: trouble becomes the file's
    /// outcome.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        self.add_watched(path, bytes, Watch::NOBODY);
    }

    /// As [`Ingest::add`], and tells how far it has come: inside files of per-request records and between the members
    /// of an archive; all other files are small.
    pub fn add_watched(&mut self, path: &str, bytes: &[u8], watch: Watch<'_>) {
        self.open(&clean::name(path), bytes, watch, 0);
    }

    fn open(&mut self, path: &str, bytes: &[u8], watch: Watch<'_>, depth: usize) {
        if !container::is_archive(bytes) {
            self.file(path, bytes, watch);
            return;
        }
        if depth > 2 {
            let sentence = "Archives in archives are opened to a depth of three; unpack this one and drop its files.";
            self.outcome(path, None, Some((Severity::Warning, sentence.to_owned())));
            return;
        }
        let mut budget = self.budget;
        let unpacked = container::unpack(path, bytes, &mut budget, &mut |member, left| {
            // What an archive inside takes counts too.
            self.budget = *left;
            let (name, watch) = (
                clean::name(&member.name),
                watch.part(&member.packed, bytes.len()),
            );
            match member.content {
                Ok(content) => self.open(&name, &content, watch, depth + 1),
                Err(sentence) => self.outcome(&name, None, Some((Severity::Error, sentence))),
            }
            *left = self.budget;
        });
        self.budget = budget;
        if let Err(sentence) = unpacked {
            self.outcome(path, None, Some((Severity::Error, sentence)));
        }
    }

    /// Puts series together to runs.
    pub fn finish(mut self) -> Ingested {
        copies::leave_out(&mut self.read, &mut self.files);
        self.limits.extend(chosen::limits_in_paths(&self.read));
        let mut runs = assemble::assemble(self.read, &mut self.files, &mut self.context);
        let deployments = self.matcher.run(&mut runs);
        labels::without_common_start(&mut runs);
        for d in &deployments {
            let matched = |r: &Run| {
                let engine = r.deployment.engine.as_ref();
                engine.is_some_and(|e| e.files == d.files)
            };
            if !runs.iter().any(matched) {
                for file in self.files.iter_mut().filter(|f| d.files.contains(&f.path)) {
                    file.used = false;
                    file.reason = Some(format!(
                        "Describes the deployment “{}”, which no run here is known to have used.",
                        d.name
                    ));
                }
            }
        }
        Ingested {
            runs,
            deployments,
            limits: self.limits,
            context: self.context,
            files: self.files,
            texts: self.texts,
        }
    }

    fn file(&mut self, path: &str, bytes: &[u8], watch: Watch<'_>) {
        let bytes = probe::utf8(bytes);
        let probe = Probe::new(path, &bytes);
        if near_miss::is_warm_up(path) && probe.head.contains("request") {
            let sentence =
                "Warm-up figures under the results' names; left out so that nothing counts twice.";
            self.outcome(path, None, Some((Severity::Info, sentence.to_owned())));
            return;
        }
        let surest = registry::recognise(&probe);
        // Only the settings of a deployment are taken from these, nothing else.
        if surest.is_none_or(|(_, c)| c <= Confidence::FALLBACK)
            && let Some(read) = deploy::read(&probe, &bytes)
        {
            self.matcher.pieces.extend(read.pieces);
            self.matcher.links.extend(read.links);
            if !read.log {
                self.outcome(path, Some("Deployment file"), None);
                return;
            }
        }
        // What is known by name goes before what is only tried.
        if surest.is_none_or(|(_, c)| c <= Confidence::FALLBACK)
            && let Some(known) = near_miss::find(&probe)
        {
            self.outcome(
                path,
                Some(known.name),
                Some((known.severity, known.sentence())),
            );
            return;
        }
        let Some((format, _)) = surest else {
            let refused = unknown(&probe, &bytes);
            self.outcome(path, None, Some(refused));
            return;
        };
        match (format.parse)(&Input {
            path,
            bytes: &bytes,
            watch,
        }) {
            Ok(mut parsed) => {
                let outcome = self.files.len();
                if let Some((_, columns)) = &parsed.records
                    && let Some(why) = sane::of_requests(columns)
                {
                    self.outcome(path, Some(format.label), Some((Severity::Error, why)));
                    return;
                }
                let impossible = sane::sift(&mut parsed.series);
                parsed.series.iter_mut().for_each(clean::series);
                if !impossible.is_empty() && parsed.series.is_empty() {
                    let refused = (Severity::Error, impossible.join(" "));
                    self.outcome(path, Some(format.label), Some(refused));
                    return;
                }
                if let Some(first) = parsed.series.first_mut() {
                    let said = impossible.into_iter();
                    first
                        .notes
                        .extend(said.map(|why| format!("“{path}”: {why}")));
                }
                self.outcome(path, Some(format.label), None);
                self.context.fill_from(&parsed.context);
                if let Some(address) = parsed.address {
                    self.matcher.clues.push(deploy::Clue {
                        file: path.to_owned(),
                        address,
                    });
                }
                let (ttft, tpot) = (parsed.context.ttft, parsed.context.tpot);
                if ttft.is_some() || tpot.is_some() {
                    self.limits.push(StatedLimits {
                        source: if parsed.text.is_some() {
                            LimitSource::Report
                        } else {
                            LimitSource::ConfigFile
                        },
                        file: path.to_owned(),
                        ttft,
                        tpot,
                    });
                }
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
                    beside: parsed.beside,
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
fn unknown(probe: &Probe<'_>, bytes: &[u8]) -> (Severity, String) {
    let sentence = match probe.shape {
        Shape::Empty => "The file is empty.".to_owned(),
        Shape::Binary => format!("The file is not text. {RECOGNISED}"),
        Shape::Text => ReadError::Nothing {
            lines: String::from_utf8_lossy(bytes).lines().count(),
        }
        .to_string(),
        Shape::Object | Shape::Array | Shape::Lines => {
            if let Err(error) = valid_json(bytes, probe.shape) {
                return (Severity::Error, ReadError::json(&error).to_string());
            }
            let keys: Vec<&str> = probe.top_keys().take(5).collect();
            if keys.is_empty() {
                format!("This JSON holds no figures that are known here. {RECOGNISED}")
            } else {
                format!(
                    "This JSON is no result that is known here; among its keys are {}. {RECOGNISED}",
                    keys.join(", ")
                )
            }
        }
    };
    (Severity::Warning, sentence)
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
