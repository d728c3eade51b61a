//! The output of results. Everything that is printed to standard output passes through here.

mod error;
mod lines;
mod prompted;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::ValueEnum;
use serde_json::Value;

use super::Progress;
use crate::evidence::{Depth, Pseudonyms, Redactor};
use crate::report::{
    Block, Layout, Report, Style, diagnosed, outline, printable_json, relabelled, relabelled_json, renamed_json,
    to_json, to_markdown, to_terminal,
};
use crate::text::{Untrusted, cut_at_marks};

pub use error::OutputError;
pub(super) use lines::Lines;
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
    is_terminal: bool,
    remarks: Box<dyn Write>,
    last_remark: Option<Rc<RefCell<String>>>,
    public: Option<Pseudonyms>,
    is_unread: Option<fn() -> bool>,
    prompt: Option<Prompted>,
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
            is_terminal: false,
            remarks,
            last_remark: None,
            public: None,
            is_unread: None,
            prompt: None,
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

    /// Writes a document, or `json` as an object on one line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn document(&mut self, document: &Layout, json: &Value) -> Result<(), OutputError> {
        let document = &relabelled(&self.placed(document), &mut cut_at_marks);
        let text = match self.format {
            Format::Terminal => to_terminal(self.without_repetition(document), self.style, self.width),
            Format::Markdown => to_markdown(document),
            Format::Json => format!("{}\n", relabelled_json(json, &mut cut_at_marks)),
        };
        self.write(text.as_bytes())
    }

    /// Writes fetched content, as [`Output::document`] does. The finished text is searched for every secret of the requests, and
    /// JSON is escaped so that it cannot act on a terminal.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn fetched(&mut self, document: &Layout, json: &Value, redactor: &mut Redactor) -> Result<(), OutputError> {
        let public = self.pseudonyms(redactor);
        let document = self.placed(document).into_owned();
        let document = self.without_repetition(&document).to_vec();
        let (format, style, width) = (self.format, self.style, self.width);
        self.checked(redactor, public, &mut |nets| match format {
            Format::Json => format!("{}\n", printable_json(&nets.json(json))),
            Format::Markdown => to_markdown(&nets.document(&document)),
            Format::Terminal => to_terminal(&nets.document(&document), style, width),
        })
    }

    /// Writes a redacted result. A text in which only the last scan finds a secret is removed; if the secret is still there
    /// then, nothing is written.
    fn checked(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<(), OutputError> {
        let mut nets = Nets { redactor, public: public.clone(), is_strict: false };
        let mut text = nets.finished(render);
        if nets.redactor.last_scan(&text).is_err() {
            nets = Nets { public, is_strict: true, ..nets };
            text = nets.finished(render);
            nets.redactor.last_scan(&text)?;
        }
        self.write(text.as_bytes())
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

    /// Writes a remark that is not part of the result.
    pub(super) fn remark(&mut self, words: &str, redactor: &mut Redactor) {
        let public = self.pseudonyms(redactor);
        let words = Nets { redactor, public, is_strict: true }.text(words);
        // The result is complete without the remark.
        let _ = writeln!(self.remarks, "ociscope: {words}");
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

    /// Writes a report; an empty line separates two of them, except in JSON. The finished text is searched for every secret of
    /// the run.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn report(&mut self, report: &Report, redactor: &mut Redactor) -> Result<(), OutputError> {
        let for_pasting = self.format == Format::Markdown;
        let written = |report: &Report| match report.depth {
            Depth::Probe => outline(report, for_pasting),
            Depth::Diagnosis | Depth::Batch => diagnosed(report),
        };
        let mut public = self.pseudonyms(redactor);
        let labelled = public.as_mut().map(|pseudonyms| {
            // The report lists the pseudonyms, which are known only after all of it was searched.
            relabelled(&written(report), &mut |text| pseudonyms.text(text));
            relabelled_json(&to_json(report), &mut |text| pseudonyms.text(text));
            Report { redactions: [&report.redactions[..], &pseudonyms.redactions()].concat(), ..report.clone() }
        });
        let report = labelled.as_ref().unwrap_or(report);
        if std::mem::replace(&mut self.is_begun, true) && self.format != Format::Json {
            self.write(b"\n")?;
        }
        let json = (self.format == Format::Json).then(|| to_json(report));
        let document = if json.is_some() { Layout::new() } else { written(report) };
        let document = self.placed(&document).into_owned();
        let document = if for_pasting { document } else { self.without_repetition(&document).to_vec() };
        let (style, width) = (self.style, self.width);
        self.checked(redactor, public, &mut |nets| match &json {
            Some(json) => format!("{}\n", printable_json(&nets.json(json))),
            None if for_pasting => to_markdown(&nets.document(&document)),
            None => to_terminal(&nets.document(&document), style, width),
        })
    }

    /// Writes everything, after erasing the progress line.
    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.progress.answered();
        self.stream.write_all(bytes)?;
        self.stream.flush()?;
        Ok(())
    }

    /// The document without its provenance remark, if that was printed before.
    fn without_repetition<'b>(&self, document: &'b Layout) -> &'b [Block] {
        let (Some(last_remark), [Block::Remark(line), rest @ ..]) = (&self.last_remark, &document[..]) else {
            return document;
        };
        let words: String = line.iter().map(|span| span.text.as_str()).collect();
        if *last_remark.borrow() != words {
            *last_remark.borrow_mut() = words;
            return document;
        }
        match rest {
            [Block::Gap, rest @ ..] => rest,
            rest => rest,
        }
    }
}

