//! A static server for this machine only, with the headers that docs/HOSTING.md asks of any host.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use tiny_http::{Header, Method, Request, Response, StatusCode};

use crate::Result;
use crate::size::hash_in;

/// Serves until it is dropped.
pub struct Server {
    http: Arc<tiny_http::Server>,
    address: SocketAddr,
    base: String,
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Serves a built page under `base` ("/" or "/some/path/"); port 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken or the page has not been built.
    pub fn start(dist: &Path, base: &str, port: u16) -> Result<Self> {
        let index = dist.join("index.html");
        let html = fs::read_to_string(&index).map_err(|e| {
            format!(
                "{} cannot be read: {e}; `cargo xtask build` makes it.",
                index.display()
            )
        })?;
        let policy =
            policy_of(&html).ok_or("The built index.html carries no Content-Security-Policy.")?;
        if Header::from_bytes("Content-Security-Policy", policy.as_str()).is_err() {
            return Err(
                "The page's Content-Security-Policy has characters that a header cannot carry."
                    .to_owned(),
            );
        }
        let base = format!("/{}/", base.trim_matches('/')).replace("//", "/");
        let http = tiny_http::Server::http((Ipv4Addr::LOCALHOST, port))
            .map_err(|e| format!("Port {port} cannot be used: {e}."))?;
        let address = http
            .server_addr()
            .to_ip()
            .ok_or("The server has no address.")?;
        let http = Arc::new(http);
        let stop = Arc::new(AtomicBool::new(false));
        let site = Arc::new(Site {
            dist: dist.to_path_buf(),
            base: base.clone(),
            policy,
        });
        let workers = (0..4)
            .map(|_| {
                let (http, stop, site) = (Arc::clone(&http), Arc::clone(&stop), Arc::clone(&site));
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        match http.recv() {
                            Ok(request) => site.answer(request),
                            Err(_) => break,
                        }
                    }
                })
            })
            .collect();
        Ok(Self {
            http,
            address,
            base,
            stop,
            workers,
        })
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base)
    }

    /// Serves for as long as the program runs.
    pub fn wait(mut self) {
        for worker in self.workers.drain(..) {
            // A worker that panicked has printed its message.
            let _ = worker.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Each call wakes one worker, whichever it is: all calls first, then the waiting.
        for _ in &self.workers {
            self.http.unblock();
        }
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

struct Site {
    dist: PathBuf,
    base: String,
    policy: String,
}

impl Site {
    fn answer(&self, request: Request) {
        let (path, method) = (
            request
                .url()
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            request.method().clone(),
        );
        // An answer that cannot be sent means that the browser has gone.
        let _ = if !matches!(method, Method::Get | Method::Head) {
            request.respond(self.plain(405, "Only GET and HEAD are answered here."))
        } else if format!("{path}/") == self.base {
            request.respond(with(self.plain(308, ""), "Location", &self.base))
        } else {
            match self
                .file_of(&path)
                .and_then(|file| fs::read(&file).ok().map(|bytes| (file, bytes)))
            {
                Some((file, bytes)) => request.respond(self.file(&file, bytes)),
                None => request.respond(self.plain(404, "There is no such file here.")),
            }
        };
    }

    /// The file a path means, if it lies within the page.
    fn file_of(&self, path: &str) -> Option<PathBuf> {
        let inside = decode(path.strip_prefix(&self.base)?)?;
        let relative = Path::new(if inside.is_empty() {
            "index.html"
        } else {
            &inside
        });
        relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
            .then(|| self.dist.join(relative))
    }

    fn file(&self, file: &Path, bytes: Vec<u8>) -> Response<std::io::Cursor<Vec<u8>>> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let cache = if hash_in(&name).is_some() {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let response = self.guard(Response::from_data(bytes).with_chunked_threshold(usize::MAX));
        with(
            with(response, "Content-Type", mime(&name)),
            "Cache-Control",
            cache,
        )
    }

    fn plain(&self, status: u16, text: &str) -> Response<std::io::Cursor<Vec<u8>>> {
        self.guard(Response::from_string(text))
            .with_status_code(StatusCode(status))
    }

    fn guard<R: std::io::Read>(&self, response: Response<R>) -> Response<R> {
        let headers = [
            ("Content-Security-Policy", self.policy.as_str()),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ];
        headers
            .into_iter()
            .fold(response, |response, (name, value)| {
                with(response, name, value)
            })
    }
}

/// The page's own policy and what only a header can say.
fn policy_of(html: &str) -> Option<String> {
    let content = html
        .split("http-equiv=\"Content-Security-Policy\"")
        .nth(1)?
        .split("content=\"")
        .nth(1)?
        .split('"')
        .next()?;
    Some(format!("{content}; frame-ancestors 'none'"))
}

/// Adds a header; one that HTTP cannot carry is left out (the policy is checked when the server starts, all others are constants).
fn with<R: std::io::Read>(response: Response<R>, name: &str, value: &str) -> Response<R> {
    match Header::from_bytes(name, value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Undoes percent encoding.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Server, decode, mime};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::path::PathBuf;

    /// A folder of its own, removed in the end.
    struct Page(PathBuf);

    impl Page {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir()
                .join(format!("servelens-server-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let html =
                r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"#;
            std::fs::write(folder.join("index.html"), html).unwrap();
            std::fs::write(
                folder.join("x-0123456789abcdef_bg.wasm"),
                vec![0_u8; 100_000],
            )
            .unwrap();
            Self(folder)
        }
    }

    impl Drop for Page {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn get(server: &Server, request_line: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(
            stream,
            "{request_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn serves_under_a_sub_path_with_headers() {
        let page = Page::new("sub");
        let server = Server::start(&page.0, "some/path", 0).unwrap();
        assert!(server.url().ends_with("/some/path/"));
        let index = get(&server, "GET /some/path/?x#verdict");
        assert!(index.starts_with("HTTP/1.1 200"), "{index}");
        for expected in [
            "default-src 'none'; frame-ancestors 'none'",
            "nosniff",
            "Cache-Control: no-cache",
            "text/html",
        ] {
            assert!(index.contains(expected), "{expected} is missing in {index}");
        }
        let module = get(&server, "HEAD /some/path/x-0123456789abcdef_bg.wasm");
        for expected in ["application/wasm", "immutable", "Content-Length: 100000"] {
            assert!(
                module.contains(expected),
                "{expected} is missing in {module}"
            );
        }
        assert!(get(&server, "GET /some/path").starts_with("HTTP/1.1 308"));
    }

    #[test]
    fn serves_nothing_outside_the_page() {
        let page = Page::new("out");
        let server = Server::start(&page.0, "/", 0).unwrap();
        for path in [
            "/../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/missing.js",
            "/%zz",
        ] {
            assert!(
                get(&server, &format!("GET {path}")).starts_with("HTTP/1.1 404"),
                "{path}"
            );
        }
        assert!(get(&server, "POST /").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn knows_types_and_percent_encoding() {
        assert_eq!(mime("a.wasm"), "application/wasm");
        assert_eq!(mime("a"), "application/octet-stream");
        assert_eq!(decode("a%20b").as_deref(), Some("a b"));
        assert_eq!(decode("a%2"), None);
    }
}
