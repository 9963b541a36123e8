//! The GPU systems that AIConfigurator has constants for, and which packs of figures there are: the one place for the
//! names of systems.

use super::arch::{ARCHES, Arch};
use super::backend::Backend;
use super::error::CostError;
use super::hardware::Hardware;
use super::rules::RuleSet;

/// Constants by system, as AIC's system files give them.
const CONSTANTS: &str = include_str!("../../../../data/systems.csv");
/// The packs that there are: system, backend, version of the backend, pack.
const PACKS: &str = include_str!("../../../../data/packs/index.csv");

/// A system's name and how its makers write it.
const LABELS: [(&str, &str); 14] = [
    ("h200_sxm", "H200 SXM"),
    ("h100_sxm", "H100 SXM"),
    ("b200_sxm", "B200 SXM"),
    ("b300_sxm", "B300 SXM"),
    ("gb200", "GB200"),
    ("gb300", "GB300"),
    ("rtx_pro_6000_server", "RTX PRO 6000 Server"),
    ("l40s", "L40S"),
    ("a100_sxm", "A100 SXM"),
    ("b60", "Arc Pro B60"),
    ("h100_pcie", "H100 PCIe"),
    ("a100_pcie", "A100 PCIe"),
    ("a30", "A30"),
    ("l4", "L4"),
];

/// A GPU system that AIC 0.12 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    /// AIC's name.
    pub name: &'static str,
    /// The name as its makers write it.
    pub label: &'static str,
}

/// One pack of figures under AIC 0.12's rules: a system, a backend and a set of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackName {
    /// AIC's name of the system.
    pub system: &'static str,
    /// The backend.
    pub backend: Backend,
    /// Version of the backend that was measured.
    pub version: &'static str,
    /// Name of the set of models, see [`Arch::pack`].
    pub models: &'static str,
}

impl PackName {
    /// The name of its file, without the folder: `h200_sxm-trtllm-qwen3-moe.pack`.
    pub fn file(&self) -> String {
        format!("{}-{}-{}.pack", self.system, self.backend, self.models)
    }
}

/// Every system that AIC has constants for, measured or not.
pub fn systems() -> impl Iterator<Item = System> {
    LABELS.iter().map(|(name, label)| System { name, label })
}

/// Every pack.
pub fn packs() -> impl Iterator<Item = PackName> {
    PACKS.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        Some(PackName {
            system: fields.next()?,
            backend: fields.next()?.parse().ok()?,
            version: fields.next()?,
            models: fields.next()?,
        })
    })
}

/// The pack that answers for a model on a system and backend.
///
/// # Errors
/// [`CostError::UnknownModel`] and its like for the model, [`CostError::UnknownSystem`] for a system that AIC has no
/// constants for, [`CostError::NotMeasured`] where AIC has no figures.
pub fn pack_for(model: &str, system: &str, backend: Backend) -> Result<PackName, CostError> {
    let arch = Arch::find(model, RuleSet::Aic012)?;
    let known = find_system(system)?;
    packs()
        .find(|p| p.system == known.name && p.backend == backend && p.models == arch.pack)
        .ok_or(CostError::NotMeasured {
            model: arch.name,
            system: known.name,
            backend,
        })
}

/// Models that a pack answers for.
pub fn models_of(pack: &str) -> impl Iterator<Item = &'static Arch> {
    ARCHES.iter().filter(move |a| a.pack == pack)
}

/// The system that a name means, see [`names`].
///
/// # Errors
/// [`CostError::UnknownSystem`].
pub fn find_system(name: &str) -> Result<System, CostError> {
    systems()
        .find(|s| names(s.name, name))
        .ok_or_else(|| CostError::UnknownSystem {
            name: name.to_owned(),
            known: super::error::list(&LABELS.map(|(name, _)| name)),
        })
}

/// A name in AIC's spelling: lower case, without its maker, joined by `_`.
pub(crate) fn plain(name: &str) -> String {
    let plain = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    plain.strip_prefix("nvidia_").unwrap_or(&plain).to_owned()
}

