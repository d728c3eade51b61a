//! From characters to words. Scanning continues after an error, because a line is colored and completed while it is typed.

use super::{Line, LineError, Redirection, Word};
use crate::cli::Existing;

/// A line, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    /// Its words. One whose quote is not closed goes on to the end of the line.
    pub line: Line,
    /// The first error in it.
    pub error: Option<LineError>,
    /// The quote that is still open at the end.
    pub open: Option<char>,
}

impl Scan {
    /// Reads a line word by word, whatever its first word is.
    pub(super) fn of_words(text: &str) -> Self {
        let mut scanner = Scanner { text, at: 0, brackets: closed_brackets(text), scan: Self::default() };
        scanner.run();
        scanner.scan
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The positions of matched brackets, opening and closing, in order.
    brackets: Vec<(usize, usize)>,
    scan: Scan,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(character) = self.next() {
            match character {
                space if space.is_whitespace() => self.at += space.len_utf8(),
                '#' => self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |end| self.at + end),
                '>' => self.redirection(),
                ';' => self.separator(),
                '<' => {
                    self.wrong(LineError::InputNotOffered { at: self.at });
                    self.at += 1;
                }
                _ => {
                    let word = self.word();
                    self.refuse_joined(&word);
                    self.scan.line.words.push(word);
                }
            }
        }
    }

    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn wrong(&mut self, error: LineError) {
        self.scan.error.get_or_insert(error);
    }

    /// Refuses what other shells take for the beginning of another command.
    fn refuse_joined(&mut self, word: &Word) {
        let at = word.span.start;
        if self.scan.line.redirection.is_some() {
            self.wrong(LineError::AfterFile { at });
        }
        let raw = &self.text[word.span.clone()];
        match ["&&", "||", "&"].into_iter().find(|joined| *joined == raw) {
            Some(word) => self.wrong(LineError::OneCommand { word, at }),
            None if raw.starts_with('|') => self.wrong(LineError::PipeNotOffered { at }),
            None => {}
        }
    }

    /// A semicolon ends a command, and only at the end of a line is there no other one after it.
    fn separator(&mut self) {
        let at = self.at;
        self.at += 1;
        let rest = self.text[self.at..].trim_start();
        if !rest.is_empty() && !rest.starts_with('#') {
            self.wrong(LineError::OneCommand { word: ";", at });
        }
    }

    fn redirection(&mut self) {
        let start = self.at;
        if self.scan.line.redirection.is_some() {
            self.wrong(LineError::AfterFile { at: start });
        }
        let operators = [(">>", Existing::Append), (">!", Existing::Replace), (">", Existing::Keep)];
        let written = |(operator, _): &&(&str, Existing)| self.text[start..].starts_with(operator);
        let &(operator, existing) = operators.iter().find(written).unwrap_or(&operators[2]);
        self.at += operator.len();
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let file = match self.next() {
            None | Some('>' | '<' | '|' | '&' | '#' | ';') => None,
            Some(_) => Some(self.word()),
        };
        match file.filter(|file| !file.text.is_empty()) {
            Some(file) => {
                let span = start..file.span.end;
                let redirection = Redirection { path: file.text, existing, file: file.span, span };
                self.scan.line.redirection.get_or_insert(redirection);
            }
            None => self.wrong(LineError::NoFile { at: start }),
        }
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut text = String::new();
        let mut quoted = false;
        while let Some(character) = self.next() {
            match character {
                '>' | '<' | ';' => break,
                space if space.is_whitespace() => break,
                '\'' | '"' => {
                    quoted = true;
                    self.quotation(character, &mut text);
                }
                '\\' => {
                    quoted = true;
                    self.escaped(&mut text);
                }
                '[' | '(' => {
                    let end = self.closing().unwrap_or(self.at);
                    text.push_str(&self.text[self.at..=end]);
                    self.at = end + 1;
                }
                other => {
                    text.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        Word { text, span: start..self.at, quoted }
    }

    /// The position of the bracket that closes the one here.
    fn closing(&self) -> Option<usize> {
        let found = self.brackets.binary_search_by_key(&self.at, |&(open, _)| open).ok()?;
        Some(self.brackets[found].1)
    }

    fn quotation(&mut self, quote: char, text: &mut String) {
        let open = self.at;
        self.at += 1;
        while let Some(character) = self.next() {
            self.at += character.len_utf8();
            match character {
                end if end == quote => return,
                '\\' if quote == '"' => match self.next() {
                    Some('\n') => self.at += 1,
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                        text.push(escaped);
                        self.at += 1;
                    }
                    _ => text.push('\\'),
                },
                other => text.push(other),
            }
        }
        self.scan.open = Some(quote);
        let column = self.text[..open].chars().count() + 1;
        self.wrong(LineError::UnclosedQuote { quote, at: open, column });
    }

    /// A backslash outside of quotes. At the end of the line it is an ordinary character.
    fn escaped(&mut self, text: &mut String) {
        self.at += 1;
        match self.next() {
            Some('\n') => self.at += 1,
            Some(character) => {
                text.push(character);
                self.at += character.len_utf8();
            }
            None => text.push('\\'),
        }
    }
}

/// Matched brackets outside of quotes, as positions of the opening and the closing one, in order. Linear in the length of
/// the line, whatever is pasted.
fn closed_brackets(text: &str) -> Vec<(usize, usize)> {
    let mut brackets = Brackets::default();
    // A quote that is not closed after this position is not closed after a later one either.
    let mut unclosed = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let next = at + character.len_utf8();
        let rest = &text[next..];
        let mut skipped = 0;
        match character {
            '\\' => skipped = rest.chars().next().map_or(0, char::len_utf8),
            '\'' | '"' if !unclosed.contains(&character) => {
                // A backslash escapes both quotes in a JSONPath string, and only the double one in a shell.
                let escapes = character == '"' || !brackets.open.is_empty();
                match end_of_quotation(rest, character, escapes) {
                    Some(end) => skipped = end,
                    None => unclosed.push(character),
                }
            }
            '[' | '(' => brackets.open(character, at),
            ']' => brackets.close('[', at),
            ')' => brackets.close('(', at),
            _ => {}
        }
        at = next + skipped;
    }
    brackets.closed.sort_unstable();
    brackets.closed
}

/// The position after a quotation that has just begun.
fn end_of_quotation(text: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            end if end == quote => return Some(at + end.len_utf8()),
            '\\' if escapes => {
                characters.next();
            }
            _ => {}
        }
    }
    None
}

#[derive(Default)]
struct Brackets {
    open: Vec<(char, usize)>,
    squares: usize,
    closed: Vec<(usize, usize)>,
}

impl Brackets {
    fn open(&mut self, bracket: char, at: usize) {
        self.squares += usize::from(bracket == '[');
        self.open.push((bracket, at));
    }

    /// Closes the last bracket of this kind. Brackets that were opened after it are ordinary characters.
    fn close(&mut self, bracket: char, at: usize) {
        let rounds = self.open.len() - self.squares;
        if (if bracket == '[' { self.squares } else { rounds }) == 0 {
            return;
        }
        while let Some((last, opened)) = self.open.pop() {
            self.squares -= usize::from(last == '[');
            if last == bracket {
                self.closed.push((opened, at));
                return;
            }
        }
    }
}
