//! Adding what was read to the workspace: adding never replaces.
//!
//! Knows runs and limits; refuses to know formats.

use super::Ingested;
use super::assemble::{disjoint, join, settle, sort};
use super::deploy::{choose, unchoose};
use super::paths::place;
use super::published::publish;
use super::reconcile::show;
use super::roles;
use crate::model::{Basis, Matched, Point, Run, RunKind, Severity, Tool, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Files of points by tool, folder and stem.
type Places = BTreeMap<(Tool, String, String), BTreeSet<String>>;

fn key(tool: Tool, point: &Point) -> (Tool, String, String) {
    let at = place(&point.source.file);
    (tool, at.folder, at.stem)
}

/// Whether a tool writes one measurement to several files.
fn has_twins(tool: Tool) -> bool {
    matches!(tool, Tool::GenAiPerf | Tool::AiPerf)
}

impl Workspace {
    /// Adds runs, files, texts and context. Points join the run of the same id when none of
    /// their loads is there yet; what is there already is left out and said so; otherwise the
    /// run stands beside the other. Limits are taken over while none is set.
    pub fn absorb(&mut self, new: Ingested) {
        let Ingested {
            runs,
            context,
            mut files,
            texts,
            limits,
            deployments,
        } = new;
        let basis = self.basis;
        self.show_by(Basis::Recorded);
        let pristine =
            self.sla.ttft.is_none() && self.sla.tpot.is_none() && self.sla.latency.is_none();
        if pristine {
            self.sla.ttft = context.ttft;
            self.sla.tpot = context.tpot;
        }
        self.context.fill_from(&context);
        let mut used = |path: &str, reason: Option<String>| {
            if let Some(file) = files.iter_mut().find(|f| f.path == path) {
                file.used = reason.is_none();
                file.severity = Severity::Info;
                file.reason = reason;
            }
        };
        let mut known = self.measured_places();
        for mut run in runs {
            for path in self.fill(&mut run, &mut known) {
                used(&path, Some("The same measurement is already there; left out so that nothing counts twice.".to_owned()));
            }
            if run.points.is_empty() {
                continue;
            }
            if let Err(twin) = self.add_run(run) {
                for path in &twin.files {
                    let reason = format!(
                        "These figures are already in “{}”; left out so that nothing counts twice.",
                        twin.label
                    );
                    used(path, Some(reason));
                }
            }
        }
        self.files.append(&mut files);
        for text in texts {
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
        for limit in limits {
            if !self.limits.contains(&limit) {
                self.limits.push(limit);
            }
        }
        for found in deployments {
            if !self.deployments.contains(&found) {
                self.deployments.push(found);
            }
        }
        self.published.extend(publish(&mut self.runs));
        roles::guess(&mut self.runs);
        self.show_by(basis);
    }

    /// Says which of [`Workspace::deployments`] served a run, or that none of them did.
    pub fn choose_deployment(&mut self, run: usize, deployment: Option<usize>) {
        let Some(run) = self.runs.get_mut(run) else {
            return;
        };
        match deployment.and_then(|i| self.deployments.get(i)) {
            Some(facts) => choose(run, facts, Matched::Chosen),
            None => unchoose(run),
        }
    }

    /// The files of the measured points by what makes them twins.
    fn measured_places(&self) -> Places {
        let mut out = Places::new();
        for run in self.runs.iter().filter(|r| has_twins(r.tool)) {
            for point in &run.points {
                let files = out.entry(key(run.tool, point)).or_default();
                files.insert(point.source.file.clone());
            }
        }
        out
    }

    /// Chooses by which sources the figures are shown, where there are several: as the requests show them, or as the
    /// tool or the report has summarised them. Nothing is lost by either.
    pub fn show_by(&mut self, basis: Basis) {
        self.basis = basis;
        for point in self.runs.iter_mut().flat_map(|r| &mut r.points) {
            show(point, basis);
        }
    }

    /// Takes out of `new` the points that are the same measurement as one that is there, from a
    /// twin of its file. A fuller twin completes the point in its place; the paths of the others
    /// are given back.
    fn fill(&mut self, new: &mut Run, known: &mut Places) -> Vec<String> {
        let mut left_out = Vec::new();
        let unknown = |p: &Point| p.load == crate::model::Load::default();
        if !has_twins(new.tool) {
            return left_out;
        }
        new.points.retain(|p| {
            let files = known.entry(key(new.tool, p)).or_default();
            let there = files.iter().any(|f| *f != p.source.file);
            files.insert(p.source.file.clone());
            if !there {
                return true;
            }
            for run in self.runs.iter_mut().filter(|r| r.tool == new.tool) {
                let twin = run.points.iter_mut().find(|q| {
                    q.source.file != p.source.file
                        && (q.load == p.load || unknown(q) || unknown(p))
                        && files.contains(&q.source.file)
                });
                let Some(twin) = twin else { continue };
                // Records alone: their own file is the point's.
                let alone = |p: &Point| p.records.as_ref().is_some_and(|r| r.file == p.source.file);
                let (new_alone, old_alone) = (alone(p), alone(twin));
                if new_alone && !old_alone && twin.records.is_none() {
                    twin.records.clone_from(&p.records);
                    twin.recorded.clone_from(&p.recorded);
                    settle(run);
                } else if !new_alone && (old_alone || fuller(p, twin)) {
                    let records = p.records.clone().or_else(|| twin.records.take());
                    let recorded = p.recorded.clone().or_else(|| twin.recorded.take());
                    *twin = Point {
                        records,
                        recorded,
                        ..p.clone()
                    };
                    run.files.push(p.source.file.clone());
                    if new.deployment.model.is_some() {
                        run.deployment.model.clone_from(&new.deployment.model);
                    }
                    sort(run);
                    settle(run);
                } else {
                    left_out.push(p.source.file.clone());
                }
                return false;
            }
            true
        });
        left_out
    }

    /// Adds one run; gives it back with the label of the run that holds it already.
    fn add_run(&mut self, mut run: Run) -> Result<(), Box<Run>> {
        let family = |r: &Run| {
            r.id == run.id
                || r.id
                    .strip_prefix(run.id.as_str())
                    .is_some_and(|n| n.starts_with('-') && n.len() < 5)
        };
        if let Some(known) = self.runs.iter().find(|r| family(r) && holds(r, &run)) {
            run.label.clone_from(&known.label);
            return Err(Box::new(run));
        }
        if run.kind == RunKind::Measured
            && let Some(known) = self
                .runs
                .iter_mut()
                .find(|r| r.id == run.id && disjoint(r, &run))
        {
            join(known, run);
            return Ok(());
        }
        let (id, label) = (run.id.clone(), run.label.clone());
        let mut n = 2;
        while self.runs.iter().any(|r| r.id == run.id) {
            run.id = format!("{id}-{n}");
            n += 1;
        }
        let mut n = 2;
        while self.runs.iter().any(|r| r.label == run.label) {
            run.label = format!("{label} ({n})");
            n += 1;
        }
        self.runs.push(run);
        Ok(())
    }
}

/// Whether a summary holds more than its twin.
fn fuller(new: &Point, old: &Point) -> bool {
    let json = |p: &Point| p.source.file.ends_with(".json");
    json(new) && !json(old)
}

/// Whether every point of `new` is in `known` with the same figures.
fn holds(known: &Run, new: &Run) -> bool {
    let same = |a: &Point, b: &Point| {
        a.load == b.load && a.workload == b.workload && a.metrics == b.metrics && a.setup == b.setup
    };
    new.points
        .iter()
        .all(|p| known.points.iter().any(|q| same(p, q)))
}
