//! Packages of the operating system, where this user may install them without being asked.

use std::fs;
use std::process::Command;

use super::on_path;
use crate::Result;
use crate::run::{output, run};

/// Which system this is, as far as installing goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum System {
    /// Debian or a close relative: `apt-get install chromium` gives a real package.
    Debian,
    /// Ubuntu: its `chromium` package only points to a snap.
    Ubuntu,
    /// Anything else.
    Other,
}

/// Reads `/etc/os-release`.
pub fn system() -> System {
    fs::read_to_string("/etc/os-release").map_or(System::Other, |text| system_of(&text))
}

fn system_of(os_release: &str) -> System {
    let id = |key: &str| {
        let value = os_release
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap_or_default();
        value
            .trim_matches('"')
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let names = [id("ID="), id("ID_LIKE=")].concat();
    if names.iter().any(|name| name == "ubuntu") {
        System::Ubuntu
    } else if names.iter().any(|name| name == "debian") {
        System::Debian
    } else {
        System::Other
    }
}

/// Whether `apt-get` can be used without a password.
pub fn may_install() -> bool {
    on_path("apt-get").is_some() && (is_root() || output("sudo", &["-n", "true"]).is_some())
}

fn is_root() -> bool {
    output("id", &["-u"]).is_some_and(|text| text.trim() == "0")
}

/// Installs packages with `apt-get`; asks nothing.
///
/// # Errors
/// When `apt-get` fails.
pub fn apt_install(packages: &[&str]) -> Result {
    let apt = |args: &[&str]| {
        let mut command = if is_root() {
            Command::new("apt-get")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "apt-get"]);
            sudo
        };
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    apt(&["update", "-qq"])?;
    apt(&[
        &["install", "-y", "-qq", "--no-install-recommends"],
        packages,
    ]
    .concat())
}

/// The command of the package manager that this machine has, from pairs of a manager and its command.
pub fn command_for(
    commands: &[(&str, &'static str)],
    present: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let hit = commands.iter().find(|(manager, _)| present(manager));
    hit.map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use super::{System, command_for, system_of};

    #[test]
    fn the_first_manager_that_is_there_gives_the_command() {
        let commands = [("dnf", "dnf install x"), ("brew", "brew install x")];
        let with = |there: &'static str| command_for(&commands, move |m| m == there);
        assert_eq!(with("brew"), Some("brew install x"));
        assert_eq!(with("nix"), None);
    }

    #[test]
    fn tells_ubuntu_from_debian() {
        assert_eq!(system_of("ID=debian\nVERSION_ID=\"12\"\n"), System::Debian);
        assert_eq!(
            system_of("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"),
            System::Ubuntu
        );
        assert_eq!(
            system_of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            System::Ubuntu
        );
        assert_eq!(system_of("ID=fedora\n"), System::Other);
    }
}
