//! The history of lines, kept for later sessions.
//!
//! No error of its file keeps the shell from working, and no secret is written to it.

mod file;
mod secrets;

use std::collections::VecDeque;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use self::file::{HistoryFile, Trouble, fits};

/// The most lines in memory, and in the file after it is cut.
pub const KEPT: usize = 1000;

/// The lines, oldest first, and their file.
#[derive(Debug, Default)]
pub struct History {
    file: Option<HistoryFile>,
    lines: VecDeque<String>,
    trouble: Option<String>,
}

impl History {
    /// The user's history: `$XDG_STATE_HOME/ociscope/history`, `~/.local/state/ociscope/history`, or on Windows
    /// `%LOCALAPPDATA%\ociscope\history`. If that cannot be used, a history in memory; [`History::trouble`] says why.
    pub fn open() -> Self {
        match place(|name| env::var_os(name)) {
            Some(path) => Self::at(path),
            None => Self::troubled(&Trouble::NoHome),
        }
    }

    /// The history in this file, which is created if it does not exist.
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

    /// The lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Adds a line that [`History::keeps`] allows. A repeated line is added once; a line that does not fit in a line of the file
    /// is kept for this session only. Returns whether the line was added.
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

    /// Why the history is not saved, in one sentence; only once.
    pub fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Whether a line may be kept: it has no recognizable secret, and does not begin with a space, which keeps lines out of the
    /// history as in other shells. `secrets` says whether it contains a known secret of this session.
    pub fn keeps(line: &str, secrets: impl Fn(&str) -> bool) -> bool {
        !line.starts_with(char::is_whitespace) && !secrets::may_hold_one(line) && !secrets(line)
    }
}

fn last_of(lines: Vec<String>) -> VecDeque<String> {
    let surplus = lines.len().saturating_sub(KEPT);
    lines.into_iter().skip(surplus).collect()
}

fn sentence(trouble: &Trouble) -> String {
    format!("the history is not saved: {trouble}")
}

/// The path of the history.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // Relative paths are ignored (XDG Base Directory Specification).
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
    fn history_is_in_the_state_folder() {
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
    fn next_session_has_the_lines_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/ociscope/history");
        let mut history = History::at(path.clone());
        assert!(history.add("probe alpine") && history.add("tags  "));
        assert!(!history.add("tags"), "a repeated line");
        assert!(!history.add("  "));
        assert!(history.add("explain two\nlines"), "kept for this session");
        assert_eq!(history.lines().collect::<Vec<_>>(), ["probe alpine", "tags", "explain two\nlines"]);
        assert_eq!(history.trouble(), None);
        assert_eq!(fs::read_to_string(&path).unwrap(), "probe alpine\ntags\n");
        assert_eq!(History::at(path).lines().collect::<Vec<_>>(), ["probe alpine", "tags"]);
    }

    #[test]
    fn history_without_a_file_works_and_reports_once() {
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
            assert!(trouble.starts_with("the history is not saved: "), "{trouble}");
            assert!(trouble.contains(says), "{trouble}");
            assert_eq!(history.trouble(), None);
        }
        assert!(sentence(&Trouble::NoHome).ends_with("HOME is not set"));
    }

    #[test]
    fn lines_stay_in_memory_if_the_file_fails_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let mut history = History::at(path.clone());
        history.add("tags");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(history.add("config") && history.add("layers"));
        assert_eq!(history.lines().collect::<Vec<_>>(), ["tags", "config", "layers"]);
        assert!(history.trouble().unwrap().contains("is not a plain file"));
        assert_eq!(history.trouble(), None, "not reported for the second line");
    }

    #[test]
    fn lines_in_memory_are_bounded() {
        let mut history = History::default();
        for number in 0..KEPT + 10 {
            history.add(&format!("show {number}"));
        }
        assert_eq!(history.lines().count(), KEPT);
        assert_eq!(history.lines().next(), Some("show 10"));
        assert_eq!(history.trouble(), None);
    }
}
