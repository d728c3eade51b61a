//! What is longer than the screen goes through the user's pager, and nothing else changes by it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::ociscope::{in_a_shell, ociscope};
use crate::support::screen::{Key, Screen, ScreenBuilder};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

/// A tag that does not exist; a diagnosis ends with 10.
const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";

/// A folder with a pager of this name, which is a script.
fn folder_with(name: &str, script: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a program");
    (folder, path)
}

/// A pager that says so, and with which arguments, and shows nothing.
const SAYING: &str = r#"cat > /dev/null; echo "paged by $(basename "$0") $*""#;

fn on_a_screen(arguments: &[&str]) -> ScreenBuilder {
    Screen::open(arguments).env("PATH", "/usr/bin:/bin")
}

/// The status and the screen of a run with this pager.
fn paged(arguments: &[&str], pager: &Path) -> (u32, String) {
    let mut screen = on_a_screen(arguments).env("OCISCOPE_PAGER", &pager.display().to_string()).start();
    (screen.wait_for_exit(), screen.text())
}

#[test]
fn long_result_goes_through_the_pager_and_the_status_is_the_verdict() {
    let (_folder, pager) = folder_with("mine", SAYING);
    for (arguments, status) in [
        (&["--lab", "--platform", "linux/amd64", "diagnose", MISSING, "--format", "markdown"][..], 10),
        (&["--lab", "probe", IMAGE], 0),
        (&["--lab", "probe", IMAGE, "--json"], 0),
        (&["--lab", "probe", IMAGE, "--accept", "docker-v1"], 11),
        (&["rules"], 0),
        (&["lab", "list"], 0),
        (&["man"], 0),
        (&["--lab", "manifest", IMAGE], 0),
        (&["--lab", "probe", IMAGE, "registry.example/x"], 2),
    ] {
        let (ended, text) = paged(arguments, &pager);
        assert_eq!(ended, status, "{arguments:?}: {text}");
        assert_eq!(text.contains("paged by mine"), status != 2, "{arguments:?}: {text}");
    }
}

#[test]
fn result_that_fits_on_the_screen_is_shown_as_it_is() {
    let (_folder, pager) = folder_with("mine", SAYING);
    for arguments in [
        &["--lab", "config", IMAGE][..],
        &["--lab", "tags", IMAGE],
        &["--lab", "probe", IMAGE, "--brief"],
        &["--version"],
        &["--lab", "head", "gcr.io/v2/"],
    ] {
        let (_, text) = paged(arguments, &pager);
        assert!(!text.contains("paged by") && !text.trim().is_empty(), "{arguments:?}: {text}");
    }
    // On a screen of more rows, more fits.
    let mut screen =
        on_a_screen(&["--lab", "probe", IMAGE]).rows(120).env("OCISCOPE_PAGER", &pager.display().to_string()).start();
    screen.wait_for_exit();
    assert!(!screen.text().contains("paged by"), "{}", screen.text());
}

/// The rows count, and not the lines: what is never wrapped goes on in the next row.
#[test]
fn wide_lines_take_several_rows() {
    let (_folder, pager) = folder_with("mine", SAYING);
    let shown = |columns| {
        let arguments = ["--lab", "config", IMAGE, "--json"];
        let pager = pager.display().to_string();
        let mut screen = on_a_screen(&arguments).columns(columns).rows(40).env("OCISCOPE_PAGER", &pager).start();
        screen.wait_for_exit();
        screen.text()
    };
    assert!(shown(20).contains("paged by mine"));
}

#[test]
fn pager_is_the_first_that_is_named() {
    let (folder, first) = folder_with("first", SAYING);
    let at = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a program");
        path.display().to_string()
    };
    let (second, third) = (at("second", SAYING), at("third", SAYING));
    at("less", "cat > /dev/null; echo \"paged by less, LESS=$LESS\"");
    let home = TempDir::new().expect("a home");
    let kept = |text: &str| {
        let place = home.path().join(".config/ociscope");
        std::fs::create_dir_all(&place).expect("folders");
        std::fs::write(place.join("config.toml"), text).expect("a file");
        std::fs::set_permissions(place.join("config.toml"), PermissionsExt::from_mode(0o600)).expect("a mode");
    };
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let shown = |variables: &[(&str, &str)]| {
        let screen = Screen::open(&["rules"]).home(home.path()).env("PATH", &path);
        let mut screen = variables.iter().fold(screen, |screen, (name, value)| screen.env(name, value)).start();
        assert_eq!(screen.wait_for_exit(), 0);
        screen.text()
    };
    let first = first.display().to_string();
    let with_arguments = format!("{second} -x 2");
    kept(&format!("pager = \"{second} kept\"\n"));
    assert!(shown(&[("OCISCOPE_PAGER", &first), ("PAGER", &third)]).contains("paged by first"));
    assert!(shown(&[("PAGER", &third)]).contains("paged by second kept"));
    kept("");
    assert!(shown(&[("PAGER", &with_arguments)]).contains("paged by second -x 2"));
    assert!(shown(&[]).contains("paged by less, LESS=FRX"));
    assert!(shown(&[("LESS", "-S")]).contains("paged by less, LESS=-S"));
    assert!(shown(&[("PAGER", "less")]).contains("paged by less, LESS=FRX"));
    kept("pager = false\n");
    assert!(!shown(&[("PAGER", &third)]).contains("paged by"));
}

