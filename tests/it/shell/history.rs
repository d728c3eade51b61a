//! What was typed before, in this session and in those before it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::screen::{Key, Screen};

fn shell(home: &Path) -> Screen {
    let screen = Screen::open(&["--lab"]).home(home).start();
    screen.wait_for_prompt();
    screen
}

fn leave(mut screen: Screen) {
    screen.wait_for_prompt();
    screen.press(Key::CtrlD);
    screen.wait_for_exit();
}

fn file(home: &Path) -> PathBuf {
    home.join(".local/state/ociscope/history")
}

fn lines(home: &Path) -> Vec<String> {
    let text = fs::read_to_string(file(home)).expect("a history");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_next_session_has_the_lines_of_the_last() {
    let home = TempDir::new().expect("a home");
    let mut screen = shell(home.path());
    screen.command("use ghcr.io/example/greeting:1.0");
    screen.command("manfiest here");
    leave(screen);
    let mode = fs::metadata(file(home.path())).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let screen = shell(home.path());
    let mut screen = screen;
    screen.press(Key::Up);
    screen.wait_for_input("manfiest here");
    screen.press(Key::Up);
    screen.wait_for_input("use ghcr.io/example/greeting:1.0");
    screen.press(Key::Enter);
    screen.wait_for_prompt();
    // Searched for from the end.
    screen.press(Key::CtrlR);
    screen.type_text("manf");
    screen.wait_for("manfiest here");
}

#[test]
fn a_line_with_a_secret_is_run_and_not_kept() {
    let home = TempDir::new().expect("a home");
    let mut screen = shell(home.path());
    screen.command("set header 'X-Api-Key: CANARY1234'");
    screen.command("get https://ghcr.io/v2/ --header 'Authorization: Bearer CANARY5678'");
    screen.command("probe https://me:CANARY9012@ghcr.io/a/b:c");
    screen.command("explain CANARY1234 is what was set above");
    screen.command("use ghcr.io/a/b -u me:CANARY3456");
    let said = screen.command("probe ghcr.io/a/b -ume:CANARY7890");
    assert!(!said.replace("-ume:CANARY7890", "").contains("CANARY7890"), "{said}");
    screen.command(" use ghcr.io/a/with-a-blank-before:1");
    screen.command("use ghcr.io/example/greeting:1.0");
    leave(screen);
    let kept = lines(home.path());
    assert_eq!(kept, ["use ghcr.io/example/greeting:1.0"], "{kept:?}");
}

#[test]
fn two_shells_at_once_keep_the_lines_of_both() {
    let home = TempDir::new().expect("a home");
    let (mut one, mut other) = (shell(home.path()), shell(home.path()));
    for number in 0..10 {
        one.command(&format!("use one.example/a:{number}"));
        other.command(&format!("use other.example/a:{number}"));
    }
    leave(one);
    leave(other);
    let kept = lines(home.path());
    for name in ["one", "other"] {
        let of_it: Vec<_> = kept.iter().filter(|line| line.contains(&format!("{name}.example"))).collect();
        assert_eq!(of_it.len(), 10, "{kept:?}");
    }
}

#[test]
fn a_damaged_line_costs_no_other() {
    let home = TempDir::new().expect("a home");
    let path = file(home.path());
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, b"use first.example/a:1\n\xff\xfe broken\nclear \x1b[2J\nuse last.example/a:1\n").expect("a file");
    let mut screen = shell(home.path());
    screen.press(Key::Up);
    screen.wait_for_input("use last.example/a:1");
    screen.press(Key::Up);
    screen.wait_for_input("use first.example/a:1");
    screen.press(Key::CtrlC);
    screen.wait_for_prompt();
    screen.command("use new.example/a:1");
    leave(screen);
    let kept = fs::read(&path).expect("a history");
    assert!(String::from_utf8_lossy(&kept).contains("use new.example/a:1"));
    assert!(String::from_utf8_lossy(&kept).contains("use first.example/a:1"));
}

#[test]
fn without_a_place_for_it_the_shell_works_all_the_same() {
    let home = TempDir::new().expect("a home");
    fs::write(home.path().join(".local"), "not a folder").expect("a file");
    let mut screen = shell(home.path());
    screen.command("use ghcr.io/example/greeting:1.0");
    screen.press(Key::Up);
    screen.wait_for_input("use ghcr.io/example/greeting:1.0");
}
