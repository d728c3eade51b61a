//! Where results go, and in which form. Everything that is printed to standard output leaves through here.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::Value;

use crate::evidence::Redactor;
use crate::report::{Document, Report, Style, outline, to_json, to_markdown, to_terminal};

/// The forms of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For reading, at the width of the terminal
    #[default]
    Terminal,
    /// For pasting into an issue
    Markdown,
    /// For programs
    Json,
}

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader has gone: `| head -1`. Not a fault of anybody.
    #[error("the reader of the output has gone")]
    Closed,
    /// Anything else, a full disk for one.
    #[error("the result could not be written: {0}")]
    Write(#[source] io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Write(error),
        }
    }
}

/// Standard output, and how to write to it.
pub struct Output<'a> {
    stream: &'a mut dyn Write,
    format: Format,
    style: Style,
    width: usize,
}

impl<'a> Output<'a> {
    /// Output to a stream, for terminals of this width.
    pub fn new(stream: &'a mut dyn Write, format: Format, style: Style, width: usize) -> Self {
        Self { stream, format, style, width }
    }

    /// Writes a document, or in its place `json`, an object on one line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn document(&mut self, document: &Document, json: &Value) -> Result<(), OutputError> {
        let text = match self.format {
            Format::Terminal => to_terminal(document, self.style, self.width),
            Format::Markdown => to_markdown(document),
            Format::Json => format!("{json}\n"),
        };
        self.stream.write_all(text.as_bytes())?;
        self.stream.flush()?;
        Ok(())
    }

    /// Writes a report. The finished text is searched once more for every secret of the run.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn report(&mut self, report: &Report, redactor: &mut Redactor) -> Result<(), OutputError> {
        let text = match self.format {
            Format::Terminal => to_terminal(&outline(report, false), self.style, self.width),
            Format::Markdown => to_markdown(&outline(report, true)),
            Format::Json => to_json(report),
        };
        self.stream.write_all(redactor.known_values(&text).as_bytes())?;
        self.stream.flush()?;
        Ok(())
    }
}
