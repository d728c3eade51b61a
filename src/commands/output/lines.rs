//! Names that are written as they arrive, one per line, for other programs.

use super::{Format, Output, OutputError};
use crate::evidence::Redactor;

/// The most names that are searched together.
const AT_ONCE: usize = 10_000;

/// Names that are written as they arrive. A secret may be split across several names, so the last ones are held back while they
/// may be the beginning of one.
#[derive(Default)]
pub(in crate::commands) struct Lines {
    held: Vec<String>,
    is_begun: bool,
}

impl Lines {
    /// Writes further names, except those that may be the beginning of a secret.
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

    /// Writes the names that were held back, at the end.
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
    /// Whether a list is written as names alone, for a program.
    pub(in crate::commands) fn writes_names(&self) -> bool {
        !self.is_terminal && self.format == Format::Terminal
    }

    /// Whether names can be written as they arrive. With pseudonyms they cannot: a pseudonym depends on the names before it.
    pub(in crate::commands) fn writes_lines(&self, redactor: &Redactor) -> bool {
        self.writes_names() && self.pseudonyms(redactor).is_none()
    }

    /// Whether a document can be written in parts, as they arrive. With pseudonyms it cannot, as in
    /// [`Output::writes_lines`].
    pub(in crate::commands) fn writes_in_parts(&self, redactor: &Redactor) -> bool {
        self.format == Format::Terminal && self.pseudonyms(redactor).is_none()
    }

    /// Whether the reader has gone, as far as that is known before writing.
    pub(in crate::commands) fn is_unread(&self) -> bool {
        self.is_unread.as_ref().is_some_and(|is_unread| is_unread())
    }

    /// Writes names, one a line.
    pub(super) fn lines(&mut self, names: &[String], redactor: &mut Redactor) -> Result<(), OutputError> {
        let public = self.pseudonyms(redactor);
        self.checked(redactor, public, &mut |nets| names.iter().map(|name| nets.text(name) + "\n").collect())
    }
}
