//! However the shell ends, the terminal is left as it was, and what was typed is kept.

use tempfile::TempDir;

use crate::support::hostile::Server;
use crate::support::screen::{Key, Screen};

/// Case G08. A terminal that is closed tells so by SIGHUP, and a machine that goes down by SIGTERM.
#[test]
fn whoever_ends_the_shell_from_outside_gets_the_terminal_back() {
    for (signal, status) in [("TERM", 143), ("HUP", 129)] {
        let home = TempDir::new().expect("a home");
        let mut screen = Screen::open(&["--lab"]).home(home.path()).start();
        screen.command("use ghcr.io/example/greeting:1.0");
        screen.type_text("half a line");
        screen.wait_for_input("half a line");
        assert!(!screen.is_as_before(), "a line is being edited");
        screen.signal(signal);
        assert_eq!(screen.wait_for_exit(), status);
        assert!(screen.is_as_before(), "{signal}:\n{}", screen.text());
        let history = std::fs::read_to_string(home.path().join(".local/state/ociscope/history")).expect("a history");
        assert_eq!(history, "use ghcr.io/example/greeting:1.0\n", "{signal}");
    }
}

#[test]
fn a_command_that_waits_does_not_keep_the_shell_from_ending() {
    let server = Server::behaving(|mut connection| {
        connection.request();
        connection.wait_until_the_client_goes();
    });
    let mut screen = Screen::open(&[]).start();
    screen.wait_for_prompt();
    screen.type_text(&format!("manifest {}/a/b:1\n", server.origin("http")));
    screen.wait_for(": 1 s; Ctrl-C stops");
    screen.signal("TERM");
    assert_eq!(screen.wait_for_exit(), 143);
    assert!(screen.is_as_before(), "{}", screen.text());
}

#[test]
fn ctrl_d_and_exit_leave_the_terminal_as_it_was() {
    for last in ["exit\n", "\u{4}"] {
        let mut screen = Screen::open(&["--lab"]).start();
        screen.wait_for_prompt();
        screen.type_text(last);
        assert_eq!(screen.wait_for_exit(), 0);
        assert!(screen.is_as_before(), "{last:?}:\n{}", screen.text());
    }
}

/// Ctrl-Z leads back to the shell that ociscope was started from, and `fg` to the line that was begun.
#[test]
fn the_shell_can_be_put_aside_and_taken_up_again() {
    let mut screen =
        Screen::open_program("/bin/bash", &["--norc", "--noprofile", "-i"]).env("PS1", "outside: ").start();
    screen.wait_for("outside: ");
    screen.type_text(&format!("{} --lab\n", env!("CARGO_BIN_EXE_ociscope")));
    screen.wait_for("ociscope lab ❯");
    screen.wait_for_prompt();
    screen.type_text("use ghcr.io/exa");
    screen.wait_for_input("use ghcr.io/exa");
    screen.press(Key::Ctrl('z'));
    screen.wait_for("Stopped");
    screen.type_text("echo $((6 * 7))\n");
    screen.wait_for("42");
    screen.type_text("fg\n");
    screen.wait_for_input("use ghcr.io/exa");
    screen.type_text("mple/greeting:1.0\n");
    screen.wait_for("greeting:1.0 lab anon ❯");
}
