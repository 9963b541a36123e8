//! Why a file could not be read, as whole sentences: what, where, what was expected.
//!
//! Knows positions and wording; refuses to know any format.

use std::fmt;

/// What would have been recognised; the end of every "nothing found" sentence.
pub const RECOGNISED: &str = "A benchmark result, an AIC output or a table would be recognised.";

/// Why a file could not be read. [`fmt::Display`] gives one or two whole sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The text is not valid JSON.
    Json {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What the parser expected, without a full stop.
        expected: String,
        /// The file ends in the middle of a value.
        cut_off: bool,
    },
    /// A row of a table or CSV file cannot be read.
    Row {
        /// Line, from 1.
        line: usize,
        /// What is wrong, without a full stop.
        problem: String,
    },
    /// A figure or section that the format needs is absent.
    Missing {
        /// What is absent.
        what: String,
        /// Where it was looked for.
        place: String,
    },
    /// Nothing that holds figures.
    Nothing {
        /// Lines looked at.
        lines: usize,
    },
    /// A table without a column for the load.
    NoLoadColumn {
        /// Line of the table's head, from 1.
        line: usize,
        /// The heads it has.
        heads: Vec<String>,
    },
    /// A whole sentence of its own.
    Other(String),
}

impl ReadError {
    /// From the errors of a text before and after what is lenient was made legal: the second where it is of the content,
    /// else the first, whose place is right.
    pub fn repaired(first: &serde_json::Error, second: &serde_json::Error) -> Self {
        Self::json(if second.is_data() { second } else { first })
    }

    /// From serde_json's error, which knows line and column.
    pub fn json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let expected = match text.rfind(" at line ") {
            Some(end) => text.get(..end).unwrap_or(&text),
            None => &text,
        };
        Self::Json {
            line: error.line(),
            column: error.column(),
            expected: expected.to_owned(),
            cut_off: error.is_eof(),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json {
                line,
                column,
                cut_off: true,
                ..
            } => write!(
                f,
                "The JSON breaks off at line {line}, column {column}: the file is cut short. Copy or export it again."
            ),
            Self::Json {
                line,
                column,
                expected,
                ..
            } => write!(
                f,
                "Not valid JSON at line {line}, column {column}: {expected}."
            ),
            Self::Row { line, problem } => write!(f, "Line {line} cannot be read: {problem}."),
            Self::Missing { what, place } => write!(f, "{place} has no {what}."),
            Self::Nothing { lines } => write!(
                f,
                "No table or JSON result found in {lines} {}. {RECOGNISED}",
                if *lines == 1 { "line" } else { "lines" }
            ),
            Self::NoLoadColumn { line, heads } => {
                write!(
                    f,
                    "The table at line {line} has no concurrency column (its heads are "
                )?;
                for (i, head) in heads.iter().take(8).enumerate() {
                    write!(f, "{}“{head}”", if i > 0 { ", " } else { "" })?;
                }
                if heads.len() > 8 {
                    f.write_str(", …")?;
                }
                f.write_str("). Add one named “Concurrency”, so that the points can be placed.")
            }
            Self::Other(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_whole_sentences_with_a_place() {
        let error = serde_json::from_str::<serde_json::Value>("{\n \"a\" 1}").unwrap_err();
        assert_eq!(
            ReadError::json(&error).to_string(),
            "Not valid JSON at line 2, column 6: expected `:`."
        );
        let error = serde_json::from_str::<serde_json::Value>("{\"a\": [1,").unwrap_err();
        assert_eq!(
            ReadError::json(&error).to_string(),
            "The JSON breaks off at line 1, column 9: the file is cut short. Copy or export it again."
        );
        assert_eq!(
            ReadError::Nothing { lines: 14 }.to_string(),
            "No table or JSON result found in 14 lines. A benchmark result, an AIC output or a table would be recognised."
        );
    }
}
