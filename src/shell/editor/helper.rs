//! The callbacks of the line editor: completion, hints, colors.

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

/// The size of a terminal that does not report it.
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

// A line with an open quote is refused when it is run; Enter always works.
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

/// A hint after the line.
pub(super) enum Suggestion {
    /// The rest of an earlier line.
    Before(String),
    /// The next argument of the command; not text to insert.
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
        // Without color a hint looks like typed text.
        if !self.style.is_coloured() || line.is_empty() || at < line.len() || line.contains('\n') {
            return None;
        }
        let vocabulary = self.vocabulary();
        // A command that is proposed is complete.
        if vocabulary.is_question || line == vocabulary.proposed {
            return None;
        }
        rest_of_an_earlier(line, context.history(), &|earlier| vocabulary.not_suggested.contains(earlier))
            .map(Suggestion::Before)
            .or_else(|| takes(line, &vocabulary).map(Suggestion::Takes))
    }
}

/// The rest of the newest line that begins with this one and is not left out.
fn rest_of_an_earlier(line: &str, history: &dyn History, is_left_out: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut end = history.len();
    loop {
        let last = end.checked_sub(1)?;
        let found = history.starts_with(line, last, SearchDirection::Reverse).ok().flatten()?;
        match found.entry.strip_prefix(line) {
            Some(rest) if !rest.is_empty() && !rest.contains('\n') && !is_left_out(&found.entry) => {
                return Some(rest.to_owned());
            }
            _ => end = found.idx,
        }
    }
}

/// The next argument of the command, after a space at the end of the line.
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
        // Colors do not depend on the cursor.
        self.style.is_coloured() && kind != CmdKind::MoveCursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    #[test]
    fn newest_line_with_this_beginning_is_hinted() {
        let mut history = rustyline::history::MemHistory::new();
        for line in ["probe a/b:1 --json", "probe a/b:2", "config", "probe a/b:1"] {
            history.add(line).unwrap();
        }
        let rest = |line: &str| rest_of_an_earlier(line, &history, &|_| false);
        assert_eq!(rest("probe a/b:1").as_deref(), Some(" --json"));
        assert_eq!(rest("probe").as_deref(), Some(" a/b:1"));
        assert_eq!(rest("config"), None);
        assert_eq!(rest("use"), None);
    }

    /// What went to a simulated registry would go to a real one.
    #[test]
    fn line_for_the_lab_is_not_hinted_elsewhere() {
        let mut history = rustyline::history::MemHistory::new();
        for line in ["tags a/b:1", "tags ghcr.io/example/greeting:1.0", "layers 1", "tags a/b:2 --json"] {
            history.add(line).unwrap();
        }
        let rest =
            |line: &str, left_out: &[&str]| rest_of_an_earlier(line, &history, &|entry| left_out.contains(&entry));
        assert_eq!(rest("tags", &["tags a/b:2 --json"]).as_deref(), Some(" ghcr.io/example/greeting:1.0"));
        assert_eq!(rest("tags gh", &["tags ghcr.io/example/greeting:1.0"]), None);
        assert_eq!(rest("lay", &["layers 1"]), None);
        assert_eq!(rest("lay", &["tags a/b:1"]).as_deref(), Some("ers 1"));
        let all = ["tags a/b:2 --json", "tags ghcr.io/example/greeting:1.0"];
        assert_eq!(rest("tags", &all).as_deref(), Some(" a/b:1"));
    }

    #[test]
    fn command_that_the_tutorial_proposes_has_no_hint() {
        let mut history = rustyline::history::MemHistory::new();
        for line in ["manifest --json", "config linux/arm64", "session 3 > s.md", "query $.config.digest --json"] {
            history.add(line).unwrap();
        }
        let vocabulary = Arc::new(RwLock::new(Vocabulary::new(grammar())));
        let helper = Helper::new(Arc::clone(&vocabulary), true);
        let hinted = |line: &str| helper.hint(line, line.len(), &Context::new(&history)).is_some();
        for line in ["manifest", "config", "session 3", "query $.config.digest", "explain "] {
            vocabulary.write().unwrap().proposed = line.to_owned();
            assert!(!hinted(line), "{line}");
            vocabulary.write().unwrap().proposed = "tags".to_owned();
            assert!(hinted(line), "{line}");
        }
    }

    #[test]
    fn next_argument_is_hinted_after_a_space() {
        let vocabulary = Vocabulary::new(grammar());
        let hinted = |line: &str| takes(line, &vocabulary);
        assert_eq!(hinted("probe ").as_deref(), Some("[REF]"));
        assert_eq!(hinted("get ").as_deref(), Some("PATH"));
        assert_eq!(hinted("probe --accept ").as_deref(), Some("TYPE"));
        assert_eq!(hinted("probe"), None);
        assert_eq!(hinted("config gcr.io/a "), None);
    }
}
