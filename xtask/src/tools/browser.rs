//! Chromium and its driver for the tests in a real browser.

use std::env;
use std::path::{Path, PathBuf};

use super::on_path;
use super::system::{System, apt_install, command_for, may_install, system};
use crate::Result;
use crate::run::{Progress, output};

/// Both programs, by package manager.
const COMMANDS: [(&str, &str); 5] = [
    ("dnf", "sudo dnf install chromium chromedriver"),
    ("pacman", "sudo pacman -S chromium"),
    ("zypper", "sudo zypper install chromium chromedriver"),
    ("apk", "sudo apk add chromium chromium-chromedriver"),
    ("brew", "brew install --cask chromium chromedriver"),
];

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
            progress.step("Chromium and its driver: install", || {
                apt_install(&["chromium", "chromium-driver"])
            })?;
            find().ok_or_else(|| "The packages chromium and chromium-driver were installed, but the programs are not on PATH.".to_owned()).and_then(same_version)
        }
        system => Err(advice(system, |manager| on_path(manager).is_some())),
    }
}

/// Where nothing is installed unasked: what is missing and the command that installs it.
fn advice(system: System, present: impl Fn(&str) -> bool) -> String {
    let missing = "Chromium or chromedriver is missing";
    match system {
        System::Debian => {
            format!("{missing}; install both with `sudo apt-get install chromium chromium-driver`.")
        }
        System::Ubuntu => format!(
            "{missing}; install both with `npx @puppeteer/browsers install chrome@stable` and `npx @puppeteer/browsers install chromedriver@stable`, then put the two folders on PATH."
        ),
        System::Other => match command_for(&COMMANDS, present) {
            Some(command) => format!("{missing}; install both with `{command}`."),
            None => format!(
                "{missing}; install both with your package manager so that `chromium` and `chromedriver` are on PATH."
            ),
        },
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
    use super::super::system::System;
    use super::{advice, major};

    #[test]
    fn what_is_missing_is_one_sentence_with_its_command() {
        for (system, manager, command) in [
            (
                System::Debian,
                "apt-get",
                "`sudo apt-get install chromium chromium-driver`",
            ),
            (
                System::Ubuntu,
                "apt-get",
                "`npx @puppeteer/browsers install chrome@stable`",
            ),
            (
                System::Other,
                "dnf",
                "`sudo dnf install chromium chromedriver`",
            ),
            (System::Other, "none", "package manager"),
        ] {
            let sentence = advice(system, |m| m == manager);
            assert!(
                sentence.contains(command) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert_eq!(sentence.lines().count(), 1);
        }
    }

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
