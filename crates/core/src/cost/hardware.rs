//! The constants of one measured system (GPU, node, serving backend): data, read from `system.csv`.
//!
//! Another GPU is another `system.csv` with its tables; no code changes.

use std::fmt::Write as _;

use super::error::CostError;
use super::quant::Tensor;
use super::systems;

/// Bytes in one GiB, the unit in which memory is reported.
pub(crate) const GIB: f64 = 1_073_741_824.0;

/// Constants of a GPU system as AIC's system file gives them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hardware {
    /// AIC's system name, such as `h200_sxm`.
    pub system: String,
    /// Serving backend whose kernels were measured, such as `trtllm`.
    pub backend: String,
    /// Version of that backend.
    pub backend_version: String,
    /// Memory bandwidth, bytes per second.
    pub mem_bandwidth: f64,
    /// Share of the bandwidth that element-wise operations reach, 0 to 1.
    pub mem_efficiency: f64,
    /// Constant cost of an element-wise operation, seconds.
    pub mem_latency_s: f64,
    /// Dense 16-bit tensor FLOP/s.
    pub flops_16bit: f64,
    /// 8-bit integer tensor operations per second, where the system has them.
    pub flops_int8: Option<f64>,
    /// fp8 tensor FLOP/s, where the system has them.
    pub flops_fp8: Option<f64>,
    /// fp4 tensor FLOP/s, where the system has them.
    pub flops_fp4: Option<f64>,
    /// Compute capability times ten, such as 90; none for GPUs of other makers.
    pub sm: Option<u32>,
    /// Memory of one GPU, bytes.
    pub capacity_bytes: u64,
    /// Bandwidth of a GPU inside its node, bytes per second one way.
    pub node_link_bandwidth: f64,
    /// Bandwidth of a GPU between nodes, bytes per second one way.
    pub inter_node_bandwidth: f64,
    /// Bandwidth of a GPU between racks, bytes per second one way; as between nodes where nothing is said.
    pub inter_rack_bandwidth: Option<f64>,
    /// GPUs in a rack that share the bandwidth between nodes; none where there is no such rack.
    pub gpus_per_rack: Option<u32>,
    /// Constant cost of a point-to-point transfer, seconds.
    pub p2p_latency_s: f64,
    /// GPUs in a node.
    pub gpus_per_node: u32,
    /// Memory outside weights, activations, KV cache and NCCL, bytes.
    pub other_bytes: u64,
    /// NCCL's memory by number of GPUs, bytes, ascending.
    pub nccl_bytes: Vec<(u32, u64)>,
}

impl Hardware {
    /// Time of an element-wise operation that moves `bytes`, milliseconds.
    pub(crate) fn mem_ms(&self, bytes: f64) -> f64 {
        1e3 * (bytes / (self.mem_bandwidth * self.mem_efficiency) + self.mem_latency_s)
    }

    /// Whether this is the system that a name means.
    pub(crate) fn is(&self, name: &str) -> bool {
        systems::names(&self.system, name)
    }

    /// Peak rate of a kind of arithmetic, operations per second; none where the system has none.
    pub fn flops(&self, tensor: Tensor) -> Option<f64> {
        match tensor {
            Tensor::Bf16 => Some(self.flops_16bit),
            Tensor::Int8 => self.flops_int8,
            Tensor::Fp8 => self.flops_fp8,
            Tensor::Fp4 => self.flops_fp4,
        }
    }

    /// Bandwidth that a group of so many GPUs has between any two of them, bytes per second one way.
    pub(crate) fn link(&self, gpus: u32) -> f64 {
        if gpus <= self.gpus_per_node {
            self.node_link_bandwidth
        } else if self.gpus_per_rack.is_none_or(|rack| gpus <= rack) {
            self.inter_node_bandwidth
        } else {
            self.inter_rack_bandwidth
                .unwrap_or(self.inter_node_bandwidth)
        }
    }

    /// NCCL's memory for a tensor-parallel size, bytes.
    pub(crate) fn nccl(&self, tp: u32) -> Option<u64> {
        let most = self.nccl_bytes.last().map_or(1, |(g, _)| *g);
        let gpus = tp.min(most);
        self.nccl_bytes
            .iter()
            .find(|(g, _)| *g == gpus)
            .map(|(_, b)| *b)
    }

