//! The state without a browser: signals under a bare owner.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a failed step is the test's own message"
)]

use super::{App, Change, Engine, Notice, Rest, Sample};
use leptos::prelude::*;
use serde_json::Value;
use servelens_core::ingest::{Ingest, Ingested};
use servelens_core::model::{Role, Stat};
use servelens_core::session;
use servelens_core::units::Seconds;
use servelens_core::url::ViewState;
use std::path::Path;

/// Runs the test under an owner of its own, as the page does under its root.
fn page(test: impl FnOnce(App)) {
    let owner = Owner::new();
    owner.with(|| {
        let app = App::new(ViewState::default());
        app.arrive(Engine::CORE);
        test(app);
    });
    owner.cleanup();
}

/// What the files of a case hold.
fn read(case: &str) -> Ingested {
    fn walk(folder: &Path, ingest: &mut Ingest) {
        let mut inside: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        inside.sort();
        for path in inside {
            if path.is_dir() {
                walk(&path, ingest);
            } else if !path.ends_with("expected.txt") {
                ingest.add(&path.to_string_lossy(), &std::fs::read(&path).unwrap());
            }
        }
    }
    let mut ingest = Ingest::new();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    walk(&cases.join(case), &mut ingest);
    ingest.finish()
}

const SWEEP: &str = "aiperf/0.13.0/sweep";
const PROJECTION: &str = "aiconfigurator/0.2.0";

fn labels(app: App) -> Vec<String> {
    app.workspace
        .with_untracked(|w| w.runs.iter().map(|r| r.label.clone()).collect())
}

fn roles(app: App) -> Vec<Role> {
    app.workspace
        .with_untracked(|w| w.runs.iter().map(|r| r.role).collect())
}

/// Candidate and baseline of a sweep, by their place.
fn pair(app: App) -> (usize, usize) {
    let roles = roles(app);
    let at = |role| roles.iter().position(|r| *r == role).unwrap();
    (at(Role::Candidate), at(Role::Baseline))
}

#[test]
fn own_files_gather_on_the_table() {
    page(|app| {
        assert!(app.workspace.with_untracked(|w| w.runs.is_empty()));
        app.add(read(SWEEP));
        let first = labels(app).len();
        assert_eq!(first, 2);
        app.add(read(PROJECTION));
        assert!(labels(app).len() > first);
        assert_eq!(app.sample.get_untracked(), None);
        assert!(!app.analysis.get_untracked().projections.is_empty());
    });
}

#[test]
fn nothing_is_said_before_the_rest_of_the_page_is_there() {
    page(|app| {
        app.rest.set(Rest::Coming);
        app.add(read(PROJECTION));
        assert!(!app.known.get_untracked());
        assert!(app.analysis.get_untracked().projections.is_empty());
        app.arrive(Engine::CORE);
        assert!(app.known.get_untracked());
        assert!(!app.analysis.get_untracked().projections.is_empty());
    });
}

#[test]
fn nothing_is_said_while_what_the_address_asks_for_is_being_read() {
    page(|app| {
        app.arrive(Engine::CORE);
        app.opening.set(true);
        assert!(!app.known.get_untracked());
        app.opening.set(false);
        assert!(app.known.get_untracked());
        // The first sample's screen is there at once, whatever else is awaited.
        app.opening.set(true);
        app.rest.set(Rest::Coming);
        app.open_first();
        assert!(app.known.get_untracked());
    });
}

#[test]
fn a_sample_gives_way_to_own_files_and_comes_back_by_undo() {
    page(|app| {
        app.open_sample(Sample::Sweeps, read(SWEEP));
        assert_eq!(app.sample.get_untracked(), Some(Sample::Sweeps));
        // The sample's own limits stand where its files state none.
        let sla = app.limited.get_untracked().sla;
        assert_eq!(sla.ttft, Some(Seconds::from_ms(300.0)));
        let sample = labels(app);
        // Nothing stood on the table, so there is nothing to go back to.
        assert_eq!(app.undo(), None);
        app.add(read(PROJECTION));
        assert_eq!(app.sample.get_untracked(), None);
        assert!(labels(app).iter().all(|l| !sample.contains(l)));
        assert!(app.undo().unwrap().starts_with("Added "));
        assert_eq!(labels(app), sample);
        assert_eq!(app.sample.get_untracked(), Some(Sample::Sweeps));
    });
}

#[test]
fn a_sample_replaces_own_files_and_undo_brings_them_back() {
    page(|app| {
        app.add(read(PROJECTION));
        let own = labels(app);
        app.open_sample(Sample::Sweeps, read(SWEEP));
        assert_ne!(labels(app), own);
        app.undo().unwrap();
        assert_eq!((labels(app), app.sample.get_untracked()), (own, None));
    });
}

