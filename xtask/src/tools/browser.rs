//! Chromium and its driver for the tests in a real browser.

use std::env;
use std::path::{Path, PathBuf};

use super::on_path;
use super::system::{System, apt_install, may_install, system};
use crate::Result;
use crate::run::{Progress, output};

/// The browser and the program that drives it.
pub struct Browser {
    /// Chromium or Chrome.
    pub chromium: PathBuf,
    /// chromedriver of the same major version.
    pub driver: PathBuf,
}

/// Finds or installs them.
///
/// # Errors
/// One sentence with the command that installs what is missing.
pub fn browser(progress: &Progress) -> Result<Browser> {
    if let Some(found) = find() {
        return same_version(found);
    }
    match system() {
        System::Debian if may_install() => {
            progress.step("Chromium and its driver: install", || apt_install(&["chromium", "chromium-driver"]))?;
            find().ok_or_else(|| "The packages chromium and chromium-driver were installed, but the programs are not on PATH.".to_owned()).and_then(same_version)
        }
        System::Debian => Err("Chromium or chromedriver is missing; install both with `sudo apt-get install chromium chromium-driver`.".to_owned()),
        System::Ubuntu => Err("Chrome or chromedriver is missing; install both with `npx @puppeteer/browsers install chrome@stable` and `npx @puppeteer/browsers install chromedriver@stable`, then put the two folders on PATH.".to_owned()),
        System::Other => Err("Chromium or chromedriver is missing; install both with your package manager so that `chromium` and `chromedriver` are on PATH.".to_owned()),
    }
}

fn find() -> Option<Browser> {
    let chromium = [
        "chromium",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
        "chromium-browser",
    ]
    .into_iter()
    .find_map(on_path)?;
    // Hosted runners name the driver's folder in a variable instead of putting it on PATH.
    let named =
        env::var_os("CHROMEWEBDRIVER").map(|folder| PathBuf::from(folder).join("chromedriver"));
    let driver = on_path("chromedriver").or(named.filter(|file| file.is_file()))?;
    Some(Browser { chromium, driver })
}

fn same_version(found: Browser) -> Result<Browser> {
    let (browser, driver) = (major_of(&found.chromium), major_of(&found.driver));
    if browser.is_some() && driver.is_some() && browser != driver {
        return Err(format!(
            "{} has major version {} but {} has {}; install a driver of the browser's version.",
            found.chromium.display(),
            browser.unwrap_or_default(),
            found.driver.display(),
            driver.unwrap_or_default()
        ));
    }
    Ok(found)
}

fn major_of(program: &Path) -> Option<u32> {
    major(&output(program, &["--version"])?)
}

/// "Chromium 156.0.8078.79 built on …" and "ChromeDriver 156.0.8078.79 (…)".
fn major(text: &str) -> Option<u32> {
    text.split_whitespace()
        .filter(|word| word.contains('.'))
        .find_map(|word| word.split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(
            major("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)"),
            Some(156)
        );
        assert_eq!(major("ChromeDriver 155.0.1.2 (abc)"), Some(155));
        assert_eq!(major("Google Chrome 150.0.1.2"), Some(150));
        assert_eq!(major("nothing"), None);
    }
}
