//! The release build of the page into `dist/`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};
use crate::{Result, figures, offline, size, stamp, tools};

/// `cargo xtask build`.
///
/// # Errors
/// When a tool cannot be installed or the build fails.
pub fn build_and_report(places: &Places, options: Options) -> Result {
    options.finish()?;
    let progress = Progress::default();
    build(places, &progress)?;
    println!("{}", size::measure(&places.dist)?);
    eprintln!(
        "The page is in {}: any static host can serve that folder, under any path.",
        places.dist.display()
    );
    Ok(())
}

/// Builds the page unless it is already there, from these very sources.
///
/// # Errors
/// When a tool cannot be installed or the build fails.
pub fn build(places: &Places, progress: &Progress) -> Result {
    let tools = tools::for_build(places, progress)?;
    let place = stamp::place(places);
    let current = |versions: &str| stamp::stamp(places, &places.dist, versions);
    if places.dist.join("index.html").is_file()
        && fs::read_to_string(&place).is_ok_and(|last| Ok(last) == current(&tools.versions))
    {
        eprintln!(
            "[{:>4} s] the page is up to date",
            progress.elapsed().as_secs()
        );
        return Ok(());
    }
    progress.step("crates: fetch", || {
        run(cargo(&places.root).args([
            "fetch",
            "--locked",
            "--quiet",
            "--target",
            "wasm32-unknown-unknown",
        ]))
    })?;
    progress.step(
        "page: release build (1 to 4 minutes on two cores when nothing is built yet)",
        || {
            let mut command = Command::new(&tools.trunk);
            // Offline: Trunk takes the tools on PATH instead of downloading its own.
            command
                .args(["build", "--release", "--locked", "--offline"])
                .current_dir(&places.root);
            command
                .env("PATH", &tools.path)
                .env("CARGO_TARGET_DIR", &places.target);
            // Messages of panics name source files: without the folders of this machine, so that every machine
            // builds the same bytes.
            command
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", remaps())
                .env_remove("RUSTFLAGS")
                .env_remove("CARGO_ENCODED_RUSTFLAGS");
            // Trunk reads this as a switch of its own, which refuses the values other programs use.
            command.env_remove("NO_COLOR");
            run(&mut command)
        },
    )?;
    progress.step("figures of the cost model", || {
        figures::write(&places.root, &places.dist)
    })?;
    // Last: it holds the digests of all other files.
    offline::write(&places.root, &places.dist)?;
    check_start(&places.dist)?;
    check_paths(places)?;
    fs::create_dir_all(&places.target).map_err(|e| {
        format!(
            "The folder {} cannot be made: {e}.",
            places.target.display()
        )
    })?;
    fs::write(&place, current(&tools.versions)?)
        .map_err(|e| format!("{} cannot be written: {e}.", place.display()))
}

/// The page's policy forbids inline scripts: Trunk must not have added one.
fn check_start(dist: &Path) -> Result {
    let index = dist.join("index.html");
    let text = fs::read_to_string(&index)
        .map_err(|e| format!("{} cannot be read: {e}.", index.display()))?;
    match inline_script(&text) {
        None => Ok(()),
        Some(script) => Err(format!(
            "The built index.html has an inline script, which its own policy blocks: {script}"
        )),
    }
}

/// Where Cargo keeps the sources of crates.
fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

/// Sources of the clone are named relative to it as it is. One flag for all clones, so that they share what is built.
fn remaps() -> String {
    cargo_home().map_or_else(String::new, |home| {
        format!("--remap-path-prefix={}=cargo", home.display())
    })
}

/// No file of the page may name a folder of this machine.
fn check_paths(places: &Places) -> Result {
    let folders = [Some(places.root.clone()), cargo_home()]
        .map(|folder| folder.map(|f| f.display().to_string()));
    for file in stamp::files(&places.dist, &[])? {
        let bytes =
            fs::read(&file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))?;
        if let Some(folder) = folders
            .iter()
            .flatten()
            .find(|folder| contains(&bytes, folder.as_bytes()))
        {
            return Err(format!(
                "The built {} names the folder {folder} of this machine.",
                file.display()
            ));
        }
    }
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn inline_script(html: &str) -> Option<&str> {
    html.split("<script").skip(1).find(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        !tag.contains("src=")
    })
}

#[cfg(test)]
mod tests {
    use super::{contains, inline_script};

    #[test]
    fn finds_inline_scripts_only() {
        assert_eq!(
            inline_script("<head><script type=\"module\" src=\"./boot.js\"></script></head>"),
            None
        );
        assert!(inline_script("<script type=\"module\">import x</script>").is_some());
    }

    #[test]
    fn finds_folders_in_bytes() {
        assert!(contains(b"\x00panicked at here/src\xff", b"here/"));
        assert!(!contains(b"her", b"here/"));
    }
}
