//! `cargo xtask serve`.

use crate::options::Options;
use crate::places::Places;
use crate::run::Progress;
use crate::server::Server;
use crate::{Result, page};

/// The port that is tried first when none is asked for.
const USUAL_PORT: u16 = 8080;

/// Builds the page and serves it until Ctrl-C.
///
/// # Errors
/// When the build fails or the wanted port is taken.
pub fn serve(places: &Places, mut options: Options) -> Result {
    let port = options.value("--port")?;
    let base = options.value("--base")?.unwrap_or_else(|| "/".to_owned());
    options.finish()?;
    let port = port
        .map(|text| {
            text.parse::<u16>().map_err(|_| {
                format!("\"{text}\" is not a port; expected a number from 0 to 65535.")
            })
        })
        .transpose()?;
    let progress = Progress::default();
    page::build(places, &progress)?;
    let server = match port {
        Some(port) => Server::start(&places.dist, &base, port)?,
        // Somebody else's server on the usual port is no reason to fail.
        None => Server::start(&places.dist, &base, USUAL_PORT)
            .or_else(|_| Server::start(&places.dist, &base, 0))?,
    };
    eprintln!(
        "[{:>4} s] ready; Ctrl-C ends it",
        progress.elapsed().as_secs()
    );
    println!("ServeLens is at {}", server.url());
    server.wait();
    Ok(())
}
