//! A typed line as words.
//!
//! People bring the habits of their own shell, so quotes and backslashes do here what they do there. Nothing is
//! expanded: `$`, `*` and `~` stand for themselves, because JSONPath is typed here and not a program. For the same
//! reason brackets keep a query together, and `explain` takes what was pasted behind it as it stands.

mod commands;
mod explained;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use self::commands::commands;
pub use self::scan::Scan;

/// A word as a line of this shell writes it, whatever is in it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A line that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The words, the command first. There are none where the line is empty or a comment.
    pub words: Vec<Word>,
    /// The file that the result is to be written to.
    pub redirection: Option<Redirection>,
}

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What it says, without the quotes and backslashes that kept it together.
    pub text: String,
    /// Where it stands in the line, in bytes, with its quotes.
    pub span: Range<usize>,
    /// Whether any part of it was quoted, so that its characters are meant as they are.
    pub quoted: bool,
}

/// `> FILE` or `>> FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// The file, without quotes.
    pub path: String,
    /// Whether the file is written on, and not anew.
    pub append: bool,
    /// Where it stands in the line, in bytes, from the first `>` on.
    pub span: Range<usize>,
}

/// Why a line cannot be read. `at` is where, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// A quote is opened and never closed.
    #[error(
        "the quote {quote} at character {column} is never closed; close it, or write \\{quote} where the character is meant"
    )]
    UnclosedQuote {
        /// Which quote.
        quote: char,
        /// Where it is opened.
        at: usize,
        /// The same place as a person counts, from 1.
        column: usize,
    },
    /// There is no file behind `>`.
    #[error("there is no file behind >; write > FILE, for example > report.md")]
    NoFile {
        /// Where the `>` is.
        at: usize,
    },
    /// Something stands behind the file.
    #[error("> FILE ends a line; put it behind everything else")]
    BehindFile {
        /// Where that begins.
        at: usize,
    },
    /// A pipe.
    #[error("pipes are not offered here; write > FILE, or run `ociscope COMMAND | …` outside of this shell")]
    PipeNotOffered {
        /// Where the `|` is.
        at: usize,
    },
    /// Something to read from.
    #[error("reading with < is not offered here; write \\< where the character is meant")]
    InputNotOffered {
        /// Where the `<` is.
        at: usize,
    },
    /// A second command on the line.
    #[error("one command stands on a line; write what is behind {word} on a line of its own")]
    OneCommand {
        /// What was to join them: `&&`, `||`, `;` or `&`.
        word: &'static str,
        /// Where it is.
        at: usize,
    },
}

impl LineError {
    /// Where in the line it is, in bytes.
    pub fn at(&self) -> usize {
        match self {
            Self::UnclosedQuote { at, .. }
            | Self::NoFile { at }
            | Self::BehindFile { at }
            | Self::PipeNotOffered { at }
            | Self::InputNotOffered { at }
            | Self::OneCommand { at, .. } => *at,
        }
    }
}

impl Scan {
    /// Reads a line as far as that goes.
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
    /// The first thing in it that cannot be read; see [`LineError`].
    pub fn read(text: &str) -> Result<Self, LineError> {
        let scan = Scan::of(text);
        match scan.error {
            Some(error) => Err(error),
            None => Ok(scan.line),
        }
    }

    /// What the words say, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }
}
