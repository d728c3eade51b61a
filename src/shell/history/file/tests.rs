//! Files as they are after years, after accidents, and with two shells at once.

use std::sync::Barrier;

use super::*;

fn lines_of(path: &Path) -> Vec<String> {
    let (lines, trouble) = HistoryFile::new(path.to_owned()).read().unwrap();
    assert!(trouble.is_none(), "{trouble:?}");
    lines
}

#[test]
fn damaged_lines_are_left_out_and_the_others_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let long = "x".repeat(LONGEST + 1);
    let mut bytes = b"tags\n\xff\xfe\nconfig\n\x1b[2J\n\n   \nbidi \xe2\x80\xae\nlayers \xc3\xa9\n\0\n".to_vec();
    bytes.extend(format!("{long}\n{}\nhalf", "y".repeat(LONGEST)).bytes());
    fs::write(&path, bytes).unwrap();
    assert_eq!(lines_of(&path), ["tags", "config", "layers é", &"y".repeat(LONGEST), "half"]);
}

#[test]
fn incomplete_line_damages_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    fs::write(&path, "tags\nconf").unwrap();
    HistoryFile::new(path.clone()).append("layers").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "tags\nconf\nlayers\n");
}

#[test]
fn long_file_is_cut_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let text: String = (1..=FULL).map(|number| format!("show {number}\n")).collect();
    fs::write(&path, &text).unwrap();
    // As another shell has it open meanwhile.
    let mut other = File::open(&path).unwrap();
    HistoryFile::new(path.clone()).append("last").unwrap();
    let lines = lines_of(&path);
    assert_eq!(lines.len(), KEPT);
    assert_eq!((lines[0].as_str(), lines[KEPT - 1].as_str()), ("show 1002", "last"));
    let mut seen = String::new();
    other.read_to_string(&mut seen).unwrap();
    assert_eq!(seen.lines().count(), KEPT, "it is the same file");

    fs::write(&path, text.split_inclusive('\n').skip(1).collect::<String>()).unwrap();
    HistoryFile::new(path.clone()).append("last").unwrap();
    assert_eq!(lines_of(&path).len(), FULL, "no sooner than that");
}

#[test]
fn end_of_a_huge_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let file = File::create(&path).unwrap();
    file.set_len(3 * LIMIT).unwrap();
    drop(file);
    let history = HistoryFile::new(path.clone());
    history.append("tags").unwrap();
    history.append("config").unwrap();
    assert_eq!(lines_of(&path), ["tags", "config"]);
    assert!(fs::metadata(&path).unwrap().len() <= LIMIT);
}

#[test]
fn two_shells_neither_lose_nor_mix_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ociscope/history");
    let together = Barrier::new(4);
    thread::scope(|scope| {
        for shell in 0..4 {
            let (path, together) = (path.clone(), &together);
            scope.spawn(move || {
                let history = HistoryFile::new(path);
                together.wait();
                for number in 0..25 {
                    // A machine that is busy with other things may take longer than a person would be kept waiting.
                    while let Err(trouble) = history.append(&format!("shell {shell} line {number}")) {
                        assert!(matches!(trouble, Trouble::Locked(_)), "{trouble}");
                    }
                }
            });
        }
    });
    let lines = lines_of(&path);
    assert_eq!(lines.len(), 100);
    for shell in 0..4 {
        let of_one: Vec<_> = lines.iter().filter(|line| line.starts_with(&format!("shell {shell} "))).collect();
        let expected: Vec<_> = (0..25).map(|number| format!("shell {shell} line {number}")).collect();
        assert_eq!(of_one, expected.iter().collect::<Vec<_>>());
    }
}

#[test]
fn lock_that_is_never_released_does_not_block() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    fs::write(&path, "tags\n").unwrap();
    let other = OpenOptions::new().write(true).open(&path).unwrap();
    other.lock().unwrap();
    assert!(matches!(HistoryFile::new(path.clone()).append("config"), Err(Trouble::Locked(_))));
    assert_eq!(lines_of(&path), ["tags"], "reading does without");
    drop(other);
    HistoryFile::new(path.clone()).append("config").unwrap();
    assert_eq!(lines_of(&path), ["tags", "config"]);
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn file_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/ociscope/history");
        HistoryFile::new(path.clone()).append("tags").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&folder.path().join("state")), 0o700);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(lines_of(&path), ["tags"]);
        assert_eq!(mode(&path), 0o600, "a wider mode is narrowed");
    }

    #[test]
    fn other_kinds_of_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "not ours\n").unwrap();
        let link = folder.path().join("link");
        symlink(&elsewhere, &link).unwrap();
        let dangling = folder.path().join("dangling");
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [&link, &dangling, &socket] {
            let history = HistoryFile::new(path.clone());
            assert!(matches!(history.read(), Err(Trouble::NotAFile(_))), "{}", path.display());
            assert!(matches!(history.append("tags"), Err(Trouble::NotAFile(_))), "{}", path.display());
        }
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "not ours\n");
        assert!(!folder.path().join("nowhere").exists());
    }

    #[test]
    fn path_with_escape_codes_is_shown_escaped() {
        let trouble = Trouble::NotAFile(PathBuf::from("/tmp/\u{1b}[2J"));
        assert_eq!(trouble.to_string(), "/tmp/\\x1b[2J is not a plain file");
    }
}
