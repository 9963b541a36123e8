//! Labels and ids: every run has its own.
//!
//! Knows the folders a run came from; refuses to guess what it is for.

use crate::model::{Run, Tool};
use std::collections::BTreeMap;

/// Lower-case letters and digits with single hyphens.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// Gives every run a label and an id of its own.
pub fn distinct(runs: &mut [Run], telling: &[Vec<String>]) {
    let projections = runs.iter().filter(|r| r.tool == Tool::Aic).count();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs.iter() {
        *seen.entry(run.label.clone()).or_default() += 1;
    }
    for (run, parts) in runs.iter_mut().zip(telling) {
        if projections == 1 && run.tool == Tool::Aic {
            run.label = "AIC projection".to_owned();
        }
        if seen.get(&run.label).copied().unwrap_or(0) < 2 {
            continue;
        }
        if run.tool == Tool::Aic {
            if let Some(version) = &run.deployment.backend_version {
                run.label = format!("{} ({version})", run.label);
            }
        } else if run.tool == Tool::Table {
            let file = run
                .files
                .first()
                .map_or("", |f| f.rsplit('/').next().unwrap_or(f));
            run.label = format!("{} ({file})", run.label);
        } else if let [.., outer, inner] = parts.as_slice()
            && *inner == run.label
        {
            run.label = format!("{outer}/{inner}");
        } else if let Some(folder) = parts.last().filter(|folder| **folder != run.label) {
            run.label = format!("{folder} ({})", run.label);
        } else {
            run.label = format!("{} ({})", run.label, run.tool);
        }
    }
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs.iter_mut() {
        let n = ids.entry(run.id.clone()).or_default();
        *n += 1;
        if *n > 1 {
            run.id = format!("{}-{n}", run.id);
        }
    }
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs {
        let n = labels.entry(run.label.clone()).or_default();
        *n += 1;
        if *n > 1 {
            run.label = format!("{} ({n})", run.label);
        }
    }
}