/// The redaction of every text of a result.
struct Nets<'a> {
    redactor: &'a mut Redactor,
    public: Option<Pseudonyms>,
    /// Whether a text is removed in which the last scan finds a secret.
    is_strict: bool,
}

impl Nets<'_> {
    fn document(&mut self, document: &Layout) -> Layout {
        relabelled(document, &mut |text| self.text(text))
    }

    /// A JSON object. Field names may come from a server too.
    fn json(&mut self, json: &Value) -> Value {
        let clean = renamed_json(json, &mut |text| self.without_secrets(text));
        match &mut self.public {
            Some(public) => relabelled_json(&clean, &mut |text| public.text(text)),
            None => clean,
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = self.without_secrets(text);
        self.public.as_mut().map(|public| public.text(&text)).unwrap_or(text)
    }

    fn without_secrets(&mut self, text: &str) -> String {
        let text = self.redactor.text(text);
        if self.is_strict { self.redactor.without_leak(&text) } else { text }
    }

    /// A finished result, in which texts may have joined to a secret.
    fn finished(&mut self, render: &mut dyn FnMut(&mut Self) -> String) -> String {
        let text = render(self);
        self.redactor.known_values(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    /// A form that only the last scan finds: hexadecimal digits in both cases.
    const HIDDEN: &str = "43414e4152597077 2D 746861742D 69732D6b6e6f776e";

    fn written(blocks: &[&[&str]]) -> Result<String, OutputError> {
        let mut written = Vec::new();
        let mut output = Output::new(&mut written, Format::Terminal, Style::new(false), 400);
        let secret = Secret::new("CANARYpw-that-is-known");
        let mut redactor = Redactor::new([("password", &secret)]);
        let line = |texts: &&[&str]| Block::Text(texts.iter().map(|text| crate::report::plain(*text)).collect());
        let document: Layout = blocks.iter().map(line).collect();
        output.fetched(&document, &Value::Null, &mut redactor)?;
        Ok(String::from_utf8(written).unwrap())
    }

    /// Case E35: a server that knows such a form cannot keep a report from being written.
    #[test]
    fn text_with_a_secret_that_only_the_last_scan_finds_is_removed() {
        let hidden = HIDDEN.replace(' ', "");
        let shown = written(&[&["one"], &["it says ", &format!("see {hidden} here")], &["two"]]).unwrap();
        assert!(shown.contains("one") && shown.contains("it says ‹text with a password in it removed, "), "{shown}");
        assert!(shown.contains("two") && !shown.contains(&hidden[..12]), "{shown}");
    }

    /// Nothing of a result with a secret is written.
    #[test]
    fn result_with_a_secret_is_not_written() {
        let hidden = HIDDEN.replace(' ', "");
        let (one, other) = hidden.split_at(21);
        let words = written(&[&["one"], &[one, other]]).expect_err("a leak").to_string();
        assert!(words.starts_with("nothing was written: line 2 would have had a password in it"), "{words}");
        assert_eq!(written(&[&["one"]]).unwrap().trim(), "one");
    }
}
