//! The state of the page and the ways to change it.

use super::{
    Analysed, Change, Engine, Figures, Layer, Notice, Reading, Rest, Sample, Shared, Shown,
    first_screen,
};
use leptos::prelude::*;
use servelens_core::align::WorkloadKey;
use servelens_core::analysis::{Analysis, Options};
use servelens_core::cost::RuleSet;
use servelens_core::fmt::plural;
use servelens_core::ingest::Ingested;
use servelens_core::model::{Gpus, Role, Run, RunKind, Sla, Stat, Workspace};
use servelens_core::screen::{Screen, Tray};
use servelens_core::units::Seconds;
use servelens_core::url::{LimitChoice, ViewState};
use std::sync::Arc;

#[derive(Clone)]
struct Step {
    what: String,
    workspace: Shared<Workspace>,
    sample: Option<Sample>,
}

/// All signals of the page. Copied freely; everything in it lives as long as the page.
#[derive(Clone, Copy)]
pub struct App {
    /// Runs, limits, files.
    pub workspace: RwSignal<Shared<Workspace>>,
    /// What the person looks at.
    pub view: RwSignal<ViewState>,
    /// The sample that is open; `None` for the person's own files.
    pub sample: RwSignal<Option<Sample>>,
    /// What lies over the page.
    pub layer: RwSignal<Layer>,
    /// Reading in progress.
    pub reading: RwSignal<Option<Reading>>,
    /// The last step that can be undone, while its bar shows.
    pub undo_bar: RwSignal<Option<String>>,
    /// Counts changes of the theme, which redraw the charts.
    pub theme: RwSignal<u32>,
    /// A short message for everybody, read out by screen readers.
    pub said: RwSignal<String>,
    /// What a person must be told, the latest last.
    pub notices: RwSignal<Vec<Notice>>,
    /// The cost model's figures: AIC 0.2, AIC 0.12.
    figures: [RwSignal<Figures>; 2],
    /// The workspace with the person's limits in force.
    pub limited: Memo<Shared<Workspace>>,
    /// The part of the page that loads after the first screen.
    pub rest: RwSignal<Rest>,
    /// Everything that is derived from the workspace; empty until the rest of the page is there.
    pub analysis: Memo<Shared<Analysis>>,
    /// The tray.
    pub tray: Memo<Arc<Tray>>,
    /// The first screen; empty until it is [`App::known`].
    pub screen: Memo<Arc<Screen>>,
    /// Whether the first screen can be shown.
    pub known: Memo<bool>,
    /// Whether what the address asks for is still being read: nothing is said of the table until it is there.
    pub opening: RwSignal<bool>,
    /// The screen of the first sample, while that itself is awaited.
    shown: RwSignal<Option<Shown>>,
    first: StoredValue<Option<Analysed>>,
    steps: RwSignal<Vec<Step>>,
    undone: RwSignal<Vec<Step>>,
}