#[test]
fn candidate_and_baseline_are_unique_and_swap() {
    page(|app| {
        app.add(read(SWEEP));
        app.add(read(PROJECTION));
        let (candidate, baseline) = pair(app);
        app.set_role(candidate, Role::Baseline);
        assert_eq!(pair(app), (baseline, candidate));
        let other = roles(app)
            .iter()
            .position(|r| !matches!(r, Role::Candidate | Role::Baseline))
            .unwrap();
        let old = roles(app)[other];
        app.set_role(other, Role::Candidate);
        let now = roles(app);
        assert_eq!((now[other], now[baseline]), (Role::Candidate, old));
        for role in [Role::Candidate, Role::Baseline] {
            assert_eq!(now.iter().filter(|r| **r == role).count(), 1);
        }
        assert!(
            app.workspace
                .with_untracked(|w| !w.runs[other].role_is_guess)
        );
        app.undo().unwrap();
        app.undo().unwrap();
        assert_eq!(pair(app), (candidate, baseline));
        // A run that is not there changes nobody's name or number.
        app.set_label(99, "x");
        app.set_gpus(99, Some(1));
        assert_eq!(pair(app), (candidate, baseline));
    });
}

#[test]
fn labels_and_gpus_are_the_persons() {
    page(|app| {
        app.add(read(SWEEP));
        app.set_label(0, "  tuned  ");
        assert_eq!(labels(app)[0], "tuned");
        let steps = app.undo_bar.get_untracked();
        app.set_label(0, "   ");
        assert_eq!(
            (labels(app)[0].as_str(), app.undo_bar.get_untracked()),
            ("tuned", steps)
        );
        app.set_gpus(0, Some(4));
        let gpus = |app: App| app.workspace.with_untracked(|w| w.runs[0].deployment.gpus);
        assert!(gpus(app).is_some_and(|g| g.count == 4 && !g.guess));
        app.set_gpus(0, None);
        assert!(gpus(app).is_none());
    });
}

#[test]
fn what_a_person_asks_for_is_done() {
    page(|app| {
        app.add(read(SWEEP));
        let (candidate, baseline) = pair(app);
        app.apply(Change::Label(0, "tuned".into()));
        app.apply(Change::Gpus(0, "4".into()));
        app.apply(Change::Role(candidate, Role::Baseline));
        assert_eq!(pair(app), (baseline, candidate));
        let tray = app.tray.get_untracked();
        assert_eq!(tray.runs[0].label, "tuned");
        assert_eq!(tray.runs[0].gpus.map(|g| g.count), Some(4));
        app.apply(Change::Undo);
        assert_eq!(pair(app), (candidate, baseline));
        assert_eq!(app.said.get_untracked(), "Undone: Changed a role.");
        app.apply(Change::Remove(1));
        assert_eq!(labels(app), ["tuned"]);
        app.apply(Change::Clear);
        assert!(app.tray.get_untracked().runs.is_empty());
    });
}

#[test]
fn undo_goes_back_step_by_step_and_no_further_than_a_hundred() {
    page(|app| {
        app.add(read(SWEEP));
        for i in 0..120 {
            app.set_label(0, &format!("name {i}"));
        }
        let mut steps = 0;
        while app.undo().is_some() {
            steps += 1;
        }
        assert_eq!(steps, 100);
        assert_eq!(labels(app)[0], "name 19");
    });
}

#[test]
fn limits_lie_over_those_of_the_sources() {
    page(|app| {
        app.open_sample(Sample::Sweeps, read(SWEEP));
        let stated = app.limited.get_untracked();
        app.look(|v| {
            v.tpot = Some(Some(Seconds::from_ms(7.0)));
            v.ttft = Some(None);
            v.sla_stat = Some(Stat::P99);
        });
        let sla = app.limited.get_untracked().sla;
        assert_eq!(sla.tpot, Some(Seconds::from_ms(7.0)));
        assert_eq!(
            (sla.ttft, sla.latency, sla.stat),
            (None, stated.sla.latency, Stat::P99)
        );
        // The table itself is untouched, and without choices it is the very same value.
        assert_eq!(app.workspace.with_untracked(|w| w.sla), stated.sla);
        app.look(|v| *v = ViewState::default());
        assert!(app.limited.get_untracked() == app.workspace.get_untracked());
    });
}

#[test]
fn only_what_the_analysis_depends_on_redoes_it() {
    page(|app| {
        app.add(read(SWEEP));
        let before = app.analysis.get_untracked();
        app.look(|v| v.check = Some("UNIT".to_owned()));
        assert!(app.analysis.get_untracked() == before);
        app.look(|v| v.stat = Some(Stat::P99));
        assert!(app.analysis.get_untracked() != before);
    });
}

