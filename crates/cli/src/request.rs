//! What `report` and `audit` take from the command line alike: paths, roles and limits.

use crate::figures;
use crate::files;
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{KNOBS, Knob, Thresholds};
use servelens_core::model::{Gpus, Role, RunKind, Stat, Workspace};
use servelens_core::units::Seconds;
use std::ffi::OsString;

/// An argument that no longer borrows from the parser, which is asked for its value next.
#[derive(Debug, PartialEq, Eq)]
pub enum Owned {
    /// A file or folder.
    Path(OsString),
    /// The name of a long option.
    Option(String),
}

const KNOWN: [&str; 8] = [
    "candidate",
    "baseline",
    "ttft",
    "tpot",
    "latency",
    "stat",
    "gpus",
    "threshold",
];

/// Paths, roles and limits.
#[derive(Debug, Default)]
pub struct Request {
    paths: Vec<OsString>,
    candidate: Option<String>,
    baseline: Option<String>,
    ttft_ms: Option<f64>,
    tpot_ms: Option<f64>,
    latency_ms: Option<f64>,
    stat: Option<Stat>,
    gpus: Option<u32>,
    thresholds: Thresholds,
}

/// The options in the usage text of both subcommands.
pub const OPTIONS: &str =
    "  --candidate LABEL   Run to judge; a label or a part of it from its start.
  --baseline LABEL    Run to judge it against.
  --ttft MS           Limit of the time to the first token.
  --tpot MS           Limit of the time per output token.
  --latency MS        Limit of the whole request.
  --stat NAME         Statistic that must keep the limits: avg, p50, p90, p95 (default) or p99.
  --gpus N            GPUs of each measured run that does not state its number.
  --threshold NAME=VALUE
                      Threshold of the audit, such as equal=3 or osl-block=30; may be given
                      several times. A wrong name lists them all.";

impl Request {
    /// Takes one argument, and its value from the parser.
    ///
    /// # Errors
    /// One sentence when a value is missing or cannot be read.
    pub fn take(&mut self, argument: Owned, parser: &mut lexopt::Parser) -> Result<(), String> {
        let name = match argument {
            Owned::Path(path) => {
                self.paths.push(path);
                return Ok(());
            }
            Owned::Option(name) => name,
        };
        if !KNOWN.contains(&name.as_str()) {
            return Err(format!(
                "There is no option --{name}; try “servelens --help”."
            ));
        }
        let value = parser
            .value()
            .map_err(|e| e.to_string())?
            .into_string()
            .map_err(|_| format!("The value of --{name} is not text."))?;
        match name.as_str() {
            "candidate" => self.candidate = Some(value),
            "baseline" => self.baseline = Some(value),
            "ttft" => self.ttft_ms = Some(limit(&name, &value)?),
            "tpot" => self.tpot_ms = Some(limit(&name, &value)?),
            "latency" => self.latency_ms = Some(limit(&name, &value)?),
            "stat" => {
                self.stat = Some(Stat::from_key(&value).ok_or_else(|| {
                    format!("--stat must be avg, p50, p90, p95 or p99; “{value}” is none of them.")
                })?);
            }
            "gpus" => {
                self.gpus = Some(value.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                    format!("--gpus must be a whole number from 1; “{value}” is not.")
                })?);
            }
            "threshold" => threshold(&mut self.thresholds, &value)?,
            _ => {}
        }
        Ok(())
    }

    /// Reads the paths, sets roles and limits and analyses. `None` where nothing was read.
    ///
    /// # Errors
    /// One sentence when no path is given or a label fits no run, or more than one.
    pub fn analyse(self) -> Result<Option<(Workspace, Analysis)>, String> {
        if self.paths.is_empty() {
            return Err("A file or folder is missing; try “servelens --help”.".to_owned());
        }
        let mut ws = files::read(&self.paths);
        if ws.runs.is_empty() && ws.texts.is_empty() {
            for file in &ws.files {
                if let Some(reason) = &file.reason {
                    eprintln!("servelens: {}: {reason}", file.path);
                }
            }
            return Ok(None);
        }
        self.assign_roles(&mut ws)?;
        let or = |ms: Option<f64>, old: Option<Seconds>| ms.map(Seconds::from_ms).or(old);
        ws.sla.ttft = or(self.ttft_ms, ws.sla.ttft);
        ws.sla.tpot = or(self.tpot_ms, ws.sla.tpot);
        ws.sla.latency = or(self.latency_ms, ws.sla.latency);
        if let Some(stat) = self.stat {
            ws.sla.stat = stat;
        }
        if let Some(count) = self.gpus {
            for run in &mut ws.runs {
                let stated = run.deployment.gpus.is_some_and(|g| !g.guess);
                if run.kind == RunKind::Measured && !stated {
                    run.deployment.gpus = Some(Gpus {
                        count,
                        guess: false,
                    });
                }
            }
        }
        let options = Options {
            projector: figures::projector(&ws),
            thresholds: self.thresholds,
            ..Options::default()
        };
        let analysis = analyse(&ws, &options);
        Ok(Some((ws, analysis)))
    }

    fn assign_roles(&self, ws: &mut Workspace) -> Result<(), String> {
        for (label, role) in [
            (&self.candidate, Role::Candidate),
            (&self.baseline, Role::Baseline),
        ] {
            let Some(label) = label else { continue };
            let chosen = find(ws, label)?;
            for (i, run) in ws.runs.iter_mut().enumerate() {
                if i == chosen {
                    run.role = role;
                    run.role_is_guess = false;
                } else if run.role == role {
                    // A role is held by one run; who guessed itself into it steps aside.
                    run.role = Role::Ignore;
                }
            }
        }
        Ok(())
    }
}

