//! The output of results. Everything that is printed to standard output passes through here.

mod elements;
mod error;
mod lines;
mod look;
mod many;
mod nets;
mod pages;
mod prompted;
mod remarks;
mod reports;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::ValueEnum;
use serde_json::Value;

use super::Progress;
use crate::evidence::{Pseudonyms, Redactor};
use crate::report::{Layout, Style, UNWRAPPED, relabelled, relabelled_json};
use crate::text::{Untrusted, cut_at_marks};

pub(super) use elements::Elements;
pub use error::OutputError;
pub(super) use lines::Lines;
use look::Look;
use many::Many;
use nets::{Nets, checked};
use pages::Pages;
use prompted::Prompted;

/// The forms of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For reading, as wide as the terminal
    #[default]
    Terminal,
    /// For pasting into an issue
    #[value(alias = "md")]
    Markdown,
    /// For a browser: one file with all evidence, without script
    Html,
    /// One object per result, for programs
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
    /// The columns of remarks.
    remark_width: usize,
    last_remark: Option<Rc<RefCell<String>>>,
    public: Option<Pseudonyms>,
    is_unread: Option<fn() -> bool>,
    /// Whether a diagnosis is shown with all of its evidence on a terminal.
    is_verbose: bool,
    many: Many,
    /// What waits for the end of the command.
    pages: Pages,
    prompt: Option<Prompted>,
    /// Whether a report has said that it names internal hosts.
    is_hinted: bool,
}

