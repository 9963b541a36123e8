//! Real input: mouse, keys, and drops as a file manager makes them.

use std::path::Path;

use serde_json::json;

use super::{Page, Result, WIDE, at};

impl Page {
    /// Clicks the middle of the first element that matches, with real mouse events.
    ///
    /// # Errors
    /// When nothing matches, or something else lies over it.
    pub fn click(&self, selector: &str) -> Result {
        self.wait(
            &format!("{selector} to exist"),
            &format!("return !!document.querySelector({})", json!(selector)),
        )?;
        let found = self.js_with(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
             const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
             const top = document.elementFromPoint(x, y);
             return {x, y, hit: !!top && (e.contains(top) || top.contains(e)), over: top?.outerHTML.slice(0, 120) ?? 'nothing'};",
            vec![json!(selector)],
        )?;
        if at(&found, "/hit") != &json!(true) {
            return Err(format!(
                "{selector} cannot be clicked: at its middle is {}",
                at(&found, "/over")
            ));
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            self.cdp("Input.dispatchMouseEvent", json!({ "type": kind, "x": at(&found, "/x"), "y": at(&found, "/y"), "button": button, "clickCount": 1 }))?;
        }
        Ok(())
    }

    /// Drags with the left button between two points of the first element that matches, as shares of its width and
    /// height.
    ///
    /// # Errors
    /// When nothing matches.
    pub fn drag(&self, selector: &str, from: (f64, f64), to: (f64, f64)) -> Result {
        let found = self.js_with(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center', behavior: 'instant'});
             const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height];",
            vec![json!(selector)],
        )?;
        let side = |i: &str| {
            at(&found, i)
                .as_f64()
                .ok_or_else(|| format!("{selector} has no place."))
        };
        let (left, top, width, height) = (side("/0")?, side("/1")?, side("/2")?, side("/3")?);
        let event = |kind: &str, t: f64, buttons: u32| {
            let x = left + width * (from.0 + (to.0 - from.0) * t);
            let y = top + height * (from.1 + (to.1 - from.1) * t);
            let button = if kind == "mouseMoved" && buttons == 0 {
                "none"
            } else {
                "left"
            };
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1 });
            self.cdp("Input.dispatchMouseEvent", event).map(drop)
        };
        event("mouseMoved", 0.0, 0)?;
        event("mousePressed", 0.0, 1)?;
        for step in 1..=8 {
            event("mouseMoved", f64::from(step) / 8.0, 1)?;
        }
        event("mouseReleased", 1.0, 0)
    }

    /// Presses a key such as `Escape`, `k` or `?` with modifiers from `ctrl`, `shift`, `alt` (real key events).
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn key(&self, key: &str, modifiers: &[&str]) -> Result {
        let bits = modifiers.iter().fold(0, |bits, name| {
            bits | match *name {
                "alt" => 1,
                "ctrl" => 2,
                "shift" => 8,
                _ => 0,
            }
        });
        let (code, number) = key_code(key);
        let text = match key {
            "Enter" => "\r",
            // Keys with Ctrl or Alt write nothing.
            letter if bits & 3 == 0 && letter.chars().count() == 1 => letter,
            _ => "",
        };
        let event = |kind: &str, text: &str| json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": bits, "text": text });
        self.cdp("Input.dispatchKeyEvent", event("keyDown", text))?;
        self.cdp("Input.dispatchKeyEvent", event("keyUp", ""))
            .map(drop)
    }

    /// Presses Ctrl with a key that edits: `edit_key("v", "paste")` reads the clipboard as a person's Ctrl-V does.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn edit_key(&self, key: &str, command: &str) -> Result {
        let (code, number) = key_code(key);
        let event = |kind: &str, commands: &[&str]| json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": 2, "commands": commands });
        self.cdp("Input.dispatchKeyEvent", event("rawKeyDown", &[command]))?;
        self.cdp("Input.dispatchKeyEvent", event("keyUp", &[]))
            .map(drop)
    }

    /// Types text where the focus is.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn insert_text(&self, text: &str) -> Result {
        self.cdp("Input.insertText", json!({ "text": text }))
            .map(drop)
    }

    /// Drops files and folders onto the page as a file manager does, in the middle or at a point.
    ///
    /// # Errors
    /// When a path does not exist or the browser refuses.
    pub fn drop_paths(&self, paths: &[&Path], at: Option<(f64, f64)>) -> Result {
        let mut files = Vec::new();
        for path in paths {
            let path = path
                .canonicalize()
                .map_err(|e| format!("{} cannot be dropped: {e}.", path.display()))?;
            files.push(path.to_string_lossy().into_owned());
        }
        let (x, y) = at.unwrap_or((f64::from(WIDE.width) / 2.0, f64::from(WIDE.height) / 2.0));
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.cdp(
                "Input.dispatchDragEvent",
                json!({ "type": kind, "x": x, "y": y, "data": data }),
            )?;
        }
        Ok(())
    }

    /// Drags a file into the window and over a point, without dropping it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn drag_over(&self, path: &Path, at: (f64, f64)) -> Result {
        let data =
            json!({ "items": [], "files": [path.to_string_lossy()], "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver"] {
            let event = json!({ "type": kind, "x": at.0, "y": at.1, "data": data });
            self.cdp("Input.dispatchDragEvent", event)?;
        }
        Ok(())
    }
}

/// The physical key and its number, for the keys the tests press.
fn key_code(key: &str) -> (String, u32) {
    let named = [
        ("Escape", 27),
        ("Enter", 13),
        ("Tab", 9),
        ("ArrowLeft", 37),
        ("ArrowUp", 38),
        ("ArrowRight", 39),
        ("ArrowDown", 40),
        ("Home", 36),
        ("End", 35),
    ];
    if let Some((name, number)) = named.into_iter().find(|(name, _)| *name == key) {
        return (name.to_owned(), number);
    }
    match key.chars().next() {
        Some('?') => ("Slash".to_owned(), 191),
        Some(letter) if letter.is_ascii_alphabetic() => (
            format!("Key{}", letter.to_ascii_uppercase()),
            letter.to_ascii_uppercase().into(),
        ),
        Some(digit) if digit.is_ascii_digit() => (format!("Digit{digit}"), digit.into()),
        _ => (key.to_owned(), 0),
    }
}
