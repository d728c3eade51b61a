//! Where results go, and in which form. Everything that is printed to standard output leaves through here.

mod elements;
mod lines;
mod nets;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::ValueEnum;
use serde_json::Value;

use super::Progress;
use crate::evidence::{Depth, Leak, Pseudonyms, Redactor};
use crate::report::{
    Block, Layout, Report, Style, diagnosed, outline, printable_json, relabelled, relabelled_json, to_json,
    to_markdown, to_terminal,
};
use crate::text::{Untrusted, cut_at_marks};

pub(super) use elements::Elements;
pub(super) use lines::Lines;
use nets::Nets;

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
    /// A secret would have been written. Nothing is, then.
    #[error("nothing was written: {0}, after all that is known to be secret was taken out; please report this fault")]
    Leak(#[from] Leak),
    /// The same, after a part of a list was written.
    #[error(
        "the rest was not written: {0}, after all that is known to be secret was taken out; please report this fault"
    )]
    LaterLeak(#[source] Leak),
    /// The registry's own bytes have a secret of the run in them, and are not changed.
    #[error(
        "nothing was written: the bytes that were asked for contain your {0}; without --raw they are shown without it"
    )]
    OwnSecret(&'static str),
    /// Bytes are written as they are or not at all.
    #[error("--raw writes bytes as they were received, so they cannot be made public; leave out --raw or --public")]
    RawForEverybody,
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
    progress: Rc<Progress>,
    is_begun: bool,
    is_terminal: bool,
    remarks: Box<dyn Write>,
    told: Option<Rc<RefCell<String>>>,
    public: Option<Pseudonyms>,
    is_unread: Option<fn() -> bool>,
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
            is_terminal: false,
            remarks,
            told: None,
            public: None,
            is_unread: None,
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

    /// Writes a document, or in its place `json`, an object on one line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn document(&mut self, document: &Layout, json: &Value) -> Result<(), OutputError> {
        let document = &relabelled(document, &mut cut_at_marks);
        let text = match self.format {
            Format::Terminal => to_terminal(self.without_repetition(document), self.style, self.width),
            Format::Markdown => to_markdown(document),
            Format::Json => format!("{}\n", relabelled_json(json, &mut cut_at_marks)),
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
        let (format, style, width) = (self.format, self.style, self.width);
        self.checked(redactor, public, true, &mut |nets| match format {
            Format::Json => format!("{}\n", printable_json(&nets.json(json))),
            Format::Markdown => to_markdown(&nets.document(&document)),
            Format::Terminal => to_terminal(&nets.document(&document), style, width),
        })
    }

    /// Writes a result in which no secret of the run may be any more. What only the last scan finds is left out with the
    /// words that it is in; where it is still there then, nothing is written.
    fn checked(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        is_list: bool,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<(), OutputError> {
        let text = self.checked_text(redactor, public, is_list, render)?;
        self.write(text.as_bytes())
    }

    /// A result as [`Output::checked`] writes it. `is_list`: what was fetched may be a long list, which is made ready piece by
    /// piece.
    fn checked_text(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        is_list: bool,
        render: &mut dyn FnMut(&mut Nets<'_>) -> String,
    ) -> Result<String, OutputError> {
        let stream = &mut self.stream;
        // That it cannot be written to will be seen when it is. A report is not so long that it may take its time.
        let mut goes_on = || {
            if is_list {
                drop(stream.flush())
            }
        };
        let mut nets = Nets { redactor, public: public.clone(), is_strict: false, texts: 0, goes_on: &mut goes_on };
        let mut text = nets.finished(render);
        if nets.redactor.last_scan(&text).is_err() {
            nets = Nets { public, is_strict: true, ..nets };
            text = nets.finished(render);
            nets.redactor.last_scan(&text)?;
        }
        Ok(text)
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
        let words = Nets { redactor, public, is_strict: true, texts: 0, goes_on: &mut || {} }.text(words);
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

    /// Writes a report; between two of them for people there is an empty line. The finished text is searched once more for every secret of the run.
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
            // What has got a label stands in the report too, and is only known when all of it has been looked at.
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
        let document = if for_pasting { document } else { self.without_repetition(&document).to_vec() };
        let (style, width) = (self.style, self.width);
        self.checked(redactor, public, false, &mut |nets| match &json {
            Some(json) => format!("{}\n", printable_json(&nets.json(json))),
            None if for_pasting => to_markdown(&nets.document(&document)),
            None => to_terminal(&nets.document(&document), style, width),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.write_all(std::iter::once(bytes))
    }

    /// Everything that is written goes through here, after the line of progress was taken away.
    fn write_all<'b>(&mut self, parts: impl IntoIterator<Item = &'b [u8]>) -> Result<(), OutputError> {
        self.progress.answered();
        parts.into_iter().try_for_each(|part| self.stream.write_all(part))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    /// A form that only the last scan finds: hexadecimal numbers in letters of both cases.
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
    fn secret_that_only_the_last_scan_finds_is_left_out_with_its_quote() {
        let hidden = HIDDEN.replace(' ', "");
        let shown = written(&[&["one"], &["it says ", &format!("see {hidden} here")], &["two"]]).unwrap();
        assert!(shown.contains("one") && shown.contains("it says ‹text with a password in it removed, "), "{shown}");
        assert!(shown.contains("two") && !shown.contains(&hidden[..12]), "{shown}");
    }

    /// What the nets before it should have caught is not written, nor anything else of the result.
    #[test]
    fn a_text_with_a_secret_in_it_is_not_written() {
        let hidden = HIDDEN.replace(' ', "");
        let (one, other) = hidden.split_at(21);
        let words = written(&[&["one"], &[one, other]]).expect_err("a leak").to_string();
        assert!(words.starts_with("nothing was written: line 2 would have had a password in it"), "{words}");
        assert_eq!(written(&[&["one"]]).unwrap().trim(), "one");
    }
}
