//! A pasted report's own accuracy figure.

use super::projection::gpus;
use super::{Case, Check, Finding, Grade, text};
use crate::fmt;

/// A report's own accuracy figure that divides a whole system by one GPU.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The share that the report states, percent.
    pub stated: Option<f64>,
    /// The projected figure per GPU, and as written.
    pub projected: (f64, String),
    /// The measured figure of the whole system, and as written.
    pub measured: (f64, String),
    /// Load at which it was measured.
    pub load: f64,
    /// GPUs of the projected deployment.
    pub gpus: Option<u32>,
}

impl Claimed {
    /// What the report divides.
    pub fn division(&self) -> String {
        format!("{} ÷ {}", self.measured.1, self.projected.1)
    }
    /// The figure of that division, a share.
    pub fn share(&self) -> f64 {
        self.measured.0 / self.projected.0
    }
}

/// Finds such a claim in a pasted report.
pub fn claimed(case: &Case<'_>) -> Option<Claimed> {
    of_claim(&text::accuracy_claim(case)?, case)
}

fn of_claim(c: &text::AccuracyClaim, case: &Case<'_>) -> Option<Claimed> {
    Some(Claimed {
        stated: c.stated,
        projected: (c.projected, fmt::number(c.projected, c.projected_decimals)),
        measured: (c.measured, fmt::number(c.measured, c.measured_decimals)),
        load: c.system_at.filter(|_| c.projected_per_gpu)?,
        gpus: gpus(case),
    })
}

pub(super) fn claim(case: &Case<'_>) -> Option<Finding> {
    let words = text::accuracy_claim(case)?;
    let c = of_claim(&words, case)?;
    let name = match c.stated {
        Some(s) => format!("“{}{}% accuracy” divides", fmt::number(s, 0), fmt::NBSP),
        None => "The report’s accuracy divides".to_owned(),
    };
    let mut f = Finding::new(
        Check::Unit,
        Grade::Block,
        format!("{name} a whole system by one GPU"),
    )
    .so("The table gives the measured figure for the whole system, the projection is per GPU.")
    .line(format!(
        "{} = {}, whole system at concurrency {} ÷ one GPU",
        c.division(),
        fmt::percent(c.share(), 1),
        fmt::number(c.load, 0)
    ))
    .advise("Compare per GPU with per GPU, at the projection’s own load and lengths.");
    match c.gpus {
        Some(g) => {
            let whole = c.projected.0 * f64::from(g);
            f = f.line(format!(
                "in one unit {} ÷ ({} × {g} = {}) = {}",
                c.measured.1,
                c.projected.1,
                fmt::number(whole, 2),
                fmt::percent(c.measured.0 / whole, 2)
            ));
        }
        None => f = f.line("The GPU count is not known, so no conversion is possible."),
    }
    f.quotes = words.quotes;
    if let Some(run) = case.candidate {
        f = f.at(case
            .points(run)
            .into_iter()
            .filter(|(_, _, p)| p.load.concurrency.map(f64::from) == Some(c.load))
            .map(|(at, _, _)| at)
            .collect());
    }
    Some(f)
}
