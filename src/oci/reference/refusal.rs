//! A rejected reference: the fault, its position, and the probable intention.

use std::fmt;
use std::ops::Range;

use super::picture;
use super::secrets::Masked;
use super::violation::Violation;
use serde::{Deserialize, Serialize};

/// The reason why a text is not a reference.
///
/// [`Refusal::explain`] renders it for display. None of its fields contains credentials from the input or values of a
/// query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The input, with `***` for secrets. It may contain any character, so escape it before printing it elsewhere.
    pub input: String,
    /// The part of [`Refusal::input`] to point at, in bytes, on character boundaries. Empty only if there is nothing to
    /// point at.
    pub at: Range<usize>,
    /// The rule that this part breaks.
    pub rule: Violation,
    /// The probable intention: a text that parses, or a form such as `NAME@sha256:…` to fill in. Plain ASCII.
    pub suggestion: Option<String>,
}

impl Refusal {
    /// The refusal of a single part, such as a tag.
    pub(super) fn of_fragment(input: &str, problem: Problem) -> Self {
        let masked = Masked::new(input);
        let at = masked.range(&problem.at);
        Self { input: masked.text, at, rule: problem.rule, suggestion: None }
    }

    /// The refusal for display: the input, carets under the fault, the rule, and the suggestion if there is one.
    ///
    /// Three or four lines, without a final line feed. A long input is reduced to the neighborhood of the fault, and
    /// characters that are invisible or control the terminal are escaped, so the text can be printed anywhere.
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

/// A fault as the parser meets it; the range is in the original input, secrets included.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) at: Range<usize>,
    pub(super) rule: Violation,
    pub(super) repair: Option<Repair>,
}

impl Problem {
    /// A fault that cannot be repaired without knowing the intention.
    pub(super) fn new(at: Range<usize>, rule: Violation) -> Self {
        Self { at, rule, repair: None }
    }

    /// Repairs the fault by replacing a range.
    pub(super) fn replaced(self, at: Range<usize>, by: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Edit { at, by: by.into() }), ..self }
    }

    /// Repairs the fault by replacing the whole text.
    pub(super) fn instead(self, text: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Whole(text.into())), ..self }
    }

    /// Offers a form to fill in, because the fault cannot be repaired.
    pub(super) fn form(self, text: impl Into<String>) -> Self {
        Self { repair: Some(Repair::Form(text.into())), ..self }
    }
}

/// The repair of a fault.
#[derive(Clone, Debug)]
pub(super) enum Repair {
    Edit { at: Range<usize>, by: String },
    Whole(String),
    Form(String),
}
