//! Screens, media features and pictures.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{Page, Result, at};

/// A screen to emulate.
#[derive(Clone, Copy)]
pub struct Screen {
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// A phone: touch, mobile viewport rules, two device pixels per CSS pixel.
    pub mobile: bool,
}

/// A usual notebook window.
pub const WIDE: Screen = Screen {
    width: 1440,
    height: 900,
    mobile: false,
};
/// A usual phone.
pub const NARROW: Screen = Screen {
    width: 390,
    height: 844,
    mobile: true,
};

impl Page {
    /// Emulates a screen; a phone for real, with touch and mobile viewport rules.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn screen(&self, screen: Screen) -> Result {
        let scale = if screen.mobile { 2 } else { 1 };
        self.cdp("Emulation.setDeviceMetricsOverride", json!({ "width": screen.width, "height": screen.height, "deviceScaleFactor": scale, "mobile": screen.mobile }))?;
        self.cdp(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": screen.mobile, "maxTouchPoints": 1 }),
        )
        .map(drop)
    }

    /// Emulates media features: `prefers-color-scheme`, `prefers-reduced-motion`, `forced-colors`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn media(&self, features: &[(&str, &str)]) -> Result {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.cdp(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .map(drop)
    }

    /// Writes a PNG of the window, or of everything that can be scrolled to.
    ///
    /// # Errors
    /// When the browser or the disk refuses.
    pub fn shot(&self, file: &Path, screen: Screen, full: bool) -> Result {
        if full {
            let height = self.js(
                "const all = [document.scrollingElement, ...document.querySelectorAll('main, .main, .view, .tray')].filter(Boolean);
                 return Math.ceil(Math.max(...all.map(e => e === document.scrollingElement ? e.scrollHeight : e.getBoundingClientRect().top + scrollY + e.scrollHeight)));",
            )?;
            let height = u32::try_from(height.as_u64().unwrap_or_default())
                .unwrap_or(screen.height)
                .clamp(screen.height, 16_000);
            self.screen(Screen { height, ..screen })?;
            self.frames()?;
        }
        let picture = self.cdp("Page.captureScreenshot", json!({ "format": "png" }))?;
        if full {
            self.screen(screen)?;
        }
        let bytes = BASE64_STANDARD
            .decode(at(&picture, "/data").as_str().unwrap_or_default())
            .map_err(|e| format!("The picture is broken: {e}."))?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|e| format!("{} cannot be made: {e}.", folder.display()))?;
        }
        std::fs::write(file, bytes)
            .map_err(|e| format!("{} cannot be written: {e}.", file.display()))
    }

    /// Keeps a picture of this moment if `SERVELENS_SHOTS` names a folder.
    ///
    /// # Errors
    /// When the browser or the disk refuses.
    pub fn keep(&self, name: &str) -> Result {
        match std::env::var_os("SERVELENS_SHOTS") {
            Some(folder) => self.shot(
                &PathBuf::from(folder).join(format!("{name}.png")),
                WIDE,
                false,
            ),
            None => Ok(()),
        }
    }
}
