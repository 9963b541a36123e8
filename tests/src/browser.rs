//! One page in a real Chromium: real drops, real keys, and what the network and the console saw.
//!
//! Blocking on purpose: a test reads from top to bottom. Everything a session needs (server, driver, empty profile) ends with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::runtime::Runtime;
use xtask::server::Server;

use crate::driver::{Driver, program};

/// What a step of a session gives back: an error is a sentence.
pub type Result<T = ()> = std::result::Result<T, String>;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(15);

/// Headless, no sandbox (tests run as root in containers), and nothing that would talk to the network by itself.
const FLAGS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
];

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

/// A browser window on the built page.
pub struct Page {
    browser: Option<WebDriver>,
    runtime: Runtime,
    _driver: Driver,
    server: Server,
    profile: PathBuf,
    patience: Duration,
}

impl Page {
    /// Serves the built page at the root and starts a browser; nothing is opened yet.
    ///
    /// # Errors
    /// When the page is not built or a program is missing.
    pub fn start() -> Result<Self> {
        Self::start_on(&dist(), "/")
    }

    /// Serves `dist` under `base` and starts a browser.
    ///
    /// # Errors
    /// When the page is not built or a program is missing.
    pub fn start_on(dist: &Path, base: &str) -> Result<Self> {
        let server = Server::start(dist, base, 0)?;
        let driver = Driver::start()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("No runtime: {e}."))?;
        let profile = fresh_folder("profile")?;
        let capabilities = capabilities(&profile)?;
        let browser = runtime
            .block_on(WebDriver::new(driver.url(), capabilities))
            .map_err(|e| format!("Chromium did not start: {e}"))?;
        let page = Self {
            browser: Some(browser),
            runtime,
            _driver: driver,
            server,
            profile,
            patience: PATIENCE,
        };
        page.screen(WIDE)?;
        Ok(page)
    }

    /// Changes how long anything may take before it counts as failed.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Opens the page with a hash such as `#audit`, or none, and waits until it stands still.
    ///
    /// # Errors
    /// When it does not load.
    pub fn open(&self, hash: &str) -> Result {
        let address = format!("{}{hash}", self.url());
        self.go(&address)?;
        self.settle()
    }

    /// Loads an address from scratch, even if only the hash differs from the present one.
    ///
    /// # Errors
    /// When it does not load.
    pub fn go(&self, address: &str) -> Result {
        let browser = self.browser()?;
        self.runtime
            .block_on(async {
                browser.goto("about:blank").await?;
                browser.goto(address).await
            })
            .map_err(|e| format!("{address} did not load: {e}"))
    }

    /// Reloads the page as a person would.
    ///
    /// # Errors
    /// When it does not load.
    pub fn reload(&self) -> Result {
        self.runtime
            .block_on(self.browser()?.refresh())
            .map_err(|e| format!("The page did not reload: {e}"))?;
        self.settle()
    }

    /// Waits until the app has replaced the start screen, nothing says that it is busy, and two frames have been drawn.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub fn settle(&self) -> Result {
        self.wait("the app to start", "return !document.querySelector('.boot') && !document.querySelector('#app [aria-busy=true]')")?;
        self.frames()
    }

    /// Waits until fonts are there, two frames are drawn and running transitions are over.
    ///
    /// # Errors
    /// When the script fails.
    pub fn frames(&self) -> Result {
        self.js_async(
            "const done = arguments[arguments.length - 1];
             document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(async () => {
               const running = document.getAnimations().filter(a => a.effect?.getComputedTiming().endTime < 2000);
               await Promise.allSettled(running.map(a => a.finished));
               done(true);
             })));",
        )
        .map(drop)
    }

    /// Runs a script; its `return` comes back as JSON.
    ///
    /// # Errors
    /// When it throws.
    pub fn js(&self, script: &str) -> Result<Value> {
        self.js_with(script, vec![])
    }

    /// Runs a script with `arguments`.
    ///
    /// # Errors
    /// When it throws.
    pub fn js_with(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let done = self
            .runtime
            .block_on(self.browser()?.execute(script, arguments));
        done.map(|value| value.json().clone())
            .map_err(|e| format!("The script failed: {e}\n{script}"))
    }

    fn js_async(&self, script: &str) -> Result<Value> {
        let done = self
            .runtime
            .block_on(self.browser()?.execute_async(script, vec![]));
        done.map(|value| value.json().clone())
            .map_err(|e| format!("The script failed: {e}\n{script}"))
    }

    /// Waits until a script returns something true, and gives it back.
    ///
    /// # Errors
    /// When it does not in time; the sentence shows what the page says instead.
    pub fn wait(&self, what: &str, script: &str) -> Result<Value> {
        let start = Instant::now();
        loop {
            let value = self.js(script)?;
            let yes = !matches!(&value, Value::Null | Value::Bool(false))
                && value != json!(0)
                && value != json!("");
            if yes {
                return Ok(value);
            }
            if start.elapsed() > self.patience {
                let text = self.js("return document.body.innerText")?;
                let text: String = text
                    .as_str()
                    .unwrap_or_default()
                    .chars()
                    .take(1500)
                    .collect();
                return Err(format!(
                    "Waited {} s for {what}. The page says:\n{text}",
                    self.patience.as_secs()
                ));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The visible text of the first element that matches, or an empty string.
    ///
    /// # Errors
    /// When the script fails.
    pub fn text(&self, selector: &str) -> Result<String> {
        let value = self.js_with(
            "return document.querySelector(arguments[0])?.innerText ?? ''",
            vec![json!(selector)],
        )?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The visible texts of all elements that match.
    ///
    /// # Errors
    /// When the script fails.
    pub fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let value = self.js_with(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)",
            vec![json!(selector)],
        )?;
        Ok(value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    /// Waits until the first element that matches contains a text.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn wait_text(&self, selector: &str, text: &str) -> Result {
        let script = format!(
            "return !!document.querySelector({})?.innerText.includes({})",
            json!(selector),
            json!(text)
        );
        self.wait(&format!("{selector} to contain {text:?}"), &script)
            .map(drop)
    }

    /// Waits until exactly `count` elements match.
    ///
    /// # Errors
    /// When they do not in time.
    pub fn wait_count(&self, selector: &str, count: usize) -> Result {
        let script = format!(
            "return document.querySelectorAll({}).length === {count}",
            json!(selector)
        );
        self.wait(&format!("{count} of {selector}"), &script)
            .map(drop)
    }

    /// Clicks the middle of the first element that matches, with real mouse events.
    ///
    /// # Errors
    /// When nothing matches, or something else lies over it.
    pub fn click(&self, selector: &str) -> Result {
        self.wait(
            &format!("{selector} to exist"),
            &format!("return !!document.querySelector({})", json!(selector)),
        )?;
        let found = self.js_with(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
             const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
             const top = document.elementFromPoint(x, y);
             return {x, y, hit: !!top && (e.contains(top) || top.contains(e)), over: top?.outerHTML.slice(0, 120) ?? 'nothing'};",
            vec![json!(selector)],
        )?;
        if found["hit"] != json!(true) {
            return Err(format!(
                "{selector} cannot be clicked: at its middle is {}",
                found["over"]
            ));
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            self.cdp("Input.dispatchMouseEvent", json!({ "type": kind, "x": found["x"], "y": found["y"], "button": button, "clickCount": 1 }))?;
        }
        Ok(())
    }

    /// Presses a key such as `Escape`, `k` or `?` with modifiers from `ctrl`, `shift`, `alt` (real key events).
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn key(&self, key: &str, modifiers: &[&str]) -> Result {
        let bits = modifiers.iter().fold(0, |bits, name| {
            bits | match *name {
                "alt" => 1,
                "ctrl" => 2,
                "shift" => 8,
                _ => 0,
            }
        });
        let (code, number) = key_code(key);
        let mut event = json!({ "type": "keyDown", "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": bits });
        if bits & 3 == 0 && key.chars().count() == 1 {
            event["text"] = json!(key);
        } else if key == "Enter" {
            event["text"] = json!("\r");
        }
        self.cdp("Input.dispatchKeyEvent", event)?;
        self.cdp("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": bits })).map(drop)
    }

    /// Types text where the focus is.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn insert_text(&self, text: &str) -> Result {
        self.cdp("Input.insertText", json!({ "text": text }))
            .map(drop)
    }

    /// Drops files and folders onto the page as a file manager does, in the middle or at a point.
    ///
    /// # Errors
    /// When a path does not exist or the browser refuses.
    pub fn drop_paths(&self, paths: &[&Path], at: Option<(f64, f64)>) -> Result {
        let mut files = Vec::new();
        for path in paths {
            let path = path
                .canonicalize()
                .map_err(|e| format!("{} cannot be dropped: {e}.", path.display()))?;
            files.push(path.to_string_lossy().into_owned());
        }
        let (x, y) = at.unwrap_or((f64::from(WIDE.width) / 2.0, f64::from(WIDE.height) / 2.0));
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.cdp(
                "Input.dispatchDragEvent",
                json!({ "type": kind, "x": x, "y": y, "data": data }),
            )?;
        }
        Ok(())
    }

    /// Begins or ends a drag without a drop, to see the overlay: `dragEnter`, `dragOver` or `dragCancel`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn drag(&self, kind: &str, path: &Path) -> Result {
        let data =
            json!({ "items": [], "files": [path.to_string_lossy()], "dragOperationsMask": 1 });
        self.cdp(
            "Input.dispatchDragEvent",
            json!({ "type": kind, "x": 700, "y": 450, "data": data }),
        )
        .map(drop)
    }

    /// A command of the DevTools protocol.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn cdp(&self, method: &str, parameters: Value) -> Result<Value> {
        let browser = self.browser()?;
        self.runtime
            .block_on(browser.cdp().send_raw(method, parameters))
            .map_err(|e| format!("{method} failed: {e}"))
    }

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

    /// Takes the network away or gives it back.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn offline(&self, offline: bool) -> Result {
        self.cdp("Network.enable", json!({}))?;
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.emulateNetworkConditions", conditions)
            .map(drop)
    }

    /// Every address the page has asked for since the last call, in order (`blob:` and `data:` never leave the page and are not counted).
    ///
    /// # Errors
    /// When the browser keeps no log.
    pub fn requests(&self) -> Result<Vec<String>> {
        let log = self
            .runtime
            .block_on(self.browser()?.get_log("performance"))
            .map_err(|e| format!("No network log: {e}"))?;
        let mut addresses = Vec::new();
        for entry in log {
            let event: Value = serde_json::from_str(&entry.message)
                .map_err(|e| format!("The network log is not JSON: {e}."))?;
            let event = &event["message"];
            let address = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => event["params"]["request"]["url"].as_str(),
                Some("Network.webSocketCreated") => event["params"]["url"].as_str(),
                _ => None,
            };
            addresses.extend(
                address
                    .filter(|a| {
                        !["blob:", "data:", "about:"]
                            .iter()
                            .any(|local| a.starts_with(local))
                    })
                    .map(str::to_owned),
            );
        }
        Ok(addresses)
    }

    /// Warnings and errors of the console since the last call, blocked policy violations among them.
    ///
    /// # Errors
    /// When the browser keeps no log.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let log = self
            .runtime
            .block_on(self.browser()?.browser_log())
            .map_err(|e| format!("No console log: {e}"))?;
        Ok(log
            .into_iter()
            .filter(|entry| matches!(entry.level.as_str(), "SEVERE" | "WARNING"))
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect())
    }

    /// Lets downloads land in a fresh folder, which is given back.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn downloads(&self) -> Result<PathBuf> {
        let folder = self.profile.join("downloads");
        std::fs::create_dir_all(&folder).map_err(|e| format!("No download folder: {e}."))?;
        self.cdp(
            "Browser.setDownloadBehavior",
            json!({ "behavior": "allow", "downloadPath": folder.to_string_lossy() }),
        )?;
        Ok(folder)
    }

    /// Waits for a finished download whose name ends so, and reads it.
    ///
    /// # Errors
    /// When none arrives in time.
    pub fn downloaded(&self, folder: &Path, ending: &str) -> Result<String> {
        let start = Instant::now();
        while start.elapsed() < self.patience {
            let names = std::fs::read_dir(folder).map_err(|e| format!("{e}"))?;
            let file = names
                .flatten()
                .map(|entry| entry.path())
                .find(|path| path.to_string_lossy().ends_with(ending));
            if let Some(file) = file {
                return std::fs::read_to_string(&file)
                    .map_err(|e| format!("{} cannot be read: {e}.", file.display()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("No download ending in {ending} arrived."))
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
            .decode(picture["data"].as_str().unwrap_or_default())
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

    fn browser(&self) -> Result<&WebDriver> {
        self.browser
            .as_ref()
            .ok_or_else(|| "The browser has ended.".to_owned())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.keep(&format!(
                "failed-{}",
                std::thread::current()
                    .name()
                    .unwrap_or("test")
                    .replace("::", "-")
            ));
        }
        if let Some(browser) = self.browser.take() {
            let _ = self.runtime.block_on(browser.quit());
        }
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The built page: `SERVELENS_DIST`, or `dist/` of the clone.
pub fn dist() -> PathBuf {
    std::env::var_os("SERVELENS_DIST").map_or_else(|| root().join("dist"), PathBuf::from)
}

/// The clone.
pub fn root() -> PathBuf {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    here.ancestors()
        .find(|folder| folder.join("Trunk.toml").is_file())
        .unwrap_or(&here)
        .to_path_buf()
}

fn capabilities(profile: &Path) -> Result<Capabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    let chromium = program(
        "SERVELENS_CHROMIUM",
        &[
            "chromium",
            "google-chrome",
            "google-chrome-stable",
            "chrome",
            "chromium-browser",
        ],
    )
    .ok_or("Chromium is missing; `cargo xtask test` installs it or says how.")?;
    let fail =
        |e: thirtyfour::error::WebDriverError| format!("The browser's options are wrong: {e}");
    capabilities
        .set_binary(&chromium.to_string_lossy())
        .map_err(fail)?;
    for flag in FLAGS {
        capabilities.add_arg(flag).map_err(fail)?;
    }
    capabilities
        .add_arg(&format!("--user-data-dir={}", profile.display()))
        .map_err(fail)?;
    capabilities
        .set_logging_prefs("browser", LoggingPrefsLogLevel::All)
        .map_err(fail)?;
    capabilities
        .set_logging_prefs("performance", LoggingPrefsLogLevel::All)
        .map_err(fail)?;
    Ok(capabilities.into())
}

/// An empty folder that no other session has.
pub fn fresh_folder(name: &str) -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("servelens-{name}-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("{} cannot be made: {e}.", folder.display()))?;
    Ok(folder)
}

/// The physical key and its number, for the keys the tests press.
fn key_code(key: &str) -> (String, u32) {
    let named = [
        ("Escape", 27),
        ("Enter", 13),
        ("Tab", 9),
        ("ArrowLeft", 37),
        ("ArrowUp", 38),
        ("ArrowRight", 39),
        ("ArrowDown", 40),
        ("Home", 36),
        ("End", 35),
    ];
    if let Some((name, number)) = named.into_iter().find(|(name, _)| *name == key) {
        return (name.to_owned(), number);
    }
    match key.chars().next() {
        Some('?') => ("Slash".to_owned(), 191),
        Some(letter) if letter.is_ascii_alphabetic() => (
            format!("Key{}", letter.to_ascii_uppercase()),
            letter.to_ascii_uppercase().into(),
        ),
        Some(digit) if digit.is_ascii_digit() => (format!("Digit{digit}"), digit.into()),
        _ => (key.to_owned(), 0),
    }
}