impl App {
    /// A page with nothing on the table.
    pub fn new(view: ViewState) -> Self {
        let workspace = RwSignal::new(Shared::new(Workspace::default()));
        let view = RwSignal::new(view);
        let chosen = Memo::new(move |_| view.with(Limits::of));
        let rest = RwSignal::new(Rest::default());
        let limited = Memo::new(move |_| {
            let ws = workspace.get();
            let sla = chosen.get().over(&ws.sla);
            match rest.get() {
                Rest::There(engine) if sla != ws.sla => Shared::new((engine.limited)(&ws, sla)),
                _ => ws,
            }
        });
        // The part of the view on which the analysis depends: other changes must not redo it.
        let asked = Memo::new(move |_| view.with(|v| (v.stat, v.workload, v.thresholds)));
        let figures = [
            RwSignal::new(Figures::default()),
            RwSignal::new(Figures::default()),
        ];
        // The cost model that fits the projection on the table, once its figures are there; `None` while they are awaited.
        let model = Memo::new(move |_| {
            let wanted = match rest.get() {
                Rest::There(engine) => limited.with(|ws| (engine.figures_for)(ws)),
                _ => None,
            };
            let Some((rules, subset)) = wanted else {
                return Some(None);
            };
            figures_in(figures, rules).with(|f| match &f.ready {
                Some(m) if subset.is_none_or(|s| m.subset.covers(s)) => Some(Some(m.clone())),
                _ => f.failed.is_some().then_some(None),
            })
        });
        let options = move |projector| {
            let (stat, workload, thresholds) = asked.get();
            Options {
                thresholds,
                stat: stat.unwrap_or(Stat::Avg),
                workload: workload.map(|(isl, osl)| WorkloadKey {
                    isl: Some(isl.into()),
                    osl: Some(osl.into()),
                }),
                projector,
            }
        };
        let first = StoredValue::new(None::<Analysed>);
        // What the build analysed, while the person has changed nothing on which it depends.
        let given = move || {
            let ws = limited.get();
            let untouched = asked.get() == Default::default();
            first.with_value(|f| match f {
                Some((of, analysis)) if untouched && *of == ws => Some(analysis.clone()),
                _ => None,
            })
        };
        // A limit that moves redoes the second half only.
        let matched = Memo::new(move |_| match rest.get() {
            Rest::There(engine) => Some((engine.matched)(&workspace.get(), &options(None))),
            _ => None,
        });
        let judged = move |engine: Engine| {
            let projector = model.get().flatten().map(|m| m.projector.clone());
            matched.with(|m| {
                let m = m.as_ref()?;
                Some((engine.judged)(&limited.get(), &options(projector), m))
            })
        };
        let analysis = Memo::new(move |_| match (rest.get(), given()) {
            (Rest::There(_), Some(analysis)) if model.get().is_none() => analysis,
            (Rest::There(engine), _) => judged(engine).map_or_else(Shared::default, Shared::new),
            _ => Shared::default(),
        });
        let shown = RwSignal::new(None::<Shown>);
        let tray = Memo::new(move |_| match rest.get() {
            Rest::There(engine) => Arc::new(workspace.with(|ws| (engine.tray)(ws))),
            _ => shown.get().map(|(tray, _)| tray).unwrap_or_default(),
        });
        let screen = Memo::new(move |_| match rest.get() {
            Rest::There(engine) => Arc::new((engine.screen)(&limited.get(), &analysis.get())),
            _ => shown.get().map(|(_, screen)| screen).unwrap_or_default(),
        });
        let opening = RwSignal::new(false);
        let known = Memo::new(move |_| {
            let there = matches!(rest.get(), Rest::There(_)) && !opening.get();
            there || shown.with(Option::is_some)
        });
        Self {
            workspace,
            view,
            sample: RwSignal::new(None),
            layer: RwSignal::new(Layer::None),
            reading: RwSignal::new(None),
            undo_bar: RwSignal::new(None),
            theme: RwSignal::new(0),
            said: RwSignal::new(String::new()),
            notices: RwSignal::new(Vec::new()),
            figures,
            limited,
            rest,
            analysis,
            tray,
            screen,
            known,
            opening,
            shown,
            first,
            steps: RwSignal::new(Vec::new()),
            undone: RwSignal::new(Vec::new()),
        }
    }

    /// Adds what was read. A sample on the table gives way to the person's own files.
    pub fn add(&self, read: Ingested) {
        let mut ws = if self.sample.get_untracked().is_some() {
            Workspace::default()
        } else {
            Workspace::clone(&self.workspace.get_untracked())
        };
        let files = read.files.len();
        ws.absorb(read);
        self.step(&format!("Added {}", plural(files, "file")));
        self.show(None);
        self.workspace.set(Shared::new(ws));
    }

    /// Puts a sample on the table, in place of what is there.
    pub fn open_sample(&self, sample: Sample, read: Ingested) {
        let mut ws = Workspace::default();
        ws.absorb(read);
        if let Some((ttft, tpot)) = sample.limits_ms() {
            ws.sla.ttft.get_or_insert(Seconds::from_ms(ttft));
            ws.sla.tpot.get_or_insert(Seconds::from_ms(tpot));
        }
        if let Some(count) = sample.gpus() {
            for run in ws.runs.iter_mut().filter(|r| r.kind == RunKind::Measured) {
                let gpus = Gpus {
                    count,
                    guess: false,
                };
                run.deployment.gpus.get_or_insert(gpus);
            }
        }
        if !self.workspace.with_untracked(|w| w.runs.is_empty()) {
            self.step(&format!("Opened the sample “{}”", sample.label()));
        }
        self.show(Some(sample));
        self.workspace.set(Shared::new(ws));
    }

    /// Shows the first sample as the build analysed it; it is on the table once the rest of the page is there.
    pub fn open_first(&self) {
        self.show(Some(Sample::Report));
        match self.rest.get_untracked() {
            Rest::There(engine) => self.put_first(engine),
            _ => self.shown.set(first_screen()),
        }
    }

