//! Every quirk that agreement with AIC needs, as a sentence.

use super::rules::RuleSet;

/// A behaviour of AIC that looks odd and is reproduced on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirk {
    /// Stable name.
    pub id: &'static str,
    /// Rule sets that have it.
    pub rules: &'static [RuleSet],
    /// What it is, as a sentence.
    pub sentence: &'static str,
}

const OLD: &[RuleSet] = &[RuleSet::Aic02];
const NEW: &[RuleSet] = &[RuleSet::Aic012];
const BOTH: &[RuleSet] = &[RuleSet::Aic02, RuleSet::Aic012];

/// Every quirk that is reproduced, for the documentation and the page.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        id: "early-stopped-gradients",
        rules: OLD,
        sentence: "The gradients of the cubic interpolation stop at an absolute change of 1e-6, long before they converge, which moves single matrix products by up to 0.56 %.",
    },
    Quirk {
        id: "falling-tail-held",
        rules: OLD,
        sentence: "A table that falls towards its end is continued at the value of its second-to-last figure.",
    },
    Quirk {
        id: "one-prefill-in-a-mix-step",
        rules: OLD,
        sentence: "The prefill attention of a mixed step counts one request even when its context tokens span several.",
    },
    Quirk {
        id: "all-prefills-in-a-mix-step",
        rules: NEW,
        sentence: "The prefill attention of a mixed step counts every request that its context tokens span.",
    },
    Quirk {
        id: "one-row-of-logits",
        rules: BOTH,
        sentence: "The logits of a mixed step are computed for one row, whatever the batch.",
    },
    Quirk {
        id: "short-single-request",
        rules: BOTH,
        sentence: "A single request counts one mixed step in its throughput even when its prompt needs several.",
    },
    Quirk {
        id: "pipelined-mix-steps",
        rules: BOTH,
        sentence: "Three mixed steps are left out of the time between tokens, but not out of the throughput.",
    },
    Quirk {
        id: "whole-embedding",
        rules: OLD,
        sentence: "Embedding weights are not divided among the GPUs of a worker.",
    },
    Quirk {
        id: "kv-not-divided-by-pipeline",
        rules: OLD,
        sentence: "The KV cache of all layers is counted on every pipeline stage.",
    },
    Quirk {
        id: "pipeline-as-throughput",
        rules: OLD,
        sentence: "Pipeline stages multiply the throughput and leave the latency alone.",
    },
    Quirk {
        id: "half-communication",
        rules: BOTH,
        sentence: "All-reduce is always measured in 16 bit, whatever communication format is chosen.",
    },
    Quirk {
        id: "output-token-count",
        rules: BOTH,
        sentence: "Aggregated throughput counts the output length less one token, disaggregated throughput the whole output length.",
    },
    Quirk {
        id: "no-queueing",
        rules: OLD,
        sentence: "The time to the first token holds no waiting.",
    },
    Quirk {
        id: "queueing-factor",
        rules: NEW,
        sentence: "The time to the first token of an aggregated worker is multiplied by 2 + (mixed steps − 3) / 20, at most 4, which can be below 2.",
    },
    Quirk {
        id: "no-kv-budget",
        rules: OLD,
        sentence: "The KV cache may fill the memory to the last byte.",
    },
    Quirk {
        id: "kv-budget",
        rules: NEW,
        sentence: "The KV cache may use 0.9 × 0.985 × 0.98 of the memory that the rest leaves; sweeps drop other points and single estimates warn.",
    },
    Quirk {
        id: "fixed-activation-tokens",
        rules: NEW,
        sentence: "Activations of an aggregated worker are sized for 8192 tokens, whatever the step holds.",
    },
    Quirk {
        id: "rounded-before-sorting",
        rules: BOTH,
        sentence: "Sweeps round every figure to three decimals before they filter, sort and combine, so ties are decided by rounding.",
    },
    Quirk {
        id: "straight-gemm-tail",
        rules: OLD,
        sentence: "Matrix products beyond 8192 tokens follow the line through 4096 and 8192, never below the roofline.",
    },
    Quirk {
        id: "prefill-memory-of-one-token",
        rules: BOTH,
        sentence: "The memory of a prefill worker counts one output token.",
    },
    Quirk {
        id: "step-blocks",
        rules: BOTH,
        sentence: "A decode worker's step time is evaluated at every 32nd token and reused for the 31 that follow.",
    },
    Quirk {
        id: "disagg-ties",
        rules: BOTH,
        sentence: "Equal disaggregated rows are told apart by the smaller time to the first token, then by fewer GPUs; AIC leaves it to an unstable sort.",
    },
    Quirk {
        id: "prefill-batch-limit-ignored",
        rules: OLD,
        sentence: "The limit of one request per prefill batch in AIC's settings is ignored: batches grow until 16384 tokens.",
    },
    Quirk {
        id: "site-order",
        rules: NEW,
        sentence: "Unmeasured matrix shapes average the utilisation of the four nearest measured ones; equal distances are decided by the order of the figures in AIC's file.",
    },
    Quirk {
        id: "constant-attention-extras",
        rules: NEW,
        sentence: "Prefill attention carries a constant cost per layer for normalisation, rotary embedding and cache writes that does not grow with the tokens.",
    },
    Quirk {
        id: "spread-decode-attention",
        rules: NEW,
        sentence: "Decode attention is the mean at five lengths between 0.9 and 1.1 of the asked one.",
    },
    Quirk {
        id: "corrected-workers",
        rules: NEW,
        sentence: "Disaggregated workers are slowed by 1.1 (prefill) and 1.08 (decode), and the time to the first token is multiplied by a further 1.8.",
    },
    Quirk {
        id: "rate-matching",
        rules: BOTH,
        sentence: "Matched workers keep 0.9 (prefill) and 0.92 (decode) of their throughput, while their latencies stay.",
    },
    Quirk {
        id: "single-prefills",
        rules: NEW,
        sentence: "A disaggregated prefill worker handles one request at a time.",
    },
    Quirk {
        id: "cluster-front",
        rules: NEW,
        sentence: "Fronts are drawn over the tokens per second of all GPUs at hand, so a replica size that leaves GPUs idle falls behind.",
    },
    Quirk {
        id: "replica-totals",
        rules: NEW,
        sentence: "A disaggregated replica must have 1, 2, 4 or a multiple of 8 GPUs.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirks_are_sentences_with_unique_names() {
        let mut ids: Vec<_> = QUIRKS.iter().map(|q| q.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), QUIRKS.len());
        for q in QUIRKS {
            assert!(q.sentence.ends_with('.') && !q.rules.is_empty(), "{}", q.id);
        }
    }
}