/// Turns one threshold, written `name=value`.
fn threshold(thresholds: &mut Thresholds, text: &str) -> Result<(), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let Some(knob) = Knob::of(name.trim()) else {
        let names: Vec<String> = KNOBS
            .iter()
            .map(|k| {
                format!(
                    "{} ({} {})",
                    k.key,
                    k.typed(&Thresholds::default()),
                    k.unit.word()
                )
            })
            .collect();
        return Err(format!(
            "There is no threshold “{name}”; there are {}.",
            names.join(", ")
        ));
    };
    knob.set(thresholds, value)
        .map_err(|why| format!("--threshold {name}: {why}"))
}

fn limit(name: &str, value: &str) -> Result<f64, String> {
    value
        .parse()
        .ok()
        .filter(|ms: &f64| ms.is_finite() && *ms > 0.0)
        .ok_or_else(|| {
            format!("--{name} must be a number of milliseconds above 0; “{value}” is not.")
        })
}

/// The run that a label names: the label itself in any case, else the only one that starts so.
fn find(ws: &Workspace, label: &str) -> Result<usize, String> {
    let wanted = label.to_lowercase();
    let labels: Vec<String> = ws.runs.iter().map(|r| r.label.to_lowercase()).collect();
    if let Some(i) = labels.iter().position(|l| *l == wanted) {
        return Ok(i);
    }
    let starting: Vec<usize> = labels
        .iter()
        .enumerate()
        .filter(|(_, l)| l.starts_with(&wanted))
        .map(|(i, _)| i)
        .collect();
    let list = |which: &mut dyn Iterator<Item = usize>| {
        which
            .filter_map(|i| ws.runs.get(i))
            .map(|r| format!("“{}”", r.label))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match starting.as_slice() {
        [one] => Ok(*one),
        [] => Err(format!(
            "No run is called “{label}”; there are {}.",
            list(&mut (0..ws.runs.len()))
        )),
        many => Err(format!(
            "“{label}” could be any of {}.",
            list(&mut many.iter().copied())
        )),
    }
}
