//! `explain` and the text after it. Error texts are full of apostrophes, brackets and bars; they are one word, without
//! quotes.

use std::ops::Range;

use super::{Line, Redirection, Scan, Word};
use crate::commands::{EXPLAIN, FreeText};

/// The name of the command.
const COMMAND: &str = EXPLAIN.name;
const TEXT: FreeText = EXPLAIN.text.expect("explain takes free text");
/// The endings of files that an explanation can be written to. Any other `>` is part of the text.
const ENDINGS: [&str; 4] = [".md", ".html", ".json", ".txt"];

/// The line, if its first word is `explain` and its text is not quoted.
pub(super) fn explained(line: &str) -> Option<Line> {
    let mut words = words(line).peekable();
    let command = words.next().filter(|command| line[command.clone()] == *COMMAND)?;
    let mut read = vec![command.clone()];
    let mut start = command.end;
    while let Some(option) = words.next_if(|word| is_option(&line[word.clone()])) {
        start = option.end;
        let takes_value = TEXT.leading.contains(&&line[option.clone()]);
        read.push(option);
        if let Some(value) = words.next_if(|_| takes_value) {
            start = value.end;
            read.push(value);
        }
    }
    let text = words.next()?;
    if line[text.clone()].starts_with(['\'', '"']) {
        return None;
    }
    start = text.start.max(start);
    let mut end = line.trim_end().len();
    let redirection = redirection(line, text.end, end);
    end = redirection.as_ref().map_or(end, |redirection| line[..redirection.span.start].trim_end().len());
    let mut trailing = Vec::new();
    while let Some(option) = trailing_option(line, text.end, end) {
        end = line[..option[0].start].trim_end().len();
        // In reverse, for now.
        trailing.extend(option.into_iter().rev());
    }
    read.push(start..end);
    read.extend(trailing.into_iter().rev());
    let word = |span: Range<usize>| Word { text: line[span.clone()].to_owned(), span, quoted: false };
    Some(Line { words: read.into_iter().map(word).collect(), redirection })
}

/// Whether a line is `explain` with free text.
pub(super) fn is_free_text(line: &str) -> bool {
    explained(line).is_some()
}

/// The positions of the words, separated by whitespace alone.
fn words(line: &str) -> impl DoubleEndedIterator<Item = Range<usize>> {
    line.split_whitespace().map(|word| {
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        start..start + word.len()
    })
}

fn is_option(word: &str) -> bool {
    word.starts_with("--") && word.len() > 2 || word == "-h"
}

/// The last word or two before `end`, where they are an option and not the first of the text.
fn trailing_option(line: &str, first: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let rest = line.get(first..end)?;
    // From the end: a line may be long, and this is done for each option in it.
    let mut last = words(rest).map(|word| first + word.start..first + word.end).rev();
    let word = last.next()?;
    let text = &line[word.clone()];
    let has_value = |option: &&str| text.strip_prefix(option).is_some_and(|value| value.starts_with('='));
    if TEXT.after.contains(&text) || TEXT.with_value.iter().any(has_value) {
        return Some(vec![word]);
    }
    let option = last.next()?;
    TEXT.with_value.contains(&&line[option.clone()]).then(|| vec![option, word])
}

fn redirection(line: &str, first: usize, end: usize) -> Option<Redirection> {
    let rest = line.get(first..end)?;
    let at = rest.rfind('>')?;
    let start = if rest[..at].ends_with('>') { at - 1 } else { at };
    let after_space = start == 0 || rest[..start].ends_with(char::is_whitespace);
    // The file's name is read as anywhere else, quotes included.
    let scan = Scan::of_words(&rest[start..]);
    let found = scan.line.redirection.filter(|_| scan.error.is_none() && after_space)?;
    let known = ENDINGS.iter().any(|ending| found.path.ends_with(ending));
    let start = first + start;
    let file = start + found.file.start..start + found.file.end;
    (known && scan.line.words.is_empty()).then_some(Redirection { span: start..end, file, ..found })
}
