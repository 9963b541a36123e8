//! One file (or folder) for each tool's format: recognise and read, nothing else.
//!
//! A format knows its own files; it refuses to know the other formats, folders and runs.

pub mod aic;
pub mod aic_config;
pub mod aic_result;
pub mod aiperf;
pub mod aiperf_csv;
pub mod aiperf_records;
pub mod genai_perf;
pub mod genai_perf_csv;
pub mod genai_perf_raw;
pub mod guidellm;
pub mod guidellm_csv;
pub mod inference_perf;
pub mod inference_perf_config;
pub mod inferencex;
pub mod llm_d;
pub mod llmperf;
pub mod serving_text;
pub mod sglang;
pub mod table;
pub mod trtllm_bench;
pub mod trtllm_serve;
pub mod vllm;

use super::registry::Format;

/// Every format that can be read. The order has no meaning: the highest confidence wins.
pub static FORMATS: &[&Format] = &[
    &aic::FORMAT,
    &aic_config::FORMAT,
    &aic_result::FORMAT,
    &aiperf::FORMAT,
    &aiperf_csv::FORMAT,
    &aiperf_records::FORMAT,
    &genai_perf::FORMAT,
    &genai_perf_csv::FORMAT,
    &genai_perf_raw::FORMAT,
    &guidellm::FORMAT,
    &guidellm_csv::FORMAT,
    &inference_perf::FORMAT,
    &inference_perf_config::FORMAT,
    &inferencex::FORMAT,
    &llm_d::FORMAT,
    &llmperf::FORMAT,
    &serving_text::FORMAT,
    &sglang::FORMAT,
    &table::FORMAT,
    &trtllm_bench::FORMAT,
    &trtllm_serve::FORMAT,
    &vllm::FORMAT,
];
