//! `wasm-bindgen` with the options that Trunk and `cargo xtask split` give it, for a browser's modules only.
//!
//! The same library as behind the program of that name, whose package also holds a test runner with a web server and an HTTP client
//! that would take longer to compile than all the rest.

use std::error::Error;
use std::path::PathBuf;

use lexopt::Arg::{Long, Value};
use lexopt::{Parser, ValueExt};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.omit_default_module_path(false);
    let mut out_dir: Option<PathBuf> = None;
    let mut args = Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("version") => {
                println!("wasm-bindgen {}", wasm_bindgen_shared::version());
                return Ok(());
            }
            Long("target") => match args.value()?.string()?.as_str() {
                "web" => {}
                other => return Err(format!("--target is \"web\" here, not \"{other}\".").into()),
            },
            Long("out-dir") => out_dir = Some(args.value()?.into()),
            Long("out-name") => {
                bindgen.out_name(&args.value()?.string()?);
            }
            Long("no-typescript") => {
                bindgen.typescript(false);
            }
            Long("keep-lld-exports") => {
                bindgen.keep_lld_exports(true);
            }
            Value(module) => {
                bindgen.input_path(PathBuf::from(module));
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(bindgen.generate(out_dir.ok_or("--out-dir is missing.")?)?)
}
