//! Where results go, and in which form. Everything that is printed to standard output leaves through here.

mod error;
mod lines;
mod look;
mod many;
mod nets;
mod reports;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::ValueEnum;
use serde_json::Value;

use super::Progress;
use crate::evidence::{Pseudonyms, Redactor};
use crate::report::{Block, Layout, Style, UNWRAPPED, relabelled, relabelled_json};
use crate::text::{Untrusted, cut_at_marks};

pub use error::OutputError;
pub(super) use lines::Lines;
use look::Look;
use many::Many;
use nets::{Nets, checked};

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

/// Standard output, and how to write to it.
pub struct Output<'a> {
    stream: &'a mut dyn Write,
    format: Format,
    style: Style,
    width: usize,
    progress: Rc<Progress>,
    is_begun: bool,
    /// Whether anything was written.
    is_written: bool,
    is_terminal: bool,
    /// Whether a program or a file gets what is written for reading: nothing is wrapped or decorated.
    is_plain: bool,
    /// Whether reports are their verdict alone.
    is_brief: bool,
    /// Whether the result is bytes as they were received. What is written in their absence is not part of it.
    is_bytes: bool,
    remarks: Box<dyn Write>,
    /// The columns where remarks go.
    remark_width: usize,
    told: Option<Rc<RefCell<String>>>,
    public: Option<Pseudonyms>,
    is_unread: Option<fn() -> bool>,
    /// Whether a diagnosis is shown with all of its evidence on a terminal.
    is_verbose: bool,
    many: Many,
}

impl<'a> Output<'a> {
    /// Output to a stream, for terminals of this width. Nobody is told of progress.
    pub fn new(stream: &'a mut dyn Write, format: Format, style: Style, width: usize) -> Self {
        let (progress, remarks) = (Rc::default(), Box::new(io::sink()));
        Self {
            stream,
            format,
            style,
            width,
            progress,
            is_begun: false,
            is_written: false,
            is_terminal: false,
            is_plain: false,
            is_brief: false,
            is_bytes: false,
            remarks,
            remark_width: UNWRAPPED,
            told: None,
            public: None,
            is_unread: None,
            is_verbose: false,
            many: Many::default(),
        }
    }

    /// The same, and progress is told.
    #[must_use]
    pub fn with_progress(self, progress: Rc<Progress>) -> Self {
        Self { progress, ..self }
    }

    /// The same, and the stream is a terminal: then bytes of others are made printable, even where they are to be raw.
    #[must_use]
    pub fn on_a_terminal(self, is_terminal: bool) -> Self {
        Self { is_terminal, ..self }
    }

    /// The same, for a program or a file: what is for reading is neither wrapped nor decorated, and documents of a registry
    /// are their bytes.
    #[must_use]
    pub fn plain(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }

    /// The same, and this says whether the reader of the stream has gone.
    #[must_use]
    pub fn read_until(self, is_unread: fn() -> bool) -> Self {
        Self { is_unread: Some(is_unread), ..self }
    }

    /// The same, and what is no part of a result is said on this stream.
    #[must_use]
    pub fn with_remarks(self, remarks: Box<dyn Write>) -> Self {
        Self { remarks, ..self }
    }

    /// Shows a diagnosis with all of its evidence, as formats other than a terminal's always do.
    #[must_use]
    pub fn verbosely(self, is_verbose: bool) -> Self {
        Self { is_verbose, ..self }
    }

    /// The same, and the stream of remarks is a terminal of this width.
    #[must_use]
    pub fn remarks_within(self, remark_width: usize) -> Self {
        Self { remark_width, ..self }
    }

    /// Has further reports be their verdict alone.
    pub(super) fn set_brief(&mut self, is_brief: bool) {
        self.is_brief = is_brief;
    }

    /// Has the result be bytes as they were received. Anything else that is written goes where remarks go.
    pub(super) fn set_bytes(&mut self, is_bytes: bool) {
        self.is_bytes = is_bytes;
    }

    /// Whether the result is bytes as they were received.
    pub(super) fn is_bytes(&self) -> bool {
        self.is_bytes
    }

    /// Whether a program or a file gets documents of a registry, where nothing is said of their form.
    pub(super) fn has_room_for_bytes(&self) -> bool {
        self.is_plain && self.format == Format::Terminal
    }

    /// The same, and what one result began with as a remark on where it comes from, the next one in the same place need
    /// not begin with again.
    #[must_use]
    pub fn not_repeating(self, told: Rc<RefCell<String>>) -> Self {
        Self { told: Some(told), ..self }
    }

    /// The same for everybody to read: what tells whose network and machine it is from gets labels, also where what was
    /// fetched does not say so itself.
    #[must_use]
    pub fn for_everybody(self, public: Option<Pseudonyms>) -> Self {
        Self { public, ..self }
    }

    /// What gets labels, as the run knows it that a result is from.
    fn pseudonyms(&self, redactor: &Redactor) -> Option<Pseudonyms> {
        redactor.pseudonyms().or(self.public.as_ref()).cloned()
    }

