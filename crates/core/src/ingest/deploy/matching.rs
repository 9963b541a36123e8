//! Which deployment served which run: by the address that was measured, by folder, by name.
//!
//! Knows when a match is plain; refuses to guess between two that are alike.

use super::gather::{Found, gather};
use super::{Link, Piece, host};
use crate::model::{EngineFacts, Gpus, Matched, Run, RunKind, Tool};
use std::collections::BTreeSet;

/// What a result file says about where it was measured, for matching only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clue {
    /// The file.
    pub file: String,
    /// Address that was measured.
    pub address: String,
}

/// Everything that helps to match.
#[derive(Debug, Default)]
pub struct Matcher {
    /// Parts of deployments.
    pub pieces: Vec<Piece>,
    /// What benchmarks measure.
    pub links: Vec<Link>,
    /// Where results were measured.
    pub clues: Vec<Clue>,
}

fn tokens(name: &str) -> BTreeSet<String> {
    name.to_ascii_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Puts a deployment to a run. What the run's own files state stays.
pub(crate) fn choose(run: &mut Run, facts: &EngineFacts, matched: Matched) {
    unchoose(run);
    let d = &mut run.deployment;
    if d.gpus.is_none_or(|g| g.guess)
        && let Some(count) = facts.gpus
    {
        d.gpus = Some(Gpus {
            count,
            guess: false,
        });
    }
    d.tp = d.tp.or(facts.tp);
    d.pp = d.pp.or(facts.pp);
    d.engine = Some(EngineFacts {
        matched,
        ..facts.clone()
    });
}

/// Takes a run's deployment away, with what it brought.
pub(crate) fn unchoose(run: &mut Run) {
    let d = &mut run.deployment;
    if let Some(old) = d.engine.take() {
        if d.gpus.map(|g| g.count) == old.gpus {
            d.gpus = None;
        }
        if d.tp == old.tp {
            d.tp = None;
        }
        if d.pp == old.pp {
            d.pp = None;
        }
    }
}

impl Matcher {
    /// Matches deployments to measured runs; gives back every deployment found.
    pub fn run(self, runs: &mut [Run]) -> Vec<EngineFacts> {
        let Self {
            pieces,
            links,
            clues,
        } = self;
        let found = gather(pieces);
        let measured = |r: &&mut Run| r.kind == RunKind::Measured && r.tool != Tool::Table;
        let all_files: Vec<Vec<String>> = runs.iter().map(|r| r.files.clone()).collect();
        for (i, run) in runs.iter_mut().enumerate() {
            if !measured(&run) {
                continue;
            }
            let hosts = hosts(run, &links, &clues);
            let others = all_files.iter().enumerate().filter(|(j, _)| *j != i);
            let others: Vec<&String> = others.flat_map(|(_, files)| files).collect();
            let best = by_service(&found, &hosts)
                .map(|f| (f, Matched::Service))
                .or_else(|| Some((by_folder(&found, run, &others)?, Matched::Directory)))
                .or_else(|| Some((by_name(&found, &run.label)?, Matched::Name)));
            if let Some((one, how)) = best {
                choose(run, &one.facts, how);
            }
        }
        found.into_iter().map(|f| f.facts).collect()
    }
}

/// The hosts that a run was measured at.
fn hosts(run: &Run, links: &[Link], clues: &[Clue]) -> BTreeSet<String> {
    let of_files = clues
        .iter()
        .filter(|c| run.files.contains(&c.file))
        .filter_map(|c| host(&c.address));
    let of_name = links
        .iter()
        .filter(|l| tokens(&l.benchmark) == tokens(&run.label))
        .map(|l| l.host.clone());
    of_files.chain(of_name).collect()
}

/// The only one of several that all say the same, or the last: the newer folder.
fn one(mut candidates: Vec<&Found>) -> Option<&Found> {
    let last = candidates.pop()?;
    let alike = |f: &&Found| {
        let (a, b) = (&f.facts, &last.facts);
        (a.tp, a.workers, a.max_batch, a.weights) == (b.tp, b.workers, b.max_batch, b.weights)
    };
    candidates.iter().all(alike).then_some(last)
}

fn by_service<'a>(found: &'a [Found], hosts: &BTreeSet<String>) -> Option<&'a Found> {
    // A service is named after its deployment, Dynamo's with `-frontend`.
    let serves = |f: &Found, host: &str| {
        let service = host.split('.').next().unwrap_or_default();
        let name = f.facts.name.to_ascii_lowercase();
        service == name || service.strip_suffix("-frontend") == Some(&name)
    };
    let matching: Vec<&Found> = found
        .iter()
        .filter(|f| hosts.iter().any(|h| serves(f, h)))
        .collect();
    let in_namespace: Vec<&Found> = matching
        .iter()
        .filter(|f| {
            let namespace = f.namespace.as_deref();
            let of = |h: &String| h.split('.').nth(1) == namespace;
            namespace.is_some() && hosts.iter().any(of)
        })
        .copied()
        .collect();
    one(if in_namespace.is_empty() {
        matching
    } else {
        in_namespace
    })
}

/// A deployment whose folder holds all the run's files, and no other run's.
fn by_folder<'a>(found: &'a [Found], run: &Run, others: &[&String]) -> Option<&'a Found> {
    let holds = |folder: &str, file: &str| {
        file.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let near: Vec<&Found> = found
        .iter()
        .filter(|f| {
            !f.folder.is_empty()
                && run.files.iter().all(|file| holds(&f.folder, file))
                && !others.iter().any(|file| holds(&f.folder, file))
        })
        .collect();
    one(near)
}

/// A deployment whose name says nothing but what the run's name says, and says most of it.
fn by_name<'a>(found: &'a [Found], label: &str) -> Option<&'a Found> {
    let wanted = tokens(label);
    let score = |f: &Found| {
        let own = tokens(&f.facts.name);
        (own.len() > 1 && own.is_subset(&wanted)).then_some(own.len())
    };
    let best = found.iter().filter_map(score).max()?;
    one(found.iter().filter(|f| score(f) == Some(best)).collect())
}
