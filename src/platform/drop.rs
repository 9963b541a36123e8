//! Dropping anywhere on the window: files and folders, walked whole.

use super::files::Handed;
use gloo::events::{EventListener, EventListenerOptions};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// What happens while something is dragged over the window.
pub enum Drag {
    /// It is over the window; how many items, when the browser says.
    Over(Option<u32>),
    /// It left, or was dropped.
    Gone,
}

/// What was dropped, still as the browser holds it.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    loose: Vec<Handed>,
}

impl Dropped {
    /// All files of it, folders walked.
    pub async fn files(self) -> Vec<Handed> {
        let mut files = self.loose;
        for entry in self.entries {
            walk(entry, &mut files).await;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

/// Listens on the whole window for as long as the page lives.
pub fn listen(on_drag: impl Fn(Drag) + 'static, on_drop: impl Fn(Dropped) + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let on_drag = Rc::new(on_drag);
    // Enter and leave come for every element on the way: the set of entered elements is empty
    // only when the drag has really left.
    let entered: Rc<RefCell<Vec<web_sys::EventTarget>>> = Rc::default();
    let active = EventListenerOptions::enable_prevent_default();

    let (set, call) = (entered.clone(), on_drag.clone());
    EventListener::new_with_options(&window, "dragenter", active, move |e| {
        let Some(e) = with_files(e) else { return };
        e.prevent_default();
        if let Some(target) = e.target() {
            set.borrow_mut().push(target);
        }
        call(Drag::Over(
            e.data_transfer()
                .map(|d| d.items().length())
                .filter(|n| *n > 0),
        ));
    })
    .forget();
    EventListener::new_with_options(&window, "dragover", active, move |e| {
        if let Some(e) = with_files(e) {
            e.prevent_default();
        }
    })
    .forget();
    let (set, call) = (entered.clone(), on_drag.clone());
    EventListener::new(&window, "dragleave", move |e| {
        let gone = {
            let mut set = set.borrow_mut();
            if let Some(target) = e.target()
                && let Some(i) = set.iter().position(|t| *t == target)
            {
                set.remove(i);
            }
            set.is_empty()
        };
        if gone {
            call(Drag::Gone);
        }
    })
    .forget();
    EventListener::new_with_options(&window, "drop", active, move |e| {
        let Some(e) = with_files(e) else { return };
        e.prevent_default();
        entered.borrow_mut().clear();
        on_drag(Drag::Gone);
        // All entries are taken before any await: afterwards the list is empty.
        on_drop(take(e));
    })
    .forget();
}

fn with_files(event: &web_sys::Event) -> Option<&DragEvent> {
    let event = event.dyn_ref::<DragEvent>()?;
    let types = event.data_transfer()?.types();
    types
        .iter()
        .any(|t| t.as_string().as_deref() == Some("Files"))
        .then_some(event)
}

fn take(event: &DragEvent) -> Dropped {
    let (mut entries, mut loose) = (Vec::new(), Vec::new());
    let Some(data) = event.data_transfer() else {
        return Dropped { entries, loose };
    };
    let items = data.items();
    for i in 0..items.length() {
        let Some(item) = items.get(i) else { continue };
        if item.kind() != "file" {
            continue;
        }
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => entries.push(entry),
            _ => {
                if let Ok(Some(file)) = item.get_as_file() {
                    loose.push(Handed::new(file.name(), file));
                }
            }
        }
    }
    Dropped { entries, loose }
}

/// Adds all files under an entry; what can't be opened is skipped by the browser itself.
async fn walk(root: FileSystemEntry, files: &mut Vec<Handed>) {
    let mut open = vec![root];
    while let Some(entry) = open.pop() {
        let path = entry.full_path().trim_start_matches('/').to_owned();
        if entry.is_file() {
            let entry: FileSystemFileEntry = entry.unchecked_into();
            let file = promise(|done, fail| entry.file_with_callback_and_callback(done, fail));
            if let Ok(file) = JsFuture::from(file).await {
                files.push(Handed::new(path, file.unchecked_into()));
            }
        } else if entry.is_directory() {
            let reader = entry
                .unchecked_into::<FileSystemDirectoryEntry>()
                .create_reader();
            // `readEntries` gives at most 100 at a time and ends with an empty list.
            loop {
                let batch = promise(|done, fail| {
                    drop(reader.read_entries_with_callback_and_callback(done, fail));
                });
                let Ok(batch) = JsFuture::from(batch).await else {
                    break;
                };
                let batch: js_sys::Array = batch.unchecked_into();
                if batch.length() == 0 {
                    break;
                }
                open.extend(batch.iter().map(|e| e.unchecked_into::<FileSystemEntry>()));
            }
        }
    }
}

fn promise(mut start: impl FnMut(&js_sys::Function, &js_sys::Function)) -> js_sys::Promise {
    js_sys::Promise::new(&mut |done, fail| start(&done, &fail))
}
