//! What a session saw: requests, complaints of the console, downloads.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Page, Result, at};

impl Page {
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

    /// Lets every request fail whose address contains one of these; none lets all through again.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn block(&self, parts: &[String]) -> Result {
        self.cdp("Network.enable", json!({}))?;
        let patterns: Vec<String> = parts.iter().map(|part| format!("*{part}*")).collect();
        self.cdp("Network.setBlockedURLs", json!({ "urls": patterns }))
            .map(drop)
    }

    /// Every address the page has asked for since the last call, in order (`blob:` and `data:` never leave the page, `chrome:` is the browser itself: not counted).
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
            let event = at(&event, "/message");
            let address = match at(event, "/method").as_str() {
                Some("Network.requestWillBeSent") => at(event, "/params/request/url").as_str(),
                Some("Network.webSocketCreated") => at(event, "/params/url").as_str(),
                _ => None,
            };
            addresses.extend(
                address
                    .filter(|a| {
                        !["blob:", "data:", "about:", "chrome:", "chrome-untrusted:"]
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
}