    /// Where progress is told.
    pub(super) fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }

    /// The form in which results are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether what is written is said in the absence of bytes. Who asks for JSON gets an object that says so.
    fn is_aside(&self) -> bool {
        self.is_bytes && self.format != Format::Json
    }

    /// How what is for reading is written.
    fn look(&self) -> Look {
        let Self { format, style, width, .. } = *self;
        match self.is_aside() {
            true => Look { format, style: Style::new(false), width: self.remark_width, is_indented: false },
            false => {
                let width = if self.is_plain { UNWRAPPED } else { width };
                Look { format, style, width, is_indented: self.is_terminal }
            }
        }
    }

    /// Writes a document, or in its place `json`, an object: on one line, or for a terminal one field a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn document(&mut self, document: &Layout, json: &Value) -> Result<(), OutputError> {
        let document = &relabelled(document, &mut cut_at_marks);
        let text = match self.format {
            Format::Terminal => self.look().document(self.without_repetition(document)),
            Format::Markdown => self.look().document(document),
            Format::Json => self.look().json(&relabelled_json(json, &mut cut_at_marks)),
        };
        self.write(text.as_bytes())
    }

    /// Writes what was fetched, as [`Output::document`]. The finished text is searched for every secret of the requests,
    /// and in JSON what could act on a terminal is escaped.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn fetched(&mut self, document: &Layout, json: &Value, redactor: &mut Redactor) -> Result<(), OutputError> {
        let public = self.pseudonyms(redactor);
        let document = self.without_repetition(document).to_vec();
        let look = self.look();
        self.checked(redactor, public, &mut |nets| match look.format {
            Format::Json => look.json(&nets.json(json)),
            Format::Markdown | Format::Terminal => look.document(&nets.document(&document)),
        })
    }

    /// Writes a result in which no secret of the run may be any more.
    fn checked(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<(), OutputError> {
        let text = checked(redactor, public, render)?;
        self.written(&text)
    }

    /// Writes a text that went through the nets: as the result, or where the result is bytes that did not come, as a remark.
    fn written(&mut self, text: &str) -> Result<(), OutputError> {
        if !self.is_aside() {
            return self.write(text.as_bytes());
        }
        self.progress.answered();
        self.is_written = true;
        // If it cannot be written, the status still says that the bytes did not come.
        let _ = self.remarks.write_all(text.as_bytes());
        Ok(())
    }

    /// Writes a list. A program that reads it gets the names alone, one a line; what else there is to say goes to
    /// standard error. Everybody else gets the document.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn names(
        &mut self,
        names: &[String],
        document: &Layout,
        remarks: &[String],
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        if !self.writes_names() {
            return self.fetched(document, &Value::Null, redactor);
        }
        self.lines(names, redactor)?;
        self.remarks(remarks, redactor);
        Ok(())
    }

    /// Says what is no part of the result.
    pub(super) fn remark(&mut self, words: &str, redactor: &mut Redactor) {
        let public = self.pseudonyms(redactor);
        let words = Nets { redactor, public, is_strict: true }.text(words);
        self.progress.hide();
        // Where nobody hears of it, the result is still what was asked for.
        let _ = writeln!(self.remarks, "ociscope: {words}");
    }

    /// Writes text of our own for another program, in whatever form results are to be.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn generated(&mut self, text: &[u8]) -> Result<(), OutputError> {
        self.write(text)
    }

    /// Writes bytes as they were received; on a terminal, with what acts on it escaped. They are the registry's own, and
    /// nothing is taken out of them: with a secret of the run in them they are not written.
    ///
    /// # Errors
    /// Where they contain a secret of the run, are to be for everybody, or cannot be written.
    pub fn raw(&mut self, bytes: &[u8], redactor: &Redactor) -> Result<(), OutputError> {
        if self.pseudonyms(redactor).is_some() {
            return Err(OutputError::RawForEverybody);
        }
        if let Some(what) = redactor.own_secret_in(bytes) {
            return Err(OutputError::OwnSecret(what));
        }
        if self.is_terminal {
            let lines = Untrusted::from_bytes(bytes).printable_lines().join("\n");
            self.write(format!("{}\n", lines.trim_end_matches('\n')).as_bytes())
        } else {
            self.write(bytes)
        }
    }

    /// Says that the run was interrupted, where no result says it.
    pub(super) fn interrupted(&mut self) {
        if !self.is_written {
            self.remark("interrupted", &mut Redactor::default());
        }
    }

    /// Everything that is written goes through here, after the line of progress was taken away.
    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.is_written = true;
        self.progress.answered();
        self.stream.write_all(bytes)?;
        self.stream.flush()?;
        Ok(())
    }

    /// The document without the remark that it begins with, where that was made before.
    fn without_repetition<'b>(&self, document: &'b Layout) -> &'b [Block] {
        let (Some(told), [Block::Remark(line), rest @ ..]) = (&self.told, &document[..]) else { return document };
        let words: String = line.iter().map(|span| span.text.as_str()).collect();
        if *told.borrow() != words {
            *told.borrow_mut() = words;
            return document;
        }
        match rest {
            [Block::Gap, rest @ ..] => rest,
            rest => rest,
        }
    }
}