#[test]
fn without_a_pager_the_result_is_written_plainly() {
    let (folder, pager) = folder_with("mine", SAYING);
    let pager = pager.display().to_string();
    let not_a_program = folder.path().join("notes.txt");
    std::fs::write(&not_a_program, "notes").expect("a file");
    let last = "unexpected-redirect";
    let whole = in_a_shell("ociscope rules").run().stdout;
    let last = whole.lines().rev().find_map(|line| line.split_whitespace().next()).unwrap_or(last).to_owned();
    for (arguments, variables) in [
        (&["rules", "--no-pager"][..], &[("OCISCOPE_PAGER", pager.as_str())][..]),
        (&["rules"], &[("OCISCOPE_PAGER", ""), ("PAGER", &pager)]),
        (&["rules"], &[("OCISCOPE_PAGER", "cat"), ("PAGER", &pager)]),
        (&["rules"], &[("PAGER", "cat")]),
        (&["rules"], &[("PAGER", " ")]),
        (&["rules"], &[("PAGER", "/nowhere/pager -R")]),
        (&["rules"], &[("PAGER", "a-pager-that-is-not-installed")]),
        (&["rules"], &[("PAGER", not_a_program.to_str().expect("a name"))]),
        (&["rules"], &[("PAGER", folder.path().to_str().expect("a name"))]),
        (&["rules"], &[("PAGER", "env a-pager-that-is-not-installed")]),
        (&["rules"], &[("TERM", "dumb")]),
    ] {
        let screen = on_a_screen(arguments);
        let mut screen = variables.iter().fold(screen, |screen, (name, value)| screen.env(name, value)).start();
        assert_eq!(screen.wait_for_exit(), 0, "{variables:?}");
        let text = screen.text();
        assert!(!text.contains("paged by") && text.contains(&last), "{variables:?}: {text}");
    }
}

#[test]
fn pager_that_is_left_early_or_fails_changes_nothing() {
    for script in ["read -r line; echo left", "exec < /dev/null; echo left; exit 3", "echo left; kill -9 $$"] {
        let (_folder, pager) = folder_with("mine", script);
        let (status, text) = paged(&["--lab", "diagnose", MISSING, "--format", "markdown"], &pager);
        assert_eq!(status, 10, "{script}: {text}");
        assert_eq!(text.matches("left").count(), 1, "{script}: {text}");
        assert!(!text.contains("tag-v-prefix"), "it is not written once more: {text}");
    }
}

/// A pager that counts how often Ctrl-C is pressed, until it is left with Enter.
const COUNTING: &str = r#"count=0
trap 'count=$((count + 1)); echo "heard $count"' INT
cat > /dev/null
echo "open"
until read -r key < /dev/tty; do :; done
echo "closed after $count""#;

#[test]
fn ctrl_c_is_the_pagers_while_it_runs() {
    let (_folder, pager) = folder_with("mine", COUNTING);
    let arguments = ["--lab", "diagnose", MISSING, "--format", "markdown"];
    let mut screen = on_a_screen(&arguments).env("OCISCOPE_PAGER", &pager.display().to_string()).start();
    screen.wait_for("open");
    for count in 1..=3 {
        screen.press(Key::CtrlC);
        screen.wait_for(&format!("heard {count}"));
        // A run that heard it would end within this time.
        std::thread::sleep(std::time::Duration::from_millis(400));
    }
    screen.type_text("\n");
    assert_eq!(screen.wait_for_exit(), 10);
    assert!(screen.text().contains("closed after 3"), "{}", screen.text());
}

