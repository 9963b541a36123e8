//! The table of models: dimensions, family, experts and the pack that holds their figures.

use super::arch::{Arch, Experts, Family};
use super::rules::RuleSet;

const BOTH: &[RuleSet] = &[RuleSet::Aic02, RuleSet::Aic012];
const NEW: &[RuleSet] = &[RuleSet::Aic012];
const OLD: &[RuleSet] = &[RuleSet::Aic02];

/// Layers, query heads, KV heads, head size, hidden size, feed-forward size, vocabulary.
type Sizes = [u32; 7];

const fn dense(
    name: &'static str,
    hub_name: &'static str,
    [layers, heads, kv_heads, head_dim, hidden, ffn, vocab]: Sizes,
    qk_norm: bool,
    pack: &'static str,
    rules: &'static [RuleSet],
) -> Arch {
    Arch {
        name,
        hub_name,
        family: Family::Dense,
        layers,
        heads,
        kv_heads,
        head_dim,
        hidden,
        ffn,
        vocab,
        qk_norm,
        window: None,
        experts: None,
        plain_attention: "",
        plain_shared: false,
        pack,
        rules,
    }
}

/// A dense row's sizes with the feed-forward size of one expert, and experts and how many of them a token takes.
const fn moe(
    name: &'static str,
    hub_name: &'static str,
    sizes: Sizes,
    (count, top_k): (u32, u32),
    pack: &'static str,
) -> Arch {
    Arch {
        family: Family::Moe,
        experts: Some(Experts { count, top_k }),
        ..dense(name, hub_name, sizes, true, pack, NEW)
    }
}

const fn deepseek(name: &'static str, hub_name: &'static str, plain: &'static str) -> Arch {
    Arch {
        family: Family::Mla,
        qk_norm: false,
        plain_attention: plain,
        ..moe(
            name,
            hub_name,
            [61, 128, 128, 56, 7168, 2048, 129_280],
            (256, 8),
            "deepseek-v3",
        )
    }
}

const fn kimi(name: &'static str, hub_name: &'static str, plain_shared: bool) -> Arch {
    Arch {
        family: Family::Mla,
        qk_norm: false,
        plain_attention: "qko",
        plain_shared,
        ..moe(
            name,
            hub_name,
            [61, 64, 64, 112, 7168, 2048, 163_840],
            (384, 8),
            "kimi-k2",
        )
    }
}

const fn gpt_oss(name: &'static str, hub_name: &'static str, layers: u32, experts: u32) -> Arch {
    Arch {
        qk_norm: false,
        window: Some(128),
        ..moe(
            name,
            hub_name,
            [layers, 64, 8, 64, 2880, 2880, 201_088],
            (experts, 4),
            "gpt-oss",
        )
    }
}

/// Every model that the cost model knows.
#[rustfmt::skip]
pub const ARCHES: &[Arch] = &[
    dense("QWEN3_32B", "Qwen/Qwen3-32B", [64, 64, 8, 128, 5120, 25600, 151_936], true, "qwen3", BOTH),
    dense("QWEN3_8B", "Qwen/Qwen3-8B", [36, 32, 8, 128, 4096, 12288, 151_936], true, "qwen3", NEW),
    dense("QWEN3_1.7B", "Qwen/Qwen3-1.7B", [28, 16, 8, 128, 2048, 6144, 151_936], true, "qwen3", NEW),
    dense("QWEN3_0.6B", "Qwen/Qwen3-0.6B", [28, 16, 8, 128, 1024, 3072, 151_936], true, "qwen3", NEW),
    dense("LLAMA3.1_8B", "meta-llama/Llama-3.1-8B-Instruct", [32, 32, 8, 128, 4096, 14336, 128_256], false, "llama-3.1", BOTH),
    dense("LLAMA3.1_70B", "meta-llama/Llama-3.1-70B-Instruct", [80, 64, 8, 128, 8192, 28672, 128_256], false, "llama-3.1", BOTH),
    dense("LLAMA3.1_405B", "meta-llama/Llama-3.1-405B-Instruct", [126, 128, 8, 128, 16384, 53248, 128_256], false, "llama-3.1", NEW),
    dense("MIMO_7B", "XiaomiMiMo/MiMo-7B-Base", [36, 32, 8, 128, 4096, 11008, 151_680], false, "mimo", NEW),
    dense("QWEN2.5_32B", "Qwen/Qwen2.5-32B-Instruct", [64, 40, 8, 128, 5120, 27648, 152_064], false, "", OLD),
    dense("QWEN2.5_7B", "Qwen/Qwen2.5-7B-Instruct", [28, 28, 4, 128, 3584, 18944, 152_064], false, "", OLD),
    moe("QWEN3_30B_A3B", "Qwen/Qwen3-30B-A3B", [48, 32, 4, 128, 2048, 768, 151_936], (128, 8), "qwen3-moe"),
    moe("QWEN3_235B_A22B", "Qwen/Qwen3-235B-A22B", [94, 64, 4, 128, 4096, 1536, 151_936], (128, 8), "qwen3-moe"),
    moe("QWEN3_CODER_480B_A35B", "Qwen/Qwen3-Coder-480B-A35B-Instruct", [62, 96, 8, 128, 6144, 2560, 151_936], (160, 8), "qwen3-coder"),
    moe("MINIMAX_M2.5", "MiniMaxAI/MiniMax-M2.5", [62, 48, 8, 128, 3072, 1536, 200_064], (256, 8), "minimax-m2"),
    moe("MINIMAX_M2.7", "MiniMaxAI/MiniMax-M2.7", [62, 48, 8, 128, 3072, 1536, 200_064], (256, 8), "minimax-m2"),
    gpt_oss("GPT_OSS_120B", "openai/gpt-oss-120b", 36, 128),
    gpt_oss("GPT_OSS_20B", "openai/gpt-oss-20b", 24, 32),
    deepseek("DEEPSEEK_V3", "deepseek-ai/DeepSeek-V3", ""),
    deepseek("DEEPSEEK_R1", "deepseek-ai/DeepSeek-R1", ""),
    deepseek("DEEPSEEK_V3.1", "deepseek-ai/DeepSeek-V3.1", ""),
    deepseek("DEEPSEEK_V3.1_NVFP4", "nvidia/DeepSeek-V3.1-NVFP4", "qk"),
    kimi("KIMI_K2.5", "moonshotai/Kimi-K2.5", true),
    kimi("KIMI_K2.5_NVFP4", "nvidia/Kimi-K2.5-NVFP4", false),
    kimi("KIMI_K2.6", "moonshotai/Kimi-K2.6", true),
    kimi("KIMI_K2.7_CODE", "moonshotai/Kimi-K2.7-Code", true),
];

/// Beginnings of the names of families that AIC models with operations of their own, and what those are.
pub(crate) const NOT_MODELLED: &[(&str, &str)] = &[
    ("deepseekv3.2", "sparse attention"),
    ("deepseekv4", "sparse attention"),
    ("glm5", "sparse attention"),
    ("qwen3.5", "linear attention"),
    ("qwen3.6", "linear attention"),
    ("kimik3", "linear attention"),
    ("nvidianemotron", "state-space layers"),
    ("nemotron", "state-space layers"),
    ("minimaxm3", "attention of its own"),
    ("mimov2", "layers of two kinds"),
    ("llama4", "layers of two kinds"),
    ("gemma4", "layers of two kinds"),
    ("step3", "layers of its own"),
    ("qwen3vl", "an encoder of images"),
];
