//! A line as words.
//!
//! Quotes and backslashes work as in a POSIX shell. Nothing is expanded: `$`, `*` and `~` are ordinary characters, because
//! lines contain JSONPath. For the same reason brackets keep a query together, and `explain` takes the rest of the line as
//! text.

mod commands;
mod explained;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::cli::Existing;

pub use self::commands::commands;
pub use self::scan::Scan;

/// A word, quoted for this shell.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A line that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The words, the command first; none if the line is empty or a comment.
    pub words: Vec<Word>,
    /// The file that the result is written to.
    pub redirection: Option<Redirection>,
}

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its text, without quotes and backslashes.
    pub text: String,
    /// Its position in the line, in bytes, including quotes.
    pub span: Range<usize>,
    /// Whether any part of it was quoted, and so is meant literally.
    pub quoted: bool,
}

/// `> FILE`, `>! FILE` or `>> FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// The file, without quotes.
    pub path: String,
    /// What becomes of the file if it exists.
    pub existing: Existing,
    /// The position of the file in the line, in bytes, including quotes.
    pub file: Range<usize>,
    /// Its position in the line, in bytes, from the first `>`.
    pub span: Range<usize>,
}

/// Why a line cannot be read. `at` is the position, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// A quote is not closed.
    #[error(
        "the quote {quote} at character {column} is never closed; close it, or write \\{quote} for the character itself"
    )]
    UnclosedQuote {
        /// Which quote.
        quote: char,
        /// The position of the opening quote.
        at: usize,
        /// The same position in characters, from 1.
        column: usize,
    },
    /// There is no file after `>`.
    #[error("there is no file after >; write > FILE, for example > report.md")]
    NoFile {
        /// The position of the `>`.
        at: usize,
    },
    /// There are words after the file.
    #[error("> FILE must be at the end of the line")]
    AfterFile {
        /// The position of the first of them.
        at: usize,
    },
    /// A pipe.
    #[error("this shell has no pipes; write > FILE, or run `ociscope COMMAND | …` in your own shell")]
    PipeNotOffered {
        /// The position of the `|`.
        at: usize,
    },
    /// A redirected input.
    #[error("this shell does not read files with <; write \\< for the character itself")]
    InputNotOffered {
        /// The position of the `<`.
        at: usize,
    },
    /// A second command on the line.
    #[error("one command per line; put the part after {word} on its own line")]
    OneCommand {
        /// The operator between them: `&&`, `||`, `;` or `&`.
        word: &'static str,
        /// Its position.
        at: usize,
    },
}

impl LineError {
    /// The position in the line, in bytes.
    pub fn at(&self) -> usize {
        match self {
            Self::UnclosedQuote { at, .. }
            | Self::NoFile { at }
            | Self::AfterFile { at }
            | Self::PipeNotOffered { at }
            | Self::InputNotOffered { at }
            | Self::OneCommand { at, .. } => *at,
        }
    }
}

impl Scan {
    /// Reads a line, as far as possible.
    pub fn of(text: &str) -> Self {
        match explained::explained(text) {
            Some(line) => Self { line, ..Self::default() },
            None => Self::of_words(text),
        }
    }
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// The first error in it; see [`LineError`].
    pub fn read(text: &str) -> Result<Self, LineError> {
        let scan = Scan::of(text);
        match scan.error {
            Some(error) => Err(error),
            None => Ok(scan.line),
        }
    }

    /// The texts of the words, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }
}
