//! What a path says: the load, the deployment's folder and name, and which file is whose twin.
//!
//! Knows the folder layouts of the tools; refuses to know file contents.

/// What a path says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// Folder of the measurement, without `phases/…`.
    pub folder: String,
    /// Folder of the deployment: without the parts that name a load or a workload.
    pub group: String,
    /// Last telling part of that folder.
    pub label: Option<String>,
    /// Every telling part of that folder, outermost first.
    pub telling: Vec<String>,
    /// File name without extensions and the endings that tell twins apart.
    pub stem: String,
    /// Concurrency in a folder or file name.
    pub concurrency: Option<u32>,
    /// Request rate in a folder name.
    pub request_rate: Option<f64>,
    /// Model in a folder name as GenAI-Perf and AIPerf build it, `/` turned into `_`.
    pub model: Option<String>,
    /// Depth of the file.
    pub depth: usize,
}

/// Folder names that say nothing about what was deployed.
const GENERAL: [&str; 26] = [
    "artifacts",
    "artifact",
    "results",
    "result",
    "output",
    "outputs",
    "out",
    "runs",
    "run",
    "benchmark",
    "benchmarks",
    "bench",
    "data",
    "raw",
    "logs",
    "tmp",
    "export",
    "exports",
    "genai-perf",
    "genai_perf",
    "aiperf",
    "perf",
    "test",
    "tests",
    "profile_runs",
    "downloads",
];

/// File names that say which tool wrote them and nothing else.
const TOOLS: [&str; 15] = [
    "vllm",
    "sglang",
    "sglang-oai",
    "trtllm",
    "trt-llm",
    "tensorrt-llm",
    "guidellm",
    "llmperf",
    "llm-d",
    "inference-perf",
    "inferencex",
    "stage",
    "report",
    "summary",
    "serving",
];

/// Reads a path as dropped, `/` or `\` between its parts.
pub fn place(path: &str) -> Place {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = path
        .split('/')
        .filter(|p| !p.is_empty() && *p != ".")
        .collect();
    let depth = parts.len();
    let file = parts.pop().unwrap_or_default();
    let mut out = Place {
        stem: stem(file),
        depth,
        ..Place::default()
    };
    if let [.., phases, phase] = parts.as_slice()
        && *phases == "phases"
        && !phase.is_empty()
    {
        parts.truncate(parts.len() - 2);
    }
    out.folder = parts.join("/");
    let mut kept: Vec<String> = Vec::new();
    for part in &parts {
        if let Some(rest) = peel(part, &mut out) {
            kept.push(rest);
        }
    }
    if out.concurrency.is_none() {
        out.concurrency =
            concurrency_in(file.split('.').next().unwrap_or_default()).map(|(c, _)| c);
    }
    out.group = kept.join("/");
    out.telling = kept
        .into_iter()
        .map(|p| {
            p.trim_end_matches(".zip")
                .trim_end_matches(".gz")
                .trim_end_matches(".tar")
                .to_owned()
        })
        .filter(|p| !GENERAL.contains(&p.to_ascii_lowercase().as_str()))
        .collect();
    out.label = out.telling.last().cloned();
    out
}

/// What a file's or a key's name says of the system: without its load and workload; `None` when nothing is left.
pub fn part(name: &str) -> Option<String> {
    let rest = match concurrency_in(name) {
        Some((_, cut)) => name.get(..cut).unwrap_or_default(),
        None => name,
    };
    let rest = rest.trim_matches(['-', '_', ' ', '.']);
    let lower = rest.to_ascii_lowercase();
    let says = !rest.is_empty()
        && !rest
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
        && !GENERAL.contains(&lower.as_str())
        && !TOOLS.contains(&lower.as_str())
        && !is_workload(&lower);
    says.then(|| rest.to_owned())
}

