//! What came of several references: rows that are written as they come, and answers that follow the last of them.

use super::{Output, OutputError};
use crate::evidence::Redactor;
use crate::report::{Report, Tally, one_of_many, provenance_of_several};

/// What was said of several references so far, and what is to be said after the last.
#[derive(Default)]
pub(super) struct Many {
    is_begun: bool,
    pub(super) tally: Tally,
    answers: Vec<String>,
}

impl Output<'_> {
    /// Writes what came of one of several references: on a terminal a row, with a column for references of so many
    /// characters, and the rest after the last of them.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(in crate::commands) fn one_of_many(
        &mut self,
        report: &Report,
        longest: usize,
        redactor: &mut Redactor,
    ) -> Result<(), OutputError> {
        if !self.is_short() || self.is_brief {
            return self.report(report, redactor);
        }
        self.many.tally.count(report);
        if !std::mem::replace(&mut self.many.is_begun, true) {
            let remark = provenance_of_several(report);
            let text = self.look().document(self.without_repetition(&remark));
            self.remember(&remark);
            self.write(text.as_bytes())?;
        }
        let text = self.report_text(report, redactor, usize::MAX, &|report, _| one_of_many(report, longest))?;
        let (row, answer) = text.split_once('\n').unwrap_or((&text, ""));
        self.write(format!("{row}\n").as_bytes())?;
        self.many.answers.extend((!answer.is_empty()).then(|| answer.to_owned()));
        Ok(())
    }

    /// Writes what is to be said after the last of several references, which took so many milliseconds.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(in crate::commands) fn end_of_many(&mut self, milliseconds: f64) -> Result<(), OutputError> {
        self.pages.milliseconds = Some(milliseconds);
        if !self.is_short() || self.is_brief {
            return Ok(());
        }
        let Many { tally, answers, .. } = std::mem::take(&mut self.many);
        let summary = self.look().document(&tally.summary(Some(milliseconds)));
        self.write(summary.as_bytes())?;
        answers.iter().try_for_each(|answer| self.write(format!("\n{answer}").as_bytes()))
    }
}
