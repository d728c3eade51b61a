//! The terminal that the tests of the shell look at, tried on something that is known: a line or two of `sh`, and what
//! the program writes without a shell.

use tempfile::TempDir;

use crate::support::screen::{Key, Screen, ScreenBuilder};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

/// A shell that reads lines as a line editor does, with `marks` around each; it ends with 7.
fn reader_of_lines(begin: &str, end: &str) -> ScreenBuilder {
    let script = format!(
        r#"while printf '{begin}lab ❯ ' && read -r line; do
            printf '{end}'
            case $line in
            size) stty size ;;
            folder) pwd -P; echo "$HOME" ;;
            coloured) printf '\033[31mred\033[0m \033[2mdim\033[0m\n' ;;
            where) stty raw -echo; printf '\033[6n'; dd bs=1 count=6 2>/dev/null | od -An -c; stty -raw echo ;;
            keys) stty raw -echo; printf 'press: '; dd bs=1 count=26 2>/dev/null | od -An -tx1; stty -raw echo ;;
            *) printf 'you said %s\n' "$line" ;;
            esac
        done
        exit 7"#
    );
    Screen::open_program("/bin/sh", &["-c", &script]).env("PATH", "/usr/bin:/bin")
}

fn shell() -> ScreenBuilder {
    reader_of_lines(r"\033[?2004h", r"\033[?2004l")
}

#[test]
fn a_report_stays_within_the_screen() {
    for columns in [80, 50] {
        let mut screen = Screen::open(&["--lab", "probe", IMAGE]).columns(columns).rows(120).start();
        assert_eq!(screen.wait_for_exit(), 0, "{}", screen.text());
        screen.wait_for("What this means");
        let wide = screen.too_wide();
        // What is there to be copied is never divided.
        assert!(wide.iter().all(|row| row.trim_start().starts_with("ociscope")), "at {columns}: {wide:#?}");
        assert!(screen.line(0).starts_with("lab scenario gcr-deepvariant"), "{}", screen.text());
    }
}

#[test]
fn colours_are_those_of_the_screen() {
    let mut screen = Screen::open(&["--lab", "probe", IMAGE]).rows(120).start();
    screen.wait_for_exit();
    let (row, column) = screen.place_of("ociscope --lab probe");
    assert_eq!(screen.colour_at(row, column), vt100::Color::Idx(6), "{}", screen.text());
    let mut without = Screen::open(&["--lab", "probe", IMAGE]).rows(120).env("NO_COLOR", "1").start();
    without.wait_for_exit();
    assert_eq!(without.colour_at(row, column), vt100::Color::Default);
    assert!(!String::from_utf8_lossy(&without.raw()).contains("\u{1b}["));
}

#[test]
fn a_command_returns_what_it_wrote() {
    let mut shell = shell().start();
    assert_eq!(shell.command("hello"), "you said hello");
    assert_eq!(shell.command("there"), "you said there");
    assert_eq!(shell.line(0), "lab ❯ hello");
    assert_eq!(shell.cursor(), (4, 6));
    assert_eq!(shell.next_prompt(|shell| shell.type_text("all at once\n")), "you said all at once");
    shell.press(Key::CtrlD);
    assert_eq!(shell.wait_for_exit(), 7);
}

#[test]
fn what_stands_behind_the_prompt_is_seen_wherever_it_is() {
    for columns in [80, 20, 6, 5] {
        let mut shell = shell().columns(columns).start();
        shell.command("abc def");
        shell.wait_for_input("");
        shell.type_text("abc ");
        shell.wait_for_input("abc ");
        shell.type_text("def");
        shell.wait_for_input("abc def");
    }
}

#[test]
fn a_terminal_without_an_editor_has_prompts_too() {
    let mut shell = reader_of_lines("", "").start();
    assert_eq!(shell.command("hello"), "you said hello");
    assert_eq!(shell.command("two ❯"), "you said two ❯");
    assert!(!String::from_utf8_lossy(&shell.raw()).contains("2004"));
}

