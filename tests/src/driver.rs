//! chromedriver on a free port, ended with the test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running chromedriver.
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts chromedriver and waits until it listens.
    ///
    /// # Errors
    /// When it is missing or does not name its port.
    pub fn start() -> Result<Self, String> {
        let program = program("SERVELENS_CHROMEDRIVER", &["chromedriver"])
            .ok_or("chromedriver is missing; `cargo xtask test` installs it or says how.")?;
        // It takes a free port by chance, and another that starts at the same time may have taken it.
        let mut failed = String::new();
        for _ in 0..3 {
            match Self::try_start(&program) {
                Ok(driver) => return Ok(driver),
                Err(why) => failed = why,
            }
        }
        Err(failed)
    }

    fn try_start(program: &Path) -> Result<Self, String> {
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("{} could not start: {e}.", program.display()))?;
        let stdout = child.stdout.take().ok_or("chromedriver has no output.")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| port_of(&line));
        // Whatever it prints later is read and dropped, or the pipe would fill.
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Self { child, port }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err("chromedriver ended before it named its port.".to_owned())
            }
        }
    }

    /// The address of the running driver.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// "ChromeDriver was started successfully on port 43817."
fn port_of(line: &str) -> Option<u16> {
    line.split("started successfully on port ")
        .nth(1)?
        .trim_end_matches('.')
        .trim()
        .parse()
        .ok()
}

/// A program named by a variable, or else the first of these names on PATH.
pub fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named
        .filter(|file| file.is_file())
        .or_else(|| names.iter().find_map(|name| xtask::tools::on_path(name)))
}

#[cfg(test)]
mod tests {
    use super::port_of;

    #[test]
    fn reads_the_port() {
        assert_eq!(
            port_of("ChromeDriver was started successfully on port 43817."),
            Some(43817)
        );
        assert_eq!(port_of("Starting ChromeDriver 156"), None);
    }
}
