//! The release build of the page into `dist/`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::options::Options;
use crate::places::Places;
use crate::run::{Progress, cargo, output, read, run};
use crate::tools::binaryen;
use crate::tools::rust::{self, TARGET};
use crate::{Result, figures, offline, size, stamp};

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
    rust::wasm_target(places, progress)?;
    let wasm_opt = binaryen::wasm_opt(places, progress)?;
    // The versions of the other tools stand in the sources.
    let version = output(&wasm_opt, &["--version"]).unwrap_or_default();
    let place = stamp::place(places);
    let current = || stamp::stamp(places, &places.dist, &version);
    if places.dist.join("index.html").is_file()
        && fs::read_to_string(&place).is_ok_and(|last| Ok(last) == current())
    {
        eprintln!(
            "[{:>4} s] the page is up to date",
            progress.elapsed().as_secs()
        );
        return Ok(());
    }
    // Much of either work keeps one core busy only.
    let (tools, packs) = thread::scope(|scope| {
        let tools = scope.spawn(|| tools(places, progress));
        let compiled = progress.step(
            "page: compile (1 to 7 minutes on two cores when nothing is built yet)",
            || compile(places),
        );
        (tools.join(), compiled)
    });
    let packs = packs?;
    let (trunk, binder) =
        tools.unwrap_or_else(|_| Err("The installation of the tools broke off.".into()))?;
    let chosen = [trunk.parent(), Some(binder.as_path()), wasm_opt.parent()];
    let mut folders: Vec<PathBuf> = chosen
        .into_iter()
        .flatten()
        .map(Path::to_path_buf)
        .collect();
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    let path = env::join_paths(folders).map_err(|e| format!("PATH cannot be extended: {e}."))?;
    progress.step("page: bind, split, shrink", || {
        let mut command = Command::new(&trunk);
        // Offline: Trunk takes the tools on PATH instead of downloading its own.
        command
            .args(["build", "--release", "--locked", "--offline"])
            .current_dir(&places.root)
            .env("PATH", &path)
            // Trunk reads this as a switch of its own, which refuses the values other programs use.
            .env_remove("NO_COLOR");
        run(surround(&mut command, places))
    })?;
    figures::write(&packs, &places.dist)?;
    // Last: it holds the digests of all other files.
    offline::write(&places.root, &places.dist)?;
    check_start(&places.dist)?;
    check_paths(places)?;
    fs::write(&place, current()?)
        .map_err(|e| format!("{} cannot be written: {e}.", place.display()))
}

/// Trunk, and the folder with the programs that bind and split.
fn tools(places: &Places, progress: &Progress) -> Result<(PathBuf, PathBuf)> {
    Ok((rust::trunk(places, progress)?, rust::binder(places)?))
}

/// The program that the page is, as `Cargo.toml` and `index.html` name it.
pub const PROGRAM: &str = "servelens-page";

/// Compiles what Trunk will ask for; the folder with the packed figures.
fn compile(places: &Places) -> Result<PathBuf> {
    // Trunk works offline: it must find everything.
    run(cargo(&places.root).args(["fetch", "--locked", "--quiet", "--target", TARGET]))?;
    let mut build = cargo(&places.root);
    build
        .args(["build", "--release", "--locked", "--target", TARGET])
        .args(["--bin", PROGRAM])
        .args(["--message-format", "json-render-diagnostics"]);
    let messages = read(surround(&mut build, places))?;
    packed(&messages).ok_or_else(|| "Cargo did not say where the build script wrote.".into())
}

/// What the compiler is told by the environment: the same for every build of the page.
fn surround<'a>(command: &'a mut Command, places: &Places) -> &'a mut Command {
    // Messages of panics name source files: without the folders of this machine, so that every machine builds the same bytes.
    command
        .env("CARGO_TARGET_DIR", &places.target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", remaps())
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
}

/// Where the page's build script wrote, by Cargo's messages: no other package of this workspace has one.
fn packed(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            let begins = |key, with| {
                let text = message.get(key).and_then(Value::as_str);
                text.is_some_and(|text| text.starts_with(with))
            };
            begins("reason", "build-script-executed") && begins("package_id", "path+")
        })
        .find_map(|message| Some(message.get("out_dir")?.as_str()?.into()))
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
    use super::{contains, inline_script, packed};
    use std::path::PathBuf;

    #[test]
    fn finds_where_the_build_script_of_the_page_wrote() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"path+file:///a#page@0.1.0"}
{"reason":"build-script-executed","package_id":"registry+https://a#serde@1.0.0","out_dir":"/t/serde-1/out"}
{"reason":"build-script-executed","package_id":"path+file:///a#page@0.1.0","out_dir":"/t/page-2/out"}
"#;
        assert_eq!(packed(messages), Some(PathBuf::from("/t/page-2/out")));
        assert_eq!(packed("{\"reason\":\"build-finished\"}\nno message"), None);
    }

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
