//! The command line: one command, flags, values and bare words. Refuses what nobody asked for.

use crate::Result;

/// Words of the command line that are not taken yet.
pub struct Options {
    words: Vec<String>,
}

impl Options {
    /// Reads the words after the program's name.
    pub fn from_args(args: impl Iterator<Item = String>) -> Self {
        Self {
            words: args.collect(),
        }
    }

    /// Takes the first word, if there is one.
    pub fn command(&mut self) -> Option<String> {
        (!self.words.is_empty()).then(|| self.words.remove(0))
    }

    /// Takes a switch such as `--full`.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes a switch with its value: `--port 8080` or `--port=8080`.
    ///
    /// # Errors
    /// When the switch stands there without a value.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        if let Some(at) = self.words.iter().position(|word| word.starts_with(&prefix)) {
            let word = self.words.remove(at);
            return Ok(word.strip_prefix(&prefix).map(str::to_owned));
        }
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.words.remove(at);
        if at < self.words.len()
            && self
                .words
                .get(at)
                .is_some_and(|word| !word.starts_with("--"))
        {
            Ok(Some(self.words.remove(at)))
        } else {
            Err(format!("The option {name} needs a value."))
        }
    }

    /// Ends the reading: whatever is left was not understood.
    ///
    /// # Errors
    /// When words are left.
    pub fn finish(self) -> Result {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!(
                "The word \"{word}\" is not understood here; `cargo xtask help` lists the options."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn read(line: &str) -> Options {
        Options::from_args(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_command_flags_and_values_in_any_order() {
        let mut options = read("shots --full out --only=audit --port 80");
        assert_eq!(options.command().as_deref(), Some("shots"));
        assert!(options.flag("--full"));
        assert!(!options.flag("--full"));
        assert_eq!(options.value("--only"), Ok(Some("audit".to_owned())));
        assert_eq!(options.value("--port"), Ok(Some("80".to_owned())));
        assert_eq!(options.command().as_deref(), Some("out"));
        assert_eq!(options.finish(), Ok(()));
    }

    #[test]
    fn refuses_missing_values_and_unknown_words() {
        assert!(read("--port").value("--port").is_err());
        assert!(read("--port --full").value("--port").is_err());
        assert!(read("--prot 80").finish().is_err());
    }
}