#[test]
fn signal_that_ends_the_program_ends_its_pager() {
    let (folder, pager) = folder_with("mine", "cat > /dev/null; echo $$ > \"$0.pid\"; echo open; sleep 600 & wait");
    let mut screen = on_a_screen(&["rules"]).env("OCISCOPE_PAGER", &pager.display().to_string()).start();
    screen.wait_for("open");
    screen.signal("TERM");
    assert_eq!(screen.wait_for_exit(), 143);
    let number = std::fs::read_to_string(folder.path().join("mine.pid")).expect("a number");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let is_there = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    while is_there() {
        assert!(std::time::Instant::now() < end, "the pager still runs");
        std::thread::yield_now();
    }
}

#[test]
fn pager_is_for_people_alone() {
    let (folder, pager) = folder_with("mine", "touch \"$0.opened\"; cat");
    let opened = folder.path().join("mine.opened");
    let pager = pager.display().to_string();
    for line in ["ociscope rules", "ociscope rules | cat", "ociscope man > man.1", "echo rules | ociscope"] {
        let run = in_a_shell(line).env("OCISCOPE_PAGER", &pager).env("PAGER", &pager).run();
        assert_eq!(run.status, 0, "{line}: {run:?}");
        assert!(!opened.exists(), "{line}");
    }
    // A script on a terminal is a script.
    let script = folder.path().join("script");
    std::fs::write(&script, "set pager on\nrules\n").expect("a file");
    let arguments = ["shell", "--script", script.to_str().expect("a name")];
    let mut screen = on_a_screen(&arguments).env("OCISCOPE_PAGER", &pager).start();
    assert_eq!(screen.wait_for_exit(), 0);
    assert!(!opened.exists(), "{}", screen.text());
    // What never ends is not waited for.
    let mut screen = on_a_screen(&["lab", "serve", "gcr-deepvariant"]).rows(4).env("OCISCOPE_PAGER", &pager).start();
    screen.wait_for("127.0.0.1");
    screen.press(Key::CtrlC);
    screen.wait_for_exit();
    assert!(!opened.exists(), "{}", screen.text());
}

/// Case G36: a prepared folder cannot have a program run.
#[test]
fn pager_is_not_looked_for_in_the_current_folder() {
    let (folder, _) = folder_with("less", "touch opened; cat > /dev/null");
    for path in [".", "", ":", "./", ":/nowhere", "../:/nowhere:."] {
        for pager in [None, Some("less"), Some("less -R")] {
            let screen = Screen::open(&["rules"]).folder(folder.path()).env("PATH", path);
            let mut screen = pager.into_iter().fold(screen, |screen, pager| screen.env("PAGER", pager)).start();
            assert_eq!(screen.wait_for_exit(), 0, "{path:?} {pager:?}");
            assert!(!folder.path().join("opened").exists(), "{path:?} {pager:?}");
        }
    }
}

/// Two Ctrl-C are two for the pager, and what is typed meanwhile is not a line of the shell.
#[test]
fn shell_waits_for_its_pager() {
    let (_folder, pager) = folder_with("mine", COUNTING);
    let mut screen = on_a_screen(&["--lab"]).env("PAGER", &pager.display().to_string()).start();
    screen.command("set pager on");
    let shown = screen.next_prompt(|screen| {
        screen.type_text("rules\n");
        screen.wait_for("open");
        for count in 1..=3 {
            screen.press(Key::CtrlC);
            screen.wait_for(&format!("heard {count}"));
            std::thread::sleep(std::time::Duration::from_millis(400));
        }
        screen.type_text("exit\n");
    });
    assert!(shown.contains("closed after 3"), "{shown}");
    assert!(screen.command("rules --no-pager").contains("tag-not-found"), "the shell goes on");
}

#[test]
fn configuration_turns_the_pager_of_the_shell_on() {
    let (_folder, pager) = folder_with("mine", SAYING);
    let kept = format!("pager = \"{}\"\n", pager.display());
    let run = ociscope(&[]).home_file(".config/ociscope/config.toml", &kept);
    std::fs::set_permissions(run.home().join(".config/ociscope/config.toml"), PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let mut screen = on_a_screen(&["--lab"]).home(run.home()).start();
    assert!(screen.command("rules").contains("paged by mine"), "{}", screen.text());
    assert!(screen.command("set").contains("pager"), "{}", screen.text());
    screen.command("set pager off");
    assert!(!screen.command("rules").contains("paged by mine"), "{}", screen.text());
}
