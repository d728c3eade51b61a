//! A refused reference: what is wrong, where, and what was probably meant.

use std::fmt;
use std::ops::Range;

use super::picture;
use super::secrets::Masked;
use super::violation::Violation;
use serde::{Deserialize, Serialize};

/// Why a text is not a reference.
///
/// It can be shown as it is with [`Refusal::explain`]. Credentials that stood in the input, and the values of a query,
/// are in none of its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refusal {
    /// What was typed, with `***` for secrets. It may hold any character, so escape it before showing it elsewhere.
    pub input: String,
    /// The part of [`Refusal::input`] to point at, in bytes, on character boundaries. Empty only where nothing is
    /// there to point at.
    pub at: Range<usize>,
    /// The rule that this part breaks.
    pub rule: Violation,
    /// What was probably meant: a text that can be parsed, or a form such as `NAME@sha256:…` to fill in. Plain ASCII.
    pub suggestion: Option<String>,
}

impl Refusal {
    /// The refusal of a single part, such as a tag.
    pub(super) fn of_fragment(input: &str, problem: Problem) -> Self {
        let masked = Masked::new(input);
        let at = masked.range(&problem.at);
        Self { input: masked.text, at, rule: problem.rule, suggestion: None }
    }

    /// The refusal as it is shown: the input, carets under what is wrong, the rule, and the suggestion if there is one.
    ///
    /// Three or four lines, without a line feed at the end. Of a long input only the neighbourhood of the fault is
    /// shown, and characters that are invisible or act on a terminal are escaped, so the text can be printed anywhere.
    pub fn explain(&self) -> String {
        let (shown, carets) = picture::draw(&self.input, &self.at);
        let mut text = format!("{shown}\n{carets}\n{}", self.rule);
        if let Some(suggestion) = &self.suggestion {
            text.push_str("\ndid you mean ");
            text.push_str(suggestion);
        }
        text
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule.fmt(f)
    }
}

impl std::error::Error for Refusal {}

/// A fault as the parser meets it; the range is in the input as it was typed, secrets included.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) at: Range<usize>,
    pub(super) rule: Violation,
    pub(super) repair: Option<Repair>,
}

impl Problem {
    /// A fault that nobody can mend without knowing what was meant.
    pub(super) fn new(at: Range<usize>, rule: Violation) -> Self {
        Self { at, rule, repair: None }
    }

    /// It is mended by putting other text in the place of a range.
    pub(super) fn replaced(self, at: Range<usize>, by: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Edit { at, by: by.into() }), ..self }
    }

    /// It is mended by writing something else altogether.
    pub(super) fn instead(self, text: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Whole(text.into())), ..self }
    }

    /// It cannot be mended, but a form to fill in can be shown.
    pub(super) fn form(self, text: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Form(text.into())), ..self }
    }
}

/// How to mend a fault.
#[derive(Clone, Debug)]
pub(super) enum Repair {
    Edit { at: Range<usize>, by: String },
    Whole(String),
    Form(String),
}