impl<'a> Output<'a> {
    /// Output to a stream, for terminals of this width, without progress.
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
            last_remark: None,
            public: None,
            is_unread: None,
            is_verbose: false,
            many: Many::default(),
            pages: Pages::default(),
            prompt: None,
            is_hinted: false,
        }
    }

    /// Shows progress.
    #[must_use]
    pub fn with_progress(self, progress: Rc<Progress>) -> Self {
        Self { progress, ..self }
    }

    /// Sets whether the stream is a terminal, on which even raw bytes are escaped.
    #[must_use]
    pub fn on_a_terminal(self, is_terminal: bool) -> Self {
        Self { is_terminal, ..self }
    }

    /// For a program or a file: text is neither wrapped nor decorated, and documents of a registry are their bytes.
    #[must_use]
    pub fn plain(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }

    /// Sets a check whether the reader of the stream has gone.
    #[must_use]
    pub fn read_until(self, is_unread: fn() -> bool) -> Self {
        Self { is_unread: Some(is_unread), ..self }
    }

    /// Sets the stream for remarks that are not part of a result.
    #[must_use]
    pub fn with_remarks(self, remarks: Box<dyn Write>) -> Self {
        Self { remarks, ..self }
    }

    /// Shows a diagnosis with all of its evidence, as formats other than a terminal's always do.
    #[must_use]
    pub fn verbosely(self, is_verbose: bool) -> Self {
        Self { is_verbose, ..self }
    }

    /// Sets the width of the terminal that remarks go to.
    #[must_use]
    pub fn remarks_within(self, remark_width: usize) -> Self {
        Self { remark_width, ..self }
    }

    /// Has further reports be their verdict alone.
    pub(super) fn set_brief(&mut self, is_brief: bool) {
        self.is_brief = is_brief;
    }

    /// Has the result be bytes as received. Anything else that is written goes where remarks go.
    pub(super) fn set_bytes(&mut self, is_bytes: bool) {
        self.is_bytes = is_bytes;
    }

    /// Whether the result is bytes as received.
    pub(super) fn is_bytes(&self) -> bool {
        self.is_bytes
    }

    /// Whether a program or a file gets documents of a registry, and no format was given.
    pub(super) fn has_room_for_bytes(&self) -> bool {
        self.is_plain && self.format == Format::Terminal
    }

    /// Suppresses a provenance remark equal to the previous one.
    #[must_use]
    pub fn not_repeating(self, last_remark: Rc<RefCell<String>>) -> Self {
        Self { last_remark: Some(last_remark), ..self }
    }

    /// Anonymizes results: replaces names of the user's network and machine with pseudonyms.
    #[must_use]
    pub fn for_everybody(self, public: Option<Pseudonyms>) -> Self {
        Self { public, ..self }
    }

    /// Output to a user at the prompt of the shell: commands of ociscope are printed as they are typed there. `in_the_lab` says
    /// whether they go to the simulated registries anyway.
    #[must_use]
    pub fn for_the_prompt(self, in_the_lab: bool) -> Self {
        Self { prompt: Some(Prompted { in_the_lab }), ..self }
    }

    /// A document with its commands as they are typed where it is read.
    fn placed<'b>(&self, document: &'b Layout) -> Cow<'b, Layout> {
        match self.prompt.filter(|_| self.format == Format::Terminal) {
            Some(prompt) => Cow::Owned(prompt.document(document)),
            None => Cow::Borrowed(document),
        }
    }

    /// The pseudonyms of the run that a result is from.
    fn pseudonyms(&self, redactor: &Redactor) -> Option<Pseudonyms> {
        redactor.pseudonyms().or(self.public.as_ref()).cloned()
    }

    /// The progress line.
    pub(super) fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }

    /// The output format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether what is written replaces bytes that did not come. A program that asks for JSON gets an object instead.
    fn is_aside(&self) -> bool {
        self.is_bytes && self.format != Format::Json
    }

    /// How text is written.
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

    /// Writes a document, or `json` as an object: on one line, or for a terminal one field a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn document(&mut self, document: &Layout, json: &Value) -> Result<(), OutputError> {
        if self.is_a_page() {
            self.own_layout_on_a_page(document);
            return Ok(());
        }
        let document = &relabelled(&self.placed(document), &mut cut_at_marks);
        let text = match self.format {
            Format::Terminal => {
                let text = self.look().document(self.without_repetition(document));
                self.remember(document);
                text
            }
            Format::Markdown | Format::Html => self.look().document(document),
            Format::Json => self.look().json(&relabelled_json(json, &mut cut_at_marks)),
        };
        self.write(text.as_bytes())
    }

    /// Writes fetched content, as [`Output::document`] does. The finished text is searched for every secret of the requests, and
    /// JSON is escaped so that it cannot act on a terminal.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn fetched(&mut self, document: &Layout, json: &Value, redactor: &mut Redactor) -> Result<(), OutputError> {
        if self.is_a_page() {
            return self.layout_on_a_page(document, redactor);
        }
        let public = self.pseudonyms(redactor);
        let whole = self.placed(document).into_owned();
        let document = self.without_repetition(&whole).to_vec();
        self.remember(&whole);
        let look = self.look();
        self.checked(redactor, public, &mut |nets| match look.format {
            Format::Json => look.json(&nets.json(json)),
            Format::Markdown | Format::Terminal | Format::Html => look.document(&nets.document(&document)),
        })
    }

    /// Writes a redacted result.
    fn checked(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<(), OutputError> {
        let text = self.checked_text(redactor, public, render)?;
        self.written(&text)
    }

    /// A redacted result. It may be a long list: the stream is shown from time to time that the list makes progress.
    fn checked_text(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<String, OutputError> {
        let stream = &mut self.stream;
        // An empty write changes nothing, and an error recurs when the result is written.
        let mut goes_on = || drop(stream.write(&[]));
        checked(redactor, public, &mut goes_on, render)
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

    /// Writes a list. In a pipe, the names alone, one per line, with remarks on standard error; otherwise the document.
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

    /// Writes generated text for another program, in any format.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn generated(&mut self, text: &[u8]) -> Result<(), OutputError> {
        self.write(text)
    }

    /// Writes a manual page; on a terminal, its text instead of its source.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn manual(&mut self, page: &[u8], text: &clap::builder::StyledStr) -> Result<(), OutputError> {
        match (self.is_terminal, self.style.is_coloured()) {
            (false, _) => self.write(page),
            (true, true) => self.write(text.ansi().to_string().as_bytes()),
            (true, false) => self.write(text.to_string().as_bytes()),
        }
    }

    /// Writes bytes as received; on a terminal, escaped. They are not redacted: bytes with a secret of the run are not written.
    ///
    /// # Errors
    /// Where they contain a secret of the run, have to be anonymized, or cannot be written.
    pub fn raw(&mut self, bytes: &[u8], redactor: &Redactor) -> Result<(), OutputError> {
        self.raw_from(bytes, &[], redactor)
    }

    /// Writes bytes that were made from a document, as [`Output::raw`] does. They are not written if the document has a secret of
    /// the run, which may have another form in them.
    ///
    /// # Errors
    /// See there.
    pub fn raw_from(&mut self, bytes: &[u8], document: &[u8], redactor: &Redactor) -> Result<(), OutputError> {
        if self.pseudonyms(redactor).is_some() {
            return Err(OutputError::RawForEverybody);
        }
        if let Some(what) = redactor.own_secret_in(bytes).or_else(|| redactor.own_secret_in(document)) {
            return Err(OutputError::OwnSecret(what));
        }
        if self.is_terminal {
            let lines = Untrusted::from_bytes(bytes).printable_lines().join("\n");
            self.write(format!("{}\n", lines.trim_end_matches('\n')).as_bytes())
        } else {
            self.write(bytes)
        }
    }

    /// Says that the run was interrupted, if no result says it.
    pub(super) fn interrupted(&mut self) {
        if !self.is_written {
            self.remark("interrupted", &mut Redactor::default());
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.write_all(std::iter::once(bytes))
    }

    /// Writes everything, after erasing the progress line.
    fn write_all<'b>(&mut self, parts: impl IntoIterator<Item = &'b [u8]>) -> Result<(), OutputError> {
        self.is_written = true;
        self.progress.answered();
        parts.into_iter().try_for_each(|part| self.stream.write_all(part))?;
        self.stream.flush()?;
        Ok(())
    }
}
