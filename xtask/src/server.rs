//! A static server for this machine only, with the headers that docs/HOSTING.md asks of any host.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Result;
use crate::size::hash_in;

/// The most a request's head may have: browsers send less than 2 kB.
const HEAD_LIMIT: u64 = 32_768;
/// How long a connection may stay silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Serves until it is dropped.
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    listener: Option<JoinHandle<()>>,
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
        let policy = policy_of(&html).ok_or("The built index.html carries no Content-Security-Policy that a header could carry, too.")?;
        let base = format!("/{}/", base.trim_matches('/')).replace("//", "/");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|e| format!("Port {port} cannot be used: {e}."))?;
        let address = listener
            .local_addr()
            .map_err(|e| format!("The server has no address: {e}."))?;
        let site = Arc::new(Site {
            dist: dist.to_path_buf(),
            base,
            policy,
            stop: AtomicBool::new(false),
            answered: AtomicUsize::new(0),
        });
        let served = Arc::clone(&site);
        let listener = thread::spawn(move || {
            for stream in listener.incoming() {
                if served.stop.load(Ordering::Relaxed) {
                    break;
                }
                // A connection that failed on the way in is the browser's to repeat.
                let Ok(stream) = stream else { continue };
                let site = Arc::clone(&served);
                // A thread for each connection: a browser keeps six open and never waits for one of them.
                thread::spawn(move || site.talk(&stream));
            }
        });
        Ok(Self {
            address,
            site,
            listener: Some(listener),
        })
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.site.base)
    }

    /// How many requests it has answered, whoever asked.
    pub fn answered(&self) -> usize {
        self.site.answered.load(Ordering::Relaxed)
    }

    /// Ends it: from now on nobody gets an answer, on connections that are open neither.
    pub fn stop(&mut self) {
        self.site.stop.store(true, Ordering::Relaxed);
        if let Some(listener) = self.listener.take() {
            // Wakes the thread that waits for a connection.
            let _ = TcpStream::connect(self.address);
            let _ = listener.join();
        }
    }

    /// Serves for as long as the program runs.
    pub fn wait(mut self) {
        if let Some(listener) = self.listener.take() {
            // A thread that panicked has printed its message.
            let _ = listener.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Site {
    dist: PathBuf,
    base: String,
    policy: String,
    stop: AtomicBool,
    answered: AtomicUsize,
}

struct Answer {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Site {
    /// Answers one connection's requests until it closes, stays silent or says something that is not HTTP.
    fn talk(&self, stream: &TcpStream) -> Option<()> {
        stream.set_read_timeout(Some(SILENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let head = read_head(&mut reader)?;
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
            let mut words = head.first()?.split(' ');
            let (method, target) = (words.next()?, words.next()?);
            let has = |name: &str, value: &str| {
                head.iter().skip(1).any(|line| {
                    line.split_once(':').is_some_and(|(n, v)| {
                        n.eq_ignore_ascii_case(name) && v.trim().eq_ignore_ascii_case(value)
                    })
                })
            };
            let body = head.iter().skip(1).any(|line| {
                line.split_once(':').is_some_and(|(n, v)| {
                    n.eq_ignore_ascii_case("transfer-encoding")
                        || (n.eq_ignore_ascii_case("content-length") && v.trim() != "0")
                })
            });
            // A body is never read, so nothing after it could be told from it.
            let close = body || has("connection", "close");
            self.write(
                stream,
                &self.answer(method, target),
                method == "HEAD",
                close,
            )
            .ok()?;
            if close {
                return Some(());
            }
        }
    }

    fn answer(&self, method: &str, target: &str) -> Answer {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if !matches!(method, "GET" | "HEAD") {
            plain(
                "405 Method Not Allowed",
                "Only GET and HEAD are answered here.",
            )
        } else if format!("{path}/") == self.base {
            Answer {
                status: "308 Permanent Redirect",
                headers: vec![("Location", self.base.clone())],
                body: Vec::new(),
            }
        } else {
            let found = self
                .file_of(path)
                .and_then(|file| Some((fs::read(&file).ok()?, file)));
            found.map_or_else(
                || plain("404 Not Found", "There is no such file here."),
                |(body, file)| whole(&file, body),
            )
        }
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

    fn write(
        &self,
        mut stream: &TcpStream,
        answer: &Answer,
        head_only: bool,
        close: bool,
    ) -> std::io::Result<()> {
        let mut text = format!(
            "HTTP/1.1 {}\r\nContent-Length: {}\r\n",
            answer.status,
            answer.body.len()
        );
        let always = [
            ("Content-Security-Policy", self.policy.as_str()),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Connection", if close { "close" } else { "keep-alive" }),
        ];
        let own = answer
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        for (name, value) in always.into_iter().chain(own) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if !head_only {
            bytes.extend_from_slice(&answer.body);
        }
        stream.write_all(&bytes)
    }
}

/// The lines of a request's head; none when the connection ends or the head is too long.
fn read_head(reader: &mut impl BufRead) -> Option<Vec<String>> {
    let mut head = reader.take(HEAD_LIMIT);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if head.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end_matches(['\r', '\n']);
        match (line.is_empty(), lines.is_empty()) {
            (true, false) => return Some(lines),
            // Empty lines before a request are allowed.
            (true, true) => {}
            (false, _) => lines.push(line.to_owned()),
        }
    }
}

fn whole(file: &Path, body: Vec<u8>) -> Answer {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let cache = if hash_in(&name).is_some() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Answer {
        status: "200 OK",
        headers: vec![
            ("Content-Type", mime(&name).to_owned()),
            ("Cache-Control", cache.to_owned()),
        ],
        body,
    }
}

fn plain(status: &'static str, text: &str) -> Answer {
    Answer {
        status,
        headers: vec![("Content-Type", mime("a.txt").to_owned())],
        body: text.as_bytes().to_vec(),
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
    // A header ends at a line's end and is ASCII.
    content
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte))
        .then(|| format!("{content}; frame-ancestors 'none'"))
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
    fn answers_many_connections_at_once_and_several_requests_on_each() {
        let page = Page::new("many");
        let server = Server::start(&page.0, "/", 0).unwrap();
        // All stay open and silent, as a browser's do; each is answered all the same.
        let mut open: Vec<TcpStream> = (0..40)
            .map(|_| TcpStream::connect(server.address).unwrap())
            .collect();
        for _ in 0..2 {
            for stream in &mut open {
                write!(stream, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
                let mut start = [0; 12];
                stream.read_exact(&mut start).unwrap();
                assert_eq!(&start, b"HTTP/1.1 200");
                let mut rest = [0; 4096];
                assert!(stream.read(&mut rest).unwrap() > 0);
            }
        }
    }

    #[test]
    fn a_stopped_server_answers_nobody() {
        let page = Page::new("stopped");
        let mut server = Server::start(&page.0, "/", 0).unwrap();
        assert!(get(&server, "GET /").starts_with("HTTP/1.1 200"));
        assert_eq!(server.answered(), 1);
        let mut open = TcpStream::connect(server.address).unwrap();
        let mut start = [0; 12];
        write!(open, "HEAD / HTTP/1.1\r\n\r\n").unwrap();
        open.read_exact(&mut start).unwrap();
        server.stop();
        write!(open, "HEAD / HTTP/1.1\r\n\r\n").unwrap();
        let mut rest = String::new();
        // A connection that is closed or broken: both are no answer.
        let _ = open.read_to_string(&mut rest);
        assert!(!rest.contains("HTTP/1.1"), "{rest}");
        assert!(TcpStream::connect(server.address).is_err());
        assert_eq!(server.answered(), 2);
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