    /// Unpacks the first sample, where its screen is shown: a task before [`App::arrive`], which needs it.
    pub fn prepare(&self, engine: Engine) {
        if self.shown.with_untracked(Option::is_some) && self.first.with_value(Option::is_none) {
            self.put_first(engine);
        }
    }

    /// Takes the rest of the page into use.
    pub fn arrive(&self, engine: Engine) {
        self.prepare(engine);
        self.rest.set(Rest::There(engine));
    }

    fn put_first(&self, engine: Engine) {
        if let Some(first) = (engine.first)() {
            let ws = first.0.clone();
            self.first.set_value(Some(first));
            self.workspace.set(ws);
        }
    }

    /// Does what a person asks for.
    pub fn apply(&self, change: Change) {
        match change {
            Change::Label(run, label) => self.set_label(run, &label),
            Change::Role(run, role) => self.set_role(run, role),
            Change::Gpus(run, text) => self.type_gpus(run, &text),
            Change::Basis(basis) => self.change("Changed the sources", |ws| ws.show_by(basis)),
            Change::Remove(run) => self.remove(run),
            Change::Clear => self.clear(),
            Change::Undo => {
                if let Some(what) = self.undo() {
                    self.said.set(format!("Undone: {what}."));
                }
            }
            Change::Redo => {
                if let Some(what) = self.redo() {
                    self.said.set(format!("Done again: {what}."));
                }
            }
        }
    }

    /// Follows every step, also one that changes nothing that is seen: a field filled with nonsense is then drawn anew.
    pub fn follow_steps(&self) {
        self.steps.track();
    }

    /// Adds a projection of the cost model; the same one again changes nothing.
    pub fn add_projection(&self, run: Run) {
        if self
            .workspace
            .with_untracked(|ws| ws.runs.iter().any(|r| r.id == run.id))
        {
            return;
        }
        self.change("Added a projection", |ws| ws.runs.push(run));
    }

    /// Puts a saved session on the table.
    pub fn open(&self, ws: Workspace) {
        if !self.workspace.with_untracked(|w| w.runs.is_empty()) {
            self.step("Opened a session");
        }
        self.show(None);
        self.workspace.set(Shared::new(ws));
    }

    /// Clears the table.
    pub fn clear(&self) {
        self.step("Cleared the table");
        self.show(None);
        self.workspace.set(Shared::new(Workspace::default()));
        self.undo_bar.set(Some("Cleared the table".into()));
    }

    /// Gives a run another role. Candidate and baseline are unique: who had it before is left out.
    pub fn set_role(&self, run: usize, role: Role) {
        self.change("Changed a role", |ws| {
            if matches!(role, Role::Candidate | Role::Baseline) {
                let old = ws.runs.get(run).map(|r| r.role);
                for other in ws.runs.iter_mut().filter(|r| r.role == role) {
                    // The two swap, so that choosing “Baseline” for the candidate is one step.
                    other.role = old.filter(|r| *r != role).unwrap_or(Role::Ignore);
                }
            }
            if let Some(r) = ws.runs.get_mut(run) {
                r.role = role;
                r.role_is_guess = false;
            }
        });
    }

    /// Renames a run; an empty name changes nothing.
    pub fn set_label(&self, run: usize, label: &str) {
        let label = label.trim();
        if label.is_empty() {
            return;
        }
        self.change("Renamed a run", |ws| {
            if let Some(r) = ws.runs.get_mut(run) {
                label.clone_into(&mut r.label);
            }
        });
    }

    /// States a run's GPU count; `None` for unknown.
    pub fn set_gpus(&self, run: usize, count: Option<u32>) {
        self.change("Changed a GPU count", |ws| {
            if let Some(r) = ws.runs.get_mut(run) {
                r.deployment.gpus = count.map(|count| Gpus {
                    count,
                    guess: false,
                });
            }
        });
    }

    /// Takes a GPU count as typed; what is none is refused, and the count stays.
    pub fn type_gpus(&self, run: usize, text: &str) {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        match plain.parse::<u32>() {
            Ok(count) if count > 0 => self.set_gpus(run, Some(count)),
            _ if plain.is_empty() => self.set_gpus(run, None),
            _ => {
                let why = format!("“{text}” isn’t a number of GPUs; the number stays as it was.");
                self.tell(Notice::Refused(run, why));
                // The field is drawn anew, with what holds.
                self.steps.update(|_| {});
            }
        }
    }