#[test]
fn a_removed_run_takes_its_files_along() {
    page(|app| {
        app.add(read(SWEEP));
        let (label, files) = app
            .workspace
            .with_untracked(|w| (w.runs[0].label.clone(), w.runs[0].files.clone()));
        assert!(!files.is_empty());
        app.remove(0);
        assert!(!labels(app).contains(&label));
        assert!(
            app.workspace
                .with_untracked(|w| w.files.iter().all(|f| !files.contains(&f.path)))
        );
        assert_eq!(
            app.undo_bar.get_untracked(),
            Some(format!("Removed “{label}”"))
        );
        app.remove(99);
        assert_eq!(app.undo(), Some(format!("Removed “{label}”")));
        assert_eq!(
            (labels(app)[0].clone(), app.undo_bar.get_untracked()),
            (label, None)
        );
    });
}

#[test]
fn clearing_leaves_nothing_but_the_way_back() {
    page(|app| {
        app.open_sample(Sample::Sweeps, read(SWEEP));
        let all = labels(app);
        app.clear();
        assert!(labels(app).is_empty() && app.sample.get_untracked().is_none());
        app.undo().unwrap();
        assert_eq!(
            (labels(app), app.sample.get_untracked()),
            (all, Some(Sample::Sweeps))
        );
    });
}

/// Whether two values are the same, numbers but for their last bit, which reading may change.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| alike(a, b)))
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= 4.0 * f64::EPSILON * x.abs()
        }
        _ => a == b,
    }
}

#[test]
fn a_session_comes_back_as_it_was() {
    page(|app| {
        app.add(read(SWEEP));
        app.set_label(0, "tuned");
        app.set_gpus(1, Some(8));
        let saved = |app: App| session::save(&app.workspace.get_untracked()).unwrap();
        let before = saved(app);
        app.clear();
        app.open(session::load(&before).unwrap());
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(
            alike(&json(&before), &json(&saved(app))),
            "the session came back changed"
        );
        assert_eq!(
            (labels(app)[0].as_str(), app.sample.get_untracked()),
            ("tuned", None)
        );
    });
}

#[test]
fn samples_are_known_by_their_key() {
    for s in Sample::ALL {
        assert_eq!(Sample::from_key(s.key()), Some(s));
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("data")
                .join(s.asset())
                .is_file()
        );
    }
    assert_eq!(Sample::from_key("none"), None);
}

#[test]
fn a_gpu_count_that_is_none_is_refused_and_the_count_stays() {
    page(|app| {
        app.add(read(SWEEP));
        let gpus = || app.workspace.with_untracked(|w| w.runs[0].gpus());
        app.apply(Change::Gpus(0, " 4 ".into()));
        assert_eq!(gpus(), Some(4));
        for nonsense in ["abc", "0", "-1", "2.5", "4e9"] {
            app.apply(Change::Gpus(0, nonsense.into()));
            let told = app.notices.get_untracked();
            let [Notice::Refused(0, why)] = told.as_slice() else {
                panic!("{nonsense} is told as {told:?}");
            };
            assert!(why.contains(nonsense) && gpus() == Some(4), "{why}");
        }
        app.apply(Change::Gpus(0, String::new()));
        assert_eq!((gpus(), app.notices.get_untracked()), (None, Vec::new()));
    });
}

#[test]
fn what_is_undone_can_be_done_again_until_something_else_is_done() {
    page(|app| {
        app.add(read(SWEEP));
        app.apply(Change::Label(0, "tuned".into()));
        let tuned = labels(app);
        app.apply(Change::Undo);
        assert_ne!(labels(app), tuned);
        app.apply(Change::Redo);
        assert_eq!(labels(app), tuned);
        app.apply(Change::Redo);
        assert_eq!(labels(app), tuned);
        app.apply(Change::Undo);
        app.apply(Change::Label(1, "other".into()));
        let other = labels(app);
        app.apply(Change::Redo);
        assert_eq!(labels(app), other);
    });
}

#[test]
fn a_session_over_a_table_can_be_undone() {
    page(|app| {
        app.add(read(SWEEP));
        let before = labels(app);
        app.open(servelens_core::model::Workspace::default());
        assert!(labels(app).is_empty());
        app.undo().unwrap();
        assert_eq!(labels(app), before);
    });
}

#[test]
fn the_later_notice_of_a_kind_stands_for_both() {
    page(|app| {
        app.tell(Notice::NotKept("one".into()));
        app.tell(Notice::OtherTab);
        app.tell(Notice::NotKept("two".into()));
        let now = app.notices.get_untracked();
        assert_eq!(now, [Notice::OtherTab, Notice::NotKept("two".into())]);
        app.untell(&Notice::NotKept(String::new()));
        assert_eq!(app.notices.get_untracked(), [Notice::OtherTab]);
    });
}
