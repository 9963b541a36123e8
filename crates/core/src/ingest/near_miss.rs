//! Files that are known by name and not read: companions of a result, and other tools' results.
//!
//! Knows the marks of each and the sentence to say; refuses to read any of them.

use super::probe::{Probe, Shape};
use crate::model::Severity;

/// A kind of file that is named and not read.
#[derive(Debug, Clone, Copy)]
pub struct NearMiss {
    /// What it is, as in “This is …”.
    pub name: &'static str,
    /// A companion is only worth a remark; a result that cannot be read is a warning.
    pub severity: Severity,
    matches: fn(&Probe<'_>) -> bool,
}

impl NearMiss {
    /// What to tell the person.
    pub fn sentence(&self) -> String {
        match self.severity {
            Severity::Info => format!(
                "This is {}; it holds no figures for a comparison.",
                self.name
            ),
            _ => format!("This is {}, which isn't read yet.", self.name),
        }
    }
}

const fn companion(name: &'static str, matches: fn(&Probe<'_>) -> bool) -> NearMiss {
    NearMiss {
        name,
        severity: Severity::Info,
        matches,
    }
}

const fn result(name: &'static str, matches: fn(&Probe<'_>) -> bool) -> NearMiss {
    NearMiss {
        name,
        severity: Severity::Warning,
        matches,
    }
}

/// Whether a line of the opening starts with these words, at any level of indentation.
fn line(p: &Probe<'_>, start: &str) -> bool {
    p.shape == Shape::Text && p.starts_line(start)
}

/// Every kind, the first match wins.
pub static NEAR_MISSES: &[NearMiss] = &[
    // Companions of GenAI-Perf and AIPerf.
    companion(
        "the list of prompts that a load generator sent (inputs.json)",
        |p| {
            p.is_json()
                && (p.has_all(&["data", "data.payload"]) || p.has_all(&["data", "data.session_id"]))
                && !p.has("experiments")
        },
    ),
    companion("AIPerf's export of server metrics", |p| {
        p.first_line().starts_with("# AIPerf Server Metrics")
            || (p.is_json()
                && (p.has("summary.endpoints_configured") || p.has("data.endpoint_summaries"))
                && !p.has("request_throughput"))
    }),
    companion("a file of AIPerf's time slices", |p| {
        (p.is_json() && p.has("timeslices"))
            || (p.shape == Shape::Text && p.first_line().starts_with("Timeslice,"))
    }),
    companion("AIPerf's list of phases", |p| {
        p.is_json() && p.has_all(&["phases", "phases.phase_kind"])
    }),
    companion(
        "AIPerf's raw requests and responses (its profile_export.jsonl is read)",
        |p| {
            p.is_json()
                && p.has("metadata.x_request_id")
                && (p.has("responses") || p.has("payload"))
        },
    ),
    companion("AIPerf's GPU telemetry", |p| {
        p.is_json()
            && (p.has("telemetry_data.gpu_power_usage")
                || p.has_all(&["gpu_index", "gpu_uuid"])
                || p.has_all(&["timestamp_ns", "dcgm_url"]))
    }),
    companion("AIPerf's record of how a run was configured", |p| {
        p.is_json()
            && !p.has("request_throughput")
            && (p.has_all(&["cli_command", "benchmark_id"])
                || p.has_all(&["phases", "endpoint", "datasets"]))
    }),
    result(
        "an AIPerf summary over repeated or swept runs; drop the folders of the single runs",
        |p| {
            p.is_json()
                && (p.has("per_combination_metrics")
                    || p.has("metadata.aggregation_type")
                    || p.has("aggregation_type"))
        },
    ),
    result(
        "GenAI-Perf's table of a sweep; drop the folders of the single points",
        |p| p.first_line().starts_with("Config Name,Concurrency"),
    ),
    // Companions of AIConfigurator.
    companion("a Kubernetes manifest", |p| {
        line(p, "apiVersion:") && line(p, "kind:")
    }),
    companion(
        "AIConfigurator's record of where its kernel figures came from",
        |p| {
            p.is_json()
                && (p.has("genonly_step")
                    || p.has("context_step")
                    || p.has("mix_step")
                    || p.has("prefill.context_attention"))
        },
    ),
    companion("AIConfigurator's settings for its generator", |p| {
        line(p, "ServiceConfig:") || line(p, "WorkerConfig:")
    }),
    companion("a workflow description", |p| {
        line(p, "variables:") && line(p, "SLURM_")
    }),
    companion("an engine's configuration", |p| {
        line(p, "tensor_parallel_size:")
            || line(p, "kv_cache_config:")
            || line(p, "max_num_tokens:")
    }),
    companion("a shell script", |p| {
        p.shape == Shape::Text && p.first_line().starts_with("#!")
            || p.first_line() == "set -euo pipefail"
    }),
    // Results of other tools.
    companion("InferenceX's check of the power telemetry", |p| {
        p.is_json() && p.has("power_valid")
    }),
    companion("vLLM's copy of a result in PyTorch's benchmark form", |p| {
        p.shape == Shape::Array && p.has_all(&["benchmark", "metric"])
    }),
    companion("inference-perf's check of its reports", |p| {
        p.is_json() && p.has_all(&["global.warnings", "global.errors"])
    }),
    // Files of other kinds.
    companion("a model's configuration (config.json)", |p| {
        p.shape == Shape::Object && p.has_all(&["model_type", "architectures"])
    }),
    companion("a server's metrics in Prometheus' form", |p| {
        p.shape == Shape::Text && p.first_line().starts_with("# HELP ")
    }),
    companion("a table of AIConfigurator's measured operations", |p| {
        p.first_line()
            .starts_with("framework,version,device,op_name")
    }),
    companion("inference-perf's Prometheus metrics", |p| {
        p.is_json() && p.has_all(&["load_summary", "queue_len"])
    }),
    companion("a PDF", |p| p.head.starts_with("%PDF-")),
    companion("a picture", |p| {
        p.shape == Shape::Binary
            && [".png", ".jpg", ".jpeg", ".webp", ".gif", ".pdf"]
                .iter()
                .any(|e| p.path.to_ascii_lowercase().ends_with(e))
    }),
    companion("a Parquet file (the JSON beside it is read)", |p| {
        p.head.starts_with("PAR1")
    }),
    companion("a file of the operating system", |p| {
        matches!(p.name(), ".DS_Store" | "Thumbs.db" | "desktop.ini")
            || p.path.contains("__MACOSX/")
    }),
    companion("a web page", |p| {
        let start = p.first_line().to_ascii_lowercase();
        start.starts_with("<!doctype html") || start.starts_with("<html")
    }),
    companion("a YAML file of a configuration", |p| {
        p.shape == Shape::Text && (p.path.ends_with(".yaml") || p.path.ends_with(".yml"))
    }),
];

/// The kind that a file is, if it is one of these.
pub fn find(probe: &Probe<'_>) -> Option<&'static NearMiss> {
    NEAR_MISSES.iter().find(|m| (m.matches)(probe))
}

/// AIPerf's folder of warm-up figures, which have the results' names and shape.
pub fn is_warm_up(path: &str) -> bool {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    parts.windows(2).any(|w| w == ["phases", "warmup"])
}
