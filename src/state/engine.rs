//! What the state computes with: a table of functions, because they load after the first screen.

use super::{Analysed, Shared, first_sample};
use servelens_core::analysis::{Analysis, Matched, Options, judged, matched};
use servelens_core::audit::figures_for;
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::Subset;
use servelens_core::model::{Sla, Workspace};
use servelens_core::screen::{Screen, Tray, screen, tray};

/// Figures of the cost model: whose, and which part; none where no part covers the model.
type WantedFigures = (RuleSet, Option<Subset>);

/// The functions.
#[derive(Clone, Copy)]
pub struct Engine {
    /// A workspace under other limits.
    pub limited: fn(&Workspace, Sla) -> Workspace,
    /// The cost model's figures that fit what is projected.
    pub figures_for: fn(&Workspace) -> Option<WantedFigures>,
    /// The first half of the analysis, which no limit changes.
    pub matched: fn(&Workspace, &Options) -> Shared<Matched>,
    /// The analysis.
    pub judged: fn(&Workspace, &Options, &Matched) -> Analysis,
    /// The tray.
    pub tray: fn(&Workspace) -> Tray,
    /// The first screen.
    pub screen: fn(&Workspace, &Analysis) -> Screen,
    /// The first sample, as the build analysed it.
    pub first: fn() -> Option<Analysed>,
}

impl Engine {
    /// The core's own.
    pub const CORE: Self = Self {
        limited,
        figures_for,
        matched: |ws, options| Shared::new(matched(ws, options)),
        judged,
        tray,
        screen,
        first: first_sample,
    };
}

fn limited(ws: &Workspace, sla: Sla) -> Workspace {
    let mut ws = ws.clone();
    ws.sla = sla;
    ws
}
