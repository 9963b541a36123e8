//! The release build of the page into `dist/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, run};
use crate::{Result, size, stamp, tools};

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
            // Trunk reads this as a switch of its own, which refuses the values other programs use.
            command.env_remove("NO_COLOR");
            run(&mut command)
        },
    )?;
    check_start(&places.dist)?;
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

fn inline_script(html: &str) -> Option<&str> {
    html.split("<script").skip(1).find(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        !tag.contains("src=")
    })
}

#[cfg(test)]
mod tests {
    use super::inline_script;

    #[test]
    fn finds_inline_scripts_only() {
        assert_eq!(
            inline_script("<head><script type=\"module\" src=\"./boot.js\"></script></head>"),
            None
        );
        assert!(inline_script("<script type=\"module\">import x</script>").is_some());
    }
}
