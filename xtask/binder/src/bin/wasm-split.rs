//! `wasm-split MODULE OUT_DIR NAME`: splits a module before it is bound; the first part is `OUT_DIR/NAME.wasm`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use wasm_split_cli_support::{Options, transform};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [module, folder, name] = args.as_slice() else {
        return Err("Usage: wasm-split MODULE OUT_DIR NAME".into());
    };
    let folder = Path::new(folder);
    let module = fs::read(module).map_err(|e| format!("{module} cannot be read: {e}."))?;
    let first = folder.join(format!("{name}.wasm"));
    let bindings = format!("./{name}.js");
    let mut options = Options::new(&module);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.main_module = &bindings;
    transform(options)?;
    Ok(())
}
