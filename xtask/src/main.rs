//! `cargo xtask <command>`: see [`xtask`] and `cargo xtask help`.

use std::process::ExitCode;

use xtask::options::Options;
use xtask::places::Places;
use xtask::{Result, bench, check, page, sample, serve, shots, size, split};

const HELP: &str = "\
cargo xtask <command>

  serve  [--port N] [--base /some/path/]   build the page and serve it on this machine only
  build                                    build the page into dist/, ready for any static host
  test   [--no-e2e] [--only STEP] [--skip STEP] [--keep-going]
                                           everything: format, lints, tests, sizes, the real browser
  size   [--record]                        sizes of the first screen, and the gate; --record rewrites size.json
  split                                    a step of `trunk build`: splits the module in two
  bench  [--only NAME]                     timings of the cost model and the charts
  sample FILE.zip                          make the third sample from the experiment's files, without prompts, answers and hosts
  shots  OUT_DIR [--full] [--only VIEW] [--dist DIR]
                                           screenshots of every view: wide and narrow, light and dark

Whatever is missing is installed into ~/.cache/servelens (or $XDG_CACHE_HOME/servelens), never into the clone.";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\nxtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result {
    let mut options = Options::from_args(std::env::args().skip(1));
    let places = Places::find()?;
    match options.command().as_deref() {
        Some("serve") => serve::serve(&places, options),
        Some("build") => page::build_and_report(&places, options),
        Some("test") => check::test(&places, options),
        Some("size") => size::size(&places, options),
        Some("split") => split::split(&places, options),
        Some("bench") => bench::bench(&places, options),
        Some("sample") => sample::sample(&places, options),
        Some("shots") => shots::shots(&places, options),
        None | Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!(
            "There is no command \"{other}\"; `cargo xtask help` lists them."
        )),
    }
}
