//! The first sample, read and analysed while the page was built: `build.rs` packs it.
//!
//! A first visit shows its screen before the code that reads and analyses files is there; with that code comes the sample itself. What
//! is packed is what this code computes.

use super::Shared;
use servelens_core::analysis::Analysis;
use servelens_core::model::Workspace;
use servelens_core::screen::{Screen, Tray};
use std::sync::Arc;

/// A workspace and everything that is said about it.
pub type Analysed = (Shared<Workspace>, Shared<Analysis>);

/// What the first screen shows of it.
pub type Shown = (Arc<Tray>, Arc<Screen>);

/// Unpacks the screen; `None` never happens in a page whose parts were built together.
pub fn first_screen() -> Option<Shown> {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/first-screen"));
    let (tray, screen) = postcard::from_bytes(packed).ok()?;
    Some((Arc::new(tray), Arc::new(screen)))
}

/// Unpacks the sample; `None` as little as above.
pub fn first_sample() -> Option<Analysed> {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/first-sample"));
    let (ws, analysis) = postcard::from_bytes(packed).ok()?;
    Some((Shared::new(ws), Shared::new(analysis)))
}

/// The build itself, for the cost model that it gives the analysis.
#[cfg(test)]
#[path = "../../build.rs"]
#[allow(dead_code)]
mod build;

#[cfg(test)]
mod tests {
    use super::{build, first_sample, first_screen};
    use crate::state::{App, Engine, Sample};
    use leptos::prelude::*;
    use servelens_core::analysis::{Analysis, Options, analyse};
    use servelens_core::ingest::Ingest;
    use servelens_core::screen::{screen, tray};
    use servelens_core::url::ViewState;

    #[test]
    fn what_the_build_analysed_is_what_the_page_would_read_and_analyse() {
        let owner = Owner::new();
        owner.set();
        let app = App::new(ViewState::default());
        let path = Sample::Report.asset();
        let text = std::fs::read(format!("data/{path}")).expect("the sample is in the tree");
        let mut ingest = Ingest::new();
        ingest.add(path.rsplit('/').next().unwrap_or(path), &text);
        app.open_sample(Sample::Report, ingest.finish());
        let read = app.workspace.get_untracked();
        let (packed, analysis) = first_sample().expect("build.rs packed it");
        assert!(!packed.runs.is_empty() && !analysis.findings.is_empty());
        assert_eq!(*packed, *read);
        let options = Options {
            projector: build::projector(&read).expect("the figures are in the tree"),
            ..Options::default()
        };
        assert!(options.projector.is_some());
        let computed = Analysis {
            // The first screen shows neither, and so they are not packed.
            accuracy: None,
            rates: Vec::new(),
            ..analyse(&read, &options)
        };
        assert_eq!(*analysis, computed);
        let (shown_tray, shown) = first_screen().expect("build.rs packed it");
        assert_eq!(*shown_tray, tray(&read));
        assert_eq!(*shown, screen(&read, &computed));
    }

    #[test]
    fn the_sample_behind_the_first_screen_comes_with_the_rest_and_changes_nothing_that_is_seen() {
        let owner = Owner::new();
        owner.set();
        let app = App::new(ViewState::default());
        app.open_first();
        let seen = || (app.tray.get_untracked(), app.screen.get_untracked());
        let before = seen();
        assert!(app.known.get_untracked());
        assert!(app.workspace.with_untracked(|ws| ws.runs.is_empty()));
        app.arrive(Engine::CORE);
        assert!(app.workspace.with_untracked(|ws| !ws.runs.is_empty()));
        assert!(app.known.get_untracked() && seen() == before);
    }
}
