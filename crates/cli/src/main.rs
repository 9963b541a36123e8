//! `servelens`: the core without a browser. One file for each subcommand; here only the choice.

mod cmd;
mod files;

use std::process::ExitCode;

const USAGE: &str = "Usage: servelens inspect PATH... [--json]

  inspect   Read files and folders and list the runs they hold.

Exit code: 0 when something was read, 2 when nothing was or the usage is wrong.";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let outcome = match parser.next() {
        Ok(Some(lexopt::Arg::Value(name))) => match name.to_str() {
            Some("inspect") => cmd::inspect::run(parser),
            other => Err(format!(
                "There is no subcommand “{}”; try “servelens --help”.",
                other.unwrap_or("?")
            )),
        },
        Ok(Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help"))) => {
            cmd::print(USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Some(lexopt::Arg::Short('V') | lexopt::Arg::Long("version"))) => {
            cmd::print(concat!("servelens ", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        Ok(Some(other)) => Err(other.unexpected().to_string()),
        Ok(None) => Err("A subcommand is missing; try “servelens --help”.".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(sentence) => {
            eprintln!("servelens: {sentence}");
            ExitCode::from(2)
        }
    }
}
