//! Names that are written as they come, one a line, for programs that read them.

use super::{Format, Output, OutputError};
use crate::evidence::Redactor;

/// The most names that are looked at together.
const AT_ONCE: usize = 10_000;

/// Names that are written as they come. A secret that is broken into several of them is found by all of them together; so
/// the last names are held back where they may be the beginning of one.
#[derive(Default)]
pub(in crate::commands) struct Lines {
    held: Vec<String>,
    is_begun: bool,
}

impl Lines {
    /// Writes further names, as far as they can be looked at without those that follow.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write(
        &mut self,
        names: Vec<String>,
        output: &mut Output<'_>,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        let mut names = names.into_iter().peekable();
        while names.peek().is_some() {
            self.held.extend(names.by_ref().take(AT_ONCE));
            let text = self.held.join("\n");
            let finished = match redactor.unfinished(&text) {
                Some(at) => text[..at].matches('\n').count(),
                None => self.held.len(),
            };
            let finished: Vec<_> = self.held.drain(..finished).collect();
            self.written(&finished, output, redactor)?;
        }
        Ok(())
    }

    /// Writes what was held back: nothing follows.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self, output: &mut Output<'_>, redactor: &mut Redactor) -> Result<(), OutputError> {
        let held = std::mem::take(&mut self.held);
        self.written(&held, output, redactor)
    }

    fn written(
        &mut self,
        names: &[String],
        output: &mut Output<'_>,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        if names.is_empty() {
            return Ok(());
        }
        let is_begun = std::mem::replace(&mut self.is_begun, true);
        output.lines(names, redactor).map_err(|error| match error {
            OutputError::Leak(leak) if is_begun => OutputError::LaterLeak(leak),
            error => error,
        })
    }
}

impl Output<'_> {
    /// Whether the reader of a list gets its names alone: a program.
    pub(in crate::commands) fn writes_names(&self) -> bool {
        !self.is_terminal && self.format == Format::Terminal
    }

    /// Whether names can be written as they come. What is for everybody is looked at as a whole: which label a name gets
    /// depends on the names before it.
    pub(in crate::commands) fn writes_lines(&self, redactor: &Redactor) -> bool {
        self.writes_names() && self.pseudonyms(redactor).is_none()
    }

    /// Whether a document can be written in parts, as they come.
    pub(in crate::commands) fn writes_in_parts(&self, redactor: &Redactor) -> bool {
        self.format == Format::Terminal && self.pseudonyms(redactor).is_none()
    }

    /// Whether nobody reads what is written any more, as far as that can be known before it is.
    pub(in crate::commands) fn is_unread(&self) -> bool {
        self.is_unread.as_ref().is_some_and(|is_unread| is_unread())
    }

    /// Writes names, one a line.
    pub(super) fn lines(&mut self, names: &[String], redactor: &mut Redactor) -> Result<(), OutputError> {
        let public = self.pseudonyms(redactor);
        self.checked(redactor, public, true, &mut |nets| names.iter().map(|name| nets.text(name) + "\n").collect())
    }

    /// Says what is no part of the result, but for what the result before it began with.
    pub(in crate::commands) fn remarks(&mut self, remarks: &[String], redactor: &mut Redactor) {
        let told = self.told.clone();
        let is_news = |remark: &&String| told.as_ref().is_none_or(|told| *told.borrow() != **remark);
        remarks.iter().filter(is_news).for_each(|remark| self.remark(remark, redactor));
    }
}
