//! What the parts of the view share: the load chosen, both sides' records, and one selection.

use crate::state::{App, Shared};
use leptos::prelude::*;
use servelens_core::align::{WorkloadKey, Workloads};
use servelens_core::chart::timeline::At;
use servelens_core::figures::requests::Pair;
use servelens_core::model::{Load, Metric, Role, Treatment};
use servelens_core::records::Limits;
use servelens_core::requests::{self, Choice, METRICS, Side};
use std::ops::Range;
use std::sync::Arc;

/// Both sides' records at the chosen load.
pub type Sides = Shared<[Option<Arc<Side>>; 2]>;
/// The rows of each side that are brushed.
pub type Rows = [Range<usize>; 2];

/// What the parts of the view share.
#[derive(Clone, Copy)]
pub struct State {
    pub app: App,
    pub choices: Memo<Vec<Choice>>,
    pub at: Memo<Option<Choice>>,
    pub sides: Memo<Sides>,
    pub metric: Memo<Metric>,
    pub treatment: Memo<Treatment>,
    pub limits: Memo<Limits>,
    pub pair: Memo<Shared<Pair>>,
    /// The brushed range of starts while it is being moved; the address follows when it rests.
    pub brush: RwSignal<Option<(f64, f64)>>,
    pub rows: Memo<Rows>,
    pub pinned: RwSignal<Option<At>>,
    pub focus: RwSignal<Option<At>>,
}

impl State {
    pub fn new(app: App) -> Self {
        let choices = Memo::new(move |_| {
            let ws = app.workspace.get();
            let first = |role| ws.runs.iter().position(|r| r.role == role);
            let active = ws.runs.iter().filter(|r| r.role != Role::Ignore);
            let workloads = Workloads::of(active, &ws.context);
            let runs = [first(Role::Candidate), first(Role::Baseline)];
            requests::choices(&ws, runs, &workloads)
        });
        let wanted = Memo::new(move |_| app.view.with(|v| (v.load, v.workload)));
        let at = Memo::new(move |_| {
            let (load, workload) = wanted.get();
            choices.with(|all| chosen(all, load, workload))
        });
        let sides = Memo::new(move |_| {
            let ws = app.workspace.get();
            let runs = [Role::Candidate, Role::Baseline]
                .map(|role| ws.runs.iter().position(|r| r.role == role));
            let points = at.get().map_or([None, None], |c| c.points);
            let [a, b] = [(runs[0], points[0]), (runs[1], points[1])]
                .map(|(run, point)| Side::new(&ws, run?, point?).map(Arc::new));
            Shared::new([a, b])
        });
        let metric = Memo::new(move |_| {
            let m = app.view.with(|v| v.request_metric);
            m.filter(|m| METRICS.contains(m)).unwrap_or(Metric::Ttft)
        });
        let treatment = Memo::new(move |_| app.view.with(|v| v.treatment));
        let limits = Memo::new(move |_| app.limited.with(|w| Limits::of(&w.sla)));
        let pair = Memo::new(move |_| {
            let sides = sides.get();
            let [a, b] = &*sides;
            Shared::new(Pair::new(
                [a.as_ref(), b.as_ref()],
                metric.get(),
                treatment.get(),
            ))
        });
        let brush = RwSignal::new(app.view.with_untracked(|v| v.brush));
        let rows = Memo::new(move |_| {
            let range = brush.get();
            sides.with(|s| {
                s.each_ref().map(|side| match (side, range) {
                    (Some(side), Some(range)) => side.rows(range),
                    (Some(side), None) => 0..side.n(),
                    (None, _) => 0..0,
                })
            })
        });
        let s = Self {
            app,
            choices,
            at,
            sides,
            metric,
            treatment,
            limits,
            pair,
            brush,
            rows,
            pinned: RwSignal::new(None),
            focus: RwSignal::new(None),
        };
        // The address may change by itself, as with the browser's back button.
        let kept = Memo::new(move |_| app.view.with(|v| v.brush));
        Effect::new(move |_| {
            let kept = kept.get();
            if s.brush.get_untracked() != kept {
                s.brush.set(kept);
            }
        });
        // Another load has other requests: what was picked out means nothing there.
        Effect::new(move |before: Option<Sides>| {
            let now = s.sides.get();
            // While files are still being read there is nothing that could be left behind.
            if before.is_some_and(|b| b != now && b.iter().any(Option::is_some)) {
                s.clear();
            }
            now
        });
        s
    }

    /// Panels are numbered without the side that has no records.
    pub fn side_of(&self, panel: usize) -> Option<usize> {
        self.sides.with(|s| {
            let there = s.iter().enumerate().filter(|(_, s)| s.is_some());
            there.map(|(i, _)| i).nth(panel)
        })
    }

    pub fn panel_of(&self, side: usize) -> usize {
        self.sides
            .with(|s| s.iter().take(side).filter(|s| s.is_some()).count())
    }

    /// Writes the brush into the address, once it rests.
    pub fn settle(&self) {
        let brush = self.brush.get_untracked();
        if self.app.view.with_untracked(|v| v.brush) != brush {
            self.app.look(|v| v.brush = brush);
        }
    }

    pub fn clear(&self) {
        self.brush.set(None);
        self.pinned.set(None);
        self.focus.set(None);
        self.settle();
    }

    pub fn label(&self, side: usize) -> String {
        self.app.limited.with(|ws| {
            self.sides.with(|s| {
                let run = s.get(side).and_then(|s| Some(s.as_ref()?.run));
                run.and_then(|i| ws.runs.get(i))
                    .map(|r| r.label.clone())
                    .unwrap_or_default()
            })
        })
    }
}

/// The load of the address, else the highest that both sides have, else the highest.
fn chosen(all: &[Choice], load: Option<Load>, workload: Option<(u32, u32)>) -> Option<Choice> {
    let fits = |c: &&Choice| match workload {
        Some((isl, osl)) => {
            c.workload
                == WorkloadKey {
                    isl: Some(isl.into()),
                    osl: Some(osl.into()),
                }
        }
        None => true,
    };
    let both = |c: &&Choice| c.points.iter().all(Option::is_some);
    all.iter()
        .filter(fits)
        .find(|c| Some(c.load) == load)
        .or_else(|| all.iter().rfind(|c| both(c) && fits(c)))
        .or_else(|| all.iter().rfind(fits))
        .or_else(|| all.last())
        .copied()
}
