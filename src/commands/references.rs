//! References in a file or on standard input: `-f FILE`.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::explanation::text_of;
use crate::text::Untrusted;
use crate::transport::read_file;

/// The most bytes of a list.
const MOST_BYTES: u64 = 1 << 20;
/// The most references of a list.
const MOST: usize = 10_000;
/// The name of standard input on a command line.
const STANDARD_INPUT: &str = "-";

/// The prompt if standard input is a terminal.
const WAITING: &str = if cfg!(windows) {
    "Paste references, one a line, then press Enter, Ctrl-Z and Enter."
} else {
    "Paste references, one a line, then press Enter and Ctrl-D."
};

/// A list of references that is read along with those of the command line.
#[derive(Debug, Clone, Default, Args)]
pub struct ReferenceList {
    /// Read references from FILE, one a line; - is standard input
    ///
    /// Empty lines and comments (# to the end of the line) are skipped. A list has at most 10,000 references and 1 MiB.
    #[arg(short = 'f', long, value_name = "FILE")]
    file: Option<PathBuf>,

    #[arg(skip)]
    references: Vec<String>,
}

/// Why a list was not read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadList {
    /// The file cannot be read.
    #[error("{name} could not be read: {why}")]
    Unreadable {
        /// The file, printable.
        name: String,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// It has more bytes than a list may have.
    #[error("{0} is longer than 1 MiB, the limit for a list of references")]
    TooLong(String),
    /// It has more references than a run takes.
    #[error("{0} has more than 10000 references, the limit for one run; split it")]
    TooMany(String),
    /// It has none.
    #[error("{0} contains no references; write one a line")]
    Empty(String),
    /// The shell reads its commands from standard input.
    #[error("the shell reads its commands from standard input, so -f - does not work here; write -f FILE")]
    InputTaken,
}

impl ReferenceList {
    /// Whether the list comes on standard input.
    pub fn is_standard_input(&self) -> bool {
        self.file.as_deref() == Some(Path::new(STANDARD_INPUT))
    }

    /// Reads the list, where one is named. `input` is standard input; `None` where commands are read from it.
    ///
    /// # Errors
    /// See [`UnreadList`].
    pub fn load(&mut self, input: Option<&mut dyn Read>) -> Result<(), UnreadList> {
        let Some(file) = &self.file else { return Ok(()) };
        let is_input = self.is_standard_input();
        let name = if is_input { "standard input".to_owned() } else { printable(file) };
        let unreadable = |why: String| UnreadList::Unreadable { name: name.clone(), why };
        let bytes = match (is_input, input) {
            (true, None) => return Err(UnreadList::InputTaken),
            (true, Some(input)) => piped(input).map_err(|error| unreadable(error.to_string()))?,
            (false, _) => match read_file(file, MOST_BYTES) {
                Ok(bytes) => bytes,
                Err(crate::transport::UnreadFile::TooLong) => return Err(UnreadList::TooLong(name)),
                Err(unread) => return Err(unreadable(unread.words(MOST_BYTES))),
            },
        };
        if bytes.len() as u64 > MOST_BYTES {
            return Err(UnreadList::TooLong(name));
        }
        self.references = references_in(text_of(&bytes).as_str()).take(MOST + 1).map(str::to_owned).collect();
        match self.references.len() {
            0 => Err(UnreadList::Empty(name)),
            count if count > MOST => Err(UnreadList::TooMany(name)),
            _ => Ok(()),
        }
    }

    /// The references that were read.
    pub(super) fn references(&self) -> &[String] {
        &self.references
    }
}

/// All of standard input, up to one byte more than a list may have.
fn piped(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    if io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "{WAITING}");
    }
    let mut bytes = Vec::new();
    input.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The references of a list. A `#` begins a comment at the beginning of a line and after a space: references have none.
fn references_in(text: &str) -> impl Iterator<Item = &str> {
    let without_comment = |line: &str| {
        let is_comment = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
        line.match_indices('#').map(|(at, _)| at).find(|&at| is_comment(at))
    };
    text.lines()
        .map(move |line| without_comment(line).map_or(line, |at| &line[..at]))
        .map(|line| line.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}'))
        .filter(|line| !line.is_empty())
}

fn printable(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).printable()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(file: &str, input: Option<&str>) -> Result<Vec<String>, String> {
        let mut list = ReferenceList { file: Some(file.into()), references: Vec::new() };
        let mut bytes = input.unwrap_or_default().as_bytes();
        let input = input.map(|_| &mut bytes as &mut dyn Read);
        list.load(input).map_err(|error| error.to_string())?;
        Ok(list.references)
    }

    #[test]
    fn list_has_a_reference_a_line_and_comments() {
        for (text, expected) in [
            ("alpine:3.20", &["alpine:3.20"][..]),
            ("alpine\nghcr.io/acme/api:1.4.2\n", &["alpine", "ghcr.io/acme/api:1.4.2"]),
            ("# images\r\n\r\n  quay.io/a/b:1  \r\nr.test:5000/c\r\n", &["quay.io/a/b:1", "r.test:5000/c"]),
            ("a/b:1 # the old one\n\t#c/d:2\ne/f", &["a/b:1", "e/f"]),
            ("\u{feff}a/b:1\na/b:1", &["a/b:1", "a/b:1"]),
            ("a/b#c", &["a/b#c"]),
            ("image: a/b", &["image: a/b"]),
        ] {
            assert_eq!(loaded("-", Some(text)).unwrap(), expected, "{text}");
        }
        // PowerShell writes files in UTF-16.
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("images.txt");
        let utf_16: Vec<u8> = "\u{feff}a/b:1\r\nc/d:2\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(&path, utf_16).unwrap();
        assert_eq!(loaded(path.to_str().unwrap(), None).unwrap(), ["a/b:1", "c/d:2"]);
    }

    #[test]
    fn list_that_is_not_read_says_why() {
        let many = "a/b\n".repeat(MOST + 1);
        let long = "#".repeat(2 << 20);
        for (file, input, words) in [
            ("-", Some(""), "standard input contains no references; write one a line"),
            ("-", Some("# nothing\n\n"), "standard input contains no references; write one a line"),
            ("-", Some(&many[..]), "standard input has more than 10000 references, the limit for one run; split it"),
            ("-", Some(&long[..]), "standard input is longer than 1 MiB, the limit for a list of references"),
            ("-", None, "the shell reads its commands from standard input, so -f - does not work here; write -f FILE"),
            ("/nowhere/images.txt", None, "/nowhere/images.txt could not be read: No such file or directory"),
            ("/", None, "/ could not be read: it is a directory"),
            ("a\u{1b}[2Jb", None, "a\\x1b[2Jb could not be read: No such file or directory"),
        ] {
            assert_eq!(loaded(file, input).expect_err(file), words);
        }
        assert_eq!(loaded("-", Some(&"a/b\n".repeat(MOST))).unwrap().len(), MOST, "the limit itself is allowed");
    }
}
