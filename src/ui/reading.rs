//! Reading what was handed over, one set of files after the other: with progress, cancellable, and the page stays alive.
//!
//! It is done on a thread of its own; in the page itself where the browser gives none, by the same code (`work`).

use crate::platform::drop::Dropped;
use crate::platform::files::{Handed, own_asset};
use crate::platform::page;
use crate::platform::thread::{Progress, Thread};
use crate::state::{App, Notice, Reading, Sample};
use crate::work::{self, Outcome, left_out};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::ingest::{Ingest, Ingested};
use servelens_core::model::{FileOutcome, Severity};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// The first screen and its figures come first: the thread starts this long after them, ms, or with the first files.
const CALM: u32 = 400;

/// A set of files, and what is done with what comes of it.
struct Job {
    files: Vec<Handed>,
    then: Box<dyn FnOnce(App, Outcome)>,
}

thread_local! {
    static THREAD: RefCell<Option<Rc<Thread>>> = const { RefCell::new(None) };
    static WAITING: RefCell<VecDeque<Job>> = const { RefCell::new(VecDeque::new()) };
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Starts the thread that reads, and ends it whenever the person wants reading to stop.
pub fn keep_ready(app: App) {
    spawn_local(async {
        page::wait(CALM).await;
        let place = match thread().await {
            Some(_) => "thread",
            None => "page",
        };
        page::mark("data-reads-on", place);
    });
    let cancelled = Memo::new(move |_| {
        app.reading
            .with(|r| r.as_ref().is_some_and(|r| r.cancelled))
    });
    Effect::new(move |_| {
        if cancelled.get() {
            WAITING.take();
            renew();
        }
    });
}

/// Reads files and puts them on the table.
pub fn read(app: App, files: Vec<Handed>) {
    if !files.is_empty() {
        ask(app, files, settle);
    }
}

/// Reads files, after those that were asked for before.
fn ask(app: App, files: Vec<Handed>, then: impl FnOnce(App, Outcome) + 'static) {
    let then = Box::new(then);
    WAITING.with_borrow_mut(|w| w.push_back(Job { files, then }));
    if BUSY.replace(true) {
        return;
    }
    spawn_local(async move {
        while let Some(job) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            match outcome(app, job.files).await {
                Some(outcome) => (job.then)(app, outcome),
                None => app.said.set("Stopped. Nothing was added.".into()),
            }
            app.reading.set(None);
            app.opening.set(false);
        }
        BUSY.set(false);
    });
}

/// What comes of files; `None` when the person has stopped it.
async fn outcome(app: App, mut files: Vec<Handed>) -> Option<Outcome> {
    let mut failed = Vec::new();
    let mut outcome = loop {
        let of_bytes = files.iter().map(Handed::size).sum();
        show(app, &files, of_bytes, Progress::default());
        let Some(thread) = thread().await else {
            let progress = |p| show(app, &files, of_bytes, p);
            break work::read(&files, progress, async || {
                page::breathe().await;
                !is_cancelled(app)
            })
            .await?;
        };
        let shown = files.clone();
        let answer = thread
            .ask(&files, move |p| show(app, &shown, of_bytes, p))
            .await;
        if is_cancelled(app) {
            return None;
        }
        match answer.and_then(|parcels| Outcome::unpack(&parcels).map_err(|e| e.to_string())) {
            Ok(outcome) => break outcome,
            Err(why) => {
                // The file that it was at is left out; the others are read again by a new one.
                renew();
                let at = app
                    .reading
                    .with_untracked(|r| r.as_ref().map_or(0, |r| r.files));
                let file = files.remove(at.min(files.len().checked_sub(1)?));
                failed.push(left_out(
                    &file.path,
                    format!(
                        "Reading it broke off, and the other files were read without it: {why}"
                    ),
                ));
            }
        }
    };
    outcome.read.files.extend(failed);
    Some(outcome)
}

/// Shows how far files have come that hold so many bytes together.
fn show(app: App, files: &[Handed], of_bytes: f64, p: Progress) {
    app.reading.update(|r| {
        *r = Some(Reading {
            now: files
                .get(p.files)
                .map_or_else(|| "Putting it together".to_owned(), |f| f.path.clone()),
            files: p.files,
            of_files: files.len(),
            bytes: p.bytes,
            of_bytes,
            cancelled: r.as_ref().is_some_and(|r| r.cancelled),
        });
    });
}

fn is_cancelled(app: App) -> bool {
    app.reading
        .with_untracked(|r| r.as_ref().is_some_and(|r| r.cancelled))
}

/// The thread that reads, started unless it is there; `None` where the browser gives none.
async fn thread() -> Option<Rc<Thread>> {
    let thread = THREAD.with_borrow_mut(|t| {
        if t.is_none() {
            *t = Thread::start().ok();
        }
        t.clone()
    })?;
    if thread.ready().await.is_err() {
        // Unless another has taken its place meanwhile.
        THREAD.with_borrow_mut(|t| t.take_if(|t| Rc::ptr_eq(t, &thread)));
        return None;
    }
    Some(thread)
}

/// A new thread in place of the one that is there, whatever that is at.
fn renew() {
    if let Some(old) = THREAD.take() {
        old.end();
    }
    spawn_local(async { drop(thread().await) });
}

/// Reads what was dropped on the window.
pub fn dropped(app: App, what: Dropped) {
    spawn_local(async move { read(app, what.files().await) });
}

/// Reads pasted text: here, since it is small.
pub fn paste(app: App, text: &str) {
    let mut ingest = Ingest::new();
    ingest.add("pasted text", text.as_bytes());
    let read = ingest.finish();
    settle(
        app,
        Outcome {
            read,
            session: None,
        },
    );
}

/// Opens a sample from the page's own files.
pub fn open_sample(app: App, sample: Sample) {
    spawn_local(async move {
        let path = sample.asset();
        let name = path.rsplit('/').next().unwrap_or(path);
        let file = match own_asset(path).await {
            Ok(bytes) => Handed::of_bytes(name, &bytes),
            Err(why) => Err(why),
        };
        match file {
            Ok(file) => ask(app, vec![file], move |app, o| {
                app.open_sample(sample, o.read)
            }),
            Err(why) => {
                app.said.set(format!("The sample can’t be opened: {why}"));
                app.opening.set(false);
            }
        }
    });
}

fn settle(app: App, outcome: Outcome) {
    if let Some(session) = outcome.session {
        app.open(session);
    }
    if !outcome.read.files.is_empty() {
        add(app, outcome.read);
    }
}

fn add(app: App, read: Ingested) {
    let unread: Vec<&FileOutcome> = read
        .files
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    match unread.as_slice() {
        [] => app.untell(&Notice::Unread(String::new())),
        [first, rest @ ..] => {
            let name = first.path.rsplit('/').next().unwrap_or(&first.path);
            let more = match rest.len() {
                0 => String::new(),
                n => format!(
                    " So {} {} more; the tray of runs lists all.",
                    if n == 1 { "is" } else { "are" },
                    n
                ),
            };
            let why = first.reason.as_deref().unwrap_or("It gives no reason.");
            app.tell(Notice::Unread(format!("{name}: {why}{more}")));
        }
    }
    let used = read.files.iter().filter(|f| f.used).count();
    app.said.set(format!(
        "Read {}, {used} used.",
        servelens_core::fmt::plural(read.files.len(), "file"),
    ));
    app.add(read);
}
