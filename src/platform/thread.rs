//! A thread beside the page's: this very program once more, as a worker, so that long work leaves the page free to answer.
//!
//! Both ends of the talk. The page posts its compiled module (worker.js takes it) and waits for `ready`; then it hands over files,
//! one set at a time, hears how far the thread has come, and gets bytes back. Knows no runs and no formats.

use super::files::{self, Handed};
use js_sys::{Array, Function, Promise, Uint8Array};
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
pub use wasm_bindgen_futures::spawn_local as spawn;
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent, Worker, WorkerOptions};

#[wasm_bindgen]
extern "C" {
    /// The address of the bindings, which are the worker's script too.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

/// Whether this is the page, and not a thread that it started.
pub fn is_page() -> bool {
    web_sys::window().is_some()
}

/// How far a set of files has come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Files done; the next one is being read.
    pub files: usize,
    /// Bytes done.
    pub bytes: f64,
}

/// The page's end of a thread. Ends with [`Thread::end`] only: the browser keeps a worker that nobody holds.
pub struct Thread {
    worker: Worker,
    ready: Promise,
    /// Ends the talk that is going on.
    hang_up: Rc<RefCell<Option<Function>>>,
}

impl Thread {
    /// Starts one; whether it has come to life says [`Thread::ready`].
    ///
    /// # Errors
    /// When the browser has no such workers or its rules forbid this one.
    pub fn start() -> Result<Rc<Self>, String> {
        let options = WorkerOptions::new();
        options.set_type(web_sys::WorkerType::Module);
        let script = SCRIPT.with(String::clone);
        let worker = Worker::new_with_options(&script, &options).map_err(|e| files::message(&e))?;
        let hang_up = Rc::default();
        let ready = talk(&worker, &hang_up, |_| {});
        worker
            .post_message(&wasm_bindgen::module())
            .map_err(|e| files::message(&e))?;
        Ok(Rc::new(Self {
            worker,
            ready,
            hang_up,
        }))
    }

    /// Waits until it can be asked.
    ///
    /// # Errors
    /// Why it never can.
    pub async fn ready(&self) -> Result<(), String> {
        let ready = JsFuture::from(self.ready.clone()).await;
        ready.map(drop).map_err(|e| files::message(&e))
    }

    /// Lets it work on files and waits for what it makes of them.
    ///
    /// # Errors
    /// Why it stopped: it died, or [`Thread::end`] was called.
    pub async fn ask(
        &self,
        files: &[Handed],
        progress: impl Fn(Progress) + 'static,
    ) -> Result<Vec<Vec<u8>>, String> {
        let answer = talk(&self.worker, &self.hang_up, progress);
        let files: Array = files.iter().map(Handed::to_js).collect();
        self.worker
            .post_message(&files)
            .map_err(|e| files::message(&e))?;
        let answer: Array = JsFuture::from(answer)
            .await
            .map_err(|e| files::message(&e))?
            .unchecked_into();
        Ok(answer
            .iter()
            .map(|b| Uint8Array::new(&b).to_vec())
            .collect())
    }

    /// Ends it, whatever it is at.
    pub fn end(&self) {
        self.worker.terminate();
        if let Some(hang_up) = self.hang_up.take() {
            // Nothing is thrown where a promise is settled.
            drop(hang_up.call1(&JsValue::NULL, &js_sys::Error::new("It was ended.")));
        }
    }
}

/// Listens until the thread gives its answer or dies.
fn talk(
    worker: &Worker,
    hang_up: &RefCell<Option<Function>>,
    progress: impl Fn(Progress) + 'static,
) -> Promise {
    let mut progress = Some(progress);
    Promise::new(&mut |done, fail| {
        hang_up.replace(Some(fail.clone()));
        let broken = fail.clone();
        let died = move |why: &str| {
            drop(fail.call1(&JsValue::NULL, &js_sys::Error::new(why)));
        };
        let progress = progress.take();
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let said: Array = event.data().unchecked_into();
            let number = |i| said.get(i).as_f64().unwrap_or_default();
            match said.get(0).as_string().as_deref() {
                Some("progress") => {
                    if let Some(progress) = &progress {
                        progress(Progress {
                            files: number(1) as usize,
                            bytes: number(2),
                        });
                    }
                }
                Some("died") => died(&said.get(1).as_string().unwrap_or_default()),
                _ => drop(done.call1(&JsValue::NULL, &said)),
            }
        });
        worker.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
        let fail = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            let why = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
            let why = why.unwrap_or_else(|| "The browser gave no reason.".to_owned());
            drop(broken.call1(&JsValue::NULL, &js_sys::Error::new(&why)));
        });
        worker.set_onerror(Some(fail.into_js_value().unchecked_ref()));
    })
}

/// The thread's end: works on each set of files with `work`, and tells the page when it can be asked.
pub fn serve<F>(work: fn(Vec<Handed>) -> F)
where
    F: Future<Output = Vec<Vec<u8>>> + 'static,
{
    std::panic::set_hook(Box::new(|info| died(&info.to_string())));
    let Some(scope) = scope() else { return };
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let files: Array = event.data().unchecked_into();
        let files = files.iter().filter_map(|f| Handed::from_js(&f)).collect();
        spawn(async move {
            let answer = work(files).await;
            let buffers: Array = answer
                .iter()
                .map(|bytes| Uint8Array::from(bytes.as_slice()).buffer())
                .collect();
            if let Some(scope) = self::scope()
                && let Err(e) = scope.post_message_with_transfer(&buffers, &buffers)
            {
                died(&files::message(&e));
            }
        });
    });
    scope.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
    post(&["ready".into()]);
}

/// Tells the page how far the thread has come.
pub fn tell(progress: Progress) {
    post(&[
        "progress".into(),
        (progress.files as f64).into(),
        progress.bytes.into(),
    ]);
}

/// Tells the page that the thread is of no more use.
pub fn died(why: &str) {
    post(&["died".into(), why.into()]);
}

fn post(words: &[JsValue]) {
    if let Some(scope) = scope() {
        // The page always takes words and numbers.
        drop(scope.post_message(&words.iter().collect::<Array>()));
    }
}

fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}