/// Whether a name means AIC's system of that name: in any spelling, with more behind it (`H200 SXM 141GB`), or without
/// the form that most of its kind have (`H200`).
pub(crate) fn names(system: &str, name: &str) -> bool {
    let wanted = plain(name);
    let more = wanted.strip_prefix(system);
    more.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        || system.strip_suffix("_sxm") == Some(wanted.as_str())
}

impl Hardware {
    /// The constants of a system with a backend.
    ///
    /// # Errors
    /// [`CostError::UnknownSystem`], or [`CostError::Csv`] for a table of constants that does not parse.
    pub fn of(system: &str, backend: Backend, version: &str) -> Result<Self, CostError> {
        let known = find_system(system)?;
        let broken = |reason: &str| CostError::Csv {
            file: "systems.csv".to_owned(),
            line: 0,
            reason: reason.to_owned(),
        };
        let mut lines = CONSTANTS.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let row: Vec<&str> = lines
            .map(|l| l.split(',').collect::<Vec<_>>())
            .find(|r| r.first() == Some(&known.name))
            .ok_or_else(|| broken("a system is missing"))?;
        let field = |key: &str| {
            let at = head.iter().position(|h| *h == key)?;
            row.get(at).filter(|v| !v.is_empty()).copied()
        };
        let number = |key: &str| field(key).and_then(|v| v.parse::<f64>().ok());
        let must = |key: &str| number(key).ok_or_else(|| broken(&format!("{key} is missing")));
        let whole = |key: &str| must(key).map(|v| v as u64);
        let small = |v: f64| v as u32;
        let nccl = [1, 2, 4, 8]
            .map(|g: u32| whole(&format!("nccl_mem_{g}")).map(|bytes| (g, bytes)))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            system: known.name.to_owned(),
            backend: backend.name().to_owned(),
            backend_version: version.to_owned(),
            mem_bandwidth: must("mem_bw")?,
            mem_efficiency: must("mem_scale")?,
            mem_latency_s: must("mem_const_s")?,
            flops_16bit: must("bf16_flops")?,
            flops_int8: number("int8_flops"),
            flops_fp8: number("fp8_flops"),
            flops_fp4: number("fp4_flops"),
            sm: number("sm").map(small),
            capacity_bytes: whole("capacity")?,
            node_link_bandwidth: must("intra_bw")?,
            inter_node_bandwidth: must("inter_bw")?,
            inter_rack_bandwidth: number("inter_rack_bw"),
            gpus_per_rack: number("gpus_per_rack").map(small),
            p2p_latency_s: must("p2p_latency_s")?,
            gpus_per_node: small(must("gpus_per_node")?),
            other_bytes: whole("other_mem")?,
            nccl_bytes: nccl,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_constants_that_survive_a_pack() {
        for s in systems() {
            let hw = Hardware::of(s.name, Backend::TrtLlm, "1").unwrap();
            assert_eq!(hw.system, s.name);
            assert_eq!(Hardware::from_csv(&hw.to_csv()).unwrap(), hw);
        }
        assert_eq!(CONSTANTS.lines().count(), LABELS.len() + 1);
    }

    #[test]
    fn every_pack_is_of_a_known_system_and_set_of_models() {
        assert!(packs().count() > 200);
        for p in packs() {
            assert_eq!(find_system(p.system).unwrap().name, p.system);
            assert!(models_of(p.models).next().is_some(), "{p:?}");
        }
        let p = pack_for("deepseek-ai/DeepSeek-V3", "H200", Backend::TrtLlm).unwrap();
        assert_eq!(p.file(), "h200_sxm-trtllm-deepseek-v3.pack");
    }

    #[test]
    fn what_was_not_measured_is_named() {
        let no = |model, system, backend| pack_for(model, system, backend).unwrap_err().to_string();
        assert!(no("Qwen/Qwen3-32B", "l4", Backend::TrtLlm).contains("no figures"));
        assert!(no("Qwen/Qwen3-32B", "b60", Backend::Sglang).contains("SGLang"));
        assert!(no("Qwen/Qwen3-32B", "tpu", Backend::Vllm).contains("tpu"));
        assert!(no("deepseek-ai/DeepSeek-V3.2", "h200", Backend::Vllm).contains("sparse"));
    }
}
