//! Files that a person hands over, and the page's own assets.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A file that was handed over and not yet read.
#[derive(Clone)]
pub struct Handed {
    /// Path inside what was dropped, such as `aic/concurrency_10/profile_export_aiperf.json`.
    pub path: String,
    file: web_sys::File,
}

impl Handed {
    /// Under this path.
    pub fn new(path: String, file: web_sys::File) -> Self {
        Self { path, file }
    }
    /// Made of bytes that the page has.
    pub fn of_bytes(path: &str, bytes: &[u8]) -> Result<Self, String> {
        let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
        let file = web_sys::File::new_with_u8_array_sequence(&parts, path);
        Ok(Self::new(path.to_owned(), file.map_err(|e| message(&e))?))
    }
    /// Size in bytes.
    pub fn size(&self) -> f64 {
        self.file.size()
    }
    /// In the form that threads hand each other: the content stays where it is until one reads it.
    pub(super) fn to_js(&self) -> JsValue {
        js_sys::Array::of2(&JsValue::from_str(&self.path), &self.file).into()
    }
    pub(super) fn from_js(value: &JsValue) -> Option<Self> {
        let pair = value.dyn_ref::<js_sys::Array>()?;
        Some(Self::new(
            pair.get(0).as_string()?,
            pair.get(1).dyn_into().ok()?,
        ))
    }
    /// The whole content, or the browser's message.
    pub async fn read(&self) -> Result<Vec<u8>, String> {
        let buffer = JsFuture::from(self.file.array_buffer())
            .await
            .map_err(|e| message(&e))?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

/// Files chosen in a file input; a folder input gives paths with their folders.
pub fn from_input(event: &leptos::ev::Event) -> Vec<Handed> {
    let Some(input) = event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return Vec::new();
    };
    let Some(list) = input.files() else {
        return Vec::new();
    };
    let files = (0..list.length())
        .filter_map(|i| list.get(i))
        .map(|file| {
            let path = js_sys::Reflect::get(&file, &JsValue::from_str("webkitRelativePath"))
                .ok()
                .and_then(|p| p.as_string())
                .filter(|p| !p.is_empty())
                .unwrap_or_else(|| file.name());
            Handed::new(path, file)
        })
        .collect();
    // The same file can then be chosen again.
    input.set_value("");
    files
}

/// One of the page's own files, by its path beside the page.
pub async fn own_asset(path: &str) -> Result<Vec<u8>, String> {
    let window = web_sys::window().ok_or("There is no window.")?;
    let response: web_sys::Response = JsFuture::from(window.fetch_with_str(path))
        .await
        .map_err(|e| message(&e))?
        .unchecked_into();
    if !response.ok() {
        return Err(format!("{path} answered {}.", response.status()));
    }
    let buffer = response.array_buffer().map_err(|e| message(&e))?;
    let buffer = JsFuture::from(buffer).await.map_err(|e| message(&e))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

pub(super) fn message(value: &JsValue) -> String {
    value.dyn_ref::<js_sys::Error>().map_or_else(
        || "The browser gave no reason.".to_owned(),
        |e| String::from(e.message()),
    )
}
