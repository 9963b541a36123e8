//! How a worker's GPUs share the work, under AIC's names.

use super::arch::{Arch, Family};
use super::error::CostError;
use super::quant::GemmQuant;

/// The parallelism of one worker. Attention runs on TP × DP × CP GPUs, experts on MoE TP × EP; both are the same GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parallel {
    /// Tensor parallelism of attention and dense layers.
    pub tp: u32,
    /// Pipeline parallelism.
    pub pp: u32,
    /// Attention data parallelism: batches and lengths are those of one rank.
    pub dp: u32,
    /// Tensor parallelism of experts.
    pub moe_tp: u32,
    /// Expert parallelism.
    pub moe_ep: u32,
    /// Context parallelism of a prefill (SGLang).
    pub cp: u32,
}

impl Parallel {
    /// Tensor and pipeline parallelism alone.
    pub fn dense(tp: u32, pp: u32) -> Self {
        Self {
            tp,
            pp,
            dp: 1,
            moe_tp: 1,
            moe_ep: 1,
            cp: 1,
        }
    }

    /// GPUs of the worker.
    pub fn gpus(&self) -> u32 {
        [self.tp, self.pp, self.dp, self.cp]
            .into_iter()
            .fold(1, u32::saturating_mul)
    }

    /// AIC's name, such as `tp1pp1dp8etp1ep8`.
    pub fn name(&self) -> String {
        let cp = match self.cp {
            1 => String::new(),
            cp => format!("cp{cp}"),
        };
        let Self {
            tp,
            pp,
            dp,
            moe_tp,
            moe_ep,
            ..
        } = self;
        format!("tp{tp}pp{pp}dp{dp}etp{moe_tp}ep{moe_ep}{cp}")
    }

    /// Refuses what AIC refuses.
    pub(crate) fn check(&self, arch: &Arch, moe: GemmQuant) -> Result<(), CostError> {
        for (value, what) in [
            (self.tp, "tensor parallelism"),
            (self.pp, "pipeline parallelism"),
            (self.dp, "attention data parallelism"),
            (self.moe_tp, "tensor parallelism of experts"),
            (self.moe_ep, "expert parallelism"),
            (self.cp, "context parallelism"),
        ] {
            if value == 0 {
                return Err(CostError::Zero { what });
            }
        }
        let Some(experts) = arch.experts else {
            return Ok(());
        };
        let (attention, ranks) = (
            self.gpus() / self.pp.max(1),
            self.moe_tp.saturating_mul(self.moe_ep),
        );
        if attention != ranks {
            return Err(CostError::Groups {
                attention,
                experts: ranks,
            });
        }
        if self.moe_ep > experts.count {
            return Err(CostError::ExpertRanks {
                ep: self.moe_ep,
                experts: experts.count,
                model: arch.name,
            });
        }
        let width = arch.ffn / self.moe_tp;
        if arch.family == Family::Moe && moe == GemmQuant::Fp8Block && !width.is_multiple_of(128) {
            return Err(CostError::BlockWidth {
                moe_tp: self.moe_tp,
                width,
            });
        }
        Ok(())
    }
}