/// A folder name without its load; `None` when nothing is left that names a deployment.
fn peel(part: &str, out: &mut Place) -> Option<String> {
    let lower = part.to_ascii_lowercase();
    if let Some(rate) = lower
        .rfind("request_rate")
        .and_then(|at| lower.get(at + 12..))
    {
        out.request_rate = rate
            .trim_start_matches(['_', '-'])
            .parse()
            .ok()
            .filter(|r: &f64| r.is_finite());
    }
    if is_workload(&lower)
        || ["run_", "trial_"]
            .iter()
            .any(|repeat| lower.strip_prefix(repeat).is_some_and(is_digits))
        || lower == "sweep_aggregate"
    {
        return None;
    }
    let (load, rest) = match concurrency_in(part) {
        Some((c, cut)) => {
            out.concurrency = Some(c);
            (true, part.get(..cut).unwrap_or_default())
        }
        None if out.request_rate.is_some() && lower.contains("request_rate") => (
            true,
            lower
                .rfind("request_rate")
                .and_then(|at| part.get(..at))
                .unwrap_or_default(),
        ),
        None => (false, part),
    };
    if !load {
        return Some(part.to_owned());
    }
    let rest = rest.trim_end_matches(['-', '_', ' ', '.']);
    for service in [
        "-openai",
        "-triton",
        "-dynamic",
        "-tensorrtllm",
        "-huggingface",
        "-cohere",
        "-template",
    ] {
        if let Some(at) = rest.find(service) {
            out.model = rest.get(..at).filter(|m| !m.is_empty()).map(str::to_owned);
            return None;
        }
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `isl4000_osl500` and the like.
fn is_workload(lower: &str) -> bool {
    let pieces: Vec<&str> = lower.split(['_', '-']).filter(|p| !p.is_empty()).collect();
    !pieces.is_empty()
        && pieces.iter().all(|p| {
            let digits = p.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            is_digits(digits)
                && matches!(
                    p.get(..p.len() - digits.len()),
                    Some("isl" | "osl" | "in" | "out" | "input" | "output")
                )
        })
}

/// The concurrency at the end of a name and where its part begins: `concurrency_10`, `x-conc16`, `c8`.
fn concurrency_in(part: &str) -> Option<(u32, usize)> {
    let lower = part.to_ascii_lowercase();
    let digits = lower.len() - lower.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let cut = lower.len() - digits;
    let number: u32 = lower.get(cut..)?.parse().ok().filter(|n| *n > 0)?;
    let before = lower.get(..cut)?.trim_end_matches(['_', '-', '=']);
    for word in ["max_concurrency", "concurrency", "conc", "c"] {
        if let Some(rest) = before.strip_suffix(word)
            && !rest.ends_with(|c: char| c.is_alphanumeric())
        {
            return Some((number, rest.len()));
        }
    }
    None
}

fn stem(file: &str) -> String {
    let mut stem = file;
    for ending in [
        ".gz", ".json", ".jsonl", ".csv", ".tsv", ".txt", ".md", ".log", ".yaml", ".yml",
    ] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    for ending in [
        "_genai_perf",
        "_aiperf",
        "_console",
        "_records",
        "_summary",
        "_individual_responses",
    ] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_of_the_tools() {
        let p = place(
            "genai-perf/aic/artifacts/Qwen_Qwen3-32B-FP8-openai-chat-concurrency10/profile_export_genai_perf.json",
        );
        assert_eq!((p.concurrency, p.label.as_deref()), (Some(10), Some("aic")));
        assert_eq!(p.model.as_deref(), Some("Qwen_Qwen3-32B-FP8"));
        assert_eq!(
            (p.group.as_str(), p.stem.as_str()),
            ("genai-perf/aic/artifacts", "profile_export")
        );
        let p = place("aiperf/aic/concurrency_10/phases/profiling/profile_export_aiperf.csv");
        assert_eq!(
            (p.folder.as_str(), p.group.as_str()),
            ("aiperf/aic/concurrency_10", "aiperf/aic")
        );
        let p = place("isl4000_osl500/baseline/concurrency_16/profile_export_aiperf.json");
        assert_eq!(
            (p.group.as_str(), p.label.as_deref()),
            ("baseline", Some("baseline"))
        );
        let p = place("run.zip/tuned_c8/x.json");
        assert_eq!(
            (p.label.as_deref(), p.concurrency),
            (Some("tuned"), Some(8))
        );
        let p = place("archive.zip/x-request_rate5.0/x.json");
        assert_eq!((p.request_rate, p.label.as_deref()), (Some(5.0), Some("x")));
        assert_eq!(place("profile_export_aiperf.json").label, None);
        // Repeats of one load, alone and inside a sweep.
        for path in [
            "aic/concurrency_10/profile_runs/run_0002/x.json",
            "aic/profile_runs/trial_0002/concurrency_10/x.json",
            "aic/run_2/Qwen_Qwen3-32B-openai-chat-concurrency10/x.json",
        ] {
            let p = place(path);
            assert_eq!(
                (p.concurrency, p.label.as_deref()),
                (Some(10), Some("aic")),
                "{path}"
            );
        }
        assert_eq!(place("v0.5.0_slices/a.json").concurrency, None);
        assert_eq!(place("disc4/a.json").concurrency, None);
        assert_eq!(place("aic/conc16.json").concurrency, Some(16));
    }
}
