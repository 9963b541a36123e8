//! `servelens`: the core without a browser. One file for each subcommand; here only the choice.

mod cmd;
mod figures;
mod files;
mod flags;
mod request;

use cmd::Done;
use std::process::ExitCode;

const USAGE: &str = "Usage: servelens inspect PATH... [--json]
       servelens report PATH... [OPTIONS] [--format md|html|json|csv]
       servelens audit PATH... [OPTIONS] [--json]
       servelens explain PATH... [OPTIONS] [--json]
       servelens project [OPTIONS] [--json]
       servelens sweep [OPTIONS] [--json]

  PATH is a file, a folder, or - for what comes on standard input.

  inspect   Read files and folders and list the runs they hold.
  report    Print the whole analysis as a document.
  audit     Print every check with its arithmetic.
  explain   Rank the configurations that would explain each measured run.
  project   Project a configuration, or a file of them, as AIConfigurator would; --help lists its options.
  sweep     Find the best configurations on the GPUs at hand, as AIConfigurator would; --help lists its options.
";

const EXIT: &str = "
Exit code: 0 when something was read, 1 when a check of the audit blocks, 2 when nothing was read or the usage is
wrong.";

/// Whether the usage of the subcommand is asked for.
fn asks_for_help() -> bool {
    std::env::args_os()
        .skip(2)
        .take_while(|a| a != "--")
        .any(|a| a == "--help" || a == "-h")
}

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let outcome = match parser.next() {
        // `project` and `sweep` have options of their own to list.
        Ok(Some(lexopt::Arg::Value(name)))
            if ["inspect", "report", "audit"].iter().any(|n| name == *n) && asks_for_help() =>
        {
            cmd::print(&format!("{USAGE}\n{}\n{EXIT}", request::OPTIONS));
            return ExitCode::SUCCESS;
        }
        Ok(Some(lexopt::Arg::Value(name))) => match name.to_str() {
            Some("inspect") => cmd::inspect::run(parser).map(Done::from),
            Some("report") => cmd::report::run(parser),
            Some("audit") => cmd::audit::run(parser),
            Some("explain") => cmd::explain::run(parser),
            Some("project") => cmd::project::run(parser),
            Some("sweep") => cmd::sweep::run(parser),
            other => Err(format!(
                "There is no subcommand “{}”; try “servelens --help”.",
                other.unwrap_or("?")
            )),
        },
        Ok(Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help"))) => {
            cmd::print(&format!("{USAGE}\n{}\n{EXIT}", request::OPTIONS));
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
        Ok(Done::Read) => ExitCode::SUCCESS,
        Ok(Done::Blocks) => ExitCode::from(1),
        Ok(Done::NothingRead) => ExitCode::from(2),
        Err(sentence) => {
            eprintln!("servelens: {sentence}");
            ExitCode::from(2)
        }
    }
}