    /// Takes a run off the table.
    pub fn remove(&self, run: usize) {
        let Some(label) = self
            .workspace
            .with_untracked(|w| w.runs.get(run).map(|r| r.label.clone()))
        else {
            return;
        };
        let what = format!("Removed “{label}”");
        self.change(&what, |ws| {
            let run = ws.runs.remove(run);
            ws.files.retain(|f| !run.files.contains(&f.path));
        });
        self.undo_bar.set(Some(what));
    }

    /// Takes back the last step; says which, or nothing when there is none.
    pub fn undo(&self) -> Option<String> {
        self.turn(self.steps, self.undone)
    }

    /// Does again what was taken back last; says what, or nothing when there is none.
    pub fn redo(&self) -> Option<String> {
        self.turn(self.undone, self.steps)
    }

    /// Goes to the table that a step holds, and leaves the present one where the way back is.
    fn turn(&self, from: RwSignal<Vec<Step>>, to: RwSignal<Vec<Step>>) -> Option<String> {
        let step = from.try_update(Vec::pop).flatten()?;
        let back = self.now(&step.what);
        to.update(|steps| steps.push(back));
        self.untell(&Notice::Refused(0, String::new()));
        self.show(step.sample);
        self.workspace.set(step.workspace);
        self.undo_bar.set(None);
        Some(step.what)
    }

    /// The table as it is, under the name of a step.
    fn now(&self, what: &str) -> Step {
        Step {
            what: what.to_owned(),
            workspace: self.workspace.get_untracked(),
            sample: self.sample.get_untracked(),
        }
    }

    /// Tells something, in place of what was told of the same kind.
    pub fn tell(&self, notice: Notice) {
        self.notices.update(|all| {
            all.retain(|n| !n.same_kind(&notice));
            all.push(notice);
        });
    }

    /// Takes back what was told, of the kind.
    pub fn untell(&self, kind: &Notice) {
        let told = |all: &Vec<Notice>| all.iter().any(|n| n.same_kind(kind));
        if self.notices.with_untracked(told) {
            self.notices
                .update(|all| all.retain(|n| !n.same_kind(kind)));
        }
    }

    /// Says which sample is on the table, also to the address. The first one is what a bare address shows.
    fn show(&self, sample: Option<Sample>) {
        self.sample.set(sample);
        self.view.update(|v| {
            v.sample = sample
                .filter(|s| *s != Sample::Report)
                .map(|s| s.key().into())
        });
    }

    /// The cost model's figures of a rule set.
    pub fn figures_of(&self, rules: RuleSet) -> RwSignal<Figures> {
        figures_in(self.figures, rules)
    }

    /// Changes the view state.
    pub fn look(&self, change: impl FnOnce(&mut ViewState)) {
        self.view.update(change);
    }

    fn change(&self, what: &str, change: impl FnOnce(&mut Workspace)) {
        let mut ws = Workspace::clone(&self.workspace.get_untracked());
        change(&mut ws);
        self.step(what);
        self.workspace.set(Shared::new(ws));
    }

    fn step(&self, what: &str) {
        self.steps.update(|steps| {
            // A hundred steps back are enough, and bound the memory.
            if steps.len() >= 100 {
                steps.remove(0);
            }
            steps.push(self.now(what));
        });
        self.undone.update(Vec::clear);
        self.untell(&Notice::Refused(0, String::new()));
    }
}

fn figures_in([old, new]: [RwSignal<Figures>; 2], rules: RuleSet) -> RwSignal<Figures> {
    match rules {
        RuleSet::Aic02 => old,
        RuleSet::Aic012 => new,
    }
}

/// The limits that the person chose.
#[derive(Clone, Copy, PartialEq)]
struct Limits {
    ttft: LimitChoice,
    tpot: LimitChoice,
    latency: LimitChoice,
    stat: Option<Stat>,
}

impl Limits {
    fn of(view: &ViewState) -> Self {
        Self {
            ttft: view.ttft,
            tpot: view.tpot,
            latency: view.latency,
            stat: view.sla_stat,
        }
    }
    fn over(self, stated: &Sla) -> Sla {
        Sla {
            ttft: self.ttft.unwrap_or(stated.ttft),
            tpot: self.tpot.unwrap_or(stated.tpot),
            latency: self.latency.unwrap_or(stated.latency),
            stat: self.stat.unwrap_or(stated.stat),
        }
    }
}
