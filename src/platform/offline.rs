//! Working with the network off: hands the page's files to a service worker (sw.js), which keeps them.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RegistrationOptions, ServiceWorkerContainer, ServiceWorkerUpdateViaCache};

/// Registers the service worker and waits until every file is kept; `false` where that can't be: the origin is not secure, the
/// browser keeps nothing, or the page was served without its service worker.
pub async fn keep() -> bool {
    let Some(container) = container() else {
        return false;
    };
    let options = RegistrationOptions::new();
    // Its own script is the one file that must never come from a cache.
    options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
    let registered = JsFuture::from(container.register_with_options("sw.js", &options)).await;
    if registered.is_err() {
        return false;
    }
    match container.ready() {
        Ok(ready) => JsFuture::from(ready).await.is_ok(),
        Err(_) => false,
    }
}

/// `None` on origins that are not secure, where the property is missing.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    js_sys::Reflect::get(&navigator, &JsValue::from_str("serviceWorker"))
        .ok()?
        .dyn_into()
        .ok()
}
