//! What the line editor asks while a line is typed.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rustyline::completion::{Candidate, Completer};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::{History, SearchDirection};
use rustyline::validate::Validator;
use rustyline::{CompletionType, Context};

use super::Vocabulary;
use super::colours::coloured;
use super::completion::{Completion, complete};
use super::listing::fitting;
use super::place::{Cursor, What};
use crate::cli::size;
use crate::report::{Label, Style};

/// The size of a terminal that does not tell its own.
const SIZE: (usize, usize) = (80, 24);

/// Answers the line editor.
pub(super) struct Helper {
    vocabulary: Arc<RwLock<Vocabulary>>,
    style: Style,
}

impl Helper {
    pub fn new(vocabulary: Arc<RwLock<Vocabulary>>, coloured: bool) -> Self {
        Self { vocabulary, style: Style::new(coloured) }
    }

    fn vocabulary(&self) -> RwLockReadGuard<'_, Vocabulary> {
        self.vocabulary.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl rustyline::Helper for Helper {}

// A line with an open quote is refused with a word of explanation when it is run; nothing keeps Enter from working.
impl Validator for Helper {}

impl Candidate for Completion {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl Completer for Helper {
    type Candidate = Completion;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Completion>)> {
        let vocabulary = self.vocabulary();
        Ok(match vocabulary.is_question {
            true => (at, Vec::new()),
            false => {
                let (start, candidates) = complete(line.get(..at).unwrap_or(line), &vocabulary);
                let (columns, rows) = size().unwrap_or(SIZE);
                (start, fitting(candidates, columns, rows))
            }
        })
    }
}

/// What may come next.
pub(super) enum Suggestion {
    /// The rest of a line that was typed before.
    Before(String),
    /// What the command takes; nothing that could be typed.
    Takes(String),
}

impl Hint for Suggestion {
    fn display(&self) -> &str {
        match self {
            Self::Before(text) | Self::Takes(text) => text,
        }
    }

    fn completion(&self) -> Option<&str> {
        match self {
            Self::Before(rest) => Some(rest),
            Self::Takes(_) => None,
        }
    }
}

impl Hinter for Helper {
    type Hint = Suggestion;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<Suggestion> {
        // Without colour it could not be told from what was typed.
        if !self.style.is_coloured() || line.is_empty() || at < line.len() || line.contains('\n') {
            return None;
        }
        if self.vocabulary().is_question {
            return None;
        }
        rest_of_an_earlier(line, context.history())
            .map(Suggestion::Before)
            .or_else(|| takes(line, &self.vocabulary()).map(Suggestion::Takes))
    }
}

/// The rest of the newest line that goes on from this one.
fn rest_of_an_earlier(line: &str, history: &dyn History) -> Option<String> {
    let mut end = history.len();
    loop {
        let last = end.checked_sub(1)?;
        let found = history.starts_with(line, last, SearchDirection::Reverse).ok().flatten()?;
        match found.entry.strip_prefix(line) {
            Some(rest) if !rest.is_empty() && !rest.contains('\n') => return Some(rest.to_owned()),
            _ => end = found.idx,
        }
    }
}

/// What the command at the end of a line takes next, where a blank stands behind it already.
fn takes(line: &str, vocabulary: &Vocabulary) -> Option<String> {
    if !line.ends_with(' ') {
        return None;
    }
    let Cursor { what, .. } = Cursor::of(line, vocabulary);
    let What::Value(argument, _) = what else { return None };
    let name = argument.get_value_names()?.first()?.to_string();
    let may_be_missing =
        !argument.is_required_set() || matches!(argument.get_id().as_str(), "reference" | "references");
    let is_option = argument.get_long().is_some();
    Some(if may_be_missing && !is_option { format!("[{name}]") } else { name })
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        let vocabulary = self.vocabulary();
        match self.style.is_coloured() && !vocabulary.is_question {
            true => Cow::Owned(coloured(line, &vocabulary, self.style)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(self.style.paint(hint, Label::Quiet))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        match candidate.split_once("  ") {
            Some((name, about)) => Cow::Owned(format!("{name}  {}", self.style.paint(about, Label::Quiet))),
            None => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        // Where the cursor stands does not change what a word is.
        self.style.is_coloured() && kind != CmdKind::MoveCursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    #[test]
    fn the_newest_line_that_goes_on_is_hinted_and_not_the_same_line_again() {
        let mut history = rustyline::history::MemHistory::new();
        for line in ["probe a/b:1 --json", "probe a/b:2", "config", "probe a/b:1"] {
            history.add(line).unwrap();
        }
        assert_eq!(rest_of_an_earlier("probe a/b:1", &history).as_deref(), Some(" --json"));
        assert_eq!(rest_of_an_earlier("probe", &history).as_deref(), Some(" a/b:1"));
        assert_eq!(rest_of_an_earlier("config", &history), None);
        assert_eq!(rest_of_an_earlier("use", &history), None);
    }

    #[test]
    fn what_a_command_takes_is_hinted_behind_a_blank() {
        let vocabulary = Vocabulary::new(grammar());
        let hinted = |line: &str| takes(line, &vocabulary);
        assert_eq!(hinted("probe ").as_deref(), Some("[REF]"));
        assert_eq!(hinted("get ").as_deref(), Some("PATH"));
        assert_eq!(hinted("probe --accept ").as_deref(), Some("TYPE"));
        assert_eq!(hinted("probe"), None);
        assert_eq!(hinted("config gcr.io/a "), None);
    }
}
