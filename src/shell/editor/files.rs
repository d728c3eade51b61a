//! Completion of the file after `>`.

use std::fs;
use std::path::Path;

use crate::text::is_safe;

/// The most entries of a folder that are read.
const MOST: usize = 10_000;

/// The completions of a path that is typed up to here, in quotes or not: the text to insert, and the name to show.
pub(super) fn files(typed: &str, quote: Option<char>) -> Vec<(String, String)> {
    let (folder, name) = typed.rfind('/').map_or(("", typed), |slash| typed.split_at(slash + 1));
    let read = match folder.strip_prefix("~/") {
        Some(rest) => std::env::home_dir().map(|home| home.join(rest)),
        None => Some(Path::new(if folder.is_empty() { "." } else { folder }).to_owned()),
    };
    let entries = read.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten().take(MOST);
    let found = entries.filter_map(|entry| {
        let found = entry.file_name().into_string().ok()?;
        let is_hidden = found.starts_with('.') && !name.starts_with('.');
        let fits = found.starts_with(name) && !is_hidden && found.chars().all(is_safe);
        fits.then(|| (found, entry.path().is_dir()))
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    let is_only = found.len() == 1;
    let completion = |(found, is_folder): &(String, bool)| {
        let shown = format!("{found}{}", if *is_folder { "/" } else { "" });
        let text = written(&format!("{folder}{shown}"), quote)?;
        // A folder goes on.
        let end = if is_only && !is_folder { quote.map(String::from).unwrap_or_default() + " " } else { String::new() };
        Some((text + &end, shown))
    };
    found.iter().filter_map(completion).collect()
}

/// A path as a line has it; `None` if it cannot be in these quotes.
fn written(path: &str, quote: Option<char>) -> Option<String> {
    match quote {
        Some(quote) => (!path.contains([quote, '\\'])).then(|| path.to_owned()),
        None => {
            let is_active = |c: char| c.is_whitespace() || "'\"\\<>;|&#[]()!".contains(c);
            Some(path.chars().flat_map(|c| is_active(c).then_some('\\').into_iter().chain([c])).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::Line;

    #[test]
    fn files_and_folders_are_completed_as_a_line_reads_them() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in ["report.md", "report 2.md", "it's.md", "log.txt", ".hidden", "\u{1b}[2J.md"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("folder")).unwrap();
        let root = folder.path().display();
        let offered = |typed: &str, quote| {
            let found = files(&format!("{root}/{typed}"), quote);
            found.into_iter().map(|(text, _)| text.replace(&format!("{root}/"), "")).collect::<Vec<_>>()
        };
        assert_eq!(offered("rep", None), ["report\\ 2.md", "report.md"]);
        assert_eq!(offered("l", None), ["log.txt "]);
        assert_eq!(offered("f", None), ["folder/"]);
        assert_eq!(offered(".h", None), [".hidden "]);
        assert_eq!(offered("it", None), ["it\\'s.md "]);
        assert_eq!(offered("it", Some('\'')), [""; 0], "it cannot be in these quotes");
        assert_eq!(offered("l", Some('"')), ["log.txt\" "]);
        assert_eq!(offered("none/", None), [""; 0]);
        assert!(!offered("", None).iter().any(|name| name.contains("hidden") || name.contains("2J")));
        for (text, _) in files(&format!("{root}/"), None) {
            let line = Line::read(&format!("tags > {text}")).unwrap();
            assert!(Path::new(&line.redirection.unwrap().path).exists(), "{text}");
        }
    }
}
