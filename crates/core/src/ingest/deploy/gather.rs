//! From the pieces of single files to deployments.
//!
//! Knows which settings file a worker names; refuses to know runs.

use super::settings::Settings;
use super::{Kind, Piece, Service};
use crate::model::EngineFacts;

/// A deployment and what helps to find its run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// What is kept.
    pub facts: EngineFacts,
    /// Folder of its first file.
    pub folder: String,
    /// Namespace, for matching only.
    pub namespace: Option<String>,
    /// What kind of file describes it.
    pub kind: Kind,
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(f, _)| f)
}

/// Whether a file is the one that a worker names: by its name in the same folder, or by the name with the last folder
/// written into it.
fn names(wanted: &str, piece: &Piece, settings: &Piece) -> bool {
    let parts: Vec<&str> = wanted.rsplit('/').collect();
    let base = settings.file.rsplit('/').next().unwrap_or_default();
    let near = folder(&settings.file) == folder(&piece.file);
    let flat = match parts.as_slice() {
        [file, dir, ..] => format!("{dir}_{file}"),
        _ => String::new(),
    };
    match parts.first() {
        Some(file) if near => base == *file || base == flat,
        _ => settings.file.ends_with(&format!("/{wanted}")),
    }
}

/// Puts the pieces together. Manifests go first: a script or plan of the same folder says the same once more.
pub fn gather(mut pieces: Vec<Piece>) -> Vec<Found> {
    pieces.sort_by_key(|p| p.kind);
    let (settings, starts): (Vec<Piece>, Vec<Piece>) =
        pieces.into_iter().partition(|p| p.kind == Kind::Settings);
    let mut out: Vec<Found> = Vec::new();
    let mut taken = vec![false; settings.len()];
    for piece in starts {
        let at = folder(&piece.file);
        if let Some(known) = out
            .iter_mut()
            .find(|f| f.folder == at && f.kind < piece.kind)
        {
            known.facts.files.push(piece.file.clone());
            if piece.kind == Kind::Plan {
                add_plan(known, &piece);
            }
            continue;
        }
        let mut files = vec![piece.file.clone()];
        let mut services = piece.services.clone();
        for service in &mut services {
            let Some(wanted) = service.settings.file.clone() else {
                continue;
            };
            let found = settings.iter().position(|s| names(&wanted, &piece, s));
            if let Some((i, s)) = found.and_then(|i| Some((i, settings.get(i)?))) {
                if let Some(engine) = s.services.first() {
                    service.settings.fill(&engine.settings);
                }
                if let Some(t) = taken.get_mut(i) {
                    *t = true;
                }
                if !files.contains(&s.file) {
                    files.push(s.file.clone());
                }
            }
        }
        out.push(found(&piece, &services, files));
    }
    for (piece, taken) in settings.iter().zip(taken) {
        let known = out.iter().any(|f| f.facts.files.contains(&piece.file));
        if !taken && !known {
            out.push(found(piece, &piece.services, vec![piece.file.clone()]));
        }
    }
    out
}

/// Number formats that the plan names and the started files do not.
fn add_plan(known: &mut Found, piece: &Piece) {
    let plan = piece.services.iter().find(|s| !s.prefill);
    let Some([weights, kv, attention]) = plan.map(|s| s.settings.formats()) else {
        return;
    };
    let stated = |f: &crate::model::NumberFormat| f.known == crate::model::Known::Stated;
    for (slot, planned) in [
        (&mut known.facts.weights, weights),
        (&mut known.facts.kv_cache, kv),
        (&mut known.facts.attention, attention),
    ] {
        // A plan refines the checkpoint's name (fp8 to fp8_block) and fills in what nothing else states.
        if planned.as_ref().is_some_and(stated) {
            *slot = planned;
        }
    }
}

fn found(piece: &Piece, services: &[Service], files: Vec<String>) -> Found {
    let generating: Vec<&Service> = services.iter().filter(|s| !s.prefill).collect();
    let prefilling: Vec<&Service> = services.iter().filter(|s| s.prefill).collect();
    let mut merged = Settings::default();
    for service in generating.iter().chain(&prefilling) {
        merged.fill(&service.settings);
    }
    let engine = piece.kind == Kind::Settings;
    let count = |list: &[&Service]| -> Option<u32> {
        let each = list.iter().map(|s| {
            let dp = s.settings.dp.unwrap_or(1);
            s.replicas.unwrap_or(1).checked_mul(dp)
        });
        let sum: Option<u32> = each.sum();
        sum.filter(|n| *n > 0 && !engine)
    };
    let gpus = services
        .iter()
        .map(|s| {
            let (tp, pp) = (s.settings.tp, s.settings.pp.unwrap_or(1));
            let ranks = tp.map(|tp| tp * pp * s.settings.dp.unwrap_or(1));
            s.replicas.unwrap_or(1).checked_mul(s.gpus.or(ranks)?)
        })
        .sum::<Option<u32>>()
        .filter(|_| !engine);
    let [weights, kv_cache, attention] = merged.formats();
    let stem = piece.file.rsplit('/').next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(s, _)| s);
    Found {
        folder: folder(&piece.file).to_owned(),
        namespace: piece.namespace.clone(),
        kind: piece.kind,
        facts: EngineFacts {
            name: piece.name.clone().unwrap_or_else(|| stem.to_owned()),
            model: merged.model,
            engine: merged.engine,
            dynamo: merged.dynamo,
            version: merged.version,
            tp: merged.tp,
            pp: merged.pp,
            ep: merged.ep,
            workers: count(&generating),
            prefill_workers: count(&prefilling),
            gpus,
            max_batch: merged.max_batch,
            max_num_tokens: merged.max_num_tokens,
            weights,
            kv_cache,
            attention,
            chunked_prefill: merged.chunked_prefill,
            block_reuse: merged.block_reuse,
            files,
            ..EngineFacts::default()
        },
    }
}
