//! `> FILE` at the end of a line of the shell, and `query --raw`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use crate::support::ociscope::{Run, ociscope};
use crate::support::screen::{Key, Screen};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

/// A script in the lab, after the image has become the current one.
fn script(lines: &str) -> Run {
    ociscope(&["--lab"]).input(&format!("use {IMAGE}\n{lines}")).run()
}

#[test]
fn existing_file_is_kept_unless_the_line_says_otherwise() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("report.txt");
    let at = file.display();
    let content = || fs::read_to_string(&file).expect("a file");
    let first = script(&format!("config > {at}\n"));
    assert_eq!(first.status, 0, "{first:?}");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let written = content();
    let second = script(&format!("layers > {at}\n"));
    assert_eq!((second.status, content()), (2, written.clone()), "{second:?}");
    assert!(second.stderr.contains("report.txt exists; write >! instead of > to replace it"), "{second:?}");
    assert_eq!(script(&format!("layers >> {at}\n")).status, 0);
    assert!(content().starts_with(&written) && content().len() > written.len());
    assert_eq!(script(&format!("layers >! {at}\n")).status, 0);
    assert!(!content().starts_with(&written) && content().contains("11 layers"), "{}", content());
    // What is not a file is no result that could be lost.
    assert_eq!(script("layers > /dev/null\nlayers > /dev/null\n").status, 0);
}

/// Nothing is asked for a result that will not be written.
#[test]
fn nothing_is_sent_for_a_file_that_is_refused() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("old.json"), "{}").expect("a file");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let run = script(&format!("tags > {}\ntags > {}\nsession\n", at("old.json"), at("report.pdf")));
    assert!(run.status == 2 && run.stdout.contains("No exchanges yet"), "{run:?}");
    assert!(!folder.path().join("report.pdf").exists());
}

#[test]
fn ending_of_another_format_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    for (line, name) in [("layers", "a.pdf"), ("manifest", "b.yaml"), ("session", "c.YML"), ("rules", "d.csv")] {
        let run = script(&format!("{line} > {}\n", at(name)));
        assert_eq!((run.status, folder.path().join(name).exists()), (2, false), "{run:?}");
        let ending = name.rsplit('.').next().expect("an ending").to_lowercase();
        assert!(run.stderr.contains(&format!("results are not written as .{ending}; the formats are .md")), "{run:?}");
    }
    for (line, name) in [
        ("layers", "report"),
        ("layers", "report.log"),
        ("manifest --raw", "bytes.yaml"),
        ("config --as apptainer", "image.def"),
        ("layers --format json", "layers.yaml"),
        ("manifest\nquery --raw $.layers[*].size", "sizes.csv"),
    ] {
        let run = script(&format!("{line} > {}\n", at(name)));
        assert!(run.status == 0 && folder.path().join(name).exists(), "{line} > {name}: {run:?}");
    }
    assert_eq!(fs::read_to_string(at("sizes.csv")).expect("a file").lines().count(), 11);
}

#[test]
fn link_is_not_followed_however_the_line_is_written() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("precious"), "precious").expect("a file");
    symlink("precious", folder.path().join("link.txt")).expect("a link");
    symlink("nowhere", folder.path().join("dangling.txt")).expect("a link");
    for (sign, name) in
        [(">", "link.txt"), (">!", "link.txt"), (">>", "link.txt"), (">", "dangling.txt"), (">!", "dangling.txt")]
    {
        let run = script(&format!("layers {sign} {}\n", folder.path().join(name).display()));
        assert_ne!(run.status, 0, "{sign} {name}: {run:?}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("precious")).expect("a file"), "precious");
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn raw_values_are_lines_for_another_program() {
    let run = script("manifest > /dev/null\nquery --raw $.config.digest\nquery --raw $.layers[*].size\n");
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("sha256:") && line.len() == 71), "{run:?}");
    assert_eq!(lines.iter().filter(|line| line.parse::<u64>().is_ok()).count(), 11, "{run:?}");
    let run = script("manifest > /dev/null\nquery --raw $.config.digest --public\n");
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn file_is_completed_at_the_prompt() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("a report.md"), "").expect("a file");
    let mut screen = Screen::open(&["--lab"]).folder(folder.path()).start();
    screen.wait_for_prompt();
    screen.type_text("rules >! a");
    screen.press(Key::Tab);
    screen.wait_for_input("rules >! a\\ report.md ");
    screen.type_text("\n");
    screen.wait_for("bytes written to a report.md");
    assert!(fs::read_to_string(folder.path().join("a report.md")).expect("a file").contains("tag-not-found"));
}
