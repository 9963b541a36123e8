//! One page in a real Chromium: real drops, real keys, and what the network and the console saw.
//!
//! Blocking on purpose: a test reads from top to bottom. Everything a session needs (server, driver, empty profile) ends with it.

mod input;
mod picture;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::runtime::Runtime;
use xtask::server::Server;

use crate::driver::{Driver, program};
pub use picture::{NARROW, Screen, WIDE};

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
        page.limit_loading()?;
        page.screen(WIDE)?;
        Ok(page)
    }

    /// A page that hangs fails the test soon, not after minutes.
    fn limit_loading(&self) -> Result {
        let limit = thirtyfour::TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        self.runtime
            .block_on(self.browser()?.update_timeouts(limit))
            .map_err(|e| format!("No time limit can be set: {e}"))
    }

    /// Stops the server: nobody gets an answer any more.
    pub fn stop_server(&mut self) {
        self.server.stop();
    }

    /// How many requests the server has answered, also those that the browser made for the page's workers.
    pub fn answered(&self) -> usize {
        self.server.answered()
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

    /// Waits until the app has replaced the start screen, all its parts are there, nothing says that it is busy, and two frames have
    /// been drawn.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub fn settle(&self) -> Result {
        self.wait("the app to start", "return 'ready' in document.documentElement.dataset && !document.querySelector('.boot') && !document.querySelector('#app [aria-busy=true]')")?;
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

    /// Runs a script that ends by calling its last argument with what it gives back.
    ///
    /// # Errors
    /// When it throws, or does not end in time.
    pub fn js_async(&self, script: &str) -> Result<Value> {
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

/// The value at a JSON pointer, or null.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
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
