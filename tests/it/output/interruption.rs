//! What a person sees who waits, and who interrupts.

use crate::support::hostile::Server;
use crate::support::ociscope::in_a_shell;
use crate::support::screen::{Key, Screen};

fn silent() -> Server {
    Server::behaving(|mut connection| {
        connection.request();
        connection.wait_until_the_client_goes();
    })
}

fn host(server: &Server) -> String {
    server.origin("http").trim_start_matches("http://").to_owned()
}

#[test]
fn host_that_is_waited_for_is_named() {
    let server = silent();
    let host = host(&server);
    let reference = format!("http://{host}/a/b:1");
    for command in ["probe", "diagnose", "manifest", "config", "layers", "tags"] {
        let mut screen = Screen::open(&[command, "--anonymous", &reference]).start();
        screen.wait_for(&format!("waiting for {host}: 1 s; Ctrl-C stops"));
        screen.press(Key::CtrlC);
        assert_eq!(screen.wait_for_exit(), 130, "{command}");
        assert!(!screen.text().contains("waiting for"), "{command}: {}", screen.text());
    }
}

#[test]
fn of_several_images_it_is_said_how_many_are_done() {
    let server = silent();
    let host = host(&server);
    let silent = format!("http://{host}/a/b:1");
    let refused = ["http://127.0.0.1:1/a/b:1", "http://127.0.0.1:1/a/b:2"];
    let mut screen = Screen::open(&["diagnose", "--brief", refused[0], refused[1], &silent]).columns(100).start();
    screen.wait_for(&format!("2 of 3, waiting for {host}"));
    screen.press(Key::CtrlC);
    assert_eq!(screen.wait_for_exit(), 130);
    assert!(!screen.text().contains(" of 3"), "{}", screen.text());
}

/// A user who pressed Ctrl-C knows it.
#[test]
fn interruption_is_said_once() {
    let server = silent();
    let reference = format!("http://{}/a/b:1", host(&server));
    for command in ["probe", "diagnose", "manifest", "config", "layers", "platforms", "tags", "referrers", "auth"] {
        let mut screen = Screen::open(&[command, "--anonymous", "--no-pager", &reference]).rows(120).start();
        screen.wait_for("1 s; Ctrl-C stops");
        screen.press(Key::CtrlC);
        assert_eq!(screen.wait_for_exit(), 130, "{command}");
        let text = screen.text().to_lowercase();
        assert_eq!(text.matches("interrupted").count(), 1, "{command}: {text}");
    }
}

/// Nothing is drawn for a program.
#[test]
fn progress_is_for_terminals_alone() {
    let server = silent();
    let reference = format!("http://{}/a/b:1", host(&server));
    let run = in_a_shell(&format!("ociscope probe --timeout 2 {reference}")).run();
    assert_eq!((run.status, run.stderr.as_str()), (15, ""), "{run:?}");
}
