//! What was typed before, for the arrow keys of the next session.
//!
//! A history is a convenience: nothing that goes wrong with its file may keep the shell from working, and nothing that
//! is secret may get into it.

mod file;
mod secrets;

use std::collections::VecDeque;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use self::file::{HistoryFile, Trouble, fits};

/// How many lines are kept in mind, and how many are left when the file is cut.
pub const KEPT: usize = 1000;

/// The lines that were typed, oldest first, and the file that they are kept in.
#[derive(Debug, Default)]
pub struct History {
    file: Option<HistoryFile>,
    lines: VecDeque<String>,
    trouble: Option<String>,
}

impl History {
    /// The user's history: `$XDG_STATE_HOME/ociscope/history`, `~/.local/state/ociscope/history`, or on Windows
    /// `%LOCALAPPDATA%\ociscope\history`. Where that cannot be used, a history in memory, and
    /// [`History::trouble`] says why.
    pub fn open() -> Self {
        match place(|name| env::var_os(name)) {
            Some(path) => Self::at(path),
            None => Self::troubled(&Trouble::NoHome),
        }
    }

    /// The history in this file, which is made where there is none.
    pub fn at(path: PathBuf) -> Self {
        let file = HistoryFile::new(path);
        match file.read() {
            Ok((lines, None)) => Self { file: Some(file), lines: last_of(lines), trouble: None },
            Ok((lines, Some(trouble))) => Self { lines: last_of(lines), ..Self::troubled(&trouble) },
            Err(trouble) => Self::troubled(&trouble),
        }
    }

    fn troubled(trouble: &Trouble) -> Self {
        Self { trouble: Some(sentence(trouble)), ..Self::default() }
    }

    /// What was typed, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Keeps a line that [`History::keeps`] allows. One that is typed twice in a row is kept once; one that takes more
    /// than a line of the file is kept for this session only. Says whether the line is new.
    pub fn add(&mut self, line: &str) -> bool {
        let line = line.trim_end();
        if line.is_empty() || self.lines.back().is_some_and(|last| last == line) {
            return false;
        }
        if let Some(file) = self.file.as_ref().filter(|_| fits(line))
            && let Err(trouble) = file.append(line)
        {
            self.trouble = Some(sentence(&trouble));
            self.file = None;
        }
        if self.lines.len() >= KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
        true
    }

    /// Why what is typed is forgotten when the session ends, in one sentence. It is said once.
    pub fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Whether a line may be kept: it holds no secret as far as anybody can tell, and does not begin with a blank,
    /// which is how people say that a line is not to be kept. `secrets` says whether a value is in the line that this
    /// session knows to be secret.
    pub fn keeps(line: &str, secrets: impl Fn(&str) -> bool) -> bool {
        !line.starts_with(char::is_whitespace) && !secrets::may_hold_one(line) && !secrets(line)
    }
}

fn last_of(lines: Vec<String>) -> VecDeque<String> {
    let surplus = lines.len().saturating_sub(KEPT);
    lines.into_iter().skip(surplus).collect()
}

fn sentence(trouble: &Trouble) -> String {
    format!("what you type is forgotten when you leave: {trouble}")
}

/// Where the history is kept.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // What is not absolute is to be ignored (XDG Base Directory Specification).
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))
    };
    Some(state?.join("ociscope").join("history"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_history_is_in_the_state_folder() {
        let place = |variables: &[(&str, &str)]| {
            let found = place(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()));
            found.map(|path| path.display().to_string())
        };
        let expected = |path: &str| Some(path.to_owned());
        assert_eq!(place(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), expected("/s/ociscope/history"));
        assert_eq!(place(&[("HOME", "/h")]), expected("/h/.local/state/ociscope/history"));
        assert_eq!(place(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]), expected("/h/.local/state/ociscope/history"));
        assert_eq!(place(&[("HOME", "")]), None);
        assert_eq!(place(&[]), None);
    }

    #[test]
    fn the_next_session_has_the_lines_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/ociscope/history");
        let mut history = History::at(path.clone());
        assert!(history.add("probe alpine") && history.add("tags  "));
        assert!(!history.add("tags"), "typed twice in a row");
        assert!(!history.add("  "));
        assert!(history.add("explain two\nlines"), "kept for this session");
        assert_eq!(history.lines().collect::<Vec<_>>(), ["probe alpine", "tags", "explain two\nlines"]);
        assert_eq!(history.trouble(), None);
        assert_eq!(fs::read_to_string(&path).unwrap(), "probe alpine\ntags\n");
        assert_eq!(History::at(path).lines().collect::<Vec<_>>(), ["probe alpine", "tags"]);
    }

    #[test]
    fn a_history_without_a_file_works_and_says_once_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for (path, says) in
            [(folder.path().to_owned(), "is not a plain file"), (file.join("ociscope/history"), "cannot be used: ")]
        {
            let mut history = History::at(path);
            assert!(history.add("tags"));
            assert_eq!(history.lines().collect::<Vec<_>>(), ["tags"]);
            let trouble = history.trouble().unwrap();
            assert!(trouble.starts_with("what you type is forgotten when you leave: "), "{trouble}");
            assert!(trouble.contains(says), "{trouble}");
            assert_eq!(history.trouble(), None);
        }
        assert!(sentence(&Trouble::NoHome).ends_with("there is no HOME to keep it in"));
    }

    #[test]
    fn a_file_that_fails_later_leaves_the_lines_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let mut history = History::at(path.clone());
        history.add("tags");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(history.add("config") && history.add("layers"));
        assert_eq!(history.lines().collect::<Vec<_>>(), ["tags", "config", "layers"]);
        assert!(history.trouble().unwrap().contains("is not a plain file"));
        assert_eq!(history.trouble(), None, "the second line does not say it again");
    }

    #[test]
    fn memory_stays_flat() {
        let mut history = History::default();
        for number in 0..KEPT + 10 {
            history.add(&format!("show {number}"));
        }
        assert_eq!(history.lines().count(), KEPT);
        assert_eq!(history.lines().next(), Some("show 10"));
        assert_eq!(history.trouble(), None);
    }
}
