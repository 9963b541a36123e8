//! The crash panel: plain DOM, written by boot.js, since the instance is dead after a panic.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = servelensCrash)]
    fn servelens_crash(message: &str);
}

/// Shows message, place and version in the crash panel when anything panics.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        servelens_crash(&format!("ServeLens {}: {info}", env!("CARGO_PKG_VERSION")));
    }));
}