#[test]
fn a_prompt_that_fills_the_row_is_one() {
    // `lab ❯` is five columns wide, so the cursor is on the next row, at its beginning or behind a blank.
    for columns in [5, 6] {
        let mut shell = shell().columns(columns).start();
        assert_eq!(shell.command("a"), "you said a");
    }
}

#[test]
fn the_cursor_is_told_where_it_is() {
    let mut shell = shell().start();
    assert_eq!(shell.command("where").split_whitespace().collect::<Vec<_>>(), ["033", "[", "2", ";", "1", "R"]);
}

#[test]
fn hints_and_colours_are_seen() {
    let mut shell = shell().start();
    shell.command("coloured");
    let (row, column) = shell.place_of("red ");
    assert_eq!(shell.colour_at(row, column), vt100::Color::Idx(1));
    assert!(!shell.is_dim_at(row, column));
    let (row, column) = shell.place_of("dim");
    assert!(shell.is_dim_at(row, column));
}

#[test]
fn the_terminal_changes_its_size() {
    let mut shell = shell().start();
    assert_eq!(shell.command("size"), "24 80");
    shell.resize(40, 10);
    assert_eq!(shell.command("size"), "10 40");
    shell.command(&"x".repeat(60));
    shell.wait_until(|screen| screen.size().1.get() == 40 && screen.contents().contains(&"x".repeat(60)));
    assert_eq!(shell.too_wide().len(), 2);
}

#[test]
fn a_paste_is_marked_where_that_is_wanted() {
    let mut marked = shell().start();
    marked.wait_for_prompt();
    marked.paste("one\n");
    marked.wait_for("200~one");
    let mut plain = reader_of_lines("", "").start();
    plain.wait_for_prompt();
    plain.paste("one\ntwo\n");
    plain.wait_for("you said two");
    assert!(!String::from_utf8_lossy(&plain.raw()).contains("200~"));
}

#[test]
fn keys_are_those_of_a_terminal() {
    let pressed = [
        (Key::Enter, "0d"),
        (Key::Tab, "09"),
        (Key::Escape, "1b"),
        (Key::Backspace, "7f"),
        (Key::Up, "1b 5b 41"),
        (Key::Down, "1b 5b 42"),
        (Key::Right, "1b 5b 43"),
        (Key::Left, "1b 5b 44"),
        (Key::Home, "1b 5b 48"),
        (Key::End, "1b 5b 46"),
        (Key::CtrlC, "03"),
        (Key::CtrlD, "04"),
        (Key::CtrlR, "12"),
        (Key::Ctrl('w'), "17"),
    ];
    let expected: Vec<_> = pressed.iter().flat_map(|(_, bytes)| bytes.split(' ')).collect();
    let shown = shell().start().next_prompt(|shell| {
        shell.type_text("keys\n");
        shell.wait_for("press: ");
        pressed.iter().for_each(|(key, _)| shell.press(*key));
    });
    let shown = shown.strip_prefix("press: ").unwrap_or(&shown);
    assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), expected);
}

#[test]
fn two_runs_may_share_a_home() {
    let home = TempDir::new().expect("a home folder");
    let elsewhere = TempDir::new().expect("a folder");
    let wide = || shell().home(home.path()).columns(200);
    let homes: Vec<_> = home.path().to_str().into_iter().collect();
    assert_eq!(wide().start().command("folder").lines().skip(1).collect::<Vec<_>>(), homes);
    let folders = wide().folder(elsewhere.path()).start().command("folder");
    let real = elsewhere.path().canonicalize().expect("a path");
    assert_eq!(folders.lines().collect::<Vec<_>>(), [real.to_str().into_iter().collect(), homes].concat());
}

#[test]
#[should_panic(expected = "\"the end of the world\" did not come:\n┌────")]
fn what_does_not_come_is_shown_as_a_picture() {
    let mut shell = shell().start();
    shell.wait_for_prompt();
    // Where the program has ended, nothing is waited for.
    shell.press(Key::CtrlD);
    shell.wait_for("the end of the world");
}
