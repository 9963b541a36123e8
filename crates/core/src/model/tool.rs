//! The tools that write results: one row each with everything that is said of a tool by name.
//!
//! Knows names; what a tool's files hold and what its words mean stands in its format (`ingest::formats`).

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is said of a tool by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToolInfo {
    /// Key in JSON for programs.
    pub key: &'static str,
    /// Name in a sentence.
    pub name: &'static str,
    /// Which file would bring the figures of each request, or why none would; ends a sentence after a colon.
    pub requests: &'static str,
}

/// Makes the enum and its table from one row a tool.
macro_rules! tools {
    ($($(#[$doc:meta])* $tool:ident { $key:literal, $name:literal, $requests:literal })*) => {
        /// The tool that wrote the results.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Tool {
            $($(#[$doc])* $tool,)*
        }

        impl Tool {
            /// All tools, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$tool,)*];

            /// The tool's row.
            pub fn info(self) -> &'static ToolInfo {
                match self {
                    $(Self::$tool => &ToolInfo { key: $key, name: $name, requests: $requests },)*
                }
            }
        }
    };
}

tools! {
    /// NVIDIA GenAI-Perf.
    GenAiPerf { "genai-perf", "GenAI-Perf",
        "profile_export.json, which lies beside profile_export_genai_perf.json." }
    /// NVIDIA AIPerf.
    AiPerf { "aiperf", "AIPerf",
        "profile_export.jsonl, which lies beside profile_export_aiperf.json." }
    /// vLLM's `vllm bench serve`.
    Vllm { "vllm", "vLLM bench",
        "the result of “vllm bench serve --save-result --save-detailed”." }
    /// NVIDIA AIConfigurator.
    Aic { "aiconfigurator", "AIConfigurator",
        "a projection has no requests; only a measured run does." }
    /// A table in Markdown or console text.
    Table { "table", "Pasted table",
        "a table holds no requests; drop the load generator’s own files." }
    /// The cost model of this program.
    CostModel { "servelens", "ServeLens cost model",
        "a projection has no requests; only a measured run does." }
    /// SGLang's `bench_serving`.
    Sglang { "sglang", "SGLang bench_serving",
        "the result of “bench_serving --output-details”, which holds their figures but not when each started." }
    /// TensorRT-LLM's `trtllm-bench`.
    TrtLlmBench { "trtllm-bench", "trtllm-bench",
        "a trtllm-bench report holds no requests, only statistics of them." }
    /// TensorRT-LLM's `benchmark_serving`.
    TrtLlmServe { "trtllm-serve", "TensorRT-LLM benchmark_serving",
        "the result of “benchmark_serving --save-result --save-detailed”, which holds their figures but not when each started." }
    /// InferenceX, InferenceMAX before.
    InferenceX { "inferencex", "InferenceX",
        "an InferenceX result holds no requests, only statistics of them." }
    /// GuideLLM.
    GuideLlm { "guidellm", "GuideLLM",
        "the requests in a GuideLLM report are not read yet." }
    /// inference-perf of kubernetes-sigs.
    InferencePerf { "inference-perf", "inference-perf",
        "the requests in inference-perf’s per_request_lifecycle_metrics.json are not read yet." }
    /// LLMPerf.
    LlmPerf { "llmperf", "LLMPerf",
        "LLMPerf’s list of responses does not say when each started." }
    /// llm-d's benchmark report.
    LlmD { "llm-d", "llm-d benchmark report",
        "an llm-d report holds no requests, only statistics of them." }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}

#[cfg(test)]
mod tests {
    use super::Tool;
    use std::collections::BTreeSet;

    #[test]
    fn every_tool_has_a_key_and_a_name_of_its_own() {
        let keys: BTreeSet<&str> = Tool::ALL.iter().map(|t| t.info().key).collect();
        let names: BTreeSet<&str> = Tool::ALL.iter().map(|t| t.info().name).collect();
        assert_eq!(
            (keys.len(), names.len()),
            (Tool::ALL.len(), Tool::ALL.len())
        );
        assert!(Tool::ALL.iter().all(|t| t.info().requests.ends_with('.')));
    }
}
