//! Fills in the service worker of the built page (`sw.js`): every file with the digest of its content, so that the page works without
//! a network, and that a new build is a new version.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::{Result, stamp};

/// The service worker, in the tree and in the built page.
pub const NAME: &str = "sw.js";
const FILES: &str = "const FILES = {};";
const VERSION: &str = "const VERSION = \"\";";

/// Writes the service worker into a built page whose other files stand as they will be served.
///
/// # Errors
/// When a file cannot be read or written, or `sw.js` has no place for the list.
pub fn write(root: &Path, dist: &Path) -> Result {
    let read = |file: &Path| {
        fs::read(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))
    };
    let mut files = BTreeMap::new();
    for file in stamp::files(dist, &[NAME])? {
        let name = file.strip_prefix(dist).unwrap_or(&file);
        let name = name.to_string_lossy().into_owned();
        files.insert(name, digest(&read(&file)?));
    }
    let script =
        String::from_utf8(read(&root.join(NAME))?).map_err(|_| format!("{NAME} is not text."))?;
    let script = filled(&script, &files)?;
    let file = dist.join(NAME);
    fs::write(&file, script).map_err(|e| format!("{} cannot be written: {e}.", file.display()))
}

fn filled(script: &str, files: &BTreeMap<String, String>) -> Result<String> {
    if script.matches(FILES).count() != 1 || script.matches(VERSION).count() != 1 {
        return Err(format!(
            "{NAME} must have the lines `{FILES}` and `{VERSION}` once each."
        ));
    }
    let list = serde_json::to_string_pretty(files).map_err(|e| e.to_string())?;
    let version = digest((list.clone() + script).as_bytes());
    Ok(script
        .replace(FILES, &FILES.replace("{}", &list))
        .replace(VERSION, &VERSION.replace("\"\"", &format!("\"{version}\""))))
}

/// As the browser compares it: the `integrity` of a request.
fn digest(bytes: &[u8]) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::{digest, filled};
    use std::collections::BTreeMap;

    #[test]
    fn the_digest_is_the_browsers() {
        // The first example of W3C's Subresource Integrity.
        assert_eq!(
            digest(b"alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }

    #[test]
    fn a_changed_file_is_a_new_version() {
        let script = "const FILES = {};\nconst VERSION = \"\";\n";
        let with = |text: &[u8]| {
            filled(script, &BTreeMap::from([("a.css".into(), digest(text))])).unwrap()
        };
        let version = |text: String| text.split("VERSION = ").nth(1).unwrap().to_owned();
        assert!(with(b"a").contains("\"a.css\": \"sha256-"));
        assert_eq!(with(b"a"), with(b"a"));
        assert_ne!(version(with(b"a")), version(with(b"b")));
        assert!(filled("", &BTreeMap::new()).is_err());
        assert!(filled(&script.repeat(2), &BTreeMap::new()).is_err());
    }
}
