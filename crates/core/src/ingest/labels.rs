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

/// Labels longer than this lose what all of them begin with.
const LONG: usize = 20;

/// Takes from long labels of measured runs the words that all of them begin with: `qwen3-32b-trtllm-aic-agg` beside
/// `qwen3-32b-trtllm-agg-baseline` is `aic-agg`. The files keep the whole name.
pub fn without_common_start(runs: &mut [Run]) {
    let named = |r: &Run| !matches!(r.tool, Tool::Aic | Tool::Table | Tool::CostModel);
    let labels: Vec<&str> = runs
        .iter()
        .filter(|r| named(r))
        .map(|r| r.label.as_str())
        .collect();
    let [first, rest @ ..] = labels.as_slice() else {
        return;
    };
    if rest.is_empty() || labels.iter().all(|l| l.chars().count() <= LONG) {
        return;
    }
    let shared = rest.iter().fold(*first, |start, label| {
        let same = start
            .char_indices()
            .zip(label.chars())
            .take_while(|((_, a), b)| a == b);
        let end = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
        start.get(..end).unwrap_or_default()
    });
    // Whole words only.
    let end = shared.rfind(['-', '_', '/', ' ']).map_or(0, |at| at + 1);
    if end == 0 || labels.contains(&shared) {
        return;
    }
    for run in runs.iter_mut().filter(|r| named(r)) {
        run.label = run.label.split_off(end);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_of;

    fn labels(of: &[&str]) -> Vec<String> {
        let mut runs: Vec<Run> = of
            .iter()
            .map(|label| Run {
                tool: Tool::GenAiPerf,
                ..run_of(label, &[(1, 2.0, 1.0)])
            })
            .collect();
        without_common_start(&mut runs);
        runs.into_iter().map(|r| r.label).collect()
    }

    #[test]
    fn long_labels_lose_the_words_that_all_begin_with() {
        assert_eq!(
            labels(&["qwen3-32b-trtllm-aic-agg", "qwen3-32b-trtllm-agg-baseline"]),
            ["aic-agg", "agg-baseline"]
        );
    }

    #[test]
    fn short_labels_single_ones_and_parts_of_words_stay() {
        assert_eq!(
            labels(&["run-aic", "run-baseline"]),
            ["run-aic", "run-baseline"]
        );
        assert_eq!(
            labels(&["a-very-long-label-of-one-run"]),
            ["a-very-long-label-of-one-run"]
        );
        let one_is_the_start = ["llama-3-70b-tensorrt-llm", "llama-3-70b-tensorrt-llm-tp8"];
        assert_eq!(labels(&one_is_the_start), one_is_the_start);
        let no_words = ["candidatewithlongname1", "candidatewithlongname2"];
        assert_eq!(labels(&no_words), no_words);
    }
}