    /// Reads `system.csv` (lines `key,value` under a header).
    ///
    /// # Errors
    /// [`CostError::Csv`] for unknown keys, missing keys and values that are not positive numbers.
    pub fn from_csv(text: &str) -> Result<Self, CostError> {
        let bad = |line: usize, reason: String| CostError::Csv {
            file: "system.csv".to_owned(),
            line,
            reason,
        };
        let mut hw = Self::default();
        for (i, row) in text
            .lines()
            .enumerate()
            .skip(1)
            .filter(|(_, r)| !r.trim().is_empty())
        {
            let line = i + 1;
            let (key, value) = row
                .split_once(',')
                .ok_or_else(|| bad(line, "expected a key, a comma and a value".to_owned()))?;
            let (key, value) = (key.trim(), value.trim());
            let number = || match value.parse::<f64>() {
                Ok(v) if v.is_finite() && v > 0.0 => Ok(v),
                _ => Err(bad(
                    line,
                    format!("{key} must be a positive number, not “{value}”"),
                )),
            };
            let whole = || {
                value
                    .parse::<u64>()
                    .map_err(|_| bad(line, format!("{key} must be a whole number, not “{value}”")))
            };
            match key {
                "system" => value.clone_into(&mut hw.system),
                "backend" => value.clone_into(&mut hw.backend),
                "backend_version" => value.clone_into(&mut hw.backend_version),
                "mem_bandwidth" => hw.mem_bandwidth = number()?,
                "mem_efficiency" => hw.mem_efficiency = number()?,
                "mem_latency_s" => hw.mem_latency_s = number()?,
                "flops_16bit" => hw.flops_16bit = number()?,
                "flops_int8" => hw.flops_int8 = Some(number()?),
                "flops_fp8" => hw.flops_fp8 = Some(number()?),
                "flops_fp4" => hw.flops_fp4 = Some(number()?),
                "sm" => hw.sm = u32::try_from(whole()?).ok(),
                "inter_rack_bandwidth" => hw.inter_rack_bandwidth = Some(number()?),
                "gpus_per_rack" => hw.gpus_per_rack = u32::try_from(whole()?).ok(),
                "capacity_bytes" => hw.capacity_bytes = whole()?,
                "node_link_bandwidth" => hw.node_link_bandwidth = number()?,
                "inter_node_bandwidth" => hw.inter_node_bandwidth = number()?,
                "p2p_latency_s" => hw.p2p_latency_s = number()?,
                "gpus_per_node" => hw.gpus_per_node = u32::try_from(whole()?).unwrap_or(u32::MAX),
                "other_bytes" => hw.other_bytes = whole()?,
                _ => match key
                    .strip_prefix("nccl_bytes_")
                    .and_then(|g| g.parse::<u32>().ok())
                {
                    Some(gpus) => hw.nccl_bytes.push((gpus, whole()?)),
                    None => return Err(bad(line, format!("the key “{key}” is unknown"))),
                },
            }
        }
        hw.nccl_bytes.sort_unstable();
        let complete = !hw.system.is_empty()
            && !hw.backend.is_empty()
            && !hw.backend_version.is_empty()
            && hw.capacity_bytes > 0
            && hw.gpus_per_node > 0
            && !hw.nccl_bytes.is_empty()
            && [
                hw.mem_bandwidth,
                hw.mem_efficiency,
                hw.mem_latency_s,
                hw.flops_16bit,
                hw.node_link_bandwidth,
                hw.inter_node_bandwidth,
                hw.p2p_latency_s,
            ]
            .iter()
            .all(|v| *v > 0.0);
        if complete {
            Ok(hw)
        } else {
            Err(bad(0, "a key is missing".to_owned()))
        }
    }

    /// Writes the form that [`Hardware::from_csv`] reads, for the pack.
    pub(crate) fn to_csv(&self) -> String {
        let mut out = format!(
            "key,value\nsystem,{}\nbackend,{}\nbackend_version,{}\n",
            self.system, self.backend, self.backend_version
        );
        let numbers = [
            ("mem_bandwidth", self.mem_bandwidth),
            ("mem_efficiency", self.mem_efficiency),
            ("mem_latency_s", self.mem_latency_s),
            ("flops_16bit", self.flops_16bit),
            ("node_link_bandwidth", self.node_link_bandwidth),
            ("inter_node_bandwidth", self.inter_node_bandwidth),
            ("p2p_latency_s", self.p2p_latency_s),
        ];
        for (key, value) in numbers {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{key},{value}");
        }
        let _ = writeln!(out, "capacity_bytes,{}", self.capacity_bytes);
        let _ = writeln!(out, "gpus_per_node,{}", self.gpus_per_node);
        let _ = writeln!(out, "other_bytes,{}", self.other_bytes);
        let optional = [
            ("flops_int8", self.flops_int8),
            ("flops_fp8", self.flops_fp8),
            ("flops_fp4", self.flops_fp4),
            ("sm", self.sm.map(f64::from)),
            ("inter_rack_bandwidth", self.inter_rack_bandwidth),
            ("gpus_per_rack", self.gpus_per_rack.map(f64::from)),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                let _ = writeln!(out, "{key},{value}");
            }
        }
        for (gpus, bytes) in &self.nccl_bytes {
            let _ = writeln!(out, "nccl_bytes_{gpus},{bytes}");
        }
        out
    }
}
