//! What can go wrong in the cost model, each as a kind and a whole sentence.

use std::fmt;

use super::backend::Backend;

/// Why the cost model gives no number.
///
/// `Display` is a whole sentence that names the offending value and, where there is one, the next step.
#[derive(Debug, Clone, PartialEq)]
pub enum CostError {
    /// The model name is in no alias of the architecture table.
    UnknownModel {
        /// The name as given.
        name: String,
        /// Canonical names that are known.
        known: String,
    },
    /// The model is of a family with operations that the cost model lacks.
    FamilyNotModelled {
        /// The name as given.
        name: String,
        /// What it has that is lacking.
        why: &'static str,
    },
    /// The serving backend is unknown.
    UnknownBackend {
        /// The name as given.
        name: String,
    },
    /// AIConfigurator has no figures of a model's operations on a system and backend.
    NotMeasured {
        /// Canonical model name.
        model: &'static str,
        /// AIC's name of the system.
        system: &'static str,
        /// The backend.
        backend: Backend,
    },
    /// There are figures for the system, but not with this backend.
    NoBackend {
        /// The system as asked for.
        system: String,
        /// The backend.
        backend: Backend,
    },
    /// The system computes nothing in this format.
    NoArithmetic {
        /// AIC's name of the system.
        system: String,
        /// Name of the format.
        format: &'static str,
    },
    /// Attention and experts of one worker would take different numbers of GPUs.
    Groups {
        /// TP × DP × CP.
        attention: u32,
        /// MoE TP × EP.
        experts: u32,
    },
    /// More expert ranks than experts.
    ExpertRanks {
        /// Expert parallelism.
        ep: u32,
        /// Experts of a layer.
        experts: u32,
        /// Canonical model name.
        model: &'static str,
    },
    /// fp8 blocks of 128 do not fit into a shard of an expert.
    BlockWidth {
        /// Tensor parallelism of experts.
        moe_tp: u32,
        /// Columns of a shard.
        width: u32,
    },
    /// Experts of several nodes without figures of the all-to-all between them.
    AcrossNodes {
        /// Expert parallelism.
        ep: u32,
        /// GPUs of a node.
        node: u32,
    },
    /// Context parallelism where AIC has none.
    ContextParallel,
    /// The model exists, but this rule set was never checked on it.
    ModelNotCovered {
        /// Canonical model name.
        model: String,
        /// Rule set as printed, such as `aic-0.2`.
        rules: String,
        /// Canonical names that the rule set covers.
        covered: String,
    },
    /// The loaded pack was cut down to another model.
    ModelNotInPack {
        /// Canonical model name asked for.
        model: String,
        /// Canonical model name that the pack holds.
        pack: String,
    },
    /// No loaded pack was measured on this GPU system.
    UnknownSystem {
        /// The name as given.
        name: String,
        /// Systems that are loaded.
        known: String,
    },
    /// The quantization name is unknown or has no measured figures.
    UnknownQuant {
        /// `gemm`, `kvcache` or `fmha`.
        kind: &'static str,
        /// The name as given.
        name: String,
        /// Names that have figures.
        known: &'static str,
    },
    /// The rule set name is neither `aic-0.2` nor `aic-0.12`.
    UnknownRules {
        /// The name as given.
        name: String,
    },
    /// The mode name is unknown.
    UnknownMode {
        /// The name as given.
        name: String,
    },
    /// fp8 attention with a 16-bit KV cache, which was never measured.
    QuantPair,
    /// The loaded tables hold no figures of this kind.
    MissingTable {
        /// Which figures, such as `context attention fp8/fp8 with 3 KV heads`.
        what: String,
    },
    /// Tensor parallelism does not divide the query heads.
    TpDoesNotDivide {
        /// Tensor parallel size.
        tp: u32,
        /// Query heads of the model.
        heads: u32,
        /// Canonical model name.
        model: &'static str,
    },
    /// Too few query heads would be left on each GPU.
    TooFewHeads {
        /// Tensor parallel size.
        tp: u32,
        /// Query heads per GPU that would result.
        left: u32,
        /// Fewest query heads per GPU under this rule set.
        least: u32,
    },
    /// Collectives were not measured for this number of GPUs.
    TpNotMeasured {
        /// Tensor parallel size.
        tp: u32,
        /// Sizes that have figures.
        known: String,
    },
    /// A count or length that must be at least one is zero.
    Zero {
        /// Name of the field.
        what: &'static str,
    },
    /// A count or length far beyond everything measured.
    TooLarge {
        /// Name of the field.
        what: &'static str,
        /// The value as given.
        value: u32,
        /// Largest value that is projected.
        most: u32,
    },
    /// A limit that must be a positive, finite number is not.
    BadLimit {
        /// Name of the field.
        what: &'static str,
    },
    /// Decoding needs at least two output tokens.
    OutputTooShort {
        /// Output length in tokens.
        osl: u32,
    },
    /// The batch leaves no request that decodes while others are prefilled.
    BatchTooSmall {
        /// Batch size.
        batch: u32,
        /// Requests that one step's context tokens span.
        requests: u64,
    },
    /// A query outside the measured (and pre-filled) grid.
    BeyondTables {
        /// The table, such as `GEMM`.
        table: &'static str,
        /// The axis, such as `tokens m`.
        axis: &'static str,
        /// The value asked for.
        value: u64,
        /// Smallest value of the axis.
        min: u64,
        /// Largest value of the axis.
        max: u64,
    },
    /// The cell of the grid that the query falls into lacks a corner.
    BrokenCell {
        /// The table, such as `GEMM`.
        table: &'static str,
    },
    /// The rule set does not cover this feature.
    Unsupported {
        /// What was asked for.
        what: String,
        /// Rule set as printed.
        rules: String,
    },
    /// A pack made for another rule set.
    RulesMismatch {
        /// Rule set of the engine.
        engine: String,
        /// Rule set of the pack.
        pack: String,
    },
    /// The pack is not one, is of another version or is damaged.
    Pack {
        /// What is wrong with it.
        reason: String,
    },
    /// A CSV file that a pack is built from is missing or malformed.
    Csv {
        /// File name.
        file: String,
        /// Line, counted from 1; 0 when the whole file is meant.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// One point of a points file is not of the expected shape.
    Point {
        /// What is wrong with it.
        reason: String,
    },
    /// The points file is not of the expected shape.
    Points {
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownModel { name, known } => {
                write!(f, "The cost model does not know the model “{name}”; it knows {known}.")
            }
            Self::FamilyNotModelled { name, why } => write!(
                f,
                "The model “{name}” has {why}, which the cost model does not have; AIConfigurator prices it with operations of its own."
            ),
            Self::UnknownBackend { name } => {
                write!(f, "“{name}” is no serving backend; choose trtllm, vllm or sglang.")
            }
            Self::NotMeasured { model, system, backend } => write!(
                f,
                "AIConfigurator 0.12 has no figures for {model} on {system} with {}.",
                backend.label()
            ),
            Self::NoBackend { system, backend } => write!(
                f,
                "No figures of {} are loaded for the system “{system}”.",
                backend.label()
            ),
            Self::NoArithmetic { system, format } => write!(
                f,
                "The system {system} has no arithmetic in {format}; choose another number format."
            ),
            Self::Groups { attention, experts } => write!(
                f,
                "The attention of a worker takes {attention} GPUs (TP × DP × CP) and its experts {experts} (MoE TP × EP), but both run on the same GPUs; make the products equal."
            ),
            Self::ExpertRanks { ep, experts, model } => write!(
                f,
                "Expert parallelism {ep} is more than the {experts} experts of {model}."
            ),
            Self::BlockWidth { moe_tp, width } => write!(
                f,
                "MoE TP {moe_tp} leaves {width} columns of an expert on each GPU, which fp8_block cannot divide into blocks of 128; choose a smaller one."
            ),
            Self::AcrossNodes { ep, node } => write!(
                f,
                "Expert parallelism {ep} goes beyond a node of {node} GPUs, and there are no figures of an all-to-all for this model, format and backend."
            ),
            Self::ContextParallel => f.write_str(
                "Context parallelism exists on SGLang only, with TP 1 and DP 1.",
            ),
            Self::ModelNotCovered { model, rules, covered } => {
                write!(f, "The rule set {rules} was never checked on {model}; it covers {covered}.")
            }
            Self::ModelNotInPack { model, pack } => write!(
                f,
                "The loaded figures hold only what {pack} needs, so {model} cannot be projected; load the pack of all dense models."
            ),
            Self::UnknownSystem { name, known } => {
                write!(f, "No figures are loaded for the system “{name}”; there are figures for {known}.")
            }
            Self::UnknownQuant { kind, name, known } => {
                write!(f, "There are no figures for the {kind} quantization “{name}”; choose one of {known}.")
            }
            Self::UnknownRules { name } => {
                write!(f, "“{name}” is no rule set; choose aic-0.2 or aic-0.12.")
            }
            Self::UnknownMode { name } => write!(
                f,
                "“{name}” is no mode; choose agg, static_ctx (also prefill) or static_gen (also decode)."
            ),
            Self::QuantPair => f.write_str(
                "Attention in fp8 with a 16-bit KV cache was never measured; choose an fp8 KV cache or 16-bit attention.",
            ),
            Self::MissingTable { what } => {
                write!(f, "The loaded tables hold no figures for {what}.")
            }
            Self::TpDoesNotDivide { tp, heads, model } => write!(
                f,
                "Tensor parallelism {tp} does not divide the {heads} query heads of {model}; choose a divisor."
            ),
            Self::TooFewHeads { tp, left, least } => write!(
                f,
                "Tensor parallelism {tp} leaves {left} query heads on each GPU, but at least {least} are needed; choose a smaller one."
            ),
            Self::TpNotMeasured { tp, known } => write!(
                f,
                "All-reduce was not measured for tensor parallelism {tp}; it was for {known}."
            ),
            Self::Zero { what } => write!(f, "The {what} must be at least 1."),
            Self::TooLarge { what, value, most } => write!(
                f,
                "The {what} of {value} is beyond the {most} up to which the figures are continued."
            ),
            Self::BadLimit { what } => {
                write!(f, "The {what} must be a positive number of milliseconds.")
            }
            Self::OutputTooShort { osl } => write!(
                f,
                "An output of {osl} tokens has no time between tokens; the output length must be at least 2."
            ),
            Self::BatchTooSmall { batch, requests } => write!(
                f,
                "A batch of {batch} leaves nothing to decode while {requests} requests are prefilled in one step; raise the batch or lower the context tokens."
            ),
            Self::BeyondTables { table, axis, value, min, max } => write!(
                f,
                "The {table} table spans {axis} from {min} to {max}, so {value} cannot be projected."
            ),
            Self::BrokenCell { table } => {
                write!(f, "The {table} table lacks a corner of the cell that the query falls into.")
            }
            Self::Unsupported { what, rules } => {
                write!(f, "The rule set {rules} does not cover {what}.")
            }
            Self::RulesMismatch { engine, pack } => write!(
                f,
                "The figures were packed for the rule set {pack}, but the engine runs {engine}."
            ),
            Self::Pack { reason } => {
                write!(f, "The pack of measured figures cannot be used: {reason}.")
            }
            Self::Csv { file, line: 0, reason } => write!(f, "The file {file} cannot be used: {reason}."),
            Self::Csv { file, line, reason } => write!(f, "Line {line} of {file} cannot be used: {reason}."),
            Self::Point { reason } => write!(f, "The point cannot be read: {reason}."),
            Self::Points { reason } => write!(f, "The points file cannot be read: {reason}."),
        }
    }
}

impl std::error::Error for CostError {}

/// Joins names for a sentence: `a, b and c`.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}
